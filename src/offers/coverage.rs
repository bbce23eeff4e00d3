//! What the tests of a project look at, of all that there is to look at.
//!
//! There is to look at, whatever the tests name: every enabled engagement of a published campaign, once offered and once
//! withheld; each condition that it refers to, once true, once false, and once as the only reason to withhold it; both
//! sides of each date; and each skill that conversations are routed to.

use super::switched_on::is_served;
use super::tally::VisitTally;
use super::truth::Spot;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Reading};
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
            .filter(|(_, reading, _)| is_served(world, reading))
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
