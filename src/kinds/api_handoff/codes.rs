//! The codes that `ApiHandoff` raises.

use crate::diag::{Code, Severity};

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[
    &DISPLAY_NAME,
    &CHANNEL_MIX,
    &CHANNEL_TWICE,
    &SECTION_CHANNEL,
    &INAPP_TEMPLATE,
    &INAPP_IMAGE,
    &APP_NAMES,
    &APP_NAME_TWICE,
    &APP_NAMES_CHANNEL,
    &LOOKBACK_FORMAT,
    &LOOKBACK_SHORT,
    &LOOKBACK_LONG,
    &VARIABLES,
    &CHANNEL_MISSING,
    &MESSAGE_MISSING,
];

pub(super) static CHANNEL_MISSING: Code = Code {
    name: "handoff-channel-missing",
    severity: Severity::Warning,
    title: "a handoff has no channel",
    why: "A handoff is sent over its channels, and each channel has its own message. Without `channel`, it is sent to no consumer.",
    wrong: "message: { text: Your order is on its way }",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way }",
};

pub(super) static MESSAGE_MISSING: Code = Code {
    name: "handoff-message-missing",
    severity: Severity::Warning,
    title: "a handoff has a channel, and nothing to say",
    why: "Each channel has its own message: `message` for In-App, and a section for each of the others. Without one, a send has no text.",
    wrong: "channel: inApp\nappNames: [com.example.shop]",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way }",
};

pub(super) static DISPLAY_NAME: Code = Code {
    name: "handoff-display-name",
    severity: Severity::Error,
    title: "a display name has an angle bracket",
    why: "The proactive web tool takes letters and digits in the title of a handoff and rejects `<` and `>`.",
    wrong: "displayName: Orders <test>",
    right: "displayName: Orders test",
};

pub(super) static CHANNEL_MIX: Code = Code {
    name: "handoff-channel-mix",
    severity: Severity::Error,
    title: "inApp is combined with another channel",
    why: "In-App messages cannot be in the same proactive or IVR handoff with SMS or WhatsApp: the platform \
          knows no order of priority across them.",
    wrong: "channel: [inApp, sms]\nappNames: [com.example.shop]",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way }",
};

pub(super) static CHANNEL_TWICE: Code = Code {
    name: "handoff-channel-twice",
    severity: Severity::Error,
    title: "a channel is listed twice",
    why: "The order of the channels is the order in which the platform tries them; trying one twice has no \
          meaning, and its section could not say which one it is for.",
    wrong: "channel: [sms, whatsApp, sms]",
    right: "channel: [sms, whatsApp]\nsms: { outboundNumber: \"+12025550100\" }",
};

pub(super) static SECTION_CHANNEL: Code = Code {
    name: "handoff-section-channel",
    severity: Severity::Error,
    title: "a section is for a channel that is not listed",
    why: "A handoff has one message per channel; a message for a channel that the handoff does not use \
          would be lost.",
    wrong: "channel: sms\nwhatsApp: { outboundNumber: \"+12025550100\" }",
    right: "channel: [sms, whatsApp]\nwhatsApp: { outboundNumber: \"+12025550100\" }",
};

pub(super) static INAPP_TEMPLATE: Code = Code {
    name: "handoff-inapp-template",
    severity: Severity::Error,
    title: "an In-App handoff names a WhatsApp template",
    why: "Message templates are approved by WhatsApp for WhatsApp; In-App messages are written in the \
          handoff itself and take no template.",
    wrong: "channel: inApp\nappNames: [com.example.shop]\nwhatsApp: { template: { name: order_update } }",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way }",
};

pub(super) static INAPP_IMAGE: Code = Code {
    name: "handoff-inapp-image",
    severity: Severity::Warning,
    title: "an In-App message has an image",
    why: "The vendor's guide to In-App campaigns limits them to text and emoji; newer vendor pages show an \
          image component. Only a test send shows whether an account has the newer version.",
    wrong: "channel: inApp\nappNames: [com.example.shop]\nimage: { url: \"https://shop.example/a.png\" }",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way 📦 }",
};

pub(super) static APP_NAMES: Code = Code {
    name: "handoff-app-names",
    severity: Severity::Error,
    title: "an In-App handoff does not name 1 to 4 apps",
    why: "The platform sends an In-App message to the apps that the handoff names; it takes at least one \
          and at most four.",
    wrong: "channel: inApp",
    right: "channel: inApp\nappNames: [com.example.shop.ios, com.example.shop.android]\nmessage: { text: Your order is on its way }",
};

pub(super) static APP_NAME_TWICE: Code = Code {
    name: "handoff-app-name-twice",
    severity: Severity::Error,
    title: "an app is named twice",
    why: "Each app gets an In-App message once, and a second mention uses up one of the four places.",
    wrong: "channel: inApp\nappNames: [com.example.shop, com.example.shop]",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way }",
};

pub(super) static APP_NAMES_CHANNEL: Code = Code {
    name: "handoff-app-names-channel",
    severity: Severity::Error,
    title: "apps are named for a channel without apps",
    why: "Only In-App messages go to apps; the other channels reach consumers by their phone number.",
    wrong: "channel: sms\nappNames: [com.example.shop]",
    right: "channel: sms\nsms: { outboundNumber: \"+12025550100\" }",
};

pub(super) static LOOKBACK_FORMAT: Code = Code {
    name: "handoff-lookback-format",
    severity: Severity::Error,
    title: "a look-back is not in days and whole hours",
    why: "The platform stores the look-back as a number of days and a number of hours; there is nothing \
          finer.",
    wrong: "lookbackPeriod: 90m",
    right: "lookbackPeriod: 2h",
};

pub(super) static LOOKBACK_SHORT: Code = Code {
    name: "handoff-lookback-short",
    severity: Severity::Error,
    title: "a look-back is shorter than an hour",
    why: "The vendor's limit is one hour: the look-back says how long a message stays valid and how long \
          replies to it are routed to its skill.",
    wrong: "lookbackPeriod: 0h",
    right: "lookbackPeriod: 1h",
};

pub(super) static LOOKBACK_LONG: Code = Code {
    name: "handoff-lookback-long",
    severity: Severity::Error,
    title: "a look-back is longer than 30 days",
    why: "The vendor's limit is 30 days: the look-back says how long a message stays valid and how long \
          replies to it are routed to its skill.",
    wrong: "lookbackPeriod: 45d",
    right: "lookbackPeriod: 30d",
};

pub(super) static VARIABLES: Code = Code {
    name: "handoff-variables",
    severity: Severity::Error,
    title: "the variables of a text and its list of variables differ",
    why: "The platform fills `${{1}}` in texts, and `{{1}}` in addresses, from the variables of a send and takes their names from the list of \
          the component: a name that is missing there is sent unfilled, and one too many makes every send \
          fail for lack of a value.",
    wrong: "message: { text: \"Hi ${{1}}, it is ${{2}}\", variables: [\"1\"] }",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: \"Hi ${{1}}, it is ${{2}}\", variables: [\"1\", \"2\"] }",
};
