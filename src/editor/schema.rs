//! The schemas, looked up by a place in a document.

use std::collections::VecDeque;
use std::sync::OnceLock;

use serde_json::Value;

use crate::check::schema::{kind_schema, manifest_schema};
use crate::kinds::{ALL, KindId};
use crate::project;

/// The schema of the manifests of a kind; of any manifest without one.
#[must_use]
pub(super) fn of_kind(kind: Option<KindId>) -> &'static Value {
    static ANY: OnceLock<Value> = OnceLock::new();
    static KINDS: [OnceLock<Value>; ALL.len()] = [const { OnceLock::new() }; ALL.len()];
    match kind {
        Some(kind) => KINDS[kind.index()].get_or_init(|| kind_schema(kind)),
        None => ANY.get_or_init(manifest_schema),
    }
}

/// The schema of the project file.
#[must_use]
pub(super) fn of_project() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(project::schema)
}

/// The nodes of a schema for a place: several, where the schema leaves it open which one it is.
#[must_use]
pub(super) fn nodes_at<'s>(schema: &'s Value, steps: &[String]) -> Vec<&'s Value> {
    let mut nodes = spread(schema, vec![schema]);
    for step in steps {
        let below = nodes.iter().filter_map(|node| below(node, step)).collect();
        nodes = spread(schema, below);
    }
    nodes
}

fn below<'s>(node: &'s Value, step: &str) -> Option<&'s Value> {
    let by_name = node.get("properties").and_then(|names| names.get(step));
    let by_position = || node.get("items").filter(|_| step.parse::<usize>().is_ok());
    let by_any = || node.get("additionalProperties").filter(|it| it.is_object());
    by_name.or_else(by_position).or_else(by_any)
}

/// The nodes, what they refer to, and the branches of both.
fn spread<'s>(schema: &'s Value, nodes: Vec<&'s Value>) -> Vec<&'s Value> {
    let mut found: Vec<&Value> = Vec::new();
    let mut waiting = VecDeque::from(nodes);
    while let Some(node) = waiting.pop_front() {
        if found.iter().any(|known| std::ptr::eq(*known, node)) {
            continue;
        }
        found.push(node);
        let target = node.get("$ref").and_then(Value::as_str);
        let target = target.and_then(|target| schema.pointer(target.strip_prefix('#')?));
        waiting.extend(target);
        for word in ["anyOf", "oneOf", "allOf"] {
            waiting.extend(
                node.get(word)
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten(),
            );
        }
        for word in ["then", "else"] {
            waiting.extend(node.get(word));
        }
    }
    found
}

/// What the nodes of a place say about it.
#[must_use]
pub(super) fn description<'s>(nodes: &[&'s Value]) -> Option<&'s str> {
    nodes
        .iter()
        .find_map(|node| node.get("description")?.as_str())
}

/// The words that a place can have, with what they mean.
#[must_use]
pub(super) fn words<'s>(nodes: &[&'s Value]) -> Vec<(&'s Value, &'s str)> {
    let mut words: Vec<(&Value, &str)> = Vec::new();
    for node in nodes {
        let texts = node.get("enumDescriptions").and_then(Value::as_array);
        let options = node
            .get("enum")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for (index, word) in options.enumerate().filter(|(_, word)| !word.is_null()) {
            let text = texts.and_then(|texts| texts.get(index)?.as_str());
            words.push((word, text.unwrap_or_default()));
        }
        let described = node
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        words.extend(node.get("const").map(|word| (word, described)));
    }
    words
}

/// The fields that a place can have: name, schema, and whether one of the nodes requires it.
#[must_use]
pub(super) fn fields<'s>(nodes: &[&'s Value]) -> Vec<(&'s str, &'s Value, bool)> {
    let mut fields: Vec<(&str, &Value, bool)> = Vec::new();
    for node in nodes {
        let required = node.get("required").and_then(Value::as_array);
        let properties = node.get("properties").and_then(Value::as_object);
        for (name, field) in properties.into_iter().flatten() {
            let is_required = required.is_some_and(|names| names.iter().any(|it| it == name));
            if !fields.iter().any(|(known, ..)| known == name) {
                fields.push((name, field, is_required));
            }
        }
    }
    fields
}

/// Whether a place takes a value of a type.
#[must_use]
pub(super) fn takes(nodes: &[&Value], wanted: &str) -> bool {
    nodes.iter().any(|node| match node.get("type") {
        Some(Value::String(one)) => one == wanted,
        Some(Value::Array(many)) => many.iter().any(|one| one == wanted),
        _ => false,
    })
}
