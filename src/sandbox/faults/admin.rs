//! The back door of faults: `/_sandbox/faults`, so that tests can script a sandbox that runs.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{Fault, FaultError, FaultReport};
use crate::sandbox::Emulator;
use crate::sandbox::call::{Body, IncomingCall, Reply};
use crate::sandbox::errors::RefusedRequest;

/// Answers a call on the faults (`id` is `None`) or on one of them.
pub(in crate::sandbox) fn answer(
    emulator: &Emulator,
    call: &IncomingCall,
    id: Option<&str>,
) -> Result<Reply, RefusedRequest> {
    let faults = &emulator.faults;
    match (&call.method, id) {
        (&Method::GET, None) => Ok(Reply::ok(json!(faults.list()))),
        (&Method::POST, None) => add(emulator, call),
        (&Method::DELETE, None) => {
            faults.clear();
            Ok(Reply::ok(json!([])))
        }
        (&Method::DELETE, Some(id)) if id.parse().is_ok_and(|id| faults.remove(id)) => {
            Ok(Reply::ok(json!(faults.list())))
        }
        (&Method::DELETE, Some(_)) => Err(RefusedRequest::no_data()),
        (method, _) => Err(RefusedRequest::method_not_allowed(format!(
            "{method} is not served on this path"
        ))),
    }
}

/// Adds the faults of a text, one a line: all of them or none.
fn add(emulator: &Emulator, call: &IncomingCall) -> Result<Reply, RefusedRequest> {
    let text = std::str::from_utf8(&call.body)
        .map_err(|_| RefusedRequest::bad_request("the faults are not UTF-8"))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    match lines.map(str::parse).collect::<Result<Vec<Fault>, _>>() {
        Ok(faults) if faults.is_empty() => Err(RefusedRequest::bad_request(
            "the body must have a fault a line, `PUT */engagements/* 503 x3`",
        )),
        Ok(faults) => {
            let added = faults.into_iter().map(|fault| emulator.faults.add(fault));
            let added: Vec<FaultReport> = added.collect();
            Ok(Reply::json(StatusCode::CREATED, json!(added)))
        }
        Err(error) => Ok(Reply {
            status: StatusCode::BAD_REQUEST,
            headers: Vec::new(),
            body: Body::Text(told(&error)),
        }),
    }
}

/// The complaint as a person with `curl` reads it.
fn told(error: &FaultError) -> String {
    match &error.help {
        Some(help) => format!("{error}\n  = help: {help}\n"),
        None => format!("{error}\n"),
    }
}
