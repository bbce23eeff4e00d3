//! A locked ledger that is being written.

use super::event::{Event, Unfinished, replay};
use super::journal::Journal;
use super::lock::Lock;
use super::store::{Loaded, Store};
use super::{Error, file};
use crate::live::Ledger;

/// A locked ledger. Dropping it without [`Session::commit`] loses nothing: the journal stays.
#[derive(Debug)]
pub struct Session {
    store: Store,
    ledger: Ledger,
    interrupted: Vec<Unfinished>,
    open: Vec<Unfinished>,
    journal_end: u64,
    journal: Option<Journal>,
    changed: bool,
    _lock: Lock, // dropped last, after the journal is closed
}

impl Session {
    pub(super) fn new(store: Store, lock: Lock, loaded: Loaded) -> Self {
        let Loaded {
            ledger,
            unfinished,
            journal_end,
            replayed,
        } = loaded;
        Self {
            store,
            ledger,
            interrupted: unfinished,
            open: Vec::new(),
            journal_end,
            journal: None,
            changed: replayed,
            _lock: lock,
        }
    }

    /// The ledger, with all that was recorded so far.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Steps of a crashed run of which nobody knows whether they were carried out.
    #[must_use]
    pub fn interrupted(&self) -> &[Unfinished] {
        &self.interrupted
    }

    /// Records an event: it is on the disk when this returns.
    ///
    /// # Errors
    /// [`Error::Io`] when the journal cannot be written; the ledger in memory is then as before.
    pub fn record(&mut self, event: Event) -> Result<(), Error> {
        let journal = match &mut self.journal {
            Some(journal) => journal,
            none => none.insert(Journal::open(
                self.store.journal_path(),
                &self.ledger,
                self.journal_end,
            )?),
        };
        journal.append(&event)?;
        replay(&mut self.ledger, &mut self.open, event);
        self.changed = true;
        Ok(())
    }

    /// Folds the journal into the file, which gets the next serial, and unlocks it. Without changes
    /// nothing is written.
    ///
    /// # Errors
    /// [`Error::Io`]; the journal then stays, and the next session replays it.
    pub fn commit(mut self) -> Result<Ledger, Error> {
        if self.changed {
            self.ledger.serial += 1;
            file::write(self.store.path(), &self.ledger)?;
        }
        let leftover = self.store.journal_path();
        match self.journal.take() {
            Some(journal) => journal.remove()?,
            None if leftover.exists() => {
                std::fs::remove_file(&leftover).map_err(Error::io("remove", &leftover))?;
            }
            None => {}
        }
        Ok(self.ledger.clone())
    }
}
