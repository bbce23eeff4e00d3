//! The exit codes, frozen. A failure never exits 0.

/// Done, or nothing to do.
pub(super) const DONE: u8 = 0;
/// An error that has no code of its own.
pub(super) const ERROR: u8 = 1;
/// Changes are present: `plan --detailed-exitcode`, `drift`, `fmt --check`; `pull` left something;
/// `test`: a case failed or is undecided.
pub(super) const CHANGES: u8 = 2;
/// Invalid manifests, flags or arguments.
pub(super) const INVALID: u8 = 3;
/// Not authenticated or not permitted.
pub(super) const DENIED: u8 = 4;
/// The rate or retry budget is spent.
pub(super) const THROTTLED: u8 = 5;
/// Blocked by a guard.
pub(super) const BLOCKED: u8 = 6;
/// The plan is stale.
pub(super) const STALE: u8 = 7;
/// Partly applied.
pub(super) const PARTIAL: u8 = 8;
/// Interrupted.
pub(super) const INTERRUPTED: u8 = 130;
