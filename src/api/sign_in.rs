//! The authorization-code grant of OAuth 2.0, for users on single sign-on (platform.md#signing-in).
//!
//! A user opens the platform's own page in a browser. The page sends the browser back to a loopback address with a
//! code, the code is exchanged for a refresh token once, and every run gets its token by that from then on.
//!
//! - A refresh token may be replaced whenever it is used. So one run at a time exchanges it, and the new one is kept
//!   before it is used: [`TokenKeeper`].
//! - PKCE is not part of the platform's documentation, and is not sent: what protects the code is the random `state`,
//!   the loopback address, and the client secret where the application has one.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::crypto::ring;

use super::ApiError;
use super::auth::{FreshToken, SENTINEL, number, secret_in, sign_in};
use super::client::Client;
use super::hosts::Hosts;
use super::http::Http;
use super::request::{Answer, Payload, Request};
use super::settings::Secret;
use super::urls::below;

/// The bytes of a `state`: too many to guess.
const STATE_BYTES: usize = 32;

/// How often a run looks whether another one is done with the refresh token.
const LOOK: Duration = Duration::from_millis(50);

/// For how long: an exchange waits for a failing platform, but not for ever.
const LOOKS_MAX: u32 = 1200; // a minute

/// The application that users sign in to.
#[derive(Clone, Debug)]
pub struct Application {
    /// The client id.
    pub id: String,
    /// The client secret, of an application that has one.
    pub secret: Option<Secret>,
}

/// A refresh token, and the application that it belongs to.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The application.
    pub application: Application,
    /// Who keeps the refresh token.
    pub keeper: Arc<dyn TokenKeeper>,
}

/// Keeps a refresh token from one use to the next.
pub trait TokenKeeper: fmt::Debug + Send + Sync {
    /// Takes the token for one exchange; `None` while another run has taken it.
    ///
    /// # Errors
    /// A token that is not there, or cannot be read.
    fn take(&self) -> Result<Option<Box<dyn HeldRefreshToken>>, ApiError>;

    /// Whether a new token is there for the next run.
    fn is_lasting(&self) -> bool;
}

/// A refresh token that no other run uses until this goes.
pub trait HeldRefreshToken: Send {
    /// The token.
    fn token(&self) -> &Secret;

    /// Keeps the token that replaces it.
    ///
    /// # Errors
    /// A token that cannot be kept.
    fn replace(&mut self, token: &Secret) -> Result<(), ApiError>;
}

/// A refresh token that the run was given: a new one lives as long as the run.
#[derive(Debug)]
pub struct GivenToken(Arc<Mutex<Secret>>);

impl GivenToken {
    /// Keeps this token.
    #[must_use]
    pub fn new(token: Secret) -> Self {
        Self(Arc::new(Mutex::new(token)))
    }
}

impl TokenKeeper for GivenToken {
    fn take(&self) -> Result<Option<Box<dyn HeldRefreshToken>>, ApiError> {
        let token = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(Box::new(Lent {
            token: token.clone(),
            all: Arc::clone(&self.0),
        })))
    }

    fn is_lasting(&self) -> bool {
        false
    }
}

struct Lent {
    token: Secret,
    all: Arc<Mutex<Secret>>,
}

impl HeldRefreshToken for Lent {
    fn token(&self) -> &Secret {
        &self.token
    }

    fn replace(&mut self, token: &Secret) -> Result<(), ApiError> {
        *self.all.lock().unwrap_or_else(PoisonError::into_inner) = token.clone();
        Ok(())
    }
}

/// A random text that ties the answer of the platform's page to the run that asked for it.
///
/// # Errors
/// A system that has no random numbers.
pub fn random_state() -> Result<Secret, ApiError> {
    let mut bytes = [0; STATE_BYTES];
    let random = ring::default_provider().secure_random;
    random
        .fill(&mut bytes)
        .map_err(|_| ApiError::Unconfigured("the system gives no random numbers".to_owned()))?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

impl Client {
    /// The page on which a user signs in. It sends the browser back to `redirect` with a code and this `state`.
    ///
    /// # Errors
    /// Credentials of another form; a service that the look-up does not name.
    pub fn sign_in_page(&self, redirect: &str, state: &Secret) -> Result<String, ApiError> {
        let application = &self.refresh()?.application;
        let path = ["sentinel", "api", "account", self.account(), "authorize"];
        let query = [
            ("v", "1.0"),
            ("response_type", "code"),
            ("client_id", application.id.as_str()),
            ("redirect_uri", redirect),
            ("state", state.expose()),
        ];
        Ok(below(&self.hosts.of(SENTINEL)?, path, &query).into())
    }

    /// Exchanges the code of a sign-in, and returns the refresh token. The client is signed in from then on.
    ///
    /// # Errors
    /// [`ApiError::Unauthenticated`] when the platform refuses the code, and whatever keeps it from answering.
    pub async fn redeem(&self, code: &Secret, redirect: &str) -> Result<Secret, ApiError> {
        self.http.secrets.learn(code);
        let call = Call {
            http: &self.http,
            hosts: &self.hosts,
            account: self.account(),
            application: &self.refresh()?.application,
        };
        let grant = vec![
            ("grant_type", Secret::new("authorization_code")),
            ("code", code.clone()),
            ("redirect_uri", Secret::new(redirect)),
        ];
        let answer = call.token(grant).await?;
        let refresh = secret_in(&self.http, &answer, "refresh_token")?;
        self.signed_in_with(fresh(&self.http, &answer)?).await;
        Ok(refresh)
    }
}

/// Gets a token by the refresh token, and keeps the one that replaces it. Whether that is lost after the run.
pub(super) async fn renewed(
    http: &Http,
    hosts: &Hosts,
    account: &str,
    refresh: &Refresh,
) -> Result<(FreshToken, bool), ApiError> {
    let mut taken = taken(refresh.keeper.as_ref()).await?;
    http.secrets.learn(taken.token());
    let call = Call {
        http,
        hosts,
        account,
        application: &refresh.application,
    };
    let grant = vec![
        ("grant_type", Secret::new("refresh_token")),
        ("refresh_token", taken.token().clone()),
    ];
    let answer = call.token(grant).await.map_err(|error| match error {
        ApiError::Unauthenticated(why) => ApiError::SignedOut(why),
        error => error,
    })?;
    let next = secret_in(http, &answer, "refresh_token").ok();
    let next = next.filter(|next| next != taken.token());
    if let Some(next) = &next {
        taken.replace(next)?;
    }
    let is_lost = next.is_some() && !refresh.keeper.is_lasting();
    Ok((fresh(http, &answer)?, is_lost))
}

async fn taken(keeper: &dyn TokenKeeper) -> Result<Box<dyn HeldRefreshToken>, ApiError> {
    for _ in 0..LOOKS_MAX {
        if let Some(taken) = keeper.take()? {
            return Ok(taken);
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(ApiError::Unavailable(
        "another run has been renewing its token for a minute".to_owned(),
    ))
}

fn fresh(http: &Http, answer: &Answer) -> Result<FreshToken, ApiError> {
    Ok(FreshToken {
        secret: secret_in(http, answer, "access_token")?,
        life: number(answer, "expires_in").map(Duration::from_secs),
        refresh: None,
    })
}

/// A call for a token on behalf of an application.
struct Call<'a> {
    http: &'a Http,
    hosts: &'a Hosts,
    account: &'a str,
    application: &'a Application,
}

impl Call<'_> {
    async fn token(&self, mut form: Vec<(&'static str, Secret)>) -> Result<Answer, ApiError> {
        form.push(("client_id", Secret::new(&self.application.id)));
        let secret = self.application.secret.iter();
        form.extend(secret.map(|secret| ("client_secret", secret.clone())));
        let path = ["sentinel", "api", "account", self.account, "token"];
        let url = below(&self.hosts.of(SENTINEL)?, path, &[("v", "2.0")]);
        let request = Request {
            service: Some(SENTINEL),
            ..Request::ask(url, "token", Payload::Form(form))
        };
        sign_in(self.http, self.hosts, request).await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_state_is_like_another() {
        let states: BTreeSet<_> = (0..100)
            .map(|_| random_state().unwrap().expose().to_owned())
            .collect();
        assert_eq!(states.len(), 100);
        assert!(states.iter().all(|state| state.len() == 43), "256 bits");
    }

    #[test]
    fn a_given_token_is_replaced_for_the_run() {
        let given = GivenToken::new(Secret::new("first"));
        let mut taken = given.take().unwrap().unwrap();
        taken.replace(&Secret::new("second")).unwrap();
        assert_eq!(taken.token().expose(), "first");
        assert_eq!(given.take().unwrap().unwrap().token().expose(), "second");
        assert!(!given.is_lasting());
        assert!(!format!("{given:?}").contains("second"));
    }
}
