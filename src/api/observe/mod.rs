//! Pass 5: reads what a run needs of an account into an inventory.
//!
//! - Every needed collection is listed exactly once, and no item is read twice.
//! - A collection that cannot be read is an error, or where the run can do without it, one that was not read. It is
//!   never taken for an empty one.
//! - A bound object that its list leaves out is asked for by its id: a list that was cut short is an error.
//! - Of summary lists, only the items that the needs want are read whole. Where many are wanted, the account is asked for whole
//!   rows first, and those stand for their items if one of them says the same as its item.
//! - Items that have not changed since an earlier run are not read again: the module `unchanged` says when that is known.
//! - What was read is not read again when it turns out that more is needed: [`Observer::read`] goes on from there.
//! - The rows of a kind with a parent come out of the parent's items, which do not keep them; a parent that is not wanted is not
//!   read, and neither are its children.

mod found;
mod pass;
mod unchanged;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::{ApiError, Reader};
use crate::kinds::KindId;
use crate::live::{Cache, Copied, Inventory, Needs};
use crate::name::{RemoteId, Revision};
use found::{FoundObject, child_of, parent_of};
use jiff::Timestamp;
use pass::Pass;
use unchanged::Stamps;

/// Reads an account, with at most `parallelism` requests at a time.
///
/// # Errors
/// The first failure of the reader: an inventory is complete or there is none.
pub async fn observe<R: Reader>(
    reader: &R,
    needs: &Needs,
    parallelism: usize,
) -> Result<Inventory, ApiError> {
    let mut observer = Observer::new(reader, parallelism);
    observer.read(needs, Inventory::default()).await
}

/// The clock of a run.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Reads an account in parts: what one of them read, the next one does not read again.
pub struct Observer<'a, R> {
    reader: &'a R,
    parallelism: usize,
    memory: Option<ReadingMemory>,
    /// The kinds of which the account was asked for whole rows.
    asked_whole: BTreeSet<KindId>,
    /// What lists said of their items, by kind.
    stamps: BTreeMap<KindId, Stamps>,
    /// The revisions of the collections that were listed, each with a moment before.
    revisions: BTreeMap<KindId, (Revision, Timestamp)>,
}

/// What earlier runs read.
struct ReadingMemory {
    cache: Cache,
    clock: Clock,
    taken: usize,
    doubted: BTreeSet<KindId>,
}

impl<R> fmt::Debug for Observer<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").finish_non_exhaustive()
    }
}

impl<'a, R: Reader> Observer<'a, R> {
    /// One that reads everything that is needed.
    pub fn new(reader: &'a R, parallelism: usize) -> Self {
        Self {
            reader,
            parallelism,
            memory: None,
            asked_whole: BTreeSet::new(),
            stamps: BTreeMap::new(),
            revisions: BTreeMap::new(),
        }
    }

    /// One that takes what has not changed from a cache, and puts there what it reads.
    #[must_use]
    pub fn with_cache(mut self, cache: Cache, clock: Clock) -> Self {
        self.memory = Some(ReadingMemory {
            cache,
            clock,
            taken: 0,
            doubted: BTreeSet::new(),
        });
        self
    }

    /// The cache with what was read so far.
    #[must_use]
    pub fn cache(&self) -> Option<&Cache> {
        self.memory.as_ref().map(|memory| &memory.cache)
    }

    /// How many items were taken from the cache.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.memory.as_ref().map_or(0, |memory| memory.taken)
    }

    /// The kinds whose copies were not used, because one of them was not as its item although the account says that it has not changed.
    pub fn doubted(&self) -> impl Iterator<Item = KindId> {
        let memory = self.memory.iter();
        memory.flat_map(|memory| memory.doubted.iter().copied())
    }

    /// Reads what is needed, as far as it is not in what is known already.
    ///
    /// # Errors
    /// The first failure of the reader: an inventory is complete or there is none.
    pub async fn read(&mut self, needs: &Needs, known: Inventory) -> Result<Inventory, ApiError> {
        let kinds = with_parents(&needs.kinds);
        let (tops, below): (Vec<KindId>, Vec<KindId>) =
            kinds.iter().partition(|kind| kind.def().parent.is_none());
        let mut reading = AccountReading {
            inventory: known,
            stamps: std::mem::take(&mut self.stamps),
            revisions: std::mem::take(&mut self.revisions),
            asked_whole: std::mem::take(&mut self.asked_whole),
            ..AccountReading::default()
        };
        let pass = Pass {
            reader: self.reader,
            needs,
            below: &below,
            parallelism: self.parallelism,
            memory: self.memory.as_ref(),
            begun: match &self.memory {
                Some(memory) => (memory.clock)(),
                None => Timestamp::UNIX_EPOCH,
            },
        };
        // Boxed: it is by far the largest of the futures that wait for it.
        Box::pin(pass.run(&tops, &mut reading)).await?;
        let begun = pass.begun;
        if let Some(memory) = &mut self.memory {
            memory.remember(&mut reading, begun);
        }
        let AccountReading {
            inventory,
            stamps,
            revisions,
            asked_whole,
            ..
        } = reading;
        (self.stamps, self.revisions) = (stamps, revisions);
        self.asked_whole = asked_whole;
        Ok(inventory)
    }
}

impl ReadingMemory {
    /// Keeps what was read, and forgets what is gone.
    fn remember(&mut self, reading: &mut AccountReading, begun: Timestamp) {
        for kind in std::mem::take(&mut reading.doubted) {
            self.cache.forget(kind);
            self.doubted.insert(kind);
        }
        for (kind, stamps) in &reading.stamps {
            for (id, listed) in stamps.iter() {
                self.cache.confirm(*kind, id, listed);
            }
            let objects = reading.inventory.of_kind(*kind).iter();
            let listed = objects.map(|object| object.id.clone()).collect();
            self.cache.retain(*kind, &listed);
        }
        for (kind, id, copied) in reading.learned.drain(..) {
            self.cache.keep(kind, id, copied, begun);
        }
        self.taken += reading.taken;
    }
}

/// The kinds that live on the platform, and the parents that they are read through.
fn with_parents(kinds: &BTreeSet<KindId>) -> BTreeSet<KindId> {
    kinds
        .iter()
        .flat_map(|kind| [Some(*kind), parent_of(*kind)])
        .flatten()
        .filter(|kind| kind.def().collection.is_some())
        .collect()
}

/// What is read so far.
#[derive(Default)]
struct AccountReading {
    inventory: Inventory,
    /// What is inside whole objects, by the id of those.
    inside: BTreeMap<(KindId, RemoteId), Vec<FoundObject>>,
    /// The objects that were whole before this pass, and whose insides were read then.
    done: BTreeSet<(KindId, RemoteId)>,
    asked_whole: BTreeSet<KindId>,
    stamps: BTreeMap<KindId, Stamps>,
    revisions: BTreeMap<KindId, (Revision, Timestamp)>,
    /// Items that were read, for later runs.
    learned: Vec<LearnedItem>,
    /// How many items came out of the cache.
    taken: usize,
    /// The kinds whose copies are wrong.
    doubted: BTreeSet<KindId>,
}

/// An item that was read, for later runs.
type LearnedItem = (KindId, RemoteId, Copied);

impl AccountReading {
    /// Forgets a kind that is about to be listed anew, and what lies inside its objects.
    fn forget(&mut self, kind: KindId, below: &[KindId]) {
        self.inventory.take(kind);
        if let Some(child) = child_of(kind, below) {
            self.inventory.take(child);
        }
        self.stamps.remove(&kind);
        self.revisions.remove(&kind);
    }
}
