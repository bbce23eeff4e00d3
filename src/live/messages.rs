//! What the platform says of the messages of one launch. No recipient is in it but by the line of the file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the platform says of the messages of a launch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// How many are in which state.
    pub states: BTreeMap<String, u64>,
    /// Those that did not arrive.
    pub undelivered: Vec<Undelivered>,
    /// Batches whose campaign the platform does not find.
    pub not_found: Vec<u32>,
    /// Campaigns that batches without an answer may have become.
    pub candidates: Vec<CandidateCampaign>,
}

/// A message that did not arrive, although the platform accepted its recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Undelivered {
    /// The number of the batch.
    pub batch: u32,
    /// The line of the recipient in the file; absent where the file is not the one that was sent to, or the platform does not
    /// say whose message it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The state, as the platform words it.
    pub state: String,
    /// The reason, as the platform words it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A campaign of the time and size of a batch whose answer was lost, and of no other batch. It may be another sender's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CandidateCampaign {
    /// The number of the batch.
    pub batch: u32,
    /// The id of the proactive campaign.
    pub campaign: String,
    /// How many messages it has.
    pub messages: u64,
}
