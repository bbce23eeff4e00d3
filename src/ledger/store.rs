//! The place of a ledger, and reading it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::backend::{Backend, Version};
use super::event::{Event, replay};
use super::local::{LocalFile, beside};
use super::lock::{self, Holder, Ticket};
use super::session::Session;
use super::{Error, content, file, journal};
use crate::live::Ledger;

/// The ledger of one environment: where it is stored, and where its journal is on this computer.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Arc<dyn Backend>,
    account: String,
    journal: PathBuf,
    /// Keeps two processes from writing one journal, where the store does not lock a file beside it.
    local_lock: Option<PathBuf>,
}

/// A ledger as it was read, the journal of a crashed run replayed into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The ledger.
    pub ledger: Ledger,
    pub(super) version: Option<Version>,
    pub(super) journal_end: u64,
    /// The ledger without the journal.
    pub(super) stored: Ledger,
    /// The journal.
    pub(super) events: Vec<Event>,
}

impl Loaded {
    /// Whether there is a ledger already.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.version.is_some()
    }

    /// Whether a run left a journal, because it did not come to its end or is at work.
    #[must_use]
    pub fn has_journal(&self) -> bool {
        !self.events.is_empty()
    }
}

impl Store {
    /// The ledger of `account` in the file at `path`, its journal beside it. Nothing is read yet, and no file
    /// is made.
    pub fn new(path: impl Into<PathBuf>, account: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            journal: beside(&path, "journal"),
            backend: Arc::new(LocalFile::new(path)),
            account: account.into(),
            local_lock: None,
        }
    }

    /// The ledger of `account` in a remote store. Its journal is on this computer: `local` with `.journal`
    /// behind it.
    pub fn remote(
        backend: Arc<dyn Backend>,
        local: impl AsRef<Path>,
        account: impl Into<String>,
    ) -> Self {
        Self {
            backend,
            account: account.into(),
            journal: beside(local.as_ref(), "journal"),
            local_lock: Some(beside(local.as_ref(), "lock")),
        }
    }

    /// Where the ledger is, for people.
    #[must_use]
    pub fn place(&self) -> String {
        self.backend.place()
    }

    /// Whether the ledger is on another computer, and its journal on this one.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.local_lock.is_some()
    }

    /// The account that the ledger must be about.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Where events are written down until the ledger is stored.
    #[must_use]
    pub fn journal_path(&self) -> &Path {
        &self.journal
    }

    /// Where the inverse of the last run is written, beside the journal.
    #[must_use]
    pub fn rollback_path(&self) -> PathBuf {
        let name = self.journal.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let name = name.trim_end_matches(".journal").trim_end_matches(".json");
        self.journal
            .with_file_name(format!("{name}.rollback.plan.json"))
    }

    pub(super) fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// Reads the ledger without a lock. Where there is none, a new one with the lineage `new_lineage` is
    /// returned, and nothing is written.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for a damaged or newer file, [`Error::WrongAccount`], [`Error::Diverged`] for a
    /// journal that the ledger has left behind, and whatever keeps the store from answering.
    pub async fn load(&self, new_lineage: &str) -> Result<Loaded, Error> {
        match self.load_once(new_lineage).await {
            // Between the two files somebody may have committed: the second look is at both of them anew.
            Err(Error::Diverged { .. }) => self.load_once(new_lineage).await,
            result => result,
        }
    }

    async fn load_once(&self, new_lineage: &str) -> Result<Loaded, Error> {
        let (ledger, version) = self.stored().await?;
        let leftover = journal::read(&self.journal, &self.place(), &self.account, ledger.as_ref())?;
        let lineage = leftover.lineage.as_deref().unwrap_or(new_lineage);
        let mut ledger = ledger.unwrap_or_else(|| Ledger::new(&self.account, lineage));
        let stored = ledger.clone();
        for event in &leftover.events {
            replay(&mut ledger, event.clone());
        }
        Ok(Loaded {
            ledger,
            version,
            journal_end: leftover.end,
            stored,
            events: leftover.events,
        })
    }

    /// What is stored, without the journal.
    pub(super) async fn stored(&self) -> Result<(Option<Ledger>, Option<Version>), Error> {
        let Some(stored) = self.backend.load().await? else {
            return Ok((None, None));
        };
        let ledger = content::decode(&self.place(), &stored.bytes, &self.account)?;
        Ok((Some(ledger), Some(stored.version)))
    }

    /// Locks the ledger, reads it and makes it ready to be written.
    ///
    /// # Errors
    /// [`Error::Locked`] names who holds the lock; otherwise as [`Store::load`].
    pub async fn lock(&self, holder: &Holder, new_lineage: &str) -> Result<Session, Error> {
        let ticket = Ticket::new(holder);
        file::make_directory_of(&self.journal)?;
        let local = match &self.local_lock {
            Some(path) => Some(lock::acquire(path, &self.place(), &ticket)?),
            None => None,
        };
        let grant = self.backend.lock(&ticket).await?;
        match self.load(new_lineage).await {
            Ok(loaded) => Ok(Session::new(self.clone(), local, grant, loaded)),
            Err(error) => {
                let _ = self.backend.unlock(grant).await; // the first error says what is wrong
                Err(error)
            }
        }
    }

    /// Who holds the lock, `None` when nobody does.
    ///
    /// # Errors
    /// A store that does not answer.
    pub async fn holder(&self) -> Result<Option<Ticket>, Error> {
        self.backend.holder().await
    }

    /// Removes a lock that a dead run left behind.
    ///
    /// # Errors
    /// [`Error::Unbreakable`] when its owner is known to live, [`Error::Locked`] when the lock is another one
    /// by now.
    pub async fn break_lock(&self, held: &Ticket) -> Result<(), Error> {
        self.backend.break_lock(held).await
    }
}
