//! Creates, replaces and deletes: each call is one transaction, so a bulk write happens whole or not
//! at all (the platform's own atomicity is not found).

use axum::http::StatusCode;
use rusqlite::Transaction;
use serde_json::{Map, Value};

use crate::kinds::IdForm;
use crate::name::RemoteId;

use super::body::{self, Birth};
use super::call::{IncomingCall, Reply};
use super::engine::Engine;
use super::errors::RefusedRequest;
use super::place::CollectionPlace;
use super::query::{Projection, SelectProjection};
use super::rows::{self, StoredRow};
use super::{read, references};

/// `POST` on a collection with one object or an array of them.
pub(super) fn create(engine: &Engine<'_>) -> Result<Reply, RefusedRequest> {
    let view = SelectProjection::of(engine.call, Projection::All)?;
    let (bodies, is_bulk) = objects(engine.call)?;
    let (reply, names) = engine.emulator.store.write(|tx| {
        engine.check_parent(tx)?;
        let mut made = Vec::with_capacity(bodies.len());
        for sent in bodies {
            made.push(create_one(engine, tx, sent)?);
        }
        let location = made.last().map(|row| row.id.clone());
        let names: Vec<_> = made.iter().filter_map(|row| name_of(engine, row)).collect();
        let status = StatusCode::from_u16(engine.place.collection.create_status)
            .unwrap_or(StatusCode::CREATED);
        let reply = written(engine, tx, (made, is_bulk), &view.projection)?;
        let reply = Reply { status, ..reply };
        let reply = match location {
            Some(id) if !is_bulk => reply.with("location", location_of(engine, &id)),
            _ => reply,
        };
        Ok::<_, RefusedRequest>((reply, names))
    })?;
    let stats = &engine.emulator.stats;
    stats.commit();
    for name in names {
        stats.created(&path_of(engine.place), &name);
    }
    Ok(reply)
}

fn name_of(engine: &Engine<'_>, row: &StoredRow) -> Option<String> {
    body::name(engine.place.collection, &row.body).map(str::to_owned)
}

fn create_one(
    engine: &Engine<'_>,
    tx: &Transaction<'_>,
    sent: Map<String, Value>,
) -> Result<StoredRow, RefusedRequest> {
    let place = engine.place;
    let birth = Birth {
        id: next_id(engine, tx)?,
        now: engine.now,
        parent: place
            .parent_key()
            .map(|key| (key, RemoteId::from(place.parent.as_str()).to_wire())),
    };
    let body = body::created(place.collection, sent, &birth);
    check_body(engine, tx, &body, None)?;
    let row = StoredRow {
        id: text_of(&birth.id),
        parent: place.parent.clone(),
        body,
        deleted: false,
        system: false,
    };
    rows::insert(
        tx,
        &engine.scope(),
        &row,
        body::name(place.collection, &row.body),
    )?;
    take_over_flag(engine, tx, &row)?;
    Ok(row)
}

/// `PUT` on an item.
pub(super) fn replace(engine: &Engine<'_>, id: &str) -> Result<Reply, RefusedRequest> {
    let view = SelectProjection::of(engine.call, Projection::All)?;
    let Value::Object(sent) = engine.call.json()? else {
        return Err(RefusedRequest::bad_request("the body must be an object"));
    };
    committed(engine, |tx| {
        engine.check_parent(tx)?;
        let stored = live(engine, tx, id)?;
        engine.check_revision(tx)?;
        let row = replace_one(engine, tx, stored, sent)?;
        written(engine, tx, (vec![row], false), &view.projection)
    })
}

/// `PUT` on a collection with an array of whole objects.
pub(super) fn replace_many(engine: &Engine<'_>) -> Result<Reply, RefusedRequest> {
    let view = SelectProjection::of(engine.call, Projection::All)?;
    let (bodies, is_bulk) = objects(engine.call)?;
    if !is_bulk {
        return Err(RefusedRequest::bad_request(
            "the body must be an array of objects",
        ));
    }
    committed(engine, |tx| {
        let mut stored = Vec::with_capacity(bodies.len());
        for sent in bodies {
            let id = sent
                .get("id")
                .and_then(RemoteId::from_wire)
                .ok_or_else(|| RefusedRequest::bad_request("each object needs its `id`"))?;
            stored.push((live(engine, tx, id.as_str())?, sent));
        }
        engine.check_revision(tx)?;
        let mut replaced = Vec::with_capacity(stored.len());
        for (row, sent) in stored {
            replaced.push(replace_one(engine, tx, row, sent)?);
        }
        let is_bulk = replaced.len() > 1 || !engine.settings().array_put_answers_object;
        written(engine, tx, (replaced, is_bulk), &view.projection)
    })
}

fn replace_one(
    engine: &Engine<'_>,
    tx: &Transaction<'_>,
    stored: StoredRow,
    sent: Map<String, Value>,
) -> Result<StoredRow, RefusedRequest> {
    let collection = engine.place.collection;
    let body = body::replaced(collection, &stored.body, sent, engine.now);
    if collection.is_system(&stored.body) && !collection.is_system(&body) {
        return Err(RefusedRequest::bad_request(
            "the mark of a system object cannot be taken away",
        ));
    }
    check_body(engine, tx, &body, Some(&stored.id))?;
    let row = StoredRow { body, ..stored };
    rows::update(tx, &engine.scope(), &row, body::name(collection, &row.body))?;
    take_over_flag(engine, tx, &row)?;
    Ok(row)
}

/// `DELETE` of items.
pub(super) fn delete(engine: &Engine<'_>, ids: &[String]) -> Result<Reply, RefusedRequest> {
    let collection = engine.place.collection;
    let account = &engine.emulator.account;
    committed(engine, |tx| {
        engine.check_parent(tx)?;
        let mut doomed = Vec::with_capacity(ids.len());
        for id in ids {
            let row = rows::get(tx, &engine.scope(), id)?
                .filter(|row| !row.deleted)
                .ok_or_else(RefusedRequest::no_data)?;
            doomed.push(row);
        }
        engine.check_revision(tx)?;
        for row in doomed {
            if row.system || collection.is_system(&row.body) {
                return Err(RefusedRequest::bad_request(
                    "a system object cannot be deleted",
                ));
            }
            references::check_unused(tx, account, engine, &row.id)?;
            let body = body::deleted(collection, &row.body, engine.now);
            let row = StoredRow {
                body,
                deleted: true,
                ..row
            };
            rows::update(tx, &engine.scope(), &row, body::name(collection, &row.body))?;
            if engine.settings().deleted_leaves_list {
                unlist(engine, tx, &row.id)?;
            }
        }
        let revision = rows::bump(tx, &engine.revision_scope(engine.place))?;
        Ok(engine.stamped(Reply::empty(StatusCode::OK), revision))
    })
}

/// Takes a deleted row off the list of the row around it.
fn unlist(engine: &Engine<'_>, tx: &Transaction<'_>, id: &str) -> Result<(), RefusedRequest> {
    let Some(above) = engine.place.above() else {
        return Ok(());
    };
    let scope = above.scope(&engine.emulator.account);
    let parent = rows::get(tx, &scope, &engine.place.parent)?;
    let (Some(mut parent), Some(key)) = (parent, above.children_key()) else {
        return Ok(());
    };
    let Some(listed) = parent.body.get_mut(key).and_then(Value::as_array_mut) else {
        return Ok(());
    };
    let id = RemoteId::from(id).to_wire();
    if !listed.contains(&id) {
        return Ok(());
    }
    listed.retain(|listed| *listed != id);
    let name = body::name(above.collection, &parent.body);
    rows::update(tx, &scope, &parent, name)?;
    rows::bump(tx, &engine.revision_scope(&above))?;
    Ok(())
}

/// Writes, and counts what took effect.
fn committed(
    engine: &Engine<'_>,
    work: impl FnOnce(&Transaction<'_>) -> Result<Reply, RefusedRequest>,
) -> Result<Reply, RefusedRequest> {
    let reply = engine.emulator.store.write(work)?;
    engine.emulator.stats.commit();
    Ok(reply)
}

/// The ids of a bulk delete: a JSON array of texts or numbers.
pub(super) fn ids_of(call: &IncomingCall) -> Result<Vec<String>, RefusedRequest> {
    let refusal = || RefusedRequest::bad_request("the body must be an array of ids");
    let Value::Array(items) = call.json()? else {
        return Err(refusal());
    };
    items
        .iter()
        .map(|item| RemoteId::from_wire(item).map(|id| id.as_str().to_owned()))
        .collect::<Option<_>>()
        .ok_or_else(refusal)
}

/// The objects of a body, and whether they came as an array.
fn objects(call: &IncomingCall) -> Result<(Vec<Map<String, Value>>, bool), RefusedRequest> {
    match call.json()? {
        Value::Object(object) => Ok((vec![object], false)),
        Value::Array(items) if !items.is_empty() => items
            .into_iter()
            .map(|item| match item {
                Value::Object(object) => Some(object),
                _ => None,
            })
            .collect::<Option<_>>()
            .map(|objects| (objects, true))
            .ok_or_else(|| RefusedRequest::bad_request("the array must hold objects")),
        _ => Err(RefusedRequest::bad_request(
            "the body must be an object or an array of objects",
        )),
    }
}

/// A row that can be replaced.
fn live(engine: &Engine<'_>, tx: &Transaction<'_>, id: &str) -> Result<StoredRow, RefusedRequest> {
    let row = rows::get(tx, &engine.scope(), id)?.ok_or_else(RefusedRequest::no_data)?;
    if row.deleted {
        Err(engine.gone())
    } else {
        Ok(row)
    }
}

fn check_body(
    engine: &Engine<'_>,
    tx: &Transaction<'_>,
    body: &Value,
    id: Option<&str>,
) -> Result<(), RefusedRequest> {
    let collection = engine.place.collection;
    let Some(name) = body::name(collection, body) else {
        return Err(RefusedRequest::bad_request(format!(
            "`{}` is required",
            collection.name_key
        )));
    };
    if collection.unique_name && rows::name_is_taken(tx, &engine.scope(), name, id)? {
        return Err(RefusedRequest::new(
            StatusCode::CONFLICT,
            format!("another object is named `{name}`"),
        ));
    }
    if engine.settings().refuse_unknown_references {
        references::check_known(tx, &engine.emulator.account, engine.place.def, body)?;
    }
    Ok(())
}

/// Takes the collection's exclusive flag from the rows that bore it before `row`.
fn take_over_flag(
    engine: &Engine<'_>,
    tx: &Transaction<'_>,
    row: &StoredRow,
) -> Result<(), RefusedRequest> {
    let Some(flag) = engine.place.collection.exclusive_flag else {
        return Ok(());
    };
    if row.body.get(flag) != Some(&Value::Bool(true)) {
        return Ok(());
    }
    for mut other in rows::list(tx, &engine.scope(), false)? {
        if other.id != row.id && other.body.get(flag) == Some(&Value::Bool(true)) {
            other.body[flag] = Value::Bool(false);
            let name = body::name(engine.place.collection, &other.body).map(str::to_owned);
            rows::update(tx, &engine.scope(), &other, name.as_deref())?;
        }
    }
    Ok(())
}

/// The answer to a write, with the revision after it.
fn written(
    engine: &Engine<'_>,
    tx: &Transaction<'_>,
    (rows, is_bulk): (Vec<StoredRow>, bool),
    projection: &Projection,
) -> Result<Reply, RefusedRequest> {
    let revision = rows::bump(tx, &engine.revision_scope(engine.place))?;
    let mut shown = read::serve(engine, tx, rows, projection)?;
    let body = if is_bulk {
        Value::Array(shown)
    } else {
        shown.pop().unwrap_or_default()
    };
    Ok(engine.stamped(Reply::ok(body), revision))
}

fn next_id(engine: &Engine<'_>, tx: &Transaction<'_>) -> Result<Value, RefusedRequest> {
    free_id(engine.place, &engine.emulator.account, tx).map_err(RefusedRequest::from)
}

/// An id of the collection's form that no row has.
pub(super) fn free_id(
    place: &CollectionPlace,
    account: &str,
    tx: &Transaction<'_>,
) -> rusqlite::Result<Value> {
    loop {
        let id = match place.collection.id {
            IdForm::Number => Value::from(rows::next_number(tx)?),
            IdForm::Uuid => Value::from(rows::random_uuid(tx)?),
            IdForm::Handoff => Value::from(rows::next_handoff(tx)?),
        };
        if !rows::has_id(tx, account, place.collection.path, &text_of(&id))? {
            return Ok(id);
        }
    }
}

fn text_of(id: &Value) -> String {
    RemoteId::from_wire(id).map_or_else(String::new, |id| id.as_str().to_owned())
}

fn location_of(engine: &Engine<'_>, id: &str) -> String {
    let account = &engine.emulator.account;
    if engine.place.is_handoffs() {
        return format!("/_sandbox/account/{account}/handoffs/{id}");
    }
    let path = path_of(engine.place);
    format!("/api/account/{account}/configuration/{path}/{id}")
}

/// The path of a collection below its parent, `le-campaigns/campaigns/7/engagements`.
fn path_of(place: &CollectionPlace) -> String {
    place.collection.path.replace("{parent}", &place.parent)
}
