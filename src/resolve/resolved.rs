//! The desired state of manifests that change: what is resolved is kept, and a change resolves again only what depends
//! on it.
//!
//! The result is the same as that of [`super::resolve`] on all the manifests; a property test of the editor holds it to
//! that.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::circles::{circles, circular_kinds};
use super::desired::{Desired, Resource};
use super::second;
use super::templates::{expand_these, template_of};
use crate::diag::{Diagnostic, Diags};
use crate::kinds::KindId;
use crate::manifest::{Key, Manifest};

/// A desired state with what it was made of.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    desired: Desired,
    /// The manifests by key in reading order; the first of each counts.
    manifests: BTreeMap<Key, Vec<Manifest>>,
    duplicates: BTreeMap<Key, Diags>,
    in_circle: BTreeSet<Key>,
    circles: Diags,
}

/// What a change led to.
#[derive(Clone, Debug, Default)]
pub struct ResolvedChange {
    /// The resources that are new, gone, or may look otherwise than before.
    pub changed: BTreeSet<Key>,
    /// Of these, the new ones and those that are gone.
    pub names: BTreeSet<Key>,
    /// What has or had one of them below it.
    pub parents: BTreeSet<Key>,
}

impl Resolved {
    /// The desired state.
    #[must_use]
    pub fn desired(&self) -> &Desired {
        &self.desired
    }

    /// The same, judged at a moment.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.desired = self.desired.at(now);
        self
    }

    /// The complaints about duplicates and circles.
    pub fn complaints(&self) -> impl Iterator<Item = &Diagnostic> {
        let duplicates = self.duplicates.values().flat_map(Diags::iter);
        duplicates.chain(self.circles.iter())
    }

    /// Replaces the manifests of some keys, each in reading order. A key without manifests is gone.
    pub fn replace(&mut self, manifests: BTreeMap<Key, Vec<Manifest>>) -> ResolvedChange {
        let mut replaced = ResolvedChange::default();
        let keys: BTreeSet<Key> = manifests.keys().cloned().collect();
        for (key, list) in manifests {
            let is_known = self.manifests.contains_key(&key);
            if is_known == list.is_empty() {
                replaced.names.insert(key.clone());
            }
            self.declare(key, list, &mut replaced.parents);
        }
        let mut changed = keys.clone();
        changed.extend(self.circles_again(&keys));
        changed.extend(self.users_of(&changed));
        for key in changed.difference(&keys) {
            self.reset(key, &mut replaced.parents);
        }
        expand_these(&mut self.desired, changed.iter(), &self.in_circle);
        for key in &changed {
            self.desired.link(key);
            replaced.parents.extend(self.parent(key));
        }
        replaced.changed = changed;
        replaced
    }

    fn declare(&mut self, key: Key, list: Vec<Manifest>, parents: &mut BTreeSet<Key>) {
        parents.extend(self.parent(&key));
        self.desired.remove(&key);
        self.duplicates.remove(&key);
        let Some((first, others)) = list.split_first() else {
            self.manifests.remove(&key);
            return;
        };
        let resource = Resource::from(first.clone());
        if !others.is_empty() {
            let told = others.iter().map(|other| second(other, &resource));
            self.duplicates.insert(key.clone(), told.collect());
        }
        self.desired.insert(resource);
        self.manifests.insert(key, list);
    }

    /// Takes the templates out of a resource again.
    fn reset(&mut self, key: &Key, parents: &mut BTreeSet<Key>) {
        parents.extend(self.parent(key));
        self.desired.remove(key);
        if let Some(first) = self.manifests.get(key).and_then(|list| list.first()) {
            self.desired.insert(Resource::from(first.clone()));
        }
    }

    fn parent(&self, key: &Key) -> Option<Key> {
        self.desired.get(key).and_then(Resource::parent)
    }

    /// Looks for circles again, if one of the keys can be in one. Returns what came into one or out of one.
    fn circles_again(&mut self, keys: &BTreeSet<Key>) -> BTreeSet<Key> {
        let kinds = circular_kinds();
        if !keys.iter().any(|key| kinds.contains(&key.kind)) {
            return BTreeSet::new();
        }
        self.circles = Diags::default();
        let now = circles(&self.desired, &mut self.circles);
        let before = std::mem::replace(&mut self.in_circle, now);
        let different = before.symmetric_difference(&self.in_circle);
        different.cloned().collect()
    }

    /// What uses one of these as a template, directly or through other templates.
    fn users_of(&self, keys: &BTreeSet<Key>) -> BTreeSet<Key> {
        let mut found = BTreeSet::new();
        if !keys.iter().any(|key| is_template(key.kind)) {
            return found;
        }
        let mut users: BTreeMap<Key, Vec<&Key>> = BTreeMap::new();
        for resource in self.desired.iter() {
            if let Some(template) = template_of(resource) {
                users.entry(template).or_default().push(&resource.key);
            }
        }
        let mut waiting: Vec<&Key> = keys.iter().collect();
        while let Some(key) = waiting.pop() {
            for user in users.get(key).into_iter().flatten() {
                if found.insert((*user).clone()) {
                    waiting.push(user);
                }
            }
        }
        found
    }
}

/// Whether manifests of a kind are templates of others.
fn is_template(kind: KindId) -> bool {
    KindId::manifests().any(|user| {
        let template = user.def().template.as_ref();
        template.is_some_and(|template| template.kind == kind.name())
    })
}
