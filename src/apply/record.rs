//! Where apply writes down what it did.

use crate::ledger::{Event, Session};

/// Records events durably: when a call returns, the event survives a crash.
pub trait Recorder {
    /// Records an event.
    ///
    /// # Errors
    /// [`RecordError`] when it could not be made durable. Apply then stops.
    fn record(&mut self, event: Event) -> Result<(), RecordError>;
}

/// What was done could not be written down.
#[derive(Debug, thiserror::Error)]
#[error("the ledger cannot be written")]
pub struct RecordError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl Recorder for Session {
    fn record(&mut self, event: Event) -> Result<(), RecordError> {
        Self::record(self, event).map_err(|error| RecordError(Box::new(error)))
    }
}
