//! `SpecialOccasion`: days with working hours of their own (platform.md#special-occasion).

mod codes;
mod rules;
mod wire;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::field::Field;
use super::{Collection, Findings, Kind, Role, RuleWorld};
use crate::diag::Code;

/// The `SpecialOccasion` kind.
#[derive(Debug)]
pub struct SpecialOccasionKind;

/// Days with working hours of their own: holidays, sales, company outings. Skills follow them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SpecialOccasion {
    /// What people see in the console, at most 50 characters. Defaults to the name of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the occasion is, in a sentence of at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether skills without their own occasion use this one. An account has one such occasion: the newest replaces
    /// the former.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// The days, at least one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-required" = true, "defaultSnippets" = [{"label": "a closed day", "description": "A whole day off.", "type": "array", "body": {"name": "${1:Christmas}", "working": false, "start": {"dateTime": "${2:2026-12-25}", "timeZone": "${3:Europe/Paris}"}, "end": {"dateTime": "${4:2026-12-26}", "timeZone": "${3:Europe/Paris}"}}}, {"label": "other hours", "description": "A day with other working hours than usual.", "type": "array", "body": {"name": "${1:Late opening}", "working": true, "start": {"dateTime": "${2:2026-12-23T08:00:00}", "timeZone": "${3:Europe/Paris}"}, "end": {"dateTime": "${4:2026-12-23T22:00:00}", "timeZone": "${3:Europe/Paris}"}}}]))]
    pub events: Option<Vec<Event>>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// Days on which a brand works other hours than usual, or not at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "SpecialOccasionEvent")]
pub struct Event {
    /// What people call the event. Events are matched by it when an occasion changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether agents work between `start` and `end`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working: Option<bool>,
    /// When it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<OccasionMoment>,
    /// When it ends, in the time zone of `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<OccasionMoment>,
    /// The number of days in a row on which it repeats, `RRULE:FREQ=DAILY;COUNT=3;INTERVAL=1`: one rule or none. At
    /// most 30 days off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [["RRULE:FREQ=DAILY;COUNT=3;INTERVAL=1"]]))]
    pub recurrence: Option<Vec<String>>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// A day or a time of a day, in a time zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "SpecialOccasionMoment")]
pub struct OccasionMoment {
    /// A whole day, `2026-12-25`, or a time of it, `2026-12-24T14:00:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["2026-12-25", "2026-12-24T14:00:00"]))]
    pub date_time: Option<String>,
    /// An IANA time zone, `Europe/Paris`; the same at both ends of an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["Europe/Paris", "America/New_York", "UTC"]))]
    pub time_zone: Option<String>,
}

impl Kind for SpecialOccasionKind {
    const NAME: &'static str = "SpecialOccasion";
    const PLURAL: &'static str = "special-occasions";
    const ROLE: Role = Role::Managed;
    const PHASE: u8 = 0;
    const COLLECTION: Option<&'static Collection> = Some(&wire::COLLECTION);
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CODES: &'static [&'static Code] = codes::CODES;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    type Spec = SpecialOccasion;

    fn rules(spec: &Self::Spec, name: &str, world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, name, world, out);
    }
}

#[cfg(test)]
mod tests;
