//! Another client that writes in between: it speaks no HTTP, its writes are there at once.

use rusqlite::Transaction;
use serde_json::{Map, Value};

use super::Race;
use crate::name::RemoteId;
use crate::sandbox::Emulator;
use crate::sandbox::body;
use crate::sandbox::call::IncomingCall;
use crate::sandbox::engine::Engine;
use crate::sandbox::place::CollectionPlace;
use crate::sandbox::routes::PathRoute;
use crate::sandbox::rows::{self, StoredRow};

/// The collection of a call, and the object of it that the path names.
pub(super) fn object_of(call: &IncomingCall) -> Option<(CollectionPlace, Option<String>)> {
    match PathRoute::of(call) {
        PathRoute::Collection { place, item, .. } => Some((place, item.map(str::to_owned))),
        PathRoute::HandoffWrites { item, .. } => {
            Some((CollectionPlace::handoffs()?, item.map(str::to_owned)))
        }
        _ => None,
    }
}

/// Writes what the other client writes.
pub(super) fn run(emulator: &Emulator, call: &IncomingCall, race: &Race) -> rusqlite::Result<()> {
    let Some((place, item)) = object_of(call) else {
        return Ok(());
    };
    let engine = Engine {
        emulator,
        call,
        place: &place,
        now: emulator.now(),
    };
    emulator.store.write(|tx| {
        let revision = rows::bump(tx, &engine.revision_scope(&place))?;
        for id in ids(call, item.as_deref()) {
            if let Some(row) = rows::get(tx, &engine.scope(), &id)?.filter(|row| !row.deleted) {
                write(&engine, tx, row, (race, revision))?;
            }
        }
        Ok(())
    })
}

/// The objects that a call is about: of its path, or of the array that it sends.
fn ids(call: &IncomingCall, item: Option<&str>) -> Vec<String> {
    if let Some(item) = item {
        return item.split(',').map(str::to_owned).collect();
    }
    let sent = call.json().unwrap_or_default();
    let items = sent.as_array().map_or(&[][..], Vec::as_slice);
    items
        .iter()
        .filter_map(|item| RemoteId::from_wire(item.get("id").unwrap_or(item)))
        .map(|id| id.as_str().to_owned())
        .collect()
}

fn write(
    engine: &Engine<'_>,
    tx: &Transaction<'_>,
    row: StoredRow,
    (race, revision): (&Race, i64),
) -> rusqlite::Result<()> {
    let collection = engine.place.collection;
    let row = match race {
        Race::Revision => return Ok(()),
        Race::Edit(field) => {
            let mut sent = row.body.as_object().cloned().unwrap_or_default();
            edit(&mut sent, field, revision);
            StoredRow {
                body: body::replaced(collection, &row.body, sent, engine.now),
                ..row
            }
        }
        Race::Delete => StoredRow {
            body: body::deleted(collection, &row.body, engine.now),
            deleted: true,
            ..row
        },
    };
    rows::update(tx, &engine.scope(), &row, body::name(collection, &row.body))
}

/// Changes a field to something that it never was.
fn edit(body: &mut Map<String, Value>, field: &str, revision: i64) {
    let mark = Value::from(format!("edited by another client at revision {revision}"));
    match body.get_mut(field) {
        Some(Value::Bool(flag)) => *flag = !*flag,
        Some(Value::Array(items)) if !items.is_empty() => drop(items.pop()),
        Some(Value::Object(map)) => drop(map.insert("editedByAnotherClient".to_owned(), mark)),
        Some(Value::Number(number)) => {
            let grown = match number.as_i64() {
                Some(whole) => Value::from(whole.saturating_add(1)),
                None => Value::from(number.as_f64().unwrap_or_default() + 1.0),
            };
            body.insert(field.to_owned(), grown);
        }
        _ => drop(body.insert(field.to_owned(), mark)),
    }
}
