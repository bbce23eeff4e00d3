//! Manifests that got another name and another display name at once: without `lifecycle.previousName`, the live object
//! of the old name is deleted and another one is created.

use serde_json::{Map, Value};

use super::codes::RENAME_UNSAID;
use super::{Action, Change, DiffInput};
use crate::diag::{Advice, Diagnostic, Diags, Location};
use crate::kinds::mapping::same;
use crate::text::{EntryHalf, Pointer};

/// Warns of every object that is created while one like it is deleted.
pub(super) fn check(input: &DiffInput<'_>, changes: &[Change], diags: &mut Diags) {
    let of = |action: Action| changes.iter().filter(move |change| change.action == action);
    for created in of(Action::Create).filter(|change| change.previous.is_none()) {
        let same_kind = |change: &&Change| change.kind == created.kind;
        let deleted: Vec<&Change> = of(Action::Delete)
            .filter(same_kind)
            .filter(|change| !change.foreign)
            .collect();
        let is_only = of(Action::Create).filter(same_kind).count() == 1 && deleted.len() == 1;
        let mut alike = deleted.into_iter().filter(|change| {
            let entry = input.ledger.entries.get(&change.key());
            entry.is_some_and(|entry| {
                let is_in_its_place = is_only && created.file.as_deref() == Some(&entry.file);
                is_in_its_place || is_alike(&entry.spec(change.kind.def()), &created.declared)
            })
        });
        let (Some(old), None) = (alike.next(), alike.next()) else {
            continue;
        };
        let Some(resource) = input.desired.get(&created.key()) else {
            continue;
        };
        let (new, old) = (created.key(), old.name.clone());
        let at = Location::Node {
            doc: resource.doc,
            pointer: Pointer::from("/metadata/name"),
            part: EntryHalf::Value,
        };
        let message = format!(
            "{}/{old} is deleted and a similar {new} is created",
            new.kind
        );
        let help = format!(
            "if it was renamed, keep the live object: `lifecycle: {{ previousName: {old} }}`"
        );
        diags.push(Diagnostic::new(&RENAME_UNSAID, at, message).help(Advice::from(help)));
    }
}

/// Whether two specs are the same but for the display name; one that says nothing else is like any other.
fn is_alike(applied: &Value, declared: &Value) -> bool {
    let bare = |spec: &Value| {
        let mut fields: Map<String, Value> = spec.as_object().cloned().unwrap_or_default();
        fields.shift_remove("displayName");
        Value::Object(fields)
    };
    let (applied, declared) = (bare(applied), bare(declared));
    declared
        .as_object()
        .is_some_and(|fields| !fields.is_empty())
        && same(&applied, &declared)
}
