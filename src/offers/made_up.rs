//! What other rivals make up for: the share of an engagement that is the same after all, by which weights count.

use super::difference::Pair;
use super::outcome::{VisitOutcome, Weighing};
use super::rivalry::Told;
use super::truth::Reason;
use super::visit::Visit;
use crate::kinds::offering::Switch;

impl Pair<'_> {
    /// Whether its share at a visit is known in both worlds.
    pub(super) fn is_drawn(&self, visit: &Visit) -> bool {
        let mut drawn = self.drawn(visit).into_iter();
        drawn.all(|(_, shares)| shares.iter().all(Option::is_some))
    }

    /// Its share at a visit in both worlds, where it is known, by which weights count.
    fn drawn(&self, visit: &Visit) -> [(Weighing, [Option<f64>; 2]); 2] {
        let worlds = [self.before, self.after];
        let outcomes = worlds.map(|world| VisitOutcome::in_brief(world, visit, self.assumed));
        Weighing::BOTH.map(|weighing| {
            let share = |at: usize| {
                let (outcome, world): (&VisitOutcome, _) = (outcomes.get(at)?, worlds.get(at)?);
                // One of which it is not known whether it competes may take a share, or not.
                let mut rivals = outcome.rivals(world, self.key).into_iter();
                if rivals.any(|(_, is_certain)| !is_certain) {
                    return None;
                }
                outcome.drawn_by(world, self.key, weighing, self.assumed)
            };
            (weighing, [share(0), share(1)])
        })
    }

    /// Whether the share at a visit is the same after all, by which weights count.
    pub(super) fn made_up_by(&self, visit: &Visit) -> [bool; 2] {
        self.drawn(visit).map(
            |(_, shares)| matches!(shares, [Some(one), Some(other)] if (one - other).abs() < 1e-9),
        )
    }

    /// Whether other rivals make up for one, so that the share is the same.
    pub(super) fn is_made_up(&self, [campaigns, engagements]: [bool; 2]) -> bool {
        match self.assumed.of(Switch::EngagementWeight) {
            Some(0) => campaigns,
            Some(_) => engagements,
            None => campaigns && engagements,
        }
    }

    /// Other rivals make up for one if the weights count in one way, and not if they count in the other one.
    pub(super) fn if_made_up(&self, [campaigns, engagements]: [bool; 2], told: &mut Told) {
        if campaigns == engagements {
            return;
        }
        if self.assumed.of(Switch::EngagementWeight).is_some() {
            told.rests.insert(Switch::EngagementWeight);
        } else {
            told.turns.insert(None);
            let reason = Reason::Inferred(Switch::EngagementWeight);
            told.reasons.insert(reason);
        }
    }
}
