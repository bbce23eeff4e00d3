//! The place of a ledger, and reading it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::backend::{Backend, Grant, KeptJournal, Stored, Version};
use super::event::{JournalEvent, replay};
use super::journal::{JournalPlace, ReadJournal};
use super::keeper::{Keeper, KeeperMoment};
use super::local::LocalFile;
use super::lock::{Holder, Ticket};
use super::session::{LedgerSession, Record, begun};
use super::term::{Terms, Watch};
use super::{LedgerError, content, file};
use crate::live::{Begun, Ledger};
use crate::project::LedgerFiles;

/// The ledger of one environment: where it is stored, and what lies on this computer.
#[derive(Clone, Debug)]
pub struct LedgerStore {
    backend: Arc<dyn Backend>,
    account: String,
    files: LedgerFiles,
    /// Another connection to a remote store, for the thread that keeps its lock.
    keeper: Option<Arc<dyn Backend>>,
    terms: Terms,
}

/// A ledger as it was read, the journal of a crashed run replayed into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The ledger.
    pub ledger: Ledger,
    pub(super) version: Option<Version>,
    pub(super) journal_end: u64,
    /// The ledger without the journal.
    pub(super) stored: Option<Ledger>,
    /// What the holder of the lock goes on from.
    pub(super) kept: Option<KeptJournal>,
    /// The journal.
    pub(super) events: Vec<JournalEvent>,
    /// The journal of a run that stored the ledger and did not come to remove it.
    pub(super) folded: Vec<JournalEvent>,
    /// Whether the lock was that of a run that died.
    pub(super) is_taken_over: bool,
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

    /// How far a run got that did not come to its end or is at work.
    #[must_use]
    pub fn begun(&self) -> Begun {
        begun(&self.events)
    }
}

impl LedgerStore {
    /// The ledger of `account` in the file at `path`, its journal beside it. Nothing is read yet, and no file
    /// is made.
    pub fn new(path: impl Into<PathBuf>, account: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            files: LedgerFiles::of(&path),
            backend: Arc::new(LocalFile::new(path)),
            account: account.into(),
            keeper: None,
            terms: Terms::default(),
        }
    }

    /// The ledger of `account` in a remote store, and its journal beside it. What is kept on this computer, the plan
    /// that undoes the last run, lies beside `local`.
    pub fn remote(
        backend: Arc<dyn Backend>,
        local: impl AsRef<Path>,
        account: impl Into<String>,
    ) -> Self {
        Self {
            keeper: Some(Arc::clone(&backend)),
            backend,
            account: account.into(),
            files: LedgerFiles::of(local.as_ref()),
            terms: Terms::default(),
        }
    }

    /// The same, with another connection for the thread that keeps the lock: what waits for an answer to one of them
    /// does not hold up the other.
    #[must_use]
    pub fn kept_by(self, keeper: Arc<dyn Backend>) -> Self {
        Self {
            keeper: Some(keeper),
            ..self
        }
    }

    /// The same, with locks that last so long.
    #[must_use]
    pub fn with_terms(self, terms: Terms) -> Self {
        Self { terms, ..self }
    }

    /// Where the ledger is, for people.
    #[must_use]
    pub fn place(&self) -> String {
        self.backend.place()
    }

    /// Where the journal is, for people.
    #[must_use]
    pub fn journal_place(&self) -> String {
        if self.backend.keeps_journal() {
            return self.backend.place();
        }
        self.files.journal.display().to_string()
    }

    /// The account that the ledger must be about.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Where events are written down until the ledger is stored.
    #[must_use]
    pub fn journal_path(&self) -> &Path {
        &self.files.journal
    }

    /// Where the inverse of the last run is written, beside the journal.
    #[must_use]
    pub fn rollback_path(&self) -> &Path {
        &self.files.rollback
    }

    pub(super) fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// Reads the ledger without a lock. Where there is none, a new one with the lineage `new_lineage` is
    /// returned, and nothing is written.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`] for a damaged or newer file, [`LedgerError::WrongAccount`], [`LedgerError::Diverged`] for a
    /// journal that the ledger has left behind, and whatever keeps the store from answering.
    pub async fn load(&self, new_lineage: &str) -> Result<Loaded, LedgerError> {
        match self.load_once(new_lineage).await {
            // Between the two files somebody may have committed: the second look is at both of them anew.
            Err(LedgerError::Diverged { .. }) => self.load_once(new_lineage).await,
            result => result,
        }
    }

    async fn load_once(&self, new_lineage: &str) -> Result<Loaded, LedgerError> {
        let found = self.backend.read().await?;
        let (ledger, version) = self.decoded(found.stored)?;
        let (rest, journal) = if self.backend.keeps_journal() {
            (JournalPlace::Beside, found.journal)
        } else {
            let journal = file::read_bounded(&self.files.journal)?.unwrap_or_default();
            (JournalPlace::Here, journal)
        };
        let source = ReadJournal {
            name: &self.journal_place(),
            place: &self.place(),
            account: &self.account,
            rest,
        };
        let leftover = source.read(&journal, ledger.as_ref())?;
        let lineage = leftover.lineage.as_deref().unwrap_or(new_lineage);
        let mut ledger = ledger.unwrap_or_else(|| Ledger::new(&self.account, lineage));
        let stored = (!leftover.events.is_empty()).then(|| ledger.clone());
        for event in &leftover.events {
            replay(&mut ledger, event.clone());
        }
        Ok(Loaded {
            ledger,
            version,
            journal_end: leftover.end,
            stored,
            kept: found.kept,
            events: leftover.events,
            folded: leftover.folded,
            is_taken_over: false,
        })
    }

    /// What is stored, without the journal.
    pub(super) async fn stored(&self) -> Result<(Option<Ledger>, Option<Version>), LedgerError> {
        self.decoded(self.backend.load().await?)
    }

    fn decoded(
        &self,
        stored: Option<Stored>,
    ) -> Result<(Option<Ledger>, Option<Version>), LedgerError> {
        let Some(stored) = stored else {
            return Ok((None, None));
        };
        let ledger = content::decode(&self.place(), &stored.bytes, &self.account)?;
        Ok((Some(ledger), Some(stored.version)))
    }

    /// Locks the ledger, reads it and makes it ready to be written.
    ///
    /// # Errors
    /// [`LedgerError::Locked`] names who holds the lock; otherwise as [`LedgerStore::load`].
    pub async fn lock(
        &self,
        holder: &Holder,
        new_lineage: &str,
    ) -> Result<LedgerSession, LedgerError> {
        self.lock_watching(holder, new_lineage, &mut Watch::default())
            .await
    }

    /// The same for a run that tries again and again: once it has watched the lock of a run that died for long enough,
    /// it takes it.
    ///
    /// # Errors
    /// As [`LedgerStore::lock`].
    pub async fn lock_watching(
        &self,
        holder: &Holder,
        new_lineage: &str,
        watch: &mut Watch,
    ) -> Result<LedgerSession, LedgerError> {
        let mut ticket = Ticket::new(holder);
        if self.backend.keeps_journal() {
            ticket = ticket.lasting(self.terms.after(0));
        }
        file::make_directory_of(&self.files.journal)?;
        let taken = (Instant::now(), (self.terms.clock)());
        let (grant, is_taken_over) = match self.backend.lock(&ticket, None).await {
            Err(LedgerError::Locked { ticket: held, .. })
                if watch.is_over(&held, Instant::now(), (self.terms.clock)()) =>
            {
                (self.backend.lock(&ticket, Some(&held)).await?, true)
            }
            granted => (granted?, false),
        };
        match self.load(new_lineage).await {
            Ok(loaded) => {
                let loaded = Loaded {
                    is_taken_over,
                    ..loaded
                };
                self.session(grant, loaded, taken)
            }
            Err(error) => {
                let _ = self.backend.unlock(grant, false).await; // the first error says what is wrong
                Err(error)
            }
        }
    }

    fn session(
        &self,
        mut grant: Grant,
        mut loaded: Loaded,
        taken: KeeperMoment,
    ) -> Result<LedgerSession, LedgerError> {
        if let Some(kept) = loaded.kept.take() {
            grant.kept = kept;
        }
        let record = match &self.keeper {
            Some(keeper) if self.backend.keeps_journal() => {
                if loaded.journal_end == 0 {
                    grant.forget_journal(); // it is in the ledger already
                }
                let keeper = Keeper::start(Arc::clone(keeper), grant, self.terms, taken)?;
                Record::Beside(keeper)
            }
            _ => Record::Here {
                grant: Box::new(grant),
                journal: None,
            },
        };
        Ok(LedgerSession::new(self.clone(), record, loaded))
    }

    /// The run that holds the lock, `None` when none does.
    ///
    /// # Errors
    /// A store that does not answer.
    pub async fn holder(&self) -> Result<Option<Ticket>, LedgerError> {
        let held = self.any_lock().await?;
        Ok(held.filter(|ticket| !ticket.is_check()))
    }

    /// The lock that is held, also if no run holds it: a process may have died while it [looked](Ticket::is_check) for
    /// one.
    ///
    /// # Errors
    /// A store that does not answer.
    pub async fn any_lock(&self) -> Result<Option<Ticket>, LedgerError> {
        self.backend.holder().await
    }

    /// Removes a lock that a dead run left behind.
    ///
    /// # Errors
    /// [`LedgerError::Unbreakable`] when its owner is known to live, [`LedgerError::Locked`] when the lock is another one
    /// by now.
    pub async fn break_lock(&self, held: &Ticket) -> Result<(), LedgerError> {
        self.backend.break_lock(held).await
    }
}
