//! What depends on what, among manifests and owned objects without one.

use std::collections::{BTreeMap, BTreeSet};

use crate::kinds::{KindId, Use};
use crate::live::Ledger;
use crate::manifest::Key;
use crate::resolve::{Desired, Resource, reference_key};
use crate::text::Pointer;

/// The manifests that a manifest refers to: templates and the one around it included. The list of what lies inside
/// it is an order, no dependency.
pub(crate) fn refers_to(resource: &Resource) -> impl Iterator<Item = Key> {
    let found = resource.uses().into_iter().chain(resource.own_uses());
    keys(resource, found)
}

/// The manifests that a manifest itself refers to, and the one around it: what comes out of its templates is theirs.
pub(crate) fn refers_to_itself(resource: &Resource) -> impl Iterator<Item = Key> {
    keys(resource, resource.own_uses().into_iter()).chain(resource.parent())
}

fn keys<'a>(
    resource: &Resource,
    found: impl Iterator<Item = Use<'a>>,
) -> impl Iterator<Item = Key> {
    let inside = resource.key.kind.def().children.as_ref();
    let inside = inside.map(|list| Pointer::root().key(list.field));
    let found = found.filter(move |found| {
        inside
            .as_ref()
            .is_none_or(|list| !found.pointer.starts_with(list))
    });
    found.filter_map(|found| reference_key(found.kind, found.reference))
}

/// The targets and what they refer to, directly and through others. Of a target whose manifest has gone, what lies
/// inside it goes as well where its manifest has gone, too.
pub(super) fn with_dependencies(
    targets: &[Key],
    desired: &Desired,
    ledger: &Ledger,
) -> BTreeSet<Key> {
    closure(targets.iter().cloned(), |key| match desired.get(key) {
        Some(resource) => refers_to(resource).collect(),
        None => inside(key, desired, ledger),
    })
}

/// The owned objects without a manifest inside another one.
fn inside(key: &Key, desired: &Desired, ledger: &Ledger) -> Vec<Key> {
    let Some(around) = ledger.entries.get(key) else {
        return Vec::new();
    };
    let is_inside = |kind: KindId| {
        let parent = kind.def().parent.as_ref();
        parent.is_some_and(|parent| KindId::known(parent.kind) == key.kind)
    };
    let entries = ledger.entries.iter().filter(|(key, entry)| {
        is_inside(key.kind)
            && entry.parent.as_ref() == Some(&around.id)
            && desired.get(key).is_none()
    });
    entries.map(|(key, _)| key.clone()).collect()
}

/// The manifests and what depends on them: what refers to one of them, directly and through others, and what is
/// around one of them, which lists it.
pub(super) fn with_dependants(
    touched: &BTreeSet<Key>,
    desired: &Desired,
    ledger: &Ledger,
) -> BTreeSet<Key> {
    let mut users = BTreeMap::<Key, Vec<Key>>::new();
    for resource in desired.iter() {
        for key in refers_to(resource) {
            users.entry(key).or_default().push(resource.key.clone());
        }
    }
    let mut found = closure(touched.iter().cloned(), |key| match desired.get(key) {
        Some(_) => users.get(key).cloned().unwrap_or_default(),
        None => inside(key, desired, ledger),
    });
    let around: Vec<Key> = found
        .iter()
        .filter_map(|key| desired.get(key)?.parent())
        .collect();
    found.extend(around);
    found
}

fn closure(start: impl Iterator<Item = Key>, next: impl Fn(&Key) -> Vec<Key>) -> BTreeSet<Key> {
    let mut open: Vec<Key> = start.collect();
    let mut found = BTreeSet::new();
    while let Some(key) = open.pop() {
        if !found.contains(&key) {
            open.extend(next(&key));
            found.insert(key);
        }
    }
    found
}
