//! Where apply writes down what it does: the journal, and the record for auditors.

use std::error::Error;
use std::pin::Pin;

use super::outcome::StepResult;
use crate::api::Call;
use crate::ledger::{JournalEvent, LedgerSession};
use crate::name::{RemoteId, Revision};
use crate::plan::{Change, Step};

/// What waits until everything that was recorded survives a crash.
pub type Durable = Pin<Box<dyn Future<Output = Result<(), RecordError>> + Send>>;

/// Records what is done, so that it survives a crash.
pub trait Recorder {
    /// Records an event.
    ///
    /// # Errors
    /// [`RecordError`] when it could not be made durable. Apply then stops.
    fn record(&mut self, event: JournalEvent) -> Result<(), RecordError>;

    /// Waits until all that was recorded survives a crash. Called before each write, because some recorders write down
    /// for several steps at once.
    ///
    /// # Errors
    /// [`RecordError`] when it could not be made durable. Then nothing is sent, and apply stops.
    fn durable(&mut self) -> Durable {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Notes that a step is about to send its first write.
    ///
    /// # Errors
    /// [`RecordError`] when it could not be made durable. Then nothing is sent, and apply stops.
    fn sending(&mut self, _write: &SendingStep<'_>) -> Result<(), RecordError> {
        Ok(())
    }

    /// Notes what became of a step, also of one that sent nothing.
    ///
    /// # Errors
    /// [`RecordError`] when it could not be made durable. Apply then stops.
    fn ended(&mut self, _end: &StepEnd<'_>) -> Result<(), RecordError> {
        Ok(())
    }
}

/// A step that is about to send its first write.
#[derive(Clone, Copy, Debug)]
pub struct SendingStep<'a> {
    /// The position of the step in the plan.
    pub index: usize,
    /// The step.
    pub step: &'a Step,
    /// The change that it is part of.
    pub change: &'a Change,
    /// The live object, unless it is about to be created.
    pub id: Option<&'a RemoteId>,
    /// The request, where it is known.
    pub call: Option<&'a Call>,
    /// The revision that the write names; none for a create.
    pub revision: Option<&'a Revision>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug)]
pub struct StepEnd<'a> {
    /// The position of the step in the plan.
    pub index: usize,
    /// The step.
    pub step: &'a Step,
    /// The change that it is part of.
    pub change: &'a Change,
    /// How it ended.
    pub result: &'a StepResult,
    /// Whether its answer was lost, and it was found done.
    pub found: bool,
}

/// What was done could not be written down.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// In the ledger's journal.
    #[error("the ledger cannot be written")]
    Ledger(#[source] Box<dyn Error + Send + Sync>),
    /// In the record for auditors.
    #[error(transparent)]
    Audit(Box<dyn Error + Send + Sync>),
}

impl Recorder for LedgerSession {
    fn record(&mut self, event: JournalEvent) -> Result<(), RecordError> {
        Self::record(self, event).map_err(|error| RecordError::Ledger(Box::new(error)))
    }

    fn durable(&mut self) -> Durable {
        let durable = Self::durable(self);
        Box::pin(async {
            durable
                .await
                .map_err(|error| RecordError::Ledger(Box::new(error)))
        })
    }
}
