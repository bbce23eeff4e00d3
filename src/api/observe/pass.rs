//! One pass over the account: the lists, then the items that are wanted, then what lies inside them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::super::client::collection_of;
use super::super::pool::try_all;
use super::super::{Address, ApiError, ApiItem, List, Reader, rows, whole};
use super::found::{FoundObject, ListRow, address_of, all_found, child_of, parent_of, unpacked};
use super::{AccountReading, LearnedItem, ReadingMemory};
use crate::kinds::{Collection, KindId};
use crate::live::{Inventory, LiveObject, Needs};
use crate::name::{RemoteId, Revision};

/// Up to so many items are read one by one at once: a list of whole rows would cost one request less, and hold all that the
/// run does not need.
pub(super) const FEW: usize = 2;

/// One pass.
pub(super) struct Pass<'a, R> {
    pub(super) reader: &'a R,
    pub(super) needs: &'a Needs,
    /// The kinds that are read through their parents.
    pub(super) below: &'a [KindId],
    pub(super) parallelism: usize,
    pub(super) memory: Option<&'a ReadingMemory>,
    /// A moment before the first request.
    pub(super) begun: Timestamp,
}

/// A list that was read.
struct Top {
    found: Vec<FoundObject>,
    revision: Option<Revision>,
    /// The item that one of its rows was compared with.
    compared: Option<(RemoteId, ApiItem)>,
}

/// A row of a list, read as an item, too.
struct RowProof {
    id: RemoteId,
    item: ApiItem,
    /// Whether the two say the same.
    holds: bool,
}

impl<R: Reader> Pass<'_, R> {
    pub(super) async fn run(
        &self,
        tops: &[KindId],
        reading: &mut AccountReading,
    ) -> Result<(), ApiError> {
        let (known, unread): (Vec<KindId>, Vec<KindId>) = tops
            .iter()
            .partition(|kind| self.is_listed(**kind, reading));
        self.read_tops(&unread, reading).await?;
        for kind in known {
            self.read_rest(kind, reading).await?;
        }
        for kind in self.below {
            self.read_below(*kind, reading).await?;
        }
        self.ask_for_missing(&reading.inventory).await
    }

    /// Whether a list that was read is enough: it need not be asked for whole rows.
    fn is_listed(&self, kind: KindId, reading: &AccountReading) -> bool {
        let asks = kind.def().collection.is_some_and(|it| it.read_items)
            && !reading.asked_whole.contains(&kind);
        let objects = reading.inventory.of_kind(kind).iter();
        let open = objects.filter(|object| self.is_read(object)).count();
        reading.inventory.has_read(kind) && !(asks && open > FEW)
    }

    async fn read_tops(
        &self,
        kinds: &[KindId],
        reading: &mut AccountReading,
    ) -> Result<(), ApiError> {
        let lists = kinds.iter().map(|&kind| async move {
            match self.list_top(kind).await {
                Ok(found) => Ok(Ok(found)),
                Err(error) if self.may_lack(kind, &error) => Ok(Err(error.to_string())),
                Err(error) => Err(error),
            }
        });
        let lists = try_all(self.parallelism, lists).await?;
        let mut found = Vec::new();
        for (&kind, list) in kinds.iter().zip(lists) {
            reading.forget(kind, self.below);
            match list {
                Ok(top) => {
                    reading.inventory.read(kind);
                    let compared = top.compared.iter();
                    let learned = compared.filter_map(|(id, item)| self.learned(kind, id, item));
                    reading.learned.extend(learned);
                    if self.asks_whole(kind) {
                        reading.asked_whole.insert(kind);
                    }
                    let revision = top.revision.map(|it| (kind, (it, self.begun)));
                    reading.revisions.extend(revision);
                    found.extend(top.found);
                }
                // What cannot be read is not empty: the kind counts as not read.
                Err(why) => reading.inventory.cannot_read(kind, why),
            }
        }
        self.complete(found.into_iter(), reading).await
    }

    /// Whether the account is asked for whole rows of a kind.
    fn asks_whole(&self, kind: KindId) -> bool {
        let is_worth_it = self.needs.items.at_most(kind).is_none_or(|most| most > FEW);
        is_worth_it && kind.def().collection.is_some_and(|it| it.read_items)
    }

    /// The rows of a kind without a parent.
    async fn list_top(&self, kind: KindId) -> Result<Top, ApiError> {
        let collection = collection_of(kind)?;
        if !self.asks_whole(kind) {
            let bodies = self.reader.list(kind, None).await?;
            return Ok(Top {
                found: all_found(kind, None, self.below, bodies)?,
                revision: None,
                compared: None,
            });
        }
        let List {
            rows: bodies,
            revision,
        } = self.reader.list_whole(kind).await?;
        let proof = self.prove(kind, collection, &bodies).await?;
        let rows = bodies.into_iter().map(|body| {
            let id = rows::id_of(&body);
            match &proof {
                Some(proof) if id.as_ref() == Some(&proof.id) => ListRow {
                    is_item: true,
                    ..ListRow::of(kind, collection, proof.item.body.clone())
                },
                Some(proof) if proof.holds && whole::looks_whole(collection, &body) => ListRow {
                    is_item: true,
                    ..ListRow::of(kind, collection, body)
                },
                _ => ListRow::of(kind, collection, body),
            }
        });
        let found = rows.map(|row| row.object(self.below));
        Ok(Top {
            found: found.collect::<Result<_, _>>()?,
            revision,
            // Where the list is whole, no item will ever be looked for.
            compared: proof
                .filter(|proof| !proof.holds)
                .map(|proof| (proof.id, proof.item)),
        })
    }

    /// Compares one wanted row that looks whole with its item; nothing where no row does, or where it is gone by now.
    async fn prove(
        &self,
        kind: KindId,
        collection: &Collection,
        bodies: &[Value],
    ) -> Result<Option<RowProof>, ApiError> {
        let is_wanted = |body: &&Value| {
            let id = rows::id_of(body);
            let name = body.get(collection.name_key).and_then(Value::as_str);
            id.is_some_and(|id| self.needs.items.wants(kind, &id, name.unwrap_or_default()))
        };
        let looks_whole = bodies
            .iter()
            .filter(|body| whole::looks_whole(collection, body));
        let sample = looks_whole
            .filter(is_wanted)
            .max_by_key(|body| whole::weight(collection, body));
        let Some((row, id)) = sample.and_then(|row| Some((row, rows::id_of(row)?))) else {
            return Ok(None);
        };
        let address = Address {
            kind,
            parent: None,
            id: id.clone(),
        };
        let item = match self.reader.get(&address).await {
            Ok(item) => item,
            Err(ApiError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let child = child_of(kind, self.below).map(KindId::def);
        let holds = whole::is_same(kind.def(), child, row, &item.body);
        if !holds {
            tracing::debug!(
                "{}: the list lacks a part of its rows, which are read one by one",
                collection.path
            );
        }
        Ok(Some(RowProof { id, item, holds }))
    }

    /// Reads those items of a list that was read before, that were not wanted then.
    async fn read_rest(&self, kind: KindId, reading: &mut AccountReading) -> Result<(), ApiError> {
        let child = child_of(kind, self.below);
        let is_known = child.is_some_and(|child| reading.inventory.has_read(child));
        let objects = reading.inventory.take(kind);
        reading.inventory.read(kind);
        let mut found = Vec::with_capacity(objects.len());
        for object in objects {
            match child {
                Some(child) if object.whole && !is_known => found.push(unpacked(object, child)?),
                Some(_) if object.whole => {
                    reading.done.insert((kind, object.id.clone()));
                    found.push(object.into());
                }
                _ => found.push(object.into()),
            }
        }
        self.complete(found.into_iter(), reading).await
    }

    /// Whether a failure says that the account has no service for a kind, or keeps it from these credentials, and the
    /// run can do without the kind.
    fn may_lack(&self, kind: KindId, error: &ApiError) -> bool {
        let is_closed = matches!(
            error,
            ApiError::NotFound(_) | ApiError::Denied(_) | ApiError::Unconfigured(_)
        );
        is_closed && self.needs.optional.contains(&kind)
    }

    async fn read_below(&self, kind: KindId, reading: &mut AccountReading) -> Result<(), ApiError> {
        let Some(parent) = parent_of(kind) else {
            return Ok(());
        };
        let mut before = BTreeMap::<Option<RemoteId>, Vec<FoundObject>>::new();
        for object in reading.inventory.take(kind) {
            let siblings = before.entry(object.parent.clone()).or_default();
            siblings.push(object.into());
        }
        reading.inventory.read(kind);
        let mut found = BTreeMap::new();
        let mut unlisted = Vec::new();
        let parents = reading.inventory.of_kind(parent).iter().enumerate();
        for (index, object) in parents.filter(|(_, object)| object.whole) {
            let around = (parent, object.id.clone());
            if reading.done.contains(&around) {
                let inside = before.remove(&Some(around.1));
                found.insert(index, inside.unwrap_or_default());
            } else if let Some(inside) = reading.inside.remove(&around) {
                found.insert(index, inside);
            } else {
                unlisted.push((index, around.1));
            }
        }
        found.extend(self.list_below(kind, unlisted).await?);
        self.complete(found.into_values().flatten(), reading).await
    }

    async fn list_below(
        &self,
        kind: KindId,
        parents: Vec<(usize, RemoteId)>,
    ) -> Result<Vec<(usize, Vec<FoundObject>)>, ApiError> {
        let lists = parents.into_iter().map(|(index, parent)| async move {
            let bodies = self.reader.list(kind, Some(&parent)).await?;
            Ok((index, all_found(kind, Some(&parent), self.below, bodies)?))
        });
        try_all(self.parallelism, lists).await
    }

    /// Asks for the bound objects that no list shows, each by its id.
    ///
    /// # Errors
    /// [`ApiError::Unexpected`] when one of them is there: the list was cut short, and what else it lacks is unknown.
    async fn ask_for_missing(&self, inventory: &Inventory) -> Result<(), ApiError> {
        let shown: BTreeSet<_> = inventory.iter().map(|it| (it.kind, &it.id)).collect();
        let missing = self.needs.bound.iter().filter(|(kind, parent, id)| {
            let is_whole = kind.def().parent.is_some() == parent.is_some();
            inventory.has_read(*kind) && is_whole && !shown.contains(&(*kind, id))
        });
        let asks = missing.map(|(kind, parent, id)| async move {
            let address = Address {
                kind: *kind,
                parent: parent.clone(),
                id: id.clone(),
            };
            match self.reader.get(&address).await {
                Err(ApiError::NotFound(_)) => Ok(()),
                Ok(_) => Err(rows::wrong(
                    collection_of(*kind)?,
                    &format!("the list leaves out {id}, which is there: it was cut short"),
                )),
                Err(error) => Err(error),
            }
        });
        try_all(self.parallelism, asks).await.map(drop)
    }

    /// Keeps what was found, reading those items that are wanted, not whole yet and not known from an earlier run.
    async fn complete(
        &self,
        found: impl Iterator<Item = FoundObject>,
        reading: &mut AccountReading,
    ) -> Result<(), ApiError> {
        let mut all: Vec<Option<FoundObject>> = found.map(Some).collect();
        let open: Vec<(usize, &LiveObject)> = all
            .iter()
            .enumerate()
            .filter_map(|(index, found)| Some((index, &found.as_ref()?.object)))
            .filter(|(_, object)| self.is_read(object))
            .collect();
        let mut whole = self.unchanged(&open, reading).await?;
        let changed = open.into_iter();
        let changed: Vec<_> = changed
            .filter(|(index, _)| !whole.contains_key(index))
            .collect();
        let reads = changed.iter().map(|(_, object)| self.read_item(object));
        let items = try_all(self.parallelism, reads).await?;
        for ((index, _), item) in changed.into_iter().zip(items) {
            let (found, learned) = item.unzip();
            reading.learned.extend(learned.flatten());
            whole.insert(index, found);
        }
        for (index, found) in whole {
            all[index] = found;
        }
        for FoundObject { object, inside } in all.into_iter().flatten() {
            if let Some(inside) = inside {
                let around = (object.kind, object.id.clone());
                reading.inside.insert(around, inside);
            }
            reading.inventory.push(object);
        }
        Ok(())
    }

    fn is_read(&self, object: &LiveObject) -> bool {
        let LiveObject {
            kind,
            id,
            display_name,
            whole,
            ..
        } = object;
        !whole && self.needs.items.wants(*kind, id, display_name)
    }

    /// The whole object, `None` when it was deleted since it was listed.
    async fn read_item(
        &self,
        object: &LiveObject,
    ) -> Result<Option<(FoundObject, Option<LearnedItem>)>, ApiError> {
        match self.reader.get(&address_of(object)).await {
            Ok(item) => self.whole_object(object, item).map(Some),
            Err(ApiError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
