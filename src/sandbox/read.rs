//! Lists and items: which rows an answer holds, and what of each (platform.md#query-parameters).

use std::collections::BTreeMap;

use axum::http::StatusCode;
use rusqlite::Transaction;
use serde_json::Value;

use crate::kinds::{Collection, KindDef, Serving};

use super::call::Reply;
use super::engine::Engine;
use super::errors::RefusedRequest;
use super::place::{CollectionPlace, Family};
use super::query::{Projection, SelectProjection};
use super::rows::{self, StoredRow};
use super::settings::{ListStamps, WholeList};

/// `GET` on a collection.
pub(super) fn list(engine: &Engine<'_>) -> Result<Reply, RefusedRequest> {
    let view = SelectProjection::of(engine.call, Projection::Summary)?;
    engine.emulator.store.read(|tx| {
        engine.check_parent(tx)?;
        let revision = rows::revision(tx, &engine.revision_scope(engine.place))?;
        if let Some(reply) = not_modified(engine, revision) {
            return Ok(reply);
        }
        let rows = rows::list(tx, &engine.scope(), view.include_deleted)?;
        let projection = listed(engine, view.projection)?;
        let mut shown = serve(engine, tx, rows, &projection)?;
        if projection == Projection::All {
            thin(engine, &mut shown);
        }
        unstamp(engine, &mut shown);
        Ok(engine.stamped(Reply::ok(Value::Array(shown)), revision))
    })
}

/// The projection of a list: one of whole rows with others inside them is not served by every account.
fn listed(engine: &Engine<'_>, projection: Projection) -> Result<Projection, RefusedRequest> {
    if engine.place.collection.embeds.is_none() {
        return Ok(projection);
    }
    if let Projection::Select(_) = projection {
        return match engine.settings().list_stamps {
            ListStamps::Refused => Err(RefusedRequest::bad_request("select is not supported")),
            ListStamps::Ignored => Ok(Projection::Summary),
            ListStamps::Shown | ListStamps::Undated | ListStamps::Unrevised => Ok(projection),
        };
    }
    if projection != Projection::All {
        return Ok(projection);
    }
    match engine.settings().whole_list {
        WholeList::Refused => Err(RefusedRequest::bad_request(
            "field_set is not supported".to_owned(),
        )),
        WholeList::Summary => Ok(Projection::Summary),
        WholeList::Whole | WholeList::Shallow | WholeList::Childless => Ok(projection),
    }
}

/// Takes out of the rows of a list what an account does not show there of their last change.
fn unstamp(engine: &Engine<'_>, shown: &mut [Value]) {
    let collection = engine.place.collection;
    let key = match engine.settings().list_stamps {
        ListStamps::Undated => Some(collection.changed),
        ListStamps::Unrevised => collection.embedded_revision,
        ListStamps::Shown | ListStamps::Ignored | ListStamps::Refused => None,
    };
    if let (Some(key), Some(_)) = (key, collection.embeds) {
        for row in shown.iter_mut().filter_map(Value::as_object_mut) {
            row.remove(key);
        }
    }
}

/// Takes out of the rows of a list what an account does not show there of the rows inside them.
fn thin(engine: &Engine<'_>, shown: &mut [Value]) {
    let Some(key) = engine.place.collection.embeds else {
        return;
    };
    for row in shown.iter_mut().filter_map(Value::as_object_mut) {
        match engine.settings().whole_list {
            WholeList::Childless => drop(row.remove(key)),
            WholeList::Shallow => {
                let inside = row.get_mut(key).and_then(Value::as_array_mut);
                for child in inside
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_object_mut)
                {
                    child.retain(|key, _| key == "id" || key == "name");
                }
            }
            WholeList::Whole | WholeList::Summary | WholeList::Refused => {}
        }
    }
}

/// `GET` on an item.
pub(super) fn item(engine: &Engine<'_>, id: &str) -> Result<Reply, RefusedRequest> {
    let view = SelectProjection::of(engine.call, Projection::All)?;
    engine.emulator.store.read(|tx| {
        engine.check_parent(tx)?;
        let revision = rows::revision(tx, &engine.revision_scope(engine.place))?;
        let row = rows::get(tx, &engine.scope(), id)?.ok_or_else(RefusedRequest::no_data)?;
        if row.deleted && !view.include_deleted {
            return Err(engine.gone());
        }
        if let Some(reply) = not_modified(engine, revision) {
            return Ok(reply);
        }
        let body = serve(engine, tx, vec![row], &view.projection)?.pop();
        Ok(engine.stamped(Reply::ok(body.unwrap_or_default()), revision))
    })
}

/// 304 for a reader whose copy is current; `ac-common` documents it.
fn not_modified(engine: &Engine<'_>, revision: i64) -> Option<Reply> {
    let current = engine.call.header("if-match")? == revision.to_string();
    let applies = engine.settings().common_not_modified && engine.place.family() == Family::Common;
    (current && applies).then(|| engine.stamped(Reply::empty(StatusCode::NOT_MODIFIED), revision))
}

/// The bodies of rows as an answer shows them.
pub(super) fn serve(
    engine: &Engine<'_>,
    tx: &Transaction<'_>,
    rows: Vec<StoredRow>,
    projection: &Projection,
) -> Result<Vec<Value>, RefusedRequest> {
    check_fields(engine, tx, projection)?;
    let collection = engine.place.collection;
    let summary = collection.summary;
    let embeds = collection
        .embeds
        .filter(|key| projection.shows(key, summary));
    let mut families = match embeds {
        Some(_) => children(engine, tx, &rows)?,
        None => BTreeMap::new(),
    };
    let mut shown = Vec::with_capacity(rows.len());
    for StoredRow { id, mut body, .. } in rows {
        if let (Some(key), Value::Object(map)) = (embeds, &mut body) {
            let members = families.remove(&id).unwrap_or_default();
            map.insert(key.to_owned(), Value::Array(members));
        }
        derive(engine, tx, &id, &mut body)?;
        hide(engine, collection, &mut body);
        shown.push(projection.apply(body, summary));
    }
    Ok(shown)
}

/// Takes out of an answer what captured ones do not hold.
fn hide(engine: &Engine<'_>, collection: &Collection, body: &mut Value) {
    if let Value::Object(body) = body
        && !engine.settings().full_rows
    {
        body.retain(|key, _| !collection.unreturned.contains(&key.as_str()));
    }
}

/// Fills in what the kind derives when it is served.
fn derive(
    engine: &Engine<'_>,
    tx: &Transaction<'_>,
    id: &str,
    body: &mut Value,
) -> Result<(), RefusedRequest> {
    let child_revision = match engine.place.below(id) {
        Some(below) => Some(rows::revision(tx, &engine.revision_scope(&below))?),
        None => None,
    };
    (engine.place.def.serve)(body, &serving(engine, child_revision));
    Ok(())
}

fn serving<'a>(engine: &'a Engine<'_>, child_revision: Option<i64>) -> Serving<'a> {
    Serving {
        account: &engine.emulator.account,
        now: engine.now,
        child_revision,
    }
}

/// The live children of rows, whole, by parent.
fn children(
    engine: &Engine<'_>,
    tx: &Transaction<'_>,
    parents: &[StoredRow],
) -> Result<BTreeMap<String, Vec<Value>>, RefusedRequest> {
    let account = &engine.emulator.account;
    let Some(below) = engine.place.below("") else {
        return Ok(BTreeMap::new());
    };
    let found = match parents {
        [parent] => match engine.place.below(&parent.id) {
            Some(below) => rows::list(tx, &below.scope(account), false)?,
            None => Vec::new(),
        },
        _ => rows::list_all(tx, account, below.collection.path)?,
    };
    let mut families = BTreeMap::<String, Vec<Value>>::new();
    for mut row in found {
        (below.def.serve)(&mut row.body, &serving(engine, None));
        hide(engine, below.collection, &mut row.body);
        families.entry(row.parent).or_default().push(row.body);
    }
    Ok(families)
}

/// Refuses `fields` that the collection does not have.
fn check_fields(
    engine: &Engine<'_>,
    tx: &Transaction<'_>,
    projection: &Projection,
) -> Result<(), RefusedRequest> {
    let Projection::Fields(fields) = projection else {
        return Ok(());
    };
    let mut unknown = Vec::new();
    for field in fields {
        if !is_table_key(engine.place.def, engine.place, field)
            && !rows::any_has_key(tx, &engine.scope(), field)?
        {
            unknown.push(format!("`{field}`"));
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    Err(RefusedRequest::bad_request(format!(
        "unknown fields: {}",
        unknown.join(", ")
    )))
}

/// Whether the kind's tables know a top-level wire key.
fn is_table_key(def: &KindDef, place: &CollectionPlace, key: &str) -> bool {
    let collection = place.collection;
    let listed = [
        collection.server_assigned,
        collection.volatile,
        collection.system_flags,
        collection.summary.unwrap_or_default(),
    ];
    key == "id"
        || key == collection.name_key
        || collection.embeds == Some(key)
        || listed.iter().any(|keys| keys.contains(&key))
        || collection
            .create_constants
            .iter()
            .any(|(constant, _)| *constant == key)
        || def
            .fields
            .iter()
            .any(|field| field.wire.split('.').next() == Some(key))
}
