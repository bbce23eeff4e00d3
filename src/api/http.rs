//! One function that sends: bounded, counted, retried, and never redirected.

use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Response, Url};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::count::RequestCounts;
use super::hosts;
use super::message::{message_of, redact, without_url};
use super::retry::{self, Failure, Policy, Repeat};
use super::settings::{Secret, Settings};
use super::{Error, Fate};

/// The longest answer that is read: some ten thousand whole engagements.
const ANSWER_MAX: usize = 64 * 1024 * 1024;

/// A request, ready to be sent more than once. No `Debug`: what it sends may be secret.
pub(super) struct Request {
    /// The verb on the wire.
    pub(super) method: Method,
    /// The verb that is meant, where an override header carries it.
    pub(super) meant: Option<&'static str>,
    /// Where to.
    pub(super) url: Url,
    /// What it is about, for counts and messages; holds no id and no secret.
    pub(super) subject: String,
    /// The `If-Match` header.
    pub(super) if_match: Option<String>,
    /// What is sent.
    pub(super) payload: Payload,
    /// Whether it may be carried out twice.
    pub(super) repeat: Repeat,
    /// What must not appear in a message although the platform may echo it.
    pub(super) secrets: Vec<Secret>,
}

/// What a request sends.
pub(super) enum Payload {
    /// Nothing.
    Empty,
    /// A JSON document.
    Json(Value),
    /// A form. Its values may be secrets.
    Form(Vec<(&'static str, Secret)>),
}

impl Request {
    /// A read.
    pub(super) fn get(url: Url, subject: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            meant: None,
            url,
            subject: subject.into(),
            if_match: None,
            payload: Payload::Empty,
            repeat: Repeat::Idempotent,
            secrets: Vec::new(),
        }
    }

    /// A write that is carried out at most once.
    pub(super) fn post(url: Url, subject: impl Into<String>, payload: Payload) -> Self {
        Self {
            method: Method::POST,
            payload,
            repeat: Repeat::Once,
            ..Self::get(url, subject)
        }
    }

    fn verb(&self) -> &'static str {
        self.meant.unwrap_or(match self.method {
            Method::GET => "GET",
            Method::PUT => "PUT",
            Method::DELETE => "DELETE",
            _ => "POST",
        })
    }

    fn named(&self, what: &str) -> String {
        format!("{} {}: {what}", self.verb(), self.subject)
    }

    /// The error of the last try, in the light of an earlier one that may have taken effect.
    fn doubted(&self, error: Error, doubt: Option<String>) -> Error {
        match (self.verb(), error, doubt) {
            // A delete is done whether the first or the second try did it.
            ("GET", error, _) | (_, error, None) | ("DELETE", error @ Error::NotFound(_), _) => {
                error
            }
            (_, error, Some(doubt)) => Error::Lost(format!("{doubt}; then {error}")),
        }
    }
}

/// A successful answer.
#[derive(Debug)]
pub(super) struct Answer {
    /// `ac-revision`, or else the entity tag without its quotes.
    pub(super) revision: Option<String>,
    /// `Location`.
    pub(super) location: Option<String>,
    /// The body, absent when it is empty.
    pub(super) body: Option<Value>,
}

struct Failed {
    failure: Option<Failure>, // None: no second try can help
    error: Error,
}

/// The connection pool, with its limits.
pub(super) struct Http {
    client: reqwest::Client,
    policy: Policy,
    permits: Semaphore,
    counts: Mutex<RequestCounts>,
}

impl Http {
    /// Opens a connection pool. Nothing is sent yet.
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        install_crypto();
        let mut builder = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .connect_timeout(settings.timeouts.connect)
            .timeout(settings.timeouts.total)
            .redirect(reqwest::redirect::Policy::none());
        if hosts::is_loopback(&hosts::base_url(&settings.domain_api)?) {
            builder = builder.no_proxy(); // credentials for a sandbox stay on this computer
        }
        let client = builder
            .build()
            .map_err(|error| Error::Unconfigured(without_url(error)))?;
        Ok(Self {
            client,
            policy: settings.retry,
            permits: Semaphore::new(settings.parallelism.max(1)),
            counts: Mutex::default(),
        })
    }

    /// The requests so far.
    pub(super) fn counts(&self) -> RequestCounts {
        self.lock_counts().clone()
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(
        &self,
        request: &Request,
        token: Option<&Secret>,
    ) -> Result<Answer, Error> {
        let mut attempt = 1;
        let mut doubt = None;
        loop {
            let Failed { failure, error } = match self.send_once(request, token).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let wait = failure
                .and_then(|failure| retry::wait(&self.policy, request.repeat, attempt, failure));
            let Some(wait) = wait else {
                return Err(request.doubted(error, doubt));
            };
            if error.fate() == Fate::Unknown {
                doubt = Some(error.to_string());
            }
            tracing::debug!(?wait, attempt, "trying again");
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    async fn send_once(&self, request: &Request, token: Option<&Secret>) -> Result<Answer, Failed> {
        let _permit = self.permits.acquire().await; // the semaphore is never closed
        let built = self.build(request, token)?;
        self.lock_counts().add(request.verb(), &request.subject);
        let response = match self.client.execute(built).await {
            Ok(response) => response,
            Err(error) => return Err(unanswered(request, error)),
        };
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = read_bounded(request, response).await?;
        if !status.is_success() {
            return Err(refused(request, status.as_u16(), &headers, &bytes, token));
        }
        Ok(Answer {
            revision: revision_of(&headers),
            location: text_of(&headers, "location"),
            body: parse(request, &bytes)?,
        })
    }

    fn build(&self, request: &Request, token: Option<&Secret>) -> Result<reqwest::Request, Failed> {
        let mut builder = self
            .client
            .request(request.method.clone(), request.url.clone())
            .header(ACCEPT, "application/json");
        builder = match &request.payload {
            Payload::Empty => builder.header(CONTENT_TYPE, "application/json"),
            Payload::Json(body) => builder.json(body),
            Payload::Form(pairs) => {
                let pairs = pairs.iter().map(|(key, value)| (*key, value.expose()));
                builder.form(&pairs.collect::<Vec<_>>())
            }
        };
        if let Some(meant) = request.meant {
            builder = builder.header("X-HTTP-Method-Override", meant);
        }
        if let Some(revision) = &request.if_match {
            builder = builder.header("If-Match", revision);
        }
        if let Some(token) = token {
            builder = builder.header(AUTHORIZATION, bearer(token)?);
        }
        builder.build().map_err(|error| Failed {
            failure: None,
            error: Error::Refused(request.named(&without_url(error))),
        })
    }

    fn lock_counts(&self) -> std::sync::MutexGuard<'_, RequestCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Chooses `ring` for TLS, once per process.
fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that the process has a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn bearer(token: &Secret) -> Result<HeaderValue, Failed> {
    let mut value =
        HeaderValue::from_str(&format!("Bearer {}", token.expose())).map_err(|_| Failed {
            failure: None,
            error: Error::Unauthenticated("the token holds a character no header can carry".into()),
        })?;
    value.set_sensitive(true);
    Ok(value)
}

fn unanswered(request: &Request, error: reqwest::Error) -> Failed {
    let connect = error.is_connect();
    let message = request.named(&without_url(error));
    if connect {
        return Failed {
            failure: Some(Failure::Connect),
            error: Error::Unreachable(message),
        };
    }
    Failed {
        failure: Some(Failure::Lost),
        error: match request.method {
            Method::GET => Error::Unavailable(message), // a read that is lost changed nothing
            _ => Error::Lost(message),
        },
    }
}

async fn read_bounded(request: &Request, mut response: Response) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > ANSWER_MAX => {
                let message = format!("the answer is longer than {ANSWER_MAX} bytes");
                return Err(Failed {
                    failure: None,
                    error: Error::Unexpected(request.named(&message)),
                });
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(error) => return Err(unanswered(request, error)),
        }
    }
}

fn refused(
    request: &Request,
    status: u16,
    headers: &HeaderMap,
    bytes: &[u8],
    token: Option<&Secret>,
) -> Failed {
    let message = match status {
        300..=399 => "a redirect, which is not followed".to_owned(),
        _ => message_of(bytes),
    };
    let secrets = token.into_iter().chain(&request.secrets);
    let message = redact(message, secrets);
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let wait: Option<Duration> = retry::retry_after(header("retry-after"), header("date"));
    Failed {
        failure: Some(Failure::Status(status, wait)),
        error: Error::from_status(status, request.named(&format!("{status} {message}"))),
    }
}

fn parse(request: &Request, bytes: &[u8]) -> Result<Option<Value>, Failed> {
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(bytes)
        .map(Some)
        .map_err(|error| Failed {
            failure: None,
            error: Error::Unexpected(request.named(&format!("it is not JSON: {error}"))),
        })
}

fn revision_of(headers: &HeaderMap) -> Option<String> {
    let tag = || {
        let tag = text_of(headers, "etag")?;
        Some(tag.trim_start_matches("W/").trim_matches('"').to_owned())
    };
    text_of(headers, "ac-revision").or_else(tag)
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
