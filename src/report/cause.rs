//! Who changed a field, in words: `edit`, `edit and drift`, `template EngagementTemplate/brand`, `variable town`.
//!
//! An edit in another file than the manifest, an overlay's, says where. Beside it are the words of the
//! field whose numbers are not confirmed.

use crate::plan::{Action, Cause, Change, FieldChange};

/// Whether a field has no live value, because the object does not exist yet.
pub(super) fn is_new(change: &Change, field: &FieldChange) -> bool {
    change.action == Action::Create || (change.action == Action::Manual && field.before.is_null())
}

/// What stands behind a field: its cause, unless it is new, and its unconfirmed words. `path` is how a file is shown.
pub(super) fn remarks(
    change: &Change,
    field: &FieldChange,
    path: impl Fn(&str) -> String,
) -> Option<String> {
    let cause = told(change, field, path).filter(|_| !is_new(change, field));
    let words: Vec<_> = (field.unconfirmed.iter())
        .map(|word| format!("`{word}`"))
        .collect();
    let words = (!words.is_empty()).then(|| format!("unconfirmed: {}", words.join(", ")));
    let remarks: Vec<_> = cause.into_iter().chain(words).collect();
    (!remarks.is_empty()).then(|| remarks.join("; "))
}

/// The cause of a field change; nothing where it is not known. `path` is how a file is shown.
fn told(change: &Change, field: &FieldChange, path: impl Fn(&str) -> String) -> Option<String> {
    let by = || field.by.join(", ");
    Some(match field.cause {
        Cause::Edit => format!("edit{}", elsewhere(change, field, &path)),
        Cause::Drift => "drift".to_owned(),
        Cause::Both => format!("edit and drift{}", elsewhere(change, field, &path)),
        Cause::Template if field.by.len() > 1 => format!("templates {}", by()),
        Cause::Template => format!("template {}", by()).trim_end().to_owned(),
        Cause::Variable if field.by.len() > 1 => format!("variables {}", by()),
        Cause::Variable => format!("variable {}", by()).trim_end().to_owned(),
        Cause::Unknown => return None,
    })
}

/// Where a field was written that is not in the manifest's own file.
fn elsewhere(change: &Change, field: &FieldChange, path: impl Fn(&str) -> String) -> String {
    match (&change.source, &field.source) {
        (Some(manifest), Some(place)) if manifest.file != place.file => {
            format!(" in {}:{}", path(&place.file), place.line)
        }
        _ => String::new(),
    }
}
