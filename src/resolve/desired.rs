//! The desired state: every manifest by key, templates expanded.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use rayon::prelude::*;
use serde_json::Value;

use super::rest::RestingResource;
use crate::diag::{DocId, Location, Texts};
use crate::kinds::mapping::get_path;
use crate::kinds::{KindId, Role, RuleWorld, place_in};
use crate::manifest::{Key, Lifecycle, Manifest, Spec};
use crate::name::Name;
use crate::text::{EntryHalf, Fill, Pointer};

/// One object as the manifests want it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Kind and name.
    pub key: Key,
    /// The document of the manifest.
    pub doc: DocId,
    /// The documents of the templates expanded into it, nearest first.
    pub templates: Vec<DocId>,
    /// `metadata.labels`.
    pub labels: IndexMap<String, String>,
    /// `spec` as the manifest has it, where a template was expanded into it.
    pub(super) own: Option<Spec>,
    /// `spec` with the templates expanded into it.
    pub spec: Spec,
    /// How the program may treat the live object.
    pub lifecycle: Lifecycle,
    /// The scalars of `spec` that variables were filled into, those of templates included.
    pub fills: Vec<Fill>,
    /// What is known of the spec at rest.
    pub(super) outline: Option<Box<RestingResource>>,
}

impl From<Manifest> for Resource {
    fn from(manifest: Manifest) -> Self {
        let Manifest {
            doc,
            key,
            labels,
            annotations: _,
            spec,
            lifecycle,
            fills,
        } = manifest;
        Self {
            key,
            doc,
            templates: Vec::new(),
            labels,
            own: None,
            spec,
            lifecycle,
            fills,
            outline: None,
        }
    }
}

impl Resource {
    /// The key that the manifest had before: `lifecycle.previousName`, where that is a name.
    #[must_use]
    pub fn previous_key(&self) -> Option<Key> {
        let name = Name::new(self.lifecycle.previous_name.as_deref()?).ok()?;
        Some(Key {
            kind: self.key.kind,
            name,
        })
    }

    /// `spec` as the manifest has it.
    #[must_use]
    pub fn own(&self) -> &Value {
        self.own.as_ref().unwrap_or(&self.spec)
    }

    /// What people see in the console: `spec.displayName`, or the name.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if let Some(outline) = &self.outline {
            return &outline.display_name;
        }
        self.spec
            .get("displayName")
            .and_then(Value::as_str)
            .unwrap_or(self.key.name.as_str())
    }

    /// Where a field of the expanded spec was written: in the manifest, else in the nearest template.
    #[must_use]
    pub fn locate(&self, texts: &Texts, pointer: &Pointer) -> Location {
        let (doc, pointer) = match self.own_place(pointer) {
            Some(own) => (self.doc, own),
            None => self
                .template_place(texts, pointer)
                .unwrap_or_else(|| (self.doc, pointer.clone())),
        };
        Location::Node {
            doc,
            pointer: Pointer::from("/spec").join(&pointer),
            part: EntryHalf::Value,
        }
    }

    /// The template that a field of the expanded spec comes from, the nearest of those that have it.
    #[must_use]
    pub fn template_of(&self, texts: &Texts, pointer: &Pointer) -> Option<DocId> {
        if self.own_place(pointer).is_some() {
            return None;
        }
        self.template_place(texts, pointer).map(|(doc, _)| doc)
    }

    /// The place of a field of the expanded spec in the manifest's own.
    fn own_place(&self, pointer: &Pointer) -> Option<Pointer> {
        match &self.own {
            Some(own) => place_in(self.key.kind.def().fields, &self.spec, own, pointer),
            None => pointer.get(&self.spec).map(|_| pointer.clone()),
        }
    }

    fn template_place(&self, texts: &Texts, pointer: &Pointer) -> Option<(DocId, Pointer)> {
        let fields = self.key.kind.def().fields;
        self.templates.iter().find_map(|doc| {
            let spec = texts.value(*doc).get("spec")?;
            Some((*doc, place_in(fields, &self.spec, spec, pointer)?))
        })
    }

    /// The manifest around this one, where the field names one.
    #[must_use]
    pub fn parent(&self) -> Option<Key> {
        if let Some(outline) = &self.outline {
            return outline.parent.clone();
        }
        let parent = self.key.kind.def().parent.as_ref()?;
        reference_key(parent.kind, get_path(&self.spec, parent.field)?)
    }
}

/// The manifest that a reference names, `None` for `{live: ..}`, `{id: ..}` and kinds never in manifests.
pub(crate) fn reference_key(kind: &'static str, reference: &Value) -> Option<Key> {
    let kind = KindId::known(kind);
    if kind.def().role == Role::Reference {
        return None;
    }
    Some(Key {
        kind,
        name: Name::new(reference.as_str()?).ok()?,
    })
}

/// Every object as the manifests want it, by kind and name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desired {
    resources: BTreeMap<Key, Resource>,
    children: BTreeMap<Key, Vec<Key>>,
    now: Option<Timestamp>,
}

impl Desired {
    /// The same, judged at a moment.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self {
            now: Some(now),
            ..self
        }
    }

    /// Adds a resource; an earlier one with the same key goes.
    pub fn insert(&mut self, resource: Resource) {
        self.resources.insert(resource.key.clone(), resource);
    }

    /// Notes which resources lie below which; called once all are in.
    pub(super) fn index(&mut self) {
        self.children.clear();
        for resource in self.resources.values() {
            if let Some(parent) = resource.parent() {
                self.children
                    .entry(parent)
                    .or_default()
                    .push(resource.key.clone());
            }
        }
    }

    /// Notes that a resource lies below another one. Does nothing when it is noted already.
    pub(super) fn link(&mut self, key: &Key) {
        if let Some(parent) = self.get(key).and_then(Resource::parent) {
            let children = self.children.entry(parent).or_default();
            if let Err(at) = children.binary_search(key) {
                children.insert(at, key.clone());
            }
        }
    }

    /// Takes a resource out, and from below what it lies below. Its own children stay noted.
    pub(super) fn remove(&mut self, key: &Key) -> Option<Resource> {
        let resource = self.resources.remove(key)?;
        if let Some(parent) = resource.parent()
            && let Some(children) = self.children.get_mut(&parent)
        {
            children.retain(|child| child != key);
            if children.is_empty() {
                self.children.remove(&parent);
            }
        }
        Some(resource)
    }

    /// The resource with this key.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Resource> {
        self.resources.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &Key) -> Option<&mut Resource> {
        self.resources.get_mut(key)
    }

    /// Every resource, by kind and then by name.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }

    /// Changes some resources side by side, and looks at no other: an editor calls it for each letter. Where they lie stays as it is noted.
    pub(super) fn change_each<'k>(
        &mut self,
        keys: impl IntoIterator<Item = &'k Key>,
        change: impl Fn(&mut Resource) + Send + Sync,
    ) {
        let taken = keys
            .into_iter()
            .filter_map(|key| self.resources.remove(key));
        let mut taken: Vec<Resource> = taken.collect();
        taken.par_iter_mut().for_each(change);
        let changed = taken.into_iter().map(|it| (it.key.clone(), it));
        self.resources.extend(changed);
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Resource> {
        self.resources.values_mut()
    }

    /// The resources of one kind.
    pub fn of_kind(&self, kind: KindId) -> impl Iterator<Item = &Resource> {
        self.iter()
            .filter(move |resource| resource.key.kind == kind)
    }

    /// The keys of the resources below another one.
    #[must_use]
    pub fn children_of(&self, parent: &Key) -> &[Key] {
        self.children.get(parent).map_or(&[], Vec::as_slice)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// Keeps what `keep` says and drops the rest.
    pub fn retain(&mut self, mut keep: impl FnMut(&Resource) -> bool) {
        self.resources.retain(|_, resource| keep(resource));
        self.index();
    }
}

impl RuleWorld for Desired {
    fn spec(&self, kind: &'static str, name: &str) -> Option<&Value> {
        let key = Key {
            kind: KindId::known(kind),
            name: Name::new(name).ok()?,
        };
        self.get(&key).map(|resource| &*resource.spec)
    }

    fn children(&self, kind: &'static str, parent: &str) -> Vec<(&str, &Value)> {
        let child = KindId::known(kind);
        let Some(around) = &child.def().parent else {
            return Vec::new();
        };
        let Ok(name) = Name::new(parent) else {
            return Vec::new();
        };
        let parent = Key {
            kind: KindId::known(around.kind),
            name,
        };
        let found = self
            .children_of(&parent)
            .iter()
            .filter(|key| key.kind == child)
            .filter_map(|key| self.get(key));
        found
            .map(|resource| (resource.key.name.as_str(), &*resource.spec))
            .collect()
    }

    fn now(&self) -> Option<Timestamp> {
        self.now
    }
}
