//! What the tests of a project look at, of all that there is to look at.
//!
//! There is to look at, whatever the tests name: every enabled engagement of a published campaign, once offered and once
//! withheld; each condition that it refers to, once true, once false, and once as the only reason to withhold it; both
//! sides of each date; and each skill that conversations are routed to.

use std::collections::BTreeSet;

use super::tally::VisitTally;
use super::truth::Spot;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Aspect, Assumed, Clause, Place, Reading, Test};
use crate::manifest::Key;

/// What there is to see of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoverageGoal {
    /// The engagement is offered.
    Offered,
    /// The engagement is not offered.
    Withheld,
    /// The condition holds.
    True,
    /// The condition does not hold.
    False,
    /// The condition is the only reason to withhold an engagement.
    Deciding,
    /// A visit before the date.
    Before,
    /// A visit at the date, or after it.
    After,
    /// A conversation is routed to the skill.
    Skill,
}

impl CoverageGoal {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Offered,
        Self::Withheld,
        Self::True,
        Self::False,
        Self::Deciding,
        Self::Before,
        Self::After,
        Self::Skill,
    ];

    /// The word in data.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Withheld => "withheld",
            Self::True => "true",
            Self::False => "false",
            Self::Deciding => "deciding",
            Self::Before => "before",
            Self::After => "after",
            Self::Skill => "skill",
        }
    }
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverageItem {
    /// Where it is written.
    pub spot: Spot,
    /// What there is to see.
    pub goal: CoverageGoal,
    /// What it is, in a phrase.
    pub what: String,
    /// How many visits saw it.
    pub seen: SeenCount,
}

/// How many visits saw something.
#[derive(Clone, Debug, PartialEq)]
pub enum SeenCount {
    /// So many did.
    By(usize),
    /// None did, and why.
    Missing(String),
}

/// What was looked at, of all that there is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// Everything that there is to look at.
    pub items: Vec<CoverageItem>,
    /// How many engagements there are.
    pub engagements: usize,
}

impl Coverage {
    /// What some visits look at. Each has the assumptions that it is judged with.
    #[must_use]
    pub fn of(world: &World, visits: &[(Visit, Assumed)]) -> Self {
        let visited = visits.iter().map(|(visit, _)| &visit.place).collect();
        let mut tally = VisitTally::new(world, visited);
        let served: Vec<(&Key, &Reading)> = world
            .offered()
            .filter(|(key, reading, _)| is_served(world, key, reading))
            .map(|(key, reading, _)| (key, reading))
            .collect();
        for (key, reading) in &served {
            tally.expect(key, reading);
        }
        tally.count(visits);
        Self {
            items: tally.finished(),
            engagements: served.len(),
        }
    }

    /// How many of some items were seen, and how many there are.
    pub fn count(&self, goal: Option<CoverageGoal>) -> (usize, usize) {
        let all = self
            .items
            .iter()
            .filter(|it| goal.is_none_or(|goal| it.goal == goal));
        let seen = all.clone().filter(|it| matches!(it.seen, SeenCount::By(_)));
        (seen.count(), all.count())
    }

    /// The share of what was seen in percent; all of nothing.
    #[must_use]
    pub fn percent(&self) -> f64 {
        let (seen, all) = self.count(None);
        let number = |it: usize| f64::from(u32::try_from(it).unwrap_or(u32::MAX));
        if all == 0 {
            100.0
        } else {
            number(seen) * 100.0 / number(all)
        }
    }
}

/// Whether an engagement is enabled, in a published campaign: what the manifest alone decides does not withhold it.
pub(super) fn is_served(world: &World, key: &Key, reading: &Reading) -> bool {
    let around = reading.around.as_ref().and_then(|it| world.object(it));
    let Some((_, campaign)) = around else {
        return false;
    };
    let is_off = |reading: &Reading| {
        let aspects = [Aspect::State, Aspect::Type, Aspect::Enabled];
        let mut off = reading
            .requires
            .iter()
            .filter(|it| aspects.contains(&it.aspect));
        off.any(|it| matches!(it.clause.test, Test::Known(false, ..)))
    };
    let _ = key;
    !is_off(reading) && !is_off(campaign)
}

pub(super) fn places_of(reading: &Reading) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for requirement in reading
        .requires
        .iter()
        .filter(|it| it.aspect == Aspect::Place)
    {
        if let Test::In(place) = &requirement.clause.test {
            places.insert(place.clone());
        }
    }
    places
}

/// A clause and all clauses inside of it.
pub(super) fn each<'c>(clause: &'c Clause, work: &mut impl FnMut(&'c Clause)) {
    work(clause);
    let mut inside = Vec::new();
    if matches!(clause.test, Test::Earlier(_) | Test::Flow(_)) {
        return; // what was earlier is one condition
    }
    clause.test.inner(&mut |inner| inside.push(inner));
    for inner in inside {
        each(inner, work);
    }
}
