//! The expansion of templates into what uses them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::circles::circles;
use super::desired::{Desired, Resource, reference_key};
use crate::diag::{Diags, DocId};
use crate::kinds::mapping::{get_path, merge_specs, take_path};
use crate::kinds::place_in;
use crate::manifest::{Key, Spec};
use crate::text::{Fill, fitted_through};

/// Expands every template into what uses it; resources in a circle stay as they are.
pub(super) fn expand(desired: &mut Desired, diags: &mut Diags) {
    let in_circle = circles(desired, diags);
    let users: Vec<Key> = desired
        .iter()
        .filter(|resource| template_of(resource).is_some())
        .map(|resource| resource.key.clone())
        .collect();
    expand_these(desired, users.iter(), &in_circle);
}

/// Expands what some resources use, after the templates that their own templates extend. Those that are expanded
/// already stay as they are.
pub(super) fn expand_these<'k>(
    desired: &mut Desired,
    keys: impl Iterator<Item = &'k Key>,
    in_circle: &BTreeSet<Key>,
) {
    let mut bases = BTreeMap::new();
    let keys: BTreeSet<&Key> = keys.filter(|key| !in_circle.contains(*key)).collect();
    for key in &keys {
        prepare(desired, key, in_circle, &mut bases);
    }
    desired.change_each(keys, |user| user.expand(&bases));
}

/// What a template gives to everything that uses it.
struct Base {
    spec: Value,
    documents: Vec<DocId>,
    fills: Vec<Fill>,
}

impl Base {
    /// The expanded spec of a template without what is the template's own.
    fn of(template: &Resource) -> Self {
        let mut spec = Value::clone(&template.spec);
        for own in ["displayName", "description"] {
            take_path(&mut spec, own);
        }
        if let Some(extends) = &template.key.kind.def().template {
            take_path(&mut spec, extends.field);
        }
        let documents = std::iter::once(template.doc).chain(template.templates.iter().copied());
        Self {
            spec,
            documents: documents.collect(),
            fills: template.fills.clone(),
        }
    }
}

/// Works out what the template of a resource gives, after the templates that it extends itself.
fn prepare(
    desired: &mut Desired,
    key: &Key,
    in_circle: &BTreeSet<Key>,
    bases: &mut BTreeMap<Key, Base>,
) {
    let Some(template_key) = desired.get(key).and_then(template_of) else {
        return;
    };
    if bases.contains_key(&template_key) || in_circle.contains(&template_key) {
        return;
    }
    prepare(desired, &template_key, in_circle, bases);
    if let Some(template) = desired.get_mut(&template_key) {
        template.expand(bases);
        bases.insert(template_key, Base::of(template));
    }
}

impl Resource {
    /// Expands the template that it uses, once.
    fn expand(&mut self, bases: &BTreeMap<Key, Base>) {
        let base = template_of(self).and_then(|template| bases.get(&template));
        let Some(base) = base.filter(|_| self.templates.is_empty()) else {
            return;
        };
        let fields = self.key.kind.def().fields;
        let expanded = merge_specs(fields, &base.spec, &self.spec);
        let own = std::mem::replace(&mut self.spec, Spec::from(fitted_through(expanded)));
        let spec = &self.spec;
        for fill in &mut self.fills {
            if let Some(place) = place_in(fields, &own, spec, &fill.pointer) {
                fill.pointer = place;
            }
        }
        let is_own = |fill: &&Fill| place_in(fields, spec, &own, &fill.pointer).is_some();
        let inherited = base.fills.iter().filter(|fill| !is_own(fill));
        self.fills.extend(inherited.cloned());
        self.own = Some(own);
        self.templates.clone_from(&base.documents);
    }
}

/// The template that a resource uses.
pub(super) fn template_of(resource: &Resource) -> Option<Key> {
    let template = resource.key.kind.def().template.as_ref()?;
    reference_key(template.kind, get_path(resource.own(), template.field)?)
}
