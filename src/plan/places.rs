//! Where consumers meet what a plan does not touch: at places that are objects of their own.
//!
//! An engagement shows at its entry points. One of these that turns from one app to another, or to the web, takes the
//! engagement away from whom it was for, though nothing is written to the engagement. The mark is at the entry point,
//! which is what the plan changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::around::lifted;
use super::consumers::{ConsumerTurn, Effect, PlanWorld, turns};
use super::{Action, Change};
use crate::kinds::mapping::merge_specs;
use crate::kinds::{KindDef, KindId, Lookup, uses};
use crate::live::LiveObject;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::reference_key;

/// Whether a change turns a place to other consumers.
pub(super) fn may_turn(change: &Change) -> bool {
    let def = change.kind.def();
    change.action == Action::Update && !def.is_shown() && (def.met_by)(&change.patch).is_some()
}

/// Which consumers an object is for; a whole spec says of each field at least that it is absent.
pub(super) fn met_by(def: &KindDef, spec: &Value) -> Option<String> {
    let mut whole = spec.clone();
    if let Some(fields) = whole.as_object_mut() {
        for field in def.fields.iter().filter(|it| !it.spec.contains('.')) {
            fields.entry(field.spec).or_insert(Value::Null);
        }
    }
    (def.met_by)(&whole)
}

/// The places that turn away from an object that consumers see and that the plan leaves as it is. `turning` has what
/// leaves by a change of its own.
pub(super) fn effects(
    changes: &[Change],
    world: &PlanWorld<'_>,
    turning: &BTreeSet<(Key, ConsumerTurn)>,
) -> Vec<Effect> {
    if !changes.iter().any(may_turn) {
        return Vec::new();
    }
    let mut found = BTreeMap::<Key, ((String, String), Vec<String>)>::new();
    let shown = world.objects.values();
    for object in shown.filter(|object| object.kind.def().is_shown()) {
        let change = world.by_id.get(&(object.kind, &object.id));
        let leaves = |change: &Change| turning.contains(&(change.key(), ConsumerTurn::Leaves));
        let around = world.around_live(object);
        if change.is_some_and(|it| leaves(it))
            || around.is_some_and(leaves)
            || world.unseen_before(object).is_some()
        {
            continue;
        }
        let (held, written) = both(world, object);
        let Some(said) = lost(world, object.kind, &held, &written) else {
            continue;
        };
        let name = format!("{} `{}`", object.kind, object.display_name);
        for (kind, id) in ids(world, object.kind, &held) {
            let place = world.by_id.get(&(kind, &id)).filter(|it| may_turn(it));
            if let Some(place) = place {
                let entry = found.entry(place.key());
                let (_, users) = entry.or_insert_with(|| (said.clone(), Vec::new()));
                users.push(name.clone());
            }
        }
    }
    let told = found.into_iter().map(|(key, ((after, gone), users))| {
        let users = listed(&users);
        Effect {
            key,
            turn: ConsumerTurn::Leaves,
            why: Some(format!("it is now for {after}; {gone} lose {users}")),
        }
    });
    told.collect()
}

/// The first of some names, and how many more there are.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

/// What a live object says before the plan and after it.
fn both(world: &PlanWorld<'_>, object: &LiveObject) -> (Value, Value) {
    let def = object.kind.def();
    let held = lifted(def, object, &world.names.table);
    let change = world.by_id.get(&(object.kind, &object.id));
    let written = match change {
        Some(change) if change.patch.is_object() => merge_specs(def.fields, &held, &change.patch),
        _ => held.clone(),
    };
    (held, written)
}

/// For whom the places of an object are after the plan, and who met it at one of them before and does not any more; `None`
/// where all still do.
pub(super) fn lost(
    world: &PlanWorld<'_>,
    kind: KindId,
    held: &Value,
    written: &Value,
) -> Option<(String, String)> {
    let before = places(world, kind, held, false);
    let after = places(world, kind, written, true);
    let gone: Vec<&str> = before.difference(&after).map(String::as_str).collect();
    if gone.is_empty() || after.is_empty() {
        return None;
    }
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    Some((after.join(" and "), gone.join(" and ")))
}

/// Whom the places that a spec refers to are for.
fn places(world: &PlanWorld<'_>, kind: KindId, spec: &Value, is_after: bool) -> BTreeSet<String> {
    let references = uses(kind.def().fields, spec).into_iter();
    let found = references.filter_map(|found| {
        let of = KindId::known(found.kind);
        if of.def().is_shown() {
            return None;
        }
        let id = RemoteId::from_wire(&world.names.table.to_id(found.kind, found.reference));
        if let Some(object) = id.and_then(|id| world.objects.get(&(of, &id)).copied()) {
            let (held, written) = both(world, object);
            return met_by(of.def(), if is_after { &written } else { &held });
        }
        let key = reference_key(found.kind, found.reference)?;
        let made = world.by_key.get(&key).filter(|change| turns(change))?;
        met_by(of.def(), &made.declared)
    });
    found.collect()
}

/// The live objects that a spec refers to.
fn ids(world: &PlanWorld<'_>, kind: KindId, spec: &Value) -> Vec<(KindId, RemoteId)> {
    let references = uses(kind.def().fields, spec).into_iter();
    let found = references.filter_map(|found| {
        let id = world.names.table.to_id(found.kind, found.reference);
        Some((KindId::known(found.kind), RemoteId::from_wire(&id)?))
    });
    found.collect()
}
