//! Objects that the plan would delete although somebody else's object refers to them.
//!
//! What the platform does then is not known (wire section 4.15), so the program refuses on its own. It
//! knows the objects that this run has read.

use std::collections::{BTreeMap, BTreeSet};

use super::Bindings;
use super::prune::Pruned;
use crate::kinds::mapping::lift;
use crate::kinds::{KindId, Lookup, Use, uses};
use crate::live::{Inventory, LiveObject};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::text::Pointer;

/// Each object to be deleted that a foreign object refers to, with that object in words.
pub(super) fn in_use(
    pruned: &Pruned,
    bindings: &Bindings<'_>,
    inventory: &Inventory,
) -> Vec<(Key, String)> {
    let live = pruned.entries.iter().filter(|entry| entry.live.is_some());
    let doomed: BTreeMap<(&str, String), &Key> = live
        .map(|entry| {
            (
                (entry.key.kind.name(), entry.entry.id.to_wire().to_string()),
                entry.key,
            )
        })
        .collect();
    if doomed.is_empty() {
        return Vec::new();
    }
    let ours: BTreeSet<(KindId, &RemoteId)> = bindings
        .bound
        .values()
        .map(|bound| (bound.object.kind, &bound.object.id))
        .chain(
            pruned
                .entries
                .iter()
                .map(|entry| (entry.key.kind, &entry.entry.id)),
        )
        .collect();
    let foreign = inventory
        .iter()
        .filter(|object| !ours.contains(&(object.kind, &object.id)));
    foreign
        .flat_map(|object| uses_of_doomed(object, &doomed, bindings))
        .collect()
}

fn uses_of_doomed(
    object: &LiveObject,
    doomed: &BTreeMap<(&str, String), &Key>,
    bindings: &Bindings<'_>,
) -> Vec<(Key, String)> {
    let def = object.kind.def();
    let spec = lift(def, &object.body, &bindings.references);
    // That an object lies inside another one keeps nobody from deleting it.
    let contains = def
        .children
        .as_ref()
        .map(|children| Pointer::root().key(children.field));
    let refers = |found: &Use<'_>| {
        contains
            .as_ref()
            .is_none_or(|list| !found.pointer.starts_with(list))
    };
    let found = uses(def.fields, &spec)
        .into_iter()
        .filter(refers)
        .filter_map(|found| {
            let id = bindings.references.to_id(found.kind, found.reference);
            doomed.get(&(found.kind, id.to_string()))
        });
    found
        .map(|key| {
            (
                (*key).clone(),
                format!("the {} `{}`", object.kind, object.display_name),
            )
        })
        .collect()
}
