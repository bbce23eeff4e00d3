//! The specs of a manifest and of a live object, in one spelling.

use std::borrow::Cow;

use serde_json::Value;

use crate::kinds::field::Field;
use crate::kinds::mapping::{
    canonical, carry_notes, get_path, in_table_order, lift_once, lift_whole, notes, set_path,
    take_path, with_kept, with_notes,
};
use crate::kinds::{KindDef, Lookup};
use crate::live::{Entry, LiveObject, References};
use crate::resolve::Resource;

/// The declared spec in canonical spelling, the display name always in it. What it keeps is as `live` has it.
pub(super) fn declared_spec(
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

/// The live object, what the platform does not return as it was applied last.
pub(super) fn with_unreturned<'h>(
    def: &KindDef,
    entry: Option<&Entry>,
    held: &'h Value,
) -> Cow<'h, Value> {
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
