//! References from one object to another, by name.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::kinds::mapping::KEEP_KEY;
use crate::text::number::is_whole;

const KEEP: &str = "The account's value stays, because no name expresses it; written by `export`. An object cannot be created with it.";

/// A manifest by name, or an object of the account that no manifest defines. `VENDOR` says whether the vendor makes
/// a row of the kind in every account, which `{ system: true }` refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference<const VENDOR: bool = false> {
    /// The `metadata.name` of a manifest; for kinds that are never in manifests, the live name.
    Name(String),
    /// An object that the manifests do not describe.
    Live(LiveReference),
}

/// A reference to a kind of which every account holds a row of the vendor's.
pub type VendorReference = Reference<true>;

/// An object of the account that no manifest defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveReference {
    /// By its display name.
    Live(String),
    /// By its id. Ids differ between accounts: prefer the display name.
    Id(Value),
    /// The row of the kind that the vendor made, whatever the account calls it.
    System,
    /// What the account holds in its place, which no name expresses; and what that is, for people.
    Keep(String),
}

impl<const VENDOR: bool> Serialize for Reference<VENDOR> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Live(LiveReference::Live(name)) => serializer.collect_map([("live", name)]),
            Self::Live(LiveReference::Id(id)) => serializer.collect_map([("id", id)]),
            Self::Live(LiveReference::System) => serializer.collect_map([("system", true)]),
            Self::Live(LiveReference::Keep(what)) => serializer.collect_map([(KEEP_KEY, what)]),
        }
    }
}

impl<'de, const VENDOR: bool> Deserialize<'de> for Reference<VENDOR> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(name) => Ok(Self::Name(name)),
            Value::Object(map) if map.len() == 1 => match map.into_iter().next() {
                Some((key, Value::String(name))) if key == "live" => {
                    Ok(Self::Live(LiveReference::Live(name)))
                }
                Some((key, Value::String(what))) if key == KEEP_KEY => {
                    Ok(Self::Live(LiveReference::Keep(what)))
                }
                Some((key, id)) if key == "id" && is_id(&id) => {
                    Ok(Self::Live(LiveReference::Id(id)))
                }
                Some((key, Value::Bool(true))) if VENDOR && key == "system" => {
                    Ok(Self::Live(LiveReference::System))
                }
                _ => Err(D::Error::custom(expected(VENDOR))),
            },
            _ => Err(D::Error::custom(expected(VENDOR))),
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

fn expected(vendor: bool) -> &'static str {
    if vendor {
        "a reference is a name, `{ live: <display name> }`, `{ system: true }` or `{ id: <id> }`"
    } else {
        "a reference is a name, `{ live: <display name> }` or `{ id: <id> }`"
    }
}

impl<const VENDOR: bool> JsonSchema for Reference<VENDOR> {
    fn schema_name() -> Cow<'static, str> {
        if VENDOR {
            "VendorReference"
        } else {
            "Reference"
        }
        .into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        if VENDOR {
            vendor_schema()
        } else {
            plain_schema()
        }
    }
}

fn plain_schema() -> Schema {
    json_schema!({
        "description": "The name of a manifest, or `{ live: <display name> }` for an object that no manifest defines.",
        "defaultSnippets": [
            { "label": "an object that a manifest defines", "description": "The name of its manifest.", "body": "${1:name}" },
            { "label": "an object that no manifest defines", "description": "Its display name in the account.", "body": { "live": "${1:Display name}" } }
        ],
        "type": ["string", "object"],
        "if": { "type": "object" },
        "then": {
            "properties": {
                "live": { "type": "string", "description": "The display name of an object that no manifest defines." },
                "id": { "type": ["integer", "string"], "description": "The id of a live object. Ids differ between accounts: prefer `live`." },
                "$keep": { "type": "string", "description": KEEP, "examples": ["entry point"] }
            },
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false
        }
    })
}

fn vendor_schema() -> Schema {
    json_schema!({
        "description": "The name of a manifest, `{ live: <display name> }` for an object that no manifest defines, or `{ system: true }` for the vendor's own row.",
        "defaultSnippets": [
            { "label": "an object that a manifest defines", "description": "The name of its manifest.", "body": "${1:name}" },
            { "label": "an object that no manifest defines", "description": "Its display name in the account.", "body": { "live": "${1:Display name}" } },
            { "label": "the vendor's own row", "description": "The row that every account has, whatever it is called there: all visitors, any behavior, the whole site.", "body": { "system": true } }
        ],
        "type": ["string", "object"],
        "if": { "type": "object" },
        "then": {
            "properties": {
                "live": { "type": "string", "description": "The display name of an object that no manifest defines." },
                "system": { "type": "boolean", "enum": [true], "enumDescriptions": ["The vendor's own row."], "description": "The row of the kind that the vendor made. Its name differs from account to account." },
                "id": { "type": ["integer", "string"], "description": "The id of a live object. Ids differ between accounts: prefer `live` and `system`." },
                "$keep": { "type": "string", "description": KEEP, "examples": ["entry point"] }
            },
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false
        }
    })
}
