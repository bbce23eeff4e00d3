//! References from one object to another, by name.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::text::number::is_whole;

/// A manifest by name, or an object of the account that no manifest describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The `metadata.name` of a manifest; for kinds that are never in manifests, the live name.
    Name(String),
    /// An object that the manifests do not describe.
    Live(LiveReference),
}

/// An object of the account that no manifest describes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum LiveReference {
    /// By its display name.
    Live(String),
    /// By its id. Ids differ between accounts: prefer the display name.
    Id(Value),
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Live(live) => live.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(name) => Ok(Self::Name(name)),
            Value::Object(map) if map.len() == 1 => match map.into_iter().next() {
                Some((key, Value::String(name))) if key == "live" => {
                    Ok(Self::Live(LiveReference::Live(name)))
                }
                Some((key, id)) if key == "id" && is_id(&id) => {
                    Ok(Self::Live(LiveReference::Id(id)))
                }
                _ => Err(D::Error::custom(EXPECTED)),
            },
            _ => Err(D::Error::custom(EXPECTED)),
        }
    }
}

fn is_id(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Number(number) => is_whole(number),
        _ => false,
    }
}

const EXPECTED: &str = "a reference is a name, `{ live: <display name> }` or `{ id: <id> }`";

impl JsonSchema for Reference {
    fn schema_name() -> Cow<'static, str> {
        "Reference".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The name of a manifest, or `{ live: <display name> }` for an object that no manifest describes.",
            "defaultSnippets": [
                { "label": "an object that a manifest describes", "description": "The name of its manifest.", "body": "${1:name}" },
                { "label": "an object that no manifest describes", "description": "Its display name in the account.", "body": { "live": "${1:Display name}" } }
            ],
            "type": ["string", "object"],
            "if": { "type": "object" },
            "then": {
                "properties": {
                    "live": { "type": "string", "description": "The display name of an object that no manifest describes." },
                    "id": { "type": ["integer", "string"], "description": "The id of a live object. Ids differ between accounts: prefer `live`." }
                },
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": false
            }
        })
    }
}
