//! A send of the Proactive API, whose side effect is an engagement in a campaign of the platform's own
//! (platform.md#proactive-sends). No message goes anywhere.

mod consumers;
mod conversations;
mod reporting;
mod request;

use axum::http::Method;
use rusqlite::Transaction;
use serde_json::{Map, Value, json};

use crate::kinds::ALL;
use crate::name::RemoteId;

use super::call::{IncomingCall, Reply};
use super::engine::Engine;
use super::errors::RefusedRequest;
use super::place::CollectionPlace;
use super::rows::{self, StoredRow};
use super::{Emulator, account};

pub(super) use conversations::{conversations, sends};
pub(super) use reporting::{ReportQuery, report};

/// The name of the one campaign that all sends share. What the platform calls it is unknown.
const CAMPAIGN: &str = "Proactive Messaging";

/// What the names of its engagements begin with.
const ENGAGEMENT: &str = "prmsg";

/// The text template that is valid on every account.
const GENERAL_TEMPLATE: &str = "1234567890";

/// The channel of the general template.
const GENERAL_CHANNEL: &str = "sms-twilio";

/// `POST /api/v2/account/{acct}/campaign`.
pub(super) fn send(emulator: &Emulator, call: &IncomingCall) -> Result<Reply, RefusedRequest> {
    if call.method != Method::POST {
        return Err(RefusedRequest::method_not_allowed(
            "only POST is served here",
        ));
    }
    let request = call.json()?;
    request::check(&request)?;
    let (outer, inner, trace, accepted, failed) = emulator.store.write(|tx| {
        let (channel, variables) = channel_of_template(tx, emulator, &request)?;
        let (accepted, failed) = consumers::sort(&request, &channel, variables.as_deref());
        let trace = rows::random_uuid(tx)?;
        let short: String = trace.chars().take(8).collect();
        let name = format!("{ENGAGEMENT} {short}");
        let (outer, inner) = make(tx, emulator, call, &name)?;
        conversations::count(tx, emulator, &channel, accepted.len())?;
        conversations::keep(tx, emulator, (&request, &channel), (&trace, &accepted))?;
        Ok::<_, RefusedRequest>((outer, inner, trace, accepted, failed))
    })?;
    emulator.stats.commit();
    Ok(Reply::ok(json!({
        "proactiveCampaignId": trace,
        "leCampaignId": outer,
        "leEngagementId": inner,
        "requestTraceId": trace,
        "acceptedConsumers": accepted,
        "failedConsumers": failed,
    })))
}

/// A template is a handoff, by its id, or the general one. Returns the first channel that it tries, and the variables of
/// its texts; those of the general one are not looked at.
fn channel_of_template(
    tx: &Transaction<'_>,
    emulator: &Emulator,
    request: &Value,
) -> Result<(String, Option<Vec<String>>), RefusedRequest> {
    let id = request["templateId"].as_str().unwrap_or_default();
    if id == GENERAL_TEMPLATE {
        return Ok((GENERAL_CHANNEL.to_owned(), None));
    }
    let found = match CollectionPlace::handoffs() {
        Some(place) => rows::get(tx, &place.scope(&emulator.account), id)?,
        None => None,
    };
    match found {
        Some(row) if !row.deleted => {
            let channel = &row.body["channels"][0];
            let kind = channel["type"].as_str().unwrap_or_default().to_owned();
            Ok((kind, Some(consumers::variables_of(channel))))
        }
        _ => Err(RefusedRequest::bad_request(format!(
            "there is no template {id}"
        ))),
    }
}

/// Adds an engagement to the campaign that all sends share, and returns the ids of both.
fn make(
    tx: &Transaction<'_>,
    emulator: &Emulator,
    call: &IncomingCall,
    name: &str,
) -> Result<(String, String), RefusedRequest> {
    let outer = ALL
        .iter()
        .filter(|def| def.parent.is_none())
        .filter_map(|def| CollectionPlace::new(def, ""))
        .find(|place| place.collection.proactive_row.is_some())
        .ok_or_else(RefusedRequest::no_data)?;
    let scope = outer.scope(&emulator.account);
    let live = rows::list(tx, &scope, false)?;
    let shared = (live.into_iter()).find(|row| outer.collection.is_system(&row.body));
    let parent = match shared {
        Some(row) => row,
        None => row(tx, emulator, &outer, CAMPAIGN)?,
    };
    let inner = outer
        .below(&parent.id)
        .ok_or_else(RefusedRequest::no_data)?;
    let child = row(tx, emulator, &inner, name)?;
    let mut body = parent.body;
    if let Some(key) = outer.children_key() {
        let mut listed = body[key].as_array().cloned().unwrap_or_default();
        listed.push(RemoteId::from(child.id.as_str()).to_wire());
        body[key] = listed.into();
    }
    let parent = StoredRow { body, ..parent };
    let name = super::body::name(outer.collection, &parent.body);
    rows::update(tx, &scope, &parent, name)?;
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
    place: &CollectionPlace,
    name: &str,
) -> Result<StoredRow, RefusedRequest> {
    let text = place.collection.proactive_row.unwrap_or("{}");
    let mut raw: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    raw.insert(place.collection.name_key.to_owned(), name.into());
    let row = account::completed(tx, place, &emulator.account, (raw, emulator.now()))?;
    account::store(tx, place, &emulator.account, &row)?;
    Ok(row)
}
