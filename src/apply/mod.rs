//! F3, pass 8: executes a plan, step by step, and says what became of each step.
//!
//! - Apply makes no choices: order and content are the plan's. It refuses to write over what moved since.
//! - A step whose dependencies succeeded runs beside others; the dependants of a failed step are skipped,
//!   independent steps go on.
//! - Of one collection, updates and deletes run one after the other, because its revision is one for all
//!   its rows; creates run side by side.
//! - Before each write the journal says what is about to happen, and after it what did: a run that died is
//!   resumed by the next one, which finds out what became of the write in between.
//! - A create is preceded by a look whether the object is there, and is never sent twice.
//! - After the writes the touched objects are read again, and what the account holds differently is told.
//! - Every binding is recorded as soon as it is known, before the next step of that object.

mod compare;
mod create;
mod delete;
mod failure;
mod job;
mod outcome;
mod publish;
mod record;
mod recover;
mod resume;
mod rollback;
mod run;
mod schedule;
mod state;
mod twins;
mod update;
mod verify;

pub use compare::LiveDifference;
pub use outcome::{Class, Counts, Outcome, StepOutcome, StepResult};
pub use record::{Durable, RecordError, Recorder, SendingStep, StepEnd};
pub use recover::{Ambiguous, RecoverError, recover};
pub use rollback::{RunToUndo, rollback};
pub use run::{ApplyInput, ApplyOptions, Progress, run};

#[cfg(test)]
mod tests;
