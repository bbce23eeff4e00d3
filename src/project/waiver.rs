//! Waivers: a rule lowered for some objects, or until a day.
//!
//! A severity that is lowered for everybody and for ever is soon forgotten. A waiver says for whom, how long and
//! why; when its day has passed, the rule is as it was.

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rules::Level;
use crate::diag::{Diagnostic, Location, Texts};
use crate::text::{EntryHalf, Pointer};

/// One waiver of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Waiver {
    /// The severity of the diagnostic until then. Default: `off`.
    #[serde(default = "off")]
    pub level: Level,
    /// The objects that it applies to, as `Kind/name`. Default: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "objects")]
    pub objects: Vec<String>,
    /// The last day on which it applies, `2027-01-31`, in UTC. Default: no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"))]
    pub until: Option<String>,
    /// Why, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

fn off() -> Level {
    Level::Off
}

fn objects(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({
        "type": "array",
        "items": {
            "description": "An object as `Kind/name`.",
            "type": "string",
            "pattern": "^[A-Z][A-Za-z]*/[a-z0-9][-a-z0-9.]*$",
        },
    })
}

impl Waiver {
    /// Whether its last day lies before this one, or is no day of the calendar.
    #[must_use]
    pub fn is_over(&self, today: Date) -> bool {
        let until = self.until.as_ref();
        until.is_some_and(|day| day.parse::<Date>().map_or(true, |day| day < today))
    }

    /// Its last day, when the calendar does not have it.
    pub(super) fn impossible_day(&self) -> Option<&str> {
        let until = self.until.as_deref()?;
        until.parse::<Date>().is_err().then_some(until)
    }

    /// Whether it is about the object of a complaint.
    pub(super) fn covers(&self, diagnostic: &Diagnostic, texts: &Texts) -> bool {
        self.objects.is_empty()
            || object(&diagnostic.at, texts).is_some_and(|object| self.objects.contains(&object))
    }

    /// What a complaint says that is lowered by it.
    pub(super) fn note(&self) -> String {
        let until = self.until.as_ref().map(|day| format!(" until {day}"));
        let reason = self.reason.as_ref().map(|reason| format!(": {reason}"));
        format!(
            "waived{}{}",
            until.unwrap_or_default(),
            reason.unwrap_or_default()
        )
    }
}

/// The object that a place belongs to, as `Kind/name`.
fn object(at: &Location, texts: &Texts) -> Option<String> {
    let document = match at {
        Location::Node { doc, .. } => texts.document(*doc),
        Location::Span(file, span) => {
            let mut documents = texts.documents.iter();
            documents.find(|it| {
                let whole = it.span(&Pointer::root(), EntryHalf::Value);
                it.file == *file && whole.start <= span.start && span.start <= whole.end
            })?
        }
        Location::Run | Location::File(_) => return None,
    };
    let kind = document.value.get("kind").and_then(Value::as_str)?;
    let name = document.value.pointer("/metadata/name")?.as_str()?;
    Some(format!("{kind}/{name}"))
}
