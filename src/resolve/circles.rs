//! Circles of references, which nothing can be made along.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::codes::REFERENCE_CYCLE;
use super::desired::{Desired, Resource, reference_key};
use crate::diag::{Diagnostic, Diags, Location};
use crate::kinds::{KindId, referenced_kinds, uses};
use crate::manifest::Key;
use crate::text::{EntryHalf, Pointer};

/// Complains about every circle and returns its members. The list of a parent's children is no edge:
/// the children refer to their parent, and the parent is linked to them last.
pub(super) fn circles(desired: &Desired, diags: &mut Diags) -> BTreeSet<Key> {
    let kinds = circular_kinds();
    let candidates = || {
        desired
            .iter()
            .filter(|resource| kinds.contains(&resource.key.kind))
    };
    let mut graph = DiGraph::<&Key, ()>::new();
    let nodes: BTreeMap<&Key, _> = candidates()
        .map(|resource| (&resource.key, graph.add_node(&resource.key)))
        .collect();
    for resource in candidates() {
        for (_, target) in strong_uses(resource) {
            if let Some(to) = nodes.get(&target) {
                graph.add_edge(nodes[&resource.key], *to, ());
            }
        }
    }
    let mut members = BTreeSet::new();
    for component in tarjan_scc(&graph) {
        if !is_circle(&graph, &component) {
            continue;
        }
        let mut keys: Vec<Key> = component.iter().map(|node| graph[*node].clone()).collect();
        keys.sort();
        report(desired, &keys, diags);
        members.extend(keys);
    }
    members
}

/// The kinds whose tables let their objects refer to each other in a circle: few, so that nearly all objects need
/// not be looked at.
pub(super) fn circular_kinds() -> BTreeSet<KindId> {
    let mut graph = DiGraph::<KindId, ()>::new();
    let nodes: BTreeMap<KindId, _> = KindId::all()
        .map(|kind| (kind, graph.add_node(kind)))
        .collect();
    for (kind, from) in &nodes {
        let list = kind.def().children.as_ref().map(|list| list.field);
        let fields = kind.def().fields.iter();
        for field in fields.filter(|field| Some(field.spec) != list) {
            for target in referenced_kinds(std::slice::from_ref(field)) {
                graph.add_edge(*from, nodes[&KindId::known(target)], ());
            }
        }
    }
    let circles = tarjan_scc(&graph).into_iter();
    circles
        .filter(|component| is_circle(&graph, component))
        .flatten()
        .map(|node| graph[node])
        .collect()
}

fn is_circle<T>(graph: &DiGraph<T, ()>, component: &[NodeIndex]) -> bool {
    component.len() > 1
        || component
            .iter()
            .any(|node| graph.contains_edge(*node, *node))
}

fn report(desired: &Desired, keys: &[Key], diags: &mut Diags) {
    let Some(resource) = keys.first().and_then(|key| desired.get(key)) else {
        return;
    };
    let pointer = strong_uses(resource)
        .into_iter()
        .find(|(_, target)| keys.contains(target))
        .map(|(pointer, _)| pointer);
    let at = Location::Node {
        doc: resource.doc,
        pointer: Pointer::from("/spec").join(&pointer.unwrap_or_default()),
        part: EntryHalf::Value,
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
    // What a template brings along is no reference of its user's.
    let fields = resource.key.kind.def().fields;
    let found = uses(fields, resource.own()).into_iter().filter(|found| {
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
