//! Ids that the account does not hold, in what is to be written: each is of another account, or of an object that is gone.
//!
//! A value that the account already holds is left alone: an account may refer to what it no longer shows.

use std::collections::BTreeSet;

use serde_json::Value;

use super::codes::UNKNOWN_LIVE_REFERENCE;
use super::{Action, Change, DiffInput};
use crate::diag::{Advice, Diagnostic, Diags, Fix};
use crate::kinds::mapping::{REF_KEY, is_open};
use crate::kinds::{KindId, Role, Use};
use crate::live::References;
use crate::manifest::Key;
use crate::name::Name;
use crate::resolve::Resource;
use crate::text::Pointer;

/// Complains about every reference by an id that the account does not hold, in the changes.
pub(super) fn check(
    input: &DiffInput<'_>,
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
fn is_new(change: &Change, place: &Pointer, id: &Value) -> bool {
    if matches!(change.action, Action::Create | Action::Replace) {
        return true;
    }
    let at = Pointer::from("/spec").join(place);
    let covers = |pointer: &Pointer| at.starts_with(pointer) || pointer.starts_with(&at);
    let mut fields = change.fields.iter().filter(|field| covers(&field.pointer));
    let is_open = is_open(change.kind.def().fields, place);
    fields.any(|field| !holds(&field.before, id, is_open))
}

/// Whether a value refers to an object by an id, at any depth. In open JSON, an id of which nothing is known is there as it
/// is. A name is none, even if it is spelled alike: a manifest with `{ id: <name> }` brings something new.
fn holds(value: &Value, id: &Value, is_open: bool) -> bool {
    match value {
        Value::Array(list) => list.iter().any(|it| holds(it, id, is_open)),
        Value::Object(map) if map.get("id") == Some(id) => true,
        Value::Object(map) => map.iter().any(|(key, it)| {
            let is_raw = is_open && key != REF_KEY;
            holds(it, id, is_raw)
        }),
        other => is_open && other == id,
    }
}

fn complaint(
    input: &DiffInput<'_>,
    resource: &Resource,
    found: &Use<'_>,
    id: &Value,
) -> Diagnostic {
    let at = resource.locate(input.texts, &found.pointer);
    let message = format!("the account holds no {} with the id {id}", found.kind);
    let kind = KindId::known(found.kind);
    let name = id.as_str().and_then(|id| Name::new(id).ok());
    if let Some(name) = name.filter(|name| {
        let name = name.clone();
        input.desired.get(&Key { kind, name }).is_some()
    }) {
        let help = Advice::from(format!("write the name alone: `{name}`"));
        let help = help.fix(Fix::Write(name.to_string()));
        return Diagnostic::new(&UNKNOWN_LIVE_REFERENCE, at, message).help(help);
    }
    let name = match kind.def().role {
        Role::Reference => "its name",
        _ => "its name, or with `{ live: <display name> }`",
    };
    Diagnostic::new(&UNKNOWN_LIVE_REFERENCE, at, message).help(format!(
        "an id belongs to one account: refer to the object by {name}, or set the id in the overlay of its environment"
    ))
}
