//! What `status` shows of an object: the few things that people open the console for.

use serde_json::Value;

use super::mapping::get_path;

/// The few things that people open the console for, read out of a spec.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// The state, in the word that manifests use.
    pub state: String,
    /// When it runs, for kinds that have a schedule.
    pub schedule: Option<Runs>,
    /// Those who are engaged.
    pub audiences: Vec<Other>,
    /// The skill that answers.
    pub skill: Option<Other>,
}

/// A reference to another object.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    /// The kind of the other object.
    pub kind: &'static str,
    /// The reference, as it is in the spec.
    pub reference: Value,
}

/// When an object runs, as its spec says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// The IANA time zone of both.
    pub time_zone: Option<String>,
    /// The local start.
    pub start: Option<String>,
    /// The local end.
    pub end: Option<String>,
}

impl Runs {
    /// The schedule below a field of a spec.
    #[must_use]
    pub fn of(spec: &Value, field: &str) -> Self {
        let text = |key: &str| {
            let found = get_path(spec, &format!("{field}.{key}"))?;
            found.as_str().map(str::to_owned)
        };
        Self {
            time_zone: text("timeZone"),
            start: text("start"),
            end: text("end"),
        }
    }
}
