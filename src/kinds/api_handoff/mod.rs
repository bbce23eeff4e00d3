//! `ApiHandoff`: what a proactive send says, over which channels, and how long replies count (platform.md#handoffs).
//!
//! On real accounts, programs can read handoffs and only people can write them, so this kind is observed:
//! plans say what a person has to change. The sandbox takes writes.

mod codes;
mod lift;
mod look_back;
mod lower;
mod rules;
mod wire;

#[cfg(test)]
mod tests;

pub use wire::channel_word;

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{IntoDeserializer as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::field::Field;
use super::{Collection, Findings, Kind, Lookup, Role, RuleWorld};
use crate::diag::Code;

/// The `ApiHandoff` kind.
#[derive(Debug)]
pub struct ApiHandoffKind;

/// What a proactive send says, over which channels, and how long replies to it count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ApiHandoff {
    /// What people see in the web tool; unique, without `<` and `>`. Defaults to the name of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The channel, or several, tried in that order. `inApp` cannot be combined with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channels>,
    /// The apps that show an In-App message: 1 to 4 bundle or package names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [["com.example.shop.ios", "com.example.shop.android"]]))]
    pub app_names: Option<Vec<String>>,
    /// The language of the In-App message, `en`. Other channels have one in their section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["en"]))]
    pub language: Option<String>,
    /// How long a message stays valid and replies to it are routed to its skill: `2d`, `36h` or `1d12h`,
    /// from 1 hour to 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["2d", "36h", "1d12h", "30d"]))]
    pub lookback_period: Option<String>,
    /// Whether conversations that are reopened within the look-back are routed to its skill too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_reopened: Option<bool>,
    /// The text of an In-App message and of its push notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// The image of an In-App message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// What else the In-App channel carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_app: Option<InApp>,
    /// The message by SMS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<Section>,
    /// The message by WhatsApp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whats_app: Option<WhatsApp>,
    /// The message by Apple Messages for Business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apple_messages: Option<Section>,
    /// The message by Google RCS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rcs: Option<Rcs>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// The text of an In-App message. `${{1}}` stands for the first variable of a send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("defaultSnippets" = [{"label": "a text with a variable", "description": "One text for the conversation and its push notification.", "body": {"text": "Hi \\${{1\\}\\}, ${1:your order is on its way}", "notificationTitle": "${2:Your order}", "sameForNotification": true, "variables": ["\"1\""]}}, {"label": "two texts", "description": "One text for the conversation, another one for its push notification.", "body": {"text": "${1:Your order is on its way}", "notificationTitle": "${2:Your order}", "notificationText": "${3:On its way}", "sameForNotification": false}}]))]
pub struct Message {
    /// The text in the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["Hi ${{1}}, your order is on its way"]))]
    pub text: Option<String>,
    /// The title of the push notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_title: Option<String>,
    /// The text of the push notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_text: Option<String>,
    /// Whether the push notification has the text of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_for_notification: Option<bool>,
    /// The variables of the texts, each as it is written between `${{` and `}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [["1", "2"]]))]
    pub variables: Option<Vec<String>>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// The image of an In-App message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Image {
    /// The address of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether a tap on the image opens a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clickable: Option<bool>,
    /// The page that a tap opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_url: Option<String>,
    /// The variables of the addresses, each as it is written between `{{` and `}}`: `${{1}}` and `{{1}}` mean the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variables: Option<Vec<String>>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// What the In-App channel carries besides the app names, the language, the message and the image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct InApp {
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// The message of a channel that needs nothing special.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Section {
    /// The language of the message, `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["en"]))]
    pub language: Option<String>,
    /// The number or account that sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound_number: Option<String>,
    /// The parts of the message, as the platform's own JSON: `{ type: body, content: .., variables: [..] }`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Value>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// The message by WhatsApp.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WhatsApp {
    /// The language of the message, `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["en"]))]
    pub language: Option<String>,
    /// The number that sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound_number: Option<String>,
    /// The approved template that the message is made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<WhatsAppTemplate>,
    /// The parts of the message (header, body, footer, buttons), as the platform's own JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Value>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// An approved WhatsApp template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WhatsAppTemplate {
    /// The namespace of the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name of the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The message by Google RCS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rcs {
    /// The language of the message, `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["en"]))]
    pub language: Option<String>,
    /// The account that sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound_number: Option<String>,
    /// The name of the service account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account_name: Option<String>,
    /// Whether cards are vertical or horizontal; the platform's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_orientation: Option<String>,
    /// The parts of the message (body, media, buttons), as the platform's own JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Value>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// A channel of a handoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Channel {
    /// Inside an app, with a push notification. Never together with another channel.
    InApp,
    /// SMS.
    Sms,
    /// WhatsApp.
    WhatsApp,
    /// Apple Messages for Business.
    AppleMessages,
    /// Google RCS.
    Rcs,
}

impl Channel {
    /// The word in manifests, which is also the name of the channel's section.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InApp => "inApp",
            Self::Sms => "sms",
            Self::WhatsApp => "whatsApp",
            Self::AppleMessages => "appleMessages",
            Self::Rcs => "rcs",
        }
    }
}

/// One channel, or several, tried in that order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channels {
    /// One channel.
    One(Channel),
    /// Several channels, the first one first.
    Several(Vec<Channel>),
}

impl Channels {
    /// The channels in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Channel] {
        match self {
            Self::One(channel) => std::slice::from_ref(channel),
            Self::Several(channels) => channels,
        }
    }
}

impl Serialize for Channels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(channel) => channel.serialize(serializer),
            Self::Several(channels) => channels.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Channels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChannelsVisitor)
    }
}

struct ChannelsVisitor;

impl<'de> Visitor<'de> for ChannelsVisitor {
    type Value = Channels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a channel or a list of at least one")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Channels, E> {
        Channel::deserialize(word.into_deserializer()).map(Channels::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Channels, A::Error> {
        let channels = Vec::<Channel>::deserialize(SeqAccessDeserializer::new(items))?;
        if channels.is_empty() {
            return Err(serde::de::Error::invalid_length(0, &self));
        }
        Ok(Channels::Several(channels))
    }
}

impl JsonSchema for Channels {
    fn schema_name() -> Cow<'static, str> {
        "Channels".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let channel = generator.subschema_for::<Channel>();
        json_schema!({
            "description": "One channel, or several, tried in that order.",
            "anyOf": [
                channel.clone(),
                { "type": "array", "items": channel, "minItems": 1 }
            ]
        })
    }
}

impl Kind for ApiHandoffKind {
    const NAME: &'static str = "ApiHandoff";
    const PLURAL: &'static str = "api-handoffs";
    const ROLE: Role = Role::Observed;
    const PHASE: u8 = 0;
    const COLLECTION: Option<&'static Collection> = Some(&wire::COLLECTION);
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CODES: &'static [&'static Code] = codes::CODES;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    type Spec = ApiHandoff;

    fn rules(spec: &ApiHandoff, _name: &str, _world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, out);
    }

    fn implied(spec: &Value, held: &Value) -> Vec<(&'static str, Value)> {
        let channel = lower::implied_channel(spec, held);
        channel
            .map(|channel| ("channel", channel))
            .into_iter()
            .collect()
    }

    fn finish_lower(spec: &Value, body: &mut Value, lookup: &dyn Lookup) {
        wire::lower_look_back(spec, body);
        lower::lower_channels(spec, body, lookup);
    }

    fn begin_lift(body: &mut Value, spec: &mut Value, lookup: &dyn Lookup) {
        wire::lift_look_back(body, spec);
        lift::lift_channels(body, spec, lookup);
    }

    fn read_more(spec: &mut Value, lookup: &dyn Lookup) {
        wire::read_look_back(spec);
        lift::read_channels(spec, lookup);
        lift::read_components(spec, lookup);
    }
}
