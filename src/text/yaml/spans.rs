//! The span table: where every key and value of a document stands, beside its JSON value.
//!
//! Nodes are kept in preorder, each with the index behind its subtree, so that a walk down the JSON value
//! finds the same child in the table without a pointer per node: 20 bytes a node, one allocation a document. A node
//! with many children gets an index of them at the first look into it, or thousands of complaints about one mapping
//! would each walk through all of it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::EntryHalf;
use crate::text::{Pointer, Span};

/// One node of a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SpannedNode {
    /// The key in front of the value; in a list and at the root the same as the value.
    pub(super) key: Span,
    /// The value; the alias where it was copied from an anchor.
    pub(super) value: Span,
    /// The index of the node behind this one's subtree. A copied subtree has no nodes of its own.
    pub(super) next: u32,
}

/// More children than this are looked up in an index.
const MANY: usize = 32;

/// The nodes of a document in preorder.
#[derive(Clone, Debug, Default)]
pub(super) struct SpanTable {
    nodes: Arc<[SpannedNode]>,
    /// The children of every node that has many, by the node's index.
    crowds: Arc<OnceLock<BTreeMap<usize, Crowd>>>,
}

impl PartialEq for SpanTable {
    fn eq(&self, other: &Self) -> bool {
        self.nodes == other.nodes
    }
}

/// The children of one node: where each is in the table, in order, and the position of each key.
#[derive(Debug)]
struct Crowd {
    nodes: Vec<usize>,
    positions: BTreeMap<Box<str>, usize>,
}

impl SpanTable {
    pub(super) fn new(nodes: &[SpannedNode]) -> Self {
        Self {
            nodes: nodes.into(),
            crowds: Arc::default(),
        }
    }

    /// The span of a node, or of the nearest node around it.
    pub(super) fn find(&self, value: &Value, pointer: &Pointer, part: EntryHalf) -> Span {
        let root = value;
        let mut value = value;
        let mut index = 0;
        for step in pointer.steps() {
            let Some((child_value, child)) = self.child(root, value, index, &step) else {
                return self.around(index);
            };
            (value, index) = (child_value, child);
        }
        let node = self.nodes.get(index);
        node.map_or(Span::default(), |node| match part {
            EntryHalf::Key => node.key,
            EntryHalf::Value => node.value,
        })
    }

    /// A child of the node at `index`, whose value is `value`, and its index.
    fn child<'v>(
        &self,
        root: &Value,
        value: &'v Value,
        index: usize,
        step: &str,
    ) -> Option<(&'v Value, usize)> {
        let many = match value {
            Value::Object(fields) => fields.len() > MANY,
            Value::Array(items) => items.len() > MANY,
            _ => false,
        };
        if !many {
            let (position, child) = child_of(value, step)?;
            return Some((child, child_node(&self.nodes, index, position)?));
        }
        let crowds = self.crowds.get_or_init(|| crowds(&self.nodes, root));
        let crowd = crowds.get(&index)?;
        let (child, position) = match value {
            Value::Object(fields) => (fields.get(step)?, *crowd.positions.get(step)?),
            _ => child_of(value, step).map(|(position, child)| (child, position))?,
        };
        Some((child, *crowd.nodes.get(position)?))
    }

    /// The deepest node that a byte stands in, and which half of it; `None` outside of the root.
    pub(super) fn at(&self, value: &Value, offset: u32) -> Option<(Pointer, EntryHalf)> {
        let holds = |span: Span| span.start <= offset && offset <= span.end;
        let (mut value, mut index, mut pointer) = (value, 0, Pointer::root());
        if !holds(self.nodes.first()?.value) {
            return None;
        }
        'deeper: loop {
            let end = self.nodes.get(index).map_or(0, |node| node.next as usize);
            let mut next = index + 1;
            for (position, (key, child)) in children(value).enumerate() {
                let at = next;
                let Some(node) = self.nodes.get(at).filter(|_| at < end) else {
                    break; // copied from an anchor: without nodes of its own
                };
                next = node.next as usize;
                let place = match &key {
                    Some(key) => pointer.key(key),
                    None => pointer.index(position),
                };
                if key.is_some() && holds(node.key) {
                    return Some((place, EntryHalf::Key));
                }
                if holds(node.value) {
                    (value, index, pointer) = (child, at, place);
                    continue 'deeper;
                }
            }
            return Some((pointer, EntryHalf::Value));
        }
    }

    /// Every node with the span of its key and its value together.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> + '_ {
        self.nodes.iter().map(|node| Span {
            start: node.key.start.min(node.value.start),
            end: node.key.end.max(node.value.end),
        })
    }

    /// Where to point when something is missing inside a node: its key, which is short, or the whole
    /// of it where it is empty, a scalar or an alias.
    fn around(&self, index: usize) -> Span {
        self.nodes.get(index).map_or(Span::default(), |node| {
            if node.next as usize == index + 1 {
                node.value
            } else {
                node.key
            }
        })
    }
}

/// The children of every node that has many of them.
fn crowds(nodes: &[SpannedNode], root: &Value) -> BTreeMap<usize, Crowd> {
    let mut found = BTreeMap::new();
    let mut open = vec![(root, 0)];
    while let Some((value, index)) = open.pop() {
        let end = nodes.get(index).map_or(0, |node| node.next as usize);
        let (mut places, mut positions) = (Vec::new(), BTreeMap::new());
        let mut next = index + 1;
        for (position, (key, child)) in children(value).enumerate() {
            let Some(node) = nodes.get(next).filter(|_| next < end) else {
                break; // copied from an anchor: without nodes of its own
            };
            places.push(next);
            positions.extend(key.map(|key| (Box::from(key), position)));
            if child.is_object() || child.is_array() {
                open.push((child, next));
            }
            next = node.next as usize;
        }
        if places.len() > MANY {
            let nodes = places;
            found.insert(index, Crowd { nodes, positions });
        }
    }
    found
}

/// The children of a value with their keys.
fn children(value: &Value) -> Box<dyn Iterator<Item = (Option<&str>, &Value)> + '_> {
    match value {
        Value::Object(fields) => Box::new(
            fields
                .iter()
                .map(|(key, value)| (Some(key.as_str()), value)),
        ),
        Value::Array(items) => Box::new(items.iter().map(|item| (None, item))),
        _ => Box::new(std::iter::empty()),
    }
}

/// The position and value of a child by its pointer step.
fn child_of<'a>(value: &'a Value, step: &str) -> Option<(usize, &'a Value)> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .enumerate()
            .find(|(_, (key, _))| *key == step)
            .map(|(at, (_, v))| (at, v)),
        Value::Array(items) => {
            let at: usize = step.parse().ok()?;
            items.get(at).map(|item| (at, item))
        }
        _ => None,
    }
}

/// The index of the child at a position of the node at `parent`.
pub(super) fn child_node(nodes: &[SpannedNode], parent: usize, position: usize) -> Option<usize> {
    // The parent of a tree that is still being built has no end yet.
    let end = match nodes.get(parent)?.next as usize {
        0 => nodes.len(),
        end => end,
    };
    let mut index = parent + 1;
    for _ in 0..position {
        index = nodes.get(index)?.next as usize;
    }
    (index < end).then_some(index)
}
