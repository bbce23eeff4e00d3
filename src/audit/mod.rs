//! F3: the audit log: who wrote what to which account, when, on whose behalf, and what came of it.
//!
//! - It is a file of JSON lines that is only ever appended to, and outlives runs, ledgers and plans.
//! - It gets a line before a write is sent, and another one after the answer: no write is without a line,
//!   even if the process is killed. Two lines of one write have the same `run` and `step`.
//! - Each line is on the disk before the run goes on. One that cannot be written ends the run.
//! - Fields are in the terms of manifests, as a plan shows them. No credential, token or header is in a line.

mod line;
mod log;

pub use line::{
    Act, Actor, AuditField, AuditLine, AuditRequest, Commit, FORMAT, Fields, WriteOutcome,
    fields_of, schema,
};
pub use log::{AuditError, AuditLog};
