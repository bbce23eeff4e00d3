//! `${var.name}` in schemas: a text wherever a variable can stand.
//!
//! A variable is a text, a number, a boolean or a list of these, so that it can stand for none of the mappings.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// A variable inside of a text.
const WITHIN: &str = r"(?:^|[^$])\$\{var\.[A-Za-z][A-Za-z0-9_-]*\}";

/// A variable and nothing else, which takes the type of its value.
const WHOLE: &str = r"^\$\{var\.[A-Za-z][A-Za-z0-9_-]*\}$";

/// Admits variables below `spec`. Labels and annotations are texts as it is.
pub(super) fn admit(schema: &mut Value) {
    let mut definitions = schema.get_mut("$defs").map(Value::take).unwrap_or_default();
    let objects = objects(&definitions);
    let mut found = BTreeSet::new();
    let branches = schema
        .get("allOf")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let branches = (0..branches).map(|at| format!("/allOf/{at}/then/properties/spec"));
    for place in std::iter::once("/properties/spec".to_owned()).chain(branches) {
        if let Some(spec) = schema.pointer_mut(&place) {
            admit_in(spec, &objects, &mut found);
        }
    }
    let mut done = BTreeSet::new();
    while let Some(name) = found.pop_first() {
        if done.insert(name.clone()) {
            admit_in(&mut definitions[&name], &objects, &mut found);
        }
        found.retain(|name| !done.contains(name));
    }
    schema["$defs"] = definitions;
}

/// The names of the definitions that are mappings.
fn objects(definitions: &Value) -> BTreeSet<String> {
    let definitions = definitions.as_object().into_iter().flatten();
    let objects = definitions
        .filter(|(_, node)| types(node).contains(&"object") && !types(node).contains(&"string"));
    objects.map(|(name, _)| name.clone()).collect()
}

fn admit_in(node: &mut Value, objects: &BTreeSet<String>, found: &mut BTreeSet<String>) {
    if let Some(name) = referred(node) {
        found.insert(name.to_owned());
    }
    let is_list_of_objects = node
        .get("items")
        .is_some_and(|items| referred(items).is_some_and(|name| objects.contains(name)));
    let Some(map) = node.as_object_mut() else {
        return;
    };
    if let Some(Value::Object(fields)) = map.get_mut("properties") {
        for field in fields.values_mut() {
            admit_in(field, objects, found);
        }
    }
    if let Some(items) = map.get_mut("items") {
        admit_in(items, objects, found);
    }
    if map.contains_key("anyOf") {
        admit_in_union(map, objects, found);
    } else if let Some(pattern) = map.get("pattern").and_then(Value::as_str) {
        map["pattern"] = Value::from(format!("(?:{pattern})|{WITHIN}"));
    } else if map.contains_key("enum") {
        make_union(map);
    } else if !is_list_of_objects {
        add_text(map, WHOLE);
    }
}

/// Words beside a number, or a union of definitions, which admit variables themselves.
fn admit_in_union(
    map: &mut Map<String, Value>,
    objects: &BTreeSet<String>,
    found: &mut BTreeSet<String>,
) {
    let Some(Value::Array(branches)) = map.get_mut("anyOf") else {
        return;
    };
    if let [words, Value::Object(number)] = branches.as_mut_slice()
        && words.get("enum").is_some()
    {
        add_text(number, WITHIN);
        return;
    }
    for branch in branches {
        if let Some(name) = referred(branch) {
            found.insert(name.to_owned());
        }
        if let Some(items) = branch.get_mut("items") {
            admit_in(items, objects, found);
        }
    }
}

/// Words become words or a text with a variable. Editors set two branches that say nothing of themselves
/// in a hover as if they were one.
fn make_union(map: &mut Map<String, Value>) {
    let mut words = Map::new();
    for key in ["enum", "enumDescriptions"] {
        if let Some(value) = map.shift_remove(key) {
            words.insert(key.to_owned(), value);
        }
    }
    map.shift_remove("type");
    map.insert(
        "anyOf".to_owned(),
        json!([words, { "type": "string", "pattern": WITHIN }]),
    );
}

/// Lets a node that takes no text take one that has a variable.
fn add_text(map: &mut Map<String, Value>, pattern: &str) {
    let node = Value::Object(map.clone());
    let mut types = types(&node);
    if types.is_empty() || types.contains(&"string") || types.contains(&"object") {
        return;
    }
    let takes = match types[0] {
        "array" => "a list",
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        _ => "a number",
    };
    types.push("string");
    map.insert("type".to_owned(), json!(types));
    map.insert("pattern".to_owned(), Value::from(pattern));
    let message = format!("It takes {takes}, or a variable: ${{var.name}}");
    map.insert("patternErrorMessage".to_owned(), Value::from(message));
}

fn types(node: &Value) -> Vec<&str> {
    match node.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn referred(node: &Value) -> Option<&str> {
    node.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}
