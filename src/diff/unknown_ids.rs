//! Ids that the account does not hold, in what is to be written: each is of another account, or of an object that is gone.
//!
//! A value that the account already holds is left alone: an account may refer to what it no longer shows.

use std::collections::BTreeSet;

use serde_json::Value;

use super::codes::UNKNOWN_LIVE_REFERENCE;
use super::{Action, Change, Input};
use crate::diag::{Diagnostic, Diags};
use crate::kinds::{KindId, Role, Use};
use crate::live::References;
use crate::resolve::Resource;
use crate::text::Pointer;

/// Complains about every reference by an id that the account does not hold, in the changes.
pub(super) fn check(
    input: &Input<'_>,
    references: &References,
    changes: &[Change],
    diags: &mut Diags,
) {
    let unreadable: BTreeSet<KindId> = input.inventory.unreadable().map(|(kind, _)| kind).collect();
    for change in changes {
        let Some(resource) = input.desired.get(&change.key()) else {
            continue;
        };
        for found in resource.uses() {
            let kind = KindId::known(found.kind);
            // What lies inside others is listed only where these were read.
            let is_listed = kind.def().parent.is_none() && !unreadable.contains(&kind);
            let Some(id) = found.reference.get("id").filter(|_| is_listed) else {
                continue;
            };
            if !references.has_id(found.kind, id) && is_new(change, &found.pointer, id) {
                diags.push(complaint(input, resource, &found, id));
            }
        }
    }
}

/// Whether a change brings an id to a place.
fn is_new(change: &Change, at: &Pointer, id: &Value) -> bool {
    if matches!(change.action, Action::Create | Action::Replace) {
        return true;
    }
    let at = Pointer::from("/spec").join(at);
    let covers = |pointer: &Pointer| at.starts_with(pointer) || pointer.starts_with(&at);
    let mut fields = change.fields.iter().filter(|field| covers(&field.pointer));
    fields.any(|field| !holds(&field.before, id))
}

/// Whether a value holds another one, at any depth.
fn holds(value: &Value, sought: &Value) -> bool {
    value == sought
        || match value {
            Value::Array(list) => list.iter().any(|it| holds(it, sought)),
            Value::Object(map) => map.values().any(|it| holds(it, sought)),
            _ => false,
        }
}

fn complaint(input: &Input<'_>, resource: &Resource, found: &Use<'_>, id: &Value) -> Diagnostic {
    let at = resource.locate(input.texts, &found.pointer);
    let message = format!("the account holds no {} with the id {id}", found.kind);
    let name = match KindId::known(found.kind).def().role {
        Role::Reference => "its name",
        _ => "its name, or with `{ live: <display name> }`",
    };
    Diagnostic::new(&UNKNOWN_LIVE_REFERENCE, at, message).help(format!(
        "an id belongs to one account: refer to the object by {name}, or set the id in the overlay of its environment"
    ))
}
