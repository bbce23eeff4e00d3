//! What holds for every visit: a fact that is not known and matters is tried with every value that makes a difference.
//!
//! A text has these values: each that a condition asks for, one that holds each part that is asked for, and one that
//! nothing asks for; a number the bounds, and one number between each two. A visit with less known decides all visits
//! that know more, so that most values are never tried.

use std::collections::BTreeSet;

use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Timestamp};

use super::assertion::{Assertion, decide};
use super::truth::{Judged, Reason, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Answer, Assumed, Datum, Fact, Question};
use crate::kinds::shared::means::{Range, TextMatch};

/// How many visits are looked at.
const MOST: usize = 20_000;

/// Whether an assertion holds for every visit that knows what a visit knows, and a visit where it does not.
pub(super) struct Everywhere<'a> {
    pub(super) world: &'a World,
    pub(super) assumed: &'a Assumed,
    pub(super) assertion: &'a Assertion,
    /// Visits that do not count: those that have all these answers.
    pub(super) unless: Option<&'a [(Fact, Answer)]>,
    pub(super) looked: usize,
}

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
        let check = decide(self.world, visit, self.assumed, self.assertion);
        let judged = Judged::any([check.judged, excused]);
        if judged.truth != Truth::Unknown {
            return (judged, visit.clone());
        }
        let facts = judged.reasons.iter().filter_map(|reason| match reason {
            Reason::Missing(fact) => Some(*fact),
            _ => None,
        });
        let split = facts.into_iter().find_map(|fact| {
            let visits = values(self.world, visit, fact, self.unless);
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

    /// Whether a visit is one of those that do not count.
    fn is_excused(&self, visit: &Visit) -> Judged {
        let Some(unless) = self.unless else {
            return Judged::of(Truth::No);
        };
        Judged::all(
            unless
                .iter()
                .map(|(fact, expected)| match visit.facts.get(fact) {
                    Some(answer) => Judged::of((answer == expected).into()),
                    None => Judged::unknown(Reason::Missing(*fact)),
                }),
        )
    }
}

/// The visits that know one fact more; none where its values cannot be listed.
fn values(
    world: &World,
    visit: &Visit,
    fact: Fact,
    unless: Option<&[(Fact, Answer)]>,
) -> Vec<Visit> {
    if fact == Fact::Time {
        let at = |at: Timestamp| Visit {
            at: Some(at),
            ..visit.clone()
        };
        return moments(world).into_iter().map(at).collect();
    }
    let mut answers: Vec<Answer> = match fact {
        Fact::Agents => words(&["available", "none"]),
        Fact::ControlGroup => words(&["outside", "inside"]),
        Fact::Conversation => words(&["none", "open"]),
        Fact::Device => words(&["desktop", "tablet", "mobile"]),
        Fact::SignedIn | Fact::Returning | Fact::AboutToAbandon => [true, false]
            .map(|is| Answer::Known(vec![Datum::Flag(is)]))
            .to_vec(),
        Fact::Ip | Fact::Registered | Fact::Pages => return Vec::new(),
        fact => asked(world.questions(fact)),
    };
    if answers.is_empty() {
        return Vec::new();
    }
    if fact.is_attribute() || fact == Fact::Sections || fact == Fact::Engaged {
        answers.push(Answer::Known(Vec::new()));
    }
    let excused = unless.into_iter().flatten().filter(|(of, _)| *of == fact);
    answers.extend(excused.map(|(_, answer)| answer.clone()));
    answers
        .into_iter()
        .map(|answer| visit.clone().with(fact, answer))
        .collect()
}

fn words(words: &[&str]) -> Vec<Answer> {
    words.iter().map(|word| Answer::text(*word)).collect()
}

/// The values that some questions tell apart; none where one of them cannot be decided by a value.
fn asked(questions: &[Question]) -> Vec<Answer> {
    let (mut texts, mut bounds, mut errors) = (BTreeSet::new(), Vec::new(), Vec::new());
    for question in questions {
        match question {
            Question::Text { any, .. } => texts.extend(any.iter().filter_map(text_of)),
            Question::Number(_, Range { at_least, at_most }) => {
                bounds.extend(at_least.iter().chain(at_most));
            }
            Question::Error(code, message) => {
                let codes = code.iter().flatten().filter_map(text_of);
                let messages: Vec<String> = message.iter().flatten().filter_map(text_of).collect();
                let codes: Vec<String> = codes.collect();
                for code in codes.iter().map(Some).chain([None]) {
                    for message in messages.iter().map(Some).chain([None]) {
                        errors.push(Datum::Error(code.cloned(), message.cloned()));
                    }
                }
            }
            _ => return Vec::new(),
        }
    }
    let mut all: Vec<Datum> = Vec::new();
    if !texts.is_empty() {
        let other = "\u{2026}".to_owned(); // no condition asks for an ellipsis
        all.extend(texts.into_iter().chain([other]).map(Datum::Text));
    }
    if !bounds.is_empty() {
        all.extend(numbers(bounds).into_iter().map(Datum::Number));
    }
    all.extend(errors);
    all.into_iter()
        .map(|datum| Answer::Known(vec![datum]))
        .collect()
}

fn text_of(text: &TextMatch) -> Option<String> {
    let part = text
        .contains
        .as_ref()
        .map(|part| format!("\u{2026}{part}\u{2026}"));
    text.is.clone().or(part)
}

/// Each bound, a number between each two, and one on either side.
fn numbers(mut bounds: Vec<f64>) -> Vec<f64> {
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    let first = bounds.first().map(|first| first - 1.0);
    let last = bounds.last().map(|last| last + 1.0);
    let between = bounds
        .windows(2)
        .map(|pair| f64::midpoint(pair[0], pair[1]));
    let all = between.chain(first).chain(last).collect::<Vec<f64>>();
    bounds.into_iter().chain(all).collect()
}

/// Each bound of a schedule and the second before it, and a moment before and after all of them.
fn moments(world: &World) -> Vec<Timestamp> {
    let zones = TimeZoneDatabase::bundled();
    let mut all = BTreeSet::new();
    for (zone, time) in world.moments() {
        let Ok(zone) = zones.get(zone) else {
            return Vec::new();
        };
        let found = zone.to_ambiguous_zoned(*time);
        for found in [found.clone().earlier(), found.later()]
            .into_iter()
            .flatten()
        {
            let at = found.timestamp();
            all.insert(at);
            all.extend(at.checked_sub(SignedDuration::from_secs(1)).ok());
        }
    }
    let after = all
        .last()
        .and_then(|last| last.checked_add(SignedDuration::from_secs(1)).ok());
    all.extend(after);
    all.into_iter().collect()
}
