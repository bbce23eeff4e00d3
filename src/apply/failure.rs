//! Why a step was not done.

use super::outcome::{Class, StepResult};
use super::record::RecordError;
use super::state::describe;
use crate::api::{ApiError, WriteFate};

/// Why a step was not done.
#[derive(Debug)]
pub(super) struct StepFailure {
    /// What kind of failure it is.
    pub(super) class: Class,
    /// Why.
    pub(super) message: String,
    /// Whether every further step would fail alike, so that none is begun.
    pub(super) is_final: bool,
}

impl StepFailure {
    fn of(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            is_final: false,
        }
    }

    /// It cannot be done.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::of(Class::Refused, message)
    }

    /// The live object moved since it was planned.
    pub(super) fn stale(message: impl Into<String>) -> Self {
        Self::of(Class::Stale, message)
    }

    /// It is not known whether it was done.
    pub(super) fn unknown(message: impl Into<String>) -> Self {
        Self::of(Class::Unknown, message)
    }

    /// The same failure of a step that had ended this way already.
    pub(super) fn after(self, result: &StepResult) -> Self {
        let message = match result {
            StepResult::Applied { id: Some(id), .. } => {
                format!("the account was changed (id {id}), but {}", self.message)
            }
            StepResult::Failed { message, .. } => format!("{message}; and {}", self.message),
            _ => self.message,
        };
        Self { message, ..self }
    }

    /// The result of the step, and whether every further one would fail alike.
    pub(super) fn into_end(self) -> (StepResult, bool) {
        let Self {
            class,
            message,
            is_final,
        } = self;
        (StepResult::Failed { message, class }, is_final)
    }
}

impl From<ApiError> for StepFailure {
    fn from(error: ApiError) -> Self {
        let class = match error.fate() {
            // A stale revision is no stale plan: that is decided by the fields.
            // And whoever sends a write looks what became of it, before it comes here.
            WriteFate::Refused | WriteFate::Stale | WriteFate::Unknown => Class::Refused,
            WriteFate::BudgetSpent => Class::BudgetSpent,
            WriteFate::Unauthorized => Class::Unauthorized,
        };
        Self {
            class,
            message: describe(&error),
            is_final: matches!(
                error,
                ApiError::BudgetSpent(_) | ApiError::Unauthenticated(_)
            ),
        }
    }
}

impl From<RecordError> for StepFailure {
    fn from(error: RecordError) -> Self {
        Self {
            is_final: true,
            ..Self::of(Class::Unrecorded, describe(&error))
        }
    }
}
