//! Items that need not be read again, because the account says that they are as in the cache.
//!
//! The account may be wrong, or mean something else by what it says: what dates and revisions stand for is documented for the platform
//! as a whole, and not for each of its lists (platform.md#revisions). So a copy is used only where nothing that its row shows
//! contradicts it, and of each list one item is read all the same, another one in each run. Where that is not as its copy, no copy of the
//! kind is used.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rayon::prelude::*;

use super::super::client::collection_of;
use super::super::{ApiError, ApiItem, List, Reader, rows, whole};
use super::found::{FoundObject, ListRow, address_of, child_of};
use super::pass::{FEW, Pass};
use super::{AccountReading, LearnedItem};
use crate::kinds::{Collection, KindDef, KindId};
use crate::live::{Copied, Listed, LiveObject, Stamp};
use crate::name::{RemoteId, Revision};

/// What a list says of its items.
#[derive(Debug)]
pub(super) struct Stamps {
    by_id: BTreeMap<RemoteId, Stamp>,
    revision: Option<Revision>,
    /// A moment before that.
    at: Timestamp,
    /// Whether the account was asked for nothing else.
    asked: bool,
}

impl Stamps {
    fn of(collection: &Collection, list: List, at: Timestamp) -> Self {
        let stamps = list.rows.iter().filter_map(|row| {
            let stamp = Stamp::of(collection, row)?;
            Some((rows::id_of(row)?, stamp))
        });
        Self {
            by_id: stamps.collect(),
            revision: list.revision,
            at,
            asked: false,
        }
    }

    fn has_all(&self, objects: &[(usize, &LiveObject)]) -> bool {
        let mut objects = objects.iter();
        objects.all(|(_, object)| self.by_id.contains_key(&object.id))
    }

    /// What is said of each item.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&RemoteId, Listed<'_>)> {
        self.by_id
            .iter()
            .map(|(id, stamp)| (id, self.listed(stamp)))
    }

    fn listed<'a>(&'a self, stamp: &'a Stamp) -> Listed<'a> {
        Listed {
            stamp,
            revision: self.revision.as_ref(),
            at: self.at,
        }
    }
}

/// An item that is as its copy. Copies are unpacked one by one: all of them at once would be the most of what a run holds.
struct Hit<'c> {
    /// The position of its row.
    index: usize,
    copied: &'c Copied,
    found: FoundObject,
}

/// What is known of open rows without a read of each: by position, `None` for one that was deleted meanwhile.
pub(super) type Unchanged = BTreeMap<usize, Option<FoundObject>>;

impl<R: Reader> Pass<'_, R> {
    /// The items among open rows that have not changed since they were read.
    pub(super) async fn unchanged(
        &self,
        open: &[(usize, &LiveObject)],
        reading: &mut AccountReading,
    ) -> Result<Unchanged, ApiError> {
        let mut unchanged = Unchanged::new();
        let kinds: BTreeSet<KindId> = open.iter().map(|(_, object)| object.kind).collect();
        for kind in kinds {
            let of_kind = open.iter().filter(|(_, object)| object.kind == kind);
            let objects: Vec<_> = of_kind.copied().collect();
            let collection = collection_of(kind)?;
            let is_known = |(_, object): &&(usize, &LiveObject)| {
                let memory = self.memory;
                memory.is_some_and(|memory| memory.cache.knows(kind, &object.id))
            };
            // A few are read: to ask what changed costs as much.
            if collection.read_items && objects.iter().filter(is_known).count() > FEW {
                self.learn_stamps(kind, &objects, reading).await?;
                let hits = self.hits(kind, &objects, reading)?;
                self.take(kind, &objects, hits, (reading, &mut unchanged))
                    .await?;
            }
        }
        Ok(unchanged)
    }

    /// What the account says of the items of a kind: in the rows of its list, or else where it is asked for just that.
    async fn learn_stamps(
        &self,
        kind: KindId,
        objects: &[(usize, &LiveObject)],
        reading: &mut AccountReading,
    ) -> Result<(), ApiError> {
        let collection = collection_of(kind)?;
        let known = reading.stamps.remove(&kind);
        let mut stamps = match known {
            Some(known) if known.asked || known.has_all(objects) => known,
            _ => Stamps::of(
                collection,
                List {
                    rows: objects.iter().map(|(_, it)| it.body.value()).collect(),
                    revision: reading.revisions.get(&kind).map(|it| it.0.clone()),
                },
                reading.revisions.get(&kind).map_or(self.begun, |it| it.1),
            ),
        };
        if !stamps.asked && !stamps.has_all(objects) {
            let list = self.reader.list_stamps(kind).await?;
            stamps = Stamps {
                asked: true,
                ..Stamps::of(collection, list, self.begun)
            };
        }
        reading.stamps.insert(kind, stamps);
        Ok(())
    }

    fn hits<'c>(
        &'c self,
        kind: KindId,
        objects: &[(usize, &LiveObject)],
        reading: &AccountReading,
    ) -> Result<Vec<Hit<'c>>, ApiError> {
        let (Some(memory), Some(stamps)) = (self.memory, reading.stamps.get(&kind)) else {
            return Ok(Vec::new());
        };
        let collection = collection_of(kind)?;
        let (cache, below) = (&memory.cache, self.below);
        let hit = |&(index, object): &(usize, &LiveObject)| {
            let listed = stamps.listed(stamps.by_id.get(&object.id)?);
            let copied = cache.unchanged(kind, &object.id, listed)?;
            let copy = copied.value()?;
            let is_it = rows::id_of(&copy).as_ref() == Some(&object.id)
                && Stamp::of(collection, &copy).as_ref() == Some(&copied.stamp)
                && whole::agrees(kind.def(), inner(kind), &object.body.value(), &copy);
            let row = ListRow {
                is_item: true,
                ..ListRow::of(kind, collection, copy)
            };
            let hit = |found| Hit {
                index,
                copied,
                found,
            };
            is_it.then(|| row.object(below).map(hit))
        };
        objects.par_iter().filter_map(hit).collect()
    }

    /// Takes the copies, if the one that is read all the same is as its item.
    async fn take(
        &self,
        kind: KindId,
        objects: &[(usize, &LiveObject)],
        mut hits: Vec<Hit<'_>>,
        (reading, unchanged): (&mut AccountReading, &mut Unchanged),
    ) -> Result<(), ApiError> {
        if hits.len() <= 1 {
            return Ok(()); // it would be the one that is read
        }
        let collection = collection_of(kind)?;
        let sample = hits.remove(self.sample(hits.len()));
        let object = objects.iter().find(|(index, _)| *index == sample.index);
        let Some((_, object)) = object else {
            return Ok(());
        };
        match self.reader.get(&address_of(object)).await {
            Ok(item) => {
                let is_as_before =
                    Stamp::of(collection, &item.body).as_ref() == Some(&sample.copied.stamp);
                let is_copy = sample
                    .copied
                    .value()
                    .is_some_and(|copy| whole::is_same(kind.def(), inner(kind), &copy, &item.body));
                if is_as_before && !is_copy {
                    reading.doubted.insert(kind);
                    hits.clear();
                }
                let (found, learned) = self.whole_object(object, item)?;
                reading.learned.extend(learned);
                unchanged.insert(sample.index, Some(found));
            }
            Err(ApiError::NotFound(_)) => drop(unchanged.insert(sample.index, None)),
            Err(error) => return Err(error),
        }
        reading.taken += hits.len();
        unchanged.extend(hits.into_iter().map(|hit| (hit.index, Some(hit.found))));
        Ok(())
    }

    /// Which of so many items is read all the same: another one from run to run.
    fn sample(&self, count: usize) -> usize {
        let count = i64::try_from(count).unwrap_or(i64::MAX).max(1);
        usize::try_from(self.begun.as_second().rem_euclid(count)).unwrap_or_default()
    }

    /// The object of an item that was read, and what later runs are to know of it.
    pub(super) fn whole_object(
        &self,
        object: &LiveObject,
        item: ApiItem,
    ) -> Result<(FoundObject, Option<LearnedItem>), ApiError> {
        let collection = collection_of(object.kind)?;
        let learned = self.learned(object.kind, &object.id, &item);
        let row = ListRow {
            parent: object.parent.clone(),
            is_item: true,
            ..ListRow::of(object.kind, collection, item.body)
        };
        Ok((row.object(self.below)?, learned))
    }

    /// What later runs are to know of an item that was read just now.
    pub(super) fn learned(
        &self,
        kind: KindId,
        id: &RemoteId,
        item: &ApiItem,
    ) -> Option<LearnedItem> {
        let collection = kind.def().collection.filter(|it| it.read_items)?;
        let read = (self.memory?.clock)();
        let copied = Copied::of(collection, &item.body, item.revision.clone(), read)?;
        Some((kind, id.clone(), copied))
    }
}

/// The kind whose objects lie inside those of another one.
fn inner(kind: KindId) -> Option<&'static KindDef> {
    let kinds: Vec<KindId> = KindId::all().collect();
    child_of(kind, &kinds).map(KindId::def)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::super::super::Address;
    use super::super::Observer;
    use super::*;
    use crate::live::{Cache, Inventory, Needs};

    /// An account that lists campaigns, and of each whatever it wants to say of its last change.
    #[derive(Default)]
    struct Fake {
        rows: Mutex<BTreeMap<RemoteId, Value>>,
        read: Mutex<Vec<RemoteId>>,
    }

    impl Fake {
        fn with(count: u64) -> Self {
            let fake = Self::default();
            for id in 0..count {
                fake.put(id, "as made");
            }
            fake
        }

        fn put(&self, id: u64, engagement: &str) {
            let body = json!({ "id": id, "name": format!("c{id}"), "modifiedDate": "12:00:00", "engagementCollectionRevision": 1,
                "engagementIds": [id + 100], "engagements": [{ "id": id + 100, "name": engagement }] });
            let id = RemoteId::from_wire(&json!(id)).unwrap();
            self.rows.lock().unwrap().insert(id, body);
        }

        /// How many items a look reads, how many it takes, and what it finds inside of them.
        fn look(&self, cache: &mut Cache) -> (usize, usize, Vec<String>, bool) {
            self.read.lock().unwrap().clear();
            let clock = Arc::new(|| Timestamp::from_second(1_767_323_045).unwrap());
            let mut observer = Observer::new(self, 4).with_cache(std::mem::take(cache), clock);
            let kinds = ["Campaign", "Engagement"].map(KindId::known);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            let needs = Needs::whole(kinds);
            let inventory = runtime.block_on(observer.read(&needs, Inventory::default()));
            let inventory = inventory.unwrap();
            let inside = inventory.of_kind(kinds[1]).iter();
            let inside = inside.map(|it| it.display_name.clone()).collect();
            *cache = observer.cache().unwrap().clone();
            let read = self.read.lock().unwrap().len();
            (
                read,
                observer.taken(),
                inside,
                observer.doubted().count() > 0,
            )
        }
    }

    impl Reader for Fake {
        async fn list(&self, _: KindId, _: Option<&RemoteId>) -> Result<Vec<Value>, ApiError> {
            Ok(Vec::new())
        }

        async fn list_whole(&self, kind: KindId) -> Result<List, ApiError> {
            let rows = self.rows.lock().unwrap();
            let rows = rows.values().filter(|_| kind == KindId::known("Campaign"));
            let row = |row: &Value| {
                let mut row = row.clone();
                row.as_object_mut().unwrap().shift_remove("engagements");
                row
            };
            Ok(List {
                rows: rows.map(row).collect(),
                revision: Some(Revision("5".to_owned())),
            })
        }

        async fn get(&self, address: &Address) -> Result<ApiItem, ApiError> {
            self.read.lock().unwrap().push(address.id.clone());
            let rows = self.rows.lock().unwrap();
            let body = rows.get(&address.id).cloned();
            Ok(ApiItem {
                body: body.ok_or_else(|| ApiError::NotFound("row".to_owned()))?,
                revision: Revision("5".to_owned()),
            })
        }
    }

    #[test]
    fn one_item_is_read_all_the_same_and_where_it_is_not_its_copy_all_are() {
        let (fake, mut cache) = (Fake::with(5), Cache::default());
        let as_made = vec!["as made".to_owned(); 5];
        assert_eq!(fake.look(&mut cache), (5, 0, as_made.clone(), false));
        assert_eq!(fake.look(&mut cache), (1, 4, as_made, false));
        // An account that does not say that anything changed.
        for id in 0..5 {
            fake.put(id, "edited");
        }
        let edited = vec!["edited".to_owned(); 5];
        assert_eq!(fake.look(&mut cache), (5, 0, edited.clone(), true));
        assert_eq!(fake.look(&mut cache), (1, 4, edited, false));
    }

    #[test]
    fn a_copy_that_its_row_contradicts_is_not_used() {
        let (fake, mut cache) = (Fake::with(5), Cache::default());
        fake.look(&mut cache);
        let id = RemoteId::from_wire(&json!(3)).unwrap();
        fake.rows.lock().unwrap().get_mut(&id).unwrap()["engagementIds"] = json!([]);
        let (read, taken, ..) = fake.look(&mut cache);
        assert_eq!((read, taken), (2, 3));
        assert!(fake.read.lock().unwrap().contains(&id));
    }

    #[test]
    fn a_few_are_read_and_what_is_known_is_not_read_again() {
        let (fake, mut cache) = (Fake::with(2), Cache::default());
        fake.look(&mut cache);
        assert_eq!(fake.look(&mut cache).0, 2);
    }
}
