//! What an engagement needs, part by part, and which facts of a visit each part asks for.
//!
//! A search goes from one visit to others that know one fact more. What does not ask for this fact is judged as before.

use super::world::{ReferenceTarget, World};
use crate::kinds::offering::{Clause, Fact, Question, Reading, Test};
use crate::manifest::Key;

/// A part of what an engagement needs.
#[derive(Clone, Copy, Debug)]
pub(super) enum NeededPart<'w> {
    /// The visitor did not close it.
    Open(&'w Key),
    /// The platform takes the call that asks for it.
    Call(&'w Key),
    /// A clause of the engagement, or of its campaign, holds.
    Clause(&'w Key, &'w Clause),
    /// It has a campaign, which no manifest defines.
    Around(&'w Key, &'w Reading),
}

/// What an engagement needs.
pub(super) fn parts<'w>(
    world: &'w World,
    key: &'w Key,
    reading: &'w Reading,
) -> impl Iterator<Item = NeededPart<'w>> {
    let clauses = |key: &'w Key, reading: &'w Reading| {
        let all = reading.requires.iter();
        all.map(move |it| NeededPart::Clause(key, &it.clause))
    };
    let around = match reading.around.as_ref().map(|it| world.find(it)) {
        Some(ReferenceTarget::Object(key, around)) => Some((key, around)),
        _ => None,
    };
    let without = around.is_none().then_some(NeededPart::Around(key, reading));
    let around = around.into_iter();
    [NeededPart::Open(key), NeededPart::Call(key)]
        .into_iter()
        .chain(clauses(key, reading))
        .chain(around.flat_map(move |(key, around)| clauses(key, around)))
        .chain(without)
}

/// Some facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FactSet(u64);

impl FactSet {
    /// All that there are.
    const ALL: Self = Self(u64::MAX);

    /// Those that the verdict on a part of what an engagement needs can depend on, and perhaps some more.
    pub(super) fn asked_by(world: &World, part: NeededPart<'_>) -> Self {
        let mut facts = Self::default();
        match part {
            NeededPart::Open(_) | NeededPart::Around(..) => {}
            NeededPart::Call(_) => {
                facts.insert(Fact::SignedIn);
                facts.insert(Fact::CustomerId);
            }
            NeededPart::Clause(_, clause) => facts.take(world, clause),
        }
        facts
    }

    pub(super) const fn has(self, fact: Fact) -> bool {
        self.0 & Self::bit(fact) != 0
    }

    /// These and others.
    pub(super) const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    const fn insert(&mut self, fact: Fact) {
        self.0 |= Self::bit(fact);
    }

    const fn bit(fact: Fact) -> u64 {
        1 << fact as u64
    }

    fn take(&mut self, world: &World, clause: &Clause) {
        match &clause.test {
            Test::Is(question) => {
                let fact = question.fact();
                self.insert(fact);
                if fact.is_anonymous_only() {
                    self.insert(Fact::SignedIn);
                }
                if matches!(question, Question::DaysAgo(..)) {
                    self.insert(Fact::Time);
                }
            }
            Test::Within(_) => self.insert(Fact::Time),
            // What was visited before has sections and addresses of its own.
            Test::Earlier(_) | Test::Flow(_) => *self = Self::ALL,
            Test::Object(target) => {
                let requires = world.object(target).map(|(_, reading)| &reading.requires);
                for requirement in requires.into_iter().flatten() {
                    self.take(world, &requirement.clause);
                }
            }
            test => test.inner(&mut |inner| self.take(world, inner)),
        }
    }
}

const _: () = assert!(Fact::ALL.len() <= 64, "a fact is a bit of 64");
