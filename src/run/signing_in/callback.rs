//! The loopback address that a browser comes back to after a sign-in.
//!
//! It serves one path, answers to the name `127.0.0.1` only, and takes a code only with the `state` of this very sign-in:
//! what another page of the browser sends here is refused, and the wait goes on.

use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use crate::api::Secret;
use crate::run::{Error, Meaning, Run};

/// The path that is served.
const PATH: &str = "/callback";

/// How long the last page gets to reach the browser.
const GRACE: Duration = Duration::from_secs(2);

/// The longest text of the platform that a message shows.
const SAID_MAX: usize = 200;

/// An address that is waiting for a browser.
pub(super) struct Callback {
    listener: TcpListener,
    host: String,
}

/// What a browser brought.
#[derive(Debug)]
enum Brought {
    /// The code of the sign-in.
    Code(Secret),
    /// What the platform has against it.
    Refusal(String),
    /// The answer of another sign-in, or of no sign-in at all.
    Stranger,
}

#[derive(Clone)]
struct Desk {
    host: String,
    state: Secret,
    brought: mpsc::Sender<Brought>,
}

impl Callback {
    /// Opens a port of the loopback address; 0 takes a free one.
    ///
    /// # Errors
    /// A port that is taken.
    pub(super) async fn open(port: u16) -> Result<Self, Error> {
        let taken = |error| {
            Error::from(error)
                .context(&format!("cannot listen on 127.0.0.1:{port}"))
                .help("give another `--port`")
        };
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .map_err(taken)?;
        let host = listener.local_addr().map_err(taken)?.to_string();
        Ok(Self { listener, host })
    }

    /// Where the platform sends the browser back to.
    pub(super) fn address(&self) -> String {
        format!("http://{}{PATH}", self.host)
    }

    /// Waits for the code of the sign-in with this `state`.
    ///
    /// # Errors
    /// A refusal of the platform; nothing for so long.
    pub(super) async fn wait(
        self,
        run: &Run,
        state: &Secret,
        longest: Duration,
    ) -> Result<Secret, Error> {
        let (brought, mut bringing) = mpsc::channel(1);
        let (stop, mut stopped) = watch::channel(());
        let router = Router::new().route(PATH, get(answer)).with_state(Desk {
            host: self.host,
            state: state.clone(),
            brought,
        });
        let serving = axum::serve(self.listener, router).with_graceful_shutdown(async move {
            let _ = stopped.changed().await; // either way it is over
        });
        let serving = tokio::spawn(serving.into_future());
        let result = tokio::time::timeout(longest, first(run, &mut bringing)).await;
        drop(stop);
        let _ = tokio::time::timeout(GRACE, serving).await; // a browser may keep its connection open
        result.unwrap_or_else(|_| Err(late(longest)))
    }
}

/// The first answer that is one to this sign-in.
async fn first(run: &Run, bringing: &mut mpsc::Receiver<Brought>) -> Result<Secret, Error> {
    while let Some(brought) = bringing.recv().await {
        match brought {
            Brought::Code(code) => return Ok(code),
            Brought::Refusal(why) => {
                let why = format!("the platform refused the sign-in: {why}");
                return Err(Error::new(Meaning::Denied, why));
            }
            Brought::Stranger => run.note(
                "note: an answer with another `state` was refused: it does not belong to this sign-in",
            ),
        }
    }
    Err(Error::new(Meaning::Failed, "the sign-in was interrupted"))
}

fn late(longest: Duration) -> Error {
    let seconds = longest.as_secs();
    Error::new(Meaning::Denied,
        format!("no sign-in within {seconds} s"),
    )
    .help("run `campaignctl login` again, and open the address that it prints; `--wait` sets the time")
}

async fn answer(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if host != Some(desk.host.as_str()) {
        return page(StatusCode::BAD_REQUEST, "This address has another name.");
    }
    let brought = read(&query, &desk.state);
    let shown = match &brought {
        Brought::Code(_) => page(
            StatusCode::OK,
            "campaignctl has received the sign-in. You can close this page and return to the terminal.",
        ),
        Brought::Refusal(_) => page(
            StatusCode::OK,
            "The platform refused the sign-in. The terminal says why.",
        ),
        Brought::Stranger => page(
            StatusCode::BAD_REQUEST,
            "This answer does not belong to the sign-in that campaignctl is waiting for.",
        ),
    };
    let _ = desk.brought.send(brought).await; // when the wait is over, no answer counts
    shown
}

/// What the parameters of a call mean.
fn read(query: &[(String, String)], state: &Secret) -> Brought {
    let one = |name: &str| {
        let mut found = query.iter().filter(|(key, _)| key == name);
        let value = found.next().map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty() && found.next().is_none())
    };
    if one("state") != Some(state.expose()) {
        return Brought::Stranger;
    }
    match (one("code"), one("error")) {
        (Some(code), None) => Brought::Code(Secret::new(code)),
        (None, Some(error)) => {
            let said = one("error_description").map_or_else(String::new, |it| format!(": {it}"));
            Brought::Refusal(printable(&format!("{error}{said}")))
        }
        _ => Brought::Stranger,
    }
}

fn printable(text: &str) -> String {
    let shown = text
        .chars()
        .filter(|ch| ch.is_ascii_graphic() || *ch == ' ');
    shown.take(SAID_MAX).collect()
}

fn page(status: StatusCode, text: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>campaignctl</title></head><body><p>{text}</p></body></html>\n"
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, Html(html)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brought(query: &str) -> String {
        let pairs: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        match read(&pairs, &Secret::new("right")) {
            Brought::Code(code) => format!("code {}", code.expose()),
            Brought::Refusal(why) => format!("refusal {why}"),
            Brought::Stranger => "stranger".to_owned(),
        }
    }

    #[test]
    fn a_code_counts_only_with_its_state() {
        for (query, meaning) in [
            ("code=c&state=right", "code c"),
            ("state=right&code=c&session=x", "code c"),
            ("code=c&state=wrong", "stranger"),
            ("code=c", "stranger"),
            ("code=c&state=", "stranger"),
            ("code=c&state=right&state=right", "stranger"),
            ("code=c&code=d&state=right", "stranger"),
            ("code=&state=right", "stranger"),
            ("state=right", "stranger"),
            ("code=c&error=e&state=right", "stranger"),
            ("error=access_denied&state=right", "refusal access_denied"),
            (
                "error=e&error_description=no\u{1b}[31m\nway&state=right",
                "refusal e: no[31mway",
            ),
            ("error=access_denied&state=wrong", "stranger"),
            ("", "stranger"),
        ] {
            assert_eq!(brought(query), meaning, "{query}");
        }
    }
}
