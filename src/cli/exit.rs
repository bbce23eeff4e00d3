//! The exit codes, frozen. A failure never exits 0.

use crate::run::Meaning;

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
/// A wave of a rollout may not start yet.
pub(super) const NOT_DUE: u8 = 9;
/// Interrupted.
pub(super) const INTERRUPTED: u8 = 130;

/// The codes from the worst: a run of several environments has that of the worst of them.
///
/// An account that is half done needs a person most; then what failed, then what was held back, then what may go on by
/// itself later.
const FROM_THE_WORST: [u8; 11] = [
    PARTIAL,
    ERROR,
    INVALID,
    DENIED,
    THROTTLED,
    STALE,
    BLOCKED,
    INTERRUPTED,
    NOT_DUE,
    CHANGES,
    DONE,
];

/// The exit code of a run that ended with an error of this meaning.
#[must_use]
pub(super) fn of(meaning: Meaning) -> u8 {
    match meaning {
        Meaning::Failed => ERROR,
        Meaning::Invalid | Meaning::NotFound => INVALID,
        Meaning::Denied => DENIED,
        Meaning::Throttled => THROTTLED,
        Meaning::Blocked => BLOCKED,
        Meaning::Stale => STALE,
        Meaning::Partly => PARTIAL,
        Meaning::Interrupted => INTERRUPTED,
        Meaning::NotDue => NOT_DUE,
    }
}

/// The exit code of a run of several.
#[must_use]
pub(super) fn worst(codes: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: &u8| FROM_THE_WORST.iter().position(|other| other == code);
    codes.into_iter().min_by_key(rank).unwrap_or(DONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_code_wins() {
        assert_eq!(worst([0, 2, 0]), 2);
        assert_eq!(worst([2, 6, 0]), 6);
        assert_eq!(worst([2, 6, 4, 5]), 4);
        assert_eq!(worst([3, 1, 2]), 1);
        assert_eq!(worst([]), 0);
        assert_eq!(worst([0, 7, 8, 1]), 8);
        assert_eq!(worst([130, 0, 7, 6]), 7);
        assert_eq!(worst([9, 130]), 130);
        assert_eq!(worst([0, 9]), 9);
    }
}
