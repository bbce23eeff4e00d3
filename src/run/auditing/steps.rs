//! The lines of the steps that apply does.

use super::Audit;
use crate::apply::{Class, Durable, RecordError, Recorder, SendingStep, StepEnd, StepResult};
use crate::audit::{Act, AuditError, AuditLine, AuditRequest, WriteOutcome, fields_of};
use crate::ledger::{JournalEvent, LedgerSession};
use crate::name::{RemoteId, Revision};

/// A session that tells an audit log of what apply does.
pub struct Audited<'a> {
    /// The ledger.
    pub session: &'a mut LedgerSession,
    /// The audit log.
    pub audit: &'a mut Audit,
}

impl Recorder for Audited<'_> {
    fn record(&mut self, event: JournalEvent) -> Result<(), RecordError> {
        Recorder::record(self.session, event)
    }

    fn durable(&mut self) -> Durable {
        Recorder::durable(self.session)
    }

    fn sending(&mut self, write: &SendingStep<'_>) -> Result<(), RecordError> {
        let (Audit(Some(open)), Some(action)) = (&mut *self.audit, Act::of(write.step.verb)) else {
            return Ok(());
        };
        let line = AuditLine {
            action,
            step: Some(write.index),
            remote_id: write.id.map(RemoteId::to_string),
            request: write.call.map(|call| AuditRequest {
                method: call.method,
                path: call.path.clone(),
            }),
            revision_before: told(write.revision),
            fields: fields_of(write.step, write.change),
            ..open.head.clone()
        };
        let line = line.about(&write.step.key, &write.change.display_name);
        open.append(line.clone()).map_err(unrecorded)?;
        open.begun.insert(write.index, line);
        Ok(())
    }

    fn ended(&mut self, end: &StepEnd<'_>) -> Result<(), RecordError> {
        let (Audit(Some(open)), Some(action)) = (&mut *self.audit, Act::of(end.step.verb)) else {
            return Ok(());
        };
        let line = match open.begun.remove(&end.index) {
            Some(line) => line,
            // Only the ledger was written; the account saw nothing of a step that was not begun.
            None if action.is_of_ledger() => AuditLine {
                action,
                step: Some(end.index),
                ..open.head.clone()
            }
            .about(&end.step.key, &end.change.display_name),
            None => return Ok(()),
        };
        open.append(with_end(line, end)).map_err(unrecorded)
    }
}

/// The line with what became of its step.
fn with_end(line: AuditLine, end: &StepEnd<'_>) -> AuditLine {
    let (outcome, reason) = match end.result {
        StepResult::Applied { .. } if end.found => (WriteOutcome::Found, None),
        StepResult::Applied { .. } => (WriteOutcome::Applied, None),
        StepResult::Failed { message, class } => match class {
            Class::Unknown => (WriteOutcome::Unknown, Some(message.clone())),
            _ => (WriteOutcome::Failed, Some(message.clone())),
        },
        _ => (WriteOutcome::Unknown, None),
    };
    let mut line = AuditLine {
        outcome,
        reason,
        ..line
    };
    if let StepResult::Applied {
        id,
        revision_before,
        revision_after,
        ..
    } = end.result
    {
        line.remote_id = id.as_ref().map(RemoteId::to_string).or(line.remote_id);
        line.revision_before = told(revision_before.as_ref()).or(line.revision_before);
        line.revision_after = told(revision_after.as_ref());
    }
    line
}

fn told(revision: Option<&Revision>) -> Option<String> {
    let revision = revision.filter(|revision| !revision.0.is_empty());
    revision.map(|revision| revision.0.clone())
}

fn unrecorded(error: AuditError) -> RecordError {
    RecordError::Audit(Box::new(error))
}
