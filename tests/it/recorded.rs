//! An account behind a proxy that writes down what is asked of it: what was sent, where the account does not show it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::Value;

use crate::support::{ACCOUNT, Project};

/// An account behind a proxy that writes down what is asked of it.
pub(crate) struct Recorded {
    pub(crate) project: Project,
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Proxy {
    target: String,
    client: reqwest::Client,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Recorded {
    pub(crate) fn new(project: Project) -> Self {
        let requests = Arc::default();
        let proxy = Proxy {
            target: project.account.base_url().to_owned(),
            client: crate::support::client(),
            requests: Arc::clone(&requests),
        };
        let base = project.account.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let base = format!("http://{}", listener.local_addr().unwrap());
            let router = Router::new().fallback(pass).with_state(proxy);
            tokio::spawn(async move { axum::serve(listener, router).await });
            base
        });
        let file = format!(
            "environments:\n  test:\n    account: '{ACCOUNT}'\n    domainApi: {base}\n    credentials:\n      clientId: {{ env: TEST_CLIENT_ID }}\n      clientSecret: {{ env: TEST_CLIENT_SECRET }}\n"
        );
        project.write("campaignctl.yaml", &file);
        Self { project, requests }
    }

    /// The bodies of the writes to paths that hold `part`, in order.
    pub(crate) fn bodies(&self, part: &str) -> Vec<Value> {
        let requests = self.requests.lock().unwrap();
        let writes = requests
            .iter()
            .filter(|request| !request.starts_with("GET"));
        let written = writes.filter_map(|request| request.split_once('\n'));
        let written = written.filter(|(line, body)| line.contains(part) && !body.is_empty());
        written
            .map(|(_, body)| serde_json::from_str(body).unwrap())
            .collect()
    }
}

async fn pass(State(proxy): State<Proxy>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    let text = String::from_utf8_lossy(&body);
    let line = format!("{} {path}\n{text}", parts.method);
    proxy.requests.lock().unwrap().push(line);
    let url = format!("{}{path}", proxy.target);
    // The host stays the one of the proxy: the look-up answers with the host that was called.
    let forwarded = proxy
        .client
        .request(parts.method, url)
        .headers(parts.headers)
        .body(body);
    let answer = forwarded.send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != "transfer-encoding" && name != "content-length" {
            response = response.header(name, value);
        }
    }
    response
        .body(Body::from(answer.bytes().await.unwrap()))
        .unwrap()
}
