//! Live objects that no manifest defines.
//!
//! Of the owned ones, those are candidates whose manifest this run would have read; what is merely not read is not gone. Objects that people
//! made in the console are candidates only where the project names their kind as exclusive; the vendor's own
//! rows never are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Action, Bindings, Change, DiffInput, LeftAlone, fingerprint, live_spec};
use crate::diag::Texts;
use crate::kinds::mapping::{get_path, set_path};
use crate::kinds::words::VOCABULARY;
use crate::kinds::{KindId, Lookup, Role, uses};
use crate::live::{Absence, Entry, LiveObject};
use crate::manifest::Key;
use crate::name::{Name, RemoteId};
use crate::resolve::reference_key;
use crate::text::{Document, Packed, Pointer};

/// One object without a manifest.
#[derive(Clone, Debug)]
pub(super) struct PrunedEntry<'a> {
    pub(super) key: Key,
    pub(super) entry: Entry,
    /// What the account still holds of it.
    pub(super) live: Option<&'a LiveObject>,
    /// Why it goes, or stays.
    pub(super) why: PruneReason,
}

/// Why an object without a manifest goes or stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PruneReason {
    /// Its manifest has gone.
    Ours,
    /// Somebody made it in the console, where the project wants nothing but what it declares.
    Foreign,
    /// Its manifest has gone, which only looked at it: the object is nobody's of ours to delete.
    Observed,
    /// Its manifest has gone, and the row is the vendor's: it was bound before that was known.
    Vendor,
}

impl PruneReason {
    /// Whether the object stays on the account.
    fn stays(self) -> bool {
        matches!(self, Self::Observed | Self::Vendor)
    }
}

/// Every object without a manifest.
#[derive(Clone, Debug, Default)]
pub(super) struct Pruned<'a> {
    pub(super) entries: Vec<PrunedEntry<'a>>,
    /// References, as lists of children hold them, to what is deleted or was ours and is gone.
    pub(super) members: BTreeSet<(KindId, String)>,
    /// What stays although no manifest of this run declares it.
    pub(super) left_alone: Vec<LeftAlone>,
}

/// The objects that this run may delete.
///
/// What is to be deleted is still ours: from here on it is referred to by the name that its manifest had.
pub(super) fn pruned<'a>(input: &DiffInput<'a>, bindings: &mut Bindings<'_>) -> Pruned<'a> {
    let mut pruned = Pruned::default();
    let renamed: BTreeSet<Key> = bindings
        .bound
        .values()
        .filter_map(|bound| bound.entry.clone())
        .collect();
    let live: BTreeMap<(KindId, &RemoteId), &LiveObject> = input
        .inventory
        .iter()
        .map(|object| ((object.kind, &object.id), object))
        .collect();
    let references = &mut bindings.references;
    for (key, entry) in &input.ledger.entries {
        let live = live.get(&(key.kind, &entry.id)).copied();
        let is_candidate = input.desired.get(key).is_none() && !renamed.contains(key);
        let is_covered = is_candidate && input.scope.prunes(key, entry); // it looks at files
        if is_candidate && !is_covered {
            pruned.left_alone.push(left_alone(input, key, entry));
        }
        let is_pruned = is_covered && input.scope.selection.has(key);
        let why = match live {
            Some(object) if object.system => PruneReason::Vendor,
            _ if entry.observed => PruneReason::Observed,
            _ => PruneReason::Ours,
        };
        if is_pruned {
            pruned.entries.push(PrunedEntry {
                key: key.clone(),
                entry: entry.clone(),
                live,
                why,
            });
            // What stays is a stranger from now on.
            let name = (!why.stays()).then(|| key.name.to_string());
            if let Some(object) = live {
                references.insert_live(object, name);
            }
        }
        if (is_pruned && !why.stays()) || live.is_none() {
            let reference = references.to_ref(key.kind.name(), &entry.id.to_wire());
            pruned.members.insert((key.kind, reference.to_string()));
        }
    }
    foreign(input, bindings, &mut pruned);
    pruned
}

fn left_alone(input: &DiffInput<'_>, key: &Key, entry: &Entry) -> LeftAlone {
    let absence = (input.scope.absence)(entry);
    let unread = input.scope.unread.get(key);
    let (file, why) = match unread.filter(|_| absence == Absence::Gone) {
        Some(file) => (file.clone(), Absence::Unread),
        None => (entry.file.clone(), absence),
    };
    LeftAlone {
        key: key.clone(),
        file,
        why,
    }
}

/// Adds the foreign objects of exclusive kinds, each under a name that no manifest has.
fn foreign<'a>(input: &DiffInput<'a>, bindings: &Bindings<'_>, pruned: &mut Pruned<'a>) {
    let bound = bindings.bound.values().map(|bound| bound.object);
    let bound = bound.map(|object| (object.kind, &object.id));
    let entries = &input.ledger.entries;
    let owned = entries.iter().map(|(key, entry)| (key.kind, &entry.id));
    let known: BTreeSet<(KindId, &RemoteId)> = bound.chain(owned).collect();
    let declared = input.desired.iter().map(|resource| &resource.key);
    let mut taken: BTreeSet<Key> = entries.keys().chain(declared).cloned().collect();
    let exclusive = input.scope.exclusive.iter();
    for kind in exclusive.filter(|kind| is_writable(**kind, input)) {
        for object in input.inventory.of_kind(*kind) {
            if object.system || known.contains(&(*kind, &object.id)) {
                continue;
            }
            let key = free_key(object, &taken);
            taken.insert(key.clone());
            let reference = bindings
                .references
                .to_ref(kind.name(), &object.id.to_wire());
            pruned.members.insert((*kind, reference.to_string()));
            pruned.entries.push(PrunedEntry {
                key,
                entry: unowned(object),
                live: Some(object),
                why: PruneReason::Foreign,
            });
        }
    }
}

/// A name for an object that has none, after its display name; with its id where that is taken.
fn free_key(object: &LiveObject, taken: &BTreeSet<Key>) -> Key {
    let named = |text: &str| Key {
        kind: object.kind,
        name: Name::from_display_name(text, "foreign"),
    };
    let key = named(&object.display_name);
    if taken.contains(&key) {
        named(&format!("{} {}", object.id, object.display_name))
    } else {
        key
    }
}

/// What the ledger would say of an object that it does not know.
fn unowned(object: &LiveObject) -> Entry {
    Entry {
        id: object.id.clone(),
        parent: object.parent.clone(),
        display_name: object.display_name.clone(),
        applied: Packed::of(&Value::Null),
        vocabulary: VOCABULARY,
        protect: false,
        observed: false,
        file: String::new(),
        link: None,
        at: String::new(),
        plan: String::new(),
    }
}

/// Delete, or forget what is gone from both sides.
pub(super) fn change(
    pruned: &PrunedEntry<'_>,
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
) -> Change {
    let PrunedEntry {
        key,
        entry,
        live,
        why,
    } = pruned;
    let def = key.kind.def();
    let spec = live.map_or(Value::Null, |object| {
        live_spec(def, &bindings.references, object)
    });
    Change {
        kind: key.kind,
        name: key.name.clone(),
        display_name: live.map_or_else(
            || entry.display_name.clone(),
            |object| object.display_name.clone(),
        ),
        remote_id: Some(entry.id.clone()),
        remote_parent: entry.parent.clone(),
        // What programs may only read stays on the account; it is not ours any more.
        action: if live.is_some() && !why.stays() && is_writable(key.kind, input) {
            Action::Delete
        } else {
            Action::Forget
        },
        adopted: false,
        vanished: live.is_none(),
        record: false,
        file: None,
        link: None,
        previous: None,
        protect: entry.protect,
        observed: false,
        foreign: *why == PruneReason::Foreign,
        forget: false,
        fields: Vec::new(),
        patch: Value::Null,
        expected: seen_before_delete(key.kind, &spec),
        refers_to: refers_to(&spec, key.kind),
        takes: Vec::new(),
        unchanged: 0,
        was: if live.is_some() && !why.stays() && is_writable(key.kind, input) {
            spec.clone()
        } else {
            Value::Null
        },
        declared: Value::Null,
        recorded: Value::Null,
        source: None,
        fingerprint: live
            .map(|object| fingerprint(key.kind, object.body.value()))
            .unwrap_or_default(),
        reasons: vec![reason(*why, key, &entry.file, live.is_some(), input)],
    }
}

fn reason(why: PruneReason, key: &Key, file: &str, is_live: bool, input: &DiffInput<'_>) -> String {
    let kind = key.kind;
    match why {
        PruneReason::Ours | PruneReason::Observed if !is_live => {
            format!("its manifest is gone from {file}, and it no longer exists on the account")
        }
        PruneReason::Ours if is_dropped(key, input.texts) => {
            format!("an overlay of this environment drops its manifest of {file}")
        }
        PruneReason::Ours => format!("its manifest is gone from {file}"),
        PruneReason::Foreign => format!(
            "no manifest defines it: it was made in the console, and `prune` is exclusive for {kind}"
        ),
        PruneReason::Vendor => format!(
            "its manifest is gone from {file}; the row is the vendor's own and stays as it is"
        ),
        PruneReason::Observed => format!(
            "its manifest is gone from {file}; `lifecycle.mode` was observe, so the live object stays"
        ),
    }
}

/// Whether a manifest is there, below the `$patch: delete` of an overlay.
fn is_dropped(key: &Key, texts: &Texts) -> bool {
    let mut below = texts.documents.iter().filter(|document| document.shadowed);
    let is = |document: &Document, pointer: &str, text: &str| {
        document.value.pointer(pointer).and_then(Value::as_str) == Some(text)
    };
    below.any(|document| {
        is(document, "/kind", key.kind.name()) && is(document, "/metadata/name", key.name.as_str())
    })
}

fn is_writable(kind: KindId, input: &DiffInput<'_>) -> bool {
    kind.def().role != Role::Observed || input.scope.writes_observed
}

/// The live value of the field that makes an object visible, for the unpublish before the delete; and the list
/// of what lies inside, so that a delete finds out that somebody put something there.
pub(crate) fn seen_before_delete(kind: KindId, spec: &Value) -> Value {
    let def = kind.def();
    let mut expected = Value::Object(serde_json::Map::new());
    if let Some(staged) = &def.staged
        && let Some(value) = get_path(spec, staged.field)
    {
        set_path(&mut expected, staged.field, value.clone());
    }
    if let Some(inside) = &def.children {
        // An empty list is said, too: else the first object that somebody puts inside would not be noticed.
        let list = get_path(spec, inside.field).cloned();
        let list = list.unwrap_or_else(|| Value::Array(Vec::new()));
        set_path(&mut expected, inside.field, list);
    }
    expected
}

/// The manifests that a live object refers to, the one around it included, those inside it not.
pub(crate) fn refers_to(spec: &Value, kind: KindId) -> Vec<Key> {
    let def = kind.def();
    let inside = def
        .children
        .as_ref()
        .map(|list| Pointer::root().key(list.field));
    let found = uses(def.fields, spec).into_iter();
    found
        .filter(|found| {
            inside
                .as_ref()
                .is_none_or(|list| !found.pointer.starts_with(list))
        })
        .filter_map(|found| reference_key(found.kind, found.reference))
        .collect()
}
