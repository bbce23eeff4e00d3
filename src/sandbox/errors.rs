//! Refusals, and the error bodies in which each service words them (wire sections 3.6 and 3.7).
//!
//! The only published code of account config is 12, "No data found"; the other numbers here are
//! invented, and a client must not look at them.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::Reply;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The status of the answer.
    pub(super) status: StatusCode,
    /// The service's own number.
    pub(super) code: i64,
    /// What is wrong.
    pub(super) message: String,
}

impl Failure {
    /// A refusal whose number is made from the status.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            code: i64::from(status.as_u16()),
            message: message.into(),
        }
    }

    /// 400.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401.
    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// 404 with the one published code and text.
    pub(super) fn no_data() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: 12,
            message: "No data found".to_owned(),
        }
    }

    /// 405.
    pub(super) fn method_not_allowed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
    }

    /// The answer of account config; `object_type` is the last part of the collection's path.
    pub(super) fn account_config(&self, object_type: &str) -> Reply {
        self.reply(json!({
            "type": object_type,
            "internalCode": self.code,
            "message": self.message,
        }))
    }

    /// The answer of the handoff service.
    pub(super) fn handoff(&self) -> Reply {
        self.reply(json!({
            "code": self.code,
            "requestTraceId": "00000000-0000-4000-8000-000000000000",
            "message": self.message,
        }))
    }

    /// The answer of the Monitoring API.
    pub(super) fn monitoring(&self, now: Timestamp) -> Reply {
        self.reply(json!({
            "time": now.as_millisecond(),
            "message": self.message,
            "internalCode": self.code,
        }))
    }

    /// The 202 of a platform that is not ready yet, with its published code (wire section 7).
    pub(super) fn loading(now: Timestamp) -> Reply {
        let loading = Self {
            status: StatusCode::ACCEPTED,
            code: 38,
            message: "Loading account".to_owned(),
        };
        loading.monitoring(now)
    }

    fn reply(&self, body: Value) -> Reply {
        Reply::json(self.status, body)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the sandbox store failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("the sandbox store failed: {error}"),
        )
    }
}
