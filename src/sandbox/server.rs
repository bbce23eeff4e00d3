//! The HTTP server: takes requests apart, answers them off the async threads, and stops gracefully.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::call::Call;
use super::errors::Failure;
use super::{Emulator, Error, SeedError, Seeded, StoreError, routes};

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
    let router = Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&emulator));
    // Small answers must not wait for the peer's acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(async {
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

async fn answer(State(emulator): State<Arc<Emulator>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let call = match Call::new(parts, body) {
        Ok(call) => call,
        Err(failure) => return failure.account_config("request").into_response(),
    };
    tracing::debug!(method = %call.method, path = %call.path.join("/"), "sandbox");
    // The store blocks: it waits for the disk.
    tokio::task::spawn_blocking(move || routes::answer(&emulator, &call))
        .await
        .unwrap_or_else(|error| {
            tracing::error!(%error, "the sandbox failed to answer");
            let failure = Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the sandbox failed");
            failure.account_config("request")
        })
        .into_response()
}
