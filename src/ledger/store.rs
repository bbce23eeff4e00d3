//! The place of a ledger, and reading it.

use std::path::{Path, PathBuf};

use super::event::{Unfinished, replay};
use super::lock::{self, Holder};
use super::session::Session;
use super::{Error, file, journal};
use crate::live::Ledger;

/// The ledger of one environment on disk.
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
    account: String,
}

/// A ledger as it was read, the journal of a crashed run replayed into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The ledger.
    pub ledger: Ledger,
    /// Steps of a crashed run of which nobody knows whether they were carried out.
    pub unfinished: Vec<Unfinished>,
    pub(super) journal_end: u64,
    pub(super) replayed: bool,
}

impl Store {
    /// The ledger of `account` at `path`. Nothing is read yet, and no file is made.
    pub fn new(path: impl Into<PathBuf>, account: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            account: account.into(),
        }
    }

    /// Where the ledger is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the ledger without a lock. Where there is none, a new one with the lineage `new_lineage` is
    /// returned, and nothing is written.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for a damaged or newer file, [`Error::WrongAccount`].
    pub fn load(&self, new_lineage: &str) -> Result<Loaded, Error> {
        let ledger = file::read(&self.path, &self.account)?;
        let leftover = journal::read(&self.journal_path(), &self.account, ledger.as_ref())?;
        let lineage = leftover.lineage.as_deref().unwrap_or(new_lineage);
        let mut ledger = ledger.unwrap_or_else(|| Ledger::new(&self.account, lineage));
        let mut unfinished = Vec::new();
        let replayed = !leftover.events.is_empty();
        for event in leftover.events {
            replay(&mut ledger, &mut unfinished, event);
        }
        Ok(Loaded {
            ledger,
            unfinished,
            journal_end: leftover.end,
            replayed,
        })
    }

    /// Locks the ledger, reads it and makes it ready to be written.
    ///
    /// # Errors
    /// [`Error::Locked`] names who holds the lock; otherwise as [`Store::load`].
    pub fn lock(&self, holder: &Holder, new_lineage: &str) -> Result<Session, Error> {
        let directory = file::directory_of(&self.path);
        std::fs::create_dir_all(directory).map_err(Error::io("make", directory))?;
        let lock = lock::acquire(&self.beside("lock"), &self.path, holder)?;
        let loaded = self.load(new_lineage)?;
        Ok(Session::new(self.clone(), lock, loaded))
    }

    pub(super) fn journal_path(&self) -> PathBuf {
        self.beside("journal")
    }

    fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(extension);
        self.path.with_file_name(name)
    }
}
