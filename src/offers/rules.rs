//! What holds for every visit: `always` and `never` of a scenario.

use std::collections::BTreeSet;

use super::assertion::{Assertion, Claim, DecidedAssertion, assertions, not_offered, target};
use super::closing::{closings, least_closed};
use super::decider::Decider;
use super::everywhere::{AskedOfRule, Everywhere};
use super::excuse::Excuse;
use super::judgement::Judge;
use super::reported::names_customer;
use super::suite::{CaseResult, Suite};
use super::truth::{Judged, Truth};
use super::universe::Universe;
use super::visit::Visit;
use crate::kinds::offering::{Datum, Fact, FactAnswer, Place};
use crate::kinds::{Always, Never, When};
use crate::manifest::Key;
use crate::text::Pointer;

/// Of how many engagements the sections that their own conditions tell apart are tried first.
const PARTS: usize = 500;

impl Suite<'_> {
    /// The visits that a condition has in common: attributes that it does not say can be anything.
    fn common(&self, when: &When) -> Visit {
        let mut visit = self.base();
        let said = when.at.as_deref().or(self.scenario.at.as_deref());
        visit.at = said.map(|text| self.time(Some(text)));
        visit.say(when);
        for (fact, answer) in self.said(when) {
            visit.facts.insert(fact, answer);
        }
        visit.names_customer = names_customer(&self.attributes(when));
        visit
    }

    /// The attributes that a condition says.
    fn said(&self, when: &When) -> Vec<(Fact, FactAnswer)> {
        let mut reported = Visit::new(self.place());
        reported.report(&self.attributes(when), &[]);
        let is_said = |answer: &FactAnswer| *answer != FactAnswer::Known(Vec::new());
        reported
            .facts
            .into_iter()
            .filter(|(_, answer)| is_said(answer))
            .collect()
    }

    pub(super) fn always(&self, always: &Always, index: usize, at: &Pointer) -> CaseResult {
        let mut result = self.result(format!("always {}", index + 1), at.clone());
        let when = always.condition.clone().unwrap_or_default();
        let then = always.then.clone().unwrap_or_default();
        if always.condition.is_some() {
            self.visit_flaws(&when, None, &at.key("if"), &mut result);
        }
        if then.is_empty() {
            result
                .flaws
                .push((at.clone(), "nothing is asserted".to_owned()));
        }
        Self::empty_lists(&then, &at.key("then"), &mut result);
        for assertion in assertions(self.world, &then, &at.key("then")) {
            let visit = self.common(&when);
            let asked = self.asked_of(&assertion.claim, &visit, None);
            self.everywhere(&assertion, &asked, &visit, None, &mut result);
        }
        result
    }

    pub(super) fn never(&self, never: &Never, index: usize, at: Pointer) -> CaseResult {
        let mut result = self.result(format!("never {}", index + 1), at.clone());
        let Some(reference) = &never.offered else {
            result.flaws.push((at, "no engagement is named".to_owned()));
            return result;
        };
        let key = match target(self.world, reference) {
            Ok(key) => key,
            Err(why) => {
                result.flaws.push((at.key("offered"), why));
                return result;
            }
        };
        let unless = never.unless.as_ref().map(|unless| {
            self.visit_flaws(unless, None, &at.key("unless"), &mut result);
            let mut said = Visit::new(self.place());
            said.say(unless);
            let said = said.facts.into_iter();
            Excuse {
                facts: said.chain(self.said(unless)).collect(),
                at: unless.at.as_deref().map(|text| self.time(Some(text))),
            }
        });
        let assertion = not_offered(key, at.key("offered"));
        let visit = self.common(&When::default());
        let asked = self.asked_of(&assertion.claim, &visit, unless.as_ref());
        self.everywhere(&assertion, &asked, &visit, unless.as_ref(), &mut result);
        result
    }

    /// What a visit is asked for that decides a claim: by the engagements that it is about.
    fn asked_of(&self, claim: &Claim, visit: &Visit, unless: Option<&Excuse>) -> AskedOfRule {
        let of = |keys: &mut dyn Iterator<Item = &Key>| {
            let mut asked = Universe::default();
            keys.for_each(|key| self.world.asked_by(key, &mut asked));
            asked
        };
        let keys = self.mattering(claim, visit);
        let noting = |mut asked: Universe| {
            if let Some(excuse) = unless {
                excuse.note(&mut asked);
            }
            asked
        };
        let own = claim.keys().first().map(|key| {
            let own = of(&mut std::iter::once(*key));
            ((*key).clone(), noting(own))
        });
        let whole = noting(of(&mut keys.iter().copied()));
        let parts = keys.iter().take(PARTS);
        let parts = parts.map(|key| of(&mut std::iter::once(*key)));
        AskedOfRule {
            parts: parts.collect(),
            whole,
            own,
        }
    }

    /// The engagements on which it depends whether a claim holds at a visit that knows more than this one; those that it names
    /// come first. One that certainly fails at this visit fails at all of them.
    fn mattering<'k>(&'k self, claim: &'k Claim, visit: &Visit) -> Vec<&'k Key> {
        let place = &visit.place;
        let rivals: BTreeSet<&Key> = match claim {
            Claim::Eligible(_)
            | Claim::FailsFor(..)
            | Claim::SkillOf(..)
            | Claim::Impossible(_) => BTreeSet::new(),
            // On web pages what meets its requirements can be offered, even if others do, too.
            Claim::NotOffered(key) | Claim::MayBeOffered(key) => {
                let priority = |key: &Key| self.world.rank(key).map_or(0.0, |rank| rank.priority);
                let own = priority(key);
                let mut rivals = BTreeSet::new();
                if matches!(place, Place::App(_)) {
                    rivals = self.world.shelves().candidates(visit);
                    rivals.retain(|it| priority(it) > own);
                }
                rivals
            }
            _ => self.world.shelves().candidates(visit),
        };
        let assumed = self.assumed();
        let judge = Judge::new(self.world, visit, &assumed);
        let mut keys = claim.keys();
        let rivals = rivals
            .into_iter()
            .filter(|it| !keys.contains(it) && !judge.whole(it).is_final());
        let rivals: Vec<&Key> = rivals.collect();
        keys.extend(rivals);
        keys
    }

    fn everywhere(
        &self,
        assertion: &Assertion,
        asked: &AskedOfRule,
        visit: &Visit,
        unless: Option<&Excuse>,
        result: &mut CaseResult,
    ) {
        let assumed = self.assumed();
        let closings = closings(self.world, visit, &assumed, assertion);
        let mut everywhere = Everywhere::new((self.world, &assumed), asked, assertion, unless);
        let (mut judged, mut example) = everywhere.decide(visit);
        let seen = std::mem::take(&mut everywhere.decided).into_iter();
        result
            .visits
            .extend(seen.map(|visit| (visit, assumed.clone())));
        for closing in &closings {
            if judged.truth == Truth::No {
                break;
            }
            let from = Visit {
                closed: closing.closed.clone(),
                ..visit.clone()
            };
            everywhere.assertion = &closing.assertion;
            let (found, at) = everywhere.decide(&from);
            if found.truth == Truth::No || judged.truth == Truth::Yes {
                if found.truth != Truth::Yes {
                    example = least_closed(self.world, &at, &assumed);
                }
                judged = Judged::all([judged, found]);
            }
        }
        let instead = match judged.truth {
            Truth::Yes => String::new(),
            Truth::No => format!("not at a visit where {}", told(&example, visit)),
            Truth::Unknown => format!("not decided at a visit where {}", told(&example, visit)),
        };
        if judged.truth != Truth::Yes {
            let asserted = std::slice::from_ref(assertion);
            result.trace = Decider::new(self.world, &example, &assumed, asserted).trace();
        }
        result.checks.push(DecidedAssertion {
            at: assertion.at.clone(),
            what: assertion.what.clone(),
            judged,
            instead,
        });
    }
}

/// What an example knows besides the visit that it comes from.
fn told(example: &Visit, visit: &Visit) -> String {
    let shown = |datum: &Datum| match datum {
        Datum::Text(text) => format!("`{text}`"),
        Datum::Number(number) => number.to_string(),
        Datum::Flag(is) => is.to_string(),
        Datum::Error(code, _) => format!("`{}`", code.as_deref().unwrap_or("any")),
        _ => "?".to_owned(),
    };
    let new = example
        .facts
        .iter()
        .filter(|(fact, _)| !visit.facts.contains_key(fact));
    // What no condition asks for, and only keeps a call from being refused.
    let is_bare = |(fact, answer): &(&Fact, &FactAnswer)| {
        **fact == Fact::CustomerId && **answer == FactAnswer::Known(Vec::new())
    };
    let mut all: Vec<String> = new
        .filter(|it| !is_bare(it))
        .map(|(fact, answer)| match answer {
            FactAnswer::Known(data) if data.is_empty() => {
                format!("`{}` is not reported", fact.name())
            }
            FactAnswer::Known(data) => {
                let values: Vec<String> = data.iter().map(shown).collect();
                format!("`{}` is {}", fact.name(), values.join(", "))
            }
            FactAnswer::Depends(..) => format!("`{}` is reported again", fact.name()),
        })
        .collect();
    if let Some(at) = example.at.filter(|at| visit.at != Some(*at)) {
        all.push(format!("the time is {at}"));
    }
    if !example.closed.is_empty() {
        let closed = example.closed.iter().map(|it| format!("`{}`", it.name));
        let closed: Vec<String> = closed.collect();
        all.push(format!("the visitor closed {}", closed.join(", ")));
    }
    if all.is_empty() {
        return "nothing else is known".to_owned();
    }
    all.join(", ")
}
