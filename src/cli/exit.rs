//! The exit codes, frozen. A failure never exits 0.

/// Done, or nothing to do.
pub const DONE: u8 = 0;
/// An error that has no code of its own.
pub const ERROR: u8 = 1;
/// Changes are present: `plan --detailed-exitcode`.
pub const CHANGES: u8 = 2;
/// Invalid manifests, flags or arguments.
pub const INVALID: u8 = 3;
/// Not authenticated or not permitted.
pub const DENIED: u8 = 4;
/// The rate or retry budget is spent.
pub const THROTTLED: u8 = 5;
/// Blocked by a guard.
pub const BLOCKED: u8 = 6;
/// The plan is stale.
pub const STALE: u8 = 7;
/// Partly applied.
pub const PARTIAL: u8 = 8;
/// Interrupted.
pub const INTERRUPTED: u8 = 130;

/// Every code with its meaning, for help texts and the README.
pub const ALL: &[(u8, &str)] = &[
    (DONE, "done, or nothing to do"),
    (ERROR, "error"),
    (CHANGES, "changes present (`plan --detailed-exitcode`)"),
    (INVALID, "invalid manifests, flags or arguments"),
    (DENIED, "not authenticated or not permitted"),
    (THROTTLED, "rate or retry budget spent"),
    (BLOCKED, "blocked by a guard"),
    (STALE, "plan stale"),
    (PARTIAL, "partly applied"),
    (INTERRUPTED, "interrupted"),
];
