//! Looks for a case that a mutant does not pass: it passes with the manifests as they are, and does not with the mutant.
//!
//! A visit at which the two differ is looked for first, then the case is written and run on both, so that nothing is
//! proposed that does not notice the mutant. Where the visit rests on inferred facts of the platform, the case assumes
//! the position that the vendor's pages suggest (the first of each), and only of those facts that it rests on. A mutant
//! that decides what is open without it is noticed by a case that asserts `undecided`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::changed::WorldChange;
use super::difference::meeting;
use super::example::example;
use super::explore::{ComparedRequirements, Leaf, Matters, Search, SearchNext};
use super::outcome::VisitOutcome;
use super::suite::{CaseResult, Suite, Verdict};
use super::truth::Reason;
use super::universe::Universe;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Fact, FactAnswer, Place, SWITCHES, Switch};
use crate::kinds::shared::Reference;
use crate::kinds::{Case, Device, JourneyStep, Scenario, Then};
use crate::manifest::Key;

/// How many cases are tried for one engagement before it is given up.
const TRIED: usize = 40;

/// The manifests as they are, and a mutant of them.
pub(super) struct Noticing<'a> {
    pub(super) world: &'a World,
    pub(super) mutant: &'a World,
    /// What is different between the two.
    pub(super) changed: &'a WorldChange<'a>,
    pub(super) assumed: &'a Assumed,
    pub(super) now: Timestamp,
    /// Whether what only meets its requirements, and is not offered for a priority ahead of it, is not enough.
    pub(super) is_of_offers: bool,
}

/// How a visit is looked for.
#[derive(Clone, Copy)]
struct Way<'a> {
    assumed: &'a Assumed,
    /// Where what was earlier matters: on the first page of a session it is known.
    is_first_page: bool,
    /// Whether what is open, and would not be with the mutant, is enough.
    takes_open: bool,
}

impl Noticing<'_> {
    /// A scenario with one case that notices the mutant.
    pub(super) fn case(&self, engagements: &BTreeSet<&Key>) -> Option<Scenario> {
        let mut supposed = self.assumed.clone();
        for switch in SWITCHES {
            supposed.0.entry(*switch).or_insert(0);
        }
        // A change of the priority shows where that decides.
        let mut by_priority = supposed.clone();
        if self.assumed.of(Switch::Contest).is_none() {
            by_priority.0.insert(Switch::Contest, 1);
        }
        // One of the weight of an engagement shows where that counts.
        let mut by_weight = supposed.clone();
        let is_open = self.assumed.of(Switch::EngagementWeight).is_none();
        let weighs = is_open && engagements.iter().any(|key| self.weighs_otherwise(key));
        if weighs {
            by_weight.0.insert(Switch::EngagementWeight, 1);
        }
        // What is certain first, then what takes an assumption, then what is only open now.
        let ways = [false, true].into_iter().flat_map(|takes_open| {
            let all = [self.assumed, &supposed, &by_priority].into_iter();
            let all = all.chain(weighs.then_some(&by_weight));
            all.flat_map(move |assumed| {
                [false, true].map(|is_first_page| Way {
                    assumed,
                    is_first_page,
                    takes_open,
                })
            })
        });
        ways.flat_map(|way| engagements.iter().map(move |key| (way, *key)))
            .find_map(|(way, key)| {
                // The ways differ for one visit; what is drawn is the same in all that assume the same.
                let is_first = !way.is_first_page && !way.takes_open;
                let of_contest = is_first.then(|| self.of_contest(key, way.assumed));
                let of_contest = of_contest.flatten();
                of_contest.or_else(|| self.of_visits(key, way))
            })
    }

    /// Whether the engagement has another weight of its own.
    fn weighs_otherwise(&self, key: &Key) -> bool {
        let weight = |world: &World| world.offering(key).and_then(|it| it.weight);
        weight(self.world) != weight(self.mutant)
    }

    /// A visit at which it is drawn more or less often.
    fn of_contest(&self, key: &Key, assumed: &Assumed) -> Option<Scenario> {
        let is_same = self.world.rank(key) == self.mutant.rank(key);
        if is_same && !self.weighs_otherwise(key) {
            return None;
        }
        let visit = meeting(key, self.changed, assumed)?;
        let outcome = VisitOutcome::of(self.world, &visit, assumed);
        // Who is never chosen has no share, and can have one with the mutant.
        let mut contests = outcome.contests.iter();
        let share = contests.find_map(|it| it.shares.get(key)).copied();
        let share = share.unwrap_or_default();
        let percent = (share * 100.0).round();
        let then = Then {
            shares: Some(BTreeMap::from([(key.name.to_string(), percent)])),
            ..Then::default()
        };
        self.noticed(&visit, &format!("{}: its share", key.name), then, assumed)
    }

    /// A visit at which it is offered otherwise; on the first page of a session where what was earlier matters.
    fn of_visits(&self, key: &Key, way: Way<'_>) -> Option<Scenario> {
        let Way {
            assumed,
            is_first_page,
            takes_open,
        } = way;
        let mut found = None;
        let mut tried = 0;
        for place in self.places(key) {
            let mut from = Visit::new(place);
            if is_first_page {
                from.facts
                    .insert(Fact::Pages, FactAnswer::Known(Vec::new()));
            }
            let asking = [self.world, self.mutant].map(|world| ComparedRequirements { world, key });
            let mut search = Search::new(asking.to_vec(), assumed, Matters::Any);
            search.run(&from, &mut |leaf: Leaf<'_>| {
                if let Some((what, then)) = self.told(key, &leaf, takes_open) {
                    tried += 1;
                    found = self.noticed(leaf.visit, &what, then, assumed);
                }
                if found.is_some() || tried >= TRIED {
                    SearchNext::Enough
                } else {
                    SearchNext::More
                }
            });
            if found.is_some() {
                break;
            }
        }
        found
    }

    fn places(&self, key: &Key) -> BTreeSet<Place> {
        let mut universe = Universe::default();
        self.world.asked_by(key, &mut universe);
        universe.places().cloned().collect()
    }

    /// That an engagement meets its requirements or, where that is not enough, that it can be offered.
    fn offered(&self, name: &str) -> Then {
        let list = Some(vec![Reference::Name(name.to_owned())]);
        let (may_be_offered, eligible) = if self.is_of_offers {
            (list, None)
        } else {
            (None, list)
        };
        Then {
            may_be_offered,
            eligible,
            ..Then::default()
        }
    }

    /// What is the case at a visit and not with the mutant.
    fn told(&self, key: &Key, leaf: &Leaf<'_>, takes_open: bool) -> Option<(String, Then)> {
        let name = key.name.as_str();
        let list = || Some(vec![Reference::Name(name.to_owned())]);
        let truths: Vec<&[bool]> = leaf.truths.iter().map(Vec::as_slice).collect();
        let (what, then) = match truths.as_slice() {
            [[true, false]] => (format!("{name} is offered"), self.offered(name)),
            [[false, true]] => {
                let not_offered = list();
                (
                    format!("{name} is not offered"),
                    Then {
                        not_offered,
                        ..Then::default()
                    },
                )
            }
            [[true, true]] => {
                let skill = |world: &World| world.offering(key).and_then(|it| it.skill.clone());
                let own = skill(self.world).filter(|_| skill(self.world) != skill(self.mutant))?;
                let own = serde_json::from_value(own).ok()?;
                let then = if self.is_of_offers {
                    self.offered(name)
                } else {
                    Then::default()
                };
                let skills = Some(BTreeMap::from([(name.to_owned(), own)]));
                (format!("the skill of {name}"), Then { skills, ..then })
            }
            many if takes_open
                && many
                    .iter()
                    .any(|it| matches!(it, [one, other] if one != other)) =>
            {
                let names: BTreeSet<&str> = leaf.reasons.iter().map(Reason::name).collect();
                let undecided = Some(names.into_iter().map(str::to_owned).collect());
                (
                    format!("{name} is open"),
                    Then {
                        undecided,
                        ..Then::default()
                    },
                )
            }
            _ => return None,
        };
        Some((what, then))
    }

    /// The scenario, if it passes with the manifests as they are and does not with the mutant. It assumes only what it
    /// rests on.
    fn noticed(
        &self,
        visit: &Visit,
        name: &str,
        then: Then,
        assumed: &Assumed,
    ) -> Option<Scenario> {
        let whole = scenario(visit, name, then, assumed);
        let results = self.run(self.world, &whole);
        if !is_passed(&results) || is_passed(&self.run(self.mutant, &whole)) {
            return None;
        }
        let checks = results.iter().flat_map(|it| &it.checks);
        let rests: BTreeSet<Switch> = checks
            .flat_map(|it| it.judged.rests.iter().copied())
            .collect();
        let mut less = whole.clone();
        let assume = less.given.as_mut().and_then(|given| given.assume.as_mut());
        if let Some(assume) = assume {
            assume
                .0
                .retain(|switch, _| rests.contains(switch) || self.assumed.0.contains_key(switch));
        }
        if let Some(given) = &mut less.given
            && given.assume.as_ref().is_some_and(|it| it.0.is_empty())
        {
            given.assume = None;
        }
        let is_enough =
            is_passed(&self.run(self.world, &less)) && !is_passed(&self.run(self.mutant, &less));
        Some(if is_enough { less } else { whole })
    }

    fn run(&self, world: &World, scenario: &Scenario) -> Vec<CaseResult> {
        let key = world.offered().next().map(|(key, ..)| key.clone());
        let suite = key.as_ref().map(|key| Suite {
            world,
            key,
            scenario,
            now: self.now,
            assumed: self.assumed,
        });
        suite.map_or_else(Vec::new, |suite| suite.run())
    }
}

fn is_passed(results: &[CaseResult]) -> bool {
    !results.is_empty() && results.iter().all(|it| it.verdict() == Verdict::Passed)
}

/// A scenario of one visit; where something was closed, it comes again.
fn scenario(visit: &Visit, name: &str, then: Then, assumed: &Assumed) -> Scenario {
    let shown = example(visit);
    let mut given = shown.given.unwrap_or_default();
    given.assume = Some(assumed.clone()).filter(|it| !it.0.is_empty());
    let mut when = shown.when;
    when.at = shown.at;
    if when.is_empty() {
        when.device = Some(Device::Desktop); // nothing has to be known, and a visit that says nothing is no test
    }
    let mut case = Case {
        name: Some(name.to_owned()),
        ..Case::default()
    };
    let last = |when, then| JourneyStep {
        when: Some(when),
        then: Some(then),
        ..JourneyStep::default()
    };
    if !visit.closed.is_empty() {
        // What was closed was there before.
        let first = JourneyStep {
            when: Some(when.clone()),
            ..JourneyStep::default()
        };
        let closed = visit.closed.iter().map(|it| it.name.to_string());
        let closing = JourneyStep {
            closes: Some(closed.map(Reference::Name).collect()),
            ..JourneyStep::default()
        };
        case.journey = Some(vec![first, closing, last(when, then)]);
    } else if visit.facts.contains_key(&Fact::Pages) {
        // On the first page of a session it is known what was earlier: nothing.
        case.journey = Some(vec![last(when, then)]);
    } else {
        case.when = Some(when);
        case.then = Some(then);
    }
    Scenario {
        web: shown.app.is_none().then_some(true),
        app: shown.app.map(Reference::Name),
        given: (given != crate::kinds::Given::default()).then_some(given),
        cases: Some(vec![case]),
        ..Scenario::default()
    }
}
