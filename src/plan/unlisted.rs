//! What a plan takes out of the list of the object around it without deleting or moving it, and what it puts there.
//!
//! The files can contradict each other: a manifest that is only observed names another parent than the one that its live
//! object lies in. The platform shows what the list has, so such an object leaves, though nothing is written to it. The other way about, what
//! is listed again goes live, also if it is unchanged, only adopted, or other people's.

use std::collections::BTreeSet;

use serde_json::Value;

use super::consumers::{ConsumerTurn, Effect, PlanWorld};
use super::{Action, Change, FieldChange, Plan};
use crate::kinds::{KindId, Lookup};
use crate::live::LiveObject;
use crate::manifest::Key;
use crate::name::{Name, RemoteId};
use crate::resolve::reference_key;

/// Whether an update takes something out of the list of what lies inside, or puts something into it.
pub(super) fn turns_inside(change: &Change) -> bool {
    change.action == Action::Update && !turned(change).is_empty()
}

/// The references that an update takes out of the list or puts into it, with the kind of what lies inside.
fn turned(change: &Change) -> Vec<(&'static str, Value, ConsumerTurn)> {
    let Some(inside) = &change.kind.def().children else {
        return Vec::new();
    };
    let is_list = |at: &str| at.strip_prefix("/spec/") == Some(inside.field);
    let fields = change.fields.iter();
    let lists = fields.filter(|field| is_list(field.pointer.as_str()));
    let items = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let only = |of: &Value, other: &Value, turn: ConsumerTurn| {
        let others = items(other);
        let mut own = items(of);
        own.retain(|it| !others.contains(it));
        own.into_iter().map(move |it| (inside.kind, it, turn))
    };
    let turned = lists.flat_map(|FieldChange { before, after, .. }| {
        let gone = only(before, after, ConsumerTurn::Leaves);
        gone.chain(only(after, before, ConsumerTurn::GoesLive))
    });
    turned.collect()
}

/// The live objects that an update takes out of the list, or puts into it.
pub(super) fn ids(change: &Change, references: &dyn Lookup) -> Vec<(KindId, RemoteId)> {
    let turned = turned(change).into_iter();
    turned
        .filter_map(|(kind, member, _)| {
            let id = RemoteId::from_wire(&references.to_id(kind, &member))?;
            Some((KindId::known(kind), id))
        })
        .collect()
}

/// What consumers lose and gain by that. `turning` has what leaves and what goes live by a change of its own.
pub(super) fn effects(
    plan: &Plan,
    world: &PlanWorld<'_>,
    turning: &BTreeSet<(Key, ConsumerTurn)>,
) -> Vec<Effect> {
    let mut found = Vec::new();
    let told = |key: &Key, turn: ConsumerTurn| turning.contains(&(key.clone(), turn));
    for change in plan.changes.iter().filter(|it| turns_inside(it)) {
        for (kind, member, turn) in turned(change) {
            // What is only observed has no change of its own: its name is among the references alone.
            let ids = [&world.names.table, &plan.references].into_iter();
            let mut ids = ids.filter_map(|it| RemoteId::from_wire(&it.to_id(kind, &member)));
            let kind = KindId::known(kind);
            let Some(id) = ids.find(|id| world.objects.contains_key(&(kind, id))) else {
                continue;
            };
            let own = world.by_id.get(&(kind, &id));
            let is_told = told(&change.key(), turn)
                || own.is_some_and(|own| {
                    matches!(own.action, Action::Delete | Action::Replace) || told(&own.key(), turn)
                });
            // A run that died may have put another object of that name elsewhere.
            let object = world.objects.get(&(kind, &id));
            let object = object.filter(|object| object.parent == change.remote_id);
            let turns = object.is_some_and(|object| match turn {
                ConsumerTurn::GoesLive => world.is_first_seen(object, change),
                ConsumerTurn::Leaves | ConsumerTurn::StaysAway => {
                    world.unseen_before(object).is_none()
                }
            });
            if let Some(object) = object.filter(|_| turns && !is_told) {
                found.push(Effect {
                    key: key_of(world, own.copied(), object, &member),
                    turn,
                    why: Some(match turn {
                        ConsumerTurn::GoesLive => format!("{} lists it now", change.key()),
                        ConsumerTurn::Leaves | ConsumerTurn::StaysAway => {
                            format!("{} no longer lists it", change.key())
                        }
                    }),
                });
            }
        }
    }
    found
}

/// What an object is called: by its name it is a manifest's, also if the plan only adopts it. What other people made is
/// called by its display name, with its id where a manifest has that name.
fn key_of(world: &PlanWorld<'_>, own: Option<&Change>, object: &LiveObject, member: &Value) -> Key {
    let kind = object.kind;
    let key = own.map(Change::key);
    let key = key.or_else(|| world.names.owner(kind, &object.id));
    let key = key.or_else(|| reference_key(kind.name(), member));
    key.unwrap_or_else(|| {
        let named = |text: &str| Key {
            kind,
            name: Name::from_display_name(text, "foreign"),
        };
        let key = named(&object.display_name);
        let is_taken = world.by_key.contains_key(&key) || world.names.has_owned(&key);
        if is_taken {
            named(&format!("{} {}", object.id, object.display_name))
        } else {
            key
        }
    })
}
