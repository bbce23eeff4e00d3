//! What holds for every visit: a fact that is not known and matters is tried with every value that conditions tell apart.
//!
//! A visit with less known decides all visits that know more, so that most values are never tried.

use jiff::Timestamp;

use super::assertion::{Assertion, Claim};
use super::decider::decide;
use super::excuse::Excuse;
use super::judgement::Judge;
use super::truth::{Judged, Reason, Truth};
use super::universe::Universe;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Fact};

/// How many visits are looked at.
const MOST: usize = 20_000;

/// Whether an assertion holds for every visit that knows what a visit knows, and a visit where it does not.
pub(super) struct Everywhere<'a> {
    pub(super) world: &'a World,
    /// What is asked of visits by all that the assertion depends on.
    pub(super) asked: &'a Universe,
    pub(super) assumed: &'a Assumed,
    pub(super) assertion: &'a Assertion,
    /// Visits that do not count.
    pub(super) unless: Option<&'a Excuse>,
    pub(super) looked: usize,
    /// The visits that were decided, those that do not count apart: others know more and come to the same.
    pub(super) decided: Vec<Visit>,
}

/// So many of the decided visits are kept at most.
const KEPT: usize = 500;

impl Everywhere<'_> {
    /// The verdict, and the visit that decided it.
    pub(super) fn decide(&mut self, visit: &Visit) -> (Judged, Visit) {
        self.looked += 1;
        if self.looked > MOST {
            return (Judged::unknown(Reason::TooMany), visit.clone());
        }
        let excused = self.is_excused(visit);
        if excused.truth == Truth::Yes {
            return (Judged::of(Truth::Yes), visit.clone());
        }
        let judged = self.judged(visit);
        let judged = Judged::any([judged, excused]);
        if judged.truth != Truth::Unknown {
            if self.decided.len() < KEPT {
                self.decided.push(visit.clone());
            }
            return (judged, visit.clone());
        }
        let facts = judged.reasons.iter().filter_map(|reason| match reason {
            Reason::Missing(fact) => Some(*fact),
            _ => None,
        });
        let split = facts.into_iter().find_map(|fact| {
            let visits = self.values(visit, fact);
            (!visits.is_empty()).then_some(visits)
        });
        let Some(visits) = split else {
            return (judged, visit.clone());
        };
        let mut open: Option<(Judged, Visit)> = None;
        for visit in visits {
            let (judged, example) = self.decide(&visit);
            match judged.truth {
                Truth::No => return (judged, example),
                Truth::Unknown => open = open.or(Some((judged, example))),
                Truth::Yes => {}
            }
        }
        open.unwrap_or_else(|| (Judged::of(Truth::Yes), visit.clone()))
    }

    /// The verdict at a visit. Where it is about one engagement, the others matter only once all that this one asks for
    /// is known.
    fn judged(&self, visit: &Visit) -> Judged {
        if let Claim::NotOffered(key) = &self.assertion.claim {
            let judge = Judge::new(self.world, visit, self.assumed).explaining();
            let own = judge.whole(key);
            let lacks = own
                .reasons
                .iter()
                .any(|it| matches!(it, Reason::Missing(_)));
            if own.truth == Truth::No || own.truth == Truth::Unknown && lacks {
                return own.not();
            }
        }
        decide(self.world, visit, self.assumed, self.assertion).judged
    }

    /// Whether a visit is one of those that do not count.
    fn is_excused(&self, visit: &Visit) -> Judged {
        let excuse = self.unless.map(|it| it.holds(visit));
        excuse.unwrap_or_else(|| Judged::of(Truth::No))
    }

    /// The visits that know one fact more; none where its values cannot be listed.
    fn values(&self, visit: &Visit, fact: Fact) -> Vec<Visit> {
        if fact == Fact::Time {
            let at = |at: Timestamp| Visit {
                at: Some(at),
                ..visit.clone()
            };
            let moments = self.world.asked().moments().unwrap_or_default();
            let excused = self.unless.into_iter().flat_map(Excuse::moments);
            return moments.into_iter().chain(excused).map(at).collect();
        }
        let Some(mut answers) = self.asked.values(fact) else {
            return Vec::new();
        };
        if let Some(excuse) = self.unless {
            answers.extend(excuse.answers(fact, self.asked));
        }
        let visits = answers.into_iter();
        visits
            .map(|answer| visit.clone().with(fact, answer))
            .collect()
    }
}
