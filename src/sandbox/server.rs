//! The HTTP server: takes requests apart, answers them off the async threads, and stops gracefully.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::call::{IncomingCall, Reply};
use super::errors::RefusedRequest;
use super::faults::conduct::{self, CallLine};
use super::faults::{Fault, FaultReport};
use super::leash::Leash;
use super::routes::PathRoute;
use super::stats::Statistics;
use super::{Emulator, Sandbox, SandboxError, SeedError, Seeded, StoreError, csds};
use crate::text::safe::line;

/// The largest body that is taken.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// A running sandbox. Dropping it stops the server.
pub struct Handle {
    emulator: Arc<Emulator>,
    address: SocketAddr,
    stop: watch::Sender<()>,
}

impl Handle {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as a URL without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// See [`super::Sandbox::seed`].
    ///
    /// # Errors
    /// See [`super::Sandbox::seed`].
    pub fn seed(&self, source: &Path) -> Result<Seeded, SeedError> {
        self.emulator.seed(source)
    }

    /// See [`super::Sandbox::seed_if_empty`].
    ///
    /// # Errors
    /// See [`super::Sandbox::seed`].
    pub fn seed_if_empty(&self, source: &Path) -> Result<Option<Seeded>, SeedError> {
        self.emulator.seed_if_empty(source)
    }

    /// Empties the store back to a new account.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub fn reset(&self) -> Result<(), StoreError> {
        self.emulator.reset().map_err(StoreError::from)
    }

    /// Adds a fault behind those that are there.
    pub fn add_fault(&self, fault: Fault) -> FaultReport {
        self.emulator.faults.add(fault)
    }

    /// The faults, and what they have done so far.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultReport> {
        self.emulator.faults.list()
    }

    /// Removes every fault.
    pub fn clear_faults(&self) {
        self.emulator.faults.clear();
    }

    /// What was counted since the start.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.emulator.stats.report()
    }

    /// Restarts the counts.
    pub fn forget_statistics(&self) {
        self.emulator.stats.clear();
    }

    /// Stops the server: requests under way are answered, then the port is free.
    pub async fn shutdown(self) {
        let Self { emulator, stop, .. } = self;
        drop(stop);
        emulator.network.stop().await;
    }
}

/// Binds the port and serves.
pub(super) async fn start(prepare: Sandbox) -> Result<Handle, SandboxError> {
    let Sandbox { mut emulator, stop } = prepare;
    let refused = |source| SandboxError::Listen {
        address: emulator.address,
        source,
    };
    let listener = TcpListener::bind(emulator.address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    emulator.address = address;
    let emulator = Arc::new(emulator);
    emulator
        .network
        .serve(&emulator, listener)
        .map_err(|source| SandboxError::Listen { address, source })?;
    Ok(Handle {
        emulator,
        address,
        stop,
    })
}

/// What a listener's connections are answered by.
#[derive(Clone)]
pub(super) struct Desk {
    emulator: Arc<Emulator>,
    /// The number of the listener.
    host: usize,
}

/// The service behind the listener of this number.
pub(super) fn service(
    emulator: &Arc<Emulator>,
    host: usize,
) -> IntoMakeServiceWithConnectInfo<Router, Leash> {
    let desk = Desk {
        emulator: Arc::clone(emulator),
        host,
    };
    Router::new()
        .fallback(answer)
        .with_state(desk)
        .into_make_service_with_connect_info::<Leash>()
}

async fn answer(
    State(desk): State<Desk>,
    ConnectInfo(leash): ConnectInfo<Leash>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(host) = foreign_host(&parts) {
        let message = format!("the sandbox is at localhost, not at `{}`", line(&host));
        let failure = RefusedRequest::new(StatusCode::MISDIRECTED_REQUEST, message);
        return failure.account_config("request").into_response();
    }
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match IncomingCall::new(parts, body) {
        Ok(call) => desk.visit(call, &leash).await.into_response(),
        Err(failure) => failure.account_config("request").into_response(),
    }
}

/// The host that a request is for, when it is not this machine.
///
/// A page that a browser shows may have the name of its own host resolve to the loopback address, and then talks to the
/// sandbox as if to itself (DNS rebinding). Its requests still say the name.
fn foreign_host(parts: &Parts) -> Option<String> {
    let said = parts.headers.get(header::HOST);
    let said = said.map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    let target = parts.uri.authority().map(ToString::to_string);
    said.into_iter().chain(target).find(|host| !is_here(host))
}

fn is_here(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let address: Option<IpAddr> = bare.parse().ok();
    // No name resolves to the address that a client dialled but this one; an address needs no name.
    address.map_or(name == "localhost" || name.ends_with(".localhost"), |it| {
        it.is_loopback()
    })
}

impl Desk {
    /// Counts a call while it is answered.
    async fn visit(&self, mut call: IncomingCall, leash: &Leash) -> Reply {
        let emulator = &self.emulator;
        tracing::debug!(method = %call.method, path = %call.plain_path(), "sandbox");
        if let Err(failure) = csds::enter(emulator.settings.service_form, &mut call) {
            return failure.account_config("request");
        }
        let route = PathRoute::of(&call);
        if !route.is_public() {
            return conduct::carry_out_alone(emulator, call).await;
        }
        let _visit = emulator.stats.arrive(&call.method, route.subject());
        if let Some(rate) = emulator.settings.rate
            && !emulator.stats.admit(rate)
        {
            let failure = RefusedRequest::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("more than {rate} requests within a second"),
            );
            let reply = route.refusal(&failure, emulator.now());
            return reply.with("retry-after", "1");
        }
        drop(route);
        conduct::answer(
            emulator,
            call,
            &CallLine {
                host: self.host,
                leash,
            },
        )
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn only_this_machine_is_here() {
        for host in [
            "localhost:8787",
            "LOCALHOST",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:80",
            "a.localhost",
        ] {
            assert!(is_here(host), "{host}");
        }
        for host in [
            "evil.example:8787",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.0.7",
            "",
            "a b",
            "user@evil.example",
        ] {
            assert!(!is_here(host), "{host}");
        }
    }
}
