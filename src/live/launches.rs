//! What was sent: the record of launches in the ledger.
//!
//! A batch is a request. Its state is on the disk as an intent before the request goes out, so that whatever happens
//! then, a later run knows that it may have been sent. Recipients are in no record: a batch is known by a keyed digest,
//! and a recipient that the platform refused by its line in the file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The word for CleverTap as the service that sends.
pub const CLEVERTAP: &str = "clevertap";

/// What was sent of one launch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LaunchRecord {
    /// The plans that sent it: several, where it took more than one run.
    pub plans: Vec<String>,
    /// When it was begun, RFC 3339 in UTC.
    pub at: String,
    /// Who began it: the user and the host.
    pub by: String,
    /// The service that sends: `clevertap`. Absent for Proactive Messaging.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The channel, in the word of manifests; absent for Proactive Messaging, which sends inside apps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Whether the service keeps it as a draft, which reaches no one until a person publishes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
    /// Who approved it, where no person was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// A keyed digest of the recipients and what each of them gets.
    pub recipients: String,
    /// How many recipients it has.
    pub count: u32,
    /// How many batches it has; 0 of a launch that was stopped before anything was sent.
    pub of: u32,
    /// Where the recipients are, and how they were put into batches; absent for an audience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListRecord>,
    /// The run that is sending it, or died while it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
    /// When it was stopped for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// The batches that were tried, by number from 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub batches: BTreeMap<u32, BatchRecord>,
}

/// The file of the recipients of a launch: nothing of what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ListRecord {
    /// The file, relative to the folder of the project.
    pub file: String,
    /// The column with the id of the consumer.
    pub consumer: String,
    /// The column with the value of each variable.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// How many recipients a batch has at most.
    pub batch_size: u32,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BatchRecord {
    /// Its state.
    pub state: BatchState,
    /// When it got there, RFC 3339 in UTC.
    pub at: String,
    /// What it is called in the web tool.
    pub name: String,
    /// The lines of the file that it starts and ends with.
    pub lines: (u64, u64),
    /// How many recipients it has.
    pub count: u32,
    /// The id of the campaign that the service made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// How many recipients the platform accepted.
    #[serde(default)]
    pub accepted: u32,
    /// The recipients that the platform did not accept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<FailedRecipient>,
    /// The recipients of whom the answer says nothing, or that they are accepted and refused: they may get the message, or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<FailedRecipient>,
    /// Whether the platform names recipients by their position in the request, so that it is known whose a message is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_position: bool,
    /// Why it was refused, or why its result is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who found out what became of it, where its answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<SettledBatch>,
}

/// A person's word on a batch whose answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SettledBatch {
    /// The user and the host.
    pub by: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// The earlier word that this one corrects, and whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<String>,
}

/// A recipient that the platform did not accept, or of whom it is not known whether it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FailedRecipient {
    /// Its line in the file.
    pub line: u64,
    /// The reason, as the platform words it; or why it is not known.
    pub reason: String,
}

/// The state of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BatchState {
    /// Its request is about to go out. A run that died left it so.
    Intent,
    /// The platform took it.
    Sent,
    /// The platform refused it whole: no recipient got anything.
    Refused,
    /// The answer was lost: it may have been sent, or not. No run sends it again by itself.
    Unknown,
}

impl BatchState {
    /// Whether a request with these recipients may have reached the platform.
    #[must_use]
    pub fn may_be_out(self) -> bool {
        self != Self::Refused
    }
}

impl BatchRecord {
    /// A batch whose request is about to go out.
    #[must_use]
    pub fn intent(at: String, name: String, lines: (u64, u64), count: u32) -> Self {
        Self {
            state: BatchState::Intent,
            at,
            name,
            lines,
            count,
            campaign: None,
            accepted: 0,
            failed: Vec::new(),
            unknown: Vec::new(),
            by_position: false,
            reason: None,
            settled: None,
        }
    }

    /// Whether it is not known of some of its recipients, or of all, whether they get the message.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.state {
            BatchState::Unknown | BatchState::Intent => true,
            BatchState::Sent => !self.unknown.is_empty(),
            BatchState::Refused => false,
        }
    }

    /// How many of its recipients may get the message, or not.
    #[must_use]
    pub fn unknown_count(&self) -> u64 {
        match self.state {
            BatchState::Unknown | BatchState::Intent => u64::from(self.count),
            BatchState::Sent => self.unknown.len() as u64,
            BatchState::Refused => 0,
        }
    }
}

impl LaunchRecord {
    /// Whether every batch was tried, and none is to be tried again.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let out = self.batches.values().filter(|it| it.state.may_be_out());
        out.count() >= self.of as usize
    }

    /// How far it is, in a word: `sending`, `sent`, `draft`, `partly`, `stopped`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        let mut batches = self.batches.values();
        let is_open = batches.any(BatchRecord::is_open);
        match (&self.stopped, &self.open) {
            (None, None) if self.is_whole() && !is_open && self.draft => "draft",
            (_, None) if self.is_whole() && !is_open => "sent",
            (Some(_), _) => "stopped",
            (None, Some(_)) => "sending",
            (None, None) => "partly",
        }
    }

    /// Whether every recipient is in a batch that may be out. An audience has none before it is sent to.
    fn is_whole(&self) -> bool {
        self.of > 0 && self.handed_over() >= self.count && (self.count > 0 || self.is_over())
    }

    /// How many recipients are in batches that may be out.
    #[must_use]
    pub fn handed_over(&self) -> u32 {
        let out = self.batches.values().filter(|it| it.state.may_be_out());
        out.map(|it| it.count).sum()
    }
}
