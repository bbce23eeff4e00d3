//! Launch: a message that is sent once, to recipients of a list (platform.md#proactive-sends) or of an audience
//! (platform.md#clevertap).
//!
//! A send cannot be read back, repeated safely or undone, so it is no state that can be reconciled: plan and apply pass
//! over launches, and `launch send` carries one out. `sender` says which service sends; each has a section of its own.

mod clevertap;
mod rules;
mod window;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field::Field;
use super::shared::Reference;
use super::{Collection, Findings, Kind, Role, RuleWorld};
use crate::diag::Code;

pub use clevertap::{CHANNELS, Clevertap, ClevertapMode};
pub use rules::{Differing, VALUE_MAX, is_in_app};
pub use window::{Day, Window};

/// The Launch kind.
#[derive(Debug)]
pub struct LaunchKind;

/// A message that `launch send` sends once, to the recipients of a list or to an audience.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Launch {
    /// What people see of the launch in the web tool, with the number of the batch behind it. Defaults to the name of the
    /// manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What is sent and why, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The service that sends, with all that it needs.
    pub sender: Sender,
    /// The most recipients that one send may have; with Proactive Messaging 100,000 at most. `launch send` refuses a launch
    /// with more, and one without this limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [500]))]
    pub max_recipients: Option<i64>,
}

/// The service that sends a launch: one section, by the name of the service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Sender {
    /// Proactive Messaging: a handoff, sent to consumers of an app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proactive: Option<Proactive>,
    /// CleverTap: a campaign, sent to the users of an audience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clevertap: Option<Clevertap>,
}

/// A send of Proactive Messaging.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Proactive {
    /// The handoff that says what is sent: an `ApiHandoff` by name.
    pub handoff: Reference,
    /// The skill that replies are routed to, by its live name.
    pub skill: Reference,
    /// Who the message goes to.
    pub recipients: Recipients,
    /// `true` says that every recipient agreed to receive such messages. The platform refuses a send without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<bool>,
    /// When messages may go out. Without windows, they go out at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<Vec<Window>>,
    /// How many recipients a request has at most: 1 to 100. Defaults to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [50]))]
    pub batch_size: Option<i64>,
}

/// The recipients of a launch: a file with a row each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Recipients {
    /// The file, relative to this manifest: `*.csv` with a first line that names the columns, or `*.jsonl` with a JSON
    /// object on each line. Keep it out of git.
    #[schemars(extend("examples" = ["recipients.csv", "recipients.jsonl"]))]
    pub file: String,
    /// The column, or the key, with the id with which the app signs in the consumer.
    #[schemars(extend("examples" = ["customerId"]))]
    pub consumer: String,
    /// The column, or the key, with the value of each variable of the handoff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [{"1": "firstName"}]))]
    pub variables: Option<BTreeMap<String, String>>,
}

impl Kind for LaunchKind {
    const NAME: &'static str = "Launch";
    const PLURAL: &'static str = "launches";
    const ROLE: Role = Role::Local;
    const PHASE: u8 = 0;
    const COLLECTION: Option<&'static Collection> = None;
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CODES: &'static [&'static Code] = rules::CODES;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    const IS_LAUNCH: bool = true;
    type Spec = Launch;

    fn rules(spec: &Launch, _name: &str, world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, world, out);
    }

    fn launch(spec: &Value) -> Option<Launch> {
        serde_json::from_value(spec.clone()).ok()
    }
}
