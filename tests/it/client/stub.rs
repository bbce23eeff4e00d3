//! A server that answers what it is told: canned answers for redirects, wrong shapes and bad days.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::json;

/// The token that the stub gives.
pub(super) const TOKEN: &str = "token-that-nobody-may-see";

/// A canned answer.
pub(super) struct Canned {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Canned {
    pub(super) fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("ac-revision", "7".to_owned())],
            body: body.into(),
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

type Answer = dyn Fn(usize, &str) -> Canned + Send + Sync;

/// A running stub.
pub(super) struct Stub {
    pub(super) base_url: String,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Box<Answer>,
    log: Mutex<Vec<String>>,
    /// Where the look-up says that everything is; the stub itself when it does not say.
    host: Mutex<Option<String>>,
}

impl Stub {
    /// Serves the look-up and tokens, and asks `answer` for anything else, with the number of the call
    /// and `METHOD /path`.
    pub(super) async fn start(
        answer: impl Fn(usize, &str) -> Canned + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            log: Mutex::default(),
            host: Mutex::default(),
        });
        let router = Router::new()
            .fallback(serve)
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base_url, shared }
    }

    /// From now on, the look-up says that everything is elsewhere.
    pub(super) fn point_to(&self, base_url: &str) {
        let host = base_url.trim_start_matches("http://").to_owned();
        *self.shared.host.lock().unwrap() = Some(host);
    }

    /// The calls that `answer` saw, with their bearer if they had one.
    pub(super) fn log(&self) -> Vec<String> {
        self.shared.log.lock().unwrap().clone()
    }
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    };
    let path = request.uri().path();
    let call = format!("{} {path}", request.method());
    if path.ends_with("/service/baseURI.json") {
        let elsewhere = shared.host.lock().unwrap().clone();
        let host = elsewhere.unwrap_or_else(|| header("host").unwrap().to_owned());
        let rows = ["accountConfigReadWrite", "sentinel", "agentVep", "smt"]
            .map(|service| json!({ "service": service, "account": "10000001", "baseURI": host }));
        return respond(Canned::new(200, json!({ "baseURIs": rows }).to_string()));
    }
    let canned = {
        let mut log = shared.log.lock().unwrap();
        let bearer = header("authorization").map_or("", |_| " with bearer");
        let query = request.uri().query().unwrap_or_default().split('&');
        let visitor = query.filter(|pair| pair.starts_with("vid="));
        let visitor = visitor.fold(String::new(), |all, pair| all + " " + pair);
        log.push(format!("{call}{bearer}{visitor}"));
        (shared.answer)(log.len(), &call)
    };
    respond(canned)
}

fn respond(canned: Canned) -> Response {
    let mut response = Response::builder().status(canned.status);
    for (name, value) in canned.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(canned.body)).unwrap()
}

/// The answer of a token call.
pub(super) fn token() -> Canned {
    Canned::new(200, json!({ "access_token": TOKEN }).to_string())
}
