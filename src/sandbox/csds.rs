//! The service look-up (platform.md#services): which host serves what. Every service is this very server.
//!
//! No authentication; names are case-sensitive; `baseURI` has no scheme, and for handoffs a slash at
//! its end. A name that the platform does not know and an account that is not this store's are both 400, the
//! documented code.

use serde_json::{Value, json};

use super::Emulator;
use super::call::{Call, Reply};
use super::errors::Failure;

/// The service of the handoffs.
const HANDOFFS: &str = "outboundConfiguration";

/// The services that the look-up knows.
const SERVICES: [&str; 7] = [
    "accountConfigReadWrite",
    "accountConfigReadOnly",
    "agentVep",
    "sentinel",
    "smt",
    HANDOFFS,
    "liveEngageUI",
];

/// `GET /api/account/{acct}/service/{name}/baseURI.json?version=1.0`.
pub(super) fn one(emulator: &Emulator, call: &Call, name: &str) -> Result<Reply, Failure> {
    require_version(call)?;
    let service = SERVICES
        .into_iter()
        .find(|service| *service == name)
        .ok_or_else(|| Failure::bad_request(format!("there is no service `{name}`")))?;
    Ok(Reply::ok(entry(emulator, call, service)))
}

/// `GET /api/account/{acct}/service/baseURI.json?version=1.0`.
pub(super) fn every(emulator: &Emulator, call: &Call) -> Result<Reply, Failure> {
    require_version(call)?;
    Ok(Reply::ok(json!({ "baseURIs": all(emulator, call) })))
}

/// The entry of every service.
pub(super) fn all(emulator: &Emulator, call: &Call) -> Value {
    SERVICES
        .iter()
        .map(|service| entry(emulator, call, service))
        .collect()
}

fn entry(emulator: &Emulator, call: &Call, service: &str) -> Value {
    // The host that was called: it is right behind a port mapping too, where our own address is not.
    let called = || call.header("host").map(ToOwned::to_owned);
    let moved = emulator
        .network
        .moved_to()
        .map(|address| address.to_string());
    let host = moved
        .or_else(|| emulator.settings.base_uri.clone())
        .or_else(called)
        .unwrap_or_else(|| emulator.address.to_string());
    // As on a real account, some services come with a slash at the end.
    let end = if service == HANDOFFS { "/" } else { "" };
    json!({ "service": service, "account": emulator.account, "baseURI": format!("{host}{end}") })
}

fn require_version(call: &Call) -> Result<(), Failure> {
    match call.param("version") {
        Some("1.0") => Ok(()),
        _ => Err(Failure::bad_request("version=1.0 is required")),
    }
}
