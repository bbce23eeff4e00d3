//! A request that failed, once: why, and what another try has to know.

use super::ApiError;
use super::governor::RequestTurn;
use super::retry::TryFailure;

/// A request that failed, once.
pub(super) struct Failed {
    /// Why; `None` when no second try can help.
    pub(super) failure: Option<TryFailure>,
    /// What it means.
    pub(super) error: ApiError,
    /// The turn that it had, `None` when it was not sent.
    pub(super) turn: Option<RequestTurn>,
    /// The visitor id to send with the next try.
    pub(super) visitor: Option<String>,
}

impl Failed {
    /// A failure that no second try mends.
    pub(super) fn for_good(error: ApiError) -> Self {
        Self {
            failure: None,
            error,
            turn: None,
            visitor: None,
        }
    }

    /// A failure that another try may mend.
    pub(super) fn for_now(failure: TryFailure, error: ApiError) -> Self {
        Self {
            failure: Some(failure),
            ..Self::for_good(error)
        }
    }
}
