//! What the ledger says of an object, and what it is to say.

use serde_json::Value;

use super::ComparedManifest;
use crate::diff::children;
use crate::kinds::KindDef;
use crate::kinds::mapping::{canonical, get_path, same, set_path, take_path, with_notes};
use crate::live::{Entry, FilePlace};
use crate::manifest::Mode;
use crate::resolve::Resource;

/// What the ledger is to say that was last applied: what is declared, and of an object that is left as people
/// have it (`untouched`) what it said before.
pub(super) fn recorded(
    def: &KindDef,
    untouched: Option<&Entry>,
    wanted: &Value,
    declared: Value,
) -> Value {
    if let Some(entry) = untouched {
        return entry.spec(def);
    }
    let mut recorded = declared;
    record_children(def, wanted, &mut recorded);
    recorded
}

/// The list of children is ours to maintain: what it is set to is remembered like a declared field.
fn record_children(def: &KindDef, wanted: &Value, recorded: &mut Value) {
    let Some(list) = &def.children else { return };
    let members = get_path(wanted, list.field).filter(|members| {
        members
            .as_array()
            .is_some_and(|members| !members.is_empty())
    });
    if let Some(members) = members {
        set_path(recorded, list.field, members.clone());
    }
}

/// A list of children that is left as people have it was not applied: the ledger goes on saying what was.
pub(super) fn keep_list(def: &KindDef, entry: &Entry, recorded: &mut Value) {
    let Some(list) = &def.children else { return };
    match get_path(&entry.spec(def), list.field) {
        Some(applied) => set_path(recorded, list.field, applied.clone()),
        None => drop(take_path(recorded, list.field)),
    }
}

/// Whether the ledger says something else of an object than its manifest, but for the spec.
pub(super) fn is_bound_otherwise(entry: &Entry, resource: &Resource, place: &FilePlace) -> bool {
    entry.protect != resource.lifecycle.protect
        || entry.observed != (resource.lifecycle.mode == Mode::Observe)
        || entry.file != place.file
        || entry.link != place.link
}

/// Whether the ledger's spec of an object that needs no write says something else than is to be recorded.
pub(super) fn records_other(
    entry: &Entry,
    subject: &ComparedManifest<'_>,
    recorded: &Value,
) -> bool {
    let def = subject.def;
    let (mut applied, mut declared) = (entry.spec(def), recorded.clone());
    if same(&applied, &declared) {
        return false;
    }
    if let Some(list) = &def.children {
        let of = (subject.resource, subject.lookup);
        if children::is_outdated(list, of, &applied, &declared) {
            return true;
        }
        take_path(&mut applied, list.field);
        take_path(&mut declared, list.field);
    }
    // A record may spell a reference as an earlier version did.
    let respelled = canonical(def, &applied, subject.lookup);
    let applied = with_notes(def.fields, &applied, respelled);
    !same(&applied, &declared)
}
