//! How a request goes that faults strike: what of it is carried out, and what becomes of the answer.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Action, Garbage, Phase, RetryAfter, Strike, race};
use crate::sandbox::call::{Body, IncomingCall, Reply};
use crate::sandbox::errors::RefusedRequest;
use crate::sandbox::leash::Leash;
use crate::sandbox::network::OldHost;
use crate::sandbox::routes::{self, PathRoute};
use crate::sandbox::{Emulator, auth, monitoring};

/// The line that a call came in on.
pub(in crate::sandbox) struct CallLine<'a> {
    /// The number of the listener.
    pub(in crate::sandbox) host: usize,
    /// The leash of the connection.
    pub(in crate::sandbox) leash: &'a Leash,
}

/// Answers a call as the faults will have it.
pub(in crate::sandbox) async fn answer(
    emulator: &Arc<Emulator>,
    call: IncomingCall,
    line: &CallLine<'_>,
) -> Reply {
    if let Some(reply) = line.left_behind(emulator, &call) {
        return reply;
    }
    let strike = emulator.faults.strike(&call);
    if let Some(old) = strike.moves {
        emulator.network.relocate(emulator, old).await;
        if let Some(reply) = line.left_behind(emulator, &call) {
            return reply;
        }
    }
    tokio::time::sleep(strike.delay_before).await;
    let job = Arc::new((call, strike));
    let reply = {
        let (emulator, job) = (Arc::clone(emulator), Arc::clone(&job));
        blocking(move || carry_out(&emulator, &job.0, &job.1)).await
    };
    let (call, strike) = &*job;
    tokio::time::sleep(strike.delay_after).await;
    let Some((action, _)) = &strike.ending else {
        return reply;
    };
    tracing::debug!(?action, "fault");
    let ending = Ending {
        call,
        now: emulator.now(),
        carried_out: strike.carries_out(call),
    };
    ending.of(action, reply, line.leash)
}

/// Answers a call that no fault strikes.
pub(in crate::sandbox) async fn carry_out_alone(
    emulator: &Arc<Emulator>,
    call: IncomingCall,
) -> Reply {
    let emulator = Arc::clone(emulator);
    blocking(move || routes::answer(&emulator, &call)).await
}

/// Runs what uses the store, which blocks: it waits for the disk.
async fn blocking(work: impl FnOnce() -> Reply + Send + 'static) -> Reply {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            tracing::error!(%error, "the sandbox failed to answer");
            RefusedRequest::new(StatusCode::INTERNAL_SERVER_ERROR, "the sandbox failed")
                .account_config("request")
        })
}

impl CallLine<'_> {
    /// The answer of a host that the service of the call has left.
    fn left_behind(&self, emulator: &Emulator, call: &IncomingCall) -> Option<Reply> {
        if !PathRoute::of(call).is_looked_up() {
            return None;
        }
        Some(match emulator.network.left(self.host)? {
            OldHost::Refuses => {
                self.leash.cut_answer();
                Reply::empty(StatusCode::OK)
            }
            OldHost::NotFound => Reply {
                status: StatusCode::NOT_FOUND,
                headers: Vec::new(),
                body: Body::Html(NOBODY),
            },
        })
    }
}

const NOBODY: &str = "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body>There is no such service on this host.</body></html>\n";

impl Strike {
    /// Whether the request is carried out, whatever is answered.
    fn carries_out(&self, call: &IncomingCall) -> bool {
        let Some((action, phase)) = &self.ending else {
            return true;
        };
        match action {
            Action::Truncate | Action::Short(_) => true,
            // A read has no effect, and its answer is what gets the wrong shape.
            Action::Garbage(_) if call.method == Method::GET => true,
            _ => *phase == Phase::AfterCommit,
        }
    }
}

/// Does what the request and the other client want; an empty answer when the request has no effect.
fn carry_out(emulator: &Emulator, call: &IncomingCall, strike: &Strike) -> Reply {
    let race = || {
        let mut races = strike.races.iter();
        races.try_for_each(|race| race::run(emulator, call, race))
    };
    let read = call.method == Method::GET;
    let raced = if read { Ok(()) } else { race() };
    let reply = if strike.carries_out(call) {
        routes::answer(emulator, call)
    } else {
        Reply::empty(StatusCode::OK)
    };
    let raced = raced.and_then(|()| if read { race() } else { Ok(()) });
    let expired = match strike.ending {
        Some((Action::ExpireToken, _)) => auth::expire_all(emulator),
        _ => Ok(()),
    };
    match raced.and(expired) {
        Ok(()) => reply,
        Err(error) => PathRoute::of(call).refusal(&RefusedRequest::from(error), emulator.now()),
    }
}

/// The end of a request.
struct Ending<'a> {
    call: &'a IncomingCall,
    now: Timestamp,
    carried_out: bool,
}

impl Ending<'_> {
    fn of(&self, action: &Action, reply: Reply, leash: &Leash) -> Reply {
        match action {
            Action::Status(status, retry_after) => self.status(*status, *retry_after),
            Action::ExpireToken => {
                self.refusal(&RefusedRequest::unauthorized("the token has expired"))
            }
            Action::Loading => {
                RefusedRequest::loading(self.now, monitoring::loading_text(self.call))
            }
            Action::Lost => {
                leash.cut_answer();
                reply
            }
            Action::Truncate => {
                match reply.bytes().len() {
                    0 => leash.cut_answer(),
                    bytes => leash.cut_body(bytes / 2),
                }
                reply
            }
            Action::Garbage(garbage) => self.garbage(*garbage, reply),
            Action::Short(rows) => short(reply, *rows),
            Action::Redirect(status, to) => {
                Reply::empty(*status).with("location", format!("{to}{}", self.call.target))
            }
            Action::Delay(_) | Action::Race(_) | Action::Move(_) => reply,
        }
    }

    fn refusal(&self, failure: &RefusedRequest) -> Reply {
        PathRoute::of(self.call).refusal(failure, self.now)
    }

    fn status(&self, status: StatusCode, retry_after: Option<RetryAfter>) -> Reply {
        let reason = status.canonical_reason().unwrap_or("refused");
        let reply = self.refusal(&RefusedRequest::new(status, format!("{reason} (a fault)")));
        match retry_after {
            None => reply,
            Some(RetryAfter::Seconds(seconds)) => reply.with("retry-after", seconds.to_string()),
            Some(RetryAfter::Date(seconds)) => {
                let then = self
                    .now
                    .saturating_add(SignedDuration::from_secs(seconds.into()));
                reply
                    .with("retry-after", http_date(then.unwrap_or(Timestamp::MAX)))
                    // The date is meant by this clock.
                    .with("date", http_date(self.now))
            }
        }
    }

    fn garbage(&self, garbage: Garbage, reply: Reply) -> Reply {
        let body = match (garbage, reply.body) {
            (Garbage::Html, _) => Body::Html(HTML),
            (Garbage::Shape, Body::Json(Value::Array(items))) => {
                Body::Json(json!({ "items": items }))
            }
            (Garbage::Shape, Body::Json(value)) if self.carried_out => Body::Json(json!([value])),
            (Garbage::Shape, _) => Body::Json(json!({})),
        };
        Reply {
            status: StatusCode::OK,
            body,
            ..reply
        }
    }
}

const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Your session with the proxy has ended.</body></html>\n";

/// A list without its end; any other answer stays as it is.
fn short(mut reply: Reply, rows: Option<usize>) -> Reply {
    if let Body::Json(Value::Array(items)) = &mut reply.body {
        let lost = rows.unwrap_or(items.len().div_ceil(2));
        items.truncate(items.len().saturating_sub(lost));
    }
    reply
}

/// A moment as HTTP headers have it.
fn http_date(moment: Timestamp) -> String {
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&moment)
        .unwrap_or_default()
}
