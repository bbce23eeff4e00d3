//! CleverTap: the account that an environment sends campaigns with, and the labels that there are.

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::credentials::SecretSource;

/// What the project knows of CleverTap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ClevertapProject {
    /// The labels that campaigns can have. They are made in CleverTap's dashboard, and no API lists them: a label of a
    /// launch that is not in this list is an error.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["Autumn", "Care"]]))]
    pub labels: Vec<String>,
}

/// The CleverTap account of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ClevertapAccess {
    /// The region of the account: the start of the dashboard's address.
    pub region: ClevertapRegion,
    /// Where the account id is found.
    pub account: SecretSource,
    /// Where the passcode is found. It is the account's own, and may do everything there.
    pub passcode: SecretSource,
    /// The time zone of the account, as its dashboard has it. No answer names it, and `report` needs it: CleverTap reports by
    /// the days and the clock of the account. Default: UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["Asia/Kolkata"]))]
    pub time_zone: Option<String>,
}

impl ClevertapAccess {
    /// The time zone of the account; UTC where none is known.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        let name = self.time_zone.as_deref();
        let zone = name.and_then(|name| TimeZone::get(name).ok());
        zone.unwrap_or(TimeZone::UTC)
    }
}

/// A region of CleverTap (platform.md#clevertap).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ClevertapRegion {
    /// Europe, the default of most accounts.
    Eu1,
    /// India.
    In1,
    /// The United States.
    Us1,
    /// Singapore.
    Sg1,
    /// Indonesia.
    Aps3,
    /// The United Arab Emirates.
    Mec1,
    /// A region that the documentation does not name.
    Sk1,
}

impl ClevertapRegion {
    /// The address of its API.
    #[must_use]
    pub fn host(self) -> String {
        let word = match self {
            Self::Eu1 => "eu1",
            Self::In1 => "in1",
            Self::Us1 => "us1",
            Self::Sg1 => "sg1",
            Self::Aps3 => "aps3",
            Self::Mec1 => "mec1",
            Self::Sk1 => "sk1",
        };
        format!("https://{word}.api.clevertap.com")
    }
}
