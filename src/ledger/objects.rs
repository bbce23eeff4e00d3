//! A ledger in an object store (S3, GCS, Azure), kept apart by conditional puts.
//!
//! - The lock is an object beside the ledger, made with "only if there is none". It says who holds it. Giving it
//!   back writes over it, with "only if it still is this one", that it is free: it is not deleted, because no store
//!   could be told to delete only the lock that was read.
//! - A store refuses a condition because it is not met, or because two writers met. Which one it was shows what is
//!   stored then: a lock is somebody's only when it says whose.
//! - The ledger is written with "only if it still has this entity tag".
//! - A store that ignores either condition is found out when the lock is taken, before anything is written.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path;
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, UpdateVersion,
};
use serde::{Deserialize, Serialize};

use super::Error;
use super::backend::{Answer, Backend, Grant, Stored, Version, Write};
use super::content::{LONGEST, too_long};
use super::lock::{TICKET_MAX, Ticket};
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

/// What stands in the place of a lock that was given back.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Freed {
    /// The identity of the lock.
    freed: String,
}

/// What is there when the lock is read.
enum Seen {
    /// There never was one.
    Absent,
    /// One that was given back.
    Free(Version),
    /// Somebody's.
    Held(Ticket, Version),
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

    async fn put(&self, key: &Path, bytes: Vec<u8>, mode: PutMode) -> Result<(), StoreError> {
        let put = self
            .store
            .put_opts(key, PutPayload::from(bytes), mode.into());
        put.await.map(drop)
    }

    async fn read(&self) -> Result<Option<Stored>, Error> {
        let failed = |error| self.meaning("read", &error);
        let found = match self.store.get(&self.key).await {
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

    async fn write(&self, bytes: Vec<u8>, expected: Option<&Version>) -> Result<Write, Error> {
        for pause in PAUSES {
            let mode = expected.map_or(PutMode::Create, |version| update(version.clone()));
            match self
                .put(&self.key, bytes.clone(), mode)
                .await
                .map_err(conflict)
            {
                Ok(()) => return Ok(Write::Done),
                Err(Some(error)) => return Err(self.meaning("write", &error)),
                Err(None) => {}
            }
            let stored = self.read().await?.map(|stored| stored.version);
            if stored.as_ref() != expected {
                return Ok(Write::Stale);
            }
            tokio::time::sleep(jittered(pause)).await;
        }
        Err(self.contended("write"))
    }

    async fn acquire(&self, ticket: &Ticket) -> Result<Grant, Error> {
        self.take(ticket).await?;
        let grant = Grant {
            ticket: ticket.clone(),
            file: None,
        };
        if let Err(error) = self.probe(ticket).await {
            self.withdraw(ticket).await;
            return Err(error);
        }
        Ok(grant)
    }

    /// Takes the lock away again from a store that cannot be used, and cannot be told to free it either. What goes
    /// wrong is passed over: the first error says what is wrong.
    async fn withdraw(&self, ticket: &Ticket) {
        let ours = self.look().await;
        if matches!(ours, Ok(Seen::Held(held, _)) if held.id == ticket.id) {
            let _ = self.store.delete(&self.lock_key).await;
        }
    }

    /// Makes the lock ours, unless it is somebody's.
    async fn take(&self, ticket: &Ticket) -> Result<(), Error> {
        let mut mode = PutMode::Create;
        for pause in PAUSES {
            let put = self.put(&self.lock_key, ticket.to_bytes(), mode).await;
            match put.map_err(conflict) {
                Ok(()) => return Ok(()),
                Err(Some(error)) => return Err(self.meaning("lock", &error)),
                Err(None) => {}
            }
            mode = match self.look().await? {
                // The answer to an earlier try was lost.
                Seen::Held(held, _) if held.id == ticket.id => return Ok(()),
                Seen::Held(held, _) => return Err(self.locked(held)),
                Seen::Free(version) => update(version),
                Seen::Absent => PutMode::Create,
            };
            tokio::time::sleep(jittered(pause)).await;
        }
        Err(self.contended("lock"))
    }

    /// Tries a write that must be refused.
    async fn probe(&self, ticket: &Ticket) -> Result<(), Error> {
        let (tag, generation) = NO_VERSION;
        let mode = update(Version {
            tag: Some(tag.to_owned()),
            generation: Some(generation.to_owned()),
        });
        match self.put(&self.lock_key, ticket.to_bytes(), mode).await {
            Err(StoreError::Precondition { .. } | StoreError::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(self.meaning("lock", &error)),
            Ok(()) => Err(Error::Unsupported {
                ledger: self.place.clone(),
                why: "it ignores the condition of a conditional put".to_owned(),
            }),
        }
    }

    /// What the lock says now.
    async fn look(&self) -> Result<Seen, Error> {
        let failed = |error| self.meaning("read the lock of", &error);
        let found = match self.store.get(&self.lock_key).await {
            Ok(found) => found,
            Err(StoreError::NotFound { .. }) => return Ok(Seen::Absent),
            Err(error) => return Err(failed(error)),
        };
        let version = Version {
            tag: found.meta.e_tag.clone(),
            generation: found.meta.version.clone(),
        };
        if found.meta.size > TICKET_MAX {
            return Ok(Seen::Held(Ticket::unknown(), version));
        }
        let bytes = found.bytes().await.map_err(failed)?;
        Ok(match serde_json::from_slice(&bytes) {
            Ok(Freed { freed: _ }) => Seen::Free(version),
            Err(_) => Seen::Held(Ticket::read(&bytes), version),
        })
    }

    /// Frees the lock when it is this one. Returns the lock that is there instead.
    async fn release(&self, ticket: &Ticket) -> Result<Option<Ticket>, Error> {
        let freed = Freed {
            freed: ticket.id.clone(), // so that no two of them are alike
        };
        let freed = serde_json::to_vec(&freed).unwrap_or_default();
        for pause in PAUSES {
            let version = match self.look().await? {
                Seen::Held(held, version) if held.id == ticket.id => version,
                Seen::Held(other, _) => return Ok(Some(other)),
                Seen::Free(_) | Seen::Absent => return Ok(None),
            };
            let put = self.put(&self.lock_key, freed.clone(), update(version));
            match put.await.map_err(conflict) {
                Ok(()) => return Ok(None),
                Err(Some(error)) => return Err(self.meaning("unlock", &error)),
                Err(None) => tokio::time::sleep(jittered(pause)).await,
            }
        }
        Err(self.contended("unlock"))
    }

    fn contended(&self, doing: &'static str) -> Error {
        Error::Unavailable {
            ledger: self.place.clone(),
            doing,
            why: "the store kept refusing a write whose condition is met: others may be writing at this \
                  moment, try again"
                .to_owned(),
        }
    }

    fn locked(&self, ticket: Ticket) -> Error {
        Error::Locked {
            ledger: self.place.clone(),
            ticket,
        }
    }

    /// The only place where a failure of the store gets its meaning.
    fn meaning(&self, doing: &'static str, error: &StoreError) -> Error {
        let ledger = self.place.clone();
        let why = shown(error, &self.secrets);
        match error {
            StoreError::NotImplemented { .. } | StoreError::NotSupported { .. } => {
                Error::Unsupported { ledger, why }
            }
            StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
                Error::Denied { ledger, doing, why }
            }
            _ => Error::Unavailable { ledger, doing, why },
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

    fn load(&self) -> Answer<'_, Option<Stored>> {
        Box::pin(self.read())
    }

    fn store<'a>(
        &'a self,
        bytes: Vec<u8>,
        expected: Option<&'a Version>,
        _grant: &'a Grant,
    ) -> Answer<'a, Write> {
        Box::pin(self.write(bytes, expected))
    }

    fn lock<'a>(&'a self, ticket: &'a Ticket) -> Answer<'a, Grant> {
        Box::pin(self.acquire(ticket))
    }

    fn unlock(&self, grant: Grant) -> Answer<'_, ()> {
        Box::pin(async move { self.release(&grant.ticket).await.map(drop) })
    }

    fn holder(&self) -> Answer<'_, Option<Ticket>> {
        Box::pin(async move {
            Ok(match self.look().await? {
                Seen::Held(held, _) => Some(held),
                Seen::Free(_) | Seen::Absent => None,
            })
        })
    }

    fn break_lock<'a>(&'a self, held: &'a Ticket) -> Answer<'a, ()> {
        Box::pin(async move {
            match self.release(held).await? {
                None => Ok(()),
                Some(other) => Err(self.locked(other)),
            }
        })
    }
}
