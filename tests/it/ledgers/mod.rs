//! Ledgers wherever they are kept: one suite for every store, and the binary against some of them.

mod applies;
mod backends;
mod bucket;
mod commands;
mod endings;
mod failures;
mod jittery;
mod processes;
mod server;
mod sessions;
mod shared;
mod terms;

use std::sync::Arc;

use campaignctl::ledger::{Backend, HttpLedger, HttpSettings, LocalFile, ObjectLedger};
use campaignctl::name::Secret;
use object_store::memory::InMemory;
use object_store::path::Path;

use bucket::Bucket;
pub(crate) use server::Dialect;
use server::{PASSWORD, StateServer};

/// A place for one ledger.
pub(crate) enum Place {
    File(tempfile::TempDir),
    Memory(Arc<InMemory>),
    Http(StateServer),
    Bucket(Bucket),
    Cloud(String),
}

/// The kinds of places.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    File,
    Memory,
    Http(Dialect),
    Bucket,
    /// The bucket that `CAMPAIGNCTL_TEST_LEDGER` names (`s3://bucket/folder`), with the cloud's variables around it.
    Cloud,
}

impl Kind {
    /// The ones that other processes reach, too: all that need nothing but this computer, and the cloud's bucket
    /// where there is one.
    pub(crate) fn of_processes() -> impl Iterator<Item = Self> {
        let cloud = cloud().map(|_| Self::Cloud);
        let here = [
            Self::File,
            Self::Http(Dialect::Plain),
            Self::Http(Dialect::GitLab),
            Self::Bucket,
        ];
        here.into_iter().chain(cloud)
    }

    pub(crate) async fn start(self) -> Place {
        match self {
            Self::File => Place::File(tempfile::tempdir().unwrap()),
            Self::Memory => Place::Memory(Arc::default()),
            Self::Http(dialect) => Place::Http(StateServer::start(dialect).await),
            Self::Bucket => Place::Bucket(Bucket::start().await),
            Self::Cloud => Place::Cloud(cloud().unwrap()),
        }
    }
}

impl Place {
    /// One of every kind.
    pub(crate) async fn every() -> Vec<Self> {
        let mut places = vec![Kind::Memory.start().await];
        for kind in Kind::of_processes() {
            places.push(kind.start().await);
        }
        places
    }

    /// Another connection to the same place, as another process has it.
    pub(crate) fn connect(&self) -> Arc<dyn Backend> {
        match self {
            Self::File(_) => Arc::new(LocalFile::new(self.address())),
            Self::Memory(memory) => {
                let store = Arc::clone(memory) as Arc<dyn object_store::ObjectStore>;
                let key = Path::from("folder/ledger.json");
                Arc::new(ObjectLedger::new(store, key, self.address()))
            }
            Self::Http(server) => Arc::new(HttpLedger::new(http_settings(server)).unwrap()),
            Self::Bucket(_) | Self::Cloud(_) => cloud_backend(&self.address(), self.variables()),
        }
    }

    /// As `ledger:` of an environment has it.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::File(folder) => folder.path().join("ledger.json").display().to_string(),
            Self::Memory(_) => "memory://folder/ledger.json".to_owned(),
            Self::Http(server) => server.address.clone(),
            Self::Bucket(_) => Bucket::ADDRESS.to_owned(),
            Self::Cloud(address) => address.clone(),
        }
    }

    /// What a process needs in its environment to get there.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        match self {
            Self::File(_) | Self::Memory(_) => Vec::new(),
            Self::Http(_) => [("LEDGER_USER", "ann"), ("LEDGER_PASSWORD", PASSWORD)]
                .map(owned)
                .into(),
            Self::Bucket(bucket) => bucket.variables().collect(),
            Self::Cloud(_) => cloud_variables().collect(),
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
        who: "tester".to_owned(),
        clock: jiff::Timestamp::now,
    }
}

/// A fresh address in the bucket of the opt-in tests.
#[expect(
    clippy::disallowed_methods,
    reason = "an opt-in test reads where to run"
)]
fn cloud() -> Option<String> {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let folder = std::env::var("CAMPAIGNCTL_TEST_LEDGER").ok()?;
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let now = jiff::Timestamp::now().as_nanosecond();
    Some(format!("{folder}/{now}-{count}.json"))
}

/// The variables that the cloud's own tools read.
fn cloud_variables() -> impl Iterator<Item = (String, String)> {
    let is_cloud = |name: &str| {
        let prefixes = ["AWS_", "GOOGLE_", "AZURE_"];
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    };
    std::env::vars().filter(move |(name, _)| is_cloud(name))
}

fn cloud_backend(address: &str, variables: Vec<(String, String)>) -> Arc<dyn Backend> {
    let secret = |(name, value): (String, String)| (name, Secret::new(value));
    let location = campaignctl::ledger::LedgerLocation {
        address: address.to_owned(),
        root: std::path::PathBuf::new(),
        local: std::path::PathBuf::new(),
        account: String::new(),
        options: variables.into_iter().map(secret).collect(),
        credentials: None,
        lock: campaignctl::ledger::HttpLock::default(),
        terms: campaignctl::ledger::Terms::default(),
        who: "tester".to_owned(),
    };
    campaignctl::ledger::backend(&location).unwrap()
}
