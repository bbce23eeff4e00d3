//! The addresses that the sandbox listens on. There is one, until a fault moves the account's services
//! to another host.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::leash::LeashedListener;
use super::{Emulator, server};

/// How long open connections get to finish when the sandbox stops.
const GRACE: Duration = Duration::from_secs(2);

/// What a host does that the services have left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum OldHost {
    /// It answers, and knows of nothing.
    #[default]
    NotFound,
    /// It hangs up.
    Refuses,
}

/// The listeners of a sandbox.
#[derive(Debug)]
pub(super) struct Network {
    hosts: Mutex<Hosts>,
    /// Ends when the sandbox is to stop.
    stopped: watch::Receiver<()>,
}

#[derive(Debug, Default)]
struct Hosts {
    /// All addresses so far; the services are at the last one.
    addresses: Vec<SocketAddr>,
    old: OldHost,
    servers: JoinSet<()>,
}

impl Network {
    /// A network without listeners; it stops when `stopped` ends.
    pub(super) fn new(stopped: watch::Receiver<()>) -> Self {
        Self {
            hosts: Mutex::default(),
            stopped,
        }
    }

    /// Serves one more listener, and moves the services there.
    pub(super) fn serve(
        &self,
        emulator: &Arc<Emulator>,
        listener: TcpListener,
    ) -> std::io::Result<SocketAddr> {
        let address = listener.local_addr()?;
        let mut hosts = self.lock();
        let service = server::service(emulator, hosts.addresses.len());
        hosts.addresses.push(address);
        let mut stopped = self.stopped.clone();
        hosts.servers.spawn(async move {
            let served = axum::serve(LeashedListener(listener), service).with_graceful_shutdown(
                async move {
                    // Either a word from the handle or its end.
                    let _ = stopped.changed().await;
                },
            );
            if let Err(error) = served.await {
                tracing::error!(%error, "the sandbox stopped serving");
            }
        });
        Ok(address)
    }

    /// Moves the services to a free port of the same address.
    pub(super) async fn relocate(&self, emulator: &Arc<Emulator>, old: OldHost) {
        let free = SocketAddr::new(emulator.address.ip(), 0);
        let moved = match TcpListener::bind(free).await {
            Ok(listener) => self.serve(emulator, listener),
            Err(error) => Err(error),
        };
        match moved {
            Ok(address) => {
                self.lock().old = old;
                tracing::debug!(%address, "the services moved");
            }
            Err(error) => tracing::error!(%error, "the services cannot move"),
        }
    }

    /// Where the services are now, when they have moved.
    pub(super) fn moved_to(&self) -> Option<SocketAddr> {
        let hosts = self.lock();
        match hosts.addresses.as_slice() {
            [] | [_] => None,
            [.., last] => Some(*last),
        }
    }

    /// What the host of this number does, when the services have left it.
    pub(super) fn left(&self, host: usize) -> Option<OldHost> {
        let hosts = self.lock();
        (host + 1 < hosts.addresses.len()).then_some(hosts.old)
    }

    /// Waits until every server has stopped, but not for ever.
    pub(super) async fn stop(&self) {
        let mut servers = std::mem::take(&mut self.lock().servers);
        let all = async { while servers.join_next().await.is_some() {} };
        // Those that do not end are ended: the set goes out of scope.
        let _ = tokio::time::timeout(GRACE, all).await;
    }

    fn lock(&self) -> MutexGuard<'_, Hosts> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
