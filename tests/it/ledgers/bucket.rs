//! A small server of the S3 protocol: one bucket, path style, conditional puts. Any signature will do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use sha2::{Digest as _, Sha256};

/// The bucket that there is.
const BUCKET: &str = "/ledgers";

/// Whether a server answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stalls {
    /// It does.
    #[default]
    No,
    /// Until a ledger is stored.
    Armed,
    /// It does not.
    Stalled,
}

#[derive(Default)]
struct Content {
    objects: BTreeMap<String, Bytes>,
    loses: Vec<Method>,
    conflicts: usize,
    meanwhile: Option<Bytes>,
    stalls: Stalls,
}

type Shared = Arc<Mutex<Content>>;

/// A server that runs until it is dropped.
pub(crate) struct Bucket {
    content: Shared,
    endpoint: String,
    task: tokio::task::JoinHandle<()>,
}

impl Bucket {
    /// A ledger in the bucket.
    pub(crate) const ADDRESS: &str = "s3://ledgers/shop/production.json";

    pub(crate) async fn start() -> Self {
        let content = Shared::default();
        let router = Router::new()
            .fallback(any(answer))
            .with_state(Arc::clone(&content));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self {
            content,
            endpoint: format!("http://127.0.0.1:{port}"),
            task: tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }),
        }
    }

    /// The variables that the cloud's own tools read, and this program too.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (String, String)> {
        let variables = [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "eu-west-3"),
            ("AWS_ACCESS_KEY_ID", "AKIDLEDGERS"),
            ("AWS_SECRET_ACCESS_KEY", "secret-of-the-bucket"),
        ];
        variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
    }

    /// Refuses the next conditional puts as a store does when two of them meet: with 409, whether the condition is
    /// met or not.
    pub(crate) fn conflict(&self, count: usize) {
        self.content.lock().unwrap().conflicts = count;
    }

    /// Has somebody else put this in the place of what the next conditional put replaces, right before it.
    pub(crate) fn meanwhile(&self, text: &str) {
        let text = Bytes::copy_from_slice(text.as_bytes());
        self.content.lock().unwrap().meanwhile = Some(text);
    }

    /// Answers nothing from the moment on in which the ledger is stored.
    pub(crate) fn stall_at_the_end(&self) {
        self.content.lock().unwrap().stalls = Stalls::Armed;
    }

    /// Whether it answers nothing any more.
    pub(crate) fn is_stalled(&self) -> bool {
        self.content.lock().unwrap().stalls == Stalls::Stalled
    }

    /// Answers again.
    pub(crate) fn go_on(&self) {
        self.content.lock().unwrap().stalls = Stalls::No;
    }

    /// Carries the next request of this method out and answers 502.
    pub(crate) fn lose(&self, method: Method) {
        self.content.lock().unwrap().loses.push(method);
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signature = headers.get(header::AUTHORIZATION);
    let is_signed = signature.is_some_and(|it| it.as_bytes().starts_with(b"AWS4-HMAC-SHA256 "));
    if !is_signed {
        return refused(StatusCode::FORBIDDEN, "AccessDenied");
    }
    let Some(key) = uri.path().strip_prefix(BUCKET) else {
        return refused(StatusCode::NOT_FOUND, "NoSuchBucket");
    };
    let reply = reply(&shared, &method, key, &uri, &headers, body);
    match reply {
        Some(reply) => reply,
        None => std::future::pending().await,
    }
}

/// The answer; `None` for one that never comes.
fn reply(
    shared: &Shared,
    method: &Method,
    key: &str,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> Option<Response> {
    let mut content = shared.lock().unwrap();
    if content.stalls == Stalls::Stalled {
        return None;
    }
    let reply = match (method, key) {
        (&Method::GET | &Method::HEAD, key) => content.get(key),
        (&Method::PUT, key) => content.put(key, headers, body),
        (&Method::DELETE, key) => {
            content.objects.remove(key);
            StatusCode::NO_CONTENT.into_response()
        }
        (&Method::POST, "") if uri.query() == Some("delete") => content.delete_many(&body),
        _ => refused(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
    };
    let is_ledger = *method == Method::PUT && key == "/shop/production.json";
    if is_ledger && content.stalls == Stalls::Armed {
        content.stalls = Stalls::Stalled;
        return None;
    }
    if let Some(index) = content.loses.iter().position(|lost| lost == method) {
        content.loses.remove(index);
        return Some(refused(StatusCode::BAD_GATEWAY, "InternalError"));
    }
    Some(reply)
}

impl Content {
    fn get(&self, key: &str) -> Response {
        let Some(object) = self.objects.get(key) else {
            return refused(StatusCode::NOT_FOUND, "NoSuchKey");
        };
        let headers = [
            (header::ETAG, tag(object)),
            (
                header::LAST_MODIFIED,
                "Tue, 01 Sep 2026 00:00:00 GMT".to_owned(),
            ),
        ];
        (headers, object.clone()).into_response()
    }

    fn put(&mut self, key: &str, headers: &HeaderMap, body: Bytes) -> Response {
        let is_conditional = [header::IF_NONE_MATCH, header::IF_MATCH]
            .iter()
            .any(|name| headers.contains_key(name));
        if is_conditional && let Some(other) = self.meanwhile.take() {
            self.objects.insert(key.to_owned(), other);
        }
        if is_conditional && self.conflicts > 0 {
            self.conflicts -= 1;
            return refused(StatusCode::CONFLICT, "ConditionalRequestConflict");
        }
        let present = self.objects.get(key).map(tag);
        let text = |name| headers.get(name).map(|it| it.to_str().unwrap());
        match (
            text(header::IF_NONE_MATCH),
            text(header::IF_MATCH),
            &present,
        ) {
            (Some("*"), None, Some(_)) => {
                return refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
            }
            (None, Some(_), None) => return refused(StatusCode::NOT_FOUND, "NoSuchKey"),
            (None, Some(wanted), Some(present)) if wanted != present => {
                return refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
            }
            (Some("*"), None, None) | (None, _, _) => {}
            _ => return refused(StatusCode::NOT_IMPLEMENTED, "NotImplemented"),
        }
        let tag = tag(&body);
        self.objects.insert(key.to_owned(), body);
        [(header::ETAG, tag)].into_response()
    }

    /// `DeleteObjects`: what is not there counts as deleted.
    fn delete_many(&mut self, body: &Bytes) -> Response {
        let text = std::str::from_utf8(body).unwrap();
        let keys = text
            .split("<Key>")
            .skip(1)
            .filter_map(|rest| rest.split_once("</Key>"));
        let mut deleted = String::new();
        for (key, _) in keys {
            self.objects.remove(&format!("/{key}"));
            deleted.extend(["<Deleted><Key>", key, "</Key></Deleted>"]);
        }
        xml(
            StatusCode::OK,
            &format!("<DeleteResult>{deleted}</DeleteResult>"),
        )
    }
}

/// An entity tag that tells contents apart, and not when they were written.
fn tag(object: &Bytes) -> String {
    let digest = Sha256::digest(object);
    let first = u128::from_be_bytes(digest[..16].try_into().unwrap());
    format!("\"{first:032x}\"")
}

fn refused(status: StatusCode, code: &str) -> Response {
    xml(
        status,
        &format!("<Error><Code>{code}</Code><Message>no</Message></Error>"),
    )
}

fn xml(status: StatusCode, content: &str) -> Response {
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{content}");
    (status, [(header::CONTENT_TYPE, "application/xml")], text).into_response()
}
