//! Pass 5: reads what a run needs of an account into an inventory.
//!
//! - Every needed collection is listed exactly once, and no item is read twice.
//! - A collection that cannot be read is an error, or where the run can do without it, one that was not read. It is
//!   never taken for an empty one.
//! - A bound object that its list leaves out is asked for by its id: a list that was cut short is an error.
//! - Of summary lists, only the items that the needs want are read whole. Where many are wanted, the account is asked for whole
//!   rows first, and those stand for their items if one of them says the same as its item.
//! - The rows of a kind with a parent come out of the parent's items, which do not keep them; a parent that is not wanted is not
//!   read, and neither are its children.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::client::collection_of;
use super::pool::try_all;
use super::{Address, Error, Reader, rows, whole};
use crate::diff::digest_of_fields;
use crate::kinds::mapping::{drop_server_assigned, take_path};
use crate::kinds::{Collection, KindId};
use crate::live::{Inventory, LiveObject, Needs};
use crate::name::RemoteId;
use crate::text::Packed;

/// Reads an account, with at most `parallelism` requests at a time.
///
/// # Errors
/// The first failure of the reader: an inventory is complete or there is none.
pub async fn observe<R: Reader>(
    reader: &R,
    needs: &Needs,
    parallelism: usize,
) -> Result<Inventory, Error> {
    let mut reading = Reading::default();
    let kinds = with_parents(&needs.kinds);
    let (tops, below): (Vec<KindId>, Vec<KindId>) =
        kinds.iter().partition(|kind| kind.def().parent.is_none());
    let pass = Pass {
        reader,
        needs,
        below: &below,
        parallelism,
    };
    pass.read_tops(&tops, &mut reading).await?;
    for kind in &below {
        pass.read_below(*kind, &mut reading).await?;
    }
    pass.ask_for_missing(&reading.inventory).await?;
    Ok(reading.inventory)
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

fn parent_of(kind: KindId) -> Option<KindId> {
    let parent = kind.def().parent.as_ref()?;
    Some(KindId::known(parent.kind))
}

/// Up to so many items are read one by one at once: a list of whole rows would cost one request less, and hold all that the
/// run does not need.
const FEW: usize = 2;

struct Pass<'a, R> {
    reader: &'a R,
    needs: &'a Needs,
    /// The kinds that are read through their parents.
    below: &'a [KindId],
    parallelism: usize,
}

/// A row of a list, on its way to a live object.
struct Row {
    kind: KindId,
    collection: &'static Collection,
    parent: Option<RemoteId>,
    body: Value,
    /// Whether it was read as an item, which is always whole.
    is_item: bool,
}

/// A row of a list, read as an item, too.
struct Proof {
    id: RemoteId,
    item: Value,
    /// Whether the two say the same.
    holds: bool,
}

/// A live object, and those inside it where its item brings them along.
struct Found {
    object: LiveObject,
    inside: Option<Vec<Self>>,
}

/// What is read so far.
#[derive(Default)]
struct Reading {
    inventory: Inventory,
    /// What is inside whole objects, by the id of those.
    inside: BTreeMap<(KindId, RemoteId), Vec<Found>>,
}

impl<R: Reader> Pass<'_, R> {
    async fn read_tops(&self, kinds: &[KindId], reading: &mut Reading) -> Result<(), Error> {
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
            match list {
                Ok(list) => {
                    reading.inventory.read(kind);
                    found.extend(list);
                }
                // What cannot be read is not empty: the kind counts as not read.
                Err(why) => reading.inventory.cannot_read(kind, why),
            }
        }
        self.complete(found.into_iter(), reading).await
    }

    /// The rows of a kind without a parent.
    async fn list_top(&self, kind: KindId) -> Result<Vec<Found>, Error> {
        let collection = collection_of(kind)?;
        let is_worth_it = self.needs.items.at_most(kind).is_none_or(|most| most > FEW);
        if !collection.read_items || !is_worth_it {
            return self.found(kind, None, self.reader.list(kind, None).await?);
        }
        let bodies = self.reader.list_whole(kind).await?;
        let proof = self.prove(kind, collection, &bodies).await?;
        let rows = bodies.into_iter().map(|body| {
            let id = rows::id_of(&body);
            match &proof {
                Some(proof) if id.as_ref() == Some(&proof.id) => Row {
                    is_item: true,
                    ..row(kind, collection, proof.item.clone())
                },
                Some(proof) if proof.holds && whole::looks_whole(collection, &body) => Row {
                    is_item: true,
                    ..row(kind, collection, body)
                },
                _ => row(kind, collection, body),
            }
        });
        rows.map(|row| self.object_of(row)).collect()
    }

    /// Compares one wanted row that looks whole with its item; nothing where no row does, or where it is gone by now.
    async fn prove(
        &self,
        kind: KindId,
        collection: &Collection,
        bodies: &[Value],
    ) -> Result<Option<Proof>, Error> {
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
            Ok(item) => item.body,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let child = self.below.iter().find(|it| parent_of(**it) == Some(kind));
        let child = child.map(|child| child.def());
        let holds = whole::is_same(kind.def(), child, row, &item);
        if !holds {
            tracing::debug!(
                "{}: the list lacks a part of its rows, which are read one by one",
                collection.path
            );
        }
        Ok(Some(Proof { id, item, holds }))
    }

    /// Whether a failure says that the account has no service for a kind, or keeps it from these credentials, and the
    /// run can do without the kind.
    fn may_lack(&self, kind: KindId, error: &Error) -> bool {
        let is_closed = matches!(
            error,
            Error::NotFound(_) | Error::Denied(_) | Error::Unconfigured(_)
        );
        is_closed && self.needs.optional.contains(&kind)
    }

    async fn read_below(&self, kind: KindId, reading: &mut Reading) -> Result<(), Error> {
        reading.inventory.read(kind);
        let Some(parent) = parent_of(kind) else {
            return Ok(());
        };
        let mut found = BTreeMap::new();
        let mut unlisted = Vec::new();
        let parents = reading.inventory.of_kind(parent).iter().enumerate();
        for (index, object) in parents.filter(|(_, object)| object.whole) {
            match reading.inside.remove(&(parent, object.id.clone())) {
                Some(inside) => drop(found.insert(index, inside)),
                None => unlisted.push((index, object.id.clone())),
            }
        }
        found.extend(self.list_below(kind, unlisted).await?);
        self.complete(found.into_values().flatten(), reading).await
    }

    async fn list_below(
        &self,
        kind: KindId,
        parents: Vec<(usize, RemoteId)>,
    ) -> Result<Vec<(usize, Vec<Found>)>, Error> {
        let lists = parents.into_iter().map(|(index, parent)| async move {
            let bodies = self.reader.list(kind, Some(&parent)).await?;
            Ok((index, self.found(kind, Some(&parent), bodies)?))
        });
        try_all(self.parallelism, lists).await
    }

    /// Asks for the bound objects that no list shows, each by its id.
    ///
    /// # Errors
    /// [`Error::Unexpected`] when one of them is there: the list was cut short, and what else it lacks nobody knows.
    async fn ask_for_missing(&self, inventory: &Inventory) -> Result<(), Error> {
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
                Err(Error::NotFound(_)) => Ok(()),
                Ok(_) => Err(rows::wrong(
                    collection_of(*kind)?,
                    &format!("the list leaves out {id}, which is there: it was cut short"),
                )),
                Err(error) => Err(error),
            }
        });
        try_all(self.parallelism, asks).await.map(drop)
    }

    /// Keeps what was found, reading those items that are wanted and not whole yet.
    async fn complete(
        &self,
        found: impl Iterator<Item = Found>,
        reading: &mut Reading,
    ) -> Result<(), Error> {
        let mut all: Vec<Option<Found>> = found.map(Some).collect();
        let mut reads = Vec::new();
        for (index, found) in all.iter().enumerate() {
            if let Some(Found { object, .. }) = found
                && self.is_read(object)
            {
                let address = address_of(object);
                reads.push(async move { Ok((index, self.read_whole(address).await?)) });
            }
        }
        for (index, found) in try_all(self.parallelism, reads).await? {
            all[index] = found;
        }
        for Found { object, inside } in all.into_iter().flatten() {
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
    async fn read_whole(&self, address: Address) -> Result<Option<Found>, Error> {
        let body = match self.reader.get(&address).await {
            Ok(item) => item.body,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let found = self.object_of(Row {
            kind: address.kind,
            collection: collection_of(address.kind)?,
            parent: address.parent,
            body,
            is_item: true,
        })?;
        Ok(Some(found))
    }

    fn found(
        &self,
        kind: KindId,
        parent: Option<&RemoteId>,
        bodies: Vec<Value>,
    ) -> Result<Vec<Found>, Error> {
        let collection = collection_of(kind)?;
        let row = |body| Row {
            parent: parent.cloned(),
            ..row(kind, collection, body)
        };
        let rows = bodies.into_iter().map(row);
        rows.map(|row| self.object_of(row)).collect()
    }

    /// The object of a row. Its body is packed at once: an account is larger than its rows.
    fn object_of(&self, row: Row) -> Result<Found, Error> {
        let Row {
            kind,
            collection,
            parent,
            mut body,
            is_item,
        } = row;
        let id =
            rows::id_of(&body).ok_or_else(|| rows::wrong(collection, "a row without an id"))?;
        let display_name = body
            .get(collection.name_key)
            .and_then(Value::as_str)
            .map_or_else(|| label(kind, &body), str::to_owned);
        let is_bare = || rows::is_bare(collection, kind.def().fields, &body);
        let whole = is_item || (!collection.read_items && !is_bare());
        let inside = match self
            .below
            .iter()
            .find(|child| parent_of(**child) == Some(kind))
        {
            Some(child) if whole => self.inside(*child, collection, &id, &mut body)?,
            _ => None,
        };
        let object = LiveObject {
            kind,
            parent,
            display_name,
            whole,
            system: collection.is_system(&body),
            id,
            body: Packed::of(&body),
        };
        Ok(Found { object, inside })
    }

    /// Takes the rows of a kind out of the item around them, `None` where it does not bring them along.
    fn inside(
        &self,
        kind: KindId,
        around: &Collection,
        id: &RemoteId,
        body: &mut Value,
    ) -> Result<Option<Vec<Found>>, Error> {
        match around.embeds.and_then(|key| take_path(body, key)) {
            Some(bodies @ Value::Array(_)) => {
                let live = rows::live_rows(collection_of(kind)?, Some(bodies))?;
                self.found(kind, Some(id), live).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// A row of a list, of a kind without a parent.
fn row(kind: KindId, collection: &'static Collection, body: Value) -> Row {
    Row {
        kind,
        collection,
        parent: None,
        body,
        is_item: false,
    }
}

/// What a row without a name is shown as, and called in exports. It says what the row holds and not its id, which another
/// account does not have; no manifest bears it as its display name by accident.
fn label(kind: KindId, body: &Value) -> String {
    let mut body = body.clone();
    drop_server_assigned(kind.def(), &mut body);
    let fields = body.as_object().into_iter().flatten();
    let digest = digest_of_fields(fields.map(|(key, value)| (key.clone(), value)));
    format!("{}-{digest}", kind.name().to_lowercase())
}

fn address_of(object: &LiveObject) -> Address {
    Address {
        kind: object.kind,
        parent: object.parent.clone(),
        id: object.id.clone(),
    }
}
