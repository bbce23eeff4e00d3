//! The formats that data is written in, and which commands have them.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Command, ValueEnum};

/// The flag of the format on the command line.
const ID: &str = "format";

/// The format of data on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// Markdown, for a pull request.
    Markdown,
    /// GitLab's report of a merge request.
    Gitlab,
    /// Annotations of a GitHub workflow.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// A JUnit report, a test case per file.
    Junit,
    /// GitLab's code quality report.
    CodeQuality,
    /// A page for a browser, in one file.
    Html,
    /// A graph for Graphviz, the same as `text`.
    Dot,
    /// A graph for Markdown.
    Mermaid,
    /// A graph as a picture.
    Svg,
    /// Comma-separated values.
    Csv,
}

/// The formats of each command, by its name; a command that is not named here writes text.
///
/// A command takes the formats that it writes and no other: one that is taken and ignored would hand a program text
/// where it asked for JSON.
const OF_COMMANDS: &[(&str, &[Format])] = {
    use Format::{
        CodeQuality, Csv, Dot, Github, Gitlab, Html, Json, Junit, Markdown, Mermaid, Sarif, Svg,
        Text,
    };
    &[
        ("validate", &[Text, Json, Github, Sarif, Junit, CodeQuality]),
        ("test", &[Text, Json, Github, Junit, Markdown]),
        ("visit", &[Text, Json]),
        ("prove", &[Text, Json, Github, Junit, Markdown]),
        ("resolve", &[Text, Json]),
        ("plan", &[Text, Json, Markdown, Gitlab, Html]),
        ("apply", &[Text, Json]),
        ("undo", &[Text, Json]),
        ("show", &[Text, Json, Markdown, Gitlab, Html, Junit]),
        ("drift", &[Text, Json]),
        ("pull", &[Text, Json]),
        ("status", &[Text, Json, Csv]),
        ("uses", &[Text, Json]),
        ("ids", &[Text, Json]),
        ("launch", &[Text, Json]),
        ("report", &[Text, Json, Csv, Html]),
        ("graph", &[Text, Json, Dot, Mermaid, Svg]),
        ("ledger", &[Text, Json]),
        ("doctor", &[Text, Json]),
        ("version", &[Text, Json]),
    ]
};

/// The formats of a command.
fn of_command(name: &str) -> &'static [Format] {
    let found = OF_COMMANDS.iter().find(|(command, _)| *command == name);
    found.map_or(&[Format::Text], |(_, formats)| formats)
}

/// The command line, in which each command lists and takes its own formats.
pub(super) fn by_command(command: Command) -> Command {
    let format = command.get_arguments().find(|arg| arg.get_id() == ID);
    let Some(format) = format.cloned() else {
        return command;
    };
    command.mut_subcommands(|command| {
        let formats = of_command(command.get_name());
        let values = formats.iter().filter_map(Format::to_possible_value);
        let parser =
            PossibleValuesParser::new(values).try_map(|text| Format::from_str(&text, false));
        let own = format.clone().value_parser(parser).hide(formats.len() == 1);
        command.arg(own)
    })
}

/// Refuses a format that a command does not have, where it was given in front of the name of the command.
///
/// # Errors
/// What the command line says of a value that is not among the possible ones.
pub(super) fn check(format: Format, command: &str) -> Result<(), String> {
    let formats = of_command(command);
    if formats.contains(&format) {
        return Ok(());
    }
    let name = |format: &Format| {
        let value = format.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    };
    let names: Vec<_> = formats.iter().map(name).collect();
    Err(format!(
        "`{command}` does not write the format `{}`, only {}",
        name(&format),
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_belongs_to_a_command_that_exists() {
        let cli = super::super::command();
        for (name, formats) in OF_COMMANDS {
            assert!(cli.find_subcommand(name).is_some(), "{name}");
            assert!(formats.contains(&Format::Text), "{name}");
        }
        for format in Format::value_variants() {
            let has = |(_, formats): &(&str, &[Format])| formats.contains(format);
            assert!(OF_COMMANDS.iter().any(has), "{format:?}");
        }
    }
}
