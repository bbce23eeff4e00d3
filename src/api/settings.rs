//! What a client has to know before it can connect. Plain values: nothing here reads the environment.

use std::collections::BTreeMap;
use std::time::Duration;

use super::governor::Rate;
use super::reach::AllowedHosts;
use super::refresh::Refresh;
use super::retry::Policy;
use super::urls;
pub use crate::name::Secret;

/// The look-up service of the vendor, which knows the hosts of every account.
pub const DOMAIN_API: &str = "https://api.liveperson.net";

/// How to sign in.
#[derive(Clone, Debug)]
pub enum SignInSecrets {
    /// OAuth 2.0 client credentials of an installed application.
    ClientCredentials {
        /// The client id.
        id: String,
        /// The client secret.
        secret: Secret,
    },
    /// A user of the account, who must not be on single sign-on.
    Login {
        /// The login name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A bearer token that was fetched elsewhere. It cannot be renewed.
    Bearer(Secret),
    /// A user who signed in with a browser, as users on single sign-on do.
    Refresh(Refresh),
}

impl SignInSecrets {
    /// What people call them.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClientCredentials { .. } => "the client credentials",
            Self::Login { .. } => "the user login",
            Self::Bearer(_) => "the bearer token",
            Self::Refresh(_) => "the browser sign-in",
        }
    }
}

/// How updates and deletes travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbs {
    /// POST with `X-HTTP-Method-Override`, as the vendor's console does it.
    #[default]
    Override,
    /// PUT and DELETE.
    Real,
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For a whole answer, from the first byte sent to the last one read.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_mins(1), // a whole collection of some thousand engagements
        }
    }
}

/// What a client has to know before it can connect.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// The account id.
    pub account: String,
    /// The base URL of the look-up service, [`DOMAIN_API`] but for a sandbox.
    pub domain_api: String,
    /// Base URLs by service name (`accountConfigReadWrite`, `sentinel`, ..), which win over the look-up. The
    /// handoff service is `handoff` here.
    pub hosts: BTreeMap<String, String>,
    /// The hosts that the client may send to.
    pub reach: AllowedHosts,
    /// How to sign in.
    pub credentials: SignInSecrets,
    /// Where the credentials come from, for messages: `the client id of ..`. Holds no secret.
    pub credentials_from: String,
    /// Whether handoffs may be written, which only a sandbox allows.
    pub handoff_writes: bool,
    /// The `User-Agent` of every request.
    pub user_agent: String,
    /// How updates and deletes travel.
    pub verbs: Verbs,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How many requests run side by side.
    pub parallelism: usize,
    /// How fast.
    pub rate: Rate,
    /// What is tried again, and when.
    pub retry: Policy,
}

impl ClientSettings {
    /// The usual settings for an account.
    #[must_use]
    pub fn new(account: impl Into<String>, credentials: SignInSecrets) -> Self {
        Self {
            account: account.into(),
            domain_api: DOMAIN_API.to_owned(),
            hosts: BTreeMap::new(),
            reach: AllowedHosts::default(),
            credentials,
            credentials_from: "the credentials of the run".to_owned(),
            handoff_writes: false,
            user_agent: concat!("campaignctl/", env!("CARGO_PKG_VERSION")).to_owned(),
            verbs: Verbs::default(),
            timeouts: Timeouts::default(),
            parallelism: 16, // at ten requests per second, answers may take more than a second
            rate: Rate::default(),
            retry: Policy::default(),
        }
    }

    /// Whether the account is served by this very computer.
    #[must_use]
    pub fn is_local(&self) -> bool {
        urls::is_loopback_address(&self.domain_api)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::refresh::{Application, GivenToken};
    use super::*;

    #[test]
    fn debug_output_holds_no_secret() {
        for credentials in [
            SignInSecrets::ClientCredentials {
                id: "app".into(),
                secret: Secret::new("hush-hush"),
            },
            SignInSecrets::Login {
                username: "ann".into(),
                password: Secret::new("hush-hush"),
            },
            SignInSecrets::Bearer(Secret::new("hush-hush")),
            SignInSecrets::Refresh(Refresh {
                application: Application {
                    id: "app".into(),
                    secret: Some(Secret::new("hush-hush")),
                },
                keeper: Arc::new(GivenToken::new(Secret::new("hush-hush"))),
            }),
        ] {
            let text = format!("{:?}", ClientSettings::new("10000001", credentials));
            assert!(!text.contains("hush"), "{text}");
        }
    }
}
