//! What holds for every visit: a fact that is not known and matters is tried with every value that conditions tell apart.
//!
//! A visit with less known decides all visits that know more, so that most values are never tried. Where a fact has too many
//! values, such as many sections that a visitor can be at together, some of them are tried for a visit where the rule fails; that
//! it holds has to be proven without them.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;

use super::assertion::{Assertion, Claim};
use super::decider::decide;
use super::excuse::Excuse;
use super::judgement::Judge;
use super::truth::{Judged, Reason, Truth};
use super::universe::Universe;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Fact, FactAnswer};
use crate::manifest::Key;

/// How many visits are looked at.
const MOST: usize = 20_000;

/// Whether an assertion holds for every visit that knows what a visit knows, and a visit where it does not.
pub(super) struct Everywhere<'a> {
    pub(super) world: &'a World,
    /// What is asked of visits by all that the assertion depends on.
    pub(super) asked: &'a AskedOfRule,
    pub(super) assumed: &'a Assumed,
    pub(super) assertion: &'a Assertion,
    /// Visits that do not count.
    pub(super) unless: Option<&'a Excuse>,
    looked: usize,
    /// How it looks.
    pass: VisitPass,
    /// The answers that were listed.
    listed: BTreeMap<Fact, Rc<TriedAnswers>>,
    /// The visits that were decided, those that do not count apart: others know more and come to the same.
    pub(super) decided: Vec<Visit>,
}

/// What a rule asks of visits.
pub(super) struct AskedOfRule {
    /// All that the assertion depends on.
    pub(super) whole: Universe,
    /// The same by engagement; those that the assertion names come first.
    pub(super) parts: Vec<Universe>,
    /// The first engagement that the assertion names, and what it asks for by itself.
    pub(super) own: Option<(Key, Universe)>,
}

/// How visits are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum VisitPass {
    /// For one where the assertion fails: where a fact has too many values, some are tried.
    Search,
    /// For a proof: nothing is said of a fact that has too many values, which may not matter.
    Prove,
    /// For a proof that the engagement itself meets its requirements nowhere, whatever others ask for.
    ProveAlone,
}

/// The answers of a fact that are tried.
struct TriedAnswers {
    list: Vec<FactAnswer>,
    /// Whether they are enough.
    is_whole: bool,
}

/// So many of the decided visits are kept at most.
const KEPT: usize = 500;

impl<'a> Everywhere<'a> {
    pub(super) const fn new(
        (world, assumed): (&'a World, &'a Assumed),
        asked: &'a AskedOfRule,
        assertion: &'a Assertion,
        unless: Option<&'a Excuse>,
    ) -> Self {
        Self {
            world,
            asked,
            assumed,
            assertion,
            unless,
            looked: 0,
            pass: VisitPass::Search,
            listed: BTreeMap::new(),
            decided: Vec::new(),
        }
    }

    /// The verdict, and the visit that decided it.
    pub(super) fn decide(&mut self, visit: &Visit) -> (Judged, Visit) {
        let (mut judged, example) = self.passing(VisitPass::Search, visit);
        let is_untried = |reason: &Reason| matches!(reason, Reason::Untried(_));
        if judged.truth == Truth::Unknown && judged.reasons.iter().any(is_untried) {
            let own = self.asked.own.as_ref().map(|(key, _)| key);
            let is_alone = match &self.assertion.claim {
                Claim::NotOffered(key) => own == Some(key),
                _ => false,
            };
            let alone = is_alone.then_some(VisitPass::ProveAlone);
            for pass in alone.into_iter().chain([VisitPass::Prove]) {
                let (proven, example) = self.passing(pass, visit);
                // That it can be eligible does not say that it can be offered.
                let is_proven = proven.truth == Truth::Yes
                    || proven.truth == Truth::No && pass == VisitPass::Prove;
                if is_proven {
                    return (proven, example);
                }
            }
        }
        judged.reasons = judged.reasons.into_iter().map(of_rule).collect();
        (judged, example)
    }

    fn passing(&mut self, pass: VisitPass, visit: &Visit) -> (Judged, Visit) {
        if (pass == VisitPass::ProveAlone) != (self.pass == VisitPass::ProveAlone) {
            self.listed.clear();
        }
        (self.pass, self.looked) = (pass, 0);
        self.below(visit)
    }

    fn below(&mut self, visit: &Visit) -> (Judged, Visit) {
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
        let facts: Vec<Fact> = facts.collect();
        let Some((fact, visits, is_whole)) = self.split(visit, &facts) else {
            return (judged, visit.clone());
        };
        let untried = || (Judged::unknown(Reason::Untried(fact)), visit.clone());
        let mut open = (!is_whole).then(untried);
        for visit in visits {
            let (judged, example) = self.below(&visit);
            match judged.truth {
                Truth::No => return (judged, example),
                Truth::Unknown => open = open.or(Some((judged, example))),
                Truth::Yes => {}
            }
        }
        open.unwrap_or_else(|| (Judged::of(Truth::Yes), visit.clone()))
    }

    /// The first fact of which answers are tried, the visits that know it, and whether these are enough.
    fn split(&mut self, visit: &Visit, facts: &[Fact]) -> Option<(Fact, Vec<Visit>, bool)> {
        facts.iter().find_map(|fact| {
            if *fact == Fact::Time {
                let visits = self.at_moments(visit);
                return (!visits.is_empty()).then_some((*fact, visits, true));
            }
            let answers = self.answers(*fact);
            if answers.list.is_empty() || self.pass != VisitPass::Search && !answers.is_whole {
                return None;
            }
            let visits = answers.list.iter();
            let visits = visits.map(|answer| visit.clone().with(*fact, answer.clone()));
            Some((*fact, visits.collect(), answers.is_whole))
        })
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
            if self.pass == VisitPass::ProveAlone
                || own.truth == Truth::No
                || own.truth == Truth::Unknown && lacks
            {
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

    /// The same visit at each moment that schedules tell apart, and those that are excused.
    fn at_moments(&self, visit: &Visit) -> Vec<Visit> {
        let at = |at: Timestamp| Visit {
            at: Some(at),
            ..visit.clone()
        };
        let moments = self.world.asked().moments().unwrap_or_default();
        let excused = self.unless.into_iter().flat_map(Excuse::moments);
        moments.into_iter().chain(excused).map(at).collect()
    }

    /// The answers to try for a fact: all that are told apart, or some where these are too many.
    fn answers(&mut self, fact: Fact) -> Rc<TriedAnswers> {
        if let Some(known) = self.listed.get(&fact) {
            return Rc::clone(known);
        }
        let asked = match (self.pass, &self.asked.own) {
            (VisitPass::ProveAlone, Some((_, own))) => own,
            _ => &self.asked.whole,
        };
        let whole = asked.values(fact);
        let is_whole = whole.is_some();
        let mut list = whole.unwrap_or_else(|| asked.some_values(fact, &self.asked.parts));
        if let Some(excuse) = self.unless {
            list.extend(excuse.answers(fact, asked));
        }
        let answers = Rc::new(TriedAnswers { list, is_whole });
        self.listed.insert(fact, Rc::clone(&answers));
        answers
    }
}

/// Why a rule is open: no `when` belongs to it that could say a fact.
fn of_rule(reason: Reason) -> Reason {
    match reason {
        Reason::Missing(fact) if fact != Fact::Pages => Reason::Untried(fact),
        reason => reason,
    }
}
