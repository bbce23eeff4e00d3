//! What has to be done.

use super::ComparedManifest;
use crate::diff::bind::{Bound, parent_id};
use crate::diff::unnamed::RECOGNIZED;
use crate::diff::{Action, FieldChange};
use crate::kinds::{KindId, Role};
use crate::live::LiveObject;
use crate::manifest::Mode;

/// The action, and why it is this one.
pub(super) fn action(
    subject: &ComparedManifest<'_>,
    fields: &[FieldChange],
) -> (Action, Vec<String>) {
    let resource = subject.resource;
    let mode = resource.lifecycle.mode;
    let is_read_only = subject.def.role == Role::Observed && !subject.input.scope.writes_observed;
    let Some(bound) = subject.bound else {
        return unbound(subject, is_read_only);
    };
    let settled = match (subject.previous(), subject.entry, mode) {
        (Some(_), ..) => Action::Update, // of the name
        (None, None, Mode::Enforce | Mode::CreateOnly) => Action::Adopt,
        _ => Action::None,
    };
    match (fields.is_empty(), mode, is_read_only) {
        (true, ..) => (settled, Vec::new()),
        (_, Mode::CreateOnly, _) => (
            settled,
            vec!["`lifecycle.mode` is createOnly: the live object is left to people".to_owned()],
        ),
        (_, Mode::Observe, _) => (
            settled,
            vec![
                "`lifecycle.mode` is observe: differences are shown, nothing is written".to_owned(),
            ],
        ),
        (_, _, true) => (Action::Manual, vec![READ_ONLY.to_owned()]),
        _ if moves(subject, bound) => (Action::Replace, vec![moved(subject)]),
        _ => (Action::Update, Vec::new()),
    }
}

/// The action for an object that the account does not hold.
fn unbound(subject: &ComparedManifest<'_>, is_read_only: bool) -> (Action, Vec<String>) {
    match (subject.resource.lifecycle.mode, is_read_only) {
        (Mode::Observe, _) => (
            Action::None,
            vec!["the account does not hold it, and `lifecycle.mode` is observe".to_owned()],
        ),
        (_, true) => (Action::Manual, read_only(subject)),
        _ => (Action::Create, not_found(subject)),
    }
}

const READ_ONLY: &str = "programs can only read this kind: enter it in the web tool";

/// Why a person has to make an object.
fn read_only(subject: &ComparedManifest<'_>) -> Vec<String> {
    let kind = subject.resource.key.kind;
    let mut objects = subject.input.inventory.of_kind(kind).iter();
    let unnamed = objects.any(LiveObject::is_unnamed);
    let recognized = unnamed.then_some(RECOGNIZED);
    let reasons = [READ_ONLY].into_iter().chain(recognized);
    reasons.map(str::to_owned).collect()
}

/// Why a manifest that was applied before, maybe under another name, has to be created.
fn not_found(subject: &ComparedManifest<'_>) -> Vec<String> {
    let resource = subject.resource;
    let entries = &subject.input.ledger.entries;
    let previous = resource.previous_key();
    let entry = entries
        .get(&resource.key)
        .or_else(|| entries.get(previous.as_ref()?));
    let why = match (entry, previous) {
        (Some(entry), _) => format!(
            "the account no longer holds {}, to which it was bound",
            entry.id
        ),
        (None, Some(previous)) => format!("the ledger binds no {previous} that it could rename"),
        (None, None) => return Vec::new(),
    };
    vec![why]
}

/// Whether the manifest wants the object inside another one than it is in.
/// Why an object that moves is replaced.
fn moved(subject: &ComparedManifest<'_>) -> String {
    let around = subject.def.parent.as_ref();
    let around = around.map_or("objects", |around| KindId::known(around.kind).def().plural);
    format!(
        "{} cannot move between {around}: this one is deleted and created again with a new id",
        subject.def.plural
    )
}

fn moves(subject: &ComparedManifest<'_>, bound: &Bound<'_>) -> bool {
    subject.def.parent.is_some()
        && parent_id(subject.resource, subject.lookup) != bound.object.parent
}
