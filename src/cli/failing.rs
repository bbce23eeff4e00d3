//! What the command line makes of errors: the data for programs, and the words for people.

use super::exit;
use super::ui::Ui;
use crate::plan;
use crate::report::diagnostics::render_json;
use crate::report::failure::{self, FailureReport};
use crate::run::{Error, Meaning};

/// An error as data.
pub(super) fn failure(error: &Error) -> FailureReport {
    FailureReport {
        format: failure::FORMAT,
        exit: exit::of(error.meaning),
        message: error.message.clone(),
        help: error.help.clone(),
        complaints: error.complaints.as_deref().and_then(|(diags, texts)| {
            // What was rendered as JSON can be read as JSON.
            serde_json::from_str(&render_json(diags, texts)).ok()
        }),
    }
}

/// Tells people what went wrong where data for programs is all that stdout holds.
pub(super) fn tell<'a>(ui: &Ui, failures: impl Iterator<Item = (&'a str, &'a plan::PlanFailure)>) {
    for (environment, plan::PlanFailure { message, help }) in failures {
        let error = Error::new(Meaning::Failed, format!("{environment}: {message}"));
        ui.error(&Error {
            help: help.clone(),
            ..error
        });
    }
}
