//! What of a live object is not as it was when the plan was made, in the words of the manifests.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Action, Change, Plan, Verb};
use crate::diff::{FieldChange, compare, fingerprint};
use crate::kinds::KindId;
use crate::kinds::mapping::{canonical, lift};
use crate::live::LiveObject;
use crate::text::Pointer;

/// Whether the live object is not as it was, the changed fields named; but for wire keys that the run itself may have
/// changed by now.
pub(super) fn moved(
    plan: &Plan,
    change: &Change,
    live: Option<&LiveObject>,
    passed_on: &[&str],
) -> Option<String> {
    let Some(live) = live else {
        let is_gone = change.action == Action::Forget;
        return (!is_gone).then(|| "the live object is gone".to_owned());
    };
    let now = fingerprint(change.kind, live.body.value());
    if change.action == Action::Forget || now == change.fingerprint || is_unread(plan, change) {
        return None;
    }
    let keys: BTreeSet<&String> = now.keys().chain(change.fingerprint.keys()).collect();
    let mut moved = keys
        .into_iter()
        .filter(|key| !passed_on.contains(&key.as_str()))
        .filter(|key| now.get(*key) != change.fingerprint.get(*key))
        .peekable();
    moved.peek()?;
    let known = known_fields(plan, change, live);
    let fields: Vec<String> = moved
        .map(|key| {
            let inside = known.iter().filter(|(wire, _)| wire == key);
            let inside: Vec<&str> = inside.map(|(_, told)| told.as_str()).collect();
            match inside.as_slice() {
                [] => spec_name(change.kind, key),
                told => told.join(", "),
            }
        })
        .collect();
    Some(format!("{} changed on the account", fields.join(", ")))
}

/// Whether an object that an earlier run of the plan created is not as that left it, the changed fields named. What it refers to
/// may have got its id since the plan was made, and what is written last is not there yet: neither is compared.
pub(super) fn remade(plan: &Plan, change: &Change, live: &LiveObject) -> Option<String> {
    let def = change.kind.def();
    if live.display_name != change.display_name {
        return Some("`displayName` changed on the account".to_owned());
    }
    if !live.whole {
        return None;
    }
    let declared = canonical(def, &change.declared, &plan.references);
    let found = lift(def, &live.body.value(), &plan.references);
    let differences = compare(def.fields, &declared, &found).differences;
    let is_written_last = |spec: &str| {
        let staged = def.staged.as_ref().is_some_and(|it| it.field == spec);
        staged || def.children.as_ref().is_some_and(|it| it.field == spec)
    };
    let is_compared = |at: &Pointer| {
        let name = at.steps().next().unwrap_or_default();
        !is_written_last(&name) && !refers(change.kind, at)
    };
    let fields = differences.into_iter().map(|it| it.pointer);
    changed(fields.filter(is_compared).map(|at| at.path()))
}

/// Whether a field below `spec` holds references: what they mean may have got its id since the plan was made.
fn refers(kind: KindId, at: &Pointer) -> bool {
    let name = at.steps().next().unwrap_or_default();
    let fields = kind.def().fields.iter();
    let mut fields = fields.filter(|field| field.spec.split('.').next() == Some(name.as_str()));
    fields.any(|field| field.codec.refers())
}

/// That some fields changed, where there are any.
fn changed(fields: impl Iterator<Item = String>) -> Option<String> {
    let fields: BTreeSet<String> = fields.map(|path| format!("`{path}`")).collect();
    let fields: Vec<String> = fields.into_iter().collect();
    (!fields.is_empty()).then(|| format!("{} changed on the account", fields.join(", ")))
}

/// Whether an object that an earlier run of the plan was to update is neither as it was nor as that leaves it, the changed fields
/// named.
pub(super) fn half_updated(
    plan: &Plan,
    change: &Change,
    live: &LiveObject,
    passed_on: &[&str],
) -> Option<String> {
    let below = |field: &FieldChange| {
        let at = field.pointer.as_str().strip_prefix("/spec")?;
        Some(Pointer::from(at))
    };
    let written = change.fields.iter().filter_map(below);
    let written = written.filter_map(|at| wire_key(change.kind, &at));
    let passed_on: Vec<&str> = passed_on.iter().copied().chain(written).collect();
    if let Some(message) = moved(plan, change, Some(live), &passed_on) {
        return Some(message);
    }
    if !live.whole {
        return None;
    }
    let found = lift(change.kind.def(), &live.body.value(), &plan.references);
    let is_other = |field: &&FieldChange| {
        let Some(at) = below(field) else { return false };
        let value = at.get(&found).unwrap_or(&Value::Null);
        !refers(change.kind, &at) && *value != field.before && *value != field.after
    };
    let others = change.fields.iter().filter(is_other);
    changed(others.map(FieldChange::path))
}

/// Whether the plan was made without a look at the object, since it writes nothing to it: what is taken back of an
/// apply that only renamed.
fn is_unread(plan: &Plan, change: &Change) -> bool {
    let key = change.key();
    let mut steps = plan.steps.iter().filter(|step| step.key == key);
    change.fingerprint.is_empty() && steps.all(|step| step.verb == Verb::Rename)
}

/// The declared fields that are not as the plan saw them: the wire key that holds each, and its name. A wire key may
/// hold several fields, and its digest does not tell which of them moved.
fn known_fields(plan: &Plan, change: &Change, live: &LiveObject) -> Vec<(String, String)> {
    let def = change.kind.def();
    // What the plan does not change was on the account as it is declared.
    let mut seen = change.declared.clone();
    for field in &change.fields {
        let at = field.pointer.as_str().strip_prefix("/spec");
        if let Some(value) = at.and_then(|at| seen.pointer_mut(at)) {
            value.clone_from(&field.before);
        }
    }
    let seen = canonical(def, &seen, &plan.references);
    let live = lift(def, &live.body.value(), &plan.references);
    let differences = compare(def.fields, &seen, &live).differences;
    let told = differences.into_iter().filter_map(|difference| {
        let wire = wire_key(change.kind, &difference.pointer)?;
        Some((wire.to_owned(), format!("`{}`", difference.pointer.path())))
    });
    told.collect()
}

/// The wire key that holds what is at a pointer below `spec`.
fn wire_key(kind: KindId, pointer: &Pointer) -> Option<&'static str> {
    let path: Vec<String> = pointer.steps().collect();
    let path = path.join(".");
    let field = kind.def().fields.iter().find(|field| {
        let rest = path.strip_prefix(field.spec);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })?;
    field.wire.split('.').next()
}

/// What people call a wire key: the spec field, else the key.
fn spec_name(kind: KindId, wire: &str) -> String {
    let fields = kind.def().fields.iter();
    let named: BTreeSet<&str> = fields
        .filter(|field| field.wire.split('.').next() == Some(wire))
        .map(|field| field.spec)
        .collect();
    match named.into_iter().collect::<Vec<_>>().as_slice() {
        [] => format!("`{wire}`"),
        names => format!("`{}`", names.join("`/`")),
    }
}
