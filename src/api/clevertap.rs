//! The campaign API of CleverTap: made once, looked at and stopped (platform.md#clevertap).
//!
//! It is another vendor's: a host by region, two headers in place of a sign-in, and refusals with the status 200. A
//! campaign is made at most once: the request is tried again only where the service says that it did nothing (429), or
//! where no connection came up.

use std::fmt;
use std::sync::PoisonError;

use jiff::civil::Date;
use reqwest::Url;
use serde_json::{Value, json};

use super::ApiError;
use super::governor::Rate;
use super::http::{Http, WriteFence};
use super::message::message_of;
use super::request::{Payload, Request};
use super::retry::Policy;
use super::settings::{ClientSettings, Secret, SignInSecrets};
use super::urls::{address, base_url, below};

/// The name of the service in settings.
pub const CLEVERTAP: &str = "clevertap";

/// How many requests a second the service takes that make campaigns (platform.md#clevertap).
const CREATES_A_SECOND: f64 = 3.0;

/// What a refusal of the credentials may mean beside.
const REGION: &str = "; a wrong region looks the same";

/// What is needed to call the service.
#[derive(Clone, Debug)]
pub struct ClevertapSettings {
    /// The account id.
    pub account: String,
    /// The passcode of the account.
    pub passcode: Secret,
    /// The base URL of the account's region.
    pub host: String,
    /// How patient the run is.
    pub retry: Policy,
}

/// A CleverTap account. Nothing is sent before the first call.
pub struct ClevertapClient {
    http: Http,
    base: Url,
    account: String,
    passcode: Secret,
}

impl fmt::Debug for ClevertapClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clevertap")
            .field("host", &address(&self.base))
            .finish_non_exhaustive()
    }
}

impl ClevertapClient {
    /// Makes a client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ApiError::Unconfigured`] for settings that cannot work.
    pub fn new(settings: ClevertapSettings) -> Result<Self, ApiError> {
        let ClevertapSettings {
            account,
            passcode,
            host,
            retry,
        } = settings;
        let base = base_url(&host)?;
        let credentials = SignInSecrets::Login {
            username: account.clone(),
            password: passcode.clone(),
        };
        let http = Http::new(&ClientSettings {
            domain_api: host,
            rate: Rate {
                requests: Some(CREATES_A_SECOND),
                writes: None,
            },
            retry,
            parallelism: 1, // three side by side are the most that the account takes, from everybody together
            ..ClientSettings::new(account.clone(), credentials)
        })?;
        Ok(Self {
            http,
            base,
            account,
            passcode,
        })
    }

    /// The host, for people.
    #[must_use]
    pub fn host(&self) -> String {
        address(&self.base)
    }

    /// The account id.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// From now on, has this asked before a campaign is made or stopped. `None`: nothing.
    pub fn fence(&self, fence: Option<WriteFence>) {
        let current = self.http.fence.lock();
        *current.unwrap_or_else(PoisonError::into_inner) = fence;
    }

    /// How many users a campaign would reach. Nothing is made and nothing is kept.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn estimate(&self, body: &Value) -> Result<Value, ApiError> {
        let mut body = body.clone();
        body["estimate_only"] = json!(true);
        let request = Request::ask(
            self.url("create.json"),
            "targets/create",
            Payload::Json(body),
        );
        self.send(request).await
    }

    /// Makes a campaign: sends it, or keeps it as a draft where the body says so.
    ///
    /// # Errors
    /// Those of any write: [`ApiError::fate`] says whether it may have been made.
    pub async fn create(&self, body: &Value) -> Result<Value, ApiError> {
        let payload = Payload::Json(body.clone());
        let request = Request::post(self.url("create.json"), "targets/create", payload);
        self.send(request).await
    }

    /// Stops a campaign. One that is stopped already is no error.
    ///
    /// # Errors
    /// [`ApiError::Refused`] for a campaign that the service does not know.
    pub async fn stop(&self, id: &str) -> Result<Value, ApiError> {
        let payload = Payload::Json(json!({ "id": number(id) }));
        // It can be carried out twice: the second time changes nothing.
        let request = Request {
            repeat: super::retry::Repeat::Idempotent,
            ..Request::post(self.url("stop.json"), "targets/stop", payload)
        };
        self.send(request).await
    }

    /// The campaigns that are scheduled for a time.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self, from: Date, to: Date) -> Result<Value, ApiError> {
        let whole = |date: Date| date.strftime("%Y%m%d").to_string();
        let body = json!({ "from": number(&whole(from)), "to": number(&whole(to)) });
        let request = Request::ask(self.url("list.json"), "targets/list", Payload::Json(body));
        self.send(request).await
    }

    /// What a campaign that is over reached; `None` where it is not over yet.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn result(&self, id: &str) -> Result<Option<Value>, ApiError> {
        let body = json!({ "id": number(id) });
        let request = Request::ask(
            self.url("result.json"),
            "targets/result",
            Payload::Json(body),
        );
        match self.send(request).await {
            Ok(answer) => Ok(Some(answer)),
            Err(ApiError::Conflict(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The figures of all campaigns that began in a time, those of the dashboard too.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn report(&self, from: Date, to: Date) -> Result<Value, ApiError> {
        let text = |date: Date| date.strftime("%Y%m%d").to_string();
        let body = json!({ "from": text(from), "to": text(to) });
        let url = below(&self.base, ["1", "message", "report.json"], &[]);
        let request = Request::ask(url, "message/report", Payload::Json(body));
        self.send(request).await
    }

    fn url(&self, call: &'static str) -> Url {
        below(&self.base, ["1", "targets", call], &[])
    }

    async fn send(&self, request: Request) -> Result<Value, ApiError> {
        let account = Secret::new(&self.account);
        let request = Request {
            headers: vec![
                ("X-CleverTap-Account-Id", account),
                ("X-CleverTap-Passcode", self.passcode.clone()),
            ],
            ..request
        };
        let answer = self
            .http
            .send(&request)
            .await
            .map_err(|error| match error {
                ApiError::Unauthenticated(_) => error.with(REGION),
                error => error,
            })?;
        let body = answer.body;
        let body =
            body.ok_or_else(|| ApiError::Unexpected(request.named("the answer is empty")))?;
        if body.get("status").and_then(Value::as_str) == Some("fail") {
            let why = message_of(body.to_string().as_bytes(), &self.http.secrets);
            return Err(ApiError::Refused(request.named(&why)));
        }
        Ok(body)
    }
}

/// A number where it is one: ids and days are numbers on the wire.
fn number(text: &str) -> Value {
    text.parse::<u64>()
        .map_or_else(|_| text.into(), Value::from)
}
