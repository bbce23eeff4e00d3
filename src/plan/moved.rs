//! What of a live object is not as it was when the plan was made, in the words of the manifests.

use std::collections::BTreeSet;

use super::{Action, Change, Plan, StepVerb};
use crate::diff::{compare, fingerprint};
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

/// Whether the plan was made without a look at the object, since it writes nothing to it: what is taken back of an
/// apply that only renamed.
fn is_unread(plan: &Plan, change: &Change) -> bool {
    let key = change.key();
    let mut steps = plan.steps.iter().filter(|step| step.key == key);
    change.fingerprint.is_empty() && steps.all(|step| step.verb == StepVerb::Rename)
}

/// The declared fields that are not as the plan saw them: the wire key that holds each, and its name. A wire key may
/// hold several fields, and its digest does not tell which of them moved.
fn known_fields(plan: &Plan, change: &Change, live: &LiveObject) -> Vec<(String, String)> {
    let def = change.kind.def();
    // What the plan does not change was on the account as it is declared.
    let mut seen = change.declared.clone();
    for field in &change.fields {
        let at = field.pointer.below_spec();
        if let Some(value) = at.and_then(|at| seen.pointer_mut(at.as_str())) {
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
pub(super) fn wire_key(kind: KindId, pointer: &Pointer) -> Option<&'static str> {
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
