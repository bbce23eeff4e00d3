//! The authorization-code grant of OAuth 2.0, for users on single sign-on (platform.md#signing-in).
//!
//! A user opens the platform's own page in a browser. The page sends the browser back to a loopback address with a
//! code, the code is exchanged for a refresh token once, and every run gets its token by that from then on.
//!
//! PKCE is not part of the platform's documentation, and is not sent: what protects the code is the random `state`, the
//! loopback address, and the client secret where the application has one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::crypto::ring;

use super::ApiError;
use super::client::Client;
use super::exchange::{TokenCall, fresh};
use super::services::SENTINEL;
use super::settings::Secret;
use super::tokens::secret_in;
use super::urls::below;

/// The bytes of a `state`: too many to guess.
const STATE_BYTES: usize = 32;

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
        let call = TokenCall {
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
}
