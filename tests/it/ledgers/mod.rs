//! Ledgers wherever they are kept: one suite for every store, and the binary against some of them.

mod applies;
mod backends;
mod commands;
mod failures;
mod server;
mod sessions;

use std::sync::Arc;

use campaignctl::ledger::{Backend, HttpLedger, HttpSettings, LocalFile, ObjectLedger};
use campaignctl::name::Secret;
use object_store::memory::InMemory;
use object_store::path::Path;

use server::{Dialect, PASSWORD, StateServer};

/// A place for one ledger.
pub(crate) enum Place {
    File(tempfile::TempDir),
    Memory(Arc<InMemory>),
    Http(StateServer),
    Cloud(String),
}

impl Place {
    /// One of every kind that needs nothing but this computer; and the bucket that `CAMPAIGNCTL_TEST_LEDGER`
    /// names (`s3://bucket/folder`), with the cloud's variables around it.
    pub(crate) async fn every() -> Vec<Self> {
        let mut places = vec![
            Self::File(tempfile::tempdir().unwrap()),
            Self::Memory(Arc::default()),
            Self::Http(StateServer::start(Dialect::Plain).await),
            Self::Http(StateServer::start(Dialect::GitLab).await),
        ];
        places.extend(cloud().map(Self::Cloud));
        places
    }

    /// Another connection to the same place, as another process has it.
    pub(crate) fn connect(&self) -> Arc<dyn Backend> {
        match self {
            Self::File(folder) => Arc::new(LocalFile::new(folder.path().join("ledger.json"))),
            Self::Memory(memory) => {
                let store = Arc::clone(memory) as Arc<dyn object_store::ObjectStore>;
                let key = Path::from("folder/ledger.json");
                Arc::new(ObjectLedger::new(store, key, "memory://folder/ledger.json"))
            }
            Self::Http(server) => Arc::new(HttpLedger::new(http_settings(server)).unwrap()),
            Self::Cloud(address) => cloud_backend(address),
        }
    }

    /// Whether the lock goes with its process.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self, Self::File(_))
    }
}

pub(crate) fn http_settings(server: &StateServer) -> HttpSettings {
    let (lock, unlock) = if server.address.contains("/terraform/") {
        ("POST", "DELETE")
    } else {
        ("LOCK", "UNLOCK")
    };
    HttpSettings {
        address: server.address.clone(),
        credentials: Some(("ann".to_owned(), Secret::new(PASSWORD))),
        lock_address: None,
        lock_method: lock.to_owned(),
        unlock_method: unlock.to_owned(),
    }
}

/// A fresh address in the bucket of the opt-in tests.
#[expect(
    clippy::disallowed_methods,
    reason = "an opt-in test reads where to run"
)]
pub(crate) fn cloud() -> Option<String> {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let folder = std::env::var("CAMPAIGNCTL_TEST_LEDGER").ok()?;
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let now = jiff::Timestamp::now().as_nanosecond();
    Some(format!("{folder}/{now}-{count}.json"))
}

/// The variables that the cloud's own tools read.
pub(crate) fn cloud_variables() -> impl Iterator<Item = (String, String)> {
    let is_cloud = |name: &str| {
        let prefixes = ["AWS_", "GOOGLE_", "AZURE_"];
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    };
    std::env::vars().filter(move |(name, _)| is_cloud(name))
}

fn cloud_backend(address: &str) -> Arc<dyn Backend> {
    let secret = |(name, value): (String, String)| (name, Secret::new(value));
    let location = campaignctl::ledger::Location {
        address: address.to_owned(),
        root: std::path::PathBuf::new(),
        local: std::path::PathBuf::new(),
        account: String::new(),
        options: cloud_variables().map(secret).collect(),
        credentials: None,
        lock: campaignctl::ledger::HttpLock::default(),
    };
    campaignctl::ledger::backend(&location).unwrap()
}
