//! A send of the Proactive API, whose side effect is a campaign with an engagement that the platform makes
//! by itself (wire section 6). No message goes anywhere.

use axum::http::Method;
use rusqlite::Transaction;
use serde_json::{Map, Value, json};

use crate::kinds::ALL;
use crate::name::RemoteId;

use super::call::{Call, Reply};
use super::engine::Engine;
use super::errors::Failure;
use super::place::Place;
use super::rows::{self, Row};
use super::{Emulator, account};

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

/// The newest of the published limits.
const MOST_CONSUMERS: usize = 100;

/// `POST /api/v2/account/{acct}/campaign`.
pub(super) fn send(emulator: &Emulator, call: &Call) -> Result<Reply, Failure> {
    if call.method != Method::POST {
        return Err(Failure::method_not_allowed("only POST is served here"));
    }
    let request = call.json()?;
    let name = check(&request)?;
    let (outer, inner, trace) = emulator.store.write(|tx| {
        check_template(tx, emulator, &request)?;
        let (outer, inner) = make(tx, emulator, call, name)?;
        Ok::<_, Failure>((outer, inner, rows::random_uuid(tx)?))
    })?;
    emulator.stats.commit();
    let (accepted, failed) = consumers(&request);
    Ok(Reply::ok(json!({
        "proactiveCampaignId": trace,
        "leCampaignId": outer,
        "leEngagementId": inner,
        "requestTraceId": trace,
        "acceptedConsumers": accepted,
        "failedConsumers": failed,
    })))
}

/// Checks a request, and returns its name.
fn check(request: &Value) -> Result<&str, Failure> {
    let is_missing = |key: &&str| request.get(key).is_none_or(Value::is_null);
    let missing: Vec<_> = REQUIRED.into_iter().filter(is_missing).collect();
    if !missing.is_empty() {
        return Err(Failure::bad_request(format!(
            "Fields missing in request: {}",
            missing.join(", ")
        )));
    }
    for (key, longest) in LONGEST {
        let length = request[key].as_str().map(|text| text.chars().count());
        if length.is_none_or(|length| length == 0 || length > longest) {
            return Err(Failure::bad_request(format!(
                "{key} is a text of 1 to {longest} letters"
            )));
        }
    }
    if request["consent"] != Value::Bool(true) {
        return Err(Failure::bad_request("consent must be true"));
    }
    let count = request["consumers"].as_array().map_or(0, Vec::len);
    if !(1..=MOST_CONSUMERS).contains(&count) {
        return Err(Failure::bad_request(format!(
            "consumers holds 1 to {MOST_CONSUMERS} consumers"
        )));
    }
    Ok(request["campaignName"].as_str().unwrap_or_default())
}

/// A template is a handoff, by its id.
fn check_template(
    tx: &Transaction<'_>,
    emulator: &Emulator,
    request: &Value,
) -> Result<(), Failure> {
    let id = request["templateId"].as_str().unwrap_or_default();
    let found = match Place::handoffs() {
        Some(place) => rows::get(tx, &place.scope(&emulator.account), id)?,
        None => None,
    };
    match found {
        Some(row) if !row.deleted => Ok(()),
        _ => Err(Failure::bad_request(format!("there is no template {id}"))),
    }
}

/// Makes the rows of a send, and returns their ids.
fn make(
    tx: &Transaction<'_>,
    emulator: &Emulator,
    call: &Call,
    name: &str,
) -> Result<(String, String), Failure> {
    let outer = ALL
        .iter()
        .filter(|def| def.parent.is_none())
        .filter_map(|def| Place::new(def, ""))
        .find(|place| place.collection.proactive_row.is_some())
        .ok_or_else(Failure::no_data)?;
    let parent = row(tx, emulator, &outer, name)?;
    let inner = outer.below(&parent.id).ok_or_else(Failure::no_data)?;
    let child = row(tx, emulator, &inner, name)?;
    let mut body = parent.body;
    if let Some(key) = outer.children_key() {
        body[key] = json!([RemoteId::from(child.id.as_str()).to_wire()]);
    }
    let parent = Row { body, ..parent };
    rows::update(tx, &outer.scope(&emulator.account), &parent, Some(name))?;
    for place in [&outer, &inner] {
        let engine = Engine {
            emulator,
            call,
            place,
            now: emulator.now(),
        };
        rows::bump(tx, &engine.revision_scope(place))?;
    }
    Ok((parent.id, child.id))
}

/// A new row of a place, as the platform makes it for a send.
fn row(
    tx: &Transaction<'_>,
    emulator: &Emulator,
    place: &Place,
    name: &str,
) -> Result<Row, Failure> {
    let text = place.collection.proactive_row.unwrap_or("{}");
    let mut raw: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    raw.insert(place.collection.name_key.to_owned(), name.into());
    let row = account::completed(tx, place, &emulator.account, (raw, emulator.now()))?;
    account::store(tx, place, &emulator.account, &row)?;
    Ok(row)
}

/// The consumers that a message could go to, and the others.
fn consumers(request: &Value) -> (Vec<Value>, Vec<Value>) {
    let all = request["consumers"].as_array().into_iter().flatten();
    let shown = all.enumerate().map(|(index, consumer)| {
        let content = consumer.get("consumerContent").cloned().unwrap_or_default();
        json!({ "id": (index + 1).to_string(), "consumerContent": content })
    });
    let (accepted, mut failed): (Vec<_>, Vec<_>) = shown.partition(|consumer| {
        let content = consumer["consumerContent"].as_object();
        content.is_some_and(|content| !content.is_empty())
    });
    for consumer in &mut failed {
        consumer["errorMessage"] = "MISSING_CONSUMER_INFORMATION".into();
    }
    (accepted, failed)
}
