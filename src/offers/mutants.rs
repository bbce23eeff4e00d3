//! Small changes of the manifests, and which of them no test notices.
//!
//! A mutant is one change of what one object says: a condition is dropped or negated, a date moves by a second, a whole
//! name becomes a part of one, a campaign is unpublished, an engagement is switched off, has another skill, weight or priority. A
//! test notices it when one of its cases passes without it and does not pass with it. A mutant that no visit is offered
//! anything different by is equivalent: no test could notice it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::changed::WorldChange;
use super::difference::differences_of;
use super::noticing::Noticing;
use super::suite::{Suite, Verdict};
use super::switched_on::is_served;
use super::truth::Spot;
use super::variants::{skill, variants_of};
use super::world::World;
use crate::kinds::Scenario;
use crate::kinds::offering::{Assumed, Reading, Switch};
use crate::manifest::Key;
use crate::text::safe;

/// A small change of a manifest, with what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutant {
    /// Where it is.
    pub spot: Spot,
    /// What is changed, in a phrase.
    pub what: String,
    /// What came of it.
    pub fate: MutantFate,
}

/// What came of a mutant.
#[derive(Clone, Debug, PartialEq)]
pub enum MutantFate {
    /// A test does not pass with it.
    Noticed,
    /// All tests pass with it, and this one would not.
    Unnoticed(Box<Scenario>),
    /// No visit is offered anything different.
    Equivalent,
    /// Whether a visit is offered anything different cannot be decided.
    Undecided,
}

/// The cases that pass with the manifests as they are, by their scenario and their place in it.
type Usual<'a> = BTreeMap<&'a Key, BTreeSet<usize>>;

/// The tests of a project.
#[derive(Clone, Copy, Debug)]
pub struct Tests<'a> {
    /// What the manifests say.
    pub world: &'a World,
    /// The scenarios by name.
    pub scenarios: &'a [(Key, Scenario)],
    /// What is assumed.
    pub assumed: &'a Assumed,
    /// The time of visits that do not say theirs.
    pub now: Timestamp,
}

impl Tests<'_> {
    /// Every mutant of what enabled engagements of published campaigns rest on.
    #[must_use]
    pub fn mutants(&self) -> Vec<Mutant> {
        let usual = self.passing(self.world);
        let said = self.scenarios.iter().map(|(_, it)| safe::json(it));
        let said: Vec<String> = said.collect();
        let made = self.made();
        let fates = made.into_iter().map(|(spot, what, reading)| {
            let mut world = self.world.clone();
            world.put(spot.key.clone(), reading);
            let fate = self.fate(&world, &spot.key, (&usual, &said));
            Mutant { spot, what, fate }
        });
        fates.collect()
    }

    fn fate(
        &self,
        world: &World,
        changed: &Key,
        (usual, said): (&Usual<'_>, &[String]),
    ) -> MutantFate {
        let engagements: BTreeSet<&Key> = self
            .world
            .offered()
            .map(|(key, ..)| key)
            .filter(|key| self.world.around(key).contains_key(changed))
            .collect();
        if self.is_noticed(world, &engagements, (usual, said)) {
            return MutantFate::Noticed;
        }
        let changed = WorldChange::new(self.world, world);
        let case = |is_of_offers: bool| {
            let noticing = Noticing {
                world: self.world,
                mutant: world,
                changed: &changed,
                assumed: self.assumed,
                now: self.now,
                is_of_offers,
            };
            noticing.case(&engagements).map(Box::new)
        };
        // Where the priority decides, what comes behind can meet other requirements, and nobody is offered anything else.
        let has_order = self.assumed.of(Switch::Contest) == Some(1);
        if let Some(scenario) = case(has_order) {
            return MutantFate::Unnoticed(scenario);
        }
        if differences_of(&engagements, &changed, self.assumed).is_empty() {
            return MutantFate::Equivalent;
        }
        let of_requirements = has_order.then(|| case(false)).flatten();
        of_requirements.map_or(MutantFate::Undecided, MutantFate::Unnoticed)
    }

    /// The cases that pass, by their scenario and their place in it.
    fn passing(&self, world: &World) -> Usual<'_> {
        let scenarios = self.scenarios.iter();
        let passing = scenarios.map(|(key, scenario)| (key, self.passed(world, key, scenario)));
        passing.collect()
    }

    fn passed(&self, world: &World, key: &Key, scenario: &Scenario) -> BTreeSet<usize> {
        let suite = Suite {
            world,
            key,
            scenario,
            now: self.now,
            assumed: self.assumed,
        };
        let results = suite.run().into_iter().enumerate();
        let passed = results.filter(|(_, it)| it.verdict() == Verdict::Passed);
        passed.map(|(index, _)| index).collect()
    }

    /// Whether a case that passes does not with a mutant. Scenarios that name an engagement whose mutant it is are asked first,
    /// and those with rules about every visit, which take their time, last.
    fn is_noticed(
        &self,
        mutant: &World,
        engagements: &BTreeSet<&Key>,
        (usual, said): (&Usual<'_>, &[String]),
    ) -> bool {
        let mut scenarios: Vec<_> = self.scenarios.iter().zip(said).collect();
        scenarios.sort_by_cached_key(|((_, it), said)| {
            let has_rules = it.always.is_some() || it.never.is_some();
            let mut names = engagements.iter().map(|key| key.name.as_str());
            (has_rules, !names.any(|name| said.contains(name)))
        });
        scenarios.into_iter().any(|((key, scenario), _)| {
            let usual = &usual[key];
            !usual.is_empty() && !usual.is_subset(&self.passed(mutant, key, scenario))
        })
    }

    fn made(&self) -> Vec<(Spot, String, Reading)> {
        let mut objects: BTreeMap<Key, &Reading> = BTreeMap::new();
        for (key, reading, _) in self.world.offered() {
            if is_served(self.world, reading) {
                objects.extend(self.world.around(key));
            }
        }
        let skills: BTreeSet<String> = objects.values().copied().filter_map(skill).collect();
        let all = objects.into_iter().flat_map(|(key, reading)| {
            let made = variants_of(reading, &skills);
            made.into_iter().map(move |(at, what, reading)| {
                let spot = Spot {
                    key: key.clone(),
                    at,
                };
                (spot, what, reading)
            })
        });
        all.collect()
    }
}
