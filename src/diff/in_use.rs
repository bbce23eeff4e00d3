//! Objects that the plan would delete although somebody else's object, or a manifest by a live name, refers
//! to them.
//!
//! What the platform does then is not known (wire section 4.15), so the program refuses on its own. It
//! knows the objects that this run has read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::prune::Pruned;
use super::{Bindings, Input};
use crate::kinds::mapping::lift_whole;
use crate::kinds::{KindId, Lookup, Use, uses};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::text::Pointer;

/// Each object to be deleted that something which stays refers to, with that in words.
pub(super) fn in_use(
    pruned: &Pruned,
    bindings: &Bindings<'_>,
    input: &Input<'_>,
) -> Vec<(Key, String)> {
    let live = pruned
        .entries
        .iter()
        .filter(|entry| entry.live.is_some() && entry.leaves());
    let doomed: BTreeMap<(&str, String), &Key> = live
        .map(|entry| {
            (
                (entry.key.kind.name(), entry.entry.id.to_wire().to_string()),
                &entry.key,
            )
        })
        .collect();
    if doomed.is_empty() {
        return Vec::new();
    }
    let ours = ours(pruned, bindings);
    let foreign = input
        .inventory
        .iter()
        .filter(|object| !ours.contains(&(object.kind, &object.id)));
    let doomed = Doomed { doomed, bindings };
    let by_objects = foreign.flat_map(|object| {
        let spec = lift_whole(object.kind.def(), object.body.value(), &bindings.references);
        let user = format!("the {} `{}`", object.kind, object.display_name);
        doomed.used_by(object.kind, &spec, &user)
    });
    let by_manifests = input.desired.iter().flat_map(|resource| {
        let user = format!("the manifest {}", resource.key);
        doomed.used_by(resource.key.kind, &resource.spec, &user)
    });
    by_objects.chain(by_manifests).collect()
}

/// The objects that have a manifest or are to be deleted.
fn ours<'a>(pruned: &'a Pruned, bindings: &'a Bindings<'_>) -> BTreeSet<(KindId, &'a RemoteId)> {
    let bound = bindings.bound.values();
    let bound = bound.map(|bound| (bound.object.kind, &bound.object.id));
    let doomed = pruned.entries.iter();
    bound
        .chain(doomed.map(|doomed| (doomed.key.kind, &doomed.entry.id)))
        .collect()
}

/// The live objects to be deleted, by kind and id.
struct Doomed<'a> {
    doomed: BTreeMap<(&'a str, String), &'a Key>,
    bindings: &'a Bindings<'a>,
}

impl Doomed<'_> {
    fn used_by(&self, kind: KindId, spec: &Value, user: &str) -> Vec<(Key, String)> {
        let def = kind.def();
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
        let found = uses(def.fields, spec)
            .into_iter()
            .filter(refers)
            .filter_map(|found| {
                let id = self.bindings.references.to_id(found.kind, found.reference);
                self.doomed.get(&(found.kind, id.to_string()))
            });
        found.map(|key| ((*key).clone(), user.to_owned())).collect()
    }
}
