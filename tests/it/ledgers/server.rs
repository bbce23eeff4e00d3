//! A small server of the Terraform HTTP state protocol: one state, one lock, basic authentication.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::Value;

use super::bucket::Stalls;

/// `ann:ledger-password`, as a header has it.
const BASIC: &str = "Basic YW5uOmxlZGdlci1wYXNzd29yZA==";

/// The password that the server wants.
pub(crate) const PASSWORD: &str = "ledger-password";

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// LOCK and UNLOCK, 423, 404.
    Plain,
    /// POST and DELETE, 409, 204, and a serial is written once only.
    GitLab,
}

#[derive(Default)]
struct Content {
    state: Option<Bytes>,
    lock: Option<Value>,
    log: Vec<String>,
    loses: Vec<&'static str>,
    /// The serials of all states that it was ever sent.
    serials: BTreeSet<u64>,
    /// Whether it takes whatever it is sent, and keeps nothing.
    forgets: bool,
    /// Whether the session is over: every answer is the page to sign in on.
    signs_in: bool,
    /// Whether it refuses to free what is not locked.
    is_strict: bool,
    stalls: Stalls,
    /// The request behind which it answers nothing any more.
    stalls_at: Option<&'static str>,
}

struct Shared {
    dialect: Dialect,
    content: Mutex<Content>,
}

/// A server that runs until it is dropped.
pub(crate) struct StateServer {
    shared: Arc<Shared>,
    pub(crate) address: String,
    task: tokio::task::JoinHandle<()>,
}

impl StateServer {
    pub(crate) async fn start(dialect: Dialect) -> Self {
        let shared = Arc::new(Shared {
            dialect,
            content: Mutex::default(),
        });
        let router = Router::new()
            .route("/{*path}", any(answer))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let path = match dialect {
            Dialect::Plain => "states/production",
            Dialect::GitLab => "api/v4/projects/42/terraform/state/production",
        };
        Self {
            shared,
            address: format!("http://127.0.0.1:{port}/{path}"),
            task: tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }),
        }
    }

    /// The requests so far, `GET`, `LOCK`, `POST`, `UNLOCK`.
    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.content.lock().unwrap().log)
    }

    /// Carries the next request of this method out and answers 502.
    pub(crate) fn lose(&self, method: &'static str) {
        self.shared.content.lock().unwrap().loses.push(method);
    }

    /// From now on, refuses to free what is not locked, and names no lock then.
    pub(crate) fn be_strict(&self) {
        self.shared.content.lock().unwrap().is_strict = true;
    }

    /// Answers nothing from the moment on in which a ledger is stored alone, without a journal.
    pub(crate) fn stall_at_the_end(&self) {
        self.shared.content.lock().unwrap().stalls = Stalls::Armed;
    }

    /// Answers nothing from the next request of this method on, which is carried out.
    pub(crate) fn stall_at(&self, method: &'static str) {
        self.shared.content.lock().unwrap().stalls_at = Some(method);
    }

    /// Whether it answers nothing any more.
    pub(crate) fn is_stalled(&self) -> bool {
        self.shared.content.lock().unwrap().stalls == Stalls::Stalled
    }

    /// Answers again.
    pub(crate) fn go_on(&self) {
        self.shared.content.lock().unwrap().stalls = Stalls::No;
    }

    /// From now on, takes whatever it is sent, and keeps nothing.
    pub(crate) fn forget(&self) {
        self.shared.content.lock().unwrap().forgets = true;
    }

    /// From now on, answers everything with a page to sign in on.
    pub(crate) fn sign_in(&self) {
        self.shared.content.lock().unwrap().signs_in = true;
    }

    pub(crate) fn state(&self) -> Option<String> {
        let content = self.shared.content.lock().unwrap();
        let state = content.state.as_ref();
        state.map(|state| String::from_utf8(state.to_vec()).unwrap())
    }

    pub(crate) fn put(&self, text: &str) {
        self.shared.content.lock().unwrap().state = Some(Bytes::copy_from_slice(text.as_bytes()));
    }

    pub(crate) fn lock(&self) -> Option<Value> {
        self.shared.content.lock().unwrap().lock.clone()
    }
}

impl Drop for StateServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let method = request.method().as_str().to_owned();
    let at_lock = request.uri().path().ends_with("/lock");
    if headers
        .get(header::AUTHORIZATION)
        .is_none_or(|it| it != BASIC)
    {
        return (StatusCode::UNAUTHORIZED, "who are you, ledger-password?").into_response();
    }
    let body = axum::body::to_bytes(request.into_body(), 64 << 20)
        .await
        .unwrap();
    match reply(&shared, at_lock, &method, query.get("ID"), body) {
        Some(reply) => reply,
        None => std::future::pending().await,
    }
}

/// The answer; `None` for one that never comes.
fn reply(
    shared: &Shared,
    at_lock: bool,
    method: &str,
    id: Option<&String>,
    body: Bytes,
) -> Option<Response> {
    let mut content = shared.content.lock().unwrap();
    if content.stalls == Stalls::Stalled {
        return None;
    }
    let meant = match (shared.dialect, at_lock, method) {
        (_, false, "GET") => "GET",
        (_, false, "POST") => "POST",
        (Dialect::Plain, true, "LOCK") | (Dialect::GitLab, true, "POST") => "LOCK",
        (Dialect::Plain, true, "UNLOCK") | (Dialect::GitLab, true, "DELETE") => "UNLOCK",
        _ => return Some(StatusCode::METHOD_NOT_ALLOWED.into_response()),
    };
    content.log.push(meant.to_owned());
    if content.signs_in {
        let page = axum::response::Html("<!doctype html><title>Sign in</title>");
        return Some(page.into_response());
    }
    let is_end = meant == "POST" && !String::from_utf8_lossy(&body).contains("\"journal\":");
    let reply = match meant {
        "GET" => content.get(shared.dialect),
        "POST" => content.post(shared.dialect, id, body),
        "LOCK" => content.take_lock(shared.dialect, &body),
        _ => content.unlock(shared.dialect, &body),
    };
    if is_end && content.stalls == Stalls::Armed || content.stalls_at == Some(meant) {
        content.stalls_at = None;
        content.stalls = Stalls::Stalled;
        return None;
    }
    if let Some(index) = content.loses.iter().position(|lost| *lost == meant) {
        content.loses.remove(index);
        return Some(StatusCode::BAD_GATEWAY.into_response());
    }
    Some(reply)
}

impl Content {
    fn get(&self, dialect: Dialect) -> Response {
        match (&self.state, dialect) {
            (Some(state), _) => state.clone().into_response(),
            (None, Dialect::Plain) => StatusCode::NOT_FOUND.into_response(),
            (None, Dialect::GitLab) => StatusCode::NO_CONTENT.into_response(),
        }
    }

    fn post(&mut self, dialect: Dialect, id: Option<&String>, body: Bytes) -> Response {
        let held = self.lock.as_ref().and_then(|lock| lock["ID"].as_str());
        if held.is_some() && held != id.map(String::as_str) {
            return self.locked(dialect);
        }
        let serial = |state: &Bytes| {
            let state: Value = serde_json::from_slice(state).unwrap();
            state["serial"].as_u64().unwrap()
        };
        if dialect == Dialect::GitLab && !self.serials.insert(serial(&body)) {
            return StatusCode::UNPROCESSABLE_ENTITY.into_response();
        }
        if !self.forgets {
            self.state = Some(body);
        }
        StatusCode::OK.into_response()
    }

    fn take_lock(&mut self, dialect: Dialect, body: &Bytes) -> Response {
        if self.lock.is_some() {
            return self.locked(dialect);
        }
        let info: Value = serde_json::from_slice(body).unwrap();
        for key in [
            "ID",
            "Operation",
            "Info",
            "Who",
            "Version",
            "Created",
            "Path",
        ] {
            assert!(info[key].is_string(), "{info}");
        }
        self.lock = Some(info);
        StatusCode::OK.into_response()
    }

    fn unlock(&mut self, dialect: Dialect, body: &Bytes) -> Response {
        let info: Value = serde_json::from_slice(body).unwrap();
        match &self.lock {
            Some(held) if held["ID"] != info["ID"] => self.locked(dialect),
            None if self.is_strict => StatusCode::CONFLICT.into_response(),
            _ => {
                self.lock = None;
                StatusCode::OK.into_response()
            }
        }
    }

    fn locked(&self, dialect: Dialect) -> Response {
        let status = match dialect {
            Dialect::Plain => StatusCode::LOCKED,
            Dialect::GitLab => StatusCode::CONFLICT,
        };
        (status, self.lock.clone().unwrap_or_default().to_string()).into_response()
    }
}
