//! Verdicts that are combined without a list of them.

use super::truth::{Judged, Truth};

/// Parts that are decided, with nothing to say of it: most parts are, and they are combined without a list of them.
#[derive(Default)]
pub(super) struct PlainParts {
    holds: bool,
    fails: bool,
    /// Whether one of those that do not hold was reported.
    is_reported: bool,
}

impl PlainParts {
    /// Takes a part; not one that has something to say.
    pub(super) fn takes(&mut self, part: &Judged) -> bool {
        let is_plain = part.reasons.is_empty()
            && part.because.is_empty()
            && part.rests.is_empty()
            && part.nearest.is_empty()
            && part.then.is_empty();
        match part.truth {
            _ if !is_plain => return false,
            Truth::Yes => self.holds = true,
            Truth::No => {
                self.fails = true;
                self.is_reported |= !part.is_absent;
            }
            Truth::Unknown => return false,
        }
        true
    }

    /// What comes of all of them.
    pub(super) fn combined(&self, decides: Truth) -> Judged {
        let holds = match decides {
            Truth::Yes => self.holds,
            _ => !self.fails,
        };
        Judged {
            is_absent: !holds && !self.is_reported,
            ..Judged::of(holds.into())
        }
    }

    /// One part for all that hold, and one for all that do not.
    pub(super) fn parts(&self) -> impl Iterator<Item = Judged> {
        let holds = self.holds.then(|| Judged::of(Truth::Yes));
        let fails = self.fails.then(|| Judged {
            is_absent: !self.is_reported,
            ..Judged::of(Truth::No)
        });
        holds.into_iter().chain(fails)
    }
}
