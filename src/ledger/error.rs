//! What can go wrong with a ledger, by what it means to the caller.

use std::io;
use std::path::{Path, PathBuf};

use super::lock::Ticket;

/// A failure of the ledger's storage. No message holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another run is applying.
    #[error("the ledger `{ledger}` is locked by {}", ticket.holder)]
    Locked {
        /// The ledger.
        ledger: String,
        /// The lock, and who holds it.
        ticket: Ticket,
    },
    /// The lock belongs to a process that runs: only its end removes it.
    #[error("the ledger `{ledger}` is locked by {}, a process that still runs", ticket.holder)]
    Unbreakable {
        /// The ledger.
        ledger: String,
        /// The lock, and who holds it.
        ticket: Ticket,
    },
    /// What is stored is not a ledger of this program, or it is damaged.
    #[error("`{place}` is not a readable ledger: {why}")]
    Unreadable {
        /// Where it is.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// Two branches of git were merged and the conflict was not resolved.
    #[error("the ledger `{place}` holds an unresolved merge conflict of git, on line {line}")]
    Conflicted {
        /// Where it is.
        place: String,
        /// The line of the first marker.
        line: usize,
    },
    /// A later version of this program wrote it.
    #[error(
        "the ledger `{place}` was written by a later version of campaignctl: its format is `{format}`"
    )]
    Newer {
        /// Where it is.
        place: String,
        /// Its format.
        format: String,
    },
    /// The file of the ledger cannot be replaced.
    #[error("the ledger `{ledger}` cannot be replaced: {why}")]
    Fixed {
        /// The ledger.
        ledger: String,
        /// Why.
        why: String,
    },
    /// A page for people came instead of an answer, most often one to sign in on.
    #[error("cannot {doing} the ledger `{ledger}`: the server answered with a web page")]
    Page {
        /// The ledger.
        ledger: String,
        /// What was tried.
        doing: &'static str,
    },
    /// The ledger speaks of another account.
    #[error("the ledger `{ledger}` belongs to account `{found}`, not to `{wanted}`")]
    WrongAccount {
        /// The ledger.
        ledger: String,
        /// The account in it.
        found: String,
        /// The account of this run.
        wanted: String,
    },
    /// Somebody else wrote the ledger although this run held its lock.
    #[error(
        "the ledger `{ledger}` changed while this run held its lock ({found}), so it was not written; what this run did is kept in `{journal}`"
    )]
    Changed {
        /// The ledger.
        ledger: String,
        /// What is stored now.
        found: String,
        /// Where the journal of this run is.
        journal: String,
    },
    /// This run does not hold its lock any more: it was not renewed in time, or somebody removed it.
    #[error("this run lost the lock of the ledger `{ledger}`: {why}")]
    Lost {
        /// The ledger.
        ledger: String,
        /// Who has it, or why it could not be kept.
        why: String,
    },
    /// The journal of a crashed run does not continue the ledger that is stored now.
    #[error("the journal `{journal}` does not continue the ledger `{ledger}`: {why}")]
    Diverged {
        /// The ledger.
        ledger: String,
        /// Where the journal is.
        journal: String,
        /// What does not fit.
        why: String,
    },
    /// The address or the settings of the ledger cannot work.
    #[error("`{ledger}` cannot be used as a ledger: {why}")]
    Address {
        /// The address as written.
        ledger: String,
        /// What is wrong with it.
        why: String,
    },
    /// The store refuses the credentials.
    #[error("not permitted to {doing} the ledger `{ledger}`: {why}")]
    Denied {
        /// The ledger.
        ledger: String,
        /// What was tried.
        doing: &'static str,
        /// What the store said.
        why: String,
    },
    /// The store cannot be reached, or it fails.
    #[error("cannot {doing} the ledger `{ledger}`: {why}")]
    Unavailable {
        /// The ledger.
        ledger: String,
        /// What was tried.
        doing: &'static str,
        /// What the store said.
        why: String,
    },
    /// The store lacks what keeps two writers apart.
    #[error("the store of the ledger `{ledger}` cannot keep two writers apart: {why}")]
    Unsupported {
        /// The ledger.
        ledger: String,
        /// What it lacks.
        why: String,
    },
    /// The file system refuses.
    #[error("cannot {doing} `{path}`")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl LedgerError {
    /// Names the act and the file of an I/O error.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    /// Says what is wrong with a stored ledger.
    pub(super) fn unreadable(place: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Unreadable {
            place: place.into(),
            why: why.into(),
        }
    }

    /// Says what is wrong with an address, and shows none of the secrets that it may hold.
    pub(super) fn address(ledger: &str, why: impl Into<String>) -> Self {
        Self::Address {
            ledger: crate::text::address::shown_path(ledger).into_owned(),
            why: why.into(),
        }
    }
}
