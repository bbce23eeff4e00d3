//! The ordered list of a parent's children: whose members are ours, and whose stay.

use std::collections::BTreeSet;

use serde_json::Value;

use super::prune::Pruned;
use super::{Bindings, Input};
use crate::kinds::mapping::get_path;
use crate::kinds::{Children, KindId, Lookup};
use crate::manifest::Key;
use crate::name::Name;
use crate::resolve::Resource;

/// The list as it should be. A declared list is meant as it stands; without one, the live order is kept
/// and manifests that are not in it yet follow in the order of the files. Either way, what people added
/// in the console stays, and what the plan deletes or moves elsewhere goes.
pub(super) fn wanted(
    input: &Input<'_>,
    bindings: &Bindings<'_>,
    pruned: &Pruned,
    resource: &Resource,
    children: &Children,
    live: &Value,
) -> Vec<Value> {
    let kind = KindId::known(children.kind);
    let leaving = leaving(input, bindings, pruned, resource, kind);
    let live = array(get_path(live, children.field))
        .filter(|member| !leaving.contains(&member.to_string()));
    let mut managed: Vec<&Key> = input
        .desired
        .children_of(&resource.key)
        .iter()
        .filter(|key| key.kind == kind)
        .collect();
    managed.sort_by_key(|key| input.desired.get(key).map(|child| child.doc));
    let managed: Vec<Value> = managed
        .into_iter()
        .map(|key| Value::from(key.name.as_str()))
        .collect();
    let canonical = |member| {
        bindings.references.to_ref(
            children.kind,
            &bindings.references.to_id(children.kind, member),
        )
    };
    let declared = get_path(&resource.spec, children.field).filter(|declared| declared.is_array());
    let candidates: Vec<Value> = match declared {
        Some(_) => {
            let foreign = live.filter(|member| !managed.contains(member)).cloned();
            array(declared).map(canonical).chain(foreign).collect()
        }
        None => live.cloned().chain(managed).collect(),
    };
    let mut list: Vec<Value> = Vec::with_capacity(candidates.len());
    for member in candidates {
        if !list.contains(&member) {
            list.push(member);
        }
    }
    list
}

/// The members that must go: owned objects without a manifest, manifests that moved to another parent,
/// and owned objects that the account no longer holds.
fn leaving(
    input: &Input<'_>,
    bindings: &Bindings<'_>,
    pruned: &Pruned,
    resource: &Resource,
    kind: KindId,
) -> BTreeSet<String> {
    let deleted = pruned
        .entries
        .iter()
        .filter(|entry| entry.key.kind == kind)
        .map(|entry| {
            bindings
                .references
                .to_ref(kind.name(), &entry.entry.id.to_wire())
                .to_string()
        });
    let moved = input
        .desired
        .of_kind(kind)
        .filter(|child| child.parent().as_ref() != Some(&resource.key));
    let moved = moved.map(|child| name_text(&child.key.name));
    // What was ours and is gone from the account may still be in the list.
    let here: BTreeSet<_> = input
        .inventory
        .of_kind(kind)
        .iter()
        .map(|object| &object.id)
        .collect();
    let ours = input.ledger.entries.iter();
    let gone = ours
        .filter(|(key, entry)| key.kind == kind && !here.contains(&entry.id))
        .map(|(_, entry)| {
            let references = &bindings.references;
            references
                .to_ref(kind.name(), &entry.id.to_wire())
                .to_string()
        });
    deleted.chain(moved).chain(gone).collect()
}

fn name_text(name: &Name) -> String {
    Value::from(name.as_str()).to_string()
}

fn array(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}
