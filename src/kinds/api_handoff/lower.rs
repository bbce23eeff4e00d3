//! The channels of a handoff, from a spec onto a body.

use serde_json::{Value, json};

use crate::kinds::Lookup;
use crate::kinds::field::Field;
use crate::kinds::mapping::{EXTRA, get_path, merge, overlay_object};

use super::Channel;
use super::wire::{CAPITAL_VARIABLES, CHANNELS, COMPONENTS, IMAGE_PART, IN_APP, PARTS, VARIABLES};

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
    // A channel that the spec says nothing of stays as it is; a null takes away what its section carries.
    let nothing = json!({});
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
pub(super) fn small_variables(component: &Value) -> bool {
    component.get(VARIABLES).is_some_and(Value::is_array)
        && component.get(CAPITAL_VARIABLES).is_none()
}

pub(super) fn rename(component: &mut Value, from: &str, to: &str) {
    if let Value::Object(component) = component
        && let Some(value) = component.shift_remove(from)
    {
        component.insert(to.to_owned(), value);
    }
}
