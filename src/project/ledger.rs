//! The settings of a ledger: where it is, and how its server is spoken to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::address::{AddressForm, may_be_path};

use super::{Environment, SecretSource, parse_time};

/// Basic authentication for a ledger behind HTTP, by reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LedgerCredentials {
    /// The user name. In a GitLab pipeline a variable that holds `gitlab-ci-token`.
    pub username: SecretSource,
    /// The password, or an access token. In a GitLab pipeline `{ env: CI_JOB_TOKEN }`.
    pub password: SecretSource,
}

/// How long the lock of a remote ledger lasts, and how a server with the Terraform HTTP state protocol locks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct LedgerLock {
    /// How long the lock of a run outlives it, if the run is killed: then the next run takes the lock and resumes what
    /// the other one began. A run that lives renews its lock three times per term, and each 20 seconds at least. From `1s` to
    /// `1h`, in whole seconds. Default: `60s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["60s", "5m"]))]
    pub term: Option<String>,
    /// The address of the lock. Default: the address of the ledger followed by `/lock`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The method that locks. Default: `LOCK`, and `POST` for GitLab and Gitea (`/terraform/state/` in the
    /// address).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<LockMethod>,
    /// The method that unlocks. Default: `UNLOCK`, and `DELETE` for GitLab and Gitea.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlock_method: Option<UnlockMethod>,
}

impl LedgerLock {
    /// The seconds of the term, `None` when there is none or it is not within its bounds.
    #[must_use]
    pub fn term(&self) -> Option<u64> {
        let term = parse_time(self.term.as_deref()?)?;
        let is_whole = term.subsec_nanos() == 0;
        Some(term.as_secs()).filter(|seconds| is_whole && LOCK_TERMS.contains(seconds))
    }

    /// Whether it says how a server locks.
    fn is_about_http(&self) -> bool {
        self.address.is_some() || self.method.is_some() || self.unlock_method.is_some()
    }
}

/// The seconds that a term may have. Below, a busy computer would lose its lock; above, the next run of a pipeline comes
/// before the term is over.
pub const LOCK_TERMS: std::ops::RangeInclusive<u64> = 1..=3600;

/// The method that locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum LockMethod {
    /// Terraform's default.
    Lock,
    /// GitLab and Gitea.
    Post,
    /// Some others.
    Put,
}

/// The method that unlocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum UnlockMethod {
    /// Terraform's default.
    Unlock,
    /// GitLab and Gitea.
    Delete,
    /// Some others.
    Post,
    /// Some others.
    Put,
}

impl LockMethod {
    /// The method as it is sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lock => "LOCK",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

impl UnlockMethod {
    /// The method as it is sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unlock => "UNLOCK",
            Self::Delete => "DELETE",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// What kind of place the address of a ledger names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerPlace {
    /// A local file.
    File,
    /// An object store: `s3://`, `gs://` or `az://`.
    Objects,
    /// A server with the Terraform HTTP state protocol.
    Http,
}

impl LedgerPlace {
    /// The kind of place that an address names.
    ///
    /// # Errors
    /// Says what is wrong with the address. Never repeats it: it may hold a password.
    pub fn of(address: &str) -> Result<Self, String> {
        if may_be_path(address) {
            return Ok(Self::File);
        }
        if AddressForm::of(address) != AddressForm::Url {
            return Err(format!("{NOT_PLAIN} of a ledger"));
        }
        let scheme = address.split("://").next().unwrap_or_default();
        let place = match &*scheme.to_ascii_lowercase() {
            "s3" | "gs" | "az" => Self::Objects,
            "http" | "https" => Self::Http,
            _ => {
                return Err(format!(
                    "`{scheme}://` is not supported for a ledger: use a path, `s3://`, `gs://`, `az://` or `https://`"
                ));
            }
        };
        let is_bare = !address.contains('#') && (place == Self::Http || !address.contains('?'));
        is_bare.then_some(place).ok_or_else(|| {
            "the address of a ledger ends with its path: no query, no fragment".to_owned()
        })
    }
}

/// What is wrong with an address that may hold credentials.
const NOT_PLAIN: &str = "credentials are not allowed in the address";

/// What to do about credentials in an address.
const BY_REFERENCE: &str = "credentials go by reference: `ledgerCredentials: { username: { env: NAME }, password: { env: NAME } }`";

/// What the schema cannot say about the ledger of an environment: field, message and remedy.
pub(super) fn complaints(environment: &Environment) -> Vec<(&'static str, String, &'static str)> {
    let mut found = Vec::new();
    let address = environment.ledger.as_deref().unwrap_or_default();
    let place = LedgerPlace::of(address).unwrap_or_else(|why| {
        found.push(("ledger", why, BY_REFERENCE));
        LedgerPlace::Http
    });
    let lock = environment.ledger_lock.as_ref();
    let address = lock.and_then(|lock| lock.address.as_deref());
    if address.is_some_and(|address| AddressForm::of(address) != AddressForm::Url) {
        let message = format!("{NOT_PLAIN} of a lock");
        found.push(("ledgerLock", message, BY_REFERENCE));
    }
    if let Some(text) = lock.and_then(|lock| lock.term.as_ref())
        && lock.and_then(LedgerLock::term).is_none()
    {
        let message = format!("`{text}` is not a term of a lock");
        let help = "write whole seconds, minutes or an hour, from `1s` to `1h`";
        found.push(("ledgerLock", message, help));
    }
    if place == LedgerPlace::Http {
        return found;
    }
    let help = "it is for ledgers at an `https://` address; object stores use the cloud's own environment variables";
    let mut refuse = |field, is_given: bool| {
        if is_given {
            found.push((field, format!("this ledger has no use for `{field}`"), help));
        }
    };
    refuse(
        "ledgerCredentials",
        environment.ledger_credentials.is_some(),
    );
    let is_refused = |lock: &LedgerLock| place == LedgerPlace::File || lock.is_about_http();
    refuse("ledgerLock", lock.is_some_and(is_refused));
    found
}
