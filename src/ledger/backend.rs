//! What a store of ledgers must be able to do, by meaning. The rest of the ledger knows nothing else of it.
//!
//! - [`Backend::lock`] succeeds for one caller at a time, also when two ask in the same instant.
//! - [`Backend::store`] writes only over what was loaded: a lock that was broken meanwhile costs the write,
//!   never the other writer's work.
//! - [`Backend::keep`] is refused from the moment on in which somebody else has the lock.
//! - [`Backend::unlock`] removes the caller's own lock and nobody else's.

use std::fmt;
use std::pin::Pin;

use super::LedgerError;
use super::lock::{Lock, Ticket};

/// What an operation on a store will answer.
pub type StoreAnswer<'a, T> = Pin<Box<dyn Future<Output = Result<T, LedgerError>> + Send + 'a>>;

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

/// A ledger, and the journal that is kept beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredLedger {
    /// The ledger, `None` when there is none.
    pub stored: Option<Stored>,
    /// The lines of the journal, where the store keeps one.
    pub journal: Vec<u8>,
    /// What the holder of the lock goes on from, where taking the lock does not tell it.
    pub(super) kept: Option<KeptJournal>,
}

/// A lock that this process holds.
#[derive(Debug)]
pub struct Grant {
    /// The lock as others see it.
    pub ticket: Ticket,
    /// The lock of the operating system, for a local file.
    pub(super) file: Option<Lock>,
    /// The journal beside the ledger.
    pub(super) kept: KeptJournal,
}

impl Grant {
    /// Leaves out what the journal holds: the ledger holds it, too.
    pub(super) fn forget_journal(&mut self) {
        self.kept.segments.clear();
        self.kept.tail.clear();
    }
}

/// The journal that is kept beside a ledger, as the holder of the lock wrote it last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KeptJournal {
    /// The version of what it is in, which the next write replaces.
    pub(super) version: Version,
    /// The whole of what it is in, in a store that has no versions.
    pub(super) document: Option<LedgerDocument>,
    /// Its older lines, by the names of the objects that they are in.
    pub(super) segments: Vec<String>,
    /// The lines behind them.
    pub(super) tail: Vec<u8>,
}

/// A document that holds a ledger and its journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LedgerDocument {
    /// Its bytes, as they were read or sent last; `None` when there is none yet.
    pub(super) bytes: Option<Vec<u8>>,
    /// Its serial.
    pub(super) serial: u64,
    /// The ledger in it.
    pub(super) ledger: Option<Vec<u8>>,
    /// Whether this process wrote it.
    pub(super) is_ours: bool,
}

impl KeptJournal {
    /// The serial that the ledger has at least where it is stored next, but one.
    pub(super) fn serial(&self) -> u64 {
        self.document.as_ref().map_or(0, |it| it.serial)
    }

    /// Whether there are no lines.
    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty() && self.tail.is_empty()
    }
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredWrite {
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
    fn load(&self) -> StoreAnswer<'_, Option<Stored>>;

    /// Replaces what is stored, provided that it still is `expected` (`None`: that there still is nothing).
    fn store<'a>(
        &'a self,
        bytes: Vec<u8>,
        expected: Option<&'a Version>,
        grant: &'a Grant,
    ) -> StoreAnswer<'a, StoredWrite>;

    /// Whether the journal of a run is kept beside the ledger. Otherwise it is on the computer of the run.
    fn keeps_journal(&self) -> bool {
        false
    }

    /// The ledger together with its journal: the events of one moment, or older ones that the ledger holds already.
    /// Needs no lock.
    fn read(&self) -> StoreAnswer<'_, StoredLedger> {
        Box::pin(async {
            Ok(StoredLedger {
                stored: self.load().await?,
                ..StoredLedger::default()
            })
        })
    }

    /// Takes the lock. In the place of `over`, provided that it still is exactly this one: that of a run that died.
    ///
    /// # Errors
    /// [`LedgerError::Locked`] says who has it.
    fn lock<'a>(&'a self, ticket: &'a Ticket, over: Option<&'a Ticket>) -> StoreAnswer<'a, Grant>;

    /// Renews the lock to what the ticket of the grant says now, and adds lines to the journal. In one write, which the
    /// store refuses as soon as somebody else has taken the lock: [`StoredWrite::Stale`]. What failed may be tried again.
    fn keep<'a>(&'a self, _grant: &'a mut Grant, _lines: &'a [u8]) -> StoreAnswer<'a, StoredWrite> {
        Box::pin(async { Ok(StoredWrite::Done) })
    }

    /// Gives the lock back. A lock that somebody else broke is no error. The journal stays, unless it is `folded` into
    /// the ledger.
    fn unlock(&self, grant: Grant, folded: bool) -> StoreAnswer<'_, ()>;

    /// Who holds the lock, `None` when nobody does.
    fn holder(&self) -> StoreAnswer<'_, Option<Ticket>>;

    /// Removes a lock that somebody else left behind, provided that it still is this one.
    ///
    /// # Errors
    /// [`LedgerError::Unbreakable`] when its owner is known to live, [`LedgerError::Locked`] when it is another one now.
    fn break_lock<'a>(&'a self, held: &'a Ticket) -> StoreAnswer<'a, ()>;
}
