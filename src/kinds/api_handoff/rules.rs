//! The semantic checks of handoffs, one function per code.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diag::{Code, Severity};
use crate::kinds::Findings;

use super::look_back::{LONGEST, LookBack, SHORTEST};
use super::{ApiHandoff, Channel, Channels};

/// All of them.
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

/// Runs every check.
pub(super) fn check(handoff: &ApiHandoff, out: &mut Findings) {
    display_name(handoff, out);
    if let Some(channel) = &handoff.channel {
        let channels = channel.as_slice();
        channel_mix(channel, out);
        channel_twice(channels, out);
        section_channel(handoff, channels, out);
        inapp_template(handoff, channels, out);
        app_names(handoff, channels, out);
        app_names_channel(handoff, channels, out);
    }
    inapp_image(handoff, out);
    app_name_twice(handoff, out);
    lookback(handoff, out);
    variables(handoff, out);
    if out.0.is_empty() {
        incomplete(handoff, out);
    }
}

static CHANNEL_MISSING: Code = Code {
    name: "handoff-channel-missing",
    severity: Severity::Warning,
    title: "a handoff has no channel",
    why: "A handoff is sent over its channels, and each channel has its own message. Without `channel`, it is sent to no consumer.",
    wrong: "message: { text: Your order is on its way }",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way }",
};

static MESSAGE_MISSING: Code = Code {
    name: "handoff-message-missing",
    severity: Severity::Warning,
    title: "a handoff has a channel, and nothing to say",
    why: "Each channel has its own message: `message` for In-App, and a section for each of the others. Without one, a send has no text.",
    wrong: "channel: inApp\nappNames: [com.example.shop]",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way }",
};

/// A handoff that cannot be sent, because it has no channel or no message.
fn incomplete(handoff: &ApiHandoff, out: &mut Findings) {
    let in_app = [
        (handoff.message.is_some(), "/message"),
        (handoff.image.is_some(), "/image"),
        (handoff.in_app.is_some(), "/inApp"),
    ];
    let sections = [
        (handoff.sms.is_some(), "/sms"),
        (handoff.whats_app.is_some(), "/whatsApp"),
        (handoff.apple_messages.is_some(), "/appleMessages"),
        (handoff.rcs.is_some(), "/rcs"),
    ];
    let beside = [
        (handoff.app_names.is_some(), "/appNames"),
        (handoff.language.is_some(), "/language"),
    ];
    let given = |parts: &[(bool, &'static str)]| parts.iter().find(|it| it.0).map(|it| it.1);
    let said = given(&in_app).or_else(|| given(&sections));
    match (&handoff.channel, said) {
        (None, said) if handoff.extra.is_none() => {
            let message = match said {
                Some(_) => "there is no `channel` for this message",
                None => "the handoff has no `channel` and no message",
            };
            out.push(
                    &CHANNEL_MISSING,
                    said.or_else(|| given(&beside)).unwrap_or_default(),
                    message,
                    "add `channel: inApp` with `appNames`, or `channel: sms`, or a list of channels, tried in that order",
                );
        }
        (Some(_), None) if handoff.extra.is_none() => out.push(
            &MESSAGE_MISSING,
            "/channel",
            "there is nothing to say over this channel",
            "add `message: { text: .. }` for In-App, or the section of the channel, such as `sms`",
        ),
        _ => {}
    }
}

static DISPLAY_NAME: Code = Code {
    name: "handoff-display-name",
    severity: Severity::Error,
    title: "a display name has an angle bracket",
    why: "The proactive web tool takes letters and digits in the title of a handoff and rejects `<` and `>`.",
    wrong: "displayName: Orders <test>",
    right: "displayName: Orders test",
};

fn display_name(handoff: &ApiHandoff, out: &mut Findings) {
    if let Some(name) = &handoff.display_name
        && name.contains(['<', '>'])
    {
        out.push(
            &DISPLAY_NAME,
            "/displayName",
            format!("the display name `{name}` has an angle bracket"),
            "leave out `<` and `>`",
        );
    }
}

static CHANNEL_MIX: Code = Code {
    name: "handoff-channel-mix",
    severity: Severity::Error,
    title: "inApp is combined with another channel",
    why: "In-App messages cannot be in the same proactive or IVR handoff with SMS or WhatsApp: the platform \
          knows no order of priority across them.",
    wrong: "channel: [inApp, sms]\nappNames: [com.example.shop]",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way }",
};

fn channel_mix(channel: &Channels, out: &mut Findings) {
    let Channels::Several(channels) = channel else {
        return;
    };
    let others: Vec<_> = channels
        .iter()
        .filter(|channel| **channel != Channel::InApp)
        .map(|channel| channel.word())
        .collect();
    if let Some(at) = channels
        .iter()
        .position(|channel| *channel == Channel::InApp)
        && !others.is_empty()
    {
        out.push(
            &CHANNEL_MIX,
            format!("/channel/{at}"),
            format!("inApp cannot be combined with {}", others.join(" and ")),
            "make one ApiHandoff for `inApp` and another one for the other channels",
        );
    }
}

static CHANNEL_TWICE: Code = Code {
    name: "handoff-channel-twice",
    severity: Severity::Error,
    title: "a channel is listed twice",
    why: "The order of the channels is the order in which the platform tries them; trying one twice has no \
          meaning, and its section could not say which one it is for.",
    wrong: "channel: [sms, whatsApp, sms]",
    right: "channel: [sms, whatsApp]\nsms: { outboundNumber: \"+12025550100\" }",
};

fn channel_twice(channels: &[Channel], out: &mut Findings) {
    for (index, channel) in channels.iter().enumerate() {
        if channels[..index].contains(channel) {
            out.push(
                &CHANNEL_TWICE,
                format!("/channel/{index}"),
                format!("the channel `{}` is listed twice", channel.word()),
                "remove one of the two",
            );
        }
    }
}

static SECTION_CHANNEL: Code = Code {
    name: "handoff-section-channel",
    severity: Severity::Error,
    title: "a section is for a channel that is not listed",
    why: "A handoff has one message per channel; a message for a channel that the handoff does not use \
          would be lost.",
    wrong: "channel: sms\nwhatsApp: { outboundNumber: \"+12025550100\" }",
    right: "channel: [sms, whatsApp]\nwhatsApp: { outboundNumber: \"+12025550100\" }",
};

fn section_channel(handoff: &ApiHandoff, channels: &[Channel], out: &mut Findings) {
    let in_app = channels.contains(&Channel::InApp);
    // A template beside inApp has a code of its own.
    let whats_app = handoff.whats_app.as_ref();
    let whats_app = whats_app.is_some_and(|section| !in_app || section.template.is_none());
    for (field, declared, channel) in [
        ("language", handoff.language.is_some(), Channel::InApp),
        ("message", handoff.message.is_some(), Channel::InApp),
        ("image", handoff.image.is_some(), Channel::InApp),
        ("inApp", handoff.in_app.is_some(), Channel::InApp),
        ("sms", handoff.sms.is_some(), Channel::Sms),
        ("whatsApp", whats_app, Channel::WhatsApp),
        (
            "appleMessages",
            handoff.apple_messages.is_some(),
            Channel::AppleMessages,
        ),
        ("rcs", handoff.rcs.is_some(), Channel::Rcs),
    ] {
        if declared && !channels.contains(&channel) {
            out.push(
                &SECTION_CHANNEL,
                format!("/{field}"),
                format!(
                    "`{field}` is for the channel `{}`, which is not listed",
                    channel.word()
                ),
                format!("remove `{field}`, or add `{}` to `channel`", channel.word()),
            );
        }
    }
}

static INAPP_TEMPLATE: Code = Code {
    name: "handoff-inapp-template",
    severity: Severity::Error,
    title: "an In-App handoff names a WhatsApp template",
    why: "Message templates are approved by WhatsApp for WhatsApp; In-App messages are written in the \
          handoff itself and take no template.",
    wrong: "channel: inApp\nappNames: [com.example.shop]\nwhatsApp: { template: { name: order_update } }",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way }",
};

fn inapp_template(handoff: &ApiHandoff, channels: &[Channel], out: &mut Findings) {
    let template = (handoff.whats_app.as_ref()).and_then(|section| section.template.as_ref());
    if template.is_some() && channels.contains(&Channel::InApp) {
        out.push(
            &INAPP_TEMPLATE,
            "/whatsApp/template",
            "a WhatsApp template cannot be sent by `inApp`",
            "write the text in `message`, or use the channel `whatsApp`",
        );
    }
}

static INAPP_IMAGE: Code = Code {
    name: "handoff-inapp-image",
    severity: Severity::Warning,
    title: "an In-App message has an image",
    why: "The vendor's guide to In-App campaigns limits them to text and emoji; newer vendor pages show an \
          image component. Only a test send shows whether an account has the newer version.",
    wrong: "channel: inApp\nappNames: [com.example.shop]\nimage: { url: \"https://shop.example/a.png\" }",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way 📦 }",
};

fn inapp_image(handoff: &ApiHandoff, out: &mut Findings) {
    if handoff.image.is_some() {
        out.push(
            &INAPP_IMAGE,
            "/image",
            "In-App messages may be limited to text and emoji",
            "try a send first; the vendor's pages disagree about images",
        );
    }
}

static APP_NAMES: Code = Code {
    name: "handoff-app-names",
    severity: Severity::Error,
    title: "an In-App handoff does not name 1 to 4 apps",
    why: "The platform sends an In-App message to the apps that the handoff names; it takes at least one \
          and at most four.",
    wrong: "channel: inApp",
    right: "channel: inApp\nappNames: [com.example.shop.ios, com.example.shop.android]\nmessage: { text: Your order is on its way }",
};

fn app_names(handoff: &ApiHandoff, channels: &[Channel], out: &mut Findings) {
    if !channels.contains(&Channel::InApp) {
        return;
    }
    let (pointer, count) = match &handoff.app_names {
        Some(names) => ("/appNames", names.len()),
        None => ("/channel", 0),
    };
    if !(1..=4).contains(&count) {
        out.push(
            &APP_NAMES,
            pointer,
            format!("inApp needs 1 to 4 app names, not {count}"),
            match count {
                0 => "list the bundle or package names of the apps in `appNames`",
                _ => "move the other apps to a second ApiHandoff",
            },
        );
    }
}

static APP_NAME_TWICE: Code = Code {
    name: "handoff-app-name-twice",
    severity: Severity::Error,
    title: "an app is named twice",
    why: "Each app gets an In-App message once, and a second mention uses up one of the four places.",
    wrong: "channel: inApp\nappNames: [com.example.shop, com.example.shop]",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: Your order is on its way }",
};

fn app_name_twice(handoff: &ApiHandoff, out: &mut Findings) {
    let names = handoff.app_names.as_deref().unwrap_or_default();
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            out.push(
                &APP_NAME_TWICE,
                format!("/appNames/{index}"),
                format!("the app `{name}` is named twice"),
                "remove one of the two",
            );
        }
    }
}

static APP_NAMES_CHANNEL: Code = Code {
    name: "handoff-app-names-channel",
    severity: Severity::Error,
    title: "apps are named for a channel without apps",
    why: "Only In-App messages go to apps; the other channels reach consumers by their phone number.",
    wrong: "channel: sms\nappNames: [com.example.shop]",
    right: "channel: sms\nsms: { outboundNumber: \"+12025550100\" }",
};

fn app_names_channel(handoff: &ApiHandoff, channels: &[Channel], out: &mut Findings) {
    if handoff.app_names.is_some() && !channels.contains(&Channel::InApp) {
        out.push(
            &APP_NAMES_CHANNEL,
            "/appNames",
            "`appNames` is for the channel `inApp`",
            "remove `appNames`",
        );
    }
}

static LOOKBACK_FORMAT: Code = Code {
    name: "handoff-lookback-format",
    severity: Severity::Error,
    title: "a look-back is not in days and whole hours",
    why: "The platform stores the look-back as a number of days and a number of hours; there is nothing \
          finer.",
    wrong: "lookbackPeriod: 90m",
    right: "lookbackPeriod: 2h",
};

static LOOKBACK_SHORT: Code = Code {
    name: "handoff-lookback-short",
    severity: Severity::Error,
    title: "a look-back is shorter than an hour",
    why: "The vendor's limit is one hour: the look-back says how long a message stays valid and how long \
          replies to it are routed to its skill.",
    wrong: "lookbackPeriod: 0h",
    right: "lookbackPeriod: 1h",
};

static LOOKBACK_LONG: Code = Code {
    name: "handoff-lookback-long",
    severity: Severity::Error,
    title: "a look-back is longer than 30 days",
    why: "The vendor's limit is 30 days: the look-back says how long a message stays valid and how long \
          replies to it are routed to its skill.",
    wrong: "lookbackPeriod: 45d",
    right: "lookbackPeriod: 30d",
};

fn lookback(handoff: &ApiHandoff, out: &mut Findings) {
    let Some(text) = &handoff.lookback_period else {
        return;
    };
    let (code, problem) = match LookBack::parse(text) {
        None => (&LOOKBACK_FORMAT, "is not in days and whole hours"),
        Some(LookBack { hours }) if hours < SHORTEST => {
            (&LOOKBACK_SHORT, "is shorter than an hour")
        }
        Some(LookBack { hours }) if hours > LONGEST => (&LOOKBACK_LONG, "is longer than 30 days"),
        Some(_) => return,
    };
    out.push(
        code,
        "/lookbackPeriod",
        format!("the look-back `{text}` {problem}"),
        "use `1h` to `30d`, for instance `2d`, `36h` or `1d12h`",
    );
}

static VARIABLES: Code = Code {
    name: "handoff-variables",
    severity: Severity::Error,
    title: "the variables of a text and its list of variables differ",
    why: "The platform fills `${{1}}` in texts, and `{{1}}` in addresses, from the variables of a send and takes their names from the list of \
          the component: a name that is missing there is sent unfilled, and one too many makes every send \
          fail for lack of a value.",
    wrong: "message: { text: \"Hi ${{1}}, it is ${{2}}\", variables: [\"1\"] }",
    right: "channel: inApp\nappNames: [com.example.shop]\nmessage: { text: \"Hi ${{1}}, it is ${{2}}\", variables: [\"1\", \"2\"] }",
};

fn variables(handoff: &ApiHandoff, out: &mut Findings) {
    if let Some(message) = &handoff.message {
        let texts = [
            ("/message/text", &message.text),
            ("/message/notificationTitle", &message.notification_title),
            ("/message/notificationText", &message.notification_text),
        ];
        let texts = declared(&texts);
        compare("/message", &texts, message.variables.as_deref(), out);
    }
    if let Some(image) = &handoff.image {
        let texts = [
            ("/image/url", &image.url),
            ("/image/destinationUrl", &image.destination_url),
        ];
        let texts = declared(&texts);
        compare("/image", &texts, image.variables.as_deref(), out);
    }
    for (section, components) in [
        (
            "sms",
            handoff.sms.as_ref().map(|section| &section.components),
        ),
        (
            "whatsApp",
            handoff
                .whats_app
                .as_ref()
                .map(|section| &section.components),
        ),
        (
            "appleMessages",
            handoff
                .apple_messages
                .as_ref()
                .map(|section| &section.components),
        ),
        (
            "rcs",
            handoff.rcs.as_ref().map(|section| &section.components),
        ),
    ] {
        let components = components
            .and_then(Option::as_ref)
            .and_then(Value::as_array);
        for (index, component) in components.into_iter().flatten().enumerate() {
            component_variables(&format!("/{section}/components/{index}"), component, out);
        }
    }
}

/// The keys of the list: the vendor's samples spell it in both ways.
const LISTS: [&str; 2] = ["variables", "Variables"];

/// The list of an open component; a list that is not of strings is left alone.
fn component_variables(at: &str, component: &Value, out: &mut Findings) {
    let mut texts = Vec::new();
    collect_texts(at, component, &mut texts);
    let list = LISTS.iter().find_map(|key| component.get(*key));
    let list = list.map(|list| {
        let items = list.as_array().map_or(&[][..], Vec::as_slice);
        let names: Option<Vec<_>> = (items.iter())
            .map(|item| item.as_str().map(str::to_owned))
            .collect();
        names
    });
    match list {
        Some(None) => {}
        Some(Some(names)) => compare(at, &texts, Some(&names), out),
        None => compare(at, &texts, None, out),
    }
}

fn collect_texts<'a>(at: &str, value: &'a Value, out: &mut Vec<(String, &'a str)>) {
    match value {
        Value::String(text) => out.push((at.to_owned(), text)),
        Value::Array(items) => (items.iter().enumerate())
            .for_each(|(index, item)| collect_texts(&format!("{at}/{index}"), item, out)),
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| !LISTS.contains(&key.as_str()) && !key.contains(['/', '~']))
            .for_each(|(key, value)| collect_texts(&format!("{at}/{key}"), value, out)),
        _ => {}
    }
}

fn declared<'a>(texts: &[(&str, &'a Option<String>)]) -> Vec<(String, &'a str)> {
    texts
        .iter()
        .filter_map(|(pointer, text)| Some(((*pointer).to_owned(), text.as_deref()?)))
        .collect()
}

fn compare(at: &str, texts: &[(String, &str)], list: Option<&[String]>, out: &mut Findings) {
    let listed = list.unwrap_or_default();
    let mut used = BTreeSet::new();
    for (pointer, text) in texts {
        for name in placeholders(text) {
            if used.insert(name) && !listed.iter().any(|listed| listed == name) {
                out.push(
                    &VARIABLES,
                    pointer.clone(),
                    format!("the variable `{name}` is not in `variables`"),
                    format!("add \"{name}\" to `variables`"),
                );
            }
        }
    }
    for (index, name) in listed.iter().enumerate() {
        if !used.contains(name.as_str()) {
            out.push(
                &VARIABLES,
                format!("{at}/variables/{index}"),
                format!("the variable `{name}` is in no text"),
                format!("remove it, or write `${{{{{name}}}}}` where its value belongs"),
            );
        }
    }
}

/// The names between `{{` and `}}`. The vendor's samples have `${{1}}` in texts, and `{{1}}` in the addresses of headers
/// and buttons; both are filled.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("}}")?.0.trim()))
}
