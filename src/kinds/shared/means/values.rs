//! The data of facts: alternatives, ranges, texts.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::kinds::strict::Strict;
use crate::text::Pointer;

/// Why data cannot be decided on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// The place, counted from `spec`.
    pub(crate) at: Pointer,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: String,
}

/// Data that says whether it can be decided on.
pub(crate) trait Sound {
    /// What is wrong with it.
    fn flaws(&self, _at: &Pointer, _out: &mut Vec<Flaw>) {}
}

/// One value, or a list of alternatives.
#[derive(Clone, Debug, PartialEq)]
pub struct AnyOf<T>(pub Vec<T>);

/// A range of numbers, its bounds included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Range {
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}

/// How a text is matched: one of the three.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TextMatch {
    /// The whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// A part of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// A regular expression, as the platform reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
}

impl Sound for bool {}

impl Sound for String {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        if self.trim().is_empty() {
            out.push(Flaw {
                at: at.clone(),
                message: "the text is empty".to_owned(),
                help: "write the value that a visitor has, or remove it".to_owned(),
            });
        }
    }
}

impl Sound for Range {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        let (message, help) = match (self.at_least, self.at_most) {
            (None, None) => (
                "the range has no bound".to_owned(),
                "write `atLeast`, `atMost` or both",
            ),
            (Some(least), Some(most)) if least > most => (
                format!("no number is at least {least} and at most {most}"),
                "swap the two bounds",
            ),
            _ => return,
        };
        out.push(Flaw {
            at: at.clone(),
            message,
            help: help.to_owned(),
        });
    }
}

impl Sound for TextMatch {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        let ways = [&self.is, &self.contains, &self.matches];
        if ways.iter().filter(|way| way.is_some()).count() != 1 {
            out.push(Flaw {
                at: at.clone(),
                message: "it is not clear how the text is matched".to_owned(),
                help: "write one of `is`, `contains` and `matches`".to_owned(),
            });
        }
        for (key, text) in ["is", "contains", "matches"].iter().zip(ways) {
            if let Some(text) = text {
                text.flaws(&at.key(key), out);
            }
        }
    }
}

impl<T: Sound> Sound for AnyOf<T> {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        // A value that was written alone has no place of its own.
        match self.0.as_slice() {
            [one] => one.flaws(at, out),
            many => {
                for (index, one) in many.iter().enumerate() {
                    one.flaws(&at.index(index), out);
                }
            }
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for AnyOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = |value: &Value| T::deserialize(Strict(value)).map_err(D::Error::custom);
        match Value::deserialize(deserializer)? {
            Value::Array(list) if list.is_empty() => Err(D::Error::custom("the list is empty")),
            Value::Array(list) => list.iter().map(read).collect::<Result<_, _>>().map(Self),
            one => Ok(Self(vec![read(&one)?])),
        }
    }
}

impl<T: Serialize> Serialize for AnyOf<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for AnyOf<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("AnyOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({
            "description": "One value, or a list of alternatives.",
            "anyOf": [
                one,
                { "type": "array", "items": one, "minItems": 1 }
            ]
        })
    }
}
