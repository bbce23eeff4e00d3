//! The HTTP server: takes requests apart, answers them off the async threads, and stops gracefully.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::call::{Call, Reply};
use super::faults::{Fault, FaultReport, conduct};
use super::leash::{Leash, LeashedListener};
use super::routes::Route;
use super::stats::Statistics;
use super::{Emulator, Error, SeedError, Seeded, StoreError};

/// The largest body that is taken.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// How long open connections get to finish when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// A running sandbox. Dropping it stops the server.
pub struct Handle {
    emulator: Arc<Emulator>,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
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

    /// Starts counting anew.
    pub fn forget_statistics(&self) {
        self.emulator.stats.clear();
    }

    /// Stops the server: requests under way are answered, then the port is free.
    pub async fn shutdown(self) {
        let Self {
            emulator: _,
            address: _,
            stop,
            mut task,
        } = self;
        drop(stop);
        if tokio::time::timeout(GRACE, &mut task).await.is_err() {
            task.abort();
        }
    }
}

/// Binds the port and serves.
pub(super) async fn start(mut emulator: Emulator) -> Result<Handle, Error> {
    let refused = |source| Error::Listen {
        address: emulator.address,
        source,
    };
    let listener = TcpListener::bind(emulator.address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    emulator.address = address;
    let emulator = Arc::new(emulator);
    let service = Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&emulator))
        .into_make_service_with_connect_info::<Leash>();
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let served =
            axum::serve(LeashedListener(listener), service).with_graceful_shutdown(async {
                // Either a word from the handle or its end.
                let _ = stopped.await;
            });
        if let Err(error) = served.await {
            tracing::error!(%error, "the sandbox stopped serving");
        }
    });
    Ok(Handle {
        emulator,
        address,
        stop,
        task,
    })
}

async fn answer(
    State(emulator): State<Arc<Emulator>>,
    ConnectInfo(leash): ConnectInfo<Leash>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match Call::new(parts, body) {
        Ok(call) => visit(&emulator, call, &leash).await.into_response(),
        Err(failure) => failure.account_config("request").into_response(),
    }
}

/// Counts a call while it is answered.
async fn visit(emulator: &Arc<Emulator>, call: Call, leash: &Leash) -> Reply {
    tracing::debug!(method = %call.method, path = %call.plain_path(), "sandbox");
    let route = Route::of(&call);
    let _visit = route
        .is_public()
        .then(|| emulator.stats.arrive(&call.method, route.subject()));
    drop(route);
    conduct::answer(emulator, call, leash).await
}
