//! What can go wrong with the platform, by what it means to the caller.

/// A failure of a request, by meaning. HTTP statuses become these in one function only,
/// `Error::from_status`.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The credentials are missing, wrong or expired (401).
    #[error("not authenticated: {0}")]
    Unauthenticated(String),
    /// The sign-in of a user is over: the platform refuses its refresh token.
    #[error("signed out: {0}")]
    SignedOut(String),
    /// The credentials lack a privilege (403).
    #[error("not permitted: {0}")]
    Denied(String),
    /// The object does not exist or was deleted (404, 410).
    #[error("not found: {0}")]
    NotFound(String),
    /// The revision is stale (412, 409).
    #[error("changed in the meantime: {0}")]
    Conflict(String),
    /// The platform refuses the request as it is (other 4xx).
    #[error("refused: {0}")]
    Refused(String),
    /// The platform asks for more patience than the budget of the run has left (429, or a failing platform).
    #[error("gave up: {0}")]
    BudgetSpent(String),
    /// No connection came up, so that nothing was sent.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// The platform failed (5xx), or the answer to a read was lost.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The request went out and no whole answer came back: it may or may not have been carried out.
    #[error("no answer: {0}")]
    Lost(String),
    /// The answer does not have the documented shape.
    #[error("unexpected answer: {0}")]
    Unexpected(String),
    /// A setting is missing or not usable.
    #[error("not configured: {0}")]
    Unconfigured(String),
}

/// What a failed write did to the account, which decides what may be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteFate {
    /// Nothing was changed, and the same write will not succeed.
    Refused,
    /// It cannot be told: only a read shows whether it took effect. Never to be sent again before that.
    Unknown,
    /// Nothing was changed: the object, or one beside it, moved. A read decides.
    Stale,
    /// Nothing was changed, and no further request will get through in this run.
    BudgetSpent,
    /// Nothing was changed: the credentials do not allow it.
    Unauthorized,
}

impl ApiError {
    /// The meaning of a status that is not a success.
    pub(super) fn from_status(status: u16, message: String) -> Self {
        match status {
            401 => Self::Unauthenticated(message),
            403 => Self::Denied(message),
            404 | 410 => Self::NotFound(message),
            409 | 412 => Self::Conflict(message),
            429 => Self::BudgetSpent(message),
            400..=499 => Self::Refused(message),
            500..=599 => Self::Unavailable(message),
            _ => Self::Unexpected(message),
        }
    }

    /// What kind of failure it is, in a word without a text of the platform's.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unauthenticated(_) => "not authenticated",
            Self::SignedOut(_) => "signed out",
            Self::Denied(_) => "not permitted",
            Self::NotFound(_) => "not found",
            Self::Conflict(_) => "changed in the meantime",
            Self::Refused(_) => "refused",
            Self::BudgetSpent(_) => "gave up",
            Self::Unreachable(_) => "unreachable",
            Self::Unavailable(_) => "unavailable",
            Self::Lost(_) => "no answer",
            Self::Unexpected(_) => "unexpected answer",
            Self::Unconfigured(_) => "not configured",
        }
    }

    /// The same error with more text.
    pub(super) fn with(self, text: &str) -> Self {
        let message = format!("{}{text}", self.message());
        match self {
            Self::Unauthenticated(_) => Self::Unauthenticated(message),
            Self::SignedOut(_) => Self::SignedOut(message),
            Self::Denied(_) => Self::Denied(message),
            Self::NotFound(_) => Self::NotFound(message),
            Self::Conflict(_) => Self::Conflict(message),
            Self::Refused(_) => Self::Refused(message),
            Self::BudgetSpent(_) => Self::BudgetSpent(message),
            Self::Unreachable(_) => Self::Unreachable(message),
            Self::Unavailable(_) => Self::Unavailable(message),
            Self::Lost(_) => Self::Lost(message),
            Self::Unexpected(_) => Self::Unexpected(message),
            Self::Unconfigured(_) => Self::Unconfigured(message),
        }
    }

    /// What is said of the failure, without what it means.
    pub(super) fn message(&self) -> &str {
        let (Self::Unauthenticated(message)
        | Self::SignedOut(message)
        | Self::Denied(message)
        | Self::NotFound(message)
        | Self::Conflict(message)
        | Self::Refused(message)
        | Self::BudgetSpent(message)
        | Self::Unreachable(message)
        | Self::Unavailable(message)
        | Self::Lost(message)
        | Self::Unexpected(message)
        | Self::Unconfigured(message)) = self;
        message
    }

    /// What a write that failed like this did to the account.
    ///
    /// A write may be sent more than once on the way. When an earlier try could have taken effect, the error
    /// is [`ApiError::Lost`] whatever the last answer was, so that this holds for the write as a whole.
    #[must_use]
    pub fn fate(&self) -> WriteFate {
        match self {
            Self::Unauthenticated(_) | Self::SignedOut(_) | Self::Denied(_) => {
                WriteFate::Unauthorized
            }
            Self::Conflict(_) => WriteFate::Stale,
            Self::BudgetSpent(_) => WriteFate::BudgetSpent,
            Self::NotFound(_) | Self::Refused(_) | Self::Unreachable(_) | Self::Unconfigured(_) => {
                WriteFate::Refused
            }
            Self::Unavailable(_) | Self::Lost(_) | Self::Unexpected(_) => WriteFate::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_status_says_of_a_write() {
        for (status, fate) in [
            (400, WriteFate::Refused),
            (401, WriteFate::Unauthorized),
            (403, WriteFate::Unauthorized),
            (404, WriteFate::Refused),
            (409, WriteFate::Stale),
            (412, WriteFate::Stale),
            (429, WriteFate::BudgetSpent),
            (307, WriteFate::Unknown),
            (500, WriteFate::Unknown),
            (503, WriteFate::Unknown),
        ] {
            let error = ApiError::from_status(status, String::new());
            assert_eq!(error.fate(), fate, "{status}");
        }
        assert_eq!(ApiError::Lost(String::new()).fate(), WriteFate::Unknown);
        assert_eq!(
            ApiError::Unreachable(String::new()).fate(),
            WriteFate::Refused
        );
    }
}
