//! Schemas in an older draft, for tools that know no newer one.

use serde_json::{Map, Value, json};

use super::polish::walk;

/// The schema in draft-07: definitions under their old name, and nothing beside a `$ref`.
#[must_use]
pub fn to_draft_7(mut schema: Value) -> Value {
    walk(&mut schema, &mut |node| {
        let Some(map) = node.as_object_mut() else {
            return;
        };
        if let Some(Value::String(target)) = map.get_mut("$ref") {
            *target = target.replacen("#/$defs/", "#/definitions/", 1);
        }
        if map.len() > 1
            && let Some(target) = map.shift_remove("$ref")
        {
            // Draft-07 passes over what stands beside a `$ref`.
            let mut all = vec![json!({ "$ref": target })];
            if let Some(Value::Array(others)) = map.shift_remove("allOf") {
                all.extend(others);
            }
            map.insert("allOf".to_owned(), Value::Array(all));
        }
    });
    let Value::Object(map) = schema else {
        return schema;
    };
    let renamed = map.into_iter().map(|(key, value)| match key.as_str() {
        "$defs" => ("definitions".to_owned(), value),
        "$schema" => (key, Value::from("http://json-schema.org/draft-07/schema#")),
        "$id" => {
            let id = value.as_str().unwrap_or_default();
            let (folder, name) = id.rsplit_once('/').unwrap_or(("", id));
            (key, Value::from(format!("{folder}/draft-07/{name}")))
        }
        _ => (key, value),
    });
    Value::Object(renamed.collect::<Map<_, _>>())
}
