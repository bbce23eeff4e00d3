//! The client: a signed-in connection to one account.

use std::fmt;
use std::sync::PoisonError;
use std::time::Duration;

use reqwest::Url;

use super::auth::{CountedToken, SignedInState};
use super::hosts::{Hosts, Override};
use super::http::{Http, WriteFence};
use super::refresh::Refresh;
use super::refusals::Refusals;
use super::request::{Answer, Request};
use super::services::{ACCOUNT_CONFIG, HANDOFFS};
use super::settings::{ClientSettings, Verbs};
use super::tokens::FreshToken;
use super::tries::Tries;
use super::urls::{address, below};
use super::{ApiError, RequestCounts};
use crate::kinds::{Collection, KindId, Service};
use crate::name::RemoteId;

/// The characters of an account id, at most 20 of them (platform.md#values).
const ACCOUNT_MAX: usize = 20;

/// A signed-in connection to one account.
pub struct Client {
    pub(super) http: Http,
    pub(super) hosts: Hosts,
    session: SignedInState,
    credentials_from: String,
    account: String,
    pub(super) handoff_writes: bool,
    pub(super) verbs: Verbs,
    refusals: Refusals,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("account", &self.account)
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

/// Looks the services of the account up and signs in.
///
/// # Errors
/// As [`reach`], and [`ApiError::Unauthenticated`] for credentials that the platform refuses.
pub async fn connect(settings: ClientSettings) -> Result<Client, ApiError> {
    let client = reach(settings).await?;
    client.sign_in().await?;
    Ok(client)
}

/// Looks the services of the account up. The first request that needs it signs in.
///
/// # Errors
/// [`ApiError::Unconfigured`] for settings that cannot work, and whatever keeps the look-up from answering.
pub async fn reach(settings: ClientSettings) -> Result<Client, ApiError> {
    check_account(&settings.account)?;
    let http = Http::new(&settings)?;
    let token_service = SignedInState::service(&settings.credentials);
    let needed: Vec<&str> = [ACCOUNT_CONFIG].into_iter().chain(token_service).collect();
    let hosts = Hosts::find(&http, &settings, &needed).await?;
    Ok(Client {
        http,
        hosts,
        session: SignedInState::new(settings.account.clone(), settings.credentials),
        refusals: Refusals::default(),
        credentials_from: settings.credentials_from,
        account: settings.account,
        handoff_writes: settings.handoff_writes,
        verbs: settings.verbs,
    })
}

fn check_account(account: &str) -> Result<(), ApiError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !account.is_empty() && account.len() <= ACCOUNT_MAX && account.bytes().all(legal) {
        return Ok(());
    }
    Err(ApiError::Unconfigured(format!(
        "`{account}` is not an account id: it has 1 to {ACCOUNT_MAX} letters, digits and `_`"
    )))
}

impl Client {
    /// The requests so far.
    #[must_use]
    pub fn requests(&self) -> RequestCounts {
        self.http.counts()
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The host of the configuration, as a base URL.
    ///
    /// # Errors
    /// [`ApiError::Unconfigured`] where the look-up names none.
    pub fn configuration_host(&self) -> Result<String, ApiError> {
        Ok(address(&self.hosts.of(ACCOUNT_CONFIG)?))
    }

    /// The services that are known, by name: their host, and whether a setting fixes it.
    #[must_use]
    pub fn services(&self) -> Vec<(String, String, bool)> {
        let all = self.hosts.all().into_iter();
        all.map(|(name, url, fixed)| (name, address(&url), fixed))
            .collect()
    }

    /// The hosts that settings fix and the look-up names otherwise, or not at all. It asks the look-up.
    ///
    /// # Errors
    /// Whatever keeps the look-up from answering.
    pub async fn overrides(&self) -> Result<Vec<Override>, ApiError> {
        self.hosts.overrides(&self.http).await
    }

    /// Signs in, unless that was done already. How long the token lives from its making, if the platform says so.
    ///
    /// # Errors
    /// As [`connect`].
    pub async fn sign_in(&self) -> Result<Option<Duration>, ApiError> {
        Ok(self.token().await?.life())
    }

    /// Whether the platform replaced the refresh token that the run was given. The old one may have ended.
    #[must_use]
    pub fn has_replaced_refresh_token(&self) -> bool {
        self.session.is_replaced()
    }

    /// The refresh token of the run.
    pub(super) fn refresh(&self) -> Result<&Refresh, ApiError> {
        self.session.refresh().ok_or_else(|| {
            ApiError::Unconfigured("these credentials need no sign-in in a browser".to_owned())
        })
    }

    /// Goes on with a token that was fetched by another way.
    pub(super) async fn signed_in_with(&self, fresh: FreshToken) {
        self.session.take(fresh).await;
    }

    /// The platform's clock, from the `Date` of its last answer.
    #[must_use]
    pub fn platform_time(&self) -> Option<jiff::Timestamp> {
        self.http.platform_time()
    }

    /// How often the platform said that requests come too fast.
    #[must_use]
    pub fn throttled(&self) -> u64 {
        self.http.throttlings()
    }

    /// From now on, has this asked before each write is sent. `None`: nothing.
    pub fn fence(&self, fence: Option<WriteFence>) {
        let mut current = self
            .http
            .fence
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *current = fence;
    }

    /// Whether a request was given up because the retry budget is spent.
    #[must_use]
    pub fn is_budget_spent(&self) -> bool {
        self.http.spent().1
    }

    /// Sends a request with the token of this run. An expired token is renewed once, and a service that is
    /// not where it was is looked up again once.
    pub(super) async fn send(&self, mut request: Request) -> Result<Answer, ApiError> {
        let mut tries = Tries::new(&self.http);
        let mut renewed = false;
        loop {
            let token = self.token().await?;
            let failed = match tries.send(&request, Some(&token.secret)).await {
                Ok(answer) => {
                    self.refusals.served(&request);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            if matches!(failed.error, ApiError::Unauthenticated(_)) {
                if renewed {
                    self.refusals.in_vain();
                } else if self.refusals.may_be_about_the_token(&request) {
                    renewed = true;
                    if self.renew(&token).await? {
                        continue;
                    }
                }
            }
            if self
                .hosts
                .is_elsewhere(&mut tries, &mut request, &failed)
                .await
            {
                continue;
            }
            let again = tries.again(&request, failed).await;
            again.map_err(|error| self.accused(error))?;
        }
    }

    async fn token(&self) -> Result<CountedToken, ApiError> {
        let token = self.session.token(&self.http, &self.hosts).await;
        token.map_err(|error| self.accused(error))
    }

    async fn renew(&self, stale: &CountedToken) -> Result<bool, ApiError> {
        let renewed = self.session.renew(&self.http, &self.hosts, stale).await;
        renewed
            .map(|token| token.is_some())
            .map_err(|error| self.accused(error))
    }

    /// The error with the credentials that it is about.
    fn accused(&self, error: ApiError) -> ApiError {
        match error {
            ApiError::Unauthenticated(_) | ApiError::Denied(_) | ApiError::SignedOut(_) => {
                error.with(&format!("; signed in with {}", self.credentials_from))
            }
            error => error,
        }
    }

    /// The URL of a collection, or of an item in it.
    pub(super) fn url(
        &self,
        collection: &Collection,
        parent: Option<&RemoteId>,
        id: Option<&RemoteId>,
        projection: Option<(&str, &str)>,
    ) -> Result<Url, ApiError> {
        let (base, prefix) = match collection.service {
            Service::AccountConfig => (
                self.hosts.of(ACCOUNT_CONFIG)?,
                &["api", "account", self.account.as_str(), "configuration"][..],
            ),
            Service::Handoff => (
                self.handoff_host()?,
                &["api", "account", self.account.as_str()][..],
            ),
        };
        let mut segments = prefix.to_vec();
        for segment in collection.path.split('/').filter(|part| !part.is_empty()) {
            segments.push(match segment {
                "{parent}" => parent.map(RemoteId::as_str).ok_or_else(|| {
                    ApiError::Refused(format!("`{}` needs the id of a parent", collection.path))
                })?,
                literal => literal,
            });
        }
        segments.extend(id.map(RemoteId::as_str));
        let mut query = vec![("v", collection.version)];
        query.extend(projection);
        Ok(below(&base, segments, &query))
    }

    /// The back door of a sandbox, where handoffs are written.
    pub(super) fn back_door(&self, id: Option<&RemoteId>) -> Result<Url, ApiError> {
        let path = ["_sandbox", "account", self.account.as_str(), "handoffs"];
        let segments = path.into_iter().chain(id.map(RemoteId::as_str));
        Ok(below(&self.handoff_host()?, segments, &[]))
    }

    /// Finds the handoff service, before the first request to it.
    pub(super) async fn locate_handoffs(&self) -> Result<(), ApiError> {
        let located = self.hosts.locate(&self.http, HANDOFFS).await;
        located.map(drop).map_err(handoffs_unread)
    }

    fn handoff_host(&self) -> Result<Url, ApiError> {
        self.hosts.of(HANDOFFS).map_err(handoffs_unread)
    }
}

fn handoffs_unread(error: ApiError) -> ApiError {
    match error {
        ApiError::Unconfigured(why) => {
            ApiError::Unconfigured(format!("handoffs cannot be read: {why}"))
        }
        error => error,
    }
}

/// Where a kind lives.
pub(super) fn collection_of(kind: KindId) -> Result<&'static Collection, ApiError> {
    kind.def()
        .collection
        .ok_or_else(|| ApiError::Refused(format!("the platform has no {kind}")))
}
