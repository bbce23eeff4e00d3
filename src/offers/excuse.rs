//! The visits that a rule is not about: those of which all is so that `unless` says.
//!
//! A visit has all values of a list that `unless` says, whatever else; an empty list is one that is empty. What `unless` does
//! not say can be anything. So a rule has to look at visits that conditions do not tell from an excused one, and that are
//! not excused: what is excused is a question of its own.

use jiff::{SignedDuration, Timestamp};

use super::truth::{Judged, Reason};
use super::universe::Universe;
use super::visit::Visit;
use crate::kinds::offering::{Datum, Fact, FactAnswer, LetterCase, Question, Switch};
use crate::kinds::shared::means::{Range, TextMatch};

/// What visits have in common that a rule is not about.
#[derive(Clone, Debug)]
pub(super) struct Excuse {
    /// The answers; all of them.
    pub(super) facts: Vec<(Fact, FactAnswer)>,
    /// The time.
    pub(super) at: Option<Timestamp>,
}

impl Excuse {
    /// Whether a visit is one of those.
    pub(super) fn holds(&self, visit: &Visit) -> Judged {
        if self.facts.is_empty() && self.at.is_none() {
            return Judged::of(false.into()); // what says nothing excuses nothing
        }
        let at = self.at.map(|at| match visit.at {
            Some(now) => Judged::of((now == at).into()),
            None => Judged::unknown(Reason::Missing(Fact::Time)),
        });
        let facts = self.facts.iter();
        let facts = facts.map(|(fact, expected)| match visit.facts.get(fact) {
            Some(answer) => Judged::of(is_so(*fact, answer, expected).into()),
            None => Judged::unknown(Reason::Missing(*fact)),
        });
        Judged::all(at.into_iter().chain(facts))
    }

    /// Notes what it asks for.
    pub(super) fn note(&self, asked: &mut Universe) {
        for (fact, answer) in &self.facts {
            let data = match answer {
                FactAnswer::Known(data) => data.as_slice(),
                FactAnswer::Depends(..) => &[],
            };
            for question in data.iter().filter_map(|datum| question(*fact, datum)) {
                asked.ask(question);
            }
        }
    }

    /// Values of a fact that are excused, and for none at all one that is not.
    pub(super) fn answers(&self, fact: Fact, asked: &Universe) -> Vec<FactAnswer> {
        let own = self.facts.iter().filter(|(of, _)| *of == fact);
        let all = own.flat_map(|(_, answer)| {
            let more = match answer {
                FactAnswer::Known(data) if data.is_empty() => asked.with_one_more(fact, data),
                _ => Vec::new(),
            };
            [answer.clone()].into_iter().chain(more)
        });
        all.collect()
    }

    /// The time that is excused, and the seconds around it.
    pub(super) fn moments(&self) -> impl Iterator<Item = Timestamp> {
        let around = [0, 1, -1].map(SignedDuration::from_secs);
        let at = self.at.into_iter();
        at.flat_map(move |at| {
            around
                .into_iter()
                .filter_map(move |by| at.checked_add(by).ok())
        })
    }
}

/// Whether the platform takes no notice of upper and lower case (platform.md#target-audience).
const fn folds(fact: Fact) -> bool {
    matches!(fact, Fact::CustomerType | Fact::CustomerStatus)
}

/// Whether an answer has all that is expected.
fn is_so(fact: Fact, answer: &FactAnswer, expected: &FactAnswer) -> bool {
    let (FactAnswer::Known(answer), FactAnswer::Known(expected)) = (answer, expected) else {
        return answer == expected;
    };
    let is_same = |one: &Datum, other: &Datum| match (one, other) {
        (Datum::Text(one), Datum::Text(other)) if folds(fact) => {
            one.to_lowercase() == other.to_lowercase()
        }
        (one, other) => one == other,
    };
    let has = |wanted: &Datum| answer.iter().any(|it| is_same(it, wanted));
    expected.iter().all(has) && (answer.is_empty() || !expected.is_empty())
}

/// The question that a value is the only one to answer.
fn question(fact: Fact, datum: &Datum) -> Option<Question> {
    let is = |text: &String| {
        vec![TextMatch {
            is: Some(text.clone()),
            ..TextMatch::default()
        }]
    };
    match datum {
        Datum::Text(text) if fact == Fact::Ip => Some(Question::Address(fact, vec![text.clone()])),
        Datum::Text(text) => {
            let case = if folds(fact) {
                LetterCase::Ignored
            } else {
                LetterCase::Open(Switch::TextCase)
            };
            Some(Question::one_of(fact, &[text], case))
        }
        Datum::Number(number) => {
            let range = Range {
                at_least: Some(*number),
                at_most: Some(*number),
            };
            Some(Question::Number(fact, range))
        }
        Datum::Error(code, message) => Some(Question::Error(
            code.as_ref().map(is),
            message.as_ref().map(is),
        )),
        Datum::Flag(_) | Datum::Day(_) | Datum::Page(..) | Datum::Unreadable => None,
    }
}
