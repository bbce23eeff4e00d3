//! What can go wrong with the platform, by what it means to the caller.

/// A failure of a request, by meaning. HTTP statuses become these in one function only,
/// `Error::from_status`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The credentials are missing, wrong or expired (401).
    #[error("not authenticated: {0}")]
    Unauthenticated(String),
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
    /// Too many requests (429).
    #[error("throttled: {0}")]
    Throttled(String),
    /// The platform failed (5xx), or could not be reached.
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

impl Error {
    /// The meaning of a status that is not a success.
    pub(super) fn from_status(status: u16, message: String) -> Self {
        match status {
            401 => Self::Unauthenticated(message),
            403 => Self::Denied(message),
            404 | 410 => Self::NotFound(message),
            409 | 412 => Self::Conflict(message),
            429 => Self::Throttled(message),
            400..=499 => Self::Refused(message),
            500..=599 => Self::Unavailable(message),
            _ => Self::Unexpected(message),
        }
    }
}
