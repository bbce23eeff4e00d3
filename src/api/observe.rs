//! Pass 5: reads what a run needs of an account into an inventory.
//!
//! - Every needed collection is listed exactly once, and no item is read twice.
//! - A bound object that its list leaves out is asked for by its id: a list that was cut short is an error.
//! - Of summary lists, only the items that the needs want are read whole.
//! - The rows of a kind with a parent come out of the parent's items, which do not keep them; a parent that is not wanted is not
//!   read, and neither are its children.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::client::collection_of;
use super::pool::try_all;
use super::{Address, Error, Reader, rows};
use crate::kinds::mapping::take_path;
use crate::kinds::{Collection, KindId};
use crate::live::{Inventory, LiveObject, Needs};
use crate::name::RemoteId;

/// Reads an account, with at most `parallelism` requests at a time.
///
/// # Errors
/// The first failure of the reader: an inventory is complete or there is none.
pub async fn observe<R: Reader>(
    reader: &R,
    needs: &Needs,
    parallelism: usize,
) -> Result<Inventory, Error> {
    let mut inventory = Inventory::default();
    let kinds = with_parents(&needs.kinds);
    let (tops, below): (Vec<KindId>, Vec<KindId>) =
        kinds.iter().partition(|kind| kind.def().parent.is_none());
    let pass = Pass {
        reader,
        needs,
        parallelism,
    };
    pass.read_tops(&tops, &mut inventory).await?;
    for kind in below {
        pass.read_below(kind, &mut inventory).await?;
    }
    pass.ask_for_missing(&inventory).await?;
    Ok(inventory)
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

struct Pass<'a, R> {
    reader: &'a R,
    needs: &'a Needs,
    parallelism: usize,
}

/// A row of a list, on its way to a live object.
struct Row {
    kind: KindId,
    collection: &'static Collection,
    parent: Option<RemoteId>,
    body: Value,
}

impl<R: Reader> Pass<'_, R> {
    async fn read_tops(&self, kinds: &[KindId], inventory: &mut Inventory) -> Result<(), Error> {
        let lists = kinds.iter().map(|&kind| async move {
            let bodies = self.reader.list(kind, None).await?;
            rows_of(kind, None, bodies)
        });
        let lists = try_all(self.parallelism, lists).await?;
        for &kind in kinds {
            inventory.read(kind);
        }
        self.complete(lists.into_iter().flatten(), inventory).await
    }

    async fn read_below(&self, kind: KindId, inventory: &mut Inventory) -> Result<(), Error> {
        inventory.read(kind);
        let Some(parent) = parent_of(kind) else {
            return Ok(());
        };
        let embeds = collection_of(parent)?.embeds;
        let mut rows = BTreeMap::new();
        let mut unlisted = Vec::new();
        for (index, object) in inventory.of_kind_mut(parent).iter_mut().enumerate() {
            if !object.whole {
                continue;
            }
            match embeds.and_then(|key| take_path(&mut object.body, key)) {
                Some(bodies @ Value::Array(_)) => {
                    let live = rows::live_rows(collection_of(kind)?, Some(bodies))?;
                    rows.insert(index, rows_of(kind, Some(&object.id), live)?);
                }
                _ => unlisted.push((index, object.id.clone())),
            }
        }
        rows.extend(self.list_below(kind, unlisted).await?);
        self.complete(rows.into_values().flatten(), inventory).await
    }

    async fn list_below(
        &self,
        kind: KindId,
        parents: Vec<(usize, RemoteId)>,
    ) -> Result<Vec<(usize, Vec<Row>)>, Error> {
        let lists = parents.into_iter().map(|(index, parent)| async move {
            let bodies = self.reader.list(kind, Some(&parent)).await?;
            Ok((index, rows_of(kind, Some(&parent), bodies)?))
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

    /// Makes objects of rows, reading those items that are wanted and not whole yet.
    async fn complete(
        &self,
        rows: impl Iterator<Item = Row>,
        inventory: &mut Inventory,
    ) -> Result<(), Error> {
        let mut objects = Vec::new();
        let mut reads = Vec::new();
        for row in rows {
            let object = object_of(row)?;
            if !object.whole
                && self
                    .needs
                    .items
                    .wants(object.kind, &object.id, &object.display_name)
            {
                reads.push((objects.len(), object.clone()));
            }
            objects.push(Some(object));
        }
        let reads = reads
            .into_iter()
            .map(|(index, object)| async move { Ok((index, self.read_whole(object).await?)) });
        for (index, object) in try_all(self.parallelism, reads).await? {
            objects[index] = object;
        }
        objects
            .into_iter()
            .flatten()
            .for_each(|object| inventory.push(object));
        Ok(())
    }

    /// The whole object, `None` when it was deleted since it was listed.
    async fn read_whole(&self, object: LiveObject) -> Result<Option<LiveObject>, Error> {
        let address = Address {
            kind: object.kind,
            parent: object.parent.clone(),
            id: object.id.clone(),
        };
        let body = match self.reader.get(&address).await {
            Ok(item) => item.body,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let whole = object_of(Row {
            kind: object.kind,
            collection: collection_of(object.kind)?,
            parent: object.parent,
            body,
        })?;
        Ok(Some(LiveObject {
            whole: true,
            ..whole
        }))
    }
}

fn rows_of(kind: KindId, parent: Option<&RemoteId>, bodies: Vec<Value>) -> Result<Vec<Row>, Error> {
    let collection = collection_of(kind)?;
    let row = |body| Row {
        kind,
        collection,
        parent: parent.cloned(),
        body,
    };
    Ok(bodies.into_iter().map(row).collect())
}

fn object_of(row: Row) -> Result<LiveObject, Error> {
    let Row {
        kind,
        collection,
        parent,
        body,
    } = row;
    let id = rows::id_of(&body).ok_or_else(|| rows::wrong(collection, "a row without an id"))?;
    // A nameless row is shown by its id, which no manifest can bear as its display name by accident.
    let display_name = body
        .get(collection.name_key)
        .and_then(Value::as_str)
        .map_or_else(|| id.to_string(), str::to_owned);
    Ok(LiveObject {
        kind,
        parent,
        display_name,
        whole: !collection.read_items && !rows::is_bare(collection, kind.def().fields, &body),
        system: collection.is_system(&body),
        id,
        body,
    })
}
