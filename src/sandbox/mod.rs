//! F3: a durable emulator of the platform's HTTP, on loopback, for trying things out and for tests.
//!
//! It speaks the service look-up, logins and tokens, the account-config collections and the handoff
//! list. What it knows of the platform it takes from the table of kinds (`kinds::ALL`); it shares
//! nothing else with the client. Where the platform's behaviour is not proven, a switch in
//! [`SandboxSettings`] turns it (platform.md#sandbox).
//!
//! A store holds one account under an id of its own choosing. [`OWN_PATHS`] lists what the platform does
//! not have.

mod account;
mod auth;
mod body;
mod call;
mod clevertap;
mod csds;
mod engine;
mod errors;
pub mod faults;
mod grants;
mod handoffs;
mod leash;
mod monitoring;
mod network;
mod place;
mod proactive;
mod query;
mod read;
mod references;
mod routes;
mod rows;
mod seed;
mod server;
mod settings;
mod stats;
mod store;
mod write;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

pub use clevertap::{CLEVERTAP_ACCOUNT, CLEVERTAP_PASSCODE};
pub use faults::{Fault, FaultError, FaultReport};
pub use monitoring::ServedCondition;
pub use seed::{SeedError, Seeded};
pub use server::Handle;
pub use settings::{
    AcceptedLogins, ApplicationRights, DeleteInUse, EstimateForm, HandoffBodies, HandoffLimit,
    HandoffService, ListStamps, LoginRole, OauthPaths, SWITCHES, SandboxSettings, SandboxSwitch,
    ServiceForm, StaleAnswer, SwitchError, WholeList,
};
pub use stats::Statistics;
pub use store::{StoreError, StorePlace};

use call::IncomingCall;
use faults::Faults;
use network::Network;
use stats::Stats;
use store::SandboxStore;

/// The paths that only the sandbox has.
pub const OWN_PATHS: &[(&str, &str)] = &[
    (
        "GET /_sandbox/stats",
        "Counts since the start: requests, writes and commits, the peaks of requests per second and side by side, creates by name. Needs no bearer",
    ),
    ("DELETE /_sandbox/stats", "Restarts the counts"),
    (
        "GET /_sandbox/faults",
        "The faults with their ids, and what they have done so far",
    ),
    (
        "POST /_sandbox/faults",
        "Adds the faults of the body, one a line: all or none",
    ),
    ("DELETE /_sandbox/faults", "Removes all faults"),
    ("DELETE /_sandbox/faults/{id}", "Removes one"),
    (
        "GET /_sandbox/monitoring",
        "The time of the Monitoring API, and what is set there",
    ),
    (
        "POST /_sandbox/monitoring",
        "Sets what the body names: `{\"advance\": \"31m\"}` moves the time of sessions on, `{\"agents\": \"none\"}` sends the agents away, \
         `{\"conversations\": [{\"sub\": \"..\", \"conversationId\": \"..\"}]}` opens conversations; the `sub` `*` is every visitor",
    ),
    (
        "POST /_sandbox/reset",
        "Empties the store back to a new account",
    ),
    (
        "GET /_sandbox/sends",
        "The sends of the Proactive API: the name of each, and SHA-256 digests of the consumers that were accepted",
    ),
    (
        "GET /_sandbox/clevertap",
        "The campaigns of the CleverTap account, and how many users it has",
    ),
    (
        "POST /_sandbox/clevertap",
        "Sets what the body names: `{\"users\": 500}` is how many users there are, `{\"dashboard\": [{..}]}` makes campaigns as people \
         do in the dashboard, with the parameters of the API",
    ),
    ("GET /_sandbox/account/{acct}/handoffs", "Lists handoffs"),
    ("POST /_sandbox/account/{acct}/handoffs", "Creates one"),
    ("GET /_sandbox/account/{acct}/handoffs/{id}", "Reads one"),
    ("PUT /_sandbox/account/{acct}/handoffs/{id}", "Replaces one"),
    (
        "DELETE /_sandbox/account/{acct}/handoffs/{id}",
        "Deletes one",
    ),
];

/// Tells the time.
pub type SandboxClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What a sandbox is started with.
#[derive(Clone)]
pub struct SandboxOptions {
    /// Where the account lives.
    pub store: StorePlace,
    /// The id of the account, `[a-zA-Z0-9_]{1,20}`.
    pub account: String,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The switches.
    pub settings: SandboxSettings,
    /// The time.
    pub clock: SandboxClock,
}

impl SandboxOptions {
    /// A sandbox in memory, on a free port of the loopback address.
    #[must_use]
    pub fn in_memory(account: impl Into<String>, clock: SandboxClock) -> Self {
        Self {
            store: StorePlace::Memory,
            account: account.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            settings: SandboxSettings::default(),
            clock,
        }
    }
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account id breaks the platform's pattern.
    #[error("`{0}` is not an account id: use 1 to 20 letters, digits and underscores")]
    Account(String),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A sandbox whose store is open. [`Sandbox::start`] serves it.
pub struct Sandbox {
    emulator: Emulator,
    /// Ends the servers when it goes.
    stop: watch::Sender<()>,
}

impl Sandbox {
    /// Opens the store, and makes the account when the store is new.
    ///
    /// # Errors
    /// [`SandboxError::Store`] and [`SandboxError::Account`].
    pub fn open(options: SandboxOptions) -> Result<Self, SandboxError> {
        let SandboxOptions {
            store,
            account,
            listen,
            settings,
            clock,
        } = options;
        if !is_account_id(&account) {
            return Err(SandboxError::Account(account));
        }
        let store = SandboxStore::open(&store)?;
        store.write(|tx| account::ensure(tx, &account, clock()).map_err(StoreError::from))?;
        let (stop, stopped) = watch::channel(());
        Ok(Self {
            stop,
            emulator: Emulator {
                network: Network::new(stopped),
                monitoring: monitoring::MonitoringState::default(),
                clevertap: clevertap::ClevertapState::default(),
                store,
                faults: Faults::new(settings.faults.iter().cloned()),
                settings,
                clock,
                account,
                address: listen,
                stats: Stats::default(),
            },
        })
    }

    /// Opens the store and serves it, inside the tokio runtime of the caller.
    ///
    /// # Errors
    /// As [`Sandbox::open`], and [`SandboxError::Listen`].
    pub async fn start(options: SandboxOptions) -> Result<Handle, SandboxError> {
        Self::open(options)?.serve().await
    }

    /// Serves an open sandbox.
    ///
    /// # Errors
    /// [`SandboxError::Listen`].
    pub async fn serve(self) -> Result<Handle, SandboxError> {
        server::start(self).await
    }

    /// Loads raw wire JSON: a folder with one `<plural>.json` per kind, or one file with an object of
    /// such arrays. All of it or nothing.
    ///
    /// # Errors
    /// [`SeedError`] names the file and the place in it; the store is untouched then.
    pub fn seed(&self, source: &Path) -> Result<Seeded, SeedError> {
        self.emulator.seed(source)
    }

    /// As [`Sandbox::seed`], but only into an account that was never seeded and holds nothing besides
    /// the vendor's own rows; otherwise `None`.
    ///
    /// # Errors
    /// As [`Sandbox::seed`].
    pub fn seed_if_empty(&self, source: &Path) -> Result<Option<Seeded>, SeedError> {
        self.emulator.seed_if_empty(source)
    }

    /// Adds the objects that are not there yet, by the plural of their kind and by name.
    ///
    /// # Errors
    /// As [`Sandbox::seed`].
    pub fn ensure(&self, named: &[(&'static str, &[String])]) -> Result<(), SeedError> {
        self.emulator
            .store
            .write(|tx| seed::ensure(tx, &self.emulator, named))
    }

    /// Empties the store back to a new account.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub fn reset(&self) -> Result<(), StoreError> {
        self.emulator.reset().map_err(StoreError::from)
    }

    /// Changes the switches of a sandbox that is not served.
    pub fn set(&mut self, settings: SandboxSettings) {
        self.emulator.settings = settings;
    }

    /// Answers a call without a server in between, faults aside: the status and the body.
    #[must_use]
    pub fn answer(&self, method: &str, target: &str, body: &Value) -> (u16, Value) {
        let bearer = self.emulator.settings.developer_bearer.as_deref();
        let call = IncomingCall::inside(method, target, body, bearer.unwrap_or_default());
        let reply = match &call {
            Ok(call) => routes::answer(&self.emulator, call),
            Err(failure) => failure.account_config("request"),
        };
        let body = serde_json::from_slice(&reply.bytes()).unwrap_or_default();
        (reply.status.as_u16(), body)
    }
}

/// Everything that answers a call.
struct Emulator {
    store: SandboxStore,
    settings: SandboxSettings,
    clock: SandboxClock,
    account: String,
    address: SocketAddr,
    stats: Stats,
    faults: Faults,
    network: Network,
    /// What the Monitoring API remembers.
    monitoring: monitoring::MonitoringState,
    /// What CleverTap remembers.
    clevertap: clevertap::ClevertapState,
}

impl Emulator {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn reset(&self) -> rusqlite::Result<()> {
        let now = self.now();
        self.store
            .write(|tx| account::reset(tx, &self.account, now))?;
        self.stats.clear();
        self.monitoring.clear();
        self.clevertap.clear();
        Ok(())
    }

    fn seed(&self, source: &Path) -> Result<Seeded, SeedError> {
        let seed = seed::load(source)?;
        self.store.write(|tx| seed.insert(tx, self))
    }

    fn seed_if_empty(&self, source: &Path) -> Result<Option<Seeded>, SeedError> {
        let seed = seed::load(source)?;
        self.store.write(|tx| {
            if rows::is_pristine(tx, &self.account)? {
                seed.insert(tx, self).map(Some)
            } else {
                Ok(None)
            }
        })
    }
}

fn is_account_id(account: &str) -> bool {
    (1..=20).contains(&account.len())
        && account
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
