//! Payloads and fields that change without a word of it: what they admit is not public, and `means` does not explain the change.
//!
//! A payload is explained where the conditions of its engagement mean something else than before: who is offered it is told as
//! that. Any other payload may admit anybody, so that the engagement and all that competes with it may change, where it can be
//! offered at all.
//!
//! A field of which it is not known whether it has a say is like a payload that nothing explains.
//!
//! ```text
//! [{data: {x: 1}, means: club}]               ->  [{data: {x: 2}, means: gold}]   explained: gold, and no longer club
//! [{type: all}, {data: {x: 1}, means: club}]  ->  [{data: {x: 2}, means: club}]   may change
//! ```

use super::difference::{EngagementDifference, Pair};
use super::explore::{Matters, SearchNext, Searched};
use super::rivalry::{ChoiceRule, choices};
use super::truth::{Reason, Spot};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Place, Switch, Unclear};
use crate::manifest::Key;
use crate::plan::Shift;

/// Where two engagements have to be possible.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    /// In one of the worlds.
    One,
    /// In both: what is possible in one of them only is told as that.
    Both,
}

/// That something may be, at a visit; without one where there are too many to look at.
struct Meeting(Option<Visit>);

impl<'a> Pair<'a> {
    /// A condition whose payload is another may admit others, though its `means` does not say so.
    pub(super) fn of_payload(&self, example: Option<&Visit>, found: &mut EngagementDifference) {
        let own = || {
            let (spot, says_the_same) = self.changed.payloads.get(self.key)?;
            let is_open = *says_the_same || !is_explained(found);
            let Meeting(visit) = is_open.then(|| self.meeting(None, In::One)).flatten()?;
            Some((spot, example.cloned().or(visit)))
        };
        let beside = || {
            let mut beside = self.changed.payloads_beside(self.key);
            beside.find_map(|rival| {
                let spot = self.unexplained(rival)?;
                let Meeting(visit) = self.meeting(Some(rival), In::One)?;
                Some((spot, visit))
            })
        };
        if let Some((spot, example)) = own().or_else(beside) {
            let reason = Reason::Unclear(Unclear::Payload, spot.clone());
            self.may_change(reason, example.as_ref(), found);
        }
    }

    /// A field that is another and of which it is not known whether it has a say may do anything to those who are offered the
    /// engagement before and after, and to all that competes with it.
    pub(super) fn of_fields(&self, example: Option<&Visit>, found: &mut EngagementDifference) {
        // Who takes for granted that such fields have no say is told nothing.
        if self.assumed.of(Switch::UndocumentedFields) == Some(0) {
            return;
        }
        let is_kept = example.is_some() || found.is_partial;
        let own = self.changed.fields.get(self.key).filter(|_| is_kept);
        let beside = || {
            let mut beside = self.changed.fields_beside(self.key);
            beside.find_map(|(rival, fields)| {
                let Meeting(visit) = self.meeting(Some(rival), In::Both)?;
                Some((fields, visit))
            })
        };
        let own = own.map(|fields| (fields, example.cloned()));
        let Some((fields, example)) = own.or_else(beside) else {
            return;
        };
        for spot in fields {
            let reason = Reason::Unclear(Unclear::Field, spot.clone());
            self.may_change(reason, example.as_ref(), found);
        }
    }

    /// Whether the engagement can be offered where a rival can, if the payloads that changed admit who they like.
    fn meeting(&self, rival: Option<&'a Key>, within: In) -> Option<Meeting> {
        let [before, after] = self.changed.opened();
        let pair = Pair {
            before,
            after,
            ..*self
        };
        let rivals: Vec<&Key> = rival.into_iter().collect();
        let is_both = |it: &Vec<bool>| {
            let worlds = it.chunks(2).fold([true; 2], |all, truths| {
                [all[0] && truths[0], all[1] && truths[1]]
            });
            match within {
                In::One => worlds.contains(&true),
                In::Both => worlds == [true; 2],
            }
        };
        let matters = match (rival, within) {
            (Some(_), In::Both) => Matters::KeptContested,
            (Some(_), In::One) => Matters::Contested,
            (None, _) => Matters::Any,
        };
        pair.places().iter().find_map(|place| {
            if rival.is_some_and(|rival| pair.is_ahead_of(rival, place)) {
                return None;
            }
            let mut visit = None;
            let searched = pair.run(place, &rivals, matters, &mut |leaf, _| {
                if leaf.truths.iter().any(is_both) {
                    visit = Some(leaf.visit.clone());
                    return SearchNext::Enough;
                }
                SearchNext::More
            });
            (searched != Searched::Whole).then_some(Meeting(visit))
        })
    }

    /// Whether the engagement is offered in the place of a rival wherever both can be, in both worlds.
    fn is_ahead_of(&self, rival: &Key, place: &Place) -> bool {
        let is_ahead = |world: &World| {
            let priority = |key: &Key| world.rank(key).map(|it| it.priority);
            matches!((priority(self.key), priority(rival)), (Some(own), Some(other)) if own > other)
        };
        choices(place, self.assumed) == [ChoiceRule::Priority]
            && [self.before, self.after].into_iter().all(is_ahead)
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
fn is_explained(found: &EngagementDifference) -> bool {
    let who = [Shift::NowOffered, Shift::NoLongerOffered, Shift::MayChange];
    who.iter().any(|shift| found.rows.contains_key(shift))
}
