//! Small changes of the manifests, and which of them no test notices.
//!
//! A mutant is one change of what one object says: a condition is dropped or negated, a date moves by a second, a whole
//! name becomes a part of one, a campaign is unpublished, an engagement is switched off, has another skill or weight. A
//! test notices it when one of its cases passes without it and does not pass with it. A mutant that no visit is offered
//! anything different by is equivalent: no test could notice it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::coverage::is_served;
use super::planned::impact;
use super::suite::{Suite, Verdict};
use super::truth::Spot;
use super::world::World;
use crate::kinds::Scenario;
use crate::kinds::offering::{Aspect, Assumed, Clause, Fact, Question, Reading, Test};
use crate::manifest::Key;
use crate::plan::{Impact, Shift};
use crate::text::Pointer;

/// A small change of a manifest, with what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutant {
    /// Where it is.
    pub spot: Spot,
    /// What is changed, in a phrase.
    pub what: String,
    /// What came of it.
    pub fate: Fate,
}

/// What came of a mutant.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// A test does not pass with it.
    Noticed,
    /// All tests pass with it: what visitors are offered differently, back to how it is.
    Unnoticed(Impact),
    /// No visit is offered anything different.
    Equivalent,
    /// Whether a visit is offered anything different cannot be decided.
    Undecided,
}

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
        let made = self.made();
        let fates = made.into_iter().map(|(spot, what, reading)| {
            let mut world = self.world.clone();
            world.put(spot.key.clone(), reading);
            let fate = self.fate(&world, &usual);
            Mutant { spot, what, fate }
        });
        fates.collect()
    }

    fn fate(&self, world: &World, usual: &BTreeSet<(Key, usize)>) -> Fate {
        if !usual.is_subset(&self.passing(world)) {
            return Fate::Noticed;
        }
        let impact = impact(world, self.world, self.assumed);
        if impact.differences.is_empty() {
            Fate::Equivalent
        } else if impact
            .differences
            .iter()
            .all(|it| it.shift == Shift::MayChange)
        {
            Fate::Undecided
        } else {
            Fate::Unnoticed(impact)
        }
    }

    /// The cases that pass, by their place.
    fn passing(&self, world: &World) -> BTreeSet<(Key, usize)> {
        let mut passing = BTreeSet::new();
        for (key, scenario) in self.scenarios {
            let suite = Suite {
                world,
                key,
                scenario,
                now: self.now,
                assumed: self.assumed,
            };
            let results = suite.run().into_iter().enumerate();
            let passed = results.filter(|(_, it)| it.verdict() == Verdict::Passed);
            passing.extend(passed.map(|(index, _)| (key.clone(), index)));
        }
        passing
    }

    fn made(&self) -> Vec<(Spot, String, Reading)> {
        let mut objects: BTreeMap<Key, &Reading> = BTreeMap::new();
        for (key, reading, _) in self.world.offered() {
            if is_served(self.world, key, reading) {
                objects.extend(self.world.around(key));
            }
        }
        let skills: BTreeSet<String> = objects.values().filter_map(|it| skill(it)).collect();
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

fn skill(reading: &Reading) -> Option<String> {
    Some(reading.offer.as_ref()?.skill.as_ref()?.as_str()?.to_owned())
}

type Variant<T> = (Pointer, String, T);

fn variants_of(reading: &Reading, skills: &BTreeSet<String>) -> Vec<Variant<Reading>> {
    let mut all = Vec::new();
    for (index, requirement) in reading.requires.iter().enumerate() {
        let clauses = match requirement.aspect {
            Aspect::State | Aspect::Enabled => switched_off(&requirement.clause),
            _ => variants(&requirement.clause),
        };
        all.extend(clauses.into_iter().map(|(at, what, clause)| {
            let mut reading = reading.clone();
            if let Some(requirement) = reading.requires.get_mut(index) {
                requirement.clause = clause;
            }
            (at, what, reading)
        }));
    }
    let own = skill(reading);
    if let (Some(own), Some(other)) = (&own, skills.iter().find(|it| Some(*it) != own.as_ref())) {
        let mut changed = reading.clone();
        if let Some(offer) = &mut changed.offer {
            offer.skill = Some(Value::from(other.clone()));
        }
        let what = format!("skill {own} becomes {other}");
        all.push((Pointer::root().key("skill"), what, changed));
    }
    if let Some(rank) = reading.rank {
        let mut changed = reading.clone();
        if let Some(rank) = &mut changed.rank {
            rank.weight = if rank.weight > 0.4 { 0.1 } else { 0.7 };
        }
        let what = format!("weight {} becomes another", rank.weight);
        all.push((Pointer::root().key("weight"), what, changed));
    }
    all
}

/// A campaign that is not published, an engagement that is switched off.
fn switched_off(clause: &Clause) -> Vec<Variant<Clause>> {
    let Test::Known(true, why, change) = &clause.test else {
        return Vec::new();
    };
    let test = Test::Known(false, why.clone(), change.clone());
    let what = format!("{why} becomes the opposite");
    vec![(
        clause.at.clone(),
        what,
        Clause::new(clause.at.clone(), test),
    )]
}

/// A clause with one change in it, in every way.
fn variants(clause: &Clause) -> Vec<Variant<Clause>> {
    let at = &clause.at;
    let same = |test: Test| Clause::new(at.clone(), test);
    let nothing = || Test::Known(true, "the condition is dropped".to_owned(), String::new());
    let drop = |what: &str| (at.clone(), format!("{what} is dropped"), same(nothing()));
    match &clause.test {
        Test::Is(question) => {
            let phrase = question.phrase();
            let negated = same(Test::Not(Box::new(clause.clone())));
            let mut all = vec![
                drop(&phrase),
                (at.clone(), format!("{phrase} is negated"), negated),
            ];
            all.extend(widened(question).map(|wide| {
                (
                    at.clone(),
                    format!("{phrase} takes any name that contains it"),
                    same(Test::Is(wide)),
                )
            }));
            all
        }
        Test::Open(_) | Test::Earlier(_) | Test::Flow(_) => vec![drop("a condition")],
        Test::All(list) => in_list(clause, list, Test::All),
        Test::Any(list) => in_list(clause, list, Test::Any),
        Test::Not(inner) => {
            let inside = variants(inner).into_iter();
            let inside =
                inside.map(|(at, what, inner)| (at, what, same(Test::Not(Box::new(inner)))));
            inside.chain([drop("an exclusion")]).collect()
        }
        Test::WebOnly(inner) => {
            let inside = variants(inner).into_iter();
            inside
                .map(|(at, what, inner)| (at, what, same(Test::WebOnly(Box::new(inner)))))
                .collect()
        }
        Test::Either(switch, first, second) => {
            let pairs = variants(first).into_iter().zip(variants(second));
            let alike =
                pairs.filter(|((at, what, _), (other, said, _))| at == other && what == said);
            alike
                .map(|((at, what, first), (_, _, second))| {
                    let test = Test::Either(*switch, Box::new(first), Box::new(second));
                    (at, what, same(test))
                })
                .collect()
        }
        Test::Within(span) => {
            let mut all = Vec::new();
            for seconds in [1, -1] {
                let by = SignedDuration::from_secs(seconds);
                let word = if seconds > 0 { "later" } else { "earlier" };
                let moved = |time: jiff::civil::DateTime| time.checked_add(by).ok();
                let mut start = span.clone();
                start.start = span.start.and_then(moved);
                if span.start.is_some() {
                    let what = format!("the start is a second {word}");
                    all.push((at.key("start"), what, same(Test::Within(start))));
                }
                let mut end = span.clone();
                end.end = span.end.and_then(moved);
                if span.end.is_some() {
                    let what = format!("the end is a second {word}");
                    all.push((at.key("end"), what, same(Test::Within(end))));
                }
            }
            all
        }
        Test::Known(..) | Test::Object(_) | Test::In(_) => Vec::new(),
    }
}

fn in_list(
    clause: &Clause,
    list: &[Clause],
    with: fn(Vec<Clause>) -> Test,
) -> Vec<Variant<Clause>> {
    let items = list.iter().enumerate();
    let all = items.flat_map(|(index, item)| {
        variants(item).into_iter().map(move |(at, what, item)| {
            let mut list = list.to_vec();
            list[index] = item;
            (at, what, Clause::new(clause.at.clone(), with(list)))
        })
    });
    all.collect()
}

/// The same question, which a part of the text answers.
fn widened(question: &Question) -> Option<Question> {
    let Question::Text { fact, any, case } = question else {
        return None;
    };
    if matches!(
        fact,
        Fact::Agents | Fact::ControlGroup | Fact::Conversation | Fact::Device
    ) {
        return None; // their words are few, and none is a part of another
    }
    let mut any = any.clone();
    let mut is_wider = false;
    for text in &mut any {
        if let Some(whole) = text.is.take() {
            text.contains = Some(whole);
            is_wider = true;
        }
    }
    is_wider.then_some(Question::Text {
        fact: *fact,
        any,
        case: *case,
    })
}
