//! Tokens: fetched when one is needed, renewed before they expire, and once when the platform says that one
//! has expired. Never stored: of a user's sign-in in a browser, the refresh token is (see [`super::refresh`]).
//!
//! Of many callers that need a newer token, one fetches it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::ApiError;
use super::exchange::renewed;
use super::hosts::Hosts;
use super::http::Http;
use super::refresh::Refresh;
use super::request::{Payload, Request};
use super::services::{AGENT, SENTINEL};
use super::settings::{Secret, SignInSecrets};
use super::tokens::{FreshToken, number, secret_in, sign_in};
use super::tries::Tries;
use super::urls::below;

/// A token is renewed when this much of its life is left, or a tenth of it if that is less.
const MARGIN: Duration = Duration::from_mins(1);

/// The signed-in state of a client.
#[derive(Debug)]
pub(super) struct SignedInState {
    account: String,
    credentials: SignInSecrets,
    current: Mutex<Option<CountedToken>>,
    /// Whether a refresh token was replaced that the next run will be given again.
    is_replaced: AtomicBool,
}

/// A token and how many came before it.
#[derive(Clone, Debug)]
pub(super) struct CountedToken {
    /// The token itself.
    pub(super) secret: Secret,
    generation: u32,
    life: Option<Duration>,
    /// When to fetch the next one; `None` when nothing is said of its life.
    renew_at: Option<Instant>,
    /// What prolongs a login: the `csrf` and the session cookie.
    refresh: Option<(Secret, Option<Secret>)>,
}

impl SignedInState {
    /// A session that has no token yet.
    pub(super) fn new(account: String, credentials: SignInSecrets) -> Self {
        Self {
            account,
            credentials,
            current: Mutex::default(),
            is_replaced: AtomicBool::new(false),
        }
    }

    /// The refresh token that the run signs in with.
    pub(super) fn refresh(&self) -> Option<&Refresh> {
        match &self.credentials {
            SignInSecrets::Refresh(refresh) => Some(refresh),
            _ => None,
        }
    }

    /// Whether a refresh token was replaced that the next run will be given again.
    pub(super) fn is_replaced(&self) -> bool {
        self.is_replaced.load(Ordering::Relaxed)
    }

    /// Goes on with a token that was fetched otherwise.
    pub(super) async fn take(&self, fresh: FreshToken) {
        let mut current = self.current.lock().await;
        let generation = current.as_ref().map_or(0, |token| token.generation + 1);
        *current = Some(CountedToken::of(fresh, generation));
    }

    /// The service that gives tokens, if one is needed.
    pub(super) fn service(credentials: &SignInSecrets) -> Option<&'static str> {
        match credentials {
            SignInSecrets::ClientCredentials { .. } | SignInSecrets::Refresh(_) => Some(SENTINEL),
            SignInSecrets::Login { .. } => Some(AGENT),
            SignInSecrets::Bearer(_) => None,
        }
    }

    /// The token of this run, fetched at the first call and when the last one is about to expire.
    pub(super) async fn token(&self, http: &Http, hosts: &Hosts) -> Result<CountedToken, ApiError> {
        let mut current = self.current.lock().await;
        let token = match current.as_ref() {
            Some(token) if token.is_fresh() => return Ok(token.clone()),
            Some(old) => {
                let fresh = match self.prolong(http, hosts, old).await {
                    Some(fresh) => fresh,
                    None => self.fetch(http, hosts).await?,
                };
                CountedToken::of(fresh, old.generation + 1)
            }
            None => CountedToken::of(self.fetch(http, hosts).await?, 0),
        };
        Ok(current.insert(token).clone())
    }

    /// A newer token than `stale`, `None` when there cannot be one.
    pub(super) async fn renew(
        &self,
        http: &Http,
        hosts: &Hosts,
        stale: &CountedToken,
    ) -> Result<Option<CountedToken>, ApiError> {
        if matches!(self.credentials, SignInSecrets::Bearer(_)) {
            return Ok(None);
        }
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref()
            && token.generation > stale.generation
        {
            return Ok(Some(token.clone()));
        }
        let fresh = self.fetch(http, hosts).await?;
        let token = CountedToken::of(fresh, stale.generation + 1);
        Ok(Some(current.insert(token).clone()))
    }

    async fn fetch(&self, http: &Http, hosts: &Hosts) -> Result<FreshToken, ApiError> {
        match &self.credentials {
            SignInSecrets::ClientCredentials { id, secret } => {
                self.client_credentials(http, hosts, id, secret).await
            }
            SignInSecrets::Login { username, password } => {
                self.login(http, hosts, username, password).await
            }
            SignInSecrets::Refresh(refresh) => {
                let renewed = renewed(http, hosts, &self.account, refresh).await;
                let (fresh, is_lost) = renewed?;
                self.is_replaced.fetch_or(is_lost, Ordering::Relaxed);
                Ok(fresh)
            }
            SignInSecrets::Bearer(token) => Ok(FreshToken {
                secret: token.clone(),
                life: None,
                refresh: None,
            }),
        }
    }

    /// The second version of the token call, or the first where there is no second (platform.md#signing-in).
    async fn client_credentials(
        &self,
        http: &Http,
        hosts: &Hosts,
        id: &str,
        secret: &Secret,
    ) -> Result<FreshToken, ApiError> {
        let account = self.account.as_str();
        let v2 = ["sentinel", "api", "v2", "account", account, "app", "token"];
        let v1 = ["sentinel", "api", "account", account, "app", "token"];
        let request = |url| {
            let form = Payload::Form(vec![
                ("client_id", Secret::new(id)),
                ("client_secret", secret.clone()),
                ("grant_type", Secret::new("client_credentials")),
            ]);
            Request {
                service: Some(SENTINEL),
                ..Request::ask(url, "token", form)
            }
        };
        let second = request(below(&hosts.of(SENTINEL)?, v2, &[]));
        let answer = match sign_in(http, hosts, second).await {
            Err(ApiError::NotFound(_)) => {
                let first = request(below(&hosts.of(SENTINEL)?, v1, &[("v", "1.0")]));
                sign_in(http, hosts, first).await
            }
            answer => answer,
        }?;
        Ok(FreshToken {
            secret: secret_in(http, &answer, "access_token")?,
            life: number(&answer, "expires_in").map(Duration::from_secs),
            refresh: None,
        })
    }

    async fn login(
        &self,
        http: &Http,
        hosts: &Hosts,
        username: &str,
        password: &Secret,
    ) -> Result<FreshToken, ApiError> {
        let path = ["api", "account", self.account.as_str(), "login"];
        let url = below(&hosts.of(AGENT)?, path, &[("v", "1.3")]);
        let body = json!({ "username": username, "password": password.expose() });
        let request = Request {
            service: Some(AGENT),
            ..Request::ask(url, "login", Payload::Json(body))
        };
        let answer = sign_in(http, hosts, request).await?;
        if let Some(cookie) = &answer.cookie {
            http.secrets.learn(cookie);
        }
        let csrf = secret_in(http, &answer, "csrf").ok();
        Ok(FreshToken {
            secret: secret_in(http, &answer, "bearer")?,
            life: number(&answer, "sessionTTl").map(Duration::from_millis),
            refresh: csrf.map(|csrf| (csrf, answer.cookie)),
        })
    }

    /// A login that lives on under the same bearer, `None` when that is not to be had.
    async fn prolong(&self, http: &Http, hosts: &Hosts, old: &CountedToken) -> Option<FreshToken> {
        let (csrf, cookie) = old.refresh.clone()?;
        let path = ["api", "account", self.account.as_str(), "refresh"];
        let body = Payload::Json(json!({ "csrf": csrf.expose() }));
        let request = Request {
            cookie: cookie.clone(),
            ..Request::ask(below(&hosts.of(AGENT).ok()?, path, &[]), "refresh", body)
        };
        let sent = Tries::new(http).send(&request, Some(&old.secret)).await;
        let life = number(&sent.ok()?, "sessionTTl").map(Duration::from_millis);
        Some(FreshToken {
            secret: old.secret.clone(),
            life: life.or(old.life),
            refresh: old.refresh.clone(),
        })
    }
}

impl CountedToken {
    fn of(fresh: FreshToken, generation: u32) -> Self {
        let FreshToken {
            secret,
            life,
            refresh,
        } = fresh;
        let margin = |life: Duration| MARGIN.min(life / 10);
        Self {
            secret,
            generation,
            life,
            renew_at: life
                .and_then(|life| Instant::now().checked_add(life.saturating_sub(margin(life)))),
            refresh,
        }
    }

    fn is_fresh(&self) -> bool {
        self.renew_at.is_none_or(|at| Instant::now() < at)
    }

    /// How long the token lives from its making, if the platform said so.
    pub(super) fn life(&self) -> Option<Duration> {
        self.life
    }
}
