//! The fields that differ, and the ones that are left as people have them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ComparedManifest;
use crate::diff::cause::Blame;
use crate::diff::{Cause, Comparison, Difference, FieldChange};
use crate::kinds::field::{Former, WireWord};
use crate::kinds::mapping::{counterpart, notes_at, tells_apart};
use crate::kinds::{KindDef, SaidWord, words_at};
use crate::resolve::Resource;
use crate::text::Pointer;

/// Whether a field drifted and is to stay as the account has it.
pub(super) fn is_ignored_drift(
    subject: &ComparedManifest<'_>,
    wanted: &Value,
    difference: &Difference,
) -> bool {
    subject.input.scope.ignores_drift && subject.blame(wanted, difference).cause == Cause::Drift
}

/// Whether the manifest says that a field is none of its business.
pub(super) fn is_ignored(resource: &Resource, difference: &Difference) -> bool {
    let pointer = Pointer::from("/spec").join(&difference.pointer);
    let mut ignored = resource.lifecycle.ignore_changes.iter();
    ignored.any(|ignored| pointer.starts_with(&Pointer::from(ignored.as_str())))
}

/// Drops the differences that are to be left alone, and wants nothing there: what is not wanted is not written, even
/// where a write takes a whole list along.
pub(super) fn leave(
    def: &'static KindDef,
    compared: &mut Comparison,
    wanted: &mut Value,
    mut is_left: impl FnMut(&Value, &Difference) -> bool,
) {
    if compared.differences.is_empty() {
        return;
    }
    let all = wanted.clone();
    compared.differences.retain(|difference| {
        let left = is_left(&all, difference);
        if left {
            stop_wanting(def, wanted, difference);
        }
        !left
    });
}

/// Wants what is held wherever `ignoreChanges` leads into a list: a list that differs is written whole, so that what is
/// ignored in it would be written along. An item that is not there yet is written as it is declared.
pub(super) fn leave_items(
    def: &'static KindDef,
    resource: &Resource,
    held: &Value,
    wanted: &mut Value,
) {
    let ignored = resource.lifecycle.ignore_changes.iter();
    let below = ignored.filter_map(|ignored| ignored.strip_prefix("/spec"));
    for pointer in below.map(Pointer::from) {
        let Some((around, key)) = pointer.parent().zip(pointer.steps().last()) else {
            continue;
        };
        let is_list_at = |at: &Pointer| at.get(wanted).is_some_and(Value::is_array);
        let mut above = std::iter::successors(Some(around.clone()), Pointer::parent);
        if !above.any(|at| is_list_at(&at)) || tells_apart(def.fields, &pointer) {
            continue;
        }
        let Some(theirs) = counterpart(def.fields, wanted, held, &around) else {
            continue;
        };
        let is_list = theirs.is_array();
        let found = if is_list {
            counterpart(def.fields, wanted, held, &pointer)
        } else {
            theirs.get(&key)
        };
        let found = found.cloned();
        match (wanted.pointer_mut(around.as_str()), found) {
            (Some(Value::Object(ours)), Some(held)) => drop(ours.insert(key, held)),
            (Some(Value::Object(ours)), None) => drop(ours.shift_remove(&key)),
            (Some(Value::Array(ours)), Some(held)) => {
                let at = key.parse().ok();
                if let Some(place) = at.and_then(|at: usize| ours.get_mut(at)) {
                    *place = held;
                }
            }
            _ => {}
        }
    }
}

fn stop_wanting(def: &'static KindDef, wanted: &mut Value, difference: &Difference) {
    let pointer = &difference.pointer;
    let Some((around, key)) = pointer.parent().zip(pointer.steps().last()) else {
        return;
    };
    let inside = def.children.as_ref();
    // Without these nobody could say which list, or which item of it, the rest is about.
    let is_needed = inside.is_some_and(|list| pointer.as_str() == format!("/{}", list.field))
        || tells_apart(def.fields, pointer);
    match wanted.pointer_mut(around.as_str()) {
        Some(Value::Object(wanted)) if is_needed => {
            wanted.insert(key, difference.before.clone());
        }
        Some(Value::Object(wanted)) => drop(wanted.shift_remove(&key)),
        _ => {}
    }
}

/// What differs, each field with its cause and its place.
pub(super) fn field_changes(
    subject: &ComparedManifest<'_>,
    wanted: &Value,
    compared: &Comparison,
) -> Vec<FieldChange> {
    if compared.differences.is_empty() {
        return Vec::new();
    }
    let fields = subject.def.fields;
    let applied = subject.applied();
    let differences = compared.differences.iter();
    differences
        .map(|difference| {
            let Blame { cause, by } = if subject.bound.is_some() {
                subject.blame(wanted, difference)
            } else {
                Cause::Edit.into()
            };
            let place = subject
                .resource
                .locate(subject.input.texts, &difference.pointer);
            let (unconfirmed, hints) = notes(subject, wanted, &difference.pointer);
            FieldChange {
                pointer: Pointer::from("/spec").join(&difference.pointer),
                before: difference.before.clone(),
                after: difference.after.clone(),
                last: applied
                    .as_ref()
                    .and_then(|applied| counterpart(fields, wanted, applied, &difference.pointer))
                    .cloned(),
                unconfirmed,
                hints,
                means: meant(subject, &difference.pointer),
                cause,
                by,
                source: subject.input.texts.position(&place),
            }
        })
        .collect()
}

/// What the conditions that a place bears on ask of a visitor.
fn meant(subject: &ComparedManifest<'_>, place: &Pointer) -> Vec<Value> {
    let notes = notes_at(subject.def.fields, &subject.resource.spec, place);
    notes.into_iter().map(|(_, note)| note.clone()).collect()
}

/// What there is to know of the words of a changed field: the unconfirmed ones, and a hint for each that stood for
/// another number when the field was applied last.
fn notes(
    subject: &ComparedManifest<'_>,
    wanted: &Value,
    place: &Pointer,
) -> (Vec<String>, Vec<String>) {
    let is_old = subject.entry.is_some_and(|entry| !entry.is_of_today());
    let (mut unconfirmed, mut hints) = (BTreeSet::new(), Vec::new());
    for SaidWord {
        pointer,
        words,
        word,
    } in words_at(subject.def.fields, wanted, place)
    {
        if !word.certainty.is_confirmed() && pointer.starts_with(place) {
            unconfirmed.insert(word.word.to_owned());
        }
        if is_old && let Some(former) = words.formerly(word.word) {
            hints.push(renumbered(word, former, words.list));
        }
    }
    hints.dedup();
    (unconfirmed.into_iter().collect(), hints)
}

/// That a word stands for another number than when it was applied last.
fn renumbered(word: &WireWord, former: &Former, words: &[WireWord]) -> String {
    let means = words.iter().find(|other| other.wire == former.wire);
    let means = means.map_or_else(String::new, |other| format!(", which is `{}`", other.word));
    format!(
        "`{}` is {} now; an earlier version of campaignctl wrote and read it as {}{means}: if that version exported the manifest, export it again",
        word.word,
        word.wire.to_value(),
        former.wire.to_value(),
    )
}
