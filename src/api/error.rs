//! What can go wrong with the platform, by what it means to the caller.

/// A failure of a request, by meaning. HTTP statuses become these in one function only.
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
    /// The answer does not have the documented shape.
    #[error("unexpected answer: {0}")]
    Unexpected(String),
}
