//! A request before it is sent, and the answer to it.

use reqwest::{Method, Url};
use serde_json::Value;
use tokio::time::Instant;

use super::governor::Lane;
use super::retry::{Repeat, RetrySchedule};
use super::services::{ACCOUNT_CONFIG, HANDOFFS};
use super::settings::Secret;
use super::{ApiError, WriteFate};
use crate::kinds::{Collection, Service};

/// A request, ready to be sent more than once. No `Debug`: what it sends may be secret.
pub(super) struct Request {
    /// The verb on the wire.
    pub(super) method: Method,
    /// The verb that is meant, where an override header carries it.
    pub(super) meant: Option<&'static str>,
    /// Where to.
    pub(super) url: Url,
    /// The service that is looked up again when it is not found there; `None` for a host that is fixed.
    pub(super) service: Option<&'static str>,
    /// What it is about, for counts and messages; holds no id and no secret.
    pub(super) subject: String,
    /// The role that it takes, for messages.
    pub(super) role: Option<&'static str>,
    /// The `If-Match` header.
    pub(super) if_match: Option<String>,
    /// The `Cookie` header.
    pub(super) cookie: Option<Secret>,
    /// Other headers, in place of a token.
    pub(super) headers: Vec<(&'static str, Secret)>,
    /// What is sent.
    pub(super) payload: Payload,
    /// Whether it, or its answer, is about consumers: what the platform says of it is in no log.
    pub(super) is_personal: bool,
    /// What it does to the account.
    pub(super) lane: Lane,
    /// Whether it may be carried out twice.
    pub(super) repeat: Repeat,
    /// How slowly it is tried again.
    pub(super) schedule: RetrySchedule,
}

/// What a request sends.
pub(super) enum Payload {
    /// Nothing.
    Empty,
    /// A JSON document.
    Json(Value),
    /// A form. Its values may be secrets.
    Form(Vec<(&'static str, Secret)>),
}

impl Request {
    /// A read.
    pub(super) fn get(url: Url, subject: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            meant: None,
            url,
            service: None,
            subject: subject.into(),
            role: None,
            if_match: None,
            cookie: None,
            headers: Vec::new(),
            payload: Payload::Empty,
            is_personal: false,
            lane: Lane::Read,
            repeat: Repeat::Idempotent,
            schedule: RetrySchedule::AccountConfig,
        }
    }

    /// A write that is carried out at most once.
    pub(super) fn post(url: Url, subject: impl Into<String>, payload: Payload) -> Self {
        Self {
            method: Method::POST,
            payload,
            lane: Lane::Write,
            repeat: Repeat::Once,
            ..Self::get(url, subject)
        }
    }

    /// A call that changes nothing of the account although it is a POST.
    pub(super) fn ask(url: Url, subject: impl Into<String>, payload: Payload) -> Self {
        Self {
            lane: Lane::Read,
            repeat: Repeat::Idempotent,
            ..Self::post(url, subject, payload)
        }
    }

    /// The same request, about a collection.
    pub(super) fn of(self, collection: &Collection) -> Self {
        Self {
            service: match collection.service {
                Service::AccountConfig => Some(ACCOUNT_CONFIG),
                Service::Handoff => Some(HANDOFFS),
            },
            role: Some(collection.role),
            ..self
        }
    }

    /// The same request, about consumers.
    pub(super) fn personal(self) -> Self {
        Self {
            is_personal: true,
            ..self
        }
    }

    /// The verb that is meant.
    pub(super) fn verb(&self) -> &'static str {
        self.meant.unwrap_or(match self.method {
            Method::GET => "GET",
            Method::PUT => "PUT",
            Method::DELETE => "DELETE",
            _ => "POST",
        })
    }

    /// A message about the request.
    pub(super) fn named(&self, what: &str) -> String {
        format!("{} {}: {what}", self.verb(), self.subject)
    }

    /// The error of the last try, in the light of an earlier one that may have taken effect.
    pub(super) fn doubted(&self, error: ApiError, doubt: Option<String>) -> ApiError {
        let gone = matches!(error, ApiError::NotFound(_));
        match doubt {
            Some(doubt) if self.lane == Lane::Write => match self.verb() {
                // A delete is done whether the first or the second try did it.
                "DELETE" if gone => error,
                _ => ApiError::Lost(format!("{doubt}; then {error}")),
            },
            _ => error,
        }
    }

    /// Whether the account may have changed although the request failed.
    pub(super) fn leaves_doubt(&self, error: &ApiError) -> bool {
        self.lane == Lane::Write && error.fate() == WriteFate::Unknown
    }
}

/// A successful answer.
#[derive(Debug)]
pub(super) struct Answer {
    /// `ac-revision`, or else the entity tag without its quotes.
    pub(super) revision: Option<String>,
    /// `Location`.
    pub(super) location: Option<String>,
    /// `X-Total-Count`: the rows that the answer should hold.
    pub(super) announced: Option<u64>,
    /// The cookies that were set, to be sent back.
    pub(super) cookie: Option<Secret>,
    /// The body, absent when it is empty.
    pub(super) body: Option<Value>,
    /// When its request was sent, once its turn had come.
    pub(super) sent: Option<Instant>,
}
