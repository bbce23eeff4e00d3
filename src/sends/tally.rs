//! The messages that the platform reports, counted page by page.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;
use serde_json::Value;

use super::counts::MessageCounts;
use super::reasons::reason;

/// The most different reasons that are told apart.
const REASONS: usize = 50;

/// The reasons beyond those.
const OTHER: &str = "other reasons";

/// The messages of one send over one channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SendGroup {
    pub(super) counts: MessageCounts,
    pub(super) reasons: BTreeMap<String, u64>,
    pub(super) skills: BTreeSet<String>,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
}

/// Which send a message belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Of {
    /// The id of the proactive campaign.
    pub(super) campaign: String,
    /// The id of the handoff.
    pub(super) handoff: String,
    /// The channel, as the platform writes it.
    pub(super) channel: String,
}

/// Where a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The offset of the next page, where there is one.
    pub next: Option<u64>,
    /// How many messages the page had.
    pub count: usize,
}

/// The counts of all messages, by send.
#[derive(Debug, Default)]
pub struct MessageTally {
    pub(super) groups: BTreeMap<Of, SendGroup>,
    /// Messages that were counted in this time and in the one before, as digests: a page may overlap with the one before
    /// it, and whether a time includes its end is not documented.
    seen: [BTreeSet<u64>; 2],
}

impl MessageTally {
    /// Begins the next time.
    pub fn begin(&mut self) {
        self.seen.swap(0, 1);
        self.seen[0].clear();
    }

    /// Counts the messages of a page, each once.
    ///
    /// # Errors
    /// An answer of another shape.
    pub fn add(&mut self, answer: &Value) -> Result<Page, String> {
        let messages = answer.get("transactions").and_then(Value::as_array);
        let messages = messages.ok_or("the answer has no list `transactions`")?;
        for message in messages {
            if !message.is_object() {
                return Err("a message is no object".to_owned());
            }
            if self.is_new(message) {
                self.count(message);
            }
        }
        let next = answer
            .get("page")
            .and_then(|page| page.get("nextOffset"))
            .and_then(Value::as_u64); // the last page has -1
        Ok(Page {
            next,
            count: messages.len(),
        })
    }

    fn is_new(&mut self, message: &Value) -> bool {
        let Some(id) = message.get("transactionId").and_then(Value::as_str) else {
            return true;
        };
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let digest = hasher.finish();
        !self.seen[1].contains(&digest) && self.seen[0].insert(digest)
    }

    fn count(&mut self, message: &Value) {
        let text = |key: &str| message.get(key).and_then(Value::as_str);
        let owned = |key: &str| text(key).unwrap_or_default().to_owned();
        let group = self.groups.entry(Of {
            campaign: owned("proactiveCampaignId"),
            handoff: owned("handOffId"),
            channel: owned("channel"),
        });
        let group = group.or_default();
        let counts = MessageCounts::of_message(message);
        group.counts.add(&counts);
        if counts.failed > 0 {
            let reason = reason(message);
            let is_known = group.reasons.contains_key(&reason) || group.reasons.len() < REASONS;
            let reason = if is_known { reason } else { OTHER.to_owned() };
            *group.reasons.entry(reason).or_default() += 1;
        }
        group.skills.extend(text("skill").map(str::to_owned));
        let at: Option<Timestamp> = text("attemptedTime").and_then(|at| at.parse().ok());
        group.first = group.first.into_iter().chain(at).min();
        group.last = group.last.into_iter().chain(at).max();
    }

    /// The counts of all messages.
    #[must_use]
    pub fn total(&self) -> MessageCounts {
        MessageCounts::total(self.groups.values().map(|group| &group.counts))
    }

    /// The proactive campaigns, with how many messages each has.
    #[must_use]
    pub fn campaigns(&self) -> Vec<(String, u64)> {
        let mut all: BTreeMap<&str, u64> = BTreeMap::new();
        for (of, group) in &self.groups {
            *all.entry(of.campaign.as_str()).or_default() += group.counts.attempted;
        }
        let all = all.into_iter();
        all.map(|(campaign, count)| (campaign.to_owned(), count))
            .collect()
    }

    /// The handoffs of messages that no launch of these proactive campaigns sent.
    #[must_use]
    pub fn handoffs_of_others(&self, ours: &BTreeSet<&str>) -> Vec<&str> {
        let others = self.groups.keys();
        let others = others.filter(|of| !ours.contains(of.campaign.as_str()));
        let mut handoffs: Vec<&str> = others.map(|of| of.handoff.as_str()).collect();
        handoffs.sort_unstable();
        handoffs.dedup();
        handoffs
    }
}
