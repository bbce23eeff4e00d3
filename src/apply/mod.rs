//! F3, pass 8: executes a plan, step by step, and says what became of each step.
//!
//! - Apply makes no choices: order and content are the plan's. It refuses to write over what moved since.
//! - A step whose dependencies succeeded runs beside others; the dependants of a failed step are skipped,
//!   independent steps go on.
//! - Of one collection, updates and deletes run one after the other, because its revision is one for all
//!   its rows; creates run side by side.
//! - Every binding is recorded as soon as it is known, before the next step of that object.

mod compare;
mod create;
mod delete;
mod job;
mod outcome;
mod record;
mod run;
mod schedule;
mod state;
mod update;

pub use compare::Difference;
pub use outcome::{Counts, Outcome, StepOutcome, StepResult};
pub use record::{RecordError, Recorder};
pub use run::{Input, Options, Progress, run};

#[cfg(test)]
mod tests;
