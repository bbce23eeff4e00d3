//! The request of a batch, and what its answer says of each recipient (platform.md#proactive-sends).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::document::ProactivePlan;
use super::reading::Recipient;
use crate::kinds::Window;
use crate::live::FailedRecipient;
use crate::text::folded;

/// Why it is not known what became of a recipient that the answer leaves out.
const LEFT_OUT: &str = "the answer does not name this recipient";

/// Why it is not known what became of a recipient in both lists of the answer; the reason of its failure follows.
const IN_BOTH: &str = "the answer both accepts and refuses this recipient";

/// The reason in place of one that is not published: that may quote what is personal.
const OTHER: &str = "OTHER_REASON";

/// The fewest characters of a value, or of a word of it, that is looked for in messages: shorter ones are in every text.
const TELLING: usize = 3;

/// The fewest characters of a word that is looked for inside of other words, too.
const LONG: usize = 5;

/// The fewest digits of a number that is looked for: shorter ones are in statuses and limits.
const DIGITS: usize = 4;

/// What the published reason for fields that are not there starts with.
const FIELDS_MISSING: &str = "Fields missing in request";

/// The documented fields of a request (platform.md#proactive-sends).
const FIELDS: [&str; 15] = [
    "campaignName",
    "skill",
    "templateId",
    "outboundNumber",
    "consent",
    "consumers",
    "consumerContent",
    "consumerCountryCode",
    "consumerPhoneNumber",
    "variables",
    "headerVariables",
    "schedulingMetrics",
    "inapp",
    "sms",
    "wa",
];

/// The published reasons that are one word (platform.md#proactive-sends).
const PUBLISHED: [&str; 7] = [
    "INVALID_NUMBER",
    "DUPLICATE_NUMBER",
    "MISSING_CONSUMER_INFORMATION",
    "INSUFFICIENT_VARIABLES",
    "TOO_MANY_VARIABLES",
    "MISSING_VARIABLE",
    "VARIABLE_NOT_STRING",
];

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
    /// Those that it refused, by line.
    pub failed: Vec<FailedRecipient>,
    /// Those of whom the answer says nothing, or both, by line: they may get the message, or not.
    pub unknown: Vec<FailedRecipient>,
    /// Whether the ids in the answer are the positions of recipients in the request, from 1.
    pub by_position: bool,
}

impl Answered {
    /// What an answer says of these recipients; nothing where it has not the documented shape.
    #[must_use]
    pub fn of(answer: &Value, recipients: &[Recipient]) -> Option<Self> {
        let campaign = answer.get("proactiveCampaignId")?.as_str()?.to_owned();
        let lists = ["acceptedConsumers", "failedConsumers"];
        let [accepted, failed] = lists.map(|key| answer.get(key).and_then(Value::as_array));
        let named = NamedRecipients::of(recipients);
        let taken = accepted?.iter().filter_map(|it| named.position(it));
        let taken: BTreeSet<usize> = taken.collect();
        let refused = failed.into_iter().flatten().filter_map(|consumer| {
            let position = named.position(consumer)?;
            let reason = consumer["errorMessage"].as_str().unwrap_or_default();
            Some((position, reason_of(reason, &recipients[position])))
        });
        let refused: BTreeMap<usize, String> = refused.collect();
        let mut found = Self {
            campaign,
            accepted: 0,
            failed: Vec::new(),
            unknown: Vec::new(),
            by_position: named.is_by_position(accepted?.iter().chain(failed.into_iter().flatten())),
        };
        for (position, Recipient { line, .. }) in recipients.iter().enumerate() {
            let about = |reason: String| FailedRecipient {
                line: *line,
                reason,
            };
            match (taken.contains(&position), refused.get(&position)) {
                (true, None) => found.accepted += 1,
                (false, Some(reason)) => found.failed.push(about(reason.clone())),
                (true, Some(reason)) => {
                    let why = format!("{IN_BOTH}: {reason}");
                    found.unknown.push(about(why));
                }
                (false, None) => found.unknown.push(about(LEFT_OUT.to_owned())),
            }
        }
        Some(found)
    }
}

/// The recipients of a request, as answers name them.
struct NamedRecipients<'r> {
    by_id: BTreeMap<&'r str, usize>,
    count: usize,
}

impl<'r> NamedRecipients<'r> {
    fn of(recipients: &'r [Recipient]) -> Self {
        let ids = recipients.iter().map(|it| it.consumer.as_str());
        Self {
            by_id: ids.zip(0..).collect(),
            count: recipients.len(),
        }
    }

    /// Whom an element of the answer is about: by the id that was sent, else by its position.
    fn position(&self, consumer: &Value) -> Option<usize> {
        let content = consumer["consumerContent"].as_object();
        let mut ids = content.into_iter().flat_map(|it| it.values());
        if let Some(found) = ids.find_map(|id| self.by_id.get(id.as_str()?)) {
            return Some(*found);
        }
        self.counted(consumer)
    }

    /// The position that the id of an element is.
    fn counted(&self, consumer: &Value) -> Option<usize> {
        let position: usize = consumer["id"].as_str()?.parse().ok()?;
        position.checked_sub(1).filter(|it| *it < self.count)
    }

    /// Whether every element that names a recipient has its position as its id.
    fn is_by_position<'v>(&self, mut all: impl Iterator<Item = &'v Value>) -> bool {
        all.all(|it| {
            let counted = self.counted(it);
            counted.is_some() && counted == self.position(it)
        })
    }
}

/// The reason of a recipient, if it is a published one, or has the form of these. Of others nothing is kept: they may quote the
/// recipient.
fn reason_of(text: &str, recipient: &Recipient) -> String {
    let (word, key) = text.split_once('=').unwrap_or((text, ""));
    let is_own = !PUBLISHED.contains(&word) && !word.starts_with(FIELDS_MISSING);
    if Quoted::of(key).has(recipient) || (is_own && Quoted::of(word).has(recipient)) {
        OTHER.to_owned()
    } else {
        published(text)
    }
}

/// A reason, if it has the form of the published ones; of others nothing is kept.
#[must_use]
pub fn published(text: &str) -> String {
    if let Some(fields) = text.strip_prefix(FIELDS_MISSING) {
        return fields_missing(fields);
    }
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

/// The reason for missing fields, with those of them that are documented: other words may be of the recipient.
fn fields_missing(list: &str) -> String {
    let words = list.split(|ch: char| !ch.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let known = FIELDS.iter().filter(|field| words.contains(*field));
    let known: Vec<&str> = known.copied().collect();
    if known.is_empty() {
        FIELDS_MISSING.to_owned()
    } else {
        format!("{FIELDS_MISSING}: {}", known.join(", "))
    }
}

/// A message of the platform about a batch; one that may quote a recipient or a value is left out.
#[must_use]
pub fn without_personal(message: &str, recipients: &[Recipient]) -> String {
    let quoted = Quoted::of(message);
    let is_quoted = |it: &Recipient| quoted.has(it) || quoted.words.contains(&folded(&it.consumer));
    if is_veiled(message) || recipients.iter().any(is_quoted) {
        "the platform's message may quote a recipient, and is left out".to_owned()
    } else {
        message.to_owned()
    }
}

/// Whether a message may have an id in a form that no comparison finds: a number, whatever separates its digits, a part behind
/// asterisks, or an escape of a web page, an address, or JSON.
fn is_veiled(message: &str) -> bool {
    let (mut digits, mut most) = (0, 0);
    for ch in message.chars() {
        if ch.is_numeric() {
            digits += 1;
            most = most.max(digits);
        } else if ch.is_alphabetic() {
            digits = 0;
        }
    }
    most >= DIGITS || message.contains(['*', '%', '&', '\\'])
}

/// A reason of the platform about one recipient; one that may quote the recipient is left out. Words of ids are in such texts
/// without being quotes.
#[must_use]
pub fn without_recipient(reason: &str, recipient: &Recipient) -> String {
    let quoted = Quoted::of(reason);
    let mut values = recipient.variables.values();
    if quoted.has_whole(&folded(&recipient.consumer)) || values.any(|it| quoted.has_value(it)) {
        OTHER.to_owned()
    } else {
        reason.to_owned()
    }
}

/// A text that may quote someone, as it is searched: composed and in lower case.
struct Quoted {
    text: String,
    words: BTreeSet<String>,
}

impl Quoted {
    fn of(text: &str) -> Self {
        let text = folded(text);
        Self {
            words: words_of(&text).map(str::to_owned).collect(),
            text,
        }
    }

    /// Whether it has the id or a value of a recipient, or a word of one.
    fn has(&self, recipient: &Recipient) -> bool {
        let mut values = recipient.variables.values().chain([&recipient.consumer]);
        values.any(|value| self.has_value(value))
    }

    /// Whether it has a value, or a word of it.
    fn has_value(&self, value: &str) -> bool {
        let value = folded(value);
        self.has_whole(&value) || words_of(&value).any(|word| self.has_word(word))
    }

    fn has_whole(&self, value: &str) -> bool {
        value.chars().count() >= TELLING && self.text.contains(value)
    }

    fn has_word(&self, word: &str) -> bool {
        let length = word.chars().count();
        let is_number = word.chars().all(char::is_numeric);
        match length {
            _ if length < TELLING || (is_number && length < DIGITS) => false,
            _ if length < LONG => self.words.contains(word),
            _ => self.text.contains(word),
        }
    }
}

/// The words of a text: what is between signs, and the letters and the digits of that.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let whole = text.split(|ch: char| !ch.is_alphanumeric());
    let letters = text.split(|ch: char| !ch.is_alphabetic());
    let digits = text.split(|ch: char| !ch.is_numeric());
    let words = whole.chain(letters).chain(digits);
    words.filter(|word| !word.is_empty())
}
