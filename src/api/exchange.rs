//! Exchanges at the platform's token service, on behalf of an application: a code or a refresh token for a token.

use std::time::Duration;

use super::ApiError;
use super::hosts::Hosts;
use super::http::Http;
use super::refresh::{Application, HeldRefreshToken, Refresh, TokenKeeper};
use super::request::{Answer, Payload, Request};
use super::services::SENTINEL;
use super::settings::Secret;
use super::tokens::{FreshToken, number, secret_in, sign_in};
use super::urls::below;

/// How often a run looks whether another one is done with the refresh token.
const LOOK: Duration = Duration::from_millis(50);

/// For how long: an exchange waits for a failing platform, but not for ever.
const LOOKS_MAX: u32 = 1200; // a minute

/// Gets a token by the refresh token, and keeps the one that replaces it. Whether that is lost after the run.
pub(super) async fn renewed(
    http: &Http,
    hosts: &Hosts,
    account: &str,
    refresh: &Refresh,
) -> Result<(FreshToken, bool), ApiError> {
    let mut taken = taken(refresh.keeper.as_ref()).await?;
    http.secrets.learn(taken.token());
    let call = TokenCall {
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

/// The token of an answer.
pub(super) fn fresh(http: &Http, answer: &Answer) -> Result<FreshToken, ApiError> {
    Ok(FreshToken {
        secret: secret_in(http, answer, "access_token")?,
        life: number(answer, "expires_in").map(Duration::from_secs),
        refresh: None,
    })
}

/// A call for a token on behalf of an application.
pub(super) struct TokenCall<'a> {
    pub(super) http: &'a Http,
    pub(super) hosts: &'a Hosts,
    pub(super) account: &'a str,
    pub(super) application: &'a Application,
}

impl TokenCall<'_> {
    /// Sends it with a grant.
    pub(super) async fn token(
        &self,
        mut form: Vec<(&'static str, Secret)>,
    ) -> Result<Answer, ApiError> {
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
