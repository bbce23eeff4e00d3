//! The forms that data is written in, and which commands have them.

use clap::ValueEnum;

use super::Command;
use super::error::CliError;

/// The form of data on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For a pull request: plans only.
    Markdown,
    /// GitLab's report of a merge request: plans only.
    Gitlab,
    /// Annotations of a GitHub workflow: `validate` only.
    Github,
    /// SARIF 2.1.0, for code scanning: `validate` only.
    Sarif,
    /// A `JUnit` report, a test case per file: `validate` only.
    Junit,
    /// GitLab's code quality report: `validate` only.
    CodeQuality,
    /// A page for a browser, in one file: plans only.
    Html,
    /// A graph for Graphviz, what `text` means there: `graph` only.
    Dot,
    /// A graph for Markdown: `graph` only.
    Mermaid,
    /// A graph as a picture: `graph` only.
    Svg,
    /// Comma-separated values: `status` only.
    Csv,
}

/// What a form is a form of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// Whatever a command has to say.
    Anything,
    Plan,
    Complaints,
    Graph,
    Status,
}

impl Format {
    /// Ends the run when the command has no such form.
    ///
    /// # Errors
    /// A form that only other commands have.
    pub(super) fn fits(self, command: &Command) -> Result<(), CliError> {
        let subject = match command {
            Command::Plan(_) | Command::Show(_) => Subject::Plan,
            Command::Validate(_) => Subject::Complaints,
            Command::Graph(_) => Subject::Graph,
            Command::Status(_) => Subject::Status,
            _ => Subject::Anything,
        };
        if [Subject::Anything, subject].contains(&self.subject()) {
            Ok(())
        } else {
            Err(self.misplaced())
        }
    }

    fn subject(self) -> Subject {
        match self {
            Self::Text | Self::Json => Subject::Anything,
            Self::Markdown | Self::Gitlab | Self::Html => Subject::Plan,
            Self::Github | Self::Sarif | Self::Junit | Self::CodeQuality => Subject::Complaints,
            Self::Dot | Self::Mermaid | Self::Svg => Subject::Graph,
            Self::Csv => Subject::Status,
        }
    }

    /// The refusal of a command that has no such form.
    pub(super) fn misplaced(self) -> CliError {
        let (whose, help) = match self.subject() {
            Subject::Complaints => (
                "only `validate` has this format",
                "use another `--format`, or run `validate` beside it",
            ),
            Subject::Graph => (
                "only `graph` has this format",
                "use `--format text` or `--format json`, or `graph`",
            ),
            Subject::Status => (
                "only `status` has this format",
                "use `--format text` or `--format json`",
            ),
            Subject::Plan | Subject::Anything => (
                "only plans have this format",
                "use `--format text` or `--format json`, or `plan` and `show`",
            ),
        };
        CliError::invalid(whose).help(help)
    }
}
