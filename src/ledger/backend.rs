//! What a store of ledgers must be able to do, by meaning. The rest of the ledger knows nothing else of it.
//!
//! - [`Backend::lock`] succeeds for one caller at a time, also when two ask in the same instant.
//! - [`Backend::store`] writes only over what was loaded: a lock that was broken meanwhile costs the write,
//!   never the other writer's work.
//! - [`Backend::unlock`] removes the caller's own lock and nobody else's.

use std::fmt;
use std::pin::Pin;

use super::Error;
use super::lock::{Lock, Ticket};

/// What an operation on a store will answer.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A ledger as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Which version of it these are.
    pub version: Version,
}

/// One version of a stored ledger, opaque but for equality: an entity tag, a generation, or a digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The entity tag, or the digest where the store has none.
    pub tag: Option<String>,
    /// The generation, for stores that count.
    pub generation: Option<String>,
}

impl Version {
    /// The version of bytes in a store that has no versions.
    #[must_use]
    pub fn digest(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self {
            tag: Some(format!("{:x}", sha2::Sha256::digest(bytes))),
            generation: None,
        }
    }
}

/// A lock that this process holds.
#[derive(Debug)]
pub struct Grant {
    /// The lock as others see it.
    pub ticket: Ticket,
    /// The lock of the operating system, for a local file.
    pub(super) file: Option<Lock>,
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// It is stored, durably.
    Done,
    /// Nothing was written: what is stored is not what was loaded, or the lock is not ours any more.
    Stale,
}

/// A place where one ledger is kept.
pub trait Backend: fmt::Debug + Send + Sync {
    /// The place for people. Holds no secret.
    fn place(&self) -> String;

    /// What is stored, `None` when there is nothing. Needs no lock.
    fn load(&self) -> Answer<'_, Option<Stored>>;

    /// Replaces what is stored, provided that it still is `expected` (`None`: that there still is nothing).
    fn store<'a>(
        &'a self,
        bytes: Vec<u8>,
        expected: Option<&'a Version>,
        grant: &'a Grant,
    ) -> Answer<'a, Write>;

    /// Takes the lock.
    ///
    /// # Errors
    /// [`Error::Locked`] says who has it.
    fn lock<'a>(&'a self, ticket: &'a Ticket) -> Answer<'a, Grant>;

    /// Gives the lock back. A lock that somebody else broke is no error.
    fn unlock(&self, grant: Grant) -> Answer<'_, ()>;

    /// Who holds the lock, `None` when nobody does.
    fn holder(&self) -> Answer<'_, Option<Ticket>>;

    /// Removes a lock that somebody else left behind, provided that it still is this one.
    ///
    /// # Errors
    /// [`Error::Unbreakable`] when its owner is known to live, [`Error::Locked`] when it is another one now.
    fn break_lock<'a>(&'a self, held: &'a Ticket) -> Answer<'a, ()>;
}
