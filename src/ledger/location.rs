//! From the address of a ledger, as a project file has it, to its store.

use std::path::PathBuf;
use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path as Key;
use object_store::{Error as StoreError, ObjectStore, RetryConfig};
use reqwest::Url;

use super::backend::Backend;
use super::http::{HttpLedger, HttpSettings};
use super::objects::ObjectLedger;
use super::{LedgerError, LedgerStore, LocalFile, Terms};
use crate::name::Secret;
use crate::project::LedgerPlace;

/// Where a ledger is, and what is needed to reach it. Plain values: nothing here reads the environment.
#[derive(Clone, Debug)]
pub struct LedgerLocation {
    /// A path, or a URL with the scheme `s3`, `gs`, `az`, `http` or `https`.
    pub address: String,
    /// The folder that a relative path starts from.
    pub root: PathBuf,
    /// Beside this path lies what is kept on this computer of a remote ledger.
    pub local: PathBuf,
    /// The account that the ledger must be about.
    pub account: String,
    /// Settings of an object store, as the cloud's own tools name them (`AWS_REGION`, ..).
    pub options: Vec<(String, Secret)>,
    /// A user and a password for HTTP.
    pub credentials: Option<(String, Secret)>,
    /// How an HTTP server locks.
    pub lock: HttpLock,
    /// How long the lock of a remote ledger lasts.
    pub terms: Terms,
    /// Who opens it, for the run that finds it locked.
    pub who: String,
}

/// How an HTTP server locks, where it differs from what its address tells.
#[derive(Clone, Debug, Default)]
pub struct HttpLock {
    /// The address of the lock.
    pub address: Option<String>,
    /// The method that locks.
    pub method: Option<String>,
    /// The method that unlocks.
    pub unlock_method: Option<String>,
}

/// The ledger at a location. Nothing is read or sent yet.
///
/// # Errors
/// [`LedgerError::Address`] for an address or settings that cannot work.
pub fn open(location: &LedgerLocation) -> Result<LedgerStore, LedgerError> {
    let LedgerLocation {
        address,
        root,
        local,
        account,
        ..
    } = location;
    if place_of(address)? == LedgerPlace::File {
        return Ok(LedgerStore::new(root.join(address), account));
    }
    let store = LedgerStore::remote(backend(location)?, local, account);
    let store = store.kept_by(backend(location)?);
    Ok(store.with_terms(location.terms))
}

/// The place that an address names, without a journal.
///
/// # Errors
/// As [`open`].
pub fn backend(location: &LedgerLocation) -> Result<Arc<dyn Backend>, LedgerError> {
    let address = &location.address;
    Ok(match place_of(address)? {
        LedgerPlace::File => Arc::new(LocalFile::new(location.root.join(address))),
        LedgerPlace::Objects => Arc::new(objects(location)?),
        LedgerPlace::Http => Arc::new(HttpLedger::new(http_settings(location))?),
    })
}

fn place_of(address: &str) -> Result<LedgerPlace, LedgerError> {
    LedgerPlace::of(address).map_err(|why| LedgerError::address(address, why))
}

/// GitLab and Gitea keep states below `/terraform/state/` and lock them with POST and DELETE; everybody else
/// has Terraform's own default.
fn http_settings(location: &LedgerLocation) -> HttpSettings {
    let HttpLock {
        address,
        method,
        unlock_method,
    } = location.lock.clone();
    let is_forge = location.address.contains("/terraform/state/");
    let default = |forge: &str, plain: &str| if is_forge { forge } else { plain }.to_owned();
    HttpSettings {
        address: location.address.clone(),
        credentials: location.credentials.clone(),
        lock_address: address,
        lock_method: method.unwrap_or_else(|| default("POST", "LOCK")),
        unlock_method: unlock_method.unwrap_or_else(|| default("DELETE", "UNLOCK")),
        who: location.who.clone(),
        clock: location.terms.clock,
    }
}

fn objects(location: &LedgerLocation) -> Result<ObjectLedger, LedgerError> {
    let address = &location.address;
    let refuse = |why: String| LedgerError::address(address, why);
    let url = Url::parse(address).map_err(|error| refuse(error.to_string()))?;
    let key = Key::from_url_path(url.path()).map_err(|error| refuse(error.to_string()))?;
    let bucket = url.host_str().unwrap_or_default();
    if bucket.is_empty() || key.as_ref().is_empty() {
        let why = "it needs a bucket and a key, `s3://bucket/folder/ledger.json`";
        return Err(refuse(why.to_owned()));
    }
    super::install_crypto();
    let bucket_url = format!("{}://{bucket}", url.scheme());
    let secrets = secrets_of(&location.options);
    let store = store_of(url.scheme(), &bucket_url, &location.options)
        .map_err(|error| refuse(super::message::shown(&error, &secrets)))?;
    Ok(ObjectLedger::new(store, key, address.clone()).with_secrets(secrets))
}

/// A builder with the options whose names it knows.
macro_rules! built {
    ($builder:ty, $url:expr, $options:expr) => {{
        let builder = <$builder>::new().with_url($url).with_retry(retry());
        let builder = $options.iter().fold(builder, |builder, (name, value)| {
            match name.to_ascii_lowercase().parse() {
                Ok(key) => builder.with_config(key, value.expose()),
                Err(_) => builder,
            }
        });
        Arc::new(builder.build()?)
    }};
}

fn store_of(
    scheme: &str,
    bucket_url: &str,
    options: &[(String, Secret)],
) -> Result<Arc<dyn ObjectStore>, StoreError> {
    Ok(match scheme {
        "s3" => built!(AmazonS3Builder, bucket_url, options),
        "gs" => built!(GoogleCloudStorageBuilder, bucket_url, options),
        _ => built!(MicrosoftAzureBuilder, bucket_url, options),
    })
}

/// A person waits: give up after seconds rather than minutes.
fn retry() -> RetryConfig {
    RetryConfig {
        max_retries: 4,
        retry_timeout: std::time::Duration::from_secs(20),
        ..RetryConfig::default()
    }
}

/// The options that must not be shown.
fn secrets_of(options: &[(String, Secret)]) -> Vec<Secret> {
    const TELLING: [&str; 5] = ["KEY", "SECRET", "TOKEN", "SAS", "PASSWORD"];
    const SHORTEST: usize = 6; // a `true` in a message is no secret
    let is_secret = |name: &str| TELLING.iter().any(|part| name.contains(part));
    options
        .iter()
        .filter(|(name, value)| {
            is_secret(&name.to_ascii_uppercase()) && value.expose().len() >= SHORTEST
        })
        .map(|(_, value)| value.clone())
        .collect()
}
