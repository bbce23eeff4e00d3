//! What a manifest wants of an object, and what the account holds.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Subject;
use super::fields::{is_ignored, is_ignored_drift, leave, leave_items};
use crate::diff::prune::Pruned;
use crate::diff::unnamed::is_hidden;
use crate::diff::{Comparison, Difference, children, compare};
use crate::kinds::field::Field;
use crate::kinds::mapping::{
    canonical, carry_notes, drop_kept, get_path, in_table_order, keeps, let_go, lift_once,
    lift_whole, merge_specs, notes, same, set_path, take_path, with_kept, with_notes,
};
use crate::kinds::{Children, KindDef, Lookup};
use crate::live::{Entry, LiveObject, References};
use crate::resolve::Resource;
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
    pub(super) fn of(subject: &Subject<'a>, pruned: &Pruned<'_>) -> Self {
        let Subject { def, lookup, .. } = *subject;
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

/// The live object, what the platform does not return as it was applied last.
fn with_unreturned<'h>(def: &KindDef, entry: Option<&Entry>, held: &'h Value) -> Cow<'h, Value> {
    let is_missing = |field: &&Field| field.unreturned && get_path(held, field.spec).is_none();
    let missing: Vec<_> = def.fields.iter().filter(is_missing).collect();
    let Some(entry) = entry.filter(|_| !missing.is_empty()) else {
        return Cow::Borrowed(held);
    };
    let (mut held, applied) = (held.clone(), entry.spec(def));
    for field in missing {
        if let Some(value) = get_path(&applied, field.spec) {
            set_path(&mut held, field.spec, value.clone());
        }
    }
    Cow::Owned(held)
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
    subject: &Subject<'_>,
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

/// The declared spec in canonical spelling, the display name always in it. What it keeps is as `live` has it.
pub(in crate::diff) fn declared_spec(
    def: &KindDef,
    lookup: &dyn Lookup,
    resource: &Resource,
    live: Option<&Value>,
) -> Value {
    let (spec, _) = with_kept(def.fields, &resource.spec, live);
    let mut spec = spec.into_owned();
    if spec.get("displayName").is_none_or(Value::is_null) {
        set_path(
            &mut spec,
            "displayName",
            Value::from(resource.display_name()),
        );
    }
    let mut declared = canonical(def, &spec, lookup);
    if let Some(template) = &def.template {
        take_path(&mut declared, template.field);
    }
    if let Some(around) = &def.parent
        && let Some(reference) = get_path(&declared, around.field)
    {
        let canonical = lookup.to_ref(around.kind, &lookup.to_id(around.kind, reference));
        set_path(&mut declared, around.field, canonical);
    }
    in_table_order(def.fields, declared)
}

/// The live object as a spec, its parent included. An object without a name has the one that it is shown by.
pub(crate) fn live_spec(def: &KindDef, lookup: &dyn Lookup, object: &LiveObject) -> Value {
    let spec = lift_whole(def, object.body.value(), lookup);
    whole_spec(def, lookup, object, spec)
}

/// The live object as its manifest: without what is read beside what no field takes.
pub(crate) fn manifest_spec(def: &KindDef, references: &References, object: &LiveObject) -> Value {
    let spec = lift_once(def, object.body.value(), references);
    whole_spec(def, references, object, spec)
}

/// A lifted body with the name and the parent of its object.
fn whole_spec(def: &KindDef, lookup: &dyn Lookup, object: &LiveObject, mut spec: Value) -> Value {
    if !get_path(&spec, "displayName").is_some_and(Value::is_string) {
        set_path(&mut spec, "displayName", object.display_name.clone().into());
    }
    if let (Some(around), Some(parent)) = (&def.parent, &object.parent) {
        let reference = lookup.to_ref(around.kind, &parent.to_wire());
        set_path(&mut spec, around.field, reference);
    }
    in_table_order(def.fields, spec)
}

/// The same with the notes that an entry of the ledger has beside what is still the same; and how many are beside what
/// is another thing by now.
pub(crate) fn noted_spec(
    def: &KindDef,
    references: &References,
    object: &LiveObject,
    entry: &Entry,
) -> (Value, usize) {
    let mut spec = manifest_spec(def, references, object);
    let applied = entry.spec(def);
    if notes(def.fields, &applied).is_empty() {
        return (spec, 0);
    }
    let respelled = canonical(def, &applied, references);
    let noted = with_notes(def.fields, &applied, respelled);
    let left = carry_notes(def.fields, &noted, &mut spec);
    (spec, left)
}

/// The same, what the platform does not return as an entry of the ledger has it.
pub(crate) fn remembered_spec(
    def: &KindDef,
    references: &References,
    object: &LiveObject,
    entry: Option<&Entry>,
) -> Value {
    let spec = live_spec(def, references, object);
    with_unreturned(def, entry, &spec).into_owned()
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
