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
    for key in keys.filter(|key| !in_circle.contains(*key)) {
        expand_one(desired, key, in_circle, &mut bases);
    }
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

/// Expands one resource after the templates that its own template extends.
fn expand_one(
    desired: &mut Desired,
    key: &Key,
    in_circle: &BTreeSet<Key>,
    bases: &mut BTreeMap<Key, Base>,
) {
    let Some(resource) = desired.get(key) else {
        return;
    };
    let Some(template_key) = template_of(resource) else {
        return;
    };
    if !resource.templates.is_empty() || in_circle.contains(&template_key) {
        return;
    }
    expand_one(desired, &template_key, in_circle, bases);
    let Some(template) = desired.get(&template_key) else {
        return;
    };
    let base = bases
        .entry(template_key)
        .or_insert_with(|| Base::of(template));
    if let Some(resource) = desired.get_mut(key) {
        let fields = key.kind.def().fields;
        let expanded = merge_specs(fields, &base.spec, &resource.spec);
        let own = std::mem::replace(&mut resource.spec, Spec::from(fitted_through(expanded)));
        let spec = &resource.spec;
        for fill in &mut resource.fills {
            if let Some(place) = place_in(fields, &own, spec, &fill.pointer) {
                fill.pointer = place;
            }
        }
        let is_own = |fill: &&Fill| place_in(fields, spec, &own, &fill.pointer).is_some();
        let inherited = base.fills.iter().filter(|fill| !is_own(fill));
        resource.fills.extend(inherited.cloned());
        resource.own = Some(own);
        resource.templates.clone_from(&base.documents);
    }
}

/// The template that a resource uses.
pub(super) fn template_of(resource: &Resource) -> Option<Key> {
    let template = resource.key.kind.def().template.as_ref()?;
    reference_key(template.kind, get_path(resource.own(), template.field)?)
}
