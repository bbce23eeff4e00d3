//! The semantic checks of handoffs, one function per code.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kinds::Findings;

use super::codes::{
    APP_NAME_TWICE, APP_NAMES, APP_NAMES_CHANNEL, CHANNEL_MISSING, CHANNEL_MIX, CHANNEL_TWICE,
    DISPLAY_NAME, INAPP_IMAGE, INAPP_TEMPLATE, LOOKBACK_FORMAT, LOOKBACK_LONG, LOOKBACK_SHORT,
    MESSAGE_MISSING, SECTION_CHANNEL, VARIABLES,
};
use super::look_back::{LONGEST, LookBack, SHORTEST};
use super::{ApiHandoff, Channel, Channels};

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
