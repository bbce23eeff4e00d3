//! What a manifest wants of an object, and what the account holds.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::ComparedManifest;
use super::fields::{is_ignored, is_ignored_drift, leave, leave_items};
use crate::diff::prune::Pruned;
use crate::diff::specs::{declared_spec, live_spec, with_unreturned};
use crate::diff::unnamed::is_hidden;
use crate::diff::{Comparison, Difference, children, compare};
use crate::kinds::mapping::{
    drop_kept, get_path, keeps, let_go, merge_specs, same, set_path, take_path, with_notes,
};
use crate::kinds::{Children, KindDef};
use crate::live::Entry;
use crate::text::Packed;

/// The two sides of an object, in one spelling.
pub(super) struct Sides<'a> {
    /// What the manifest declares, its notes included.
    pub(super) declared: Value,
    /// What the object is to be: what is declared, defaults for what no longer is, and its children.
    pub(super) wanted: Value,
    /// What the account holds, an empty object where it holds none.
    pub(super) held: Value,
    /// How the two differ, but for what is left alone.
    pub(super) compared: Comparison,
    /// How many fields drifted and are to stay so.
    pub(super) drifted: usize,
    /// Whether the list of its children is left as the account has it.
    pub(super) leaves_list: bool,
    /// The entry of the ledger, unless it has the very record of what is declared.
    pub(super) outdated: Option<&'a Entry>,
}

impl<'a> Sides<'a> {
    pub(super) fn of(subject: &ComparedManifest<'a>, pruned: &Pruned<'_>) -> Self {
        let ComparedManifest { def, lookup, .. } = *subject;
        let live = subject
            .bound
            .map(|bound| live_spec(def, lookup, bound.object));
        let mut wanted = declared_spec(def, lookup, subject.resource, live.as_ref());
        let declared = with_notes(def.fields, &subject.resource.spec, wanted.clone());
        let is_live = live.is_some();
        let held = live.unwrap_or_else(|| Value::Object(Map::new()));
        // Nearly always the ledger has the very same record, and then there is nothing to unpack of it. What is
        // declared of an object with children is only a part of the record.
        let is_recorded = |entry: &&Entry| {
            def.children.is_none() && entry.is_of_today() && entry.applied == Packed::of(&declared)
        };
        let outdated = subject.entry.filter(|entry| !is_recorded(entry));
        if let Some(applied) = outdated.and_then(|_| subject.applied()) {
            let mut applied = Cow::Borrowed(applied);
            if keeps(&subject.resource.spec) {
                drop_kept(def.fields, &subject.resource.spec, applied.to_mut());
            }
            let_go(def, &applied, &mut wanted, &held);
        }
        if let Some(list) = &def.children {
            list_children(subject, pruned, list, &held, &mut wanted);
        }
        if is_live {
            follow(def, &held, &mut wanted);
            leave_items(def, subject.resource, &held, &mut wanted);
        }
        let seen = with_unreturned(def, subject.entry, &held);
        let mut compared = compare(def.fields, &wanted, &seen);
        let (mut drifted, mut leaves_list) = (0, false);
        if is_live {
            let unnamed = subject.bound.filter(|bound| bound.object.is_unnamed());
            let unnamed = unnamed.map(|bound| bound.object.body.value());
            leave(def, &mut compared, &mut wanted, |wanted, difference| {
                if (unnamed.as_ref()).is_some_and(|body| is_hidden(def, body, &difference.pointer))
                {
                    return true;
                }
                let is_ignored = is_ignored(subject.resource, difference);
                let is_drift = !is_ignored && is_ignored_drift(subject, wanted, difference);
                drifted += usize::from(is_drift);
                leaves_list |= (is_ignored || is_drift) && is_list(def, difference);
                is_ignored || is_drift
            });
        }
        Self {
            declared,
            wanted,
            held,
            compared,
            drifted,
            leaves_list,
            outdated,
        }
    }
}

/// Whether a difference is one of the list of children.
fn is_list(def: &KindDef, difference: &Difference) -> bool {
    let lists = def.children.as_ref();
    lists.is_some_and(|list| difference.pointer.as_str() == format!("/{}", list.field))
}

/// Fields that are not declared and follow from others follow them when these change: a sticky button that becomes an
/// embedded engagement loses its `subType`, an overlay its effects, unless people changed them. What follows from nothing
/// that changes stays as the account has it.
fn follow(def: &KindDef, held: &Value, wanted: &mut Value) {
    let becomes = merge_specs(def.fields, held, wanted);
    let derived = |spec: &Value| (def.derived_defaults)(spec);
    let (then, now) = (derived(held), derived(&becomes));
    let of = |defaults: &[(&str, Value)], path: &str| {
        let found = defaults.iter().find(|(known, _)| *known == path);
        found.map(|(_, value)| value.clone())
    };
    let mut paths: BTreeSet<_> = (then.iter().chain(&now).map(|(path, _)| *path))
        .filter(|path| !declares(wanted, path))
        .collect();
    // What follows is no reason for what else follows.
    let reasons = |spec: &Value| {
        let mut reasons = spec.clone();
        for path in &paths {
            take_path(&mut reasons, path);
        }
        derived(&reasons)
    };
    let (reason_then, fresh) = (reasons(held), reasons(&becomes));
    let more = reason_then.iter().chain(&fresh).map(|(path, _)| *path);
    paths.extend(more.filter(|path| !declares(wanted, path)));
    for path in paths {
        let held_value = get_path(held, path).unwrap_or(&Value::Null);
        let is_as_derived = [&then, &reason_then].into_iter().any(|defaults| {
            let before = of(defaults, path);
            before.is_some_and(|it| same(&it, held_value))
        });
        let followed = || is_as_derived.then_some(Value::Null);
        let value = if of(&reason_then, path) != of(&fresh, path) {
            let instead = |value| replacing(of(&reason_then, path), value, held_value);
            of(&fresh, path).map(instead).or_else(followed)
        } else if of(&then, path) != of(&now, path) {
            of(&fresh, path)
                .or_else(|| of(&now, path))
                .or_else(followed)
        } else {
            None
        };
        if let Some(value) = value
            && !same(&value, held_value)
        {
            set_path(wanted, path, value);
        }
    }
}

/// What follows now, without what of an object followed before and does not any more, unless people changed it.
fn replacing(before: Option<Value>, mut now: Value, held: &Value) -> Value {
    if let (Some(Value::Object(before)), Value::Object(now)) = (before, &mut now) {
        for (key, value) in before {
            let is_as_derived = held.get(&key).is_some_and(|held| same(held, &value));
            if is_as_derived && !now.contains_key(&key) {
                now.insert(key, Value::Null);
            }
        }
    }
    now
}

/// Puts the list of children into the wanted spec, unless it is empty on both sides and undeclared.
fn list_children(
    subject: &ComparedManifest<'_>,
    pruned: &Pruned<'_>,
    list: &Children,
    held: &Value,
    wanted: &mut Value,
) {
    let members = children::wanted(
        subject.input,
        subject.lookup,
        pruned,
        subject.resource,
        (list, subject.bindings.inside_by_live(&subject.resource.key)),
        held,
    );
    let is_held = get_path(held, list.field).is_some();
    if is_held || !members.is_empty() {
        set_path(wanted, list.field, Value::Array(members));
    } else {
        take_path(wanted, list.field);
    }
}

/// Whether a dotted path is declared, also by a null further up.
fn declares(spec: &Value, path: &str) -> bool {
    let mut value = spec;
    for key in path.split('.') {
        match value.get(key) {
            Some(Value::Null) => return true,
            Some(inner) => value = inner,
            None => return false,
        }
    }
    true
}
