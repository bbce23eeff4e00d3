//! Examples of other odds that say all it takes: where rivals that did not change are open, they may make up for one that did.

use std::collections::BTreeSet;

use super::changed::WorldChange;
use super::difference::{Pair, SeenDifference};
use super::explore::{ComparedRequirements, Leaf, Matters, Search, SearchNext};
use super::judgement::Judge;
use super::rivalry::{choices, meets};
use super::truth::Truth;
use super::visit::Visit;
use crate::kinds::offering::Assumed;
use crate::manifest::Key;
use crate::plan::Shift;

/// With so many open rivals at most an example is completed.
const MOST_OPEN: usize = 6;

/// So many visits are looked at for it.
const MOST_VISITS: usize = 64;

/// Of so many differences the example is completed: it takes a look at all engagements each.
const COMPLETED: usize = 200;

/// Puts into the examples of other odds what decides the shares, where they leave that open.
pub(super) fn complete(
    rows: &mut [SeenDifference],
    (changed, affected): (&WorldChange<'_>, &BTreeSet<&Key>),
    assumed: &Assumed,
) {
    let told = rows.iter_mut().take(COMPLETED);
    for row in told.filter(|row| row.turn == Shift::OtherOdds) {
        if let Some(key) = affected.get(&row.engagement) {
            Pair::new(changed, key, assumed).complete(row);
        }
    }
}

impl<'a> Pair<'a> {
    /// Puts into an example of other odds what decides the shares, where it leaves that open.
    fn complete(&self, row: &mut SeenDifference) {
        let Some(example) = row.example.as_ref().filter(|it| !self.is_drawn(it)) else {
            return;
        };
        let open = self.open_rivals(example);
        if open.is_empty() || open.len() > MOST_OPEN {
            return;
        }
        let Some(visit) = self.drawn_otherwise(example, &open) else {
            return;
        };
        let choices = choices(&visit.place, self.assumed);
        let (rivals, _) = self.changed.rivals(self.key, &choices);
        row.values = self.shares(&visit, &rivals);
        row.example = Some(visit);
    }

    /// Those that may compete at a visit or not, in one of the worlds.
    fn open_rivals(&self, visit: &Visit) -> Vec<&'a Key> {
        let mut found: Vec<&'a Key> = Vec::new();
        for world in [self.before, self.after] {
            let judge = Judge::new(world, visit, self.assumed);
            for key in world.shelves().candidates(visit) {
                let may_meet = key != self.key && meets(world, self.key, key) != Some(false);
                if may_meet && !found.contains(&key) && judge.whole(key).truth == Truth::Unknown {
                    found.push(key);
                }
            }
        }
        found
    }

    /// A visit that says more than another one, at which the shares are known and are others.
    fn drawn_otherwise(&self, visit: &Visit, open: &[&'a Key]) -> Option<Visit> {
        let keys = [self.key].into_iter().chain(open.iter().copied());
        let asking = keys.flat_map(|key| {
            [self.before, self.after].map(|world| ComparedRequirements { world, key })
        });
        let search = Search::new(asking.collect(), self.assumed, Matters::Any);
        let mut search = search.since(self.changed.since).for_several();
        let (mut found, mut looked) = (None, 0);
        search.run(visit, &mut |leaf: Leaf<'_>| {
            looked += 1;
            if self.is_drawn(leaf.visit) && !self.is_made_up(self.made_up_by(leaf.visit)) {
                found = Some(leaf.visit.clone());
            }
            if found.is_some() || looked == MOST_VISITS {
                SearchNext::Enough
            } else {
                SearchNext::More
            }
        });
        found
    }
}
