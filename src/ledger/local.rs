//! A ledger in a local file, with the lock of the operating system on a file beside it.

use std::path::PathBuf;

use super::backend::{Backend, Grant, KeptJournal, StoreAnswer, Stored, StoredWrite, Version};
use super::lock::{self, Ticket};
use super::{LedgerError, file};
use crate::files;
use crate::project::LedgerFiles;

/// A ledger in a local file.
#[derive(Clone, Debug)]
pub struct LocalFile {
    path: PathBuf,
}

impl LocalFile {
    /// The ledger at `path`. Nothing is read yet, and no file is made.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn lock_path(&self) -> PathBuf {
        LedgerFiles::of(&self.path).lock
    }

    fn read(&self) -> Result<Option<Stored>, LedgerError> {
        let bytes = file::read_bounded(&self.path)?;
        Ok(bytes.map(|bytes| Stored {
            version: Version::digest(&bytes),
            bytes,
        }))
    }

    fn write(&self, bytes: &[u8], expected: Option<&Version>) -> Result<StoredWrite, LedgerError> {
        let found = self.read()?.map(|stored| stored.version);
        if found.as_ref() != expected {
            return Ok(StoredWrite::Stale);
        }
        file::replace(&self.path, bytes)?;
        Ok(StoredWrite::Done)
    }

    fn acquire(&self, ticket: &Ticket) -> Result<Grant, LedgerError> {
        file::make_directory_of(&self.path)?;
        let lock = lock::acquire(&self.lock_path(), &self.place(), ticket)?;
        // What cannot be recorded is not to be done: found out here, before the first write to the account.
        files::can_replace(&self.path).map_err(|error| LedgerError::Fixed {
            ledger: self.place(),
            why: error.to_string(),
        })?;
        Ok(Grant {
            ticket: ticket.clone(),
            file: Some(lock),
            kept: KeptJournal::default(),
        })
    }
}

impl Backend for LocalFile {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn load(&self) -> StoreAnswer<'_, Option<Stored>> {
        Box::pin(async { self.read() })
    }

    fn store<'a>(
        &'a self,
        bytes: Vec<u8>,
        expected: Option<&'a Version>,
        _grant: &'a Grant,
    ) -> StoreAnswer<'a, StoredWrite> {
        Box::pin(async move { self.write(&bytes, expected) })
    }

    fn lock<'a>(&'a self, ticket: &'a Ticket, _over: Option<&'a Ticket>) -> StoreAnswer<'a, Grant> {
        Box::pin(async move { self.acquire(ticket) })
    }

    fn unlock(&self, grant: Grant, _folded: bool) -> StoreAnswer<'_, ()> {
        drop(grant.file);
        Box::pin(async { Ok(()) })
    }

    fn holder(&self) -> StoreAnswer<'_, Option<Ticket>> {
        Box::pin(async { lock::holder(&self.lock_path()) })
    }

    fn break_lock<'a>(&'a self, _held: &'a Ticket) -> StoreAnswer<'a, ()> {
        Box::pin(async move {
            match lock::holder(&self.lock_path())? {
                None => Ok(()),
                Some(ticket) => Err(LedgerError::Unbreakable {
                    ledger: self.place(),
                    ticket,
                }),
            }
        })
    }
}
