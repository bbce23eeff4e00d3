//! The order of keys: that of the schemas, which is that of the spec types.
//!
//! Where a schema lists every field that there may be, the keys have its order, those that it does not know
//! behind them. Everything else is open: the author's order is kept. So it is where anchors stand, since an alias
//! must not come to stand above its anchor.

use std::sync::LazyLock;

use serde_json::Value;

use super::tree::{ListOrMapping, NodeContent, TreeEntry, TreeNode};
use crate::check::schema::manifest_schema;
use crate::project;

static MANIFEST: LazyLock<Value> = LazyLock::new(manifest_schema);
static PROJECT: LazyLock<Value> = LazyLock::new(project::schema);

/// Puts the keys of a document in order. What is neither a manifest nor a project file has none.
pub(super) fn sort(root: &mut TreeNode<'_>) {
    let schema = if text_at(root, "kind").is_some() {
        &*MANIFEST
    } else if is_project(root) {
        &*PROJECT
    } else {
        return;
    };
    Sorter { schema }.node(root, &[schema]);
}

fn is_project(root: &TreeNode<'_>) -> bool {
    let NodeContent::Collection(collection) = &root.content else {
        return false;
    };
    let mut names = collection.entries.iter().map(TreeEntry::name);
    names.all(|name| name.is_some_and(|name| PROJECT["properties"].get(name).is_some()))
}

/// A field of an object, with what its value may be.
type FieldValues<'s> = Vec<(&'s str, Vec<&'s Value>)>;

struct Sorter<'s> {
    schema: &'s Value,
}

impl<'s> Sorter<'s> {
    fn node(&self, node: &mut TreeNode<'_>, schemas: &[&'s Value]) {
        let schemas = self.alternatives(schemas, node);
        let NodeContent::Collection(collection) = &mut node.content else {
            return;
        };
        if !collection.is_mapping {
            let items: Vec<_> = schemas.iter().filter_map(|it| it.get("items")).collect();
            for entry in &mut collection.entries {
                self.node(&mut entry.value, &items);
            }
            return;
        }
        let fields = fields_of(&schemas);
        let others: Vec<_> = schemas
            .iter()
            .filter_map(|it| it.get("additionalProperties"))
            .collect();
        for entry in &mut collection.entries {
            let known = fields.iter().find(|(name, _)| entry.name() == Some(name));
            let below = known.map_or(&others, |(_, schemas)| schemas);
            self.node(&mut entry.value, below);
        }
        let is_closed = others.contains(&&Value::Bool(false));
        if is_closed && !node.has_anchors {
            collection.sort(&fields);
        }
    }

    /// The schemas that a value may follow, without references and combinations.
    fn alternatives(&self, schemas: &[&'s Value], node: &TreeNode<'_>) -> Vec<&'s Value> {
        let mut found: Vec<&Value> = Vec::new();
        let mut open: Vec<&Value> = schemas.iter().rev().copied().collect();
        while let Some(schema) = open.pop() {
            if found.iter().any(|known| std::ptr::eq(*known, schema)) {
                continue; // a schema that refers to itself
            }
            found.push(schema);
            let target = schema.get("$ref").and_then(Value::as_str);
            open.extend(target.and_then(|target| self.schema.pointer(target.strip_prefix('#')?)));
            for word in ["anyOf", "oneOf", "allOf"] {
                let several = schema.get(word).and_then(Value::as_array);
                open.extend(several.into_iter().flatten().rev());
            }
            if schema.get("if").is_some_and(|test| holds(test, node)) {
                open.extend(schema.get("then"));
            }
        }
        found
    }
}

/// The fields that the schemas list, in the order in which they first occur.
fn fields_of<'s>(schemas: &[&'s Value]) -> FieldValues<'s> {
    let mut fields: FieldValues<'s> = Vec::new();
    let objects = schemas
        .iter()
        .filter_map(|it| it.get("properties")?.as_object());
    for (name, schema) in objects.flatten() {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, schemas)) => schemas.push(schema),
            None => fields.push((name, vec![schema])),
        }
    }
    fields
}

/// Whether a mapping fits the `if` of a schema: it tests the text of fields.
fn holds(test: &Value, node: &TreeNode<'_>) -> bool {
    let tests = test.get("properties").and_then(Value::as_object);
    tests.into_iter().flatten().all(|(name, test)| {
        let Some(text) = text_at(node, name) else {
            return false;
        };
        let words = test.get("enum").and_then(Value::as_array);
        test.get("const").is_none_or(|word| *word == text)
            && words.is_none_or(|words| words.iter().any(|word| *word == text))
    })
}

/// The text of a field.
fn text_at<'n>(node: &'n TreeNode<'_>, name: &str) -> Option<&'n str> {
    let NodeContent::Collection(collection) = &node.content else {
        return None;
    };
    let mut entries = collection.entries.iter();
    let entry = entries.find(|entry| entry.name() == Some(name))?;
    entry.value.text()
}

impl ListOrMapping<'_> {
    fn sort(&mut self, fields: &FieldValues<'_>) {
        let rank = |entry: &TreeEntry<'_>| {
            let known = fields
                .iter()
                .position(|(name, _)| entry.name() == Some(name));
            known.unwrap_or(fields.len())
        };
        let first = self.entries.first().map(|entry| entry.start);
        self.entries.sort_by_key(rank);
        // What stands above the first entry is about the whole, so a blank line stays where it is.
        let Some(former) = self
            .entries
            .iter()
            .position(|entry| Some(entry.start) == first)
        else {
            return;
        };
        let blank = self.entries[0].blank_before;
        self.entries[0].blank_before = self.entries[former].blank_before;
        self.entries[former].blank_before = blank;
    }
}

impl TreeEntry<'_> {
    /// The name of a field.
    fn name(&self) -> Option<&str> {
        self.key.as_ref()?.text()
    }
}

impl TreeNode<'_> {
    /// What a scalar means, as text.
    fn text(&self) -> Option<&str> {
        match &self.content {
            NodeContent::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}
