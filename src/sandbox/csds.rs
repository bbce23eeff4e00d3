//! The service look-up (platform.md#services): which host serves what. Every service is this very server.
//!
//! No authentication; names are case-sensitive; `baseURI` has no scheme, for handoffs a slash at its end, and for the
//! console a scheme and a path, unless the switch `service-form` gives all of them one form. A name that the platform does not know and an account that is not this store's are both 400, the
//! documented code.

use serde_json::{Value, json};

use super::Emulator;
use super::call::{IncomingCall, Reply};
use super::errors::RefusedRequest;
use super::routes::PathRoute;
use super::settings::{HandoffService, ServiceForm};

/// The service of the handoffs.
const HANDOFFS: &str = "outboundConfiguration";

/// The service of the console, which the sandbox does not have.
const CONSOLE: &str = "liveEngageUI";

/// The services that the look-up knows.
const SERVICES: [&str; 7] = [
    "accountConfigReadWrite",
    "accountConfigReadOnly",
    "agentVep",
    "sentinel",
    "smt",
    HANDOFFS,
    CONSOLE,
];

/// `GET /api/account/{acct}/service/{name}/baseURI.json?version=1.0`.
pub(super) fn one(
    emulator: &Emulator,
    call: &IncomingCall,
    name: &str,
) -> Result<Reply, RefusedRequest> {
    require_version(call)?;
    let service = services(emulator)
        .find(|service| *service == name)
        .ok_or_else(|| RefusedRequest::bad_request(format!("there is no service `{name}`")))?;
    Ok(Reply::ok(entry(emulator, call, service)))
}

/// `GET /api/account/{acct}/service/baseURI.json?version=1.0`.
pub(super) fn every(emulator: &Emulator, call: &IncomingCall) -> Result<Reply, RefusedRequest> {
    require_version(call)?;
    Ok(Reply::ok(json!({ "baseURIs": all(emulator, call) })))
}

/// The entry of every service.
pub(super) fn all(emulator: &Emulator, call: &IncomingCall) -> Value {
    services(emulator)
        .map(|service| entry(emulator, call, service))
        .collect()
}

/// The services of the account: not every one has Proactive.
fn services(emulator: &Emulator) -> impl Iterator<Item = &'static str> {
    let is_unlisted = emulator.settings.handoff_service == HandoffService::Unlisted;
    let services = SERVICES.into_iter();
    services.filter(move |service| !is_unlisted || *service != HANDOFFS)
}

fn entry(emulator: &Emulator, call: &IncomingCall, service: &str) -> Value {
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
    let uri = match emulator.settings.service_form {
        // As on a real account, some services come with a slash at the end, and some with a scheme and a path.
        ServiceForm::Captured if service == HANDOFFS => format!("{host}/"),
        ServiceForm::Captured if service == CONSOLE => format!("http://{host}/{service}/"),
        ServiceForm::Captured => host,
        ServiceForm::Scheme => format!("http://{host}"),
        ServiceForm::Path => format!("{host}/{service}"),
        ServiceForm::Folder => format!("http://{host}/{service}/"),
    };
    json!({ "service": service, "account": emulator.account, "baseURI": uri })
}

/// Takes the path of a service off the front of a call, where the look-up names one.
///
/// # Errors
/// A call to a service that lacks its path: a client that drops it reaches another service on a real host.
pub(super) fn enter(form: ServiceForm, call: &mut IncomingCall) -> Result<(), RefusedRequest> {
    if !matches!(form, ServiceForm::Path | ServiceForm::Folder) {
        return Ok(());
    }
    if (call.path.first()).is_some_and(|first| SERVICES.contains(&first.as_str())) {
        call.path.remove(0);
        return Ok(());
    }
    if PathRoute::of(call).is_looked_up() {
        return Err(RefusedRequest::no_data());
    }
    Ok(())
}

fn require_version(call: &IncomingCall) -> Result<(), RefusedRequest> {
    match call.param("version") {
        Some("1.0") => Ok(()),
        _ => Err(RefusedRequest::bad_request("version=1.0 is required")),
    }
}
