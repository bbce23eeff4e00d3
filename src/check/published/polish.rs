//! Schemas with what editors make of their keywords in mind. Each function is one of their habits; what a schema
//! accepts stays the same.

use serde_json::{Value, json};

/// A schema with what editors make of its keywords in mind; it accepts the same.
#[must_use]
pub fn polished(mut schema: Value) -> Value {
    untitled(&mut schema);
    walk(&mut schema, &mut tell_deprecations);
    walk(&mut schema, &mut drop_empty_defaults);
    walk(&mut schema, &mut keep_defaults_out);
    walk(&mut schema, &mut open_as_mapping);
    walk(&mut schema, &mut offer_one_of_keys);
    walk(&mut schema, &mut show_one_example);
    let definitions = schema.get("$defs").cloned().unwrap_or_default();
    walk(&mut schema, &mut |node| stand_alone(node, &definitions));
    schema
}

/// Editors set the title of a schema over every hover in a file, where it says nothing.
fn untitled(schema: &mut Value) {
    if let Some(title) = schema
        .as_object_mut()
        .and_then(|map| map.shift_remove("title"))
    {
        schema["description"] = title;
    }
}

/// Editors strike a field through by this message, and do not know the standard keyword.
pub(super) fn tell_deprecations(node: &mut Value) {
    if node.get("deprecated") == Some(&Value::Bool(true))
        && node.get("deprecationMessage").is_none()
    {
        node["deprecationMessage"] = node.get("description").cloned().unwrap_or_default();
    }
}

/// Editors write a default out with its field, where an empty one is in the way.
fn drop_empty_defaults(node: &mut Value) {
    let is_empty = match node.get("default") {
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(fields)) => fields.is_empty(),
        _ => false,
    };
    if is_empty {
        node.as_object_mut()
            .map(|node| node.shift_remove("default"));
    }
}

/// Editors write the fields with a default out with the mapping around them, unless null is the first of
/// their types; completion of the field itself has the default either way.
fn keep_defaults_out(node: &mut Value) {
    let has_default = node.get("default").is_some();
    if let Some(Value::Array(types)) = node.get_mut("type").filter(|_| has_default) {
        types.sort_by_key(|name| name != "null");
    }
}

/// Open JSON is mostly a mapping: editors write the colon behind its key when the schema looks like one.
fn open_as_mapping(node: &mut Value) {
    const SHAPES: [&str; 7] = [
        "type",
        "$ref",
        "anyOf",
        "enum",
        "const",
        "properties",
        "pattern",
    ];
    let fields = node.get_mut("properties").and_then(Value::as_object_mut);
    for field in fields.into_iter().flat_map(|fields| fields.values_mut()) {
        if field.is_object() && SHAPES.iter().all(|shape| field.get(shape).is_none()) {
            field["properties"] = json!({});
        }
    }
}

/// Where one key has to be chosen, editors offer none: they count the place of the cursor as a key.
fn offer_one_of_keys(node: &mut Value) {
    // A branch of a union is left to the node around it.
    let takes_one = node.get("maxProperties") == Some(&json!(1)) && node.get("type").is_some();
    let Some(Value::Object(fields)) = node.get("properties").filter(|_| takes_one) else {
        return;
    };
    let snippets: Value = fields
        .iter()
        .map(|(key, field)| {
            let is_list = field.get("type") == Some(&json!("array"));
            let value = if is_list { json!(["$1"]) } else { json!("$1") };
            json!({ "label": key, "description": field["description"], "body": { key: value } })
        })
        .collect();
    if node.get("defaultSnippets").is_none() {
        node["defaultSnippets"] = snippets;
    }
}

/// Editors set every example below the text of a field. One is enough there; the others are offered.
fn show_one_example(node: &mut Value) {
    let Some(Value::Array(examples)) = node
        .get_mut("examples")
        .filter(|it| it.as_array().is_some_and(|it| it.len() > 1))
    else {
        return;
    };
    let others = examples.split_off(1).into_iter();
    let snippets: Value = others
        .map(|other| json!({ "label": other, "body": other }))
        .collect();
    node["defaultSnippets"] = snippets;
}

/// Editors put a `$ref` before what stands beside it as soon as there are snippets: the text of the type would
/// hide that of the field. So the field has the definition itself.
fn stand_alone(node: &mut Value, definitions: &Value) {
    let Some(map) = node
        .as_object_mut()
        .filter(|map| map.contains_key("defaultSnippets"))
    else {
        return;
    };
    let Some(Value::String(target)) = map.shift_remove("$ref") else {
        return;
    };
    let definition = target
        .rsplit('/')
        .next()
        .and_then(|name| definitions.get(name));
    for (key, value) in definition.and_then(Value::as_object).into_iter().flatten() {
        map.entry(key).or_insert_with(|| value.clone());
    }
}

/// Visits every schema inside a schema, the inner ones first; values of the user's are none.
pub(super) fn walk(node: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    let Some(map) = node.as_object_mut() else {
        return;
    };
    for (key, inner) in map.iter_mut() {
        match (key.as_str(), inner) {
            ("properties" | "patternProperties" | "$defs", Value::Object(named)) => {
                for inner in named.values_mut() {
                    walk(inner, visit);
                }
            }
            ("anyOf" | "allOf" | "oneOf", Value::Array(branches)) => {
                for inner in branches {
                    walk(inner, visit);
                }
            }
            (
                "items" | "additionalProperties" | "propertyNames" | "if" | "then" | "else" | "not",
                inner,
            ) => {
                walk(inner, visit);
            }
            _ => {}
        }
    }
    visit(node);
}
