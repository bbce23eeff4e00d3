//! Lists of what lies inside an object: what gets a manifest is named there, at its live place.
//!
//! Without that, the files would say that the object is to leave the list: what people put there stays only as long as
//! no manifest describes it.

use serde_json::Value;

use super::drift::{Drifted, Object, PullEdit, Takes, is_left_to_people};
use super::reasons::left_of;
use super::{Left, LeftReason};
use crate::diff::{Cause, Change, FieldChange, ListChange, in_their_places};
use crate::kinds::{Children, Lookup};
use crate::live::LiveObject;
use crate::manifest::Key;
use crate::text::Pointer;

/// What is said of such an edit.
const NOTE: &str = "to list the new manifest";

/// Objects that get manifests.
type New<'a> = [(&'a LiveObject, Key)];

/// Says of lists with such objects who changed them as if these had no manifest yet: nobody edited a file to take them out.
pub fn keep_causes(takes: &Takes<'_>, changes: &mut [Change], new: &New<'_>, lookup: &dyn Lookup) {
    for change in changes {
        let key = change.key();
        let Some((resource, inside)) = takes.desired.get(&key).zip(listed_kind(change)) else {
            continue;
        };
        let Some(applied) = (takes.applied)(&key) else {
            continue;
        };
        for field in &mut change.fields {
            if missing(field, inside, new).is_empty() {
                continue;
            }
            let list = ListChange {
                resource,
                applied: &applied,
                lookup,
                is_new: &|_| false,
            };
            let at = field.pointer.below_spec();
            let cause = at.and_then(|at| list.cause(&at, &field.before, &field.after));
            field.cause = cause.unwrap_or(field.cause);
        }
    }
}

/// The lists that have to name objects which get manifests, as edits, and what of them is left. A list that is taken
/// over as a whole has them.
#[must_use]
pub fn listed(
    takes: &Takes<'_>,
    changes: &[Change],
    new: &New<'_>,
    drifted: &Drifted,
) -> (Vec<PullEdit>, Vec<Left>) {
    let (mut edits, mut left) = (Vec::new(), Vec::new());
    for change in changes {
        let key = change.key();
        let Some((resource, inside)) = takes.desired.get(&key).zip(listed_kind(change)) else {
            continue;
        };
        if is_left_to_people(takes, resource) {
            continue;
        }
        for field in &change.fields {
            let missing = missing(field, inside, new);
            let is_this = |key: &Key, at: Option<&Pointer>| {
                *key == resource.key && at == Some(&field.pointer)
            };
            let mut taken = drifted.edits.iter();
            if missing.is_empty() || taken.any(|it| is_this(&it.key, Some(&it.pointer))) {
                continue;
            }
            let at = field.pointer.below_spec();
            let declared = at.and_then(|at| at.get(&resource.spec)?.as_array().cloned());
            let (Some(declared), Some(live)) = (declared, field.before.as_array()) else {
                continue;
            };
            let with = in_their_places(declared.clone(), live, |it| missing.contains(it));
            let object = Object::new(takes, resource);
            let wanted = FieldChange {
                before: Value::Array(with),
                after: Value::Array(declared),
                cause: Cause::Drift,
                ..field.clone()
            };
            match object.taken(change, &wanted) {
                Some(Ok(edit)) => edits.push(PullEdit {
                    note: Some(edit.note.unwrap_or_else(|| NOTE.to_owned())),
                    lists: missing,
                    ..edit
                }),
                Some(Err(reason)) => {
                    let mut told = drifted.left.iter();
                    if !told.any(|it| is_this(&it.key, it.pointer.as_ref())) {
                        left.push(left_of(&object.edit(&wanted, None, Vec::new()), reason));
                    }
                }
                None => {}
            }
        }
    }
    (edits, left)
}

/// The objects that a plan would take out of their list because the file around them cannot name them: they are left, too.
#[must_use]
pub fn unlisted(changes: &[Change], new: &New<'_>, left: &[Left]) -> Vec<Left> {
    let mut found = Vec::new();
    for change in changes {
        let Some(inside) = listed_kind(change) else {
            continue;
        };
        for field in &change.fields {
            let around = change.key();
            let names = missing(field, inside, new);
            let mut told = left.iter();
            let reason = told
                .find(|it| it.key == around && it.pointer.as_ref() == Some(&field.pointer))
                .cloned();
            let keys = new.iter().map(|(_, key)| key).filter(|key| {
                key.kind.name() == inside.kind && names.contains(&Value::from(key.name.as_str()))
            });
            for key in keys {
                found.push(not_listed(key, (&around, inside.field), reason.as_ref()));
            }
        }
    }
    found
}

/// An object that its list cannot name, with what is said of the list.
fn not_listed(key: &Key, (around, list): (&Key, &str), reason: Option<&Left>) -> Left {
    let why = format!("`{list}` of {around} cannot list it");
    Left {
        key: key.clone(),
        pointer: None,
        path: None,
        declared: Value::Null,
        live: Value::Null,
        why: reason.map_or(LeftReason::Unsettled, |it| it.why),
        message: reason.map_or_else(|| why.clone(), |it| format!("{why}: {}", it.message)),
        help: reason.map_or_else(
            || format!("write `{list}` out in the file of {around} and pull again"),
            |it| it.help.clone(),
        ),
        file: reason.and_then(|it| it.file.clone()),
        line: reason.and_then(|it| it.line),
    }
}

fn listed_kind(change: &Change) -> Option<&'static Children> {
    change.kind.def().children.as_ref()
}

/// The objects that get manifests, by the names of these, that the live list has and the declared one has not.
fn missing(field: &FieldChange, inside: &Children, new: &New<'_>) -> Vec<Value> {
    if field.pointer != Pointer::from("/spec").key(inside.field) {
        return Vec::new();
    }
    let is_in = |list: &Value, name: &Value| {
        let mut members = list.as_array().into_iter().flatten();
        members.any(|it| it == name)
    };
    let of_kind = new.iter().filter(|(_, key)| key.kind.name() == inside.kind);
    let names = of_kind.map(|(_, key)| Value::from(key.name.as_str()));
    names
        .filter(|name| is_in(&field.before, name) && !is_in(&field.after, name))
        .collect()
}
