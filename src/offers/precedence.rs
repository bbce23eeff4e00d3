//! Who comes first at a visit of an app: where the priority decides, nobody behind is offered there.

use super::outcome::VisitOutcome;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Place, Switch};
use crate::manifest::Key;

/// The highest priority of what can be offered at a visit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct FirstPriority {
    /// Of what certainly meets its requirements.
    sure: Option<f64>,
    /// Of what may meet them.
    maybe: Option<f64>,
}

impl FirstPriority {
    /// That at a visit; none where the priority has no say.
    pub(super) fn at(world: &World, visit: &Visit, assumed: &Assumed) -> Self {
        if visit.place == Place::Web || assumed.of(Switch::Contest) == Some(0) {
            return Self::default();
        }
        let outcome = VisitOutcome::in_brief(world, visit, assumed);
        let highest = |keys: &mut dyn Iterator<Item = &Key>| {
            let priorities = keys.filter_map(|key| Some(world.rank(key)?.priority));
            priorities.reduce(f64::max)
        };
        let contests = &outcome.contests;
        Self {
            sure: highest(&mut contests.iter().flat_map(|it| &it.sure)),
            maybe: highest(&mut contests.iter().flat_map(|it| &it.maybe)),
        }
    }

    /// Whether something that can be offered there comes before an engagement.
    pub(super) fn is_before(self, world: &World, key: &Key) -> bool {
        let own = world.rank(key).map_or(0.0, |rank| rank.priority);
        let mut both = [self.sure, self.maybe].into_iter().flatten();
        both.any(|it| it > own)
    }
}
