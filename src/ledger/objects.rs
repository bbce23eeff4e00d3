//! A ledger in an object store (S3, GCS, Azure), kept apart by conditional puts.
//!
//! - The lock is an object beside the ledger, made with "only if there is none". It says who holds it.
//! - The ledger is written with "only if it still has this entity tag".
//! - A store that ignores either condition is found out when the lock is taken, before anything is written.

use std::fmt;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, UpdateVersion,
};

use super::Error;
use super::backend::{Answer, Backend, Grant, Stored, Version, Write};
use super::content::{LONGEST, too_long};
use super::lock::Ticket;
use super::message::shown;
use crate::name::Secret;

/// An entity tag that no object has, in the form that every store can read; and a generation likewise.
const NO_VERSION: (&str, &str) = ("\"0x8D0000000000000\"", "0");

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
        let mode = expected.map_or(PutMode::Create, |version| update(version.clone()));
        match self.put(&self.key, bytes, mode).await {
            Ok(()) => Ok(Write::Done),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => {
                Ok(Write::Stale)
            }
            Err(error) => Err(self.meaning("write", &error)),
        }
    }

    async fn acquire(&self, ticket: &Ticket) -> Result<Grant, Error> {
        let put = self.put(&self.lock_key, ticket.to_bytes(), PutMode::Create);
        match put.await {
            Ok(()) => {}
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => {
                self.taken(ticket).await?;
            }
            Err(error) => return Err(self.meaning("lock", &error)),
        }
        let grant = Grant {
            ticket: ticket.clone(),
            file: None,
        };
        if let Err(error) = self.probe(ticket).await {
            let _ = self.release(ticket).await; // the first error says what is wrong
            return Err(error);
        }
        Ok(grant)
    }

    /// Whose lock it is that is there already: ours, when the answer to our first try was lost.
    async fn taken(&self, ticket: &Ticket) -> Result<(), Error> {
        let held = self.read_lock().await?.unwrap_or_else(Ticket::unknown);
        if held.id == ticket.id {
            return Ok(());
        }
        Err(self.locked(held))
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

    async fn read_lock(&self) -> Result<Option<Ticket>, Error> {
        let failed = |error| self.meaning("read the lock of", &error);
        match self.store.get(&self.lock_key).await {
            Ok(found) => Ok(Some(Ticket::read(&found.bytes().await.map_err(failed)?))),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Removes the lock when it is this one. Returns the lock that is there instead.
    async fn release(&self, ticket: &Ticket) -> Result<Option<Ticket>, Error> {
        match self.read_lock().await? {
            Some(held) if held.id == ticket.id => {}
            other => return Ok(other),
        }
        match self.store.delete(&self.lock_key).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.meaning("unlock", &error)),
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
        Box::pin(self.read_lock())
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
