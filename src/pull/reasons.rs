//! Why something is left as it is, and what to do about it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::drift::{PullEdit, Takes};
use super::{Left, LeftReason};
use crate::diag::Location;
use crate::diff::{Change, FieldChange};
use crate::resolve::{Resource, Segment, segments};
use crate::text::edit::EditRefusal;
use crate::text::{EntryHalf, Pointer};

/// A reason against an edit: the word, the message and the help.
pub(super) struct EditObjection(pub(super) LeftReason, pub(super) String, pub(super) String);

pub(super) fn gone(takes: &Takes<'_>, resource: &Resource) -> Left {
    let place = Location::Node {
        doc: resource.doc,
        pointer: Pointer::root(),
        part: EntryHalf::Value,
    };
    let source = takes.texts.position(&place);
    let shown = source.as_ref().map_or("its file", |source| &source.file);
    Left {
        key: resource.key.clone(),
        pointer: None,
        path: None,
        declared: Value::Null,
        live: Value::Null,
        why: LeftReason::Gone,
        message: "the account no longer holds it".to_owned(),
        help: format!("remove it from `{shown}`; `apply` would create it again"),
        file: source.as_ref().map(|source| source.file.clone()),
        line: source.map(|source| source.line),
    }
}

/// An edit that is left, with the reason.
pub(super) fn left_of(edit: &PullEdit, EditObjection(why, message, help): EditObjection) -> Left {
    let source = edit.source.as_ref();
    Left {
        key: edit.key.clone(),
        pointer: Some(edit.pointer.clone()),
        path: Some(edit.path.clone()),
        declared: edit.before.clone(),
        live: edit.after.clone(),
        why,
        message,
        help,
        file: source.map(|source| source.file.clone()),
        line: source.map(|source| source.line),
    }
}

/// An edit that the texts do not take, as something that is left.
#[must_use]
pub fn refused(edit: &PullEdit, refusal: &EditRefusal) -> Left {
    let help = "write the value out in the file, or edit it yourself".to_owned();
    left_of(
        edit,
        EditObjection(LeftReason::Text, refusal.to_string(), help),
    )
}

/// An edit after which a plan would still show the field.
#[must_use]
pub fn unsettled(edit: &PullEdit) -> Left {
    let ignore = format!("lifecycle: {{ ignoreChanges: [{}] }}", edit.pointer);
    let (message, help) = if edit.after.is_null() {
        (
            "the account has no value here, and without one in the file a default counts, which a plan would set",
            format!(
                "keep the value, and `campaignctl apply` sets it again; or leave the field to the console: `{ignore}`"
            ),
        )
    } else {
        (
            "a plan would still show the field",
            format!("edit the file yourself, or leave the field to the console: `{ignore}`"),
        )
    };
    left_of(
        edit,
        EditObjection(LeftReason::Unsettled, message.to_owned(), help),
    )
}

/// An edit after which the manifest would break a rule; `is_of_note` for one about what the file notes beside the field,
/// and the account does not know.
#[must_use]
pub fn broken(edit: &PullEdit, message: &str, is_of_note: bool) -> Left {
    let message = format!("`validate` would refuse it: {message}");
    let help = if is_of_note {
        "`means` in the file was written for the old value: change it there, or remove it, and pull again"
    } else {
        "correct the object in the console and pull again"
    };
    let help = help.to_owned();
    left_of(edit, EditObjection(LeftReason::Rule, message, help))
}

pub(super) fn variable(raw: &str) -> EditObjection {
    let mut names = BTreeMap::new();
    for segment in segments(raw) {
        if let Segment::Variable(name, _) = segment {
            names.insert(name, format!("`${{var.{name}}}`"));
        }
    }
    let names: Vec<String> = names.into_values().collect();
    let message = format!("the value comes from {}", names.join(" and "));
    let help = "change the variable where it is set (`variables` in `campaignctl.yaml`, `--var` or `CAMPAIGNCTL_VAR`), or write the value out in the manifest";
    EditObjection(LeftReason::Variable, message, help.to_owned())
}

pub(super) fn conflict(field: &FieldChange) -> EditObjection {
    let message = match &field.last {
        Some(_) => "conflict: the file and the account both changed it since the last apply",
        None => "conflict: the file and the account both set it since the last apply",
    };
    let help =
        "edit the file to the value that you want, or take the account's value with `--theirs`";
    EditObjection(LeftReason::Conflict, message.to_owned(), help.to_owned())
}

pub(super) fn never_applied(change: &Change) -> EditObjection {
    let message = "the manifest was never applied, so the account's value may be the older one";
    let help = format!(
        "name it to take the account's value: `campaignctl pull {}`",
        change.key()
    );
    EditObjection(LeftReason::NeverApplied, message.to_owned(), help)
}

pub(super) fn undeclared_item() -> EditObjection {
    let message = "it is in an item of a list that the manifest does not declare".to_owned();
    let help = "declare the list in the manifest".to_owned();
    EditObjection(LeftReason::Template, message, help)
}
