//! The objects of the account as the Monitoring API knows them: those of a moment ago, where a switch says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Transaction;

use crate::kinds::{ALL, KindDef};
use crate::sandbox::Emulator;
use crate::sandbox::engine;
use crate::sandbox::place::CollectionPlace;
use crate::sandbox::rows::{self, StoredRow};

/// The rows that decide who is offered what.
#[derive(Debug, Default)]
pub(super) struct ServedWorld {
    /// What is offered, each with what it lies in.
    pub(super) parents: Vec<ListingRow>,
    /// The rows that both refer to, by kind.
    pub(super) libraries: BTreeMap<&'static str, Library>,
}

/// A row with the rows that it lists.
#[derive(Debug)]
pub(super) struct ListingRow {
    pub(super) def: &'static KindDef,
    pub(super) row: StoredRow,
    pub(super) revision: i64,
    pub(super) child_def: &'static KindDef,
    pub(super) children: Vec<StoredRow>,
    pub(super) child_revision: i64,
}

/// The live rows of a kind.
#[derive(Debug)]
pub(super) struct Library {
    pub(super) def: &'static KindDef,
    pub(super) revision: i64,
    pub(super) rows: BTreeMap<String, StoredRow>,
}

impl ServedWorld {
    /// The objects that are served: read again as soon as the last read is too old.
    pub(super) fn served(emulator: &Emulator, tx: &Transaction<'_>) -> rusqlite::Result<Arc<Self>> {
        let age = emulator.settings.monitoring_cache;
        if age.is_zero() {
            return Self::read(emulator, tx).map(Arc::new);
        }
        let now = emulator.monitoring.now(emulator);
        let mut kept = emulator.monitoring.world();
        if let Some((then, world)) = &*kept
            && now.duration_since(*then).unsigned_abs() <= age
        {
            return Ok(Arc::clone(world));
        }
        let world = Arc::new(Self::read(emulator, tx)?);
        *kept = Some((now, Arc::clone(&world)));
        Ok(world)
    }

    fn read(emulator: &Emulator, tx: &Transaction<'_>) -> rusqlite::Result<Self> {
        let mut world = Self::default();
        for def in ALL {
            let Some(place) = CollectionPlace::new(def, "") else {
                continue;
            };
            let scope = place.scope(&emulator.account);
            if def.visit_word.is_some() {
                let rows = rows::list(tx, &scope, false)?;
                let library = Library {
                    def,
                    revision: rows::revision(tx, &scope)?,
                    rows: rows.into_iter().map(|row| (row.id.clone(), row)).collect(),
                };
                world.libraries.insert(def.name, library);
            }
            if def.children.is_some() {
                for row in rows::list(tx, &scope, false)? {
                    world.parents.extend(parent(emulator, tx, &place, row)?);
                }
            }
        }
        Ok(world)
    }
}

/// A row with its children, in the order of its list; what it does not list is not there.
fn parent(
    emulator: &Emulator,
    tx: &Transaction<'_>,
    place: &CollectionPlace,
    row: StoredRow,
) -> rusqlite::Result<Option<ListingRow>> {
    let (Some(below), Some(key)) = (place.below(&row.id), place.children_key()) else {
        return Ok(None);
    };
    let rows = rows::list(tx, &below.scope(&emulator.account), false)?;
    let listed = row.body.get(key).and_then(serde_json::Value::as_array);
    let ids = listed
        .into_iter()
        .flatten()
        .filter_map(crate::name::RemoteId::from_wire);
    let children = ids.filter_map(|id| rows.iter().find(|row| row.id == id.as_str()).cloned());
    let scope = engine::revision_scope(&emulator.settings, &below, &emulator.account);
    Ok(Some(ListingRow {
        def: place.def,
        revision: rows::revision(tx, &place.scope(&emulator.account))?,
        child_def: below.def,
        children: children.collect(),
        child_revision: rows::revision(tx, &scope)?,
        row,
    }))
}
