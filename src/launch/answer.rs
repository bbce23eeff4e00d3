//! The request of a batch, and what its answer says of each recipient (platform.md#proactive-sends).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::document::ProactivePlan;
use super::reading::Recipient;
use crate::kinds::Window;
use crate::live::FailedRecipient;

/// The reason of a recipient that the answer leaves out.
const LEFT_OUT: &str = "NOT_IN_ANSWER";

/// The reason in place of one that is not published: that may quote what is personal.
const OTHER: &str = "OTHER_REASON";

/// The fewest characters of a value that is looked for in messages: shorter ones are in every text.
const TELLING: usize = 3;

/// The body of the request for a batch.
#[must_use]
pub fn body(plan: &ProactivePlan, name: &str, recipients: &[Recipient]) -> Value {
    let consumers = recipients.iter().map(|recipient| {
        let mut consumer = json!({ "consumerContent": { "inapp": recipient.consumer } });
        if !recipient.variables.is_empty() {
            consumer["variables"] = json!(recipient.variables);
        }
        consumer
    });
    let mut body = json!({
        "campaignName": name,
        "skill": plan.skill,
        "templateId": plan.handoff.id,
        "consent": true,
        "consumers": consumers.collect::<Vec<_>>(),
    });
    let windows = plan.windows.iter().filter_map(Window::to_wire);
    let windows: Vec<Value> = windows.collect();
    if !windows.is_empty() {
        body["schedulingMetrics"] = json!({ "windows": windows });
    }
    body
}

/// What the platform did with a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The id of the proactive campaign.
    pub campaign: String,
    /// How many recipients it accepted.
    pub accepted: u32,
    /// The others, by line.
    pub failed: Vec<FailedRecipient>,
}

impl Answered {
    /// What an answer says of these recipients; nothing where it has not the documented shape.
    #[must_use]
    pub fn of(answer: &Value, recipients: &[Recipient]) -> Option<Self> {
        let campaign = answer.get("proactiveCampaignId")?.as_str()?.to_owned();
        let lists = ["acceptedConsumers", "failedConsumers"];
        let [accepted, failed] = lists.map(|key| answer.get(key).and_then(Value::as_array));
        let by_id: BTreeMap<&str, &Recipient> = recipients
            .iter()
            .map(|recipient| (recipient.consumer.as_str(), recipient))
            .collect();
        let mut open: BTreeMap<u64, &str> = recipients.iter().map(|it| (it.line, "")).collect();
        let mut taken = 0;
        for consumer in accepted? {
            let recipient = recipient_of(consumer, &by_id, recipients);
            if recipient.is_some_and(|it| open.remove(&it.line).is_some()) {
                taken += 1;
            }
        }
        let mut refused = Vec::new();
        for consumer in failed.into_iter().flatten() {
            let reason = consumer["errorMessage"].as_str().unwrap_or_default();
            let recipient = recipient_of(consumer, &by_id, recipients);
            if let Some(recipient) = recipient.filter(|it| open.remove(&it.line).is_some()) {
                refused.push(FailedRecipient {
                    line: recipient.line,
                    reason: reason_of(reason),
                });
            }
        }
        refused.extend(open.keys().map(|line| FailedRecipient {
            line: *line,
            reason: LEFT_OUT.to_owned(),
        }));
        refused.sort_by_key(|it| it.line);
        Some(Self {
            campaign,
            accepted: taken,
            failed: refused,
        })
    }
}

/// Whom an element of the answer is about: by the id that was sent, else by its position.
fn recipient_of<'a>(
    consumer: &Value,
    by_id: &BTreeMap<&str, &'a Recipient>,
    all: &'a [Recipient],
) -> Option<&'a Recipient> {
    let content = consumer["consumerContent"].as_object();
    let mut ids = content.into_iter().flat_map(|it| it.values());
    if let Some(found) = ids.find_map(|id| by_id.get(id.as_str()?)) {
        return Some(found);
    }
    let position: usize = consumer["id"].as_str()?.parse().ok()?;
    all.get(position.checked_sub(1)?)
}

/// A published reason as it is. Of others nothing is kept: they may quote the recipient.
#[must_use]
pub(crate) fn reason_of(text: &str) -> String {
    let (word, key) = text.split_once('=').unwrap_or((text, ""));
    let is_word = word.len() >= 3
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let key = key.trim_start_matches('=');
    let is_key = key.len() <= 20
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word && is_key {
        text.to_owned()
    } else {
        OTHER.to_owned()
    }
}

/// A message of the platform about a batch; one that quotes a recipient or a value is left out.
#[must_use]
pub fn without_personal(message: &str, recipients: &[Recipient]) -> String {
    let quotes = |text: &str| text.chars().count() >= TELLING && message.contains(text);
    let is_personal = recipients
        .iter()
        .any(|it| quotes(&it.consumer) || it.variables.values().any(|value| quotes(value)));
    if is_personal {
        "the platform's message quotes a recipient, and is left out".to_owned()
    } else {
        message.to_owned()
    }
}
