//! The two checks of references: unknown ids, and deletes of what is in use (platform.md#objects-in-use). Only
//! the refusal for skills is published, so both are switches.

use rusqlite::Transaction;
use serde_json::Value;

use crate::kinds::field::{Codec, Field};
use crate::kinds::mapping::get_path;
use crate::kinds::{ALL, Children, InUse, KindDef, KindId, Parent};
use crate::name::RemoteId;

use super::engine::Engine;
use super::errors::RefusedRequest;
use super::place::CollectionPlace;
use super::rows;
use super::settings::DeleteInUse;

/// A reference in a body: the kind that it means, and the id.
pub(super) type FoundReference<'a> = (&'static str, &'a Value);

/// Refuses a body that refers to something that does not exist.
pub(super) fn check_known(
    tx: &Transaction<'_>,
    account: &str,
    def: &KindDef,
    body: &Value,
) -> Result<(), RefusedRequest> {
    for (kind, id) in references(def.fields, body) {
        let (Some(collection), Some(remote_id)) = (
            KindId::named(kind).and_then(|kind| kind.def().collection),
            RemoteId::from_wire(id),
        ) else {
            continue;
        };
        if !rows::is_live(tx, account, collection.path, remote_id.as_str())? {
            return Err(RefusedRequest::bad_request(format!(
                "there is no {kind} with id {id}"
            )));
        }
    }
    Ok(())
}

/// Refuses to delete a row that another live row refers to, where the settings say so.
pub(super) fn check_unused(
    tx: &Transaction<'_>,
    account: &str,
    engine: &Engine<'_>,
    id: &str,
) -> Result<(), RefusedRequest> {
    let place = engine.place;
    let published = place.collection.in_use;
    let is_refused = match engine.settings().delete_in_use {
        DeleteInUse::Published => published.is_some(),
        DeleteInUse::Refused => true,
        DeleteInUse::Allowed => false,
    };
    if !is_refused {
        return Ok(());
    }
    let mut users = Vec::new();
    for def in ALL.iter().filter(|def| !are_kin(def, place)) {
        if let Some(user) = CollectionPlace::new(def, "") {
            users.extend(users_of(tx, account, &user, (place.def.name, id))?);
        }
    }
    if users.is_empty() {
        return Ok(());
    }
    let users = users.join(", ");
    Err(match published {
        Some(InUse { body_type, message }) => RefusedRequest {
            own_type: Some(body_type),
            ..RefusedRequest::bad_request(format!("{message}{users}"))
        },
        None => {
            RefusedRequest::bad_request(format!("{} {id} is in use by {users}", place.def.name))
        }
    })
}

/// Whether one is the parent of the other. A campaign lists its engagements; that does not keep them from
/// being deleted.
fn are_kin(user: &KindDef, place: &CollectionPlace) -> bool {
    let name = place.def.name;
    let has_child = |children: &Children| children.kind == name;
    let has_parent = |parent: &Parent| parent.kind == name;
    user.children.as_ref().is_some_and(has_child) || user.parent.as_ref().is_some_and(has_parent)
}

/// The live rows of a place that refer to an object.
fn users_of(
    tx: &Transaction<'_>,
    account: &str,
    users: &CollectionPlace,
    (kind, id): (&'static str, &str),
) -> Result<Vec<String>, RefusedRequest> {
    let above = users.above();
    let mut found = Vec::new();
    for row in rows::list_all(tx, account, users.collection.path)? {
        let means = |(other, wire): &FoundReference<'_>| {
            *other == kind && RemoteId::from_wire(wire).is_some_and(|wire| wire.as_str() == id)
        };
        let uses = references(users.def.fields, &row.body).iter().any(means);
        let hidden = match &above {
            Some(above) => !rows::is_live(tx, account, above.collection.path, &row.parent)?,
            None => false,
        };
        if uses && !hidden {
            found.push(format!("{} {}", users.def.name, row.id));
        }
    }
    Ok(found)
}

/// Every reference of a body.
pub(super) fn references<'a>(fields: &'static [Field], body: &'a Value) -> Vec<FoundReference<'a>> {
    let mut found = Vec::new();
    collect(fields, body, &mut found);
    found
}

fn collect<'a>(fields: &'static [Field], body: &'a Value, found: &mut Vec<FoundReference<'a>>) {
    for field in fields.iter().filter(|field| !field.wire.is_empty()) {
        let Some(value) = get_path(body, field.wire) else {
            continue;
        };
        let items = value.as_array().map_or(&[][..], Vec::as_slice);
        match &field.codec {
            Codec::Ref(kind) => found.push((*kind, value)),
            Codec::RefSet(kind) | Codec::RefList(kind) => {
                found.extend(items.iter().map(|item| (*kind, item)));
            }
            Codec::Object(fields) => collect(fields, value, found),
            Codec::List { fields, .. } => {
                for item in items {
                    collect(fields, item, found);
                }
            }
            _ => {}
        }
    }
}
