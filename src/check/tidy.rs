//! Generated schemas, tidied for editors: one plain node per field, and words with their texts.
//!
//! What schemars writes for an `Option` of a named type and for enums are unions, of which validators can
//! only say that no branch fits. After tidying, null is one more type of a node, and an enum is one list of
//! words. What a schema accepts stays the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Marks a reference that takes null too, between the two halves of the work.
const OR_NULL: &str = "orNull";

/// What a definition is called in the form that takes null, when both forms are in use.
const OR_NULL_SUFFIX: &str = "OrNull";

/// Makes the texts of a whole schema ready to be read.
pub(super) fn tidy_texts(schema: &mut Value) {
    walk(schema, &mut tidy_texts_of);
}

/// Tidies the nodes of a whole schema with its `$defs`. Texts stay as the code has them.
pub(super) fn tidy_nodes(schema: &mut Value) {
    walk(schema, &mut tidy_node);
    let (mut plain, mut nullable) = (BTreeSet::new(), BTreeSet::new());
    walk(schema, &mut |node| {
        if let Some(name) = referred(node) {
            let uses = match node.get(OR_NULL) {
                Some(_) => &mut nullable,
                None => &mut plain,
            };
            uses.insert(name.to_owned());
        }
    });
    for name in &nullable {
        let definition = &schema["$defs"][name];
        let mut with_null = definition.clone();
        add_null(&mut with_null);
        let name = if plain.contains(name) {
            format!("{name}{OR_NULL_SUFFIX}")
        } else {
            name.clone()
        };
        schema["$defs"][name] = with_null;
    }
    walk(schema, &mut |node| {
        let Some(name) = referred(node).map(str::to_owned) else {
            return;
        };
        let marked = node
            .as_object_mut()
            .and_then(|node| node.shift_remove(OR_NULL));
        if marked.is_some() && plain.contains(&name) {
            node["$ref"] = Value::from(format!("#/$defs/{name}{OR_NULL_SUFFIX}"));
        }
    });
    if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
        definitions.sort_keys();
    }
}

/// Every mapping of a schema, the inner ones first.
fn walk(node: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    match node {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                // Values of the user's, not schemas.
                if !matches!(
                    key.as_str(),
                    "default" | "examples" | "enum" | "const" | "defaultSnippets"
                ) {
                    walk(inner, visit);
                }
            }
            visit(node);
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| walk(inner, visit)),
        _ => {}
    }
}

fn tidy_node(node: &mut Value) {
    let Some(map) = node.as_object_mut() else {
        return;
    };
    if map
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(is_number_format)
    {
        map.shift_remove("format");
    }
    if map.get("additionalProperties") == Some(&Value::Bool(true)) {
        map.shift_remove("additionalProperties");
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(plain) = map
            .get(key)
            .and_then(Value::as_array)
            .and_then(|found| plain(found))
        {
            map.shift_remove(key);
            map.extend(plain);
        }
    }
    // What a text describes is read behind it.
    if let Some(text @ Value::String(_)) = map.get_mut("description") {
        let text = text.take();
        map.shift_insert(0, "description".to_owned(), text);
    }
}

fn tidy_texts_of(node: &mut Value) {
    for key in ["description", "enumDescriptions"] {
        let texts = match node.get_mut(key) {
            Some(Value::Array(texts)) => texts.as_mut_slice(),
            Some(text) => std::slice::from_mut(text),
            None => continue,
        };
        for text in texts {
            if let Value::String(text) = text {
                *text = prose(text);
            }
        }
    }
}

fn is_number_format(format: &str) -> bool {
    matches!(format, "double" | "float")
        || format
            .trim_start_matches("uint")
            .trim_start_matches("int")
            .bytes()
            .all(|byte| byte.is_ascii_digit())
}

/// The union as one plain node, `None` when it has to stay a union.
fn plain(branches: &[Value]) -> Option<Map<String, Value>> {
    one_or_null(branches)
        .or_else(|| words(branches))
        .or_else(|| one_of_keys(branches))
}

/// `Option<T>`.
fn one_or_null(branches: &[Value]) -> Option<Map<String, Value>> {
    let [Value::Object(branch), null] = branches else {
        return None;
    };
    if *null != json!({ "type": "null" }) {
        return None;
    }
    let mut merged = branch.clone();
    if merged.contains_key("$ref") {
        merged.insert(OR_NULL.to_owned(), Value::Bool(true));
        return Some(merged);
    }
    let mut merged = Value::Object(merged);
    add_null(&mut merged);
    merged.as_object().cloned()
}

/// An enum without data.
fn words(branches: &[Value]) -> Option<Map<String, Value>> {
    let words: Option<Vec<_>> = branches.iter().map(|branch| branch.get("const")).collect();
    let texts = branches.iter().map(|branch| branch.get("description"));
    let texts: Vec<_> = texts
        .map(|text| text.and_then(Value::as_str).unwrap_or_default())
        .collect();
    let node = json!({ "type": "string", "enum": words?, "enumDescriptions": texts });
    node.as_object().cloned()
}

/// An enum with data: a mapping of one key.
fn one_of_keys(branches: &[Value]) -> Option<Map<String, Value>> {
    let mut properties = Map::new();
    for branch in branches {
        let own = branch.get("properties")?.as_object()?;
        if own.len() != 1 || branch.get("required")?.as_array()?.len() != 1 {
            return None;
        }
        for (name, property) in own {
            let mut property = property.clone();
            if let Some(text) = branch.get("description") {
                property["description"] = text.clone();
            }
            properties.insert(name.clone(), property);
        }
    }
    let node = json!({
        "type": "object",
        "properties": properties,
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": false,
    });
    node.as_object().cloned()
}

/// Lets a node take null; of a union, its last typed branch.
fn add_null(node: &mut Value) {
    if let Some(branches) = node.get_mut("anyOf").and_then(Value::as_array_mut) {
        match branches
            .iter_mut()
            .rfind(|branch| branch.get("type").is_some())
        {
            Some(branch) => add_null(branch),
            None => branches.push(json!({ "type": "null" })),
        }
        return;
    }
    if let Some(words) = node.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
        if let Some(texts) = node
            .get_mut("enumDescriptions")
            .and_then(Value::as_array_mut)
        {
            texts.push(Value::from("As if it were not written."));
        }
    }
    match node.get_mut("type") {
        Some(Value::Array(types)) => types.push(Value::from("null")),
        Some(one) => *one = json!([one, "null"]),
        None => {}
    }
}

fn referred(node: &Value) -> Option<&str> {
    node.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// Documentation as people read it in an editor: paragraphs on a line each, without links into the code.
pub(super) fn prose(text: &str) -> String {
    let paragraphs: Vec<_> = text
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    without_links(&paragraphs.join("\n\n"))
}

/// Links as their text, whether they name code or have a target.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        let Some((inside, tail)) = after.split_once(']') else {
            plain.push('[');
            rest = after;
            break;
        };
        let target = tail.strip_prefix('(').and_then(|tail| tail.split_once(')'));
        let is_name = inside.len() > 1 && inside.starts_with('`') && inside.ends_with('`');
        match target {
            Some((_, tail)) => {
                plain.push_str(inside);
                rest = tail;
            }
            None if is_name => {
                plain.push_str(inside);
                rest = tail;
            }
            None => {
                plain.push('[');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_one_more_type() {
        let mut schema = json!({
            "properties": {
                "one": { "anyOf": [{ "$ref": "#/$defs/A" }, { "type": "null" }], "description": "One." },
                "two": { "anyOf": [{ "$ref": "#/$defs/B" }, { "type": "null" }] },
                "three": { "items": { "$ref": "#/$defs/B" } },
                "four": { "type": "integer", "format": "uint64", "minimum": 0 }
            },
            "$defs": {
                "A": { "type": "object" },
                "B": { "anyOf": [{ "enum": ["x"] }, { "type": "integer" }] }
            }
        });
        tidy_nodes(&mut schema);
        tidy_texts(&mut schema);
        assert_eq!(
            schema,
            json!({
                "properties": {
                    "one": { "description": "One.", "$ref": "#/$defs/A" },
                    "two": { "$ref": "#/$defs/BOrNull" },
                    "three": { "items": { "$ref": "#/$defs/B" } },
                    "four": { "type": "integer", "minimum": 0 }
                },
                "$defs": {
                    "A": { "type": ["object", "null"] },
                    "B": { "anyOf": [{ "enum": ["x"] }, { "type": "integer" }] },
                    "BOrNull": { "anyOf": [{ "enum": ["x"] }, { "type": ["integer", "null"] }] }
                }
            })
        );
    }

    #[test]
    fn enums_become_words_or_one_key() {
        let mut schema = json!({
            "mode": { "oneOf": [{ "const": "a", "description": "The\nfirst." }, { "const": "b" }] },
            "source": { "oneOf": [
                { "properties": { "env": { "type": "string" } }, "required": ["env"], "description": "E." },
                { "properties": { "file": { "type": "string" } }, "required": ["file"] }
            ] }
        });
        tidy_nodes(&mut schema);
        tidy_texts(&mut schema);
        assert_eq!(
            schema,
            json!({
                "mode": { "type": "string", "enum": ["a", "b"], "enumDescriptions": ["The first.", ""] },
                "source": {
                    "type": "object",
                    "properties": {
                        "env": { "type": "string", "description": "E." },
                        "file": { "type": "string" }
                    },
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": false
                }
            })
        );
    }

    #[test]
    fn links_into_the_code_become_text() {
        let text = "See [`Goal`], [the\nkinds](super::kinds) and `[a, b]`.\n\nMore [text";
        assert_eq!(
            prose(text),
            "See `Goal`, the kinds and `[a, b]`.\n\nMore [text"
        );
    }
}
