//! What a plan takes out of the list of the object around it without deleting or moving it.
//!
//! The files can contradict each other: a manifest that is only observed names another parent than the one that its live
//! object lies in. The platform shows what the list has, so such an object leaves, though nothing is written to it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::consumers::{Effect, PlanWorld, Turn};
use super::{Action, Change, Plan};
use crate::kinds::{KindId, Lookup};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::reference_key;

/// Whether an update takes something out of the list of what lies inside.
pub(super) fn drops(change: &Change) -> bool {
    change.action == Action::Update && !dropped(change).is_empty()
}

/// The references that an update takes out of the list, with the kind of what lies inside.
fn dropped(change: &Change) -> Vec<(&'static str, &Value)> {
    let Some(inside) = &change.kind.def().children else {
        return Vec::new();
    };
    let is_list = |at: &str| at.strip_prefix("/spec/") == Some(inside.field);
    let fields = change.fields.iter();
    let lists = fields.filter(|field| is_list(field.pointer.as_str()));
    let items = |list: &'_ Value| list.as_array().cloned().unwrap_or_default();
    let gone = lists.flat_map(|field| {
        let after = items(&field.after);
        let before = field.before.as_array().into_iter().flatten();
        before.filter(move |held| !after.contains(held))
    });
    gone.map(|held| (inside.kind, held)).collect()
}

/// The live objects that an update takes out of the list.
pub(super) fn ids(change: &Change, references: &dyn Lookup) -> Vec<(KindId, RemoteId)> {
    let gone = dropped(change).into_iter();
    gone.filter_map(|(kind, member)| {
        let id = RemoteId::from_wire(&references.to_id(kind, member))?;
        Some((KindId::known(kind), id))
    })
    .collect()
}

/// What consumers lose by that. `turning` has what leaves by a change of its own.
pub(super) fn effects(
    plan: &Plan,
    world: &PlanWorld<'_>,
    turning: &BTreeSet<(Key, Turn)>,
) -> Vec<Effect> {
    let mut found = Vec::new();
    let leaves = |key: &Key| turning.contains(&(key.clone(), Turn::Leaves));
    let changes = plan.changes.iter();
    for change in changes.filter(|it| drops(it) && !leaves(&it.key())) {
        for (kind, member) in dropped(change) {
            // What is only observed has no change of its own: its name is among the references alone.
            let ids = [&world.names.table, &plan.references].into_iter();
            let mut ids = ids.filter_map(|it| RemoteId::from_wire(&it.to_id(kind, member)));
            let kind = KindId::known(kind);
            let Some(id) = ids.find(|id| world.objects.contains_key(&(kind, id))) else {
                continue;
            };
            let own = world.by_id.get(&(kind, &id));
            let is_told = own.is_some_and(|own| {
                matches!(own.action, Action::Delete | Action::Replace) || leaves(&own.key())
            });
            // A run that died may have put another object of that name elsewhere.
            let object = world.objects.get(&(kind, &id));
            let object = object.filter(|object| object.parent == change.remote_id);
            let is_seen = object.is_some_and(|object| world.unseen_before(object).is_none());
            // By its name it is a manifest's, also if the plan only adopts it.
            let key = own.map(|own| own.key());
            let key = key.or_else(|| world.names.owner(kind, &id));
            let key = key.or_else(|| reference_key(kind.name(), member));
            if let Some(key) = key.filter(|_| is_seen && !is_told) {
                let why = format!("{} no longer lists it", change.key());
                found.push(Effect {
                    key,
                    turn: Turn::Leaves,
                    why: Some(why),
                });
            }
        }
    }
    found
}
