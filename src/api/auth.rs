//! Tokens: one per run, renewed once when the platform says that it has expired. Never stored.

use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::Error;
use super::hosts::{Hosts, below};
use super::http::{Http, Payload, Request};
use super::retry::Repeat;
use super::settings::{Credentials, Secret};

/// The signed-in state of a client.
#[derive(Debug)]
pub(super) struct Session {
    account: String,
    credentials: Credentials,
    current: Mutex<Option<Token>>,
}

/// A token and how many came before it.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// The token itself.
    pub(super) secret: Secret,
    generation: u32,
}

impl Session {
    /// A session that has no token yet.
    pub(super) fn new(account: String, credentials: Credentials) -> Self {
        Self {
            account,
            credentials,
            current: Mutex::default(),
        }
    }

    /// The service that gives tokens, if one is needed.
    pub(super) fn service(credentials: &Credentials) -> Option<&'static str> {
        match credentials {
            Credentials::ClientCredentials { .. } => Some("sentinel"),
            Credentials::Login { .. } => Some("agentVep"),
            Credentials::Bearer(_) => None,
        }
    }

    /// The token of this run, fetched at the first call.
    pub(super) async fn token(&self, http: &Http, hosts: &Hosts) -> Result<Token, Error> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref() {
            return Ok(token.clone());
        }
        let secret = self.fetch(http, hosts).await?;
        let token = Token {
            secret,
            generation: 0,
        };
        Ok(current.insert(token).clone())
    }

    /// A newer token than `stale`, `None` when there cannot be one. Of many callers, one fetches it.
    pub(super) async fn renew(
        &self,
        http: &Http,
        hosts: &Hosts,
        stale: &Token,
    ) -> Result<Option<Token>, Error> {
        if matches!(self.credentials, Credentials::Bearer(_)) {
            return Ok(None);
        }
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref()
            && token.generation > stale.generation
        {
            return Ok(Some(token.clone()));
        }
        let token = Token {
            secret: self.fetch(http, hosts).await?,
            generation: stale.generation + 1,
        };
        Ok(Some(current.insert(token).clone()))
    }

    async fn fetch(&self, http: &Http, hosts: &Hosts) -> Result<Secret, Error> {
        match &self.credentials {
            Credentials::ClientCredentials { id, secret } => {
                self.client_credentials(http, hosts, id, secret).await
            }
            Credentials::Login { username, password } => {
                self.login(http, hosts, username, password).await
            }
            Credentials::Bearer(token) => Ok(token.clone()),
        }
    }

    /// The second version of the token call, or the first where there is no second (wire section 2.3).
    async fn client_credentials(
        &self,
        http: &Http,
        hosts: &Hosts,
        id: &str,
        secret: &Secret,
    ) -> Result<Secret, Error> {
        let host = hosts.of("sentinel")?;
        let account = self.account.as_str();
        let v2 = ["sentinel", "api", "v2", "account", account, "app", "token"];
        let v1 = ["sentinel", "api", "account", account, "app", "token"];
        let form = || {
            Payload::Form(vec![
                ("client_id", Secret::new(id)),
                ("client_secret", secret.clone()),
                ("grant_type", Secret::new("client_credentials")),
            ])
        };
        let ask = async |url| token_call(http, url, form(), secret, "access_token").await;
        match ask(below(host, v2, &[])).await {
            Err(Error::NotFound(_)) => ask(below(host, v1, &[("v", "1.0")])).await,
            answer => answer,
        }
    }

    async fn login(
        &self,
        http: &Http,
        hosts: &Hosts,
        username: &str,
        password: &Secret,
    ) -> Result<Secret, Error> {
        let path = ["api", "account", self.account.as_str(), "login"];
        let url = below(hosts.of("agentVep")?, path, &[("v", "1.3")]);
        let body = json!({ "username": username, "password": password.expose() });
        token_call(http, url, Payload::Json(body), password, "bearer").await
    }
}

async fn token_call(
    http: &Http,
    url: reqwest::Url,
    payload: Payload,
    secret: &Secret,
    key: &str,
) -> Result<Secret, Error> {
    let request = Request {
        repeat: Repeat::Idempotent,
        secrets: vec![secret.clone()],
        ..Request::post(url, "token", payload)
    };
    let answer = match http.send(&request, None).await {
        Err(Error::Refused(message)) => return Err(Error::Unauthenticated(message)),
        answer => answer?,
    };
    answer
        .body
        .as_ref()
        .and_then(|body: &Value| body.get(key)?.as_str())
        .filter(|token| !token.is_empty())
        .map(Secret::new)
        .ok_or_else(|| Error::Unexpected(format!("the sign-in answer holds no `{key}`")))
}
