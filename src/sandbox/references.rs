//! The two optional checks of references: unknown ids, and deletes of what is in use (wire section
//! 4.15; the platform's answers are not found, so both are switches).

use rusqlite::Transaction;
use serde_json::Value;

use crate::kinds::field::{Codec, Field};
use crate::kinds::mapping::get_path;
use crate::kinds::{ALL, KindDef, KindId};
use crate::name::RemoteId;

use super::errors::Failure;
use super::place::Place;
use super::rows;

/// A reference in a body: the kind that it means, and the id.
pub(super) type Found<'a> = (&'static str, &'a Value);

/// Refuses a body that refers to something that does not exist.
pub(super) fn check_known(
    tx: &Transaction<'_>,
    account: &str,
    def: &KindDef,
    body: &Value,
) -> Result<(), Failure> {
    for (kind, id) in references(def.fields, body) {
        let (Some(collection), Some(remote_id)) = (
            KindId::named(kind).and_then(|kind| kind.def().collection),
            RemoteId::from_wire(id),
        ) else {
            continue;
        };
        if !rows::is_live(tx, account, collection.path, remote_id.as_str())? {
            return Err(Failure::bad_request(format!(
                "there is no {kind} with id {id}"
            )));
        }
    }
    Ok(())
}

/// Refuses to delete a row that another live row refers to.
pub(super) fn check_unused(
    tx: &Transaction<'_>,
    account: &str,
    place: &Place,
    id: &str,
) -> Result<(), Failure> {
    for user in ALL {
        let Some(users) = Place::new(user, "") else {
            continue;
        };
        // A campaign lists its engagements; that does not keep them from being deleted.
        let kin = user
            .children
            .as_ref()
            .is_some_and(|children| children.kind == place.def.name)
            || user
                .parent
                .as_ref()
                .is_some_and(|parent| parent.kind == place.def.name);
        if !kin {
            check_unused_by(tx, account, &users, (place.def.name, id))?;
        }
    }
    Ok(())
}

fn check_unused_by(
    tx: &Transaction<'_>,
    account: &str,
    users: &Place,
    (kind, id): (&'static str, &str),
) -> Result<(), Failure> {
    let above = users.above();
    for row in rows::list_all(tx, account, users.collection.path)? {
        let uses = references(users.def.fields, &row.body)
            .into_iter()
            .any(|(found, wire)| {
                found == kind && RemoteId::from_wire(wire).is_some_and(|wire| wire.as_str() == id)
            });
        let hidden = match &above {
            Some(above) => !rows::is_live(tx, account, above.collection.path, &row.parent)?,
            None => false,
        };
        if uses && !hidden {
            return Err(Failure::bad_request(format!(
                "{kind} {id} is in use by {} {}",
                users.def.name, row.id
            )));
        }
    }
    Ok(())
}

/// Every reference of a body.
pub(super) fn references<'a>(fields: &'static [Field], body: &'a Value) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    collect(fields, body, &mut found);
    found
}

fn collect<'a>(fields: &'static [Field], body: &'a Value, found: &mut Vec<Found<'a>>) {
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
