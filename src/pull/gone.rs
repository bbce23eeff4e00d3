//! Fields that differ because people deleted in the console what they refer to: that is told, and not taken for their edit.

use std::collections::BTreeSet;

use serde_json::Value;

use super::LeftReason;
use super::drift::put;
use super::reasons::EditObjection;
use crate::diff::{Cause, Change, FieldChange};
use crate::kinds::uses;
use crate::manifest::Key;
use crate::resolve::{Resource, reference_key};

/// The manifests whose objects the account no longer holds.
pub(super) fn deleted(changes: &[Change]) -> BTreeSet<Key> {
    let gone = changes.iter().filter(|change| change.vanished);
    gone.map(Change::key).collect()
}

/// Why a field is left that would refer to something that was deleted, if it does.
pub(super) fn refers_to_deleted(
    deleted: &BTreeSet<Key>,
    resource: &Resource,
    field: &FieldChange,
) -> Option<EditObjection> {
    let is_ours = matches!(field.cause, Cause::Edit | Cause::Template | Cause::Variable);
    if deleted.is_empty() || is_ours {
        return None;
    }
    let at = field.pointer.below_spec()?;
    let mut spec = Value::clone(&resource.spec);
    put(&mut spec, &at, &field.after);
    let used = uses(resource.key.kind.def().fields, &spec).into_iter();
    let used = used.filter(|used| used.pointer.starts_with(&at));
    let mut keys = used.filter_map(|used| reference_key(used.kind, used.reference));
    let key = keys.find(|key| deleted.contains(key))?;
    let message = format!("it refers to {key}, which the account no longer holds");
    let help = format!(
        "remove {key} from the files, and what refers to it; `apply` would create it again"
    );
    Some(EditObjection(LeftReason::Gone, message, help))
}

/// Whether a field is the list of what lies inside, which the file does not have, and does no more than lose something: a
/// manifest went, and that is for `apply`.
pub(super) fn is_list_by_manifests(resource: &Resource, field: &FieldChange) -> bool {
    let list = resource.key.kind.def().children.as_ref();
    let at = field.pointer.below_spec();
    let (Some(list), Some(at)) = (list, at) else {
        return false;
    };
    let is_of_list = at.steps().next().as_deref() == Some(list.field);
    let members = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let held = members(&field.before);
    let loses_only = members(&field.after).iter().all(|it| held.contains(it));
    let is_declared = resource.spec.get(list.field).is_some();
    field.cause == Cause::Both && is_of_list && !is_declared && loses_only
}
