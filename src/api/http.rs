//! One function that sends one request once: bounded, counted, logged, and never redirected.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue};
use reqwest::{Method, Response};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::ApiError;
use super::answer;
use super::budget::Budget;
use super::count::RequestCounts;
use super::failed::Failed;
use super::governor::{Governor, Lane, RequestTurn};
use super::log;
use super::message::without_url;
use super::request::{Answer, Payload, Request};
use super::retry::{Policy, TryFailure};
use super::secrets::Secrets;
use super::settings::{ClientSettings, Secret};
use super::urls;
use crate::text::exact;

/// The longest answer that is read: some ten thousand whole engagements.
const ANSWER_MAX: usize = 64 * 1024 * 1024;

/// Is asked right before each write is sent, behind all waiting for its turn, and says why it must not be.
pub type WriteFence =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// The connection pool of an account, with its limits.
pub(super) struct Http {
    client: reqwest::Client,
    permits: Semaphore,
    counts: Mutex<RequestCounts>,
    /// The platform's clock when it was last heard of.
    heard: Mutex<Option<(jiff::Timestamp, Instant)>>,
    /// What is asked before each write.
    pub(super) fence: Mutex<Option<WriteFence>>,
    /// How often, and how long.
    pub(super) policy: Policy,
    /// How fast: shared with all that call this account.
    governor: Arc<Governor>,
    /// How long the run waits in all.
    budget: Mutex<Budget>,
    /// How many requests of the run were throttled.
    throttlings: AtomicU64,
    /// What no message shows.
    pub(super) secrets: Secrets,
}

impl Http {
    /// Opens a connection pool. Nothing is sent yet.
    pub(super) fn new(settings: &ClientSettings) -> Result<Self, ApiError> {
        install_crypto();
        let mut builder = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .connect_timeout(settings.timeouts.connect)
            .timeout(settings.timeouts.total)
            .redirect(reqwest::redirect::Policy::none());
        let base = urls::base_url(&settings.domain_api)?;
        let is_local = urls::is_loopback(&base);
        if is_local {
            builder = builder.no_proxy(); // credentials for a sandbox stay on this computer
        }
        let client = builder
            .build()
            .map_err(|error| ApiError::Unconfigured(without_url(error)))?;
        Ok(Self {
            client,
            permits: Semaphore::new(settings.parallelism.max(1)),
            counts: Mutex::default(),
            heard: Mutex::default(),
            fence: Mutex::default(),
            policy: settings.retry,
            governor: Governor::of(base.as_str(), &settings.account, (settings.rate, is_local)),
            budget: Mutex::new(Budget::new(settings.retry.budget)),
            throttlings: AtomicU64::new(0),
            secrets: Secrets::of(&settings.credentials),
        })
    }

    /// Takes a wait from the budget of the run; `false` when it does not fit.
    pub(super) fn pay(&self, wait: Duration) -> bool {
        self.lock_budget().pay(Instant::now(), wait)
    }

    /// How much of the budget is spent, and whether a wait did not fit any more.
    pub(super) fn spent(&self) -> (Duration, bool) {
        let budget = self.lock_budget();
        (budget.spent(), budget.is_exhausted())
    }

    /// A request was throttled: everybody who calls the account waits.
    pub(super) fn throttled(&self, turn: RequestTurn, wait: Duration) {
        self.throttlings.fetch_add(1, Ordering::Relaxed);
        self.governor.throttled(turn, wait);
    }

    /// How many requests of the run were throttled.
    pub(super) fn throttlings(&self) -> u64 {
        self.throttlings.load(Ordering::Relaxed)
    }

    fn lock_budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The requests so far.
    pub(super) fn counts(&self) -> RequestCounts {
        self.lock_counts().clone()
    }

    /// The platform's clock, from the `Date` of its last answer.
    pub(super) fn platform_time(&self) -> Option<jiff::Timestamp> {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let (date, at) = heard?;
        date.checked_add(jiff::SignedDuration::try_from(at.elapsed()).ok()?)
            .ok()
    }

    /// Sends a request when it is its turn, and reads the whole answer.
    pub(super) async fn send_once(
        &self,
        request: &Request,
        token: Option<&Secret>,
        attempt: u32,
    ) -> Result<Answer, Failed> {
        let _permit = self.permits.acquire().await; // the semaphore is never closed
        let turn = self.governor.turn(request.lane).await;
        let built = self.build(request, token)?;
        if request.lane == Lane::Write {
            self.pass(request).await?;
        }
        self.lock_counts().add(request.verb(), &request.subject);
        let start = Instant::now();
        let (status, result) = self.exchange(request, built).await;
        self.governor.arrived(turn);
        log::sent(request, status, attempt, start.elapsed(), &result);
        match result {
            Ok(answer) => {
                self.governor.answered();
                Ok(Answer {
                    sent: Some(start),
                    ..answer
                })
            }
            Err(failed) => Err(Failed {
                turn: Some(turn),
                ..failed
            }),
        }
    }

    /// Asks whether a write may still be sent.
    async fn pass(&self, request: &Request) -> Result<(), Failed> {
        let fence = {
            let fence = self.fence.lock();
            fence.unwrap_or_else(PoisonError::into_inner).clone()
        };
        let Some(fence) = fence else {
            return Ok(());
        };
        let refuse = |why: String| {
            Failed::for_good(ApiError::Refused(
                request.named(&format!("not sent: {why}")),
            ))
        };
        fence().await.map_err(refuse)
    }

    /// The status, if an answer came, and what the answer means.
    async fn exchange(
        &self,
        request: &Request,
        built: reqwest::Request,
    ) -> (Option<u16>, Result<Answer, Failed>) {
        let response = match self.client.execute(built).await {
            Ok(response) => response,
            Err(error) => return (None, Err(unanswered(request, error))),
        };
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        self.hear(&headers);
        let answer = match read_bounded(request, response).await {
            Ok(bytes) => answer::read(request, status, &headers, &bytes, &self.secrets),
            Err(failed) => Err(failed),
        };
        (Some(status), answer)
    }

    fn hear(&self, headers: &HeaderMap) {
        if let Some(date) = answer::date_of(headers) {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            *heard = Some((date, Instant::now()));
        }
    }

    fn build(&self, request: &Request, token: Option<&Secret>) -> Result<reqwest::Request, Failed> {
        let mut builder = self
            .client
            .request(request.method.clone(), request.url.clone())
            .header(ACCEPT, "application/json");
        builder = match &request.payload {
            Payload::Empty => builder.header(CONTENT_TYPE, "application/json"),
            Payload::Json(body) => builder
                .header(CONTENT_TYPE, "application/json")
                .body(exact::write(body)),
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
        if let Some(cookie) = &request.cookie {
            builder = builder.header(COOKIE, sensitive(cookie.expose())?);
        }
        for (name, value) in &request.headers {
            builder = builder.header(*name, sensitive(value.expose())?);
        }
        if let Some(token) = token {
            let bearer = format!("Bearer {}", token.expose());
            builder = builder.header(AUTHORIZATION, sensitive(&bearer)?);
        }
        builder.build().map_err(|error| {
            Failed::for_good(ApiError::Refused(request.named(&without_url(error))))
        })
    }

    fn lock_counts(&self) -> std::sync::MutexGuard<'_, RequestCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Chooses `ring` for TLS, once per process.
pub(crate) fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that the process has a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// A header that the HTTP library does not show.
fn sensitive(text: &str) -> Result<HeaderValue, Failed> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let why = "the token holds a character no header can carry";
        Failed::for_good(ApiError::Unauthenticated(why.into()))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// What it means that no whole answer came.
fn unanswered(request: &Request, error: reqwest::Error) -> Failed {
    let is_connect = error.is_connect();
    let message = request.named(&without_url(error));
    if is_connect {
        let message = format!("{message} ({})", urls::address(&request.url));
        return Failed::for_now(TryFailure::Connect, ApiError::Unreachable(message));
    }
    let error = match request.method {
        Method::GET => ApiError::Unavailable(message), // a read that is lost changed nothing
        _ => ApiError::Lost(message),
    };
    Failed::for_now(TryFailure::Lost, error)
}

async fn read_bounded(request: &Request, mut response: Response) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > ANSWER_MAX => {
                let message = format!("the answer is longer than {ANSWER_MAX} bytes");
                let error = ApiError::Unexpected(request.named(&message));
                return Err(Failed::for_good(error));
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(error) => return Err(unanswered(request, error)),
        }
    }
}

/// A wait as messages tell it: `250 ms`, `31 s`.
pub(super) fn shown(wait: Duration) -> String {
    match wait.as_secs() {
        0 => format!("{} ms", wait.as_millis()),
        seconds => format!("{seconds} s"),
    }
}
