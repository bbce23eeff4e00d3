//! The hours of a week in which messages may go out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Hours of a day of the week in which messages may go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Window {
    /// The day of the week.
    pub day: Day,
    /// The first minute, `10:00`.
    #[schemars(extend("examples" = ["10:00"]))]
    pub from: String,
    /// The last minute, `18:30`.
    #[schemars(extend("examples" = ["18:30"]))]
    pub to: String,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Day {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Day {
    /// The word of manifests.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }
}

/// Hours and minutes of a time such as `09:30`.
pub(super) fn time(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, end: u8| {
        let is_plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_plain.then(|| text.parse::<u8>().ok())?;
        number.filter(|number| *number < end)
    };
    Some((number(hour, 24)?, number(minute, 60)?))
}

impl Window {
    /// The window on the wire (platform.md#proactive-sends), `None` for times that are none.
    #[must_use]
    pub fn to_wire(&self) -> Option<Value> {
        let wire = |text: &str| {
            let (hour, minute) = time(text)?;
            Some(json!({ "hour": hour.to_string(), "minute": minute.to_string() }))
        };
        Some(json!({
            "day": self.day.word().to_uppercase(),
            "startTime": wire(&self.from)?,
            "endTime": wire(&self.to)?,
        }))
    }
}
