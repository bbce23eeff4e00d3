//! Refusals, and the error bodies in which each service words them (platform.md#error-bodies).
//!
//! The only published code of account config is 12, "No data found"; the other numbers here are
//! invented, and a client must not look at them.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::Reply;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RefusedRequest {
    /// The status of the answer.
    pub(super) status: StatusCode,
    /// The service's own number.
    pub(super) code: i64,
    /// What is wrong.
    pub(super) message: String,
    /// The type that a published body has in place of the collection's type and the number.
    pub(super) own_type: Option<&'static str>,
}

impl RefusedRequest {
    /// A refusal whose number is made from the status.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self::coded(status, i64::from(status.as_u16()), message)
    }

    /// A refusal with a number of the service's own.
    pub(super) fn coded(status: StatusCode, code: i64, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            own_type: None,
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
        Self::coded(StatusCode::NOT_FOUND, 12, "No data found")
    }

    /// 405.
    pub(super) fn method_not_allowed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
    }

    /// The answer of account config; `object_type` is the last part of the collection's path.
    pub(super) fn account_config(&self, object_type: &str) -> Reply {
        if let Some(own_type) = self.own_type {
            return self.reply(json!({ "type": own_type, "message": self.message }));
        }
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

    /// The answer of the Monitoring API; `fault` is its number for a fault of the server's own.
    pub(super) fn monitoring(&self, now: Timestamp, fault: i64) -> Reply {
        let is_own = self.code == i64::from(StatusCode::INTERNAL_SERVER_ERROR.as_u16());
        self.reply(json!({
            "time": now.as_millisecond(),
            "message": self.message,
            "internalCode": if is_own { fault } else { self.code },
        }))
    }

    /// The answer of CleverTap.
    pub(super) fn clevertap(&self) -> Reply {
        self.reply(json!({ "status": "fail", "error": self.message, "code": self.code }))
    }

    /// The 202 of a platform that is not ready yet.
    pub(super) fn loading(now: Timestamp, message: impl Into<String>) -> Reply {
        let loading = Self::coded(StatusCode::ACCEPTED, 38, message);
        loading.monitoring(now, loading.code)
    }

    fn reply(&self, body: Value) -> Reply {
        Reply::json(self.status, body)
    }
}

impl From<rusqlite::Error> for RefusedRequest {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the sandbox store failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("the sandbox store failed: {error}"),
        )
    }
}
