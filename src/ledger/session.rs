//! A locked ledger that is being written.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::backend::{Grant, StoreAnswer, StoredWrite, Version};
use super::event::{JournalEvent, replay, replayed};
use super::journal::{self, Journal};
use super::keeper::{Fence, Keeper};
use super::store::{LedgerStore, Loaded};
use super::{LedgerError, content};
use crate::live::{Begun, Ledger};

/// How far the last plan of a journal got.
pub(super) fn begun(events: &[JournalEvent]) -> Begun {
    let mut begun = Begun::default();
    let mut creating = BTreeMap::new();
    for event in events {
        match event {
            JournalEvent::PlanUsed { plan } => {
                begun = Begun {
                    plan: Some(plan.clone()),
                    ..Begun::default()
                };
            }
            JournalEvent::Started {
                step, key, draft, ..
            } => {
                begun.started.insert(*step);
                if draft.is_some() {
                    creating.insert(key, *step);
                }
            }
            JournalEvent::Finished { step, applied } => {
                begun.started.insert(*step);
                if *applied {
                    begun.applied.insert(*step);
                }
            }
            // What was created is bound; its step needs no end to be done.
            JournalEvent::Bound { key, .. } => begun.applied.extend(creating.remove(key)),
            JournalEvent::Unbound { .. }
            | JournalEvent::LaunchBegun { .. }
            | JournalEvent::LaunchBatch { .. }
            | JournalEvent::LaunchEnded { .. }
            | JournalEvent::LaunchStopped { .. }
            | JournalEvent::PlanEnded { .. } => {}
        }
    }
    begun
}

/// How often the ledger is stored anew over what a run stored that lost the lock in the same moment.
const TRIES: u32 = 3;

/// A locked ledger, to be ended by [`LedgerSession::commit`] or [`LedgerSession::release`].
///
/// Dropping it loses nothing that is [durable](LedgerSession::durable), because the journal stays; but the lock of a remote
/// store stays as well, as after a crash, until its term is over.
#[derive(Debug)]
pub struct LedgerSession {
    folding: Folding,
    journal_end: u64,
    record: Record,
    ended: Begun,
    is_taken_over: bool,
}

/// The ledger of a session, and what is to be folded into it.
#[derive(Debug)]
struct Folding {
    store: LedgerStore,
    ledger: Ledger,
    version: Option<Version>,
    stored: Ledger,
    events: Vec<JournalEvent>,
    changed: bool,
}

/// Where what a session records goes, and the lock under which it does.
#[derive(Debug)]
pub(super) enum Record {
    /// A file on this computer.
    Here {
        grant: Box<Grant>,
        /// Opened with the first event.
        journal: Option<Journal>,
    },
    /// Beside the ledger.
    Beside(Keeper),
}

impl Record {
    /// What is held, for the end of the session. Nobody renews it from then on.
    async fn end(self) -> Result<(Grant, Option<Journal>), LedgerError> {
        match self {
            Self::Here { grant, journal } => Ok((*grant, journal)),
            Self::Beside(keeper) => Ok((keeper.end().await?, None)),
        }
    }
}

impl LedgerSession {
    pub(super) fn new(store: LedgerStore, record: Record, loaded: Loaded) -> Self {
        let Loaded {
            ledger,
            version,
            journal_end,
            stored,
            events,
            folded,
            is_taken_over,
            kept: _,
        } = loaded;
        Self {
            folding: Folding {
                store,
                stored: stored.unwrap_or_else(|| ledger.clone()),
                ledger,
                version,
                changed: !events.is_empty(),
                events,
            },
            journal_end,
            record,
            ended: begun(&folded),
            is_taken_over,
        }
    }

    /// The ledger, with all that was recorded so far.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.folding.ledger
    }

    /// Whether there was a ledger when it was locked.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.folding.version.is_some()
    }

    /// The ledger as it was before all that the journal holds.
    #[must_use]
    pub fn stored(&self) -> &Ledger {
        &self.folding.stored
    }

    /// All that the journal holds, the events of a crashed run before those of this one.
    #[must_use]
    pub fn events(&self) -> &[JournalEvent] {
        &self.folding.events
    }

    /// How far the last plan of the journal got.
    #[must_use]
    pub fn begun(&self) -> Begun {
        begun(&self.folding.events)
    }

    /// How far the plan of a run got that died at its very end: the ledger holds what it did, and its journal is still
    /// there.
    #[must_use]
    pub fn ended(&self) -> &Begun {
        &self.ended
    }

    /// Whether the lock was that of a run that died.
    #[must_use]
    pub fn is_taken_over(&self) -> bool {
        self.is_taken_over
    }

    /// Records an event. With a local journal it is on the disk when this returns; one beside a remote ledger holds it
    /// once it is [durable](LedgerSession::durable).
    ///
    /// # Errors
    /// [`LedgerError::Io`] when the journal cannot be written; the ledger in memory is then as before.
    pub fn record(&mut self, event: JournalEvent) -> Result<(), LedgerError> {
        match &mut self.record {
            Record::Here { journal, .. } => {
                let journal = match journal {
                    Some(journal) => journal,
                    none => none.insert(Journal::open(
                        self.folding.store.journal_path().to_owned(),
                        &self.folding.ledger,
                        self.journal_end,
                    )?),
                };
                journal.append(&event)?;
            }
            Record::Beside(keeper) => {
                let is_first = self.journal_end == 0;
                let place = self.folding.store.place();
                let lines = journal::lines_of(&place, &self.folding.stored, &event, is_first)?;
                self.journal_end += lines.len() as u64;
                keeper.append(lines);
            }
        }
        replay(&mut self.folding.ledger, event.clone());
        self.folding.events.push(event);
        self.folding.changed = true;
        Ok(())
    }

    /// Notes how far the last plan got, where not all of it is done, or else that nothing is left of one to resume.
    ///
    /// # Errors
    /// As [`LedgerSession::record`].
    pub fn note_begun(&mut self, left: Option<Begun>) -> Result<(), LedgerError> {
        if left.is_none() && self.ledger().begun.is_none() {
            return Ok(());
        }
        let left = left.map(Box::new);
        self.record(JournalEvent::PlanEnded { left })
    }

    /// Waits until all that was recorded survives the end of this computer, or of this process where the ledger is
    /// local: to be done before each write to the account. The run still holds its lock when this ends well.
    ///
    /// # Errors
    /// [`LedgerError::Lost`].
    pub fn durable(&self) -> StoreAnswer<'static, ()> {
        match &self.record {
            Record::Here { .. } => Box::pin(std::future::ready(Ok(()))),
            Record::Beside(keeper) => keeper.durable(),
        }
    }

    /// What is asked right before a write to the account is sent, where the lock can be lost.
    #[must_use]
    pub fn fence(&self) -> Option<Fence> {
        match &self.record {
            Record::Here { .. } => None,
            Record::Beside(keeper) => Some(keeper.fence()),
        }
    }

    /// Folds the journal into the ledger, which gets the next serial, stores it and unlocks it. Without
    /// changes nothing is written.
    ///
    /// # Errors
    /// [`LedgerError::Changed`], [`LedgerError::Lost`] and whatever keeps the ledger from being stored; the journal then stays, and
    /// the next session replays it. Failing to unlock is told last, when everything is stored.
    pub async fn commit(self) -> Result<Ledger, LedgerError> {
        // A run that lost its lock finds out before it stores anything.
        let durable = if self.folding.changed {
            self.durable().await
        } else {
            Ok(())
        };
        let Self {
            mut folding,
            record,
            ..
        } = self;
        let is_here = matches!(record, Record::Here { .. });
        let (mut grant, journal) = record.end().await?;
        let saved = match durable {
            Ok(()) => folding.save(&mut grant).await,
            Err(error) => Err(error),
        };
        let removed = match (&saved, journal) {
            (Ok(()), Some(journal)) => journal.remove(),
            (Ok(()), None) if is_here => Journal::remove_leftover(folding.store.journal_path()),
            _ => Ok(()),
        };
        let unlocked = folding.store.backend().unlock(grant, saved.is_ok());
        let unlocked = unlocked.await;
        saved.and(removed).and(unlocked).map(|()| folding.ledger)
    }

    /// Unlocks the ledger and leaves it as it is. What was recorded stays in the journal.
    ///
    /// # Errors
    /// A store that cannot be reached: the lock then stays until its term is over, or until somebody removes it.
    pub async fn release(self) -> Result<(), LedgerError> {
        let durable = if self.folding.changed {
            self.durable().await
        } else {
            Ok(())
        };
        let Self {
            folding, record, ..
        } = self;
        let (grant, journal) = record.end().await?;
        drop(journal);
        let unlocked = folding.store.backend().unlock(grant, false).await;
        durable.and(unlocked)
    }
}

impl Folding {
    async fn save(&mut self, grant: &mut Grant) -> Result<(), LedgerError> {
        if !self.changed {
            return Ok(());
        }
        let backend = Arc::clone(self.store.backend());
        for _ in 0..TRIES {
            self.ledger.serial = self.ledger.serial.max(grant.kept.serial()) + 1;
            let bytes = content::encode(&backend.place(), &self.ledger)?;
            let written = backend.store(bytes, self.version.as_ref(), grant);
            let error = match written.await {
                Ok(StoredWrite::Done) => return Ok(()),
                Ok(StoredWrite::Stale) => None,
                Err(error) => Some(error),
            };
            if let Settled::Stored = self.settle(error, grant).await? {
                return Ok(());
            }
        }
        Err(self.overwritten(None))
    }

    /// Finds out what is stored after a write that seems to have failed: its answer may have been lost, or
    /// the store may have repeated it and then refused the repetition.
    async fn settle(
        &mut self,
        error: Option<LedgerError>,
        grant: &mut Grant,
    ) -> Result<Settled, LedgerError> {
        let found = self.store.stored().await.ok();
        if let Some((Some(ledger), _)) = &found
            && *ledger == self.ledger
        {
            return Ok(Settled::Stored);
        }
        if let Some(error) = error {
            return Err(error);
        }
        let (ledger, version) = found.unwrap_or_default();
        match ledger {
            Some(ledger) if self.is_late(&ledger, grant).await => {
                self.ledger = replayed(ledger, self.events.iter().cloned());
                self.version = version;
                Ok(Settled::Rebased)
            }
            ledger => Err(self.overwritten(ledger.as_ref())),
        }
    }

    /// Whether a ledger was stored by the run whose lock this one took, in the moment in which it lost it. What it
    /// did is in the journal that this run resumed, so both can be told in one ledger.
    async fn is_late(&self, found: &Ledger, grant: &mut Grant) -> bool {
        let backend = self.store.backend();
        backend.keeps_journal()
            && found.lineage == self.ledger.lineage
            && found.serial >= self.ledger.serial
            && matches!(backend.keep(grant, &[]).await, Ok(StoredWrite::Done))
    }

    fn overwritten(&self, found: Option<&Ledger>) -> LedgerError {
        LedgerError::Changed {
            ledger: self.store.place(),
            found: match found {
                Some(found) => format!("serial {} of {}", found.serial, found.lineage),
                None => "nothing that can be read is stored now".to_owned(),
            },
            journal: self.store.journal_place(),
        }
    }
}

/// What a look at the store came to after a write that was refused.
enum Settled {
    /// It is stored.
    Stored,
    /// Another ledger is, and this one is built upon it now.
    Rebased,
}
