//! The handoff service: a public list that is read-only, as on the platform, and a separate write path
//! that only the sandbox has (platform.md#handoffs).
//!
//! The list answers a plain array; a client pages with `limit` and `offset` until a short page. What a
//! stored handoff holds is the whole element of platform.md#handoff-fields; the other published shape, bare
//! channel objects, is made from it at read. Writes send a whole handoff and may send `If-Match`; when
//! they do, it must be the revision.

use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::call::{IncomingCall, Reply};
use super::engine::Engine;
use super::errors::RefusedRequest;
use super::place::CollectionPlace;
use super::settings::{HandoffBodies, HandoffLimit, HandoffService};
use super::{Emulator, read, rows, write};

/// `GET /api/account/{acct}/app/prmsg/handoffs/list[/channel/{channel}]`.
pub(super) fn list(
    emulator: &Emulator,
    call: &IncomingCall,
    channel: Option<&str>,
) -> Result<Reply, RefusedRequest> {
    if call.sent_method != Method::GET {
        return Err(RefusedRequest::method_not_allowed("handoffs are read-only"));
    }
    match emulator.settings.handoff_service {
        HandoffService::Denied => {
            let why = "the handoffs may not be read".to_owned();
            return Err(RefusedRequest::new(StatusCode::FORBIDDEN, why));
        }
        HandoffService::NotFound => return Err(RefusedRequest::no_data()),
        HandoffService::Served | HandoffService::Unlisted => {}
    }
    if call.param("v") != Some("1") {
        return Err(RefusedRequest::bad_request("v=1 is required"));
    }
    let offset = number(call, "offset", 0)?;
    let limit = number(call, "limit", emulator.settings.handoff_page)?;
    let limit = granted(limit, emulator.settings.handoff_limit)?;
    let Some(place) = CollectionPlace::handoffs() else {
        return Ok(Reply::ok(Value::Array(Vec::new())));
    };
    let engine = engine(emulator, call, &place);
    let (found, revision) = emulator.store.read(|tx| {
        let scope = engine.scope();
        let found = rows::list(tx, &scope, false)?;
        Ok::<_, RefusedRequest>((found, rows::revision(tx, &scope)?))
    })?;
    let page = found
        .into_iter()
        .map(|row| row.body)
        .filter(|body| channel.is_none_or(|channel| has_channel(body, channel)))
        .skip(offset)
        .take(limit);
    let shown = match emulator.settings.handoff_bodies {
        HandoffBodies::Handoffs => page.collect(),
        HandoffBodies::Channels => page
            .flat_map(|body| channels(&body).to_vec())
            .filter(|body| channel.is_none_or(|channel| is_channel(body, channel)))
            .collect(),
    };
    Ok(engine.stamped(Reply::ok(Value::Array(shown)), revision))
}

/// `/_sandbox/account/{acct}/handoffs[/{id}]`, the write path of the sandbox.
pub(super) fn admin(
    emulator: &Emulator,
    call: &IncomingCall,
    item: Option<&str>,
) -> Result<Reply, RefusedRequest> {
    let place = CollectionPlace::handoffs().ok_or_else(RefusedRequest::no_data)?;
    let engine = engine(emulator, call, &place);
    match (&call.method, item) {
        (&Method::GET, None) => read::list(&engine),
        (&Method::GET, Some(id)) => read::item(&engine, id),
        (&Method::POST, None) => write::create(&engine),
        (&Method::PUT, Some(id)) => write::replace(&engine, id),
        (&Method::DELETE, Some(id)) => write::delete(&engine, &[id.to_owned()]),
        (method, _) => Err(RefusedRequest::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("{method} is not served on this path"),
        )),
    }
}

fn engine<'a>(
    emulator: &'a Emulator,
    call: &'a IncomingCall,
    place: &'a CollectionPlace,
) -> Engine<'a> {
    Engine {
        emulator,
        call,
        place,
        now: emulator.now(),
    }
}

/// How many rows a page has that so many were asked for.
fn granted(limit: usize, settings: HandoffLimit) -> Result<usize, RefusedRequest> {
    const SHOWN: usize = 30; // what the vendor's page asks for
    if limit <= SHOWN {
        return Ok(limit);
    }
    match settings {
        HandoffLimit::Served => Ok(limit),
        HandoffLimit::Hundred => Ok(limit.min(100)),
        HandoffLimit::Cut => Ok(SHOWN),
        HandoffLimit::Short => Ok(10),
        HandoffLimit::Empty => Ok(0),
        HandoffLimit::Refused => Err(RefusedRequest::bad_request("`limit` is too large")),
        HandoffLimit::Failing => Err(RefusedRequest::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the page cannot be made",
        )),
    }
}

fn number(call: &IncomingCall, name: &str, default: usize) -> Result<usize, RefusedRequest> {
    match call.param(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| {
            RefusedRequest::bad_request(format!("`{name}` is a number from 0, not `{text}`"))
        }),
    }
}

fn channels(handoff: &Value) -> &[Value] {
    handoff
        .get("channels")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice)
}

fn has_channel(handoff: &Value, channel: &str) -> bool {
    channels(handoff)
        .iter()
        .any(|body| is_channel(body, channel))
}

fn is_channel(body: &Value, channel: &str) -> bool {
    body.get("type").and_then(Value::as_str) == Some(channel)
}
