//! Calls that sign in, and the token that an answer to one gives.

use std::time::Duration;

use serde_json::Value;

use super::ApiError;
use super::hosts::Hosts;
use super::http::Http;
use super::request::{Answer, Request};
use super::settings::Secret;
use super::tries::Tries;

/// What a sign-in gives.
pub(super) struct FreshToken {
    /// The token.
    pub(super) secret: Secret,
    /// How long it lives.
    pub(super) life: Option<Duration>,
    /// What prolongs a login.
    pub(super) refresh: Option<(Secret, Option<Secret>)>,
}

/// Sends a call that signs in. Whatever the platform has against it is about the credentials.
pub(super) async fn sign_in(
    http: &Http,
    hosts: &Hosts,
    mut request: Request,
) -> Result<Answer, ApiError> {
    let mut tries = Tries::new(http);
    loop {
        let failed = match tries.send(&request, None).await {
            Ok(answer) => return Ok(answer),
            Err(failed) => failed,
        };
        if hosts.is_elsewhere(&mut tries, &mut request, &failed).await {
            continue;
        }
        if let Err(error) = tries.again(&request, failed).await {
            let tried = format!("; tried {}", shown(&request.url));
            return Err(match error {
                ApiError::Refused(why) => ApiError::Unauthenticated(why),
                error => error,
            }
            .with(&tried));
        }
    }
}

/// A URL without its query.
fn shown(url: &reqwest::Url) -> String {
    let origin = url.origin().ascii_serialization();
    format!("{origin}{}", url.path())
}

/// A secret that an answer gives, which no message shows from then on.
pub(super) fn secret_in(http: &Http, answer: &Answer, key: &str) -> Result<Secret, ApiError> {
    let body = answer.body.as_ref();
    let text = body.and_then(|body| body.get(key)?.as_str());
    let secret = text
        .filter(|text| !text.is_empty())
        .map(Secret::new)
        .ok_or_else(|| ApiError::Unexpected(format!("the sign-in answer holds no `{key}`")))?;
    http.secrets.learn(&secret);
    Ok(secret)
}

/// A number of the body of an answer, which may be in quotes.
pub(super) fn number(answer: &Answer, key: &str) -> Option<u64> {
    match answer.body.as_ref()?.get(key)? {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}
