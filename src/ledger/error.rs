//! What can go wrong with a ledger, by what it means to the caller.

use std::io;
use std::path::{Path, PathBuf};

use super::lock::Holder;

/// A failure of the ledger's storage.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else is applying.
    #[error("the ledger `{path}` is locked by {holder}")]
    Locked {
        /// The ledger.
        path: PathBuf,
        /// Who holds the lock.
        holder: Holder,
    },
    /// The file is not a ledger of this program, or it is damaged.
    #[error("`{path}` is not a readable ledger: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The ledger speaks of another account.
    #[error("the ledger `{path}` belongs to account `{found}`, not to `{wanted}`")]
    WrongAccount {
        /// The ledger.
        path: PathBuf,
        /// The account in it.
        found: String,
        /// The account of this run.
        wanted: String,
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

impl Error {
    /// Names the act and the file of an I/O error.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    /// Says what is wrong with a file.
    pub(super) fn unreadable(path: &Path, why: impl Into<String>) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            why: why.into(),
        }
    }
}
