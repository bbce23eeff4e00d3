//! The report call: attributes and impressions of a session (platform.md#monitoring-reports).

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::request::{IMPRESSION, MonitoringRequest, Reports, invalid};
use super::session::{self, CallSession};
use super::{VERSION, as_called, is_installed, unknown_app};
use crate::name::RemoteId;
use crate::sandbox::Emulator;
use crate::sandbox::call::{IncomingCall, Reply};
use crate::sandbox::errors::RefusedRequest;

/// What counts in the reports of the brand.
const COUNTED: [&str; 3] = ["purchase", "lead", "service"];

/// `PUT /api/account/{acct}/app/{appInstallationId}/report`.
pub(in crate::sandbox) fn report(
    emulator: &Emulator,
    call: &IncomingCall,
    app_installation: &str,
) -> Result<Reply, RefusedRequest> {
    const KEY: &str = "engagementAttributes";
    if call.method != Method::PUT {
        return Err(RefusedRequest::method_not_allowed(
            "only PUT is served here",
        ));
    }
    let version = call.param("v").unwrap_or_default();
    if version != "1.0" {
        let message = format!("version `{version}` is not supported, use v=1.0");
        return Err(RefusedRequest::coded(
            StatusCode::BAD_REQUEST,
            VERSION,
            message,
        ));
    }
    let request = MonitoringRequest::read(call, Reports::Everything)?;
    if request.attributes.is_empty() {
        return Err(invalid(KEY));
    }
    if request.subjects.is_empty() && session::given(call, "vid").is_none() {
        return Err(invalid("identities"));
    }
    let reply = emulator.store.read(|tx| {
        if !is_installed(tx, emulator, app_installation)? {
            return Err(unknown_app(app_installation));
        }
        let session = CallSession::of(emulator, call, tx)?;
        let mut fits = true;
        emulator.monitoring.sessions.change(&session.id, |kept| {
            let impressions = request.attributes.iter().filter(|it| is_impression(it));
            // A report names no visitor who has not signed in, so the session says whether one has.
            let is_anonymous = !request.is_signed_in.unwrap_or(kept.facts.is_signed_in);
            fits = impressions.clone().all(|it| is_shown(&kept.shown, it))
                && !(is_anonymous && request.names_customer());
            if !fits {
                return;
            }
            kept.facts.has_seen |= impressions.count() > 0;
            let others = request.attributes.iter().filter(|it| !is_impression(it));
            kept.facts.attributes.extend(others.cloned());
        });
        if !fits {
            return Err(invalid(KEY));
        }
        let ids = json!({ "sessionId": session.id, "visitorId": session.visitor });
        let status = if session.is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        Ok(Reply::json(status, ids))
    })?;
    count(emulator, &request.attributes);
    Ok(as_called(emulator, reply))
}

/// Counts what counts in the reports of the brand.
pub(super) fn count(emulator: &Emulator, attributes: &[Value]) {
    for attribute in attributes {
        let kind = attribute.get("type").and_then(Value::as_str);
        if let Some(kind) = kind.filter(|it| it.starts_with(IMPRESSION) || COUNTED.contains(it)) {
            emulator.stats.counted(kind);
        }
    }
}

fn is_impression(attribute: &Value) -> bool {
    let kind = attribute.get("type").and_then(Value::as_str);
    kind.is_some_and(|it| it.starts_with(IMPRESSION))
}

/// Whether the session was shown the engagement of an impression.
fn is_shown(shown: &[[String; 3]], impression: &Value) -> bool {
    let id = |key: &str| impression.get(key).and_then(RemoteId::from_wire);
    let (Some(campaign), Some(engagement)) = (id("campaign"), id("engId")) else {
        return false;
    };
    shown
        .iter()
        .any(|[first, second, _]| first == campaign.as_str() && second == engagement.as_str())
}
