//! Who changed a field, in words: `edit`, `edit and drift`, `template EngagementTemplate/brand`, `variable town`.
//!
//! An edit that stands in another file than the manifest, an overlay's, says where.

use crate::plan::{Cause, Change, FieldChange};

/// The cause of a field change; nothing where nobody knows. `path` is how a file is shown.
pub(super) fn told(
    change: &Change,
    field: &FieldChange,
    path: impl Fn(&str) -> String,
) -> Option<String> {
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

/// Where a field was written that does not stand in the manifest's own file.
fn elsewhere(change: &Change, field: &FieldChange, path: impl Fn(&str) -> String) -> String {
    match (&change.source, &field.source) {
        (Some(manifest), Some(place)) if manifest.file != place.file => {
            format!(" in {}:{}", path(&place.file), place.line)
        }
        _ => String::new(),
    }
}
