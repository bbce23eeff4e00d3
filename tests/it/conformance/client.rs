//! A bare HTTP client in the way of the public ones, and a sandbox for it on a free port.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use campaignctl::sandbox::{Handle, Sandbox, SandboxOptions, SandboxSettings, StorePlace};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// The account of every test.
pub(crate) const ACCOUNT: &str = "10000001";

/// A clock that a test turns; it starts at 2026-01-02 03:04:05 UTC.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_767_323_045_000)))
    }

    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    fn clock(&self) -> campaignctl::sandbox::SandboxClock {
        let millis = Arc::clone(&self.0);
        // Each look is a millisecond later than the one before.
        Arc::new(move || {
            jiff::Timestamp::from_millisecond(millis.fetch_add(1, Ordering::SeqCst)).unwrap()
        })
    }
}

/// A running sandbox and a client of it.
pub(crate) struct World {
    pub(crate) sandbox: Handle,
    pub(crate) clock: TestClock,
    client: reqwest::Client,
    bearer: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) revision: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn revision(&self) -> &str {
        self.revision.as_deref().expect("an ac-revision header")
    }

    #[track_caller]
    pub(crate) fn id(&self) -> String {
        match &self.json()["id"] {
            Value::String(id) => id.clone(),
            id => id.to_string(),
        }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(SandboxSettings::default()).await
    }

    pub(crate) async fn with(settings: SandboxSettings) -> Self {
        Self::at(StorePlace::Memory, settings).await
    }

    pub(crate) async fn at(store: StorePlace, settings: SandboxSettings) -> Self {
        let clock = TestClock::new();
        let options = SandboxOptions {
            store,
            settings,
            ..SandboxOptions::in_memory(ACCOUNT, clock.clock())
        };
        let sandbox = Sandbox::start(options).await.unwrap();
        // Fails when another test was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            sandbox,
            clock,
            client: crate::support::client(),
            bearer: "sandbox".to_owned(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.sandbox.base_url()))
    }

    /// A call on an account-config path, `le-goals/goals?v=3.0`.
    pub(crate) fn config(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(
            method,
            &format!("/api/account/{ACCOUNT}/configuration/{path}"),
        )
        .bearer_auth(&self.bearer)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.config(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.config(Method::POST, path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, revision: &str, body: &Value) -> Answer {
        let request = self.config(Method::PUT, path).header("If-Match", revision);
        send(request.json(body)).await
    }

    /// A write in the way of the console: POST, override and revision.
    pub(crate) async fn tunnel(
        &self,
        verb: &str,
        path: &str,
        revision: &str,
        body: Option<&Value>,
    ) -> Answer {
        let request = self
            .config(Method::POST, path)
            .header("X-HTTP-Method-Override", verb)
            .header("If-Match", revision);
        send(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    pub(crate) async fn delete(&self, path: &str, revision: &str) -> Answer {
        send(
            self.config(Method::DELETE, path)
                .header("If-Match", revision),
        )
        .await
    }
}

/// Sends a request and reads the answer.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let (status, revision, etag, location): (StatusCode, _, _, _) = (
        response.status(),
        header("ac-revision"),
        header("etag"),
        header("location"),
    );
    Answer {
        status: status.as_u16(),
        revision,
        etag,
        location,
        text: response.text().await.unwrap(),
    }
}
