//! What an answer means: its status, its headers and its body. Pure.

use std::time::Duration;

use reqwest::header::{HeaderMap, SET_COOKIE};
use serde_json::Value;

use super::ApiError;
use super::failed::Failed;
use super::governor::Lane;
use super::message::message_of;
use super::request::{Answer, Request};
use super::retry::{self, TryFailure};
use super::secrets::Secrets;
use super::settings::Secret;
use crate::text::exact;

/// An answer that came whole.
pub(super) fn read(
    request: &Request,
    status: u16,
    headers: &HeaderMap,
    bytes: &[u8],
    secrets: &Secrets,
) -> Result<Answer, Failed> {
    match status {
        202 if request.lane == Lane::Read => {
            let why = request.named("202 the account is being loaded");
            let failure = TryFailure::Loading(retry_after(headers));
            Err(Failed {
                visitor: visitor_of(bytes),
                ..Failed::for_now(failure, ApiError::Unavailable(why))
            })
        }
        206 => {
            let why = request.named("206 only a part of the answer");
            Err(Failed::for_good(ApiError::Unexpected(why)))
        }
        200..=299 => Ok(Answer {
            revision: revision_of(headers),
            location: text_of(headers, "location"),
            announced: text_of(headers, "x-total-count").and_then(|count| count.parse().ok()),
            cookie: cookie_of(headers),
            body: parse(request, bytes)?,
            sent: None,
        }),
        _ => Err(refused(request, status, headers, bytes, secrets)),
    }
}

/// The `Date` of an answer.
pub(super) fn date_of(headers: &HeaderMap) -> Option<jiff::Timestamp> {
    retry::http_date(&text_of(headers, "date")?)
}

fn refused(
    request: &Request,
    status: u16,
    headers: &HeaderMap,
    bytes: &[u8],
    secrets: &Secrets,
) -> Failed {
    let message = match status {
        300..=399 => "a redirect, which is not followed".to_owned(),
        _ => message_of(bytes, secrets),
    };
    let mut message = request.named(&format!("{status} {message}"));
    if let (403, Some(role)) = (status, request.role) {
        message = format!("{message}; it takes the role {role}");
    }
    let failure = TryFailure::Status(status, retry_after(headers));
    Failed {
        visitor: visitor_of(bytes),
        ..Failed::for_now(failure, ApiError::from_status(status, message))
    }
}

fn parse(request: &Request, bytes: &[u8]) -> Result<Option<Value>, Failed> {
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    exact::read(bytes).map(Some).map_err(|error| {
        let why = request.named(&format!("it is not JSON: {error}"));
        Failed::for_good(ApiError::Unexpected(why))
    })
}

/// The visitor id in the text of a Monitoring API that is loading an account: it has no key of its own
/// (platform.md#monitoring-errors).
fn visitor_of(bytes: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(bytes).ok()?;
    let loading = body
        .get("message")?
        .as_str()?
        .strip_prefix("Loading account: ")?;
    let (_, visitor) = loading.rsplit_once(", vid: ")?;
    let visitor = visitor.trim();
    (!visitor.is_empty()).then(|| visitor.to_owned())
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let date = text_of(headers, "date");
    retry::retry_after(text_of(headers, "retry-after").as_deref(), date.as_deref())
}

fn revision_of(headers: &HeaderMap) -> Option<String> {
    let tag = || {
        let tag = text_of(headers, "etag")?;
        Some(tag.trim_start_matches("W/").trim_matches('"').to_owned())
    };
    text_of(headers, "ac-revision").or_else(tag)
}

/// The cookies as they are sent back: names and values, without their attributes.
fn cookie_of(headers: &HeaderMap) -> Option<Secret> {
    let set = headers.get_all(SET_COOKIE).iter();
    let pairs: Vec<&str> = set
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .collect();
    (!pairs.is_empty()).then(|| Secret::new(pairs.join("; ")))
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
