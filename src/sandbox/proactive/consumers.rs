//! Who of a send a message could go to (platform.md#proactive-sends), in the newer and the older form of consumers.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The consumers that a message could go to, and the others with the published reason.
pub(super) fn sort(request: &Value, channel: &str) -> (Vec<Value>, Vec<Value>) {
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
        let fault = match address.map(|address| seen.insert(address)) {
            None => Some(missing(channel)),
            Some(false) => Some("DUPLICATE_NUMBER".to_owned()),
            Some(true) => bad_variable(consumer),
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
