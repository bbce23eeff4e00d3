//! The body of a send, checked as the vendor's page has it (platform.md#proactive-sends).

use serde_json::Value;

use crate::sandbox::errors::RefusedRequest;

/// What a request must have.
const REQUIRED: [&str; 5] = [
    "campaignName",
    "skill",
    "templateId",
    "consent",
    "consumers",
];

/// The longest texts.
const LONGEST: [(&str, usize); 3] = [("campaignName", 255), ("skill", 255), ("templateId", 32)];

/// The longest number of the sender, which In-App sends leave out.
const LONGEST_NUMBER: usize = 16;

/// The longest value of a variable.
const LONGEST_VALUE: usize = 1550;

/// The newest of the published limits.
const MOST_CONSUMERS: usize = 100;

const DAYS: [&str; 7] = [
    "MONDAY",
    "TUESDAY",
    "WEDNESDAY",
    "THURSDAY",
    "FRIDAY",
    "SATURDAY",
    "SUNDAY",
];

/// Checks a request; who it goes to is looked at later.
pub(super) fn check(request: &Value) -> Result<(), RefusedRequest> {
    let is_missing = |key: &&str| request.get(key).is_none_or(Value::is_null);
    let missing: Vec<_> = REQUIRED.into_iter().filter(is_missing).collect();
    if !missing.is_empty() {
        return Err(RefusedRequest::bad_request(format!(
            "Fields missing in request: {}",
            missing.join(", ")
        )));
    }
    for (key, longest) in LONGEST {
        let length = request[key].as_str().map(|text| text.chars().count());
        if length.is_none_or(|length| length == 0 || length > longest) {
            return Err(RefusedRequest::bad_request(format!(
                "{key} is a text of 1 to {longest} letters"
            )));
        }
    }
    if let Some(number) = request.get("outboundNumber").filter(|it| !it.is_null())
        && number
            .as_str()
            .is_none_or(|text| text.len() > LONGEST_NUMBER)
    {
        return Err(RefusedRequest::bad_request(format!(
            "outboundNumber is a text of at most {LONGEST_NUMBER} letters"
        )));
    }
    if request["consent"] != Value::Bool(true) {
        return Err(RefusedRequest::bad_request("consent must be true"));
    }
    let count = request["consumers"].as_array().map_or(0, Vec::len);
    if !(1..=MOST_CONSUMERS).contains(&count) {
        return Err(RefusedRequest::bad_request(format!(
            "consumers holds 1 to {MOST_CONSUMERS} consumers"
        )));
    }
    let consumers = request["consumers"].as_array().into_iter().flatten();
    let values = consumers.flat_map(|consumer| {
        let lists = [&consumer["variables"], &consumer["headerVariables"]];
        let lists = lists.into_iter().filter_map(Value::as_object);
        lists.flat_map(serde_json::Map::values)
    });
    let mut texts = values.filter_map(Value::as_str);
    if texts.any(|text| text.chars().count() > LONGEST_VALUE) {
        return Err(RefusedRequest::bad_request(format!(
            "a variable is a text of at most {LONGEST_VALUE} letters"
        )));
    }
    schedule(request)
}

/// The windows in which messages may go out.
fn schedule(request: &Value) -> Result<(), RefusedRequest> {
    let Some(metrics) = request.get("schedulingMetrics").filter(|it| !it.is_null()) else {
        return Ok(());
    };
    let windows = metrics.get("windows").and_then(Value::as_array);
    let is_window = |window: &Value| {
        let day = window.get("day").and_then(Value::as_str);
        let is_time = |key| window.get(key).is_some_and(is_time);
        day.is_some_and(|day| DAYS.contains(&day)) && is_time("startTime") && is_time("endTime")
    };
    match windows {
        Some(windows) if windows.iter().all(is_window) => Ok(()),
        _ => Err(RefusedRequest::bad_request(
            "schedulingMetrics holds windows, each with a day, a startTime and an endTime",
        )),
    }
}

/// An hour and a minute, as texts.
fn is_time(time: &Value) -> bool {
    let is_number = |key, end: u8| {
        let text = time.get(key).and_then(Value::as_str);
        text.is_some_and(|text| text.parse::<u8>().is_ok_and(|number| number < end))
    };
    is_number("hour", 24) && is_number("minute", 60)
}
