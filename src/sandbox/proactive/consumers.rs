//! Who of a send a message could go to (platform.md#proactive-sends), in the newer and the older form of consumers.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// What the ids of consumers begin with that the sandbox refuses: there is no other way to have an id that is none.
const INVALID: &str = "sandbox-invalid";

/// The consumers that a message could go to, and the others with the published reason.
pub(super) fn sort(
    request: &Value,
    channel: &str,
    declared: Option<&[String]>,
) -> (Vec<Value>, Vec<Value>) {
    let (mut accepted, mut failed) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let all = request["consumers"].as_array().into_iter().flatten();
    for (index, consumer) in all.enumerate() {
        let address = address_of(consumer);
        let mut shown = json!({ "id": (index + 1).to_string() });
        if let Some(number) = address.as_ref().filter(|text| text.starts_with('+')) {
            shown["phoneNumber"] = number.as_str().into();
        }
        shown["consumerContent"] = consumer.get("consumerContent").cloned().unwrap_or_default();
        let is_invalid = address.as_deref().is_some_and(|it| it.starts_with(INVALID));
        let fault = match address.map(|address| seen.insert(address)) {
            None => Some(missing(channel)),
            Some(false) => Some("DUPLICATE_NUMBER".to_owned()),
            Some(true) if is_invalid => Some("INVALID_NUMBER".to_owned()),
            Some(true) => bad_variable(consumer)
                .or_else(|| declared.and_then(|declared| bad_variables(consumer, declared))),
        };
        match fault {
            None => accepted.push(shown),
            Some(fault) => {
                shown["errorMessage"] = fault.into();
                failed.push(shown);
            }
        }
    }
    (accepted, failed)
}

/// Where a message would go: by channel, or by the two keys of older clients.
fn address_of(consumer: &Value) -> Option<String> {
    let content = consumer.get("consumerContent").and_then(Value::as_object);
    let newer = content.and_then(|content| content.values().find_map(Value::as_str));
    let older = || {
        let text = |key| consumer.get(key).and_then(Value::as_str);
        let (code, number) = (text("consumerCountryCode")?, text("consumerPhoneNumber")?);
        Some(format!("+{}{number}", code.trim_start_matches('+')))
    };
    let address = newer.map(str::to_owned).or_else(older);
    address.filter(|address| !address.is_empty())
}

fn missing(channel: &str) -> String {
    let channel = channel.split('-').next().unwrap_or_default();
    format!("MISSING_CONSUMER_INFORMATION=={}", channel.to_uppercase())
}

/// The values of variables are texts.
fn bad_variable(consumer: &Value) -> Option<String> {
    let variables = consumer.get("variables").and_then(Value::as_object);
    let bad = |variables: &Map<String, Value>| {
        let mut bad = variables.iter().filter(|(_, value)| !value.is_string());
        bad.next().map(|(key, _)| key.clone())
    };
    variables
        .and_then(bad)
        .map(|key| format!("VARIABLE_NOT_STRING={key}"))
}

/// The variables of the components of a channel; the vendor's samples spell the list in both ways.
pub(super) fn variables_of(channel: &Value) -> Vec<String> {
    let components = channel["messageComponents"]
        .as_array()
        .into_iter()
        .flatten();
    let lists = components.flat_map(|it| [&it["variables"], &it["Variables"]]);
    let names = lists.filter_map(Value::as_array).flatten();
    let mut names: Vec<String> = names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Whether a consumer has the variables that the template declares. Which of the reasons the platform gives where
/// several fit is not known.
fn bad_variables(consumer: &Value, declared: &[String]) -> Option<String> {
    let given = consumer.get("variables").and_then(Value::as_object);
    let count = given.map_or(0, Map::len);
    if count > declared.len() {
        return Some("TOO_MANY_VARIABLES".to_owned());
    }
    if count == 0 && !declared.is_empty() {
        return Some("INSUFFICIENT_VARIABLES".to_owned());
    }
    let lacks = |name: &&String| given.is_none_or(|given| !given.contains_key(*name));
    let missing = declared.iter().find(lacks);
    missing.map(|name| format!("MISSING_VARIABLE={name}"))
}
