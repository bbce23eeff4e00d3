//! An edit as it is typed, `FIELD=VALUE`.

use std::str::FromStr;

use serde_json::Value;

use super::field::EditedField;
use crate::text::{Document, FileId, Limits, yaml};

/// A field of an object, and what it is to be; `null` removes it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldEdit {
    pub(super) field: EditedField,
    pub(super) value: Value,
}

impl FromStr for FieldEdit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut depth = 0_usize;
        let equals = text.find(|it: char| {
            depth = match it {
                '[' => depth + 1,
                ']' => depth.saturating_sub(1),
                _ => depth,
            };
            it == '=' && depth == 0
        });
        let (field, value) = equals
            .map(|at| (&text[..at], &text[at + 1..]))
            .ok_or_else(|| format!("`{text}` is not of the form FIELD=VALUE"))?;
        let parsed = field.parse()?;
        Ok(Self {
            value: value_of(field, value)?,
            field: parsed,
        })
    }
}

/// A value as YAML in brackets, in quotes, or as a scalar. All other text is what it looks like: no block of YAML, and without
/// comments, because it is one word of a command line.
fn value_of(field: &str, text: &str) -> Result<Value, String> {
    let (documents, errors) = yaml::parse(FileId(0), text, &Limits::default());
    let is_explicit = text
        .trim_start()
        .starts_with(['{', '[', '"', '\'', '&', '!']);
    if let Some(error) = errors.first() {
        return if is_explicit {
            Err(format!(
                "the value of `{field}` is not YAML: {}",
                error.message
            ))
        } else {
            Ok(Value::from(text))
        };
    }
    let first = documents.into_iter().next();
    let value = first.map_or(Value::Null, Document::into_value);
    let is_scalar = !value.is_object() && !value.is_array() && !value.is_string();
    Ok(if is_explicit || is_scalar && !text.contains('#') {
        value
    } else {
        Value::from(text.trim())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_sign_outside_of_brackets_parts_field_and_value() {
        let edit: FieldEdit = "list[a=b].field=c=d".parse().unwrap();
        assert_eq!(edit.field.to_string(), "list[a=b].field");
        assert_eq!(edit.value, json!("c=d"));
        let wrong = "list[a=b]".parse::<FieldEdit>().unwrap_err();
        assert_eq!(wrong, "`list[a=b]` is not of the form FIELD=VALUE");
    }

    #[test]
    fn a_value_is_what_it_looks_like() {
        for (text, value) in [
            ("New: basket # 1", json!("New: basket # 1")),
            ("Sale #1", json!("Sale #1")),
            ("yes", json!("yes")),
            ("- a", json!("- a")),
            ("12", json!(12)),
            ("true", json!(true)),
            ("null", Value::Null),
            ("", Value::Null),
            ("\"12\"", json!("12")),
            ("{ live: Checkout }", json!({ "live": "Checkout" })),
            ("[a, b]", json!(["a", "b"])),
        ] {
            assert_eq!(value_of("displayName", text), Ok(value), "{text}");
        }
        assert!(value_of("displayName", "[a").is_err());
    }
}
