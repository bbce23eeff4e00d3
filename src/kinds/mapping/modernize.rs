//! Specs that were recorded with the words of an earlier version, in the words of today.

use serde_json::Value;

use super::lift::lift_word;
use super::paths::{get_path, set_path};
use crate::kinds::field::{Codec, Field, FieldWords};

/// A spec of the first vocabulary in the words of today: each word becomes the one of today for the number that was
/// written for it, or that number. `online` was written as 2, which is `offline`. A reference that had an object of its own
/// is the reference alone.
#[must_use]
pub fn modernized(fields: &[Field], mut spec: Value) -> Value {
    modernize(fields, &mut spec);
    spec
}

fn modernize(fields: &[Field], spec: &mut Value) {
    for field in fields {
        let Some(value) = get_path(spec, field.spec) else {
            continue;
        };
        match &field.codec {
            Codec::Word(words) => {
                if let Some(word) = modern_word(words, value) {
                    set_path(spec, field.spec, word);
                }
            }
            Codec::Object(inner) => {
                let mut value = value.clone();
                modernize(inner, &mut value);
                set_path(spec, field.spec, value);
            }
            Codec::List { fields, .. } => {
                let mut value = value.clone();
                for item in value.as_array_mut().into_iter().flatten() {
                    modernize(fields, item);
                }
                set_path(spec, field.spec, value);
            }
            Codec::RefSet(_) | Codec::RefList(_) => {
                let items = value.as_array().into_iter().flatten();
                let items = items.map(|item| field.once(item).unwrap_or(item).clone());
                let items = items.collect();
                set_path(spec, field.spec, items);
            }
            _ => {}
        }
    }
}

fn modern_word(words: &FieldWords, value: &Value) -> Option<Value> {
    let number = match value {
        Value::String(word) => match words.formerly(word) {
            Some(former) => former.wire.to_value(),
            None => words.get(word)?.wire.to_value(),
        },
        number => number.clone(),
    };
    lift_word(words, &number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KindId;

    #[test]
    fn a_word_is_read_as_the_number_that_was_written_for_it() {
        let fields = KindId::known("Engagement").def().fields;
        let recorded = json!({
            "displayName": "a", "type": "embedded", "subType": "embedded", "rendering": "popup",
            "position": { "left": 0, "type": 6 },
            "entryPoints": ["a", { "system": true }],
            "zones": [{ "zone": "Right", "type": 0 }, { "zone": { "id": 5 } }, "Left"],
            "displayInstances": [
                { "type": "online", "enabled": true }, { "type": "offline" }, { "type": 7 },
            ],
        });
        assert_eq!(
            modernized(fields, recorded),
            json!({
                "displayName": "a", "type": 4, "subType": 6, "rendering": "html",
                "position": { "left": 0, "type": "rightEdge" },
                "entryPoints": ["a", { "system": true }],
                "zones": ["Right", { "id": 5 }, "Left"],
                "displayInstances": [
                    { "type": "offline", "enabled": true }, { "type": "online" }, { "type": 7 },
                ],
            })
        );
    }
}
