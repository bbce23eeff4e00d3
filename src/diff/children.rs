//! The ordered list of a parent's children: whose members are ours, and whose stay.

use std::collections::BTreeSet;

use serde_json::Value;

use super::prune::Pruned;
use super::{Cause, DiffInput, Difference};
use crate::kinds::mapping::get_path;
use crate::kinds::{Children, KindId, Lookup};
use crate::manifest::Key;
use crate::resolve::{Resource, reference_key};

/// The list as it should be. A declared list is meant as it stands; without one, the live order is kept
/// and manifests that are not in it yet follow in the order of the files. Either way, what people added
/// in the console stays, and what the plan deletes or moves elsewhere goes. `by_live` are the manifests that lie inside
/// by the live name of the parent, not by that of its manifest.
pub(super) fn wanted(
    input: &DiffInput<'_>,
    lookup: &dyn Lookup,
    pruned: &Pruned<'_>,
    resource: &Resource,
    (children, by_live): (&Children, &[Key]),
    live: &Value,
) -> Vec<Value> {
    let kind = KindId::known(children.kind);
    let held: Vec<Value> = array(get_path(live, children.field)).cloned().collect();
    let live = held
        .iter()
        .filter(|member| !is_leaving(input, pruned, (resource, by_live), kind, member));
    // What is left out of the run stays where the account has it.
    let lists = |key: &Key| {
        input.scope.selection.has(key) || held.contains(&Value::from(key.name.as_str()))
    };
    let mut managed: Vec<&Key> = input
        .desired
        .children_of(&resource.key)
        .iter()
        .chain(by_live)
        .filter(|key| key.kind == kind && lists(key))
        .collect();
    managed.sort_by_key(|key| input.desired.get(key).map(|child| child.doc));
    let managed: Vec<Value> = managed
        .into_iter()
        .map(|key| Value::from(key.name.as_str()))
        .collect();
    let canonical = |member| lookup.to_ref(children.kind, &lookup.to_id(children.kind, member));
    let declared = get_path(&resource.spec, children.field).filter(|declared| declared.is_array());
    let candidates: Vec<Value> = match declared {
        Some(_) => {
            let ours: BTreeSet<String> = managed.iter().map(Value::to_string).collect();
            let foreign = live
                .filter(|member| !ours.contains(&member.to_string()))
                .cloned();
            array(declared).map(canonical).chain(foreign).collect()
        }
        None => live.cloned().chain(managed).collect(),
    };
    let mut seen = BTreeSet::new();
    let mut list = candidates;
    list.retain(|member| seen.insert(member.to_string()));
    list
}

/// Whether a member must go: an owned object without a manifest or gone from the account, or a manifest
/// that moved to another parent.
fn is_leaving(
    input: &DiffInput<'_>,
    pruned: &Pruned<'_>,
    (resource, by_live): (&Resource, &[Key]),
    kind: KindId,
    member: &Value,
) -> bool {
    let manifest = reference_key(kind.name(), member).and_then(|key| input.desired.get(&key));
    manifest.map_or_else(
        || pruned.members.contains(&(kind, member.to_string())),
        |child| {
            let is_inside =
                child.parent().as_ref() == Some(&resource.key) || by_live.contains(&child.key);
            !is_inside && input.scope.selection.has(&child.key)
        },
    )
}

/// Who changed the list of children; none when the difference is about another field.
///
/// Only members of ours count: what other people put into the list stays, whatever happens. Their order counts
/// where the manifest declares it.
pub(super) fn cause(
    resource: &Resource,
    applied: &Value,
    difference: &Difference,
) -> Option<Cause> {
    let list = resource.key.kind.def().children.as_ref()?;
    if difference.pointer.steps().next()? != list.field {
        return None;
    }
    let is_ordered = get_path(&resource.spec, list.field).is_some_and(Value::is_array);
    let last = ours(get_path(applied, list.field), is_ordered);
    let is_edited = last != ours(Some(&difference.after), is_ordered);
    let has_drifted = last != ours(Some(&difference.before), is_ordered);
    Some(match (is_edited, has_drifted) {
        (true, false) => Cause::Edit,
        (true, true) => Cause::Both,
        // What is declared of other people's.
        (false, false) if get_path(applied, list.field) != Some(&difference.after) => Cause::Edit,
        (false, _) => Cause::Drift,
    })
}

/// Whether the members of ours in a list are others than those that were recorded.
pub(super) fn is_outdated(list: &Children, applied: &Value, wanted: &Value) -> bool {
    ours(get_path(applied, list.field), false) != ours(get_path(wanted, list.field), false)
}

/// The members of a list that are, or were, manifests: they are referred to by name.
fn ours(list: Option<&Value>, is_ordered: bool) -> Vec<&str> {
    let mut names: Vec<&str> = array(list).filter_map(Value::as_str).collect();
    if !is_ordered {
        names.sort_unstable();
    }
    names
}

fn array(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}
