//! Circles of references, and the expansion of templates along those that are none.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use serde_json::Value;

use super::codes::REFERENCE_CYCLE;
use super::desired::{Desired, Resource, reference_key};
use crate::diag::{Diagnostic, Diags, DocId};
use crate::kinds::mapping::{get_path, merge_specs, take_path};
use crate::kinds::place_in;
use crate::manifest::{Key, Spec};
use crate::text::{Fill, Pointer};

/// Expands every template into what uses it; resources in a circle stay as they are.
pub(super) fn expand(desired: &mut Desired, diags: &mut Diags) {
    let in_circle = circles(desired, diags);
    let users: Vec<Key> = desired
        .iter()
        .filter(|resource| template_of(resource).is_some())
        .map(|resource| resource.key.clone())
        .collect();
    let mut bases = BTreeMap::new();
    for key in users.iter().filter(|key| !in_circle.contains(*key)) {
        expand_one(desired, key, &in_circle, &mut bases);
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
        let own = std::mem::replace(&mut resource.spec, Spec::from(expanded));
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

fn template_of(resource: &Resource) -> Option<Key> {
    let template = resource.key.kind.def().template.as_ref()?;
    reference_key(template.kind, get_path(&resource.spec, template.field)?)
}

/// Complains about every circle and returns its members. The list of a parent's children is no edge:
/// the children refer to their parent, and the parent is linked to them last.
fn circles(desired: &Desired, diags: &mut Diags) -> BTreeSet<Key> {
    let mut graph = DiGraph::<&Key, ()>::new();
    let nodes: BTreeMap<&Key, _> = desired
        .iter()
        .map(|resource| (&resource.key, graph.add_node(&resource.key)))
        .collect();
    for resource in desired.iter() {
        for (_, target) in strong_uses(resource) {
            if let Some(to) = nodes.get(&target) {
                graph.add_edge(nodes[&resource.key], *to, ());
            }
        }
    }
    let mut members = BTreeSet::new();
    for component in tarjan_scc(&graph) {
        let is_circle = component.len() > 1
            || component
                .iter()
                .any(|node| graph.contains_edge(*node, *node));
        if !is_circle {
            continue;
        }
        let mut keys: Vec<Key> = component.iter().map(|node| graph[*node].clone()).collect();
        keys.sort();
        report(desired, &keys, diags);
        members.extend(keys);
    }
    members
}

fn report(desired: &Desired, keys: &[Key], diags: &mut Diags) {
    let Some(resource) = keys.first().and_then(|key| desired.get(key)) else {
        return;
    };
    let pointer = strong_uses(resource)
        .into_iter()
        .find(|(_, target)| keys.contains(target))
        .map(|(pointer, _)| pointer);
    let at = crate::diag::Location::Node {
        doc: resource.doc,
        pointer: Pointer::from("/spec").join(&pointer.unwrap_or_default()),
        part: crate::text::Part::Value,
    };
    let names: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
    diags.push(
        Diagnostic::new(
            &REFERENCE_CYCLE,
            at,
            format!("{} refer to each other in a circle", names.join(", ")),
        )
        .help("remove one of the references"),
    );
}

fn strong_uses(resource: &Resource) -> Vec<(Pointer, Key)> {
    let children = resource
        .key
        .kind
        .def()
        .children
        .as_ref()
        .map(|children| Pointer::root().key(children.field));
    let found = resource.uses().into_iter().filter(|found| {
        children
            .as_ref()
            .is_none_or(|field| !found.pointer.starts_with(field))
    });
    found
        .filter_map(|found| {
            let key = reference_key(found.kind, found.reference)?;
            Some((found.pointer, key))
        })
        .collect()
}
