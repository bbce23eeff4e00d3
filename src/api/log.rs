//! The log of requests: writes at `info`, everything at `debug`. No body, no query, no header but the
//! revisions. Of requests about consumers not even what the platform says: it may quote one.

use std::time::Duration;

use super::failed::Failed;
use super::governor::Lane;
use super::request::{Answer, Request};

/// A request that was sent, and what came of it.
pub(super) fn sent(
    request: &Request,
    status: Option<u16>,
    attempt: u32,
    took: Duration,
    result: &Result<Answer, Failed>,
) {
    let (method, path) = (request.verb(), request.url.path());
    let ms = took.as_millis();
    let before = request.if_match.as_deref();
    let after = result.as_ref().ok().and_then(|it| it.revision.as_deref());
    let error = result.as_ref().err().map(|failed| said(request, failed));
    match request.lane {
        Lane::Write => {
            tracing::info!(status, ms, attempt, before, after, error, "{method} {path}");
        }
        Lane::Read => tracing::debug!(status, ms, attempt, after, error, "{method} {path}"),
    }
}

/// What stands for the text of an error that may quote a consumer.
const LEFT_OUT: &str = "left out: it may quote a recipient";

/// What the log has of an error.
fn said<'f>(request: &Request, failed: &'f Failed) -> &'f str {
    if request.is_personal {
        LEFT_OUT
    } else {
        failed.error.message()
    }
}

/// A second try, and what is waited for before it.
pub(super) fn again(request: &Request, attempt: u32, wait: Duration) {
    let (method, path) = (request.verb(), request.url.path());
    let ms = wait.as_millis();
    tracing::info!(attempt, ms, "waiting to try again: {method} {path}");
}
