//! The schema of the project file as it is published: with every diagnostic code, so that editors offer them
//! under `rules` and know which of them cannot be lowered.

use serde_json::{Value, json};

use crate::check::published;
use crate::check::schema::about;
use crate::kinds::KindId;
use crate::project;
use crate::run::codes;

/// The schema of the project file.
pub(super) fn schema() -> Value {
    let mut schema = project::schema();
    schema["$defs"]["Rules"]["properties"] = rules(&schema["$defs"]["Level"]);
    schema["$defs"]["Rules"]["additionalProperties"] = Value::Bool(false);
    // Its forms stand at each code.
    if let Some(definitions) = schema["$defs"].as_object_mut() {
        definitions.shift_remove("Rule");
    }
    let kinds = "/$defs/Prune/anyOf/1/properties/exclusive/items";
    describe_kinds(schema.pointer_mut(kinds).expect("`prune` names kinds"));
    published::polished(schema)
}

/// Says of each kind in a list of words what it is.
fn describe_kinds(words: &mut Value) {
    let names = words["enum"].as_array().into_iter().flatten();
    let kinds = names.filter_map(|name| KindId::named(name.as_str()?));
    words["enumDescriptions"] = kinds.map(about).collect();
}

/// A field for each code. `level` has the words, the strictest one first.
fn rules(level: &Value) -> Value {
    let catalog = codes::catalog();
    let fields = catalog.codes.iter().map(|code| {
        let (title, default) = (sentence(code.title), code.severity.as_str());
        let about = format!("{title}. Without a rule: {default}.");
        let mut field = if catalog.fixed.contains(code.name) {
            // It may stand, and nobody needs it: it is in the way of those that do something.
            json!({ "const": level["enum"][0], "doNotSuggest": true })
        } else {
            // Editors put the texts of all forms behind that of the field, so that they have none of their own.
            json!({ "anyOf": [
                { "description": "", "$ref": "#/$defs/Level" },
                { "type": "array", "items": { "$ref": "#/$defs/Waiver" } },
            ] })
        };
        field["description"] = Value::from(about);
        (code.name.to_owned(), field)
    });
    Value::Object(fields.collect())
}

fn sentence(title: &str) -> String {
    let mut chars = title.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(rules: &Value) -> bool {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        validator.is_valid(&json!({ "project": "sample", "rules": rules }))
    }

    #[test]
    fn rules_are_known_and_lowered_where_that_is_sound() {
        assert!(accepts(
            &json!({ "handoff-lookback-long": "warn", "ambiguous-scalar": "off" })
        ));
        assert!(accepts(&json!({ "yaml-syntax": "error" })));
        assert!(accepts(
            &json!({ "handoff-lookback-long": [{ "until": "2027-01-31", "reason": "agreed" }] })
        ));
        assert!(!accepts(&json!({ "yaml-syntax": "warn" })));
        assert!(!accepts(&json!({ "yaml-syntax": [{ "level": "warn" }] })));
        assert!(!accepts(&json!({ "handoff-lookback-lng": "warn" })));
        assert!(!accepts(&json!({ "handoff-lookback-long": "no" })));
    }
}
