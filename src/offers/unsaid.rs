//! Payloads that change without a word of it: what they admit is not public, and `means` does not explain the change.
//!
//! A payload is explained where the conditions of its engagement mean something else than before: who is offered it is told as
//! that. Any other payload may admit anybody, so that the engagement and all that competes with it may change.
//!
//! ```text
//! [{data: {x: 1}, means: club}]               ->  [{data: {x: 2}, means: gold}]   explained: gold, and no longer club
//! [{type: all}, {data: {x: 1}, means: club}]  ->  [{data: {x: 2}, means: club}]   may change
//! ```

use super::difference::{Found, Pair};
use super::truth::{Reason, Spot};
use super::visit::Visit;
use crate::kinds::offering::Unclear;
use crate::manifest::Key;
use crate::plan::Shift;

impl<'a> Pair<'a> {
    /// A condition whose payload is another may admit others, though its `means` does not say so.
    pub(super) fn of_payload(&self, example: Option<&Visit>, found: &mut Found) {
        let own = || {
            let (spot, says_the_same) = self.changed.payloads.get(self.key)?;
            (*says_the_same || !is_explained(found)).then_some(spot)
        };
        let beside = || {
            let mut beside = self.changed.payloads_beside(self.key);
            beside.find_map(|rival| self.unexplained(rival))
        };
        if let Some(spot) = own().or_else(beside) {
            let reason = Reason::Unclear(Unclear::Payload, spot.clone());
            self.may_change(reason, example, found);
        }
    }

    /// The condition of a changed engagement whose payload is another and not explained.
    fn unexplained(&self, key: &'a Key) -> Option<&'a Spot> {
        let (spot, says_the_same) = self.changed.payloads.get(key)?;
        if *says_the_same {
            return Some(spot);
        }
        let known = self.changed.explained.borrow().get(key).copied();
        let is_known = known.unwrap_or_else(|| {
            let is = is_explained(&Pair { key, ..*self }.by_meaning());
            self.changed.explained.borrow_mut().insert(key.clone(), is);
            is
        });
        (!is_known).then_some(spot)
    }
}

/// Whether other visitors are offered an engagement, or may be, by what its conditions mean.
fn is_explained(found: &Found) -> bool {
    let who = [Shift::NowOffered, Shift::NoLongerOffered, Shift::MayChange];
    who.iter().any(|shift| found.rows.contains_key(shift))
}
