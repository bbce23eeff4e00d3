//! An example of a field: out of the schema, else out of the example of the kind, else made from its type.

use serde_json::{Map, Value, json};

use super::nodes::{Level, Node};

/// An example of the value of a field, `found` being the place of it in a whole example.
pub(super) fn example(node: Node<'_>, found: Option<Value>) -> Value {
    let own = node.get("examples").and_then(Value::as_array);
    let own = own.and_then(|examples| examples.first()).cloned();
    own.or(found).unwrap_or_else(|| made(node, 0))
}

/// The value at a path of a whole example, through lists and mappings with names of the user's own.
pub(super) fn within(whole: &Value, path: &[&str]) -> Option<Value> {
    let Some((first, rest)) = path.split_first() else {
        return Some(whole.clone());
    };
    match whole {
        Value::Array(items) => items.iter().find_map(|item| within(item, path)),
        Value::Object(map) => match map.get(*first) {
            Some(inner) => within(inner, rest),
            None => map.values().find_map(|inner| match inner {
                Value::Object(_) => inner.get(*first).and_then(|_| within(inner, path)),
                _ => None,
            }),
        },
        _ => None,
    }
}

/// A value that has the type, where nothing better is at hand.
fn made(node: Node<'_>, depth: usize) -> Value {
    const DEEPEST: usize = 6;
    if let Some((word, _)) = node.words().first() {
        let word = Value::from(word.as_str());
        return if is(node, "array") {
            json!([word])
        } else {
            word
        };
    }
    let fields = node.below();
    if !fields.is_empty() && depth < DEEPEST {
        let mut needed: Vec<_> = fields.iter().filter(|field| field.is_required).collect();
        if needed.is_empty() {
            needed.extend(fields.first());
        }
        let map: Map<String, Value> = needed
            .into_iter()
            .map(|field| (field.name.to_owned(), made(field.node, depth + 1)))
            .collect();
        let map = Value::Object(map);
        return if is(node, "array") { json!([map]) } else { map };
    }
    let kind = node.type_name();
    match kind.split([' ']).next().unwrap_or_default() {
        "boolean" => json!(true),
        "integer" | "number" => node
            .branches()
            .iter()
            .find_map(|branch| branch.get("minimum").cloned())
            .unwrap_or(json!(1)),
        "list" => match node.inner() {
            Some(inner) if depth < DEEPEST => json!([made(inner, depth + 1)]),
            _ => json!([]),
        },
        "mapping" => json!({ "key": "value" }),
        _ => quoted(node.text("description")).map_or(json!("text"), Value::from),
    }
}

fn is(node: Node<'_>, kind: &str) -> bool {
    let branches = node.branches();
    let types = branches.iter().filter_map(|branch| branch.get("type"));
    types.into_iter().any(|types| match types {
        Value::String(one) => one == kind,
        Value::Array(many) => many.iter().any(|one| one == kind),
        _ => false,
    })
}

/// What stands in quotes in a description: more often than not an example.
fn quoted(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('`')?;
    let (quoted, _) = rest.split_once('`')?;
    (!quoted.is_empty()).then_some(quoted)
}

/// An example as it stands in a file: below its path.
pub(super) fn placed(path: &[Level<'_>], example: Value) -> Value {
    path.iter().rev().fold(example, |inner, level| match level {
        Level::Field(name) | Level::Name(name) => json!({ *name: inner }),
        Level::Item => json!([inner]),
    })
}
