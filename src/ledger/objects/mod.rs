//! A ledger in an object store (S3, GCS, Azure), kept apart by conditional puts.
//!
//! - The lock is an object beside the ledger, made with "only if there is none". It says who holds it, and holds the
//!   journal of the run ([`document`]). Giving it back writes over it, with "only if it still is this one", that it is
//!   free: it is not deleted, because no store could be told to delete only the lock that was read.
//! - Renewing the lock, adding to the journal and taking the lock of a run that died are the same kind of write: "only
//!   if it still is the one that I read". So of two that take a lock one wins, and whatever the run that lost it
//!   writes from then on is refused.
//! - A store refuses a condition because it is not met, or because two writers met. Which one it was shows what is
//!   stored then: a lock is somebody's only when it says whose.
//! - The ledger is written with "only if it still has this entity tag".
//! - A store that ignores either condition is found out when the lock is taken, before anything is written.

mod document;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path;
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, UpdateVersion,
};

use self::document::SEGMENT;
use super::LedgerError;
use super::backend::{
    Backend, Grant, KeptJournal, StoreAnswer, Stored, StoredLedger, StoredWrite, Version,
};
use super::content::{LONGEST, too_long};
use super::lock::Ticket;
use super::message::shown;
use crate::name::Secret;

/// An entity tag that no object has, in the form that every store can read; and a generation likewise.
const NO_VERSION: (&str, &str) = ("\"0x8D0000000000000\"", "0");

/// What is waited between tries to change a lock, [about](jittered): those who met must not meet again.
const PAUSES: [Duration; 8] = [
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(20),
    Duration::from_millis(40),
    Duration::from_millis(80),
    Duration::from_millis(160),
    Duration::from_millis(320),
    Duration::from_millis(640),
];

/// Half as long, up to half as long again.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + fastrand::f64())
}

/// What is there when the lock is read, with the journal in it.
enum SeenLock {
    /// There never was one.
    Absent,
    /// One that was given back.
    Free(KeptJournal),
    /// Somebody's.
    Held(Ticket, KeptJournal),
}

/// A ledger in an object store.
pub struct ObjectLedger {
    store: Arc<dyn ObjectStore>,
    key: Path,
    lock_key: Path,
    place: String,
    secrets: Vec<Secret>,
}

impl fmt::Debug for ObjectLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The store shows the credentials that it holds.
        f.debug_struct("ObjectLedger")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl ObjectLedger {
    /// The ledger under `key`, called `place` in messages.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, key: Path, place: impl Into<String>) -> Self {
        Self {
            store,
            lock_key: Path::from(format!("{key}.lock")),
            key,
            place: place.into(),
            secrets: Vec::new(),
        }
    }

    /// Keeps these out of every message.
    #[must_use]
    pub fn with_secrets(mut self, secrets: Vec<Secret>) -> Self {
        self.secrets = secrets;
        self
    }

    /// Writes an object, and says which version it has now.
    async fn put(&self, key: &Path, bytes: Vec<u8>, mode: PutMode) -> Result<Version, StoreError> {
        let put = self
            .store
            .put_opts(key, PutPayload::from(bytes), mode.into());
        let put = put.await?;
        Ok(Version {
            tag: put.e_tag,
            generation: put.version,
        })
    }

    /// An object, and its version.
    async fn get(&self, key: &Path, doing: &'static str) -> Result<Option<Stored>, LedgerError> {
        let failed = |error| self.meaning(doing, &error);
        let found = match self.store.get(key).await {
            Ok(found) => found,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if found.meta.size > LONGEST {
            return Err(too_long(&self.place));
        }
        let version = Version {
            tag: found.meta.e_tag.clone(),
            generation: found.meta.version.clone(),
        };
        let bytes = found.bytes().await.map_err(failed)?;
        Ok(Some(Stored {
            bytes: bytes.to_vec(),
            version,
        }))
    }

    async fn read_ledger(&self) -> Result<Option<Stored>, LedgerError> {
        self.get(&self.key, "read").await
    }

    async fn write(
        &self,
        bytes: Vec<u8>,
        expected: Option<&Version>,
    ) -> Result<StoredWrite, LedgerError> {
        for pause in PAUSES {
            let mode = expected.map_or(PutMode::Create, |version| update(version.clone()));
            match self
                .put(&self.key, bytes.clone(), mode)
                .await
                .map_err(conflict)
            {
                Ok(_) => return Ok(StoredWrite::Done),
                Err(Some(error)) => return Err(self.meaning("write", &error)),
                Err(None) => {}
            }
            let stored = self.read_ledger().await?.map(|stored| stored.version);
            if stored.as_ref() != expected {
                return Ok(StoredWrite::Stale);
            }
            tokio::time::sleep(jittered(pause)).await;
        }
        Err(self.contended("write"))
    }

    async fn acquire(&self, ticket: &Ticket, over: Option<&Ticket>) -> Result<Grant, LedgerError> {
        let kept = self.take(ticket, over).await?;
        if let Err(error) = self.probe(ticket, &kept).await {
            self.withdraw(ticket).await;
            return Err(error);
        }
        Ok(Grant {
            ticket: ticket.clone(),
            file: None,
            kept,
        })
    }

    /// Takes the lock away again from a store that cannot be used, and may not be able to free it either. What goes
    /// wrong is passed over: the first error says what is wrong.
    async fn withdraw(&self, ticket: &Ticket) {
        let _ = self.release(ticket, false).await;
        let ours = self.look().await;
        if matches!(ours, Ok(SeenLock::Held(held, kept)) if held.id == ticket.id && kept.is_empty())
        {
            let _ = self.store.delete(&self.lock_key).await;
        }
    }

    /// Makes the lock ours, unless it is that of anybody but `over`. The journal in it stays.
    async fn take(
        &self,
        ticket: &Ticket,
        over: Option<&Ticket>,
    ) -> Result<KeptJournal, LedgerError> {
        for pause in PAUSES {
            let (mode, kept) = match self.look().await? {
                // The answer to an earlier try was lost.
                SeenLock::Held(held, kept) if held.id == ticket.id => return Ok(kept),
                SeenLock::Held(held, kept) if Some(&held) == over => {
                    (update(kept.version.clone()), kept)
                }
                SeenLock::Held(held, _) => return Err(self.locked(held)),
                SeenLock::Free(kept) => (update(kept.version.clone()), kept),
                SeenLock::Absent => (PutMode::Create, KeptJournal::default()),
            };
            let bytes = document::held(ticket, &kept);
            let put = self.put(&self.lock_key, bytes, mode).await;
            match put.map_err(conflict) {
                Ok(version) => return Ok(KeptJournal { version, ..kept }),
                Err(Some(error)) => return Err(self.meaning("lock", &error)),
                Err(None) => tokio::time::sleep(jittered(pause)).await,
            }
        }
        Err(self.contended("lock"))
    }

    /// Tries a write that must be refused.
    async fn probe(&self, ticket: &Ticket, kept: &KeptJournal) -> Result<(), LedgerError> {
        let (tag, generation) = NO_VERSION;
        let mode = update(Version {
            tag: Some(tag.to_owned()),
            generation: Some(generation.to_owned()),
        });
        let bytes = document::held(ticket, kept);
        match self.put(&self.lock_key, bytes, mode).await {
            Err(StoreError::Precondition { .. } | StoreError::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(self.meaning("lock", &error)),
            Ok(_) => Err(LedgerError::Unsupported {
                ledger: self.place.clone(),
                why: "it ignores the condition of a conditional put".to_owned(),
            }),
        }
    }

    /// What the lock says now.
    async fn look(&self) -> Result<SeenLock, LedgerError> {
        let Some(stored) = self.get(&self.lock_key, "read the lock of").await? else {
            return Ok(SeenLock::Absent);
        };
        let (ticket, kept) = document::read(&stored.bytes);
        let kept = KeptJournal {
            version: stored.version,
            ..kept
        };
        Ok(match ticket {
            Some(ticket) => SeenLock::Held(ticket, kept),
            None => SeenLock::Free(kept),
        })
    }

    /// Renews the lock with the journal that it is to hold. Whatever is stored under our identity is an earlier try of
    /// ours, whose answer was lost: its content is a part of this one.
    async fn renew(&self, grant: &mut Grant) -> Result<StoredWrite, LedgerError> {
        for pause in PAUSES {
            let bytes = document::held(&grant.ticket, &grant.kept);
            let mode = update(grant.kept.version.clone());
            let put = self.put(&self.lock_key, bytes, mode).await;
            match put.map_err(conflict) {
                Ok(version) => {
                    grant.kept.version = version;
                    return Ok(StoredWrite::Done);
                }
                Err(Some(error)) => return Err(self.meaning("renew the lock of", &error)),
                Err(None) => {}
            }
            match self.look().await? {
                SeenLock::Held(held, kept) if held.id == grant.ticket.id => {
                    grant.kept.version = kept.version;
                }
                SeenLock::Held(..) | SeenLock::Free(_) | SeenLock::Absent => {
                    return Ok(StoredWrite::Stale);
                }
            }
            tokio::time::sleep(jittered(pause)).await;
        }
        Err(self.contended("renew the lock of"))
    }

    /// Adds lines to the journal. Those that were there become a segment once they are many.
    async fn append(&self, grant: &mut Grant, lines: &[u8]) -> Result<StoredWrite, LedgerError> {
        let before = grant.kept.clone();
        if !before.tail.is_empty() && before.tail.len() + lines.len() > SEGMENT {
            let name = format!("{}-{}", grant.ticket.id, before.segments.len());
            let (key, tail) = (self.segment(&name), before.tail.clone());
            let put = self.put(&key, tail, PutMode::Overwrite);
            put.await
                .map_err(|error| self.meaning("write the journal of", &error))?;
            grant.kept.segments.push(name);
            grant.kept.tail.clear();
        }
        grant.kept.tail.extend_from_slice(lines);
        let renewed = self.renew(grant).await;
        if !matches!(renewed, Ok(StoredWrite::Done)) {
            let version = grant.kept.version.clone();
            grant.kept = KeptJournal { version, ..before };
        }
        renewed
    }

    /// Where a part of the journal is. Its name is that of the lock under which it was written, so that no two runs
    /// ever write the same one.
    fn segment(&self, name: &str) -> Path {
        Path::from(format!("{}.journal/{name}", self.key))
    }

    /// The lines of a journal; `None` when a part of it is gone, because it was folded into the ledger meanwhile.
    async fn lines(&self, kept: &KeptJournal) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut lines = Vec::new();
        for name in &kept.segments {
            let segment = self.get(&self.segment(name), "read the journal of").await?;
            let Some(segment) = segment else {
                return Ok(None);
            };
            lines.extend(segment.bytes);
        }
        lines.extend_from_slice(&kept.tail);
        Ok(Some(lines))
    }

    /// The journal first: one that is folded in meanwhile is in the ledger then. Read the other way round, its events
    /// would be in neither.
    async fn read_both(&self) -> Result<StoredLedger, LedgerError> {
        for pause in PAUSES {
            let kept = match self.look().await? {
                SeenLock::Held(_, kept) | SeenLock::Free(kept) => kept,
                SeenLock::Absent => KeptJournal::default(),
            };
            if let Some(journal) = self.lines(&kept).await? {
                let stored = self.read_ledger().await?;
                return Ok(StoredLedger {
                    stored,
                    journal,
                    kept: None,
                });
            }
            tokio::time::sleep(jittered(pause)).await;
        }
        let why = "a part of its journal is missing";
        Err(LedgerError::unreadable(self.place.clone(), why))
    }

    /// Frees the lock when it is this one, and drops the journal if it is `folded` into the ledger. Returns the lock
    /// that is there instead.
    async fn release(&self, ticket: &Ticket, folded: bool) -> Result<Option<Ticket>, LedgerError> {
        for pause in PAUSES {
            let kept = match self.look().await? {
                SeenLock::Held(held, kept) if held.id == ticket.id => kept,
                SeenLock::Held(other, _) => return Ok(Some(other)),
                SeenLock::Free(_) | SeenLock::Absent => return Ok(None),
            };
            let stays = if folded {
                KeptJournal::default()
            } else {
                kept.clone()
            };
            let freed = document::freed(&ticket.id, &stays);
            let put = self.put(&self.lock_key, freed, update(kept.version.clone()));
            match put.await.map_err(conflict) {
                Ok(_) => {
                    if folded {
                        self.forget(&kept.segments).await;
                    }
                    return Ok(None);
                }
                Err(Some(error)) => return Err(self.meaning("unlock", &error)),
                Err(None) => tokio::time::sleep(jittered(pause)).await,
            }
        }
        Err(self.contended("unlock"))
    }

    /// Deletes parts of a journal that nothing names any more. One that cannot be deleted does no harm but take room.
    async fn forget(&self, segments: &[String]) {
        for name in segments {
            let _ = self.store.delete(&self.segment(name)).await;
        }
    }

    fn contended(&self, doing: &'static str) -> LedgerError {
        LedgerError::Unavailable {
            ledger: self.place.clone(),
            doing,
            why: "the store kept refusing a write whose condition is met: others may be writing at this \
                  moment, try again"
                .to_owned(),
        }
    }

    fn locked(&self, ticket: Ticket) -> LedgerError {
        LedgerError::Locked {
            ledger: self.place.clone(),
            ticket,
        }
    }

    /// The only place where a failure of the store gets its meaning.
    fn meaning(&self, doing: &'static str, error: &StoreError) -> LedgerError {
        let ledger = self.place.clone();
        let why = shown(error, &self.secrets);
        match error {
            StoreError::NotImplemented { .. } | StoreError::NotSupported { .. } => {
                LedgerError::Unsupported { ledger, why }
            }
            StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
                LedgerError::Denied { ledger, doing, why }
            }
            _ => LedgerError::Unavailable { ledger, doing, why },
        }
    }
}

/// `None` when a condition was refused: it is not met, or two writers met.
fn conflict(error: StoreError) -> Option<StoreError> {
    match error {
        StoreError::AlreadyExists { .. }
        | StoreError::Precondition { .. }
        | StoreError::NotFound { .. } => None, // what was to be replaced is gone
        error => Some(error),
    }
}

fn update(version: Version) -> PutMode {
    PutMode::Update(UpdateVersion {
        e_tag: version.tag,
        version: version.generation,
    })
}

impl Backend for ObjectLedger {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn load(&self) -> StoreAnswer<'_, Option<Stored>> {
        Box::pin(self.read_ledger())
    }

    fn store<'a>(
        &'a self,
        bytes: Vec<u8>,
        expected: Option<&'a Version>,
        _grant: &'a Grant,
    ) -> StoreAnswer<'a, StoredWrite> {
        Box::pin(self.write(bytes, expected))
    }

    fn keeps_journal(&self) -> bool {
        true
    }

    fn read(&self) -> StoreAnswer<'_, StoredLedger> {
        Box::pin(self.read_both())
    }

    fn lock<'a>(&'a self, ticket: &'a Ticket, over: Option<&'a Ticket>) -> StoreAnswer<'a, Grant> {
        Box::pin(self.acquire(ticket, over))
    }

    fn keep<'a>(&'a self, grant: &'a mut Grant, lines: &'a [u8]) -> StoreAnswer<'a, StoredWrite> {
        Box::pin(self.append(grant, lines))
    }

    fn unlock(&self, grant: Grant, folded: bool) -> StoreAnswer<'_, ()> {
        Box::pin(async move { self.release(&grant.ticket, folded).await.map(drop) })
    }

    fn holder(&self) -> StoreAnswer<'_, Option<Ticket>> {
        Box::pin(async move {
            Ok(match self.look().await? {
                SeenLock::Held(held, _) => Some(held),
                SeenLock::Free(_) | SeenLock::Absent => None,
            })
        })
    }

    fn break_lock<'a>(&'a self, held: &'a Ticket) -> StoreAnswer<'a, ()> {
        Box::pin(async move {
            match self.release(held, false).await? {
                None => Ok(()),
                Some(other) => Err(self.locked(other)),
            }
        })
    }
}
