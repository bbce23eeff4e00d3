//! What a manifest wants of an object, and what the account holds.

use serde_json::{Map, Value};

use super::Subject;
use super::fields::{is_ignored, is_ignored_drift, leave};
use crate::diff::prune::Pruned;
use crate::diff::unnamed::is_hidden;
use crate::diff::{Bindings, Comparison, children, compare};
use crate::kinds::mapping::{
    canonical, get_path, in_table_order, let_go, lift_whole, set_path, take_path,
};
use crate::kinds::{Children, KindDef, Lookup};
use crate::live::{Entry, LiveObject, References};
use crate::resolve::Resource;
use crate::text::Packed;

/// The two sides of an object, in one spelling.
pub(super) struct Sides<'a> {
    /// What the manifest declares.
    pub(super) declared: Value,
    /// What the object is to be: what is declared, defaults for what no longer is, and its children.
    pub(super) wanted: Value,
    /// What the account holds, an empty object where it holds none.
    pub(super) held: Value,
    /// How the two differ, but for what is left alone.
    pub(super) compared: Comparison,
    /// How many fields drifted and are to stay so.
    pub(super) drifted: usize,
    /// The entry of the ledger, unless it has the very record of what is declared.
    pub(super) outdated: Option<&'a Entry>,
}

impl<'a> Sides<'a> {
    pub(super) fn of(subject: &Subject<'a>, pruned: &Pruned<'_>) -> Self {
        let Subject { def, bindings, .. } = *subject;
        let declared = declared_spec(def, bindings, subject.resource);
        let live = subject
            .bound
            .map(|bound| live_spec(def, &bindings.references, bound.object));
        let is_live = live.is_some();
        let held = live.unwrap_or_else(|| Value::Object(Map::new()));
        // Nearly always the ledger has the very same record, and then there is nothing to unpack of it. What is
        // declared of an object with children is only a part of the record.
        let is_recorded =
            |entry: &&Entry| def.children.is_none() && entry.applied == Packed::of(&declared);
        let outdated = subject.entry.filter(|entry| !is_recorded(entry));
        let mut wanted = declared.clone();
        if let Some(applied) = outdated.and_then(|_| subject.applied()) {
            let_go(def, applied, &mut wanted, &held);
        }
        if let Some(list) = &def.children {
            list_children(subject, pruned, list, &held, &mut wanted);
        }
        let mut compared = compare(def.fields, &wanted, &held);
        let mut drifted = 0;
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
                is_ignored || is_drift
            });
        }
        Self {
            declared,
            wanted,
            held,
            compared,
            drifted,
            outdated,
        }
    }
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
        subject.bindings,
        pruned,
        subject.resource,
        list,
        held,
    );
    let is_held = get_path(held, list.field).is_some();
    if is_held || !members.is_empty() {
        set_path(wanted, list.field, Value::Array(members));
    } else {
        take_path(wanted, list.field);
    }
}

/// The declared spec in canonical spelling, the display name always in it.
pub(in crate::diff) fn declared_spec(
    def: &KindDef,
    bindings: &Bindings<'_>,
    resource: &Resource,
) -> Value {
    let mut spec = Value::clone(&resource.spec);
    if spec.get("displayName").is_none_or(Value::is_null) {
        set_path(
            &mut spec,
            "displayName",
            Value::from(resource.display_name()),
        );
    }
    let mut declared = canonical(def, &spec, &bindings.references);
    if let Some(template) = &def.template {
        take_path(&mut declared, template.field);
    }
    if let Some(around) = &def.parent
        && let Some(reference) = get_path(&declared, around.field)
    {
        let references = &bindings.references;
        let canonical = references.to_ref(around.kind, &references.to_id(around.kind, reference));
        set_path(&mut declared, around.field, canonical);
    }
    in_table_order(def.fields, declared)
}

/// The live object as a spec, its parent included. An object without a name has the one that it is shown by.
pub(crate) fn live_spec(def: &KindDef, references: &References, object: &LiveObject) -> Value {
    let mut spec = lift_whole(def, object.body.value(), references);
    if !get_path(&spec, "displayName").is_some_and(Value::is_string) {
        set_path(&mut spec, "displayName", object.display_name.clone().into());
    }
    if let (Some(around), Some(parent)) = (&def.parent, &object.parent) {
        let reference = references.to_ref(around.kind, &parent.to_wire());
        set_path(&mut spec, around.field, reference);
    }
    in_table_order(def.fields, spec)
}
