//! Errors of a run, with exit code and remedy. The only place that decides either.

use std::fmt::Write as _;

use super::exit;
use crate::diag::{Diags, Texts};
use crate::report::diagnostics::render_json;
use crate::report::failure::{self, Failure};
use crate::text::safe::{line, lines};
use crate::{api, apply, audit, ledger, sandbox};

/// Why a run failed.
#[derive(Debug)]
pub(super) struct CliError {
    /// The exit code.
    pub(super) exit: u8,
    /// What is wrong, with its causes.
    pub(super) message: String,
    /// What to do.
    pub(super) help: Option<String>,
    /// The complaints about the files, and the files.
    pub(super) complaints: Option<Box<(Diags, Texts)>>,
    /// The flag that it is about, where no text names it.
    pub(super) about: Option<&'static str>,
}

impl CliError {
    /// An error of the given code, on one line whatever it quotes.
    pub(super) fn new(exit: u8, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: line(&message.into()).into_owned(),
            help: None,
            complaints: None,
            about: None,
        }
    }

    /// A mistake in flags, arguments or settings.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(exit::INVALID, message)
    }

    /// Adds a list below the message, a line each.
    #[must_use]
    pub(super) fn list(mut self, list: &str) -> Self {
        self.message = format!("{}\n{}", self.message, lines(list.trim_end()));
        self
    }

    /// Adds what to do.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(lines(&help.into()));
        self
    }

    /// Says which flag it is about, for an error whose text names none.
    #[must_use]
    pub(super) fn about(mut self, flag: &'static str) -> Self {
        self.about = Some(flag);
        self
    }

    /// Everything that it says.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let complaints = self.complaints.iter().flat_map(|it| it.0.iter());
        let complaints = complaints.map(|it| it.message.as_str());
        let own = [Some(self.message.as_str()), self.help.as_deref()];
        own.into_iter().flatten().chain(complaints)
    }

    /// Adds the complaints about the files.
    #[must_use]
    pub(super) fn complaints(mut self, diags: &Diags, texts: &Texts) -> Self {
        self.complaints = Some(Box::new((diags.clone(), texts.clone())));
        self
    }

    /// The error as data.
    pub(super) fn failure(&self) -> Failure {
        Failure {
            format: failure::FORMAT,
            exit: self.exit,
            message: self.message.clone(),
            help: self.help.clone(),
            complaints: self.complaints.as_deref().and_then(|(diags, texts)| {
                // What was rendered as JSON can be read as JSON.
                serde_json::from_str(&render_json(diags, texts)).ok()
            }),
        }
    }

    /// Puts what was being done in front of the message.
    #[must_use]
    pub(super) fn context(mut self, doing: &str) -> Self {
        self.message = format!("{}: {}", line(doing), self.message);
        self
    }
}

/// A message with the messages of its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}

impl From<api::Error> for CliError {
    fn from(error: api::Error) -> Self {
        let (exit, help) = match &error {
            api::Error::Unauthenticated(_) => (
                exit::DENIED,
                Some("check the credentials that `campaignctl.yaml` names"),
            ),
            api::Error::SignedOut(_) => (
                exit::DENIED,
                Some(
                    "sign in again with `campaignctl login`; a pipeline needs a new refresh token",
                ),
            ),
            api::Error::Denied(_) => (
                exit::DENIED,
                Some(
                    "an administrator can give that role to the user; an application may still be refused (`campaignctl doctor` shows what it can read)",
                ),
            ),
            api::Error::BudgetSpent(_) => (
                exit::THROTTLED,
                Some(
                    "try again later, wait longer with `--retry-budget`, or lower `rate` of the environment",
                ),
            ),
            api::Error::Conflict(_) => (exit::STALE, Some("plan again")),
            api::Error::Unconfigured(_) => (
                exit::INVALID,
                Some("settings of an environment are in `campaignctl.yaml`"),
            ),
            api::Error::Unreachable(_) => (
                exit::ERROR,
                Some("check the network, and `hosts` and `domainApi` in `campaignctl.yaml`"),
            ),
            api::Error::Lost(_) => (exit::ERROR, Some("plan again to see what happened")),
            _ => (exit::ERROR, None),
        };
        let error = Self::new(exit, chain(&error));
        match help {
            Some(help) => error.help(help),
            None => error,
        }
    }
}

impl From<apply::RecoverError> for CliError {
    fn from(error: apply::RecoverError) -> Self {
        match error {
            apply::RecoverError::Unread { key, error } => Self::from(error).context(&format!(
                "cannot find out what became of the creation of {key}"
            )),
            apply::RecoverError::Ambiguous(error) => {
                let help = format!(
                    "delete the duplicates in the console, or choose one with `campaignctl ledger bind {} ID`",
                    error.key
                );
                Self::new(exit::ERROR, chain(&error)).help(help)
            }
        }
    }
}

impl From<ledger::Error> for CliError {
    fn from(error: ledger::Error) -> Self {
        use ledger::Error;
        let exit = match &error {
            Error::Denied { .. } | Error::Page { .. } => exit::DENIED,
            Error::Address { .. } => exit::INVALID,
            _ => exit::ERROR,
        };
        let help = match &error {
            Error::Locked { ticket, .. } => format!(
                "{}wait for that run; if it died, `campaignctl ledger unlock` removes its lock",
                held_for(&ticket.holder.since)
            ),
            Error::Unbreakable { .. } => "end that process: its lock goes with it".to_owned(),
            Error::Conflicted { .. } => {
                "resolve the merge: keep the side with the higher `serial`, with `git checkout --ours` or `--theirs`; the next plan adopts, by display name, what only the other side had".to_owned()
            }
            Error::Newer { .. } => "use a campaignctl of that version, or a later one".to_owned(),
            Error::Fixed { .. } => "mount the folder of the ledger instead of the file, or give another place with `ledger` of the environment".to_owned(),
            Error::Page { .. } => "check `ledger` and `ledgerCredentials` of the environment: a web page is most often one to sign in on".to_owned(),
            Error::Unreadable { .. } => {
                "restore it, or move it away: the next plan then adopts by display name".to_owned()
            }
            Error::Changed { .. } | Error::Diverged { .. } => {
                "another run wrote the ledger. Move the journal away: the next plan adopts what it created, by display name".to_owned()
            }
            Error::Denied { .. } => "check the credentials of the ledger: `ledgerCredentials`, or the cloud's own environment variables".to_owned(),
            Error::Unsupported { .. } => "use a store with conditional writes; for HTTP, set `ledgerLock` to how it locks".to_owned(),
            _ => return Self::new(exit, chain(&error)),
        };
        Self::new(exit, chain(&error)).help(help)
    }
}

/// How long a lock has been held, as the start of a sentence.
fn held_for(since: &str) -> String {
    match super::ledger::age(since) {
        Some(age) => format!("held for {age}; "),
        None => String::new(),
    }
}

impl From<audit::Error> for CliError {
    fn from(error: audit::Error) -> Self {
        Self::new(exit::ERROR, chain(&error))
            .help("nothing is written to the account without a line in the audit log")
    }
}

impl From<sandbox::Error> for CliError {
    fn from(error: sandbox::Error) -> Self {
        let (exit, help) = match &error {
            sandbox::Error::Store(_) => (
                exit::ERROR,
                "`campaignctl sandbox reset` starts over with a new account",
            ),
            sandbox::Error::Account(_) => (
                exit::INVALID,
                "correct `account` of the environment `sandbox` in `campaignctl.yaml`",
            ),
            sandbox::Error::Listen { .. } => (
                exit::ERROR,
                "give another port with `--port`; without it, a free one is taken",
            ),
        };
        Self::new(exit, chain(&error)).help(help)
    }
}

impl From<sandbox::SeedError> for CliError {
    fn from(error: sandbox::SeedError) -> Self {
        Self::invalid(chain(&error)).help(
            "a seed is a folder with one `<plural>.json` per kind, each an array of wire bodies",
        )
    }
}

impl From<sandbox::FaultError> for CliError {
    fn from(error: sandbox::FaultError) -> Self {
        let help = error.help.clone();
        let help = help.unwrap_or_else(|| {
            "for the syntax of faults, run `campaignctl explain sandbox-faults`".to_owned()
        });
        let text = error.to_string();
        let (message, place) = text.split_once('\n').unwrap_or((&text, ""));
        let error = Self::invalid(message);
        let error = if place.is_empty() {
            error
        } else {
            error.list(place)
        };
        error.help(help)
    }
}

impl From<sandbox::SwitchError> for CliError {
    fn from(error: sandbox::SwitchError) -> Self {
        Self::invalid(error.message).help(error.help)
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self::new(exit::ERROR, chain(&error))
    }
}
