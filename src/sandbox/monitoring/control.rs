//! The back door of the Monitoring API: the clock of sessions, agents, open conversations, and what visitors closed.

use axum::http::Method;
use serde_json::{Map, Value};

use super::session::KeptSession;
use super::state::OpenConversation;
use crate::name::RemoteId;
use crate::sandbox::Emulator;
use crate::sandbox::call::{IncomingCall, Reply};
use crate::sandbox::errors::RefusedRequest;

/// `GET` and `POST /_sandbox/monitoring`.
pub(in crate::sandbox) fn control(
    emulator: &Emulator,
    call: &IncomingCall,
) -> Result<Reply, RefusedRequest> {
    match call.method {
        Method::GET => {}
        Method::POST => set(emulator, &call.json()?)?,
        _ => {
            return Err(RefusedRequest::method_not_allowed(
                "GET and POST are served here",
            ));
        }
    }
    Ok(Reply::ok(emulator.monitoring.report(emulator)))
}

fn set(emulator: &Emulator, body: &Value) -> Result<(), RefusedRequest> {
    let Some(body) = body.as_object() else {
        return Err(RefusedRequest::bad_request("the body must be an object"));
    };
    for (key, value) in body {
        match (key.as_str(), value.as_str()) {
            ("advance", Some(time)) => {
                let time = time.parse().map_err(|_| {
                    RefusedRequest::bad_request("`advance` is a time such as `31m` or `6h`")
                })?;
                emulator.monitoring.advance(time);
            }
            ("agents", Some(word @ ("available" | "none"))) => {
                emulator.monitoring.set_agents(word == "available");
            }
            ("conversations", None) => {
                let all = value.as_array().map(|all| all.iter().map(conversation));
                let all: Option<Option<Vec<OpenConversation>>> = all.map(Iterator::collect);
                let all = all.flatten().ok_or_else(|| {
                    let why = "`conversations` is a list of `{ sub, conversationId }`";
                    RefusedRequest::bad_request(why)
                })?;
                emulator.monitoring.set_conversations(all);
            }
            ("closed", None) => close(emulator, value)?,
            _ => {
                let why = format!(
                    "`{key}` cannot be set so: there are `advance`, `agents` (`available` or `none`), `conversations` and `closed`"
                );
                return Err(RefusedRequest::bad_request(why));
            }
        }
    }
    Ok(())
}

/// Notes what a visitor closed in a session.
fn close(emulator: &Emulator, value: &Value) -> Result<(), RefusedRequest> {
    let session = value.get("sid").and_then(Value::as_str);
    let engagement = value.get("engagementId").and_then(RemoteId::from_wire);
    let (Some(session), Some(engagement)) = (session, engagement) else {
        let why = "`closed` is `{ sid, engagementId }`";
        return Err(RefusedRequest::bad_request(why));
    };
    let note = |kept: &mut KeptSession| kept.facts.closed.push(engagement.as_str().to_owned());
    let kept = emulator.monitoring.sessions.change(session, note);
    kept.map(drop)
        .ok_or_else(|| RefusedRequest::bad_request("there is no such session"))
}

fn conversation(value: &Value) -> Option<OpenConversation> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let kept = [
        "campaignId",
        "engagementId",
        "engagementRevision",
        "contextId",
    ];
    let details = value.as_object()?.iter();
    let details = details.filter(|(key, _)| kept.contains(&key.as_str()));
    Some(OpenConversation {
        subject: text("sub")?,
        id: text("conversationId")?,
        details: details
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect::<Map<_, _>>(),
    })
}
