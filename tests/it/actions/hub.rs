//! A stand-in for what the actions ask of GitHub: comments, issues, pull requests, artifacts and releases of the one
//! repository `acme/shop`, kept in memory and served on a free port.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::support::Account;

/// The token that the stand-in takes.
pub(crate) const TOKEN: &str = "hub-token-of-the-job";

const REPOSITORY: &str = "/repos/acme/shop/";

/// What the stand-in holds.
#[derive(Default)]
pub(crate) struct Held {
    /// Comments by their ids, with the number of what they are about.
    pub(crate) comments: BTreeMap<u64, (u64, String)>,
    pub(crate) issues: Vec<Value>,
    pub(crate) pulls: Vec<Value>,
    /// Artifacts as the API lists them.
    pub(crate) artifacts: Vec<Value>,
    /// Their one file each, by id.
    pub(crate) files: BTreeMap<u64, Vec<u8>>,
    /// Files of releases by their path.
    pub(crate) releases: BTreeMap<String, Vec<u8>>,
    /// Method and path of every request.
    pub(crate) requests: Vec<String>,
    /// Whether nothing may be written, as with the token of a fork.
    pub(crate) read_only: bool,
}

impl Held {
    /// The bodies of the comments of a pull request that begin with the marker of an action.
    pub(crate) fn marked(&self, number: u64, marker: &str) -> Vec<&str> {
        let comments = self.comments.values();
        comments
            .filter(|(of, body)| *of == number && body.starts_with(marker))
            .map(|(_, body)| body.as_str())
            .collect()
    }

    /// Every text that somebody could read.
    pub(crate) fn published(&self) -> String {
        let comments = self.comments.values().map(|(_, body)| body.clone());
        let issues = self.issues.iter().map(Value::to_string);
        comments.chain(issues).collect::<Vec<_>>().join("\n")
    }

    /// How many requests wrote something.
    pub(crate) fn writes(&self) -> usize {
        let requests = self.requests.iter();
        requests
            .filter(|request| !request.starts_with("GET"))
            .count()
    }
}

/// The stand-in, served as long as the account lives.
pub(crate) struct Hub {
    pub(crate) url: String,
    held: Arc<Mutex<Held>>,
}

impl Hub {
    /// Serves on the runtime of an account.
    pub(crate) fn start(account: &Account) -> Self {
        let held = Arc::new(Mutex::new(Held::default()));
        let app = Router::new().fallback(answer).with_state(held.clone());
        let url = account.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(async move { axum::serve(listener, app).await });
            url
        });
        Self { url, held }
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap()
    }
}

async fn answer(
    State(held): State<Arc<Mutex<Held>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut held = held.lock().unwrap();
    held.requests.push(format!("{method} {}", uri.path()));
    if let Some(file) = held.releases.get(uri.path()) {
        return file.clone().into_response();
    }
    let Some(path) = uri.path().strip_prefix(REPOSITORY) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let token = headers.get(header::AUTHORIZATION);
    if token.and_then(|value| value.to_str().ok()) != Some(&format!("Bearer {TOKEN}")) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if method != Method::GET && held.read_only {
        let message = json!({ "message": "Resource not accessible by integration" });
        return (StatusCode::FORBIDDEN, axum::Json(message)).into_response();
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let query = uri.query().unwrap_or_default();
    match routed(&mut held, &method, &parts, query, &body) {
        Some(Value::Array(rows)) => page(&uri, query, &headers, &rows),
        Some(document) => axum::Json(document).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The document that a request is answered with.
fn routed(
    held: &mut Held,
    method: &Method,
    parts: &[&str],
    query: &str,
    body: &Value,
) -> Option<Value> {
    let text = body["body"].as_str().unwrap_or_default().to_owned();
    match (method.as_str(), parts) {
        ("GET", ["issues", number, "comments"]) => {
            let number: u64 = number.parse().ok()?;
            let own = held.comments.iter().filter(|(_, (of, _))| *of == number);
            Some(own.map(|(id, (_, body))| comment(*id, body)).collect())
        }
        ("POST", ["issues", number, "comments"]) => {
            assert!(text.chars().count() <= 65_536, "body is too long");
            let id = held.comments.len() as u64 + 1;
            held.comments
                .insert(id, (number.parse().ok()?, text.clone()));
            Some(comment(id, &text))
        }
        ("PATCH", ["issues", "comments", id]) => {
            assert!(text.chars().count() <= 65_536, "body is too long");
            let id: u64 = id.parse().ok()?;
            held.comments.get_mut(&id)?.1.clone_from(&text);
            Some(comment(id, &text))
        }
        ("GET", ["issues"]) => {
            let label = value(query, "labels")?;
            let issues = held.issues.iter();
            let wanted = issues
                .filter(|issue| issue["state"] == "open" && issue["labels"][0] == label.as_str());
            Some(wanted.cloned().collect())
        }
        ("POST", ["issues"]) => {
            let number = held.issues.len() + 1;
            let mut issue = body.clone();
            issue["number"] = number.into();
            issue["state"] = "open".into();
            issue["html_url"] = format!("https://hub/issues/{number}").into();
            held.issues.push(issue.clone());
            Some(issue)
        }
        ("PATCH", ["issues", number]) => {
            let number: usize = number.parse().ok()?;
            let issue = held.issues.get_mut(number - 1)?;
            for (name, value) in body.as_object()? {
                issue[name] = value.clone();
            }
            Some(issue.clone())
        }
        ("GET", ["commits", sha, "pulls"]) => {
            let pulls = held.pulls.iter();
            let brought = pulls.filter(|pull| pull["merge_commit_sha"] == *sha);
            Some(brought.cloned().collect())
        }
        ("GET", ["actions", "artifacts"]) => {
            let name = value(query, "name")?;
            let artifacts = held.artifacts.iter();
            let named: Vec<_> = artifacts.filter(|it| it["name"] == name.as_str()).collect();
            Some(json!({ "total_count": named.len(), "artifacts": named }))
        }
        _ => None,
    }
}

fn comment(id: u64, body: &str) -> Value {
    json!({ "id": id, "body": body, "html_url": format!("https://hub/comments/{id}") })
}

/// The value of a name in a query. Nothing here needs decoding.
fn value(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
        .next()
}

/// A page of a list, with the address of the next one as GitHub gives it.
fn page(uri: &Uri, query: &str, headers: &HeaderMap, rows: &[Value]) -> Response {
    let number = |name, or| value(query, name).map_or(or, |text| text.parse().unwrap());
    let (size, page): (usize, usize) = (number("per_page", 30), number("page", 1));
    let rows_of_page: Vec<_> = rows
        .iter()
        .skip((page - 1) * size)
        .take(size)
        .cloned()
        .collect();
    let answer = axum::Json(rows_of_page);
    if page * size >= rows.len() {
        return answer.into_response();
    }
    let host = headers[header::HOST].to_str().unwrap();
    let next = format!(
        "<http://{host}{}?per_page={size}&page={}>; rel=\"next\"",
        uri.path(),
        page + 1
    );
    ([(header::LINK, next)], answer).into_response()
}
