//! Which live object each manifest is about.
//!
//! The ledger's id first; else the live object with the same display name (and parent), which the plan
//! adopts; else, where the account shows no names, the one that holds all that is declared; two candidates are
//! a complaint; else there is none and the plan creates it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::codes::{AMBIGUOUS_BINDING, CLAIMED_TWICE, SYSTEM_ROW};
use super::unnamed::holds;
use crate::diag::{Diagnostic, Diags, Location};
use crate::kinds::mapping::get_path;
use crate::kinds::{KindId, Lookup, Role};
use crate::live::{Inventory, Ledger, LiveObject, References};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::{Desired, Resource};
use crate::text::{EntryHalf, Pointer};

/// The live object of one manifest.
#[derive(Clone, Debug)]
pub struct Bound<'a> {
    /// The live object.
    pub object: &'a LiveObject,
    /// The ledger entry that said so, under its key at that time; `None` when the display name did.
    pub entry: Option<Key>,
}

/// What binding found.
#[derive(Debug, Default)]
pub struct Bindings<'a> {
    /// The live object of each manifest that has one.
    pub bound: BTreeMap<Key, Bound<'a>>,
    /// Every live object as it is to be referred to.
    pub references: References,
    /// By manifest, the manifests of what lies inside its live object that name that by its live name or id.
    inside: BTreeMap<Key, Vec<Key>>,
}

impl Bindings<'_> {
    /// The manifests that lie inside the live object of another one by its live name or id, not by its manifest's name.
    pub(super) fn inside_by_live(&self, key: &Key) -> &[Key] {
        self.inside.get(key).map_or(&[], Vec::as_slice)
    }

    fn index_inside(&mut self, desired: &Desired) {
        let bound = self.bound.iter();
        let keys: BTreeMap<(KindId, &RemoteId), &Key> = bound
            .map(|(key, bound)| ((key.kind, &bound.object.id), key))
            .collect();
        let mut inside = BTreeMap::<Key, Vec<Key>>::new();
        for child in desired.iter() {
            let Some(around) = &child.key.kind.def().parent else {
                continue;
            };
            let id = match child.parent() {
                Some(_) => None,
                None => parent_id(child, &self.references),
            };
            let key = id.and_then(|id| keys.get(&(KindId::known(around.kind), &id)).copied());
            if let Some(key) = key {
                inside
                    .entry(key.clone())
                    .or_default()
                    .push(child.key.clone());
            }
        }
        self.inside = inside;
    }
}

/// Binds every manifest that has a live counterpart.
#[must_use]
pub fn bind<'a>(
    desired: &Desired,
    inventory: &'a Inventory,
    ledger: &Ledger,
) -> (Bindings<'a>, Diags) {
    let mut binder = Binder {
        desired,
        ledger,
        by_id: index_by_id(inventory),
        by_name: index_by_name(inventory),
        owners: index_owners(ledger),
        taken: BTreeMap::new(),
    };
    let mut bindings = Bindings::default();
    let mut diags = Diags::default();
    for object in inventory.iter() {
        bindings.references.insert_live(object, None);
    }
    // By ledger first, so that no manifest adopts what another one owns. Parents come before children
    // in the order of the kinds.
    let live = || {
        desired
            .iter()
            .filter(|resource| resource.key.kind.def().role != Role::Local)
    };
    let mut refused = BTreeSet::new();
    for resource in live() {
        match binder.by_ledger(resource) {
            // Bound before the row was known to be the vendor's, or by hand.
            Some(bound) if bound.object.system => {
                diags.push(bound_to_system_row(resource, bound.object));
                refused.insert(&resource.key);
            }
            Some(bound) => binder.note(resource, bound, &mut bindings),
            None => {}
        }
    }
    for resource in live() {
        if !bindings.bound.contains_key(&resource.key)
            && !refused.contains(&resource.key)
            && let Some(bound) = binder.by_display_name(resource, &bindings.references, &mut diags)
        {
            binder.note(resource, bound, &mut bindings);
        }
    }
    let unnamed: Vec<&LiveObject> = inventory
        .iter()
        .filter(|object| object.is_unnamed())
        .collect();
    for resource in live().filter(|_| !unnamed.is_empty()) {
        if !bindings.bound.contains_key(&resource.key)
            && let Some(bound) =
                binder.by_content(resource, &unnamed, &bindings.references, &mut diags)
        {
            binder.note(resource, bound, &mut bindings);
        }
    }
    binder.name_the_ownerless(&mut bindings.references);
    bindings.index_inside(desired);
    (bindings, diags)
}

type LiveById<'a> = BTreeMap<(KindId, &'a RemoteId), &'a LiveObject>;
type LiveByName<'a> = BTreeMap<(KindId, &'a str), Vec<&'a LiveObject>>;

fn index_by_id(inventory: &Inventory) -> LiveById<'_> {
    inventory
        .iter()
        .map(|object| ((object.kind, &object.id), object))
        .collect()
}

fn index_by_name(inventory: &Inventory) -> LiveByName<'_> {
    let mut index = LiveByName::new();
    for object in inventory.iter() {
        index
            .entry((object.kind, object.display_name.as_str()))
            .or_default()
            .push(object);
    }
    index
}

/// The ledger's key of each bound object, the first one where two claim it.
fn index_owners(ledger: &Ledger) -> BTreeMap<(KindId, &RemoteId), &Key> {
    let mut owners = BTreeMap::new();
    for (key, entry) in &ledger.entries {
        owners.entry((key.kind, &entry.id)).or_insert(key);
    }
    owners
}

struct Binder<'a, 'd> {
    desired: &'d Desired,
    ledger: &'d Ledger,
    owners: BTreeMap<(KindId, &'d RemoteId), &'d Key>,
    by_id: LiveById<'a>,
    by_name: LiveByName<'a>,
    taken: BTreeMap<(KindId, &'a RemoteId), Key>,
}

impl<'a> Binder<'a, '_> {
    fn note(&mut self, resource: &Resource, bound: Bound<'a>, bindings: &mut Bindings<'a>) {
        let LiveObject { kind, id, .. } = bound.object;
        self.taken.insert((*kind, id), resource.key.clone());
        let name = Some(resource.key.name.to_string());
        bindings.references.insert_live(bound.object, name);
        bindings.bound.insert(resource.key.clone(), bound);
    }

    /// Owned objects without a manifest keep their names, so that a reference to one reads as it did when it
    /// was applied.
    fn name_the_ownerless(&self, references: &mut References) {
        for (key, entry) in &self.ledger.entries {
            if self.desired.get(key).is_none()
                && let Some(object) = self.by_id.get(&(key.kind, &entry.id))
                && !self.taken.contains_key(&(key.kind, &object.id))
                && !object.system
            {
                references.insert_live(object, Some(key.name.to_string()));
            }
        }
    }

    fn by_ledger(&self, resource: &Resource) -> Option<Bound<'a>> {
        let key = self.entry_key(resource)?;
        let entry = self.ledger.entries.get(&key)?;
        let object = self.by_id.get(&(key.kind, &entry.id)).copied()?;
        let is_free = !self.taken.contains_key(&(key.kind, &object.id));
        is_free.then_some(Bound {
            object,
            entry: Some(key),
        })
    }

    /// The ledger key of a manifest: its own, or that of its previous name.
    fn entry_key(&self, resource: &Resource) -> Option<Key> {
        if self.ledger.entries.contains_key(&resource.key) {
            return Some(resource.key.clone());
        }
        let previous = resource.previous_key()?;
        (self.ledger.entries.contains_key(&previous) && self.desired.get(&previous).is_none())
            .then_some(previous)
    }

    /// The ledger entry of an object whose manifest has gone: the manifest was renamed.
    fn abandoned_entry(&self, object: &LiveObject) -> Option<Key> {
        let owner = self.owners.get(&(object.kind, &object.id)).copied();
        owner.filter(|key| self.desired.get(key).is_none()).cloned()
    }

    /// Of the objects that show no name, the one that holds all that is declared.
    fn by_content(
        &self,
        resource: &Resource,
        unnamed: &[&'a LiveObject],
        references: &References,
        diags: &mut Diags,
    ) -> Option<Bound<'a>> {
        let kind = resource.key.kind;
        let free = unnamed
            .iter()
            .copied()
            .filter(|object| object.kind == kind && !self.taken.contains_key(&(kind, &object.id)));
        let found: Vec<&LiveObject> = free
            .filter(|object| holds(resource, references, object))
            .collect();
        match found.as_slice() {
            [] => None,
            [only] => Some(Bound {
                object: only,
                entry: self.abandoned_entry(only),
            }),
            many => {
                let what = format!("that hold all that {} declares", resource.key);
                let help = format!(
                    "declare more fields of its channel, as in the account, or bind it to one of them: `campaignctl ledger bind {} {}`",
                    resource.key, many[0].id
                );
                diags.push(ambiguous(resource, many, &what).help(help));
                None
            }
        }
    }

    fn by_display_name(
        &self,
        resource: &Resource,
        references: &References,
        diags: &mut Diags,
    ) -> Option<Bound<'a>> {
        let kind = resource.key.kind;
        let parent = parent_id(resource, references);
        let candidates: Vec<&LiveObject> = self
            .by_name
            .get(&(kind, resource.display_name()))?
            .iter()
            .copied()
            .filter(|object| kind.def().parent.is_none() || object.parent == parent)
            .collect();
        let mut free: Vec<&LiveObject> = candidates
            .iter()
            .copied()
            .filter(|object| !self.taken.contains_key(&(kind, &object.id)))
            .collect();
        // A row of the vendor's is no candidate beside one that people made.
        if free.iter().any(|object| !object.system) {
            free.retain(|object| !object.system);
        }
        match free.as_slice() {
            [] => {
                let owner = candidates
                    .iter()
                    .find_map(|object| self.taken.get(&(kind, &object.id)))?;
                if !self.ledger.entries.contains_key(owner) {
                    diags.push(claimed_twice(resource, self.desired.get(owner)));
                }
                None
            }
            [vendor, ..] if vendor.system => {
                diags.push(system_row(resource));
                None
            }
            [only] => Some(Bound {
                object: only,
                entry: self.abandoned_entry(only),
            }),
            many => {
                let what = format!("named `{}`", resource.display_name());
                let help = format!(
                    "rename all but one of them in the console, give the manifest another `displayName`, or bind it to one of them: `campaignctl ledger bind {} {}`",
                    resource.key, many[0].id
                );
                diags.push(ambiguous(resource, many, &what).help(help));
                None
            }
        }
    }
}

/// The wire id of the object around a resource, `None` when that is still to be created.
pub(super) fn parent_id(resource: &Resource, lookup: &dyn Lookup) -> Option<RemoteId> {
    let parent = resource.key.kind.def().parent.as_ref()?;
    RemoteId::from_wire(&lookup.to_id(parent.kind, get_path(&resource.spec, parent.field)?))
}

pub(super) fn at_name(resource: &Resource) -> Location {
    let has_display_name = resource
        .own()
        .get("displayName")
        .is_some_and(Value::is_string);
    let pointer = if has_display_name {
        "/spec/displayName"
    } else {
        "/metadata/name"
    };
    Location::Node {
        doc: resource.doc,
        pointer: Pointer::from(pointer),
        part: EntryHalf::Value,
    }
}

fn ambiguous(resource: &Resource, candidates: &[&LiveObject], what: &str) -> Diagnostic {
    let ids: BTreeSet<_> = candidates
        .iter()
        .map(|object| object.id.to_string())
        .collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let message = format!(
        "the account holds {} {} objects {what}: {}",
        ids.len(),
        resource.key.kind,
        ids.join(", ")
    );
    Diagnostic::new(&AMBIGUOUS_BINDING, at_name(resource), message)
}

/// The ledger binds a manifest to a row of the vendor's. Where that has another name, the manifest does not mean it.
fn bound_to_system_row(resource: &Resource, row: &LiveObject) -> Diagnostic {
    if row.display_name == resource.display_name() {
        return system_row(resource);
    }
    let LiveObject {
        id, display_name, ..
    } = row;
    let key = &resource.key;
    let message = format!(
        "the ledger binds {key} to `{display_name}` ({id}), which is {} of the vendor's own and must not be changed",
        key.kind.one()
    );
    let reference = system_reference(key.kind, display_name);
    Diagnostic::new(&SYSTEM_ROW, at_name(resource), message).help(format!(
        "if the manifest means another object, the entry of the ledger is wrong: `campaignctl ledger forget {key}` removes it, and the next \
         plan looks for the object by its name; if it means that row, remove the manifest and refer to the row with `{reference}`"
    ))
}

/// How a row of the vendor's is referred to.
fn system_reference(kind: KindId, display_name: &str) -> String {
    if kind.def().has_vendor_row() {
        "{ system: true }".to_owned()
    } else {
        format!("{{ live: {display_name} }}")
    }
}

fn system_row(resource: &Resource) -> Diagnostic {
    let kind = resource.key.kind;
    let message = format!(
        "`{}` is {} of the vendor's own, which must not be changed",
        resource.display_name(),
        kind.one()
    );
    let reference = system_reference(kind, resource.display_name());
    Diagnostic::new(&SYSTEM_ROW, at_name(resource), message).help(format!(
        "remove the manifest and refer to the row with `{reference}`; the row does not change"
    ))
}

fn claimed_twice(resource: &Resource, other: Option<&Resource>) -> Diagnostic {
    let message = format!(
        "another {} manifest has the display name `{}` too, and the account holds one such object",
        resource.key.kind,
        resource.display_name()
    );
    let diagnostic = Diagnostic::new(&CLAIMED_TWICE, at_name(resource), message)
        .help("give one of them another `displayName`");
    match other {
        Some(other) => diagnostic.label(at_name(other), "the other one"),
        None => diagnostic,
    }
}
