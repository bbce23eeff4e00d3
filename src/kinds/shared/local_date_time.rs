//! A wall-clock date and time without a zone.

use std::borrow::Cow;

use jiff::civil::DateTime;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A wall-clock date and time, `2026-09-01T00:00:00`; its time zone is a separate field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalDateTime(DateTime);

impl LocalDateTime {
    /// The date and time.
    pub(crate) fn civil(self) -> DateTime {
        self.0
    }
}

const FORMAT: &str = "%Y-%m-%dT%H:%M:%S";

impl Serialize for LocalDateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.strftime(FORMAT))
    }
}

impl<'de> Deserialize<'de> for LocalDateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // One spelling only: it goes to the platform as it stands.
        text.parse()
            .ok()
            .filter(|parsed: &DateTime| parsed.strftime(FORMAT).to_string() == text)
            .map(Self)
            .ok_or_else(|| {
                D::Error::custom(format!(
                    "`{text}` is not a date and time such as `2026-09-01T00:00:00`"
                ))
            })
    }
}

/// The days that every year has. The pattern is exact, so that an editor knows of 31 April.
const DATE: &str = "[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))";

/// 29 February, in the years that have one.
const LEAP_DAY: &str =
    "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29";

const TIME: &str = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]";

impl JsonSchema for LocalDateTime {
    fn schema_name() -> Cow<'static, str> {
        "LocalDateTime".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A wall-clock date and time, `2026-09-01T00:00:00`; its time zone is a separate field.",
            "type": "string",
            "pattern": format!("^(?:{DATE}|{LEAP_DAY})T{TIME}$")
        })
    }
}
