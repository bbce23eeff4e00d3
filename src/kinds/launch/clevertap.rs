//! A campaign of CleverTap: what a launch says of it, and what is wrong with it (platform.md#clevertap).

use schemars::{JsonSchema, Schema, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::diag::{Code, Severity, did_you_mean};
use crate::kinds::Findings;
use crate::text::Pointer;

/// The channels that the API has: our word, and the `target_mode` of the service.
pub const CHANNELS: [(&str, &str); 7] = [
    ("push", "push"),
    ("email", "email"),
    ("sms", "sms"),
    ("webPush", "webpush"),
    ("whatsApp", "whatsapp"),
    ("webhook", "webhook"),
    ("appInbox", "notificationinbox"),
];

/// Channels of the dashboard that the API cannot make campaigns for.
const DASHBOARD_ONLY: [&str; 6] = [
    "inApp",
    "webPopUp",
    "webExitIntent",
    "webNativeDisplay",
    "facebookAudience",
    "journey",
];

/// A campaign of CleverTap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Clevertap {
    /// The channel: `push`, `email`, `sms`, `webPush`, `whatsApp`, `webhook`, `appInbox`. The API has no others.
    #[schemars(extend("examples" = ["push", "email", "sms", "webPush", "whatsApp", "webhook", "appInbox"]))]
    pub channel: String,
    /// Who it goes to, as a query of events and profile properties in CleverTap's own form. Instead of `segment`.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub audience: Option<Map<String, Value>>,
    /// Who it goes to: the number of a saved segment. It is another one in each account, so write a variable. Instead of
    /// `where`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
    /// What is sent, in CleverTap's own form: it depends on the channel, `title` and `body` for push.
    pub content: Map<String, Value>,
    /// When it goes out: `now`, or a schedule in CleverTap's own form, by the clock of its account. It is passed on as it is,
    /// and CleverTap judges it when `launch plan` asks for the number of users. Default: `now`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "when")]
    pub when: Option<Value>,
    /// Labels of the campaign in CleverTap. They are made in its dashboard, and no API lists them: `clevertap.labels` in the
    /// project file says which there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// Whether users who got their share of messages are left out. Default: true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respect_frequency_caps: Option<bool>,
    /// Whether `launch send` sends the campaign, or keeps it as a draft that a person publishes in the dashboard.
    /// Default: `draft`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ClevertapMode>,
    /// The nickname of the provider that delivers, where the channel has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The kinds of devices that get it: `android`, `ios`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<Vec<String>>,
    /// Whether every device of a user gets it, and not the last one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_to_all_devices: Option<bool>,
    /// What counts as a conversion, in CleverTap's own form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversion_goal: Option<Map<String, Value>>,
    /// How long a message that is not delivered yet is kept, in CleverTap's own form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_live: Option<Map<String, Value>>,
}

/// What `launch send` does with a campaign of CleverTap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ClevertapMode {
    /// Keeps it as a draft: no user gets anything.
    #[default]
    Draft,
    /// Sends it.
    Send,
}

impl Clevertap {
    /// What is to be done with it.
    #[must_use]
    pub fn mode(&self) -> ClevertapMode {
        self.mode.unwrap_or_default()
    }

    /// The channel in the service's word, where the API has it.
    #[must_use]
    pub fn target_mode(&self) -> Option<&'static str> {
        let mut channels = CHANNELS.iter();
        let found = channels.find(|(word, _)| *word == self.channel);
        found.map(|(_, mode)| *mode)
    }
}

fn when(_: &mut schemars::SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "const": "now", "description": "As soon as it is sent." },
            { "type": "object", "description": "A schedule, in CleverTap's own form." },
            { "type": "array", "description": "A list of times, in CleverTap's own form." }
        ],
        "examples": ["now"]
    })
}

const RIGHT: &str = "spec:\n  sender:\n    clevertap:\n      channel: push\n      where: { event_name: App Launched, from: 20261101, to: 20261130 }\n      content: { title: Autumn, body: The sale is on. }\n";

/// A channel that the API does not have.
pub(super) const MEDIUM: Code = Code {
    name: "launch-medium",
    severity: Severity::Error,
    title: "a launch names a channel that CleverTap's API does not have",
    why: "The API makes campaigns for push, email, SMS, web push, WhatsApp, webhooks and the app inbox. In-app messages, pop-ups, \
          audiences of other networks and journeys are made in the dashboard alone.",
    wrong: "spec:\n  sender:\n    clevertap:\n      channel: inApp\n      where: { event_name: App Launched, from: 20261101, to: 20261130 }\n      content: { title: Autumn, body: The sale is on. }\n",
    right: RIGHT,
};

/// No audience, or a doubtful one.
pub(super) const AUDIENCE: Code = Code {
    name: "launch-audience",
    severity: Severity::Error,
    title: "a launch does not say who it goes to, or says it twice",
    why: "Without a selector, CleverTap sends to every user of the account. So a launch names one of `where` and `segment`, and \
          `where` is not empty.",
    wrong: "spec:\n  sender:\n    clevertap:\n      channel: push\n      content: { title: Autumn, body: The sale is on. }\n",
    right: RIGHT,
};

/// Nothing to send.
pub(super) const CONTENT: Code = Code {
    name: "launch-content",
    severity: Severity::Error,
    title: "a launch sends nothing",
    why: "`content` is the message. An empty one is an empty notification on every device.",
    wrong: "spec:\n  sender:\n    clevertap:\n      channel: push\n      where: { event_name: App Launched, from: 20261101, to: 20261130 }\n      content: {}\n",
    right: RIGHT,
};

fn section() -> Pointer {
    Pointer::root().key("sender").key("clevertap")
}

/// What is wrong with a campaign.
pub(super) fn check(spec: &Clevertap, out: &mut Findings) {
    medium(spec, out);
    audience(spec, out);
    if spec.content.is_empty() {
        out.push(
            &CONTENT,
            section().key("content"),
            "the message has no content",
            "write what the channel needs: `title` and `body` for push, `subject` and `body` for email",
        );
    }
}

fn medium(spec: &Clevertap, out: &mut Findings) {
    if spec.target_mode().is_some() {
        return;
    }
    let word = &spec.channel;
    let at = section().key("channel");
    let words = CHANNELS.map(|(word, _)| word);
    let is_dashboard = DASHBOARD_ONLY
        .iter()
        .any(|it| it.eq_ignore_ascii_case(word));
    if is_dashboard {
        let message = format!("CleverTap's API makes no campaigns for `{word}`");
        let help = "make it in the dashboard; `campaignctl report` shows it all the same";
        out.push(&MEDIUM, at, message, help);
    } else {
        let message = format!("`{word}` is not a channel of CleverTap's API");
        let near = did_you_mean(word, words);
        let help = near.unwrap_or_else(|| format!("write one of {}", words.join(", ")));
        out.push(&MEDIUM, at, message, help);
    }
}

fn audience(spec: &Clevertap, out: &mut Findings) {
    let (at, message) = match (&spec.audience, spec.segment) {
        (None, None) => (
            section(),
            "the launch would go to every user of the account",
        ),
        (Some(_), Some(_)) => (section().key("segment"), "the launch has two audiences"),
        (Some(query), None) if query.is_empty() => (
            section().key("where"),
            "an empty `where` is every user of the account",
        ),
        _ => return,
    };
    let help = "say who it goes to with one of `where` and `segment`";
    out.push(&AUDIENCE, at, message, help);
}
