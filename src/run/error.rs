//! Errors of a run: what they mean, what is wrong, and what to do.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::diag::{Diags, Texts};
use crate::plan::PlanFailure;
use crate::text::address::without_credentials;
use crate::text::safe::{line, lines};
use crate::{api, apply, audit, ledger, sandbox};

/// What an error means for the caller, who has to react differently to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// It failed, and no other meaning fits.
    Failed,
    /// What was asked for cannot be understood: manifests, settings, arguments.
    Invalid,
    /// What was named does not exist.
    NotFound,
    /// Not signed in, or not permitted.
    Denied,
    /// The account is throttled or failing, and the time to wait for it is over.
    Throttled,
    /// A guard holds it back.
    Blocked,
    /// Something changed since, so that what was decided does not hold any more.
    Stale,
    /// Some of it was done.
    Partly,
    /// A request to stop came first.
    Interrupted,
    /// A wave may not start yet.
    NotDue,
}

/// Why a run failed.
#[derive(Debug)]
pub struct Error {
    /// What it means for the caller.
    pub meaning: Meaning,
    /// What is wrong, with its causes.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The complaints about the files, and the files.
    pub complaints: Option<Box<(Diags, Texts)>>,
    /// The flag that it is about, where no text names it.
    pub about: Option<&'static str>,
}

impl Error {
    /// An error of this meaning, on one line whatever it quotes, without the credentials of an address that it quotes.
    pub fn new(meaning: Meaning, message: impl Into<String>) -> Self {
        Self {
            meaning,
            message: line(&without_credentials(&message.into())).into_owned(),
            help: None,
            complaints: None,
            about: None,
        }
    }

    /// A mistake in what was asked for, or in settings.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Meaning::Invalid, message)
    }

    /// Adds a list below the message, a line each.
    #[must_use]
    pub fn list(mut self, list: &str) -> Self {
        self.message = format!(
            "{}\n{}",
            self.message,
            lines(&without_credentials(list.trim_end()))
        );
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(lines(&without_credentials(&help.into())));
        self
    }

    /// Says which flag it is about, for an error whose text names none.
    #[must_use]
    pub fn about(mut self, flag: &'static str) -> Self {
        self.about = Some(flag);
        self
    }

    /// Everything that it says.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let complaints = self.complaints.iter().flat_map(|it| it.0.iter());
        let complaints = complaints.map(|it| it.message.as_str());
        let own = [Some(self.message.as_str()), self.help.as_deref()];
        own.into_iter().flatten().chain(complaints)
    }

    /// Adds the complaints about the files.
    #[must_use]
    pub fn complaints(mut self, diags: &Diags, texts: &Texts) -> Self {
        self.complaints = Some(Box::new((diags.clone(), texts.clone())));
        self
    }

    /// Puts what was being done in front of the message.
    #[must_use]
    pub fn context(mut self, doing: &str) -> Self {
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

impl From<&Error> for PlanFailure {
    fn from(error: &Error) -> Self {
        Self {
            message: error.message.clone(),
            help: error.help.clone(),
        }
    }
}

impl From<api::ApiError> for Error {
    fn from(error: api::ApiError) -> Self {
        let (meaning, help) = match &error {
            api::ApiError::Unauthenticated(_) => (
                Meaning::Denied,
                Some(
                    "check the credentials, and `hosts` and `domainApi`: a host of another region refuses them, too; `campaignctl doctor` finds out which it is",
                ),
            ),
            api::ApiError::SignedOut(_) => (
                Meaning::Denied,
                Some(
                    "sign in again with `campaignctl login`; a pipeline needs a new refresh token",
                ),
            ),
            api::ApiError::Denied(_) => (
                Meaning::Denied,
                Some(
                    "an administrator can give that role to the user; an application may still be refused (`campaignctl doctor` shows what it can read)",
                ),
            ),
            api::ApiError::BudgetSpent(_) => (
                Meaning::Throttled,
                Some(
                    "try again later, wait longer with `--retry-budget`, or lower `rate` of the environment",
                ),
            ),
            api::ApiError::Conflict(_) => (Meaning::Stale, Some("plan again")),
            api::ApiError::Unconfigured(_) => (
                Meaning::Invalid,
                Some("settings of an environment are in `campaignctl.yaml`"),
            ),
            api::ApiError::Unreachable(_) => (
                Meaning::Failed,
                Some("check the network, and `hosts` and `domainApi` in `campaignctl.yaml`"),
            ),
            api::ApiError::Lost(_) => (Meaning::Failed, Some("plan again to see what happened")),
            _ => (Meaning::Failed, None),
        };
        let error = Self::new(meaning, chain(&error));
        match help {
            Some(help) => error.help(help),
            None => error,
        }
    }
}

impl From<apply::RecoverError> for Error {
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
                Self::new(Meaning::Failed, chain(&error)).help(help)
            }
        }
    }
}

impl From<ledger::LedgerError> for Error {
    fn from(error: ledger::LedgerError) -> Self {
        use ledger::LedgerError;
        let meaning = match &error {
            LedgerError::Denied { .. } | LedgerError::Page { .. } => Meaning::Denied,
            LedgerError::Address { .. } => Meaning::Invalid,
            _ => Meaning::Failed,
        };
        let help = match &error {
            LedgerError::Locked { ticket, .. } => help_for_locked(ticket),
            LedgerError::Lost { .. } => "run the same command again: it first finds out what happened to each write, and repeats none".to_owned(),
            LedgerError::Unbreakable { .. } => "end that process: its lock goes with it".to_owned(),
            LedgerError::Conflicted { .. } => {
                "resolve the merge: keep the side with the higher `serial`, with `git checkout --ours` or `--theirs`; the next plan adopts, by display name, what only the other side had".to_owned()
            }
            LedgerError::Newer { .. } => "use a campaignctl of that version, or a later one".to_owned(),
            LedgerError::Fixed { .. } => "mount the folder of the ledger instead of the file, or give another place with `ledger` of the environment".to_owned(),
            LedgerError::Page { .. } => "check `ledger` and `ledgerCredentials` of the environment: a web page is most often one to sign in on".to_owned(),
            LedgerError::Unreadable { .. } => {
                "restore it, or move it away: the next plan then adopts by display name".to_owned()
            }
            LedgerError::Changed { .. } | LedgerError::Diverged { .. } => {
                "another run wrote the ledger. Move the journal away: the next plan adopts what it created, by display name".to_owned()
            }
            LedgerError::Denied { .. } => "check the credentials of the ledger: `ledgerCredentials`, or the cloud's own environment variables".to_owned(),
            LedgerError::Unsupported { .. } => "use a store with conditional writes; for HTTP, set `ledgerLock` to how it locks".to_owned(),
            _ => return Self::new(meaning, chain(&error)),
        };
        Self::new(meaning, chain(&error)).help(help)
    }
}

impl Error {
    /// An error of a ledger at a time: of a lock it says how long that has been held.
    #[must_use]
    pub(super) fn of_ledger(error: ledger::LedgerError, now: Timestamp) -> Self {
        let held = match &error {
            ledger::LedgerError::Locked { ticket, .. } => age(&ticket.holder.since, now),
            _ => None,
        };
        let error = Self::from(error);
        match (held, &error.help) {
            (Some(age), Some(help)) => {
                let help = format!("held for {age}; {help}");
                error.help(help)
            }
            _ => error,
        }
    }
}

/// How long ago a time was, roughly: `3 h 12 min`; `None` for what is no time.
#[must_use]
pub fn age(since: &str, now: Timestamp) -> Option<String> {
    let since: Timestamp = since.parse().ok()?;
    let minutes = now.duration_since(since).as_secs().max(0) / 60;
    Some(
        match (minutes / (24 * 60), minutes / 60 % 24, minutes % 60) {
            (0, 0, 0) => "less than a minute".to_owned(),
            (0, 0, minutes) => format!("{minutes} min"),
            (0, hours, minutes) => format!("{hours} h {minutes} min"),
            (days, hours, _) => format!("{days} d {hours} h"),
        },
    )
}

/// What to do about a lock.
fn help_for_locked(ticket: &ledger::Ticket) -> String {
    match &ticket.term {
        Some(term) => format!(
            "wait for that run, with `--lock-timeout 5m`; if it died, its lock lasts for {} s, and the next run takes it",
            term.length().as_secs()
        ),
        None => {
            "wait for that run; if it died, `campaignctl ledger unlock` removes its lock".to_owned()
        }
    }
}

impl From<audit::AuditError> for Error {
    fn from(error: audit::AuditError) -> Self {
        let meaning = if error.is_about_the_file() {
            Meaning::Invalid
        } else {
            Meaning::Failed
        };
        Self::new(meaning, chain(&error))
            .help("nothing is written to the account without a line in the audit log")
    }
}

impl From<sandbox::SandboxError> for Error {
    fn from(error: sandbox::SandboxError) -> Self {
        let (meaning, help) = match &error {
            sandbox::SandboxError::Store(_) => (
                Meaning::Failed,
                "`campaignctl sandbox reset` starts over with a new account",
            ),
            sandbox::SandboxError::Account(_) => (
                Meaning::Invalid,
                "correct `account` of the environment `sandbox` in `campaignctl.yaml`",
            ),
            sandbox::SandboxError::Listen { .. } => (
                Meaning::Failed,
                "give another port with `--port`; without it, a free one is taken",
            ),
        };
        Self::new(meaning, chain(&error)).help(help)
    }
}

impl From<sandbox::SeedError> for Error {
    fn from(error: sandbox::SeedError) -> Self {
        Self::invalid(chain(&error)).help(
            "a seed is a folder with one `<plural>.json` per kind, each an array of wire bodies",
        )
    }
}

impl From<sandbox::FaultError> for Error {
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

impl From<sandbox::SwitchError> for Error {
    fn from(error: sandbox::SwitchError) -> Self {
        Self::invalid(error.message).help(error.help)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(Meaning::Failed, chain(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_as_old_as_the_clock_of_the_run_says() {
        let help = |since: &str| {
            let holder = ledger::Holder {
                who: "ann (process 1)".to_owned(),
                since: since.to_owned(),
            };
            let locked = ledger::LedgerError::Locked {
                ledger: "ledger/sandbox.json".to_owned(),
                ticket: ledger::Ticket::new(&holder),
            };
            let now = "2031-05-01T12:00:00Z".parse().unwrap();
            Error::of_ledger(locked, now).help.unwrap()
        };
        let wait = "wait for that run; if it died, `campaignctl ledger unlock` removes its lock";
        assert_eq!(
            help("2031-05-01T08:48:00Z"),
            format!("held for 3 h 12 min; {wait}")
        );
        assert_eq!(help("yesterday"), wait);
    }
}
