//! The terminal: the only place that writes to it. Data on stdout, everything else on stderr.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use super::error::CliError;
use super::{Format, saved};
use crate::report::markdown::BUDGET;
use crate::text::safe::screen;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where a run writes, and how much.
#[derive(Clone, Debug)]
pub(super) struct Ui {
    color_out: bool,
    color_err: bool,
    quiet: bool,
    verbose: u8,
    markdown_budget: usize,
    json_into: Option<PathBuf>,
    has_written: Arc<AtomicBool>,
    /// The environment that all is about, where there are several.
    about: Option<String>,
}

/// The data could not be written because nobody reads it any more.
#[derive(Debug)]
pub(super) struct Closed;

impl Ui {
    /// The terminal as the flags want it. Flag, then `NO_COLOR`, then `CLICOLOR_FORCE`, then the stream.
    #[must_use]
    pub(super) fn new(choice: ColorChoice, quiet: bool, verbose: u8) -> Self {
        let set = |name| {
            super::environment_variable(name).is_some_and(|value| !value.is_empty() && value != "0")
        };
        let wants = |is_terminal: bool| match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if set("NO_COLOR") => false,
            ColorChoice::Auto => set("CLICOLOR_FORCE") || is_terminal,
        };
        Self {
            color_out: wants(std::io::stdout().is_terminal()),
            color_err: wants(std::io::stderr().is_terminal()),
            quiet,
            verbose,
            markdown_budget: BUDGET,
            json_into: None,
            has_written: Arc::default(),
            about: None,
        }
    }

    /// The same for one environment of several: what it tells names that environment, and no bars get mixed up.
    #[must_use]
    pub(super) fn about(&self, environment: &str) -> Self {
        Self {
            about: Some(environment.to_owned()),
            ..self.clone()
        }
    }

    fn labelled(&self, text: &str) -> String {
        match &self.about {
            Some(environment) => format!("{environment}: {text}"),
            None => text.to_owned(),
        }
    }

    /// The same with another size for Markdown.
    #[must_use]
    pub(super) fn with_markdown_budget(self, characters: usize) -> Self {
        Self {
            markdown_budget: characters,
            ..self
        }
    }

    /// The same with a file for the data as JSON.
    #[must_use]
    pub(super) fn with_json_into(self, file: Option<PathBuf>) -> Self {
        Self {
            json_into: file,
            ..self
        }
    }

    /// Writes the data as JSON where the run was told to.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn document(&self, json: &str) -> Result<(), CliError> {
        let file = self.json_into.as_deref();
        file.map_or(Ok(()), |file| saved::write(file, json))
    }

    /// How many characters Markdown may have.
    #[must_use]
    pub(super) fn markdown_budget(&self) -> usize {
        self.markdown_budget
    }

    /// Whether data was written, be it that nobody read it to the end.
    #[must_use]
    pub(super) fn has_written(&self) -> bool {
        self.has_written.load(Ordering::Relaxed)
    }

    /// Whether data on stdout is coloured.
    #[must_use]
    pub(super) fn color(&self) -> bool {
        self.color_out
    }

    /// Whether text on stderr is coloured.
    #[must_use]
    pub(super) fn color_err(&self) -> bool {
        self.color_err
    }

    /// Whether stderr shows bars.
    #[must_use]
    pub(super) fn shows_bars(&self) -> bool {
        !self.quiet && self.about.is_none() && std::io::stderr().is_terminal()
    }

    /// Writes data in the format of the run: for people as on a [screen], for programs as the format escapes it.
    ///
    /// # Errors
    /// [`Closed`] when the reader has gone, which ends the run quietly.
    pub(super) fn formatted(&self, format: Format, text: &str) -> Result<(), Closed> {
        match format {
            Format::Text => self.data(text),
            _ => self.raw(text),
        }
    }

    /// Writes data for people, as on a [screen].
    ///
    /// # Errors
    /// [`Closed`] when the reader has gone, which ends the run quietly.
    pub(super) fn data(&self, text: &str) -> Result<(), Closed> {
        self.raw(&screen(text, self.color_out))
    }

    /// Writes data as it is: a document whose format has its own escapes, or a file of the person's own.
    ///
    /// # Errors
    /// [`Closed`] when the reader has gone, which ends the run quietly.
    pub(super) fn raw(&self, text: &str) -> Result<(), Closed> {
        self.has_written.store(true, Ordering::Relaxed);
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|_| Closed)
    }

    /// Tells the person something that is not data; silent with `--quiet`.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.err(&self.labelled(text));
        }
    }

    /// Shows complaints about files: with `--quiet`, too, when one of them is an error.
    pub(super) fn complain(&self, text: &str, is_error: bool) {
        if is_error || !self.quiet {
            let about = self.about.as_ref();
            let above =
                about.map_or_else(String::new, |environment| format!("In {environment}:\n"));
            self.err(&format!("{above}{text}"));
        }
    }

    /// Tells the person something that only `-v` asks for.
    pub(super) fn detail(&self, text: &str) {
        if self.verbose > 0 {
            self.err(&self.labelled(text));
        }
    }

    /// Shows an error with its remedy.
    pub(super) fn error(&self, error: &CliError) {
        self.err(&format!(
            "{}: {}",
            self.paint(AnsiColor::Red, "error"),
            error.message
        ));
        if let Some(help) = &error.help {
            self.err(&format!(
                "  = {}: {help}",
                self.paint(AnsiColor::Cyan, "help")
            ));
        }
    }

    /// Asks for a yes; anything else is a no. `None` when there is nobody to ask.
    #[must_use]
    #[expect(
        clippy::unused_self,
        reason = "all that is asked goes through the `Ui` of the run"
    )]
    pub(super) fn confirm(&self, question: &str) -> Option<bool> {
        if !std::io::stdin().is_terminal() {
            return None;
        }
        prompt(&format!("{question} [y/N] "));
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).ok()?;
        Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks for a line, naming what an empty one stands for. `None` when there is nobody to ask.
    #[must_use]
    #[expect(
        clippy::unused_self,
        reason = "all that is asked goes through the `Ui` of the run"
    )]
    pub(super) fn ask(&self, question: &str, default: &str) -> Option<String> {
        if !std::io::stdin().is_terminal() {
            return None;
        }
        let default = if default.is_empty() {
            String::new()
        } else {
            format!(" [{default}]")
        };
        prompt(&format!("{question}{default}: "));
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer).ok()?;
        (read > 0).then_some(answer)
    }

    /// Writes to stderr, as on a [screen].
    fn err(&self, text: &str) {
        err(&screen(text, self.color_err));
    }

    /// A writer to stderr for the log, as on a [screen].
    pub(super) fn log(&self) -> impl Fn() -> Log + Send + Sync + 'static {
        let styled = self.color_err;
        move || Log { styled }
    }

    fn paint(&self, color: AnsiColor, text: &str) -> String {
        let style = Style::new().bold().fg_color(Some(color.into()));
        if self.color_err {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Stderr for the log: every record comes whole.
pub(super) struct Log {
    styled: bool,
}

impl std::io::Write for Log {
    fn write(&mut self, record: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(record);
        let shown = screen(&text, self.styled);
        std::io::stderr().lock().write_all(shown.as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

fn prompt(text: &str) {
    let text = screen(text, false);
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush()); // nobody to tell when stderr is gone
}

fn err(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{}", text.trim_end_matches('\n')); // nobody to tell when stderr is gone
}

impl From<Closed> for CliError {
    fn from(_: Closed) -> Self {
        // A closed pipe is how `| head` says that it has seen enough.
        Self::new(super::exit::DONE, "")
    }
}
