//! The Monitoring API: what a visitor of an app is shown, and why (platform.md#monitoring).
//!
//! Version, body, app and session are checked in this order, and refused with the published codes
//! (platform.md#monitoring-errors). Then [`decide`] looks for the engagement, by the rows of the account alone: it shares
//! nothing with the evaluator of scenarios.

mod control;
mod decide;
mod facts;
mod meaning;
mod report;
mod request;
mod session;
mod state;
mod visit;
mod world;

use std::sync::atomic::Ordering;

use axum::http::{Method, StatusCode};
use rusqlite::Transaction;
use serde_json::Value;

use crate::kinds::{ALL, IdForm};

use super::Emulator;
use super::call::{Body, IncomingCall, Reply};
use super::errors::RefusedRequest;
use super::place::CollectionPlace;
use super::routes::PathRoute;
use super::rows;
pub(super) use control::control;
use decide::VisitorDecider;
pub use meaning::ServedCondition;
pub(super) use report::report;
use request::{MonitoringRequest, Reports};
use session::CallSession;
pub(super) use state::MonitoringState;
pub(super) use visit::visit;
use world::ServedWorld;

/// The visitor of a call that names none, where a fault and not this module answers it.
const VISITOR_OF_FAULTS: &str = "visitor-of-a-fault";

/// The published codes of refusals.
pub(super) const FAULT: i64 = 18;
const APP: i64 = 18;
const BODY: i64 = 5;
const LOADING_OLD: i64 = 20;
const LOADING: i64 = 38;
const SESSION: i64 = 39;
const VERSION: i64 = 33;
const VISITOR: i64 = 37;

/// `POST /api/account/{acct}/app/{appInstallationId}/engagement`.
pub(super) fn engagement(
    emulator: &Emulator,
    call: &IncomingCall,
    app_installation: &str,
) -> Result<Reply, RefusedRequest> {
    if call.method != Method::POST {
        return Err(RefusedRequest::method_not_allowed(
            "only POST is served here",
        ));
    }
    let version = call.param("v").unwrap_or_default();
    if !["1.0", "1.1"].contains(&version) {
        let message = format!("version `{version}` is not supported, use v=1.1 or v=1.0");
        return Err(RefusedRequest::coded(
            StatusCode::BAD_REQUEST,
            VERSION,
            message,
        ));
    }
    let request = MonitoringRequest::read(call, Reports::Attributes)?;
    report::count(emulator, &request.attributes);
    let reply = emulator.store.read(|tx| {
        if !is_installed(tx, emulator, app_installation)? {
            return Err(unknown_app(app_installation));
        }
        loading(emulator, version, call, tx)?;
        let session = CallSession::of(emulator, call, tx)?;
        let found = match emulator.monitoring.conversation(&request.subjects) {
            Some(conversation) => Some(conversation),
            None => shown(emulator, tx, (&session, &request), app_installation)?,
        };
        session.reply(found, tx)
    })?;
    Ok(as_called(emulator, reply))
}

/// The answer under the media type that the settings want.
fn as_called(emulator: &Emulator, reply: Reply) -> Reply {
    match reply.body {
        Body::Json(body) if emulator.settings.monitoring_octet_stream => Reply {
            body: Body::Octets(body),
            ..reply
        },
        _ => reply,
    }
}

/// The details of what a visitor is shown. The session keeps what the call says, and what comes of it.
fn shown(
    emulator: &Emulator,
    tx: &Transaction<'_>,
    (session, request): (&CallSession, &MonitoringRequest),
    app_installation: &str,
) -> Result<Option<Value>, RefusedRequest> {
    let monitoring = &emulator.monitoring;
    let world = ServedWorld::served(emulator, tx)?;
    let take = |kept: &mut session::KeptSession| kept.take(request, app_installation);
    let Some(kept) = monitoring.sessions.change(&session.id, take) else {
        return Ok(None);
    };
    let decider = VisitorDecider {
        emulator,
        world: &world,
        app_installation,
        visitor: &session.visitor,
        facts: &kept.facts,
        now: monitoring.now(emulator),
    };
    let found = decider.run();
    let context = (kept.shown.len() + 1).to_string();
    monitoring.sessions.change(&session.id, |kept| {
        kept.facts.pages.push(request.entry_points.clone());
        kept.shown.extend(found.map(|it| {
            let (campaign, engagement) = (it.parent.row.id.clone(), it.row.id.clone());
            [campaign, engagement, context.clone()]
        }));
    });
    Ok(found.map(|it| Value::Object(it.details(&context))))
}

/// The refusal of an app that is not installed, or of another account.
pub(super) fn unknown_app(id: &str) -> RefusedRequest {
    let message = format!("the app installation {id} does not exist");
    RefusedRequest::coded(StatusCode::NOT_FOUND, APP, message)
}

/// Whether the app is installed and switched on. Its collection is the one whose ids are UUIDs.
fn is_installed(tx: &Transaction<'_>, emulator: &Emulator, id: &str) -> rusqlite::Result<bool> {
    let apps = ALL
        .iter()
        .filter_map(|def| CollectionPlace::new(def, ""))
        .find(|place| place.collection.id == IdForm::Uuid);
    let Some(apps) = apps else { return Ok(false) };
    let row = rows::get(tx, &apps.scope(&emulator.account), id)?;
    Ok(row.is_some_and(|row| !row.deleted && row.body.get("enabled") != Some(&false.into())))
}

/// The refusal of an account that is not ready yet, as often as the settings want it. The visitor id to repeat
/// the call with is inside the text, and nowhere else.
fn loading(
    emulator: &Emulator,
    version: &str,
    call: &IncomingCall,
    tx: &Transaction<'_>,
) -> Result<(), RefusedRequest> {
    let calls = emulator.monitoring.calls.fetch_add(1, Ordering::Relaxed);
    if calls >= emulator.settings.monitoring_loading {
        return Ok(());
    }
    let visitor = match session::given(call, "vid") {
        Some(visitor) => visitor.to_owned(),
        None => session::fresh(tx)?,
    };
    let (status, code) = match version {
        "1.0" => (StatusCode::INTERNAL_SERVER_ERROR, LOADING_OLD),
        _ => (StatusCode::ACCEPTED, LOADING),
    };
    let message = text_of(&emulator.account, &visitor);
    Err(RefusedRequest::coded(status, code, message))
}

/// What a fault says of an account that is being loaded. Only the Monitoring API has a published text.
pub(super) fn loading_text(call: &IncomingCall) -> String {
    match PathRoute::of(call) {
        PathRoute::Monitoring { account, .. } => text_of(
            account,
            session::given(call, "vid").unwrap_or(VISITOR_OF_FAULTS),
        ),
        _ => "Loading account".to_owned(),
    }
}

fn text_of(account: &str, visitor: &str) -> String {
    format!("Loading account: {account}, vid: {visitor}")
}
