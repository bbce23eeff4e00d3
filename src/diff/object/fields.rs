//! The fields that differ, and the ones that are left as people have them.

use serde_json::Value;

use super::Subject;
use crate::diff::cause::Blame;
use crate::diff::{Cause, Comparison, Difference, FieldChange};
use crate::resolve::Resource;
use crate::text::Pointer;

/// Whether a field drifted and is to stay as the account has it.
pub(super) fn is_ignored_drift(subject: &Subject<'_>, difference: &Difference) -> bool {
    subject.input.scope.ignores_drift && subject.blame(difference).cause == Cause::Drift
}

/// Whether the manifest says that a field is none of its business.
pub(super) fn is_ignored(resource: &Resource, difference: &Difference) -> bool {
    let pointer = Pointer::from("/spec").join(&difference.pointer);
    let mut ignored = resource.lifecycle.ignore_changes.iter();
    ignored.any(|ignored| pointer.starts_with(&Pointer::from(ignored.as_str())))
}

/// Drops the differences that are to be left alone, and wants the live values there: a write that takes a
/// whole list along must not bring the declared ones.
pub(super) fn leave(
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

/// What differs, each field with its cause and its place.
pub(super) fn field_changes(subject: &Subject<'_>, compared: &Comparison) -> Vec<FieldChange> {
    if compared.differences.is_empty() {
        return Vec::new();
    }
    let applied = subject.entry.map(|entry| entry.applied.value());
    let differences = compared.differences.iter();
    differences
        .map(|difference| {
            let Blame { cause, by } = if subject.bound.is_some() {
                subject.blame(difference)
            } else {
                Cause::Edit.into()
            };
            let place = subject
                .resource
                .locate(subject.input.texts, &difference.pointer);
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
                source: subject.input.texts.position(&place),
            }
        })
        .collect()
}
