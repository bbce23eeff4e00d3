//! The channels of a handoff, from a body into a spec.
//!
//! The friendly form of `channels` is taken only when it lowers to the very same channels again. Else the
//! channels stay in `extra`, verbatim, and what can be read of them is read beside that for comparing.

use serde_json::{Map, Value, json};

use crate::kinds::Lookup;
use crate::kinds::field::Field;
use crate::kinds::mapping::{EXTRA, get_path, lift_object, merge};

use super::Channel;
use super::lower::{lower_channels, rename, small_variables};
use super::wire::{CAPITAL_VARIABLES, CHANNELS, COMPONENTS, IMAGE_PART, IN_APP, PARTS, VARIABLES};

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
