//! The terminal: the only place that writes to it. Data on stdout, everything else on stderr.
//!
//! What a run finds out never depends on whether anybody reads it. A closed pipe is quiet: the reader has seen enough,
//! and the run goes on to its own exit code. Any other failed write of data, to stdout or to the file of `--json-into`,
//! is an error: it is reported at once, the run goes on, and [`Ui::verdict`] makes the exit code say so at the end.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use super::sources::FlagSources;
use super::{Format, exit};
use crate::report::diagnostics::broken_messages;
use crate::report::markdown::BUDGET;
use crate::report::prose::broken_at;
use crate::run::{Error, Meaning, outputs};
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
    format: Format,
    json_into: Option<PathBuf>,
    sources: Arc<FlagSources>,
    has_written: Arc<AtomicBool>,
    has_document: Arc<AtomicBool>,
    output: Arc<Output>,
    /// The environment that all is about, where there are several.
    about: Option<String>,
}

/// What became of the data of a run.
#[derive(Debug, Default)]
struct Output {
    /// The reader closed the pipe: nothing more is written.
    is_closed: AtomicBool,
    /// Something was not written that should have been.
    is_lost: AtomicBool,
}

impl Ui {
    /// The terminal as the flags and the environment want it.
    #[must_use]
    pub(super) fn new(choice: ColorChoice, quiet: bool, verbose: u8) -> Self {
        let wants = |is_terminal| wants_color(choice, super::environment_variable, is_terminal);
        Self {
            color_out: wants(std::io::stdout().is_terminal()),
            color_err: wants(std::io::stderr().is_terminal()),
            quiet,
            verbose,
            markdown_budget: BUDGET,
            format: Format::default(),
            json_into: None,
            sources: Arc::default(),
            has_written: Arc::default(),
            has_document: Arc::default(),
            output: Arc::default(),
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

    /// The same with a format of the data.
    #[must_use]
    pub(super) fn with_format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// The format of the data.
    #[must_use]
    pub(super) fn format(&self) -> Format {
        self.format
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

    /// The same for a run with values from the environment.
    #[must_use]
    pub(super) fn with_sources(self, sources: FlagSources) -> Self {
        Self {
            sources: Arc::new(sources),
            ..self
        }
    }

    /// Which flags of the run are set by environment variables.
    pub(super) fn sources(&self) -> &FlagSources {
        &self.sources
    }

    /// Writes the data as JSON to the file of `--json-into`, if there is one.
    pub(super) fn document(&self, json: &str) {
        self.has_document.store(true, Ordering::Relaxed);
        if let Some(file) = &self.json_into
            && let Err(error) = outputs::write(file, json, outputs::OutputFlag::JSON_INTO)
        {
            self.output.is_lost.store(true, Ordering::Relaxed);
            self.error(&error);
        }
    }

    /// How many characters Markdown may have.
    #[must_use]
    pub(super) fn markdown_budget(&self) -> usize {
        self.markdown_budget
    }

    /// Whether there was an attempt to write data.
    #[must_use]
    pub(super) fn has_written(&self) -> bool {
        self.has_written.load(Ordering::Relaxed)
    }

    /// Whether there was an attempt to write the data as JSON to the file of `--json-into`.
    #[must_use]
    pub(super) fn has_document(&self) -> bool {
        self.has_document.load(Ordering::Relaxed)
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
        !self.quiet
            && self.about.is_none()
            && std::io::stderr().is_terminal()
            && !is_dumb(super::environment_variable)
    }

    /// How many columns stdout has, where it is a terminal.
    #[must_use]
    #[expect(
        clippy::unused_self,
        reason = "all that is shown goes through the `Ui` of the run"
    )]
    pub(super) fn width(&self) -> Option<usize> {
        width_of(std::io::stdout().is_terminal())
    }

    /// Text for people with its long lines broken at words, where stdout is a terminal.
    #[must_use]
    pub(super) fn broken(&self, text: &str) -> String {
        match self.width() {
            Some(width) => broken_at(text, width),
            None => text.to_owned(),
        }
    }

    /// Writes data in the format of the run: for people as on a [screen], with long lines broken at words, for programs as
    /// the format escapes it.
    pub(super) fn formatted(&self, format: Format, text: &str) {
        match format {
            Format::Text => self.data(&self.broken(text)),
            _ => self.raw(text),
        }
    }

    /// Writes data for people, as on a [screen].
    pub(super) fn data(&self, text: &str) {
        self.raw(&screen(text, self.color_out));
    }

    /// Writes data as it is: a document whose format has its own escapes, or a file of the person's own.
    pub(super) fn raw(&self, text: &str) {
        self.has_written.store(true, Ordering::Relaxed);
        if self.output.is_closed.load(Ordering::Relaxed) {
            return;
        }
        let mut out = io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        self.has_come_of(written);
    }

    /// Takes note of what became of a write to stdout.
    pub(super) fn has_come_of(&self, written: io::Result<()>) {
        let Err(error) = written else {
            return;
        };
        if error.kind() == io::ErrorKind::BrokenPipe {
            self.output.is_closed.store(true, Ordering::Relaxed);
        } else if !self.output.is_lost.swap(true, Ordering::Relaxed) {
            let message = format!("cannot write to stdout: {error}");
            self.error(&Error::new(Meaning::Failed, message));
        }
    }

    /// Whether all data so far was written, or its reader closed the pipe because that was enough.
    #[must_use]
    pub(super) fn is_shown(&self) -> bool {
        !self.output.is_lost.load(Ordering::Relaxed)
    }

    /// The exit code of a run that found `code`: a run whose data was lost has not succeeded. A code that says more is
    /// kept.
    #[must_use]
    pub(super) fn verdict(&self, code: u8) -> u8 {
        match code {
            exit::DONE | exit::CHANGES if !self.is_shown() => exit::ERROR,
            code => code,
        }
    }

    /// Tells the person something that is not data; silent with `--quiet`.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.err(&complained(&self.labelled(text)));
        }
    }

    /// Shows complaints about files: with `--quiet`, too, when one of them is an error.
    pub(super) fn complain(&self, text: &str, is_error: bool) {
        if is_error || !self.quiet {
            let about = self.about.as_ref();
            let above =
                about.map_or_else(String::new, |environment| format!("In {environment}:\n"));
            self.err(&complained(&format!("{above}{text}")));
        }
    }

    /// Tells the person something that only `-v` asks for.
    pub(super) fn detail(&self, text: &str) {
        if self.verbose > 0 {
            self.err(&self.labelled(text));
        }
    }

    /// Shows an error with its remedy, and with the environment variables that set the flags that it is about.
    pub(super) fn error(&self, error: &Error) {
        let title = self.paint(AnsiColor::Red, "error");
        self.err(&complained(&format!("{title}: {}", error.message)));
        let help = error.help.iter().map(|help| (help.as_str(), "help"));
        let notes = self.sources.notes(error);
        for (text, word) in help.chain(notes.iter().map(|note| (note.as_str(), "note"))) {
            let word = self.paint(AnsiColor::Cyan, word);
            self.err(&complained(&format!("  = {word}: {text}")));
        }
    }

    /// Asks for a yes; anything else is a no. `None` when there is no terminal to ask on.
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
    pub(super) fn log(&self) -> impl Fn() -> StderrLog + Send + Sync + 'static {
        let styled = self.color_err;
        move || StderrLog { styled }
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
pub(super) struct StderrLog {
    styled: bool,
}

impl std::io::Write for StderrLog {
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

/// Complaints on stderr with their long messages broken at words, where that is a terminal.
pub(super) fn complained(text: &str) -> String {
    match width_of(std::io::stderr().is_terminal()) {
        Some(width) => broken_messages(text, width),
        None => text.to_owned(),
    }
}

/// How wide the terminal is, where a stream is one.
fn width_of(is_terminal: bool) -> Option<usize> {
    let size = terminal_size::terminal_size().filter(|_| is_terminal);
    size.map(|(width, _)| usize::from(width.0).max(40))
}

fn prompt(text: &str) {
    let text = screen(text, false);
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush()); // there is no other place to report it
}

fn err(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{}", text.trim_end_matches('\n')); // there is no other place to report it
}

/// Whether a stream is coloured: the flag decides, then `NO_COLOR` (<https://no-color.org>: any value but an empty one),
/// `CLICOLOR_FORCE`, `TERM=dumb`, and what the stream is.
fn wants_color(
    choice: ColorChoice,
    variable: impl Fn(&str) -> Option<String>,
    is_terminal: bool,
) -> bool {
    let value = |name| variable(name).filter(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if value("NO_COLOR").is_some() => false,
        ColorChoice::Auto if value("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        ColorChoice::Auto => is_terminal && !is_dumb(variable),
    }
}

/// Whether the terminal understands no control sequences.
fn is_dumb(variable: impl Fn(&str) -> Option<String>) -> bool {
    variable("TERM").is_some_and(|term| term == "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colors(choice: ColorChoice, variables: &[(&str, &str)], is_terminal: bool) -> bool {
        let variable = |name: &str| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        wants_color(choice, variable, is_terminal)
    }

    #[test]
    fn color_is_for_terminals_that_want_it() {
        use ColorChoice::{Always, Auto, Never};
        assert!(colors(Auto, &[("TERM", "xterm")], true));
        assert!(!colors(Auto, &[], false));
        assert!(!colors(Auto, &[("NO_COLOR", "1")], true));
        assert!(
            !colors(Auto, &[("NO_COLOR", "0")], true),
            "any value counts"
        );
        assert!(colors(Auto, &[("NO_COLOR", "")], true));
        assert!(!colors(Auto, &[("TERM", "dumb")], true));
        assert!(colors(Auto, &[("CLICOLOR_FORCE", "1")], false));
        assert!(!colors(Auto, &[("CLICOLOR_FORCE", "0")], false));
        assert!(!colors(
            Auto,
            &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
            true
        ));
        assert!(colors(
            Always,
            &[("NO_COLOR", "1"), ("TERM", "dumb")],
            false
        ));
        assert!(!colors(Never, &[("CLICOLOR_FORCE", "1")], true));
    }

    #[test]
    fn a_closed_pipe_changes_no_exit_code() {
        let ui = Ui::new(ColorChoice::Never, true, 0);
        ui.has_come_of(Err(io::ErrorKind::BrokenPipe.into()));
        assert!(ui.is_shown());
        for code in 0..=8 {
            assert_eq!(ui.verdict(code), code);
        }
    }

    #[test]
    fn lost_data_is_no_success_and_hides_no_other_failure() {
        let ui = Ui::new(ColorChoice::Never, true, 0);
        ui.has_come_of(Err(io::ErrorKind::StorageFull.into()));
        assert!(!ui.is_shown());
        assert_eq!([0, 1, 2].map(|code| ui.verdict(code)), [1, 1, 1]);
        for code in [3, 4, 5, 6, 7, 8, 130] {
            assert_eq!(ui.verdict(code), code);
        }
    }
}
