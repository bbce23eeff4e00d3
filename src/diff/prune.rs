//! Owned objects whose manifest has gone.
//!
//! Only ledger entries are candidates, and of these only the ones whose manifest lay below the paths of
//! this run: objects that people made in the console are never deleted.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Action, Bindings, Change, Input, fingerprint};
use crate::kinds::mapping::{get_path, lift, set_path};
use crate::kinds::{KindId, Lookup};
use crate::live::{Entry, Inventory, LiveObject, References};
use crate::manifest::Key;
use crate::name::RemoteId;

/// One owned object without a manifest.
#[derive(Clone, Debug)]
pub(super) struct PrunedEntry {
    pub(super) key: Key,
    pub(super) entry: Entry,
    /// Whether the account still holds it.
    pub(super) is_live: bool,
}

/// Every owned object without a manifest.
#[derive(Clone, Debug, Default)]
pub(super) struct Pruned {
    pub(super) entries: Vec<PrunedEntry>,
    /// Entries outside of the paths of this run.
    pub(super) left_alone: usize,
}

/// The owned objects that this run may delete.
pub(super) fn pruned(input: &Input<'_>, bindings: &Bindings<'_>) -> Pruned {
    let mut pruned = Pruned::default();
    let renamed: BTreeSet<&Key> = bindings
        .bound
        .values()
        .filter_map(|bound| bound.entry.as_ref())
        .collect();
    let live: BTreeSet<(KindId, &RemoteId)> = input
        .inventory
        .iter()
        .map(|object| (object.kind, &object.id))
        .collect();
    for (key, entry) in &input.ledger.entries {
        if input.desired.get(key).is_some() || renamed.contains(key) {
            continue;
        }
        if !input.scope.prune || !(input.scope.covers)(&entry.file) {
            pruned.left_alone += 1;
            continue;
        }
        let is_live = live.contains(&(key.kind, &entry.id));
        pruned.entries.push(PrunedEntry {
            key: key.clone(),
            entry: entry.clone(),
            is_live,
        });
    }
    pruned
}

/// What is to be deleted is still ours: it is referred to by the name that its manifest had.
pub(super) fn name(pruned: &Pruned, references: &mut References) {
    for PrunedEntry {
        key,
        entry,
        is_live,
    } in &pruned.entries
    {
        let id = entry.id.to_wire();
        if *is_live && let Some(display_name) = references.display_name(key.kind.name(), &id) {
            references.insert(key.kind, id, Some(key.name.to_string()), display_name);
        }
    }
}

/// Delete, or forget what is gone from both sides.
pub(super) fn change(pruned: &PrunedEntry, input: &Input<'_>, bindings: &Bindings<'_>) -> Change {
    let PrunedEntry {
        key,
        entry,
        is_live,
    } = pruned;
    let live = input
        .inventory
        .of_kind(key.kind)
        .iter()
        .find(|object| object.id == entry.id);
    Change {
        kind: key.kind,
        name: key.name.clone(),
        display_name: live.map_or_else(
            || entry.display_name.clone(),
            |object| object.display_name.clone(),
        ),
        remote_id: Some(entry.id.clone()),
        remote_parent: entry.parent.clone(),
        action: if *is_live {
            Action::Delete
        } else {
            Action::Forget
        },
        adopted: false,
        vanished: !is_live,
        record: false,
        file: None,
        previous: None,
        protect: entry.protect,
        fields: Vec::new(),
        patch: Value::Null,
        expected: live.map_or(Value::Null, |object| {
            staged_value(key.kind, object, bindings)
        }),
        unchanged: 0,
        declared: Value::Null,
        source: None,
        fingerprint: live
            .map(|object| fingerprint(key.kind, &object.body))
            .unwrap_or_default(),
        reasons: vec![format!("its manifest is gone from {}", entry.file)],
    }
}

/// The live value of the field that makes an object visible, for the unpublish before the delete.
fn staged_value(kind: KindId, object: &LiveObject, bindings: &Bindings<'_>) -> Value {
    let mut expected = Value::Object(serde_json::Map::new());
    if let Some(staged) = &kind.def().staged
        && let Some(value) = get_path(
            &lift(kind.def(), &object.body, &bindings.references),
            staged.field,
        )
    {
        set_path(&mut expected, staged.field, value.clone());
    }
    expected
}

/// What other people made inside an object that is to be deleted.
pub(super) fn foreign_children(
    doomed: &PrunedEntry,
    pruned: &Pruned,
    bindings: &Bindings<'_>,
    inventory: &Inventory,
) -> Vec<(Key, String)> {
    let Some(children) = &doomed.key.kind.def().children else {
        return Vec::new();
    };
    let kind = KindId::known(children.kind);
    let ours: BTreeSet<&RemoteId> = pruned
        .entries
        .iter()
        .filter(|entry| entry.key.kind == kind)
        .map(|entry| &entry.entry.id)
        .chain(
            bindings
                .bound
                .values()
                .filter(|bound| bound.object.kind == kind)
                .map(|bound| &bound.object.id),
        )
        .collect();
    let inside = inventory
        .of_kind(kind)
        .iter()
        .filter(|object| object.parent.as_ref() == Some(&doomed.entry.id));
    inside
        .filter(|object| !ours.contains(&object.id))
        .map(|object| (doomed.key.clone(), object.display_name.clone()))
        .collect()
}
