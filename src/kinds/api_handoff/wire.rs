//! The wire side of `ApiHandoff`: the proactive handoff list, v1 (platform.md#handoff-fields).
//!
//! The friendly form of `channels` is taken only when it lowers to the very same channels again. Else the
//! channels stay in `extra`, verbatim, and what can be read of them is read beside that for comparing.

use serde_json::{Map, Value, json};

use crate::kinds::field::{Codec, Field, field};
use crate::kinds::mapping::{EXTRA, get_path, lift_object, merge, overlay_object};
use crate::kinds::{Collection, IdForm, Lookup, Service};
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
const COMPONENTS: &str = "messageComponents";

/// The image's list of variables has a capital letter in the vendor's sample; both spellings are read,
/// and what was there is written back.
const VARIABLES: &str = "variables";
const CAPITAL_VARIABLES: &str = "Variables";

/// The words of channels and their types on the wire.
const CHANNELS: &[(Channel, &str, &[Field])] = &[
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

/// Of these, the fields that stand at the top of the spec. The components follow in [`lower_components`].
const IN_APP: &[Field] = &[
    field("appNames", "appNames", Codec::Texts),
    field("language", "language", Codec::Text),
];

const SECTION: &[Field] = &[
    field("language", "language", Codec::Text),
    field("outboundNumber", "outboundnumber", Codec::Text),
    field("components", COMPONENTS, Codec::Json),
];

const WHATS_APP: &[Field] = &[
    field("language", "language", Codec::Text),
    field("outboundNumber", "outboundnumber", Codec::Text),
    field("template.namespace", "namespace", Codec::Text),
    field("template.name", "templatename", Codec::Text),
    field("components", COMPONENTS, Codec::Json),
];

const RCS: &[Field] = &[
    field("language", "language", Codec::Text),
    field("outboundNumber", "outboundnumber", Codec::Text),
    field("serviceAccountName", "serviceAccountName", Codec::Text),
    field("cardOrientation", "cardOrientation", Codec::Text),
    field("components", COMPONENTS, Codec::Json),
];

const MESSAGE: &[Field] = &[
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

const IMAGE: &[Field] = &[
    field("url", "url", Codec::Text),
    field("clickable", "isClickable", Codec::Bool),
    field("destinationUrl", "destinationUrl", Codec::Text),
    field("variables", CAPITAL_VARIABLES, Codec::Texts),
];

/// The parts of an In-App message: spec field, type on the wire, table.
const PARTS: &[(&str, &str, &[Field])] =
    &[("message", "text", MESSAGE), (IMAGE_PART, "image", IMAGE)];

const IMAGE_PART: &str = "image";

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

/// Puts the declared channels, or the declared parts of live channels, on the body.
pub(super) fn lower_channels(spec: &Value, body: &mut Value, lookup: &dyn Lookup) {
    if spec.get("channel").is_some_and(Value::is_null) {
        if let Value::Object(body) = body {
            body.shift_remove("channels");
        }
        return;
    }
    let live = match body.get("channels") {
        Some(Value::Array(channels)) => channels.clone(),
        _ => Vec::new(),
    };
    let Some(wanted) = wanted_types(spec, &live) else {
        return;
    };
    let channels: Value = wanted
        .iter()
        .map(|wire_type| {
            let live = live.iter().find(|channel| channel["type"] == **wire_type);
            lower_channel(wire_type, live, spec, lookup)
        })
        .collect();
    if let Value::Object(body) = body
        && (body.contains_key("channels") || !wanted.is_empty())
    {
        body.insert("channels".to_owned(), channels);
    }
}

/// The channels of a spec that names none: those that its other fields speak of, in the order of the live ones where
/// these are the same.
pub(super) fn implied_channel(spec: &Value, held: &Value) -> Option<Value> {
    let says = |field: &str| spec.get(field).is_some_and(|value| !value.is_null());
    let mut words: Vec<Value> = (CHANNELS.iter())
        .filter(|(channel, ..)| fields_of(*channel).any(says))
        .map(|(channel, ..)| channel.word().into())
        .collect();
    let held = held.get("channel");
    let order = held.map_or(&[][..], |held| {
        held.as_array()
            .map_or(std::slice::from_ref(held), Vec::as_slice)
    });
    let place = |word: &Value| order.iter().position(|held| held == word);
    words.sort_by_key(|word| place(word).unwrap_or(usize::MAX));
    match words.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        _ => Some(words.into()),
    }
}

/// The types of the channels that the body shall have: the declared ones, else the live ones and those of
/// declared sections. `None` when the spec says nothing about channels.
fn wanted_types(spec: &Value, live: &[Value]) -> Option<Vec<String>> {
    let wire_type = |word: &Value| {
        let mut known = CHANNELS.iter();
        let known = known.find(|(channel, ..)| *word == channel.word());
        let known = known.map(|(_, wire_type, _)| *wire_type);
        // A type that has no word is read as it is, and kept.
        known.or_else(|| word.as_str()).map(str::to_owned)
    };
    match spec.get("channel") {
        Some(Value::Array(words)) => Some(words.iter().filter_map(wire_type).collect()),
        Some(word) => Some(wire_type(word).into_iter().collect()),
        None => {
            let declared = CHANNELS
                .iter()
                .filter(|(channel, ..)| {
                    let says = |field| spec.get(field).is_some_and(|value| !value.is_null());
                    fields_of(*channel).any(says)
                })
                .map(|(_, wire_type, _)| (*wire_type).to_owned());
            let mut types: Vec<_> = live
                .iter()
                .filter_map(|channel| channel["type"].as_str().map(str::to_owned))
                .filter(|wire_type| !section_is_null(wire_type, spec))
                .collect();
            let live_types = types.len();
            for wire_type in declared {
                if !types[..live_types].contains(&wire_type) {
                    types.push(wire_type);
                }
            }
            let says_something = CHANNELS
                .iter()
                .flat_map(|(channel, ..)| fields_of(*channel))
                .any(|field| spec.get(field).is_some());
            says_something.then_some(types)
        }
    }
}

/// Whether a null takes the whole channel away.
fn section_is_null(wire_type: &str, spec: &Value) -> bool {
    CHANNELS.iter().any(|(channel, known, _)| {
        *known == wire_type
            && *channel != Channel::InApp
            && spec.get(channel.word()).is_some_and(Value::is_null)
    })
}

/// The spec fields that speak of a channel.
fn fields_of(channel: Channel) -> impl Iterator<Item = &'static str> {
    let top: &[_] = match channel {
        Channel::InApp => &["appNames", "language", "message", "image"],
        _ => &[],
    };
    top.iter().copied().chain([channel.word()])
}

fn lower_channel(
    wire_type: &str,
    live: Option<&Value>,
    spec: &Value,
    lookup: &dyn Lookup,
) -> Value {
    let typed = json!({ "type": wire_type });
    let Some((channel, _, fields)) = CHANNELS.iter().find(|(_, known, _)| *known == wire_type)
    else {
        return live.cloned().unwrap_or(typed);
    };
    let nothing = Value::Null;
    let section = spec.get(channel.word()).unwrap_or(&nothing);
    let mut lowered = if *channel == Channel::InApp {
        let says_nothing = spec.get(channel.word()).is_some_and(Value::is_null);
        let live = live.map(|live| {
            if says_nothing {
                plain(live)
            } else {
                live.clone()
            }
        });
        overlay_object(
            fields,
            live.as_ref(),
            &in_app_section(spec, section),
            lookup,
        )
    } else {
        overlay_object(fields, live, section, lookup)
    };
    merge(&mut lowered, &typed);
    if *channel == Channel::InApp {
        lower_components(spec, &mut lowered, lookup);
    }
    lowered
}

/// An In-App channel without what its own section carries, which a null of that section takes away.
fn plain(channel: &Value) -> Value {
    let mut channel = channel.clone();
    if let Value::Object(channel) = &mut channel {
        channel.retain(|key, _| {
            key == "type" || key == COMPONENTS || IN_APP.iter().any(|field| field.wire == key)
        });
    }
    channel
}

/// The top-level fields of the In-App channel and the `extra` of its section, as one section.
fn in_app_section(spec: &Value, section: &Value) -> Value {
    let fields = IN_APP.iter().map(|field| field.spec);
    let top = fields.filter_map(|key| Some((key.to_owned(), spec.get(key)?.clone())));
    let extra = section
        .get(EXTRA)
        .map(|extra| (EXTRA.to_owned(), extra.clone()));
    top.chain(extra).collect()
}

fn lower_components(spec: &Value, channel: &mut Value, lookup: &dyn Lookup) {
    let mut components = match channel.get(COMPONENTS) {
        Some(Value::Array(components)) => components.clone(),
        _ => Vec::new(),
    };
    let mut declared = false;
    for row @ (part, wire_type, _) in PARTS {
        let Some(spec) = spec.get(*part) else {
            continue;
        };
        declared = true;
        let at = (components.iter()).position(|component| component["type"] == *wire_type);
        if spec.is_null() {
            components.retain(|component| component["type"] != *wire_type);
            continue;
        }
        let mut lowered = lower_part(row, at.map(|at| &components[at]), spec, lookup);
        merge(&mut lowered, &json!({ "type": wire_type }));
        match at {
            Some(at) => components[at] = lowered,
            None => components.push(lowered),
        }
    }
    if declared && let Value::Object(channel) = channel {
        channel.insert(COMPONENTS.to_owned(), components.into());
    }
}

/// `part` is a row of [`PARTS`].
fn lower_part(
    (part, _, fields): &(&str, &str, &[Field]),
    live: Option<&Value>,
    spec: &Value,
    lookup: &dyn Lookup,
) -> Value {
    let marked = get_path(spec, "extra.Variables").is_some_and(Value::is_null);
    if *part != IMAGE_PART || !(marked || live.is_some_and(small_variables)) {
        return overlay_object(fields, live, spec, lookup);
    }
    // The component spells its variables with a small letter: rename them around the table.
    let mut live = live.cloned();
    if let Some(live) = &mut live {
        rename(live, VARIABLES, CAPITAL_VARIABLES);
    }
    let mut spec = spec.clone();
    if let Some(Value::Object(extra)) = spec.get_mut(EXTRA) {
        extra.retain(|key, value| key != CAPITAL_VARIABLES || !value.is_null());
    }
    let mut lowered = overlay_object(fields, live.as_ref(), &spec, lookup);
    rename(&mut lowered, CAPITAL_VARIABLES, VARIABLES);
    lowered
}

/// Whether an image spells its variables with a small letter. The spec marks it by a null for the other
/// spelling in `extra`.
fn small_variables(component: &Value) -> bool {
    component.get(VARIABLES).is_some_and(Value::is_array)
        && component.get(CAPITAL_VARIABLES).is_none()
}

fn rename(component: &mut Value, from: &str, to: &str) {
    if let Value::Object(component) = component
        && let Some(value) = component.shift_remove(from)
    {
        component.insert(to.to_owned(), value);
    }
}

/// Takes `channels` where the friendly form says all of it.
pub(super) fn lift_channels(body: &mut Value, spec: &mut Value, lookup: &dyn Lookup) {
    let Some(channels @ Value::Array(list)) = body.get("channels") else {
        return;
    };
    let Some(friendly) = lift_list(list, lookup) else {
        return;
    };
    let mut lowered = json!({});
    lower_channels(&friendly, &mut lowered, lookup);
    if lowered.get("channels") == Some(channels) {
        if let (Value::Object(spec), Value::Object(friendly)) = (spec, friendly) {
            spec.extend(friendly);
        }
        if let Value::Object(body) = body {
            body.shift_remove("channels");
        }
    }
}

/// Reads what it can of channels that the friendly form does not say all of: an unknown channel or component hides
/// nothing of those beside it.
pub(super) fn read_channels(spec: &mut Value, lookup: &dyn Lookup) {
    let Some(channels @ Value::Array(list)) = get_path(spec, "extra.channels") else {
        return;
    };
    let is_twice =
        |(at, channel): (usize, &Value)| list[..at].iter().any(|it| it["type"] == channel["type"]);
    if list.iter().enumerate().any(is_twice) {
        return;
    }
    let readable = list.iter().filter_map(|channel| readable(channel, lookup));
    let mut readable = readable.fold(Map::new(), |mut all, one| {
        all.extend(one);
        all
    });
    let words = list.iter().map(|channel| {
        let mut known = CHANNELS.iter();
        let known = known.find(|(_, wire_type, _)| channel["type"] == *wire_type);
        let word = known.map(|(channel, ..)| channel.word().into());
        word.unwrap_or_else(|| channel["type"].clone())
    });
    let words: Vec<Value> = words.collect();
    let channel = match words.as_slice() {
        [one] => one.clone(),
        _ => words.into(),
    };
    readable.insert("channel".to_owned(), channel);
    // What would not be written back as it is was not understood.
    let mut same = json!({ "channels": channels });
    lower_channels(&Value::Object(readable.clone()), &mut same, lookup);
    if same.get("channels") != Some(channels) {
        return;
    }
    if let Value::Object(spec) = spec {
        for (field, value) in readable {
            spec.entry(field).or_insert(value);
        }
    }
}

/// Reads the components of an In-App channel beside unknown ones, which keep all of them in `inApp`.
pub(super) fn read_components(spec: &mut Value, lookup: &dyn Lookup) {
    let components = get_path(spec, "inApp.extra.messageComponents");
    let Some(components) = components.and_then(Value::as_array) else {
        return;
    };
    let parts = readable_parts(components, lookup);
    let mut read = spec.clone();
    if let Value::Object(read) = &mut read {
        read.extend(parts);
    }
    let lowered = |spec: &Value| {
        let mut body = json!({});
        lower_channels(spec, &mut body, lookup);
        body
    };
    // What would not be written back as it is was not understood.
    if lowered(&read) == lowered(spec) {
        *spec = read;
    }
}

/// The parts of an In-App message among its components. Which of two images is meant is not known, so that neither is
/// read.
fn readable_parts(components: &[Value], lookup: &dyn Lookup) -> Map<String, Value> {
    let mut parts = Map::new();
    for component in components {
        let alike = components
            .iter()
            .filter(|it| it["type"] == component["type"]);
        if alike.count() == 1 {
            let mut alone = json!({ COMPONENTS: [component] });
            parts.extend(lift_components(&mut alone, lookup));
        }
    }
    parts
}

/// The fields of one channel that can be read, each component by itself.
fn readable(channel: &Value, lookup: &dyn Lookup) -> Option<Map<String, Value>> {
    if channel["type"] != "inapp" {
        let Value::Object(mut spec) = lift_list(std::slice::from_ref(channel), lookup)? else {
            return None;
        };
        spec.shift_remove("channel");
        return Some(spec);
    }
    let mut rest = channel.clone();
    let components = rest.as_object_mut()?.shift_remove(COMPONENTS);
    let Value::Object(mut spec) = lift_object(IN_APP, &rest, lookup) else {
        return None;
    };
    spec.shift_remove(EXTRA);
    if let Some(Value::Array(components)) = components {
        spec.extend(readable_parts(&components, lookup));
    }
    Some(spec)
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

fn lift_list(channels: &[Value], lookup: &dyn Lookup) -> Option<Value> {
    let mut spec = Map::new();
    let mut words = Vec::new();
    for body in channels {
        let (channel, _, fields) = (CHANNELS.iter())
            .find(|(_, wire_type, _)| body.get("type").is_some_and(|found| found == wire_type))?;
        let mut rest = body.clone();
        rest.as_object_mut()?.shift_remove("type");
        let parts = match channel {
            Channel::InApp => lift_components(&mut rest, lookup),
            _ => Map::new(),
        };
        let mut section = lift_object(fields, &rest, lookup);
        if *channel == Channel::InApp {
            let extra = section.as_object_mut()?.shift_remove(EXTRA);
            spec.extend(std::mem::take(section.as_object_mut()?));
            spec.extend(parts);
            section = extra.map_or_else(|| json!({}), |extra| json!({ EXTRA: extra }));
        }
        if section
            .as_object()
            .is_some_and(|section| !section.is_empty())
        {
            spec.insert(channel.word().to_owned(), section);
        }
        words.push(Value::from(channel.word()));
    }
    let channel = match <[Value; 1]>::try_from(words) {
        Ok([word]) => word,
        Err(words) if words.is_empty() => return None,
        Err(words) => words.into(),
    };
    spec.insert("channel".to_owned(), channel);
    Some(Value::Object(spec))
}

/// The parts of an In-App message, taken out of the channel when each is there at most once.
fn lift_components(channel: &mut Value, lookup: &dyn Lookup) -> Map<String, Value> {
    let mut spec = Map::new();
    let Some(Value::Array(components)) = channel.get(COMPONENTS) else {
        return spec;
    };
    for component in components {
        let row = PARTS.iter().find(|(part, wire_type, _)| {
            component
                .get("type")
                .is_some_and(|found| found == wire_type)
                && !spec.contains_key(*part)
        });
        let Some(row @ (part, ..)) = row else {
            return Map::new();
        };
        let mut rest = component.clone();
        if let Value::Object(rest) = &mut rest {
            rest.shift_remove("type");
        }
        spec.insert((*part).to_owned(), lift_part(row, rest, lookup));
    }
    // An empty list is not the same as no list.
    if !components.is_empty()
        && let Value::Object(channel) = channel
    {
        channel.shift_remove(COMPONENTS);
    }
    spec
}

fn lift_part(
    (part, _, fields): &(&str, &str, &[Field]),
    mut component: Value,
    lookup: &dyn Lookup,
) -> Value {
    let small = *part == IMAGE_PART && small_variables(&component);
    if small {
        rename(&mut component, VARIABLES, CAPITAL_VARIABLES);
    }
    let mut part = lift_object(fields, &component, lookup);
    if small {
        merge(&mut part, &json!({ EXTRA: {} }));
        part[EXTRA][CAPITAL_VARIABLES] = Value::Null;
    }
    part
}
