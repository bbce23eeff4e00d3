//! The change of one manifest.

use serde_json::{Map, Value};

use super::bind::{Bound, parent_id};
use super::cause::{Blame, blame};
use super::children;
use super::patch::patch;
use super::prune::Pruned;
use super::unnamed::{RECOGNIZED, is_hidden};
use super::{
    Action, Bindings, Cause, Change, Comparison, Difference, FieldChange, Input, compare,
    fingerprint,
};
use crate::diag::Location;
use crate::kinds::field::Field;
use crate::kinds::mapping::{
    canonical, get_path, in_table_order, lift_whole, same, set_path, take_path, with_defaults,
};
use crate::kinds::{Children, KindDef, KindId, Lookup, Role};
use crate::live::{Entry, LiveObject, References};
use crate::manifest::{Key, Mode};
use crate::resolve::Resource;
use crate::text::{Packed, Part, Pointer, Position};

/// What has to happen to the live object of a manifest, and how many of its fields drifted and are to stay so.
pub(super) fn change(
    input: &Input<'_>,
    bindings: &Bindings<'_>,
    pruned: &Pruned<'_>,
    resource: &Resource,
) -> (Change, usize) {
    let def = resource.key.kind.def();
    let bound = bindings.bound.get(&resource.key);
    let entry = bound
        .and_then(|bound| bound.entry.as_ref())
        .and_then(|key| input.ledger.entries.get(key));
    let declared = declared_spec(def, bindings, resource);
    let live = bound.map(|bound| live_spec(def, &bindings.references, bound.object));
    // Nearly always the ledger has the very same record, and then there is nothing to unpack of it. What is
    // declared of an object with children is only a part of the record.
    let is_recorded =
        |entry: &&Entry| def.children.is_none() && entry.applied == Packed::of(&declared);
    let outdated = entry.filter(|entry| !is_recorded(entry));
    let mut wanted = declared.clone();
    reset_dropped(def, outdated, &mut wanted);
    if let Some(list) = &def.children {
        let live = live.as_ref();
        list_children(input, bindings, pruned, resource, list, live, &mut wanted);
    }
    let nothing = Value::Object(Map::new());
    let held = live.as_ref().unwrap_or(&nothing);
    let mut compared = compare(def.fields, &wanted, held);
    let mut drifted = 0;
    if live.is_some() {
        let unnamed = bound
            .filter(|bound| bound.object.is_unnamed())
            .map(|bound| bound.object.body.value());
        leave(&mut compared, &mut wanted, |difference| {
            if (unnamed.as_ref()).is_some_and(|body| is_hidden(def, body, &difference.pointer)) {
                return true;
            }
            let is_ignored = is_ignored(resource, difference);
            let is_drift = !is_ignored && is_ignored_drift(input, resource, entry, difference);
            drifted += usize::from(is_drift);
            is_ignored || is_drift
        });
    }
    let fields = field_changes(input, resource, entry, live.is_some(), &compared);
    let (action, reasons) = action(input, resource, bound, entry, &fields, bindings);
    let previous = previous(bound, resource);
    let renamed = previous
        .iter()
        .map(|key| format!("it was called {key} before"));
    let reasons = renamed.chain(reasons).collect();
    let (patch, expected) = patch(def.fields, &fields, &wanted, held);
    let document = input.texts.document(resource.doc);
    let file = (input.scope.relative)(&input.texts.sources.get(document.file).path);
    let leaves = action == Action::None && !fields.is_empty();
    let untouched = entry.filter(|_| leaves || resource.lifecycle.mode == Mode::Observe);
    let recorded = recorded(def, untouched, &wanted, declared);
    let record = action == Action::None
        && (previous.is_some()
            || entry.is_some_and(|entry| is_bound_otherwise(entry, resource, &file))
            || outdated.is_some_and(|entry| records_other(entry, def, &recorded)));
    // Of an object that matches, only the count is of interest: the rest would be dropped by the plan.
    let matches = action == Action::None && fields.is_empty() && !record;
    let source = (!matches).then(|| position(input, resource)).flatten();
    let change = Change {
        kind: resource.key.kind,
        name: resource.key.name.clone(),
        display_name: resource.display_name().to_owned(),
        remote_id: bound.map(|bound| bound.object.id.clone()),
        remote_parent: bound.and_then(|bound| bound.object.parent.clone()),
        action,
        adopted: action != Action::None && bound.is_some_and(|bound| bound.entry.is_none()),
        record,
        previous,
        vanished: bound.is_none() && input.ledger.entries.contains_key(&resource.key),
        protect: resource.lifecycle.protect,
        observed: resource.lifecycle.mode == Mode::Observe,
        fields,
        patch,
        expected,
        refers_to: Vec::new(),
        unchanged: if live.is_some() { compared.equal } else { 0 },
        declared: if matches { Value::Null } else { recorded },
        file: Some(file).filter(|_| !matches),
        source,
        fingerprint: bound
            .filter(|_| !matches)
            .map(|bound| fingerprint(resource.key.kind, bound.object.body.value()))
            .unwrap_or_default(),
        reasons,
    };
    (change, drifted)
}

/// The ledger key of the live object, when the manifest has another one by now.
fn previous(bound: Option<&Bound<'_>>, resource: &Resource) -> Option<Key> {
    let key = bound?.entry.clone()?;
    (key != resource.key).then_some(key)
}

/// Where the manifest stands.
fn position(input: &Input<'_>, resource: &Resource) -> Option<Position> {
    input.texts.position(&Location::Node {
        doc: resource.doc,
        pointer: Pointer::root(),
        part: Part::Value,
    })
}

/// Whether a field drifted and is to stay as the account has it.
fn is_ignored_drift(
    input: &Input<'_>,
    resource: &Resource,
    entry: Option<&Entry>,
    difference: &Difference,
) -> bool {
    input.scope.ignores_drift && blame(input, resource, entry, difference).cause == Cause::Drift
}

/// What the ledger is to say that was last applied: what is declared, and of an object that is left as people
/// have it (`untouched`) what it said before.
fn recorded(def: &KindDef, untouched: Option<&Entry>, wanted: &Value, declared: Value) -> Value {
    if let Some(entry) = untouched {
        return entry.applied.value();
    }
    let mut recorded = declared;
    record_children(def, wanted, &mut recorded);
    recorded
}

/// Whether the ledger says something else of an object than its manifest, but for the spec.
fn is_bound_otherwise(entry: &Entry, resource: &Resource, file: &str) -> bool {
    entry.protect != resource.lifecycle.protect
        || entry.observed != (resource.lifecycle.mode == Mode::Observe)
        || entry.file != file
}

/// Whether the ledger's spec of an object that needs no write says something else than is to be recorded.
fn records_other(entry: &Entry, def: &KindDef, recorded: &Value) -> bool {
    let (mut applied, mut declared) = (entry.applied.value(), recorded.clone());
    if let Some(list) = &def.children {
        if children::is_outdated(list, &applied, &declared) {
            return true;
        }
        take_path(&mut applied, list.field);
        take_path(&mut declared, list.field);
    }
    !same(&applied, &declared)
}

/// The list of children is ours to maintain: what it is set to is remembered like a declared field.
fn record_children(def: &KindDef, wanted: &Value, recorded: &mut Value) {
    let Some(list) = &def.children else { return };
    let members = get_path(wanted, list.field).filter(|members| {
        members
            .as_array()
            .is_some_and(|members| !members.is_empty())
    });
    if let Some(members) = members {
        set_path(recorded, list.field, members.clone());
    }
}

/// Puts the list of children into the wanted spec, unless it is empty on both sides and undeclared.
fn list_children(
    input: &Input<'_>,
    bindings: &Bindings<'_>,
    pruned: &Pruned<'_>,
    resource: &Resource,
    list: &Children,
    live: Option<&Value>,
    wanted: &mut Value,
) {
    let members = children::wanted(
        input,
        bindings,
        pruned,
        resource,
        list,
        live.unwrap_or(&Value::Null),
    );
    let is_held = live.is_some_and(|live| get_path(live, list.field).is_some());
    if is_held || !members.is_empty() {
        set_path(wanted, list.field, Value::Array(members));
    } else {
        take_path(wanted, list.field);
    }
}

/// The declared spec in canonical spelling, the display name always in it.
pub(super) fn declared_spec(def: &KindDef, bindings: &Bindings<'_>, resource: &Resource) -> Value {
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

/// A field that we set once and that the manifest no longer declares goes back to its default, be it one that
/// follows from other fields.
fn reset_dropped(def: &'static KindDef, entry: Option<&Entry>, wanted: &mut Value) {
    let Some(entry) = entry else { return };
    let applied = entry.applied.value();
    let maintained = def.children.as_ref().map(|children| children.field);
    let is_dropped = |field: &&Field| {
        !field.wire.is_empty()
            && Some(field.spec) != maintained
            && get_path(&applied, field.spec).is_some_and(|applied| !applied.is_null())
            && !declares(wanted, field.spec)
    };
    let dropped: Vec<&Field> = def.fields.iter().filter(is_dropped).collect();
    if dropped.is_empty() {
        return;
    }
    let full = with_defaults(def, wanted);
    for field in dropped {
        let default = get_path(&full, field.spec).cloned().unwrap_or(Value::Null);
        set_path(wanted, field.spec, default);
    }
}

/// Whether a dotted path is declared, be it by a null further up.
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

/// Drops the differences that are to be left alone, and wants the live values there: a write that takes a
/// whole list along must not bring the declared ones.
fn leave(
    compared: &mut Comparison,
    wanted: &mut Value,
    mut is_left: impl FnMut(&Difference) -> bool,
) {
    compared.differences.retain(|difference| {
        let left = is_left(difference);
        if left && let Some(value) = wanted.pointer_mut(difference.pointer.as_str()) {
            value.clone_from(&difference.before);
        }
        !left
    });
}

/// Whether the manifest says that a field is none of its business.
fn is_ignored(resource: &Resource, difference: &Difference) -> bool {
    let pointer = Pointer::from("/spec").join(&difference.pointer);
    let mut ignored = resource.lifecycle.ignore_changes.iter();
    ignored.any(|ignored| pointer.starts_with(&Pointer::from(ignored.as_str())))
}

fn field_changes(
    input: &Input<'_>,
    resource: &Resource,
    entry: Option<&Entry>,
    is_live: bool,
    compared: &Comparison,
) -> Vec<FieldChange> {
    if compared.differences.is_empty() {
        return Vec::new();
    }
    let applied = entry.map(|entry| entry.applied.value());
    let differences = compared.differences.iter();
    differences
        .map(|difference| {
            let Blame { cause, by } = if is_live {
                blame(input, resource, entry, difference)
            } else {
                Cause::Edit.into()
            };
            let place = resource.locate(input.texts, &difference.pointer);
            FieldChange {
                pointer: Pointer::from("/spec").join(&difference.pointer),
                before: difference.before.clone(),
                after: difference.after.clone(),
                last: applied
                    .as_ref()
                    .and_then(|applied| difference.pointer.get(applied))
                    .cloned(),
                cause,
                by,
                source: input.texts.position(&place),
            }
        })
        .collect()
}

fn action(
    input: &Input<'_>,
    resource: &Resource,
    bound: Option<&Bound<'_>>,
    entry: Option<&Entry>,
    fields: &[FieldChange],
    bindings: &Bindings<'_>,
) -> (Action, Vec<String>) {
    let mode = resource.lifecycle.mode;
    let is_read_only =
        resource.key.kind.def().role == Role::Observed && !input.scope.writes_observed;
    let Some(bound) = bound else {
        return match (mode, is_read_only) {
            (Mode::Observe, _) => (
                Action::None,
                vec!["the account does not hold it, and `lifecycle.mode` is observe".to_owned()],
            ),
            (_, true) => (Action::Manual, read_only(input, resource.key.kind)),
            _ => (Action::Create, vanished(input, resource)),
        };
    };
    let settled = if entry.is_none() || bound.entry.as_ref() != Some(&resource.key) {
        Action::Adopt
    } else {
        Action::None
    };
    match (fields.is_empty(), mode, is_read_only) {
        (true, Mode::Observe, _) => (Action::None, Vec::new()),
        (true, ..) => (settled, Vec::new()),
        (_, Mode::CreateOnly, _) => (
            settled,
            vec!["`lifecycle.mode` is createOnly: the live object is left to people".to_owned()],
        ),
        (_, Mode::Observe, _) => (
            Action::None,
            vec![
                "`lifecycle.mode` is observe: differences are shown, nothing is written".to_owned(),
            ],
        ),
        (_, _, true) => (Action::Manual, vec![READ_ONLY.to_owned()]),
        _ if moves(resource, bound, bindings) => (
            Action::Replace,
            vec!["it moves into another object, which the platform cannot do".to_owned()],
        ),
        _ => (Action::Update, Vec::new()),
    }
}

const READ_ONLY: &str =
    "the platform lets programs only read this kind: a person has to do it in the web tool";

/// Why a person has to make an object.
fn read_only(input: &Input<'_>, kind: KindId) -> Vec<String> {
    let mut objects = input.inventory.of_kind(kind).iter();
    let unnamed = objects.any(LiveObject::is_unnamed);
    let recognized = unnamed.then_some(RECOGNIZED);
    let reasons = [READ_ONLY].into_iter().chain(recognized);
    reasons.map(str::to_owned).collect()
}

/// Why a manifest that was applied before has to be created again.
fn vanished(input: &Input<'_>, resource: &Resource) -> Vec<String> {
    let entry = input.ledger.entries.get(&resource.key);
    entry
        .map(|entry| {
            format!(
                "the account no longer holds {}, to which it was bound",
                entry.id
            )
        })
        .into_iter()
        .collect()
}

fn moves(resource: &Resource, bound: &Bound<'_>, bindings: &Bindings<'_>) -> bool {
    resource.key.kind.def().parent.is_some()
        && parent_id(resource, &bindings.references) != bound.object.parent
}
