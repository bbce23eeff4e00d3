//! The client over HTTP: against the sandbox, and against a stub for what no sandbox would answer.

mod bad_days;
mod nameless;
mod pages;
mod sandbox;
mod stub;
mod wrong;

use std::time::Duration;

use campaignctl::api::{ClientSettings, RetryPolicy, Secret, SignInSecrets};
use campaignctl::kinds::KindId;

const ACCOUNT: &str = "10000001";

fn kind(name: &str) -> KindId {
    KindId::named(name).unwrap()
}

/// Settings for a server on loopback, which retry without waiting.
fn settings(base_url: &str) -> ClientSettings {
    ClientSettings {
        domain_api: base_url.to_owned(),
        handoff_writes: true,
        retry: RetryPolicy {
            second: Duration::ZERO,
            ..RetryPolicy::default()
        },
        ..ClientSettings::new(ACCOUNT, application("sandbox"))
    }
}

fn application(secret: &str) -> SignInSecrets {
    SignInSecrets::ClientCredentials {
        id: "sandbox".to_owned(),
        secret: Secret::new(secret),
    }
}
