//! A locked ledger that is being written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::backend::{Grant, Version, Write};
use super::event::{Event, replay};
use super::journal::Journal;
use super::lock::Lock;
use super::store::{Loaded, Store};
use super::{Error, content};
use crate::live::Ledger;

/// How far a plan got whose run died.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    /// The plan, `None` when no run died.
    pub plan: Option<String>,
    /// The steps that were begun.
    pub started: BTreeSet<usize>,
    /// Those that were done.
    pub applied: BTreeSet<usize>,
}

/// A locked ledger, to be ended by [`Session::commit`] or [`Session::release`].
///
/// Dropping it loses nothing, because the journal stays; but the lock of a remote store stays as well, as after
/// a crash.
#[derive(Debug)]
pub struct Session {
    store: Store,
    ledger: Ledger,
    version: Option<Version>,
    stored: Ledger,
    events: Vec<Event>,
    journal_end: u64,
    journal: Option<Journal>,
    changed: bool,
    grant: Grant,
    local: Option<Lock>,
}

impl Session {
    pub(super) fn new(store: Store, local: Option<Lock>, grant: Grant, loaded: Loaded) -> Self {
        let Loaded {
            ledger,
            version,
            journal_end,
            stored,
            events,
        } = loaded;
        Self {
            store,
            ledger,
            version,
            stored,
            journal_end,
            journal: None,
            changed: !events.is_empty(),
            events,
            grant,
            local,
        }
    }

    /// The ledger, with all that was recorded so far.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Whether there was a ledger when it was locked.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.version.is_some()
    }

    /// The ledger as it was before all that the journal holds.
    #[must_use]
    pub fn stored(&self) -> &Ledger {
        &self.stored
    }

    /// All that the journal holds, the events of a crashed run before those of this one.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// How far the last plan of the journal got.
    #[must_use]
    pub fn begun(&self) -> Begun {
        let mut begun = Begun::default();
        let mut creating = BTreeMap::new();
        for event in &self.events {
            match event {
                Event::PlanUsed { plan } => {
                    begun = Begun {
                        plan: Some(plan.clone()),
                        ..Begun::default()
                    };
                }
                Event::Started {
                    step, key, draft, ..
                } => {
                    begun.started.insert(*step);
                    if draft.is_some() {
                        creating.insert(key, *step);
                    }
                }
                Event::Finished { step, applied } => {
                    begun.started.insert(*step);
                    if *applied {
                        begun.applied.insert(*step);
                    }
                }
                // What was created is bound; its step needs no end to be done.
                Event::Bound { key, .. } => begun.applied.extend(creating.remove(key)),
                Event::Unbound { .. }
                | Event::LaunchBegun { .. }
                | Event::LaunchBatch { .. }
                | Event::LaunchEnded { .. }
                | Event::LaunchStopped { .. } => {}
            }
        }
        begun
    }

    /// Records an event: it is on the disk when this returns.
    ///
    /// # Errors
    /// [`Error::Io`] when the journal cannot be written; the ledger in memory is then as before.
    pub fn record(&mut self, event: Event) -> Result<(), Error> {
        let journal = match &mut self.journal {
            Some(journal) => journal,
            none => none.insert(Journal::open(
                self.store.journal_path().to_owned(),
                &self.ledger,
                self.journal_end,
            )?),
        };
        journal.append(&event)?;
        replay(&mut self.ledger, event.clone());
        self.events.push(event);
        self.changed = true;
        Ok(())
    }

    /// Folds the journal into the ledger, which gets the next serial, stores it and unlocks it. Without
    /// changes nothing is written.
    ///
    /// # Errors
    /// [`Error::Changed`] and whatever keeps the ledger from being stored; the journal then stays, and the
    /// next session replays it. Failing to unlock is told last, when everything is stored.
    pub async fn commit(mut self) -> Result<Ledger, Error> {
        let saved = self.save().await;
        let Self {
            store,
            ledger,
            grant,
            local,
            ..
        } = self;
        let unlocked = store.backend().unlock(grant).await;
        drop(local); // last: until then nobody else on this computer writes the journal
        saved.and(unlocked).map(|()| ledger)
    }

    /// Unlocks the ledger and leaves it as it is. What was recorded stays in the journal.
    ///
    /// # Errors
    /// A store that cannot be reached: the lock then stays until somebody removes it.
    pub async fn release(self) -> Result<(), Error> {
        let Self {
            store,
            grant,
            journal,
            local,
            ..
        } = self;
        drop(journal);
        let unlocked = store.backend().unlock(grant).await;
        drop(local);
        unlocked
    }

    async fn save(&mut self) -> Result<(), Error> {
        if self.changed {
            self.ledger.serial += 1;
            let backend = Arc::clone(self.store.backend());
            let bytes = content::encode(&backend.place(), &self.ledger)?;
            let written = backend.store(bytes, self.version.as_ref(), &self.grant);
            match written.await {
                Ok(Write::Done) => {}
                Ok(Write::Stale) => self.settle(None).await?,
                Err(error) => self.settle(Some(error)).await?,
            }
        }
        match self.journal.take() {
            Some(journal) => journal.remove(),
            None => Journal::remove_leftover(self.store.journal_path()),
        }
    }

    /// Finds out what is stored after a write that seems to have failed: its answer may have been lost, or
    /// the store may have repeated it and then refused the repetition.
    async fn settle(&self, error: Option<Error>) -> Result<(), Error> {
        let found = self.store.stored().await.ok().map(|found| found.0);
        match (found, error) {
            (Some(Some(found)), _) if found == self.ledger => Ok(()),
            (_, Some(error)) => Err(error),
            (found, None) => Err(Error::Changed {
                ledger: self.store.place(),
                found: match found.flatten() {
                    Some(found) => format!("serial {} of {}", found.serial, found.lineage),
                    None => "nothing that can be read is stored now".to_owned(),
                },
                journal: self.store.journal_path().to_owned(),
            }),
        }
    }
}
