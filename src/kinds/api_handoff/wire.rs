//! The wire side of `ApiHandoff`: the proactive handoff list, v1 (platform.md#handoff-fields).
//! Here are its fields and its look-back; [`super::lower`] and [`super::lift`] have the channels.

use serde_json::{Map, Value};

use crate::kinds::field::{Codec, Field, field};
use crate::kinds::mapping::EXTRA;
use crate::kinds::{Collection, IdForm, Service};
use crate::text::number::natural;

use super::Channel;
use super::look_back::LookBack;

/// Where handoffs live. Their list is all that programs may read.
pub(super) const COLLECTION: Collection = Collection {
    service: Service::Handoff,
    id: IdForm::Handoff,
    unique_name: true,
    server_assigned: &["id", "createdAt", "updatedAt"],
    changed: "updatedAt",
    system_flags: &[],
    ..Collection::account_config("app/prmsg/handoffs/list", "1")
};

pub(super) const FIELDS: &[Field] = &[
    field("displayName", "name", Codec::Text),
    field("channel", "channels", Codec::Hook),
    field("appNames", "channels", Codec::Hook),
    field("language", "channels", Codec::Hook),
    field("lookbackPeriod", DAYS, Codec::Hook),
    field("routeReopened", "routeAllWithinLookback", Codec::Bool).or("false"),
    field("message", "channels", Codec::Hook),
    field("image", "channels", Codec::Hook),
    field("inApp", "channels", Codec::Hook),
    field("sms", "channels", Codec::Hook),
    field("whatsApp", "channels", Codec::Hook),
    field("appleMessages", "channels", Codec::Hook),
    field("rcs", "channels", Codec::Hook),
];

const DAYS: &str = "lookbackPeriodDay";
const HOURS: &str = "lookbackPeriodHour";
pub(super) const COMPONENTS: &str = "messageComponents";

/// The image's list of variables has a capital letter in the vendor's sample; both spellings are read,
/// and what was there is written back.
pub(super) const VARIABLES: &str = "variables";
pub(super) const CAPITAL_VARIABLES: &str = "Variables";

/// The words of channels and their types on the wire.
pub(super) const CHANNELS: &[(Channel, &str, &[Field])] = &[
    (Channel::InApp, "inapp", IN_APP),
    (Channel::Sms, "sms-twilio", SECTION),
    (Channel::WhatsApp, "wa", WHATS_APP),
    (Channel::AppleMessages, "apple-twilio", SECTION),
    (Channel::Rcs, "googlercs", RCS),
];

/// The word in manifests of a channel on the wire, which reports spell without the name of the gateway (`sms`). Any other
/// word stays as it is.
#[must_use]
pub fn channel_word(wire: &str) -> &str {
    let is_it = |full: &str| full == wire || full.split('-').next() == Some(wire);
    let mut channels = CHANNELS.iter();
    let found = channels.find(|(_, full, _)| is_it(full));
    found.map_or(wire, |(channel, ..)| channel.word())
}

/// Of these, the fields that stand at the top of the spec. The components follow in [`super::lower`].
pub(super) const IN_APP: &[Field] = &[
    field("appNames", "appNames", Codec::Texts),
    field("language", "language", Codec::Text),
];

pub(super) const SECTION: &[Field] = &[
    field("language", "language", Codec::Text),
    field("outboundNumber", "outboundnumber", Codec::Text),
    field("components", COMPONENTS, Codec::Json),
];

pub(super) const WHATS_APP: &[Field] = &[
    field("language", "language", Codec::Text),
    field("outboundNumber", "outboundnumber", Codec::Text),
    field("template.namespace", "namespace", Codec::Text),
    field("template.name", "templatename", Codec::Text),
    field("components", COMPONENTS, Codec::Json),
];

pub(super) const RCS: &[Field] = &[
    field("language", "language", Codec::Text),
    field("outboundNumber", "outboundnumber", Codec::Text),
    field("serviceAccountName", "serviceAccountName", Codec::Text),
    field("cardOrientation", "cardOrientation", Codec::Text),
    field("components", COMPONENTS, Codec::Json),
];

pub(super) const MESSAGE: &[Field] = &[
    field("text", "messageText", Codec::Text),
    field("notificationTitle", "notificationTitle", Codec::Text),
    field("notificationText", "notificationMessage", Codec::Text),
    field(
        "sameForNotification",
        "isSameMessageForNotification",
        Codec::Bool,
    ),
    field("variables", VARIABLES, Codec::Texts),
];

pub(super) const IMAGE: &[Field] = &[
    field("url", "url", Codec::Text),
    field("clickable", "isClickable", Codec::Bool),
    field("destinationUrl", "destinationUrl", Codec::Text),
    field("variables", CAPITAL_VARIABLES, Codec::Texts),
];

/// The parts of an In-App message: spec field, type on the wire, table.
pub(super) const PARTS: &[(&str, &str, &[Field])] =
    &[("message", "text", MESSAGE), (IMAGE_PART, "image", IMAGE)];

pub(super) const IMAGE_PART: &str = "image";

/// Puts the two numbers of the look-back on the body.
pub(super) fn lower_look_back(spec: &Value, body: &mut Value) {
    let Value::Object(body) = body else { return };
    match spec.get("lookbackPeriod") {
        None => {}
        Some(Value::String(text)) => {
            // Rules complain about any other text. What means the same stays as the account has it.
            let held = held_look_back(body);
            if let Some(look_back) = LookBack::parse(text).filter(|it| held != Some(*it)) {
                let (days, hours) = look_back.days_and_hours();
                body.insert(DAYS.to_owned(), days.into());
                body.insert(HOURS.to_owned(), hours.into());
            }
        }
        Some(_) => {
            body.shift_remove(DAYS);
            body.shift_remove(HOURS);
        }
    }
}

/// Takes the two numbers of the look-back, when both are there.
pub(super) fn lift_look_back(body: &mut Value, spec: &mut Value) {
    let number = |key| body.get(key).and_then(natural);
    let look_back = number(DAYS).zip(number(HOURS));
    if let Some(look_back) = look_back.and_then(|(days, hours)| LookBack::of_wire(days, hours))
        && let (Value::Object(body), Value::Object(spec)) = (body, spec)
    {
        body.shift_remove(DAYS);
        body.shift_remove(HOURS);
        spec.insert("lookbackPeriod".to_owned(), look_back.to_string().into());
    }
}

/// Reads a look-back that is not in the two numbers of the web tool: one is missing, or it has 36 hours.
pub(super) fn read_look_back(spec: &mut Value) {
    let extra = spec.get(EXTRA).and_then(Value::as_object);
    let look_back = extra.and_then(held_look_back);
    if let (Some(look_back), Value::Object(spec)) = (look_back, spec) {
        spec.entry("lookbackPeriod")
            .or_insert_with(|| look_back.to_string().into());
    }
}

/// The look-back of a body, a missing number being none.
fn held_look_back(body: &Map<String, Value>) -> Option<LookBack> {
    let number = |key| match body.get(key) {
        None => Some(0),
        Some(number) => natural(number),
    };
    let is_there = body.contains_key(DAYS) || body.contains_key(HOURS);
    let (days, hours) = number(DAYS).zip(number(HOURS)).filter(|_| is_there)?;
    let hours = days.checked_mul(24)?.checked_add(hours)?;
    Some(LookBack { hours })
}
