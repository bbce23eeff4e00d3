//! A launch, frozen: the document that `launch send` sends.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clevertap::Estimate;
use super::keyed::DigestKey;
use super::message::SaidMessage;
use super::reading::{Columns, RecipientForm};
use crate::check::schema::schema_of;
use crate::kinds::{ClevertapMode, Window};
use crate::text::safe;

/// The format of the document.
pub const FORMAT: &str = "campaignctl.launch/v1";

/// A launch, frozen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LaunchPlan {
    /// The format of the document.
    pub format: String,
    /// The version of the program that made it.
    pub tool_version: String,
    /// The id of the plan.
    pub id: String,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: String,
    /// When it is refused, RFC 3339 in UTC.
    pub expires_at: String,
    /// The folder of the project, as it was typed.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The account.
    pub account: String,
    /// The name of the launch.
    pub launch: String,
    /// What people see of it in the web tool, with the number of the batch behind it.
    pub display_name: String,
    /// A digest of the manifest.
    pub manifest_digest: String,
    /// Which key the digests are made with.
    pub key: String,
    /// The service that sends, with what it is to send.
    pub sender: SenderPlan,
    /// The most recipients that the manifest allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_recipients: Option<u32>,
    /// Why it cannot be sent as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<String>,
    /// What no program can see, to be checked by a person.
    pub check: Vec<String>,
    /// A keyed digest of all of the above: a plan that was edited is refused.
    pub seal: String,
}

/// The service that sends, with what it is to send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum SenderPlan {
    /// Proactive Messaging.
    Proactive(Box<ProactivePlan>),
    /// CleverTap.
    Clevertap(ClevertapPlan),
}

/// What Proactive Messaging is to send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ProactivePlan {
    /// The handoff as the account holds it.
    pub handoff: HandoffSeen,
    /// What consumers see.
    pub says: SaidMessage,
    /// The skill that replies are routed to.
    pub skill: String,
    /// When messages may go out; at once without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
    /// Who it goes to.
    pub recipients: RecipientsPlan,
}

/// What CleverTap is to send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ClevertapPlan {
    /// The CleverTap account.
    pub account: String,
    /// The host that it is sent to.
    pub host: String,
    /// The channel, in the word of manifests.
    pub channel: String,
    /// Whether it is sent, or kept as a draft.
    pub mode: ClevertapMode,
    /// The request, but for the name.
    pub request: Value,
    /// How many users it would reach, as the service says.
    pub estimate: Estimate,
    /// A keyed digest of the launch and its request.
    pub digest: String,
    /// Whether an earlier run sent it, or may have sent it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handed_over: bool,
}

/// A handoff as the account holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HandoffSeen {
    /// Its id.
    pub id: String,
    /// Its name in the web tool.
    pub display_name: String,
    /// A digest of all that it says.
    pub digest: String,
    /// The apps that show the message.
    pub app_names: Vec<String>,
    /// How long replies count, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookback_period: Option<String>,
}

/// Who a launch goes to: everything but the recipients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RecipientsPlan {
    /// The file, relative to the folder of the project.
    pub file: String,
    /// How it is written.
    pub form: RecipientForm,
    /// The column with the id of the consumer.
    pub consumer: String,
    /// The column with the value of each variable.
    pub variables: BTreeMap<String, String>,
    /// The longest value of each variable, in characters.
    pub longest: BTreeMap<String, usize>,
    /// How many recipients there are.
    pub count: u32,
    /// How many of them are in batches that an earlier run sent, or may have sent.
    #[serde(default)]
    pub handed_over: u32,
    /// How many recipients a request has at most.
    pub batch_size: u32,
    /// A keyed digest of all of them.
    pub digest: String,
    /// A keyed digest of each batch.
    pub batches: Vec<String>,
}

impl RecipientsPlan {
    /// Which columns are what.
    #[must_use]
    pub fn columns(&self) -> Columns {
        Columns {
            consumer: self.consumer.clone(),
            variables: self.variables.clone(),
        }
    }
}

impl LaunchPlan {
    /// What a batch is called in the web tool, so that a person finds it there.
    #[must_use]
    pub fn name_of(&self, batch: u32) -> String {
        match &self.sender {
            SenderPlan::Proactive(section) => {
                let of = section.recipients.batches.len();
                format!("{} [{} {batch}/{of}]", self.display_name, self.mark())
            }
            SenderPlan::Clevertap(_) => format!("{} [{}]", self.display_name, self.mark()),
        }
    }

    /// What tells the batches of this plan from those of others.
    #[must_use]
    pub fn mark(&self) -> &str {
        self.digest().get(..8).unwrap_or_default()
    }

    /// A keyed digest of who gets it: the same in every plan of the same send.
    #[must_use]
    pub fn digest(&self) -> &str {
        match &self.sender {
            SenderPlan::Proactive(section) => &section.recipients.digest,
            SenderPlan::Clevertap(section) => &section.digest,
        }
    }

    /// How many recipients it has; of an audience, how many there are by the estimate.
    #[must_use]
    pub fn count(&self) -> u32 {
        match &self.sender {
            SenderPlan::Proactive(section) => section.recipients.count,
            SenderPlan::Clevertap(section) => section.estimate.most(),
        }
    }

    /// Whether the service only keeps it, and no one gets anything.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        matches!(&self.sender, SenderPlan::Clevertap(section) if section.mode == ClevertapMode::Draft)
    }

    /// How many requests it takes.
    #[must_use]
    pub fn requests(&self) -> u32 {
        match &self.sender {
            SenderPlan::Proactive(section) => {
                u32::try_from(section.recipients.batches.len()).unwrap_or(u32::MAX)
            }
            SenderPlan::Clevertap(_) => 1,
        }
    }

    /// How many recipients nothing was sent to yet.
    #[must_use]
    pub fn left(&self) -> u32 {
        match &self.sender {
            SenderPlan::Proactive(section) => {
                let recipients = &section.recipients;
                recipients.count.saturating_sub(recipients.handed_over)
            }
            SenderPlan::Clevertap(section) if section.handed_over => 0,
            SenderPlan::Clevertap(_) => self.count(),
        }
    }
}

/// The keyed digest of a plan without its seal.
#[must_use]
pub fn seal(plan: &LaunchPlan, key: &DigestKey) -> String {
    let plan = LaunchPlan {
        seal: String::new(),
        ..plan.clone()
    };
    let mut mac = key.digest();
    mac.update(safe::json(&plan).as_bytes());
    mac.finish()
}

/// The document as text.
#[must_use]
pub fn text(plan: &LaunchPlan) -> String {
    safe::json(plan)
}

/// Reads a document.
///
/// # Errors
/// Why it is none.
pub fn read(text: &str) -> Result<LaunchPlan, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match value["format"].as_str() {
        Some(FORMAT) => serde_json::from_value(value).map_err(|error| error.to_string()),
        Some(other) => Err(format!(
            "its format is `{other}`, and a plan of a launch has `{FORMAT}`"
        )),
        None => Err(format!(
            "it has no format; a plan of a launch has `{FORMAT}`"
        )),
    }
}

/// Whether a plan is too old to be sent. A time that cannot be read is over.
#[must_use]
pub fn is_expired(plan: &LaunchPlan, now: Timestamp) -> bool {
    let expires: Option<Timestamp> = plan.expires_at.parse().ok();
    expires.is_none_or(|expires| now >= expires)
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<LaunchPlan>("A campaignctl plan of a launch");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}
