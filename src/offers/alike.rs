//! Which visits are alike to what is judged at them: one of them is judged, and what comes of it counts for all.
//!
//! The visits of a large project differ by their sections for the most part, and an engagement of one section sees no
//! difference between all the others.
//!
//! ```text
//! visits at:                orders, help, home, home
//! an entry point of help    orders = home = home (3 visits)    help (1 visit)
//! ```
//!
//! Visits are alike to something where they say the same of each fact that it asks for. Of a text it only matters which of
//! its own texts it is or has a part of: those that may be met are looked up, and all others are one.

use core::fmt::Debug;
use std::collections::{BTreeMap, BTreeSet};

use super::parts::{FactSet, NeededPart};
use super::precedence::FirstPriority;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Clause, Datum, Fact, FactAnswer, Question, Test};
use crate::manifest::Key;

/// The facts of which it only matters which texts they meet: to be empty means nothing else, and it does not matter who
/// reports them.
const TEXTS: [Fact; 2] = [Fact::Sections, Fact::Url];

const _: () = {
    let mut at = 0;
    while at < TEXTS.len() {
        assert!(!TEXTS[at].is_attribute() && !TEXTS[at].is_anonymous_only());
        at += 1;
    }
};

/// What something asks of a visit.
#[derive(Default)]
pub(super) struct AskedFacts<'w> {
    facts: FactSet,
    /// The facts of which all that is said matters.
    entire: BTreeSet<Fact>,
    whole: BTreeSet<(Fact, String)>,
    parts: BTreeSet<(Fact, &'w str)>,
}

impl<'w> AskedFacts<'w> {
    /// Of an object, with all that it refers to.
    pub(super) fn by(world: &'w World, key: &Key) -> Self {
        let mut asked = Self::default();
        for (key, reading) in world.around(key) {
            for requirement in &reading.requires {
                let part = NeededPart::Clause(&key, &requirement.clause);
                asked.facts = asked.facts.with(FactSet::asked_by(world, part));
                asked.note(&requirement.clause);
            }
        }
        asked
    }

    /// Notes the texts that a clause asks for.
    fn note(&mut self, clause: &'w Clause) {
        let Test::Is(question) = &clause.test else {
            clause.test.inner(&mut |inner| self.note(inner));
            return;
        };
        let fact = question.fact();
        let Question::Text { any, .. } = question else {
            self.entire.insert(fact);
            return;
        };
        for text in any {
            match (&text.is, &text.contains) {
                (Some(whole), _) => drop(self.whole.insert((fact, whole.to_lowercase()))),
                (None, Some(part)) => drop(self.parts.insert((fact, part))),
                (None, None) => drop(self.entire.insert(fact)),
            }
        }
    }

    /// The facts of which only the texts matter that they meet.
    fn texts(&self) -> impl Iterator<Item = Fact> {
        let texts = TEXTS.into_iter();
        texts.filter(|it| self.facts.has(*it) && !self.entire.contains(it))
    }
}

/// Visits that are alike to something.
pub(super) struct AlikeVisits<'v> {
    /// The last of them, by its place in the list of all visits.
    pub(super) last: usize,
    pub(super) visit: &'v Visit,
    /// What is assumed at it.
    pub(super) assumed: &'v Assumed,
    /// Who comes first there.
    pub(super) first: FirstPriority,
    /// How many they are.
    pub(super) count: usize,
}

/// Some visits of one place, by what they say.
pub(super) struct SortedVisits<'v> {
    visits: Vec<NumberedVisit<'v>>,
    /// By the facts that are asked for, and those of which only texts matter.
    by_facts: BTreeMap<(FactSet, Vec<Fact>), VisitsByFacts>,
}

/// A visit, with numbers for what it says: the same number is the same answer.
struct NumberedVisit<'v> {
    /// Its place in the list of all visits.
    at: usize,
    visit: &'v Visit,
    assumed: &'v Assumed,
    first: FirstPriority,
    /// What it says besides facts, and who comes first there.
    besides: usize,
    answers: BTreeMap<Fact, usize>,
}

impl NumberedVisit<'_> {
    /// The texts that it gives of a fact; `None` where it gives something else, or nothing.
    fn texts(&self, fact: Fact) -> Option<Vec<&str>> {
        let FactAnswer::Known(data) = self.visit.facts.get(&fact)? else {
            return None;
        };
        let texts = data.iter().map(|datum| match datum {
            Datum::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }
}

impl<'v> SortedVisits<'v> {
    /// Sorts visits of one place, each with its place in the list of all.
    pub(super) fn of(
        visits: impl Iterator<Item = (usize, &'v (Visit, Assumed))>,
        first: impl Fn(&Visit, &Assumed) -> FirstPriority,
    ) -> Self {
        // What is written of an answer says all of it; numbers are not ordered, and cannot be a key.
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let mut number = |written: String| {
            let next = numbers.len();
            *numbers.entry(written).or_insert(next)
        };
        let visits = visits.map(|(at, (visit, assumed))| {
            let answers = visit.facts.iter();
            let mut answers: BTreeMap<Fact, usize> = answers
                .map(|(fact, answer)| (*fact, number(format!("{answer:?}"))))
                .collect();
            if let Some(time) = visit.at {
                answers.insert(Fact::Time, number(format!("{time:?}")));
            }
            let first = first(visit, assumed);
            let besides = (assumed, &visit.closed, call(visit), first);
            NumberedVisit {
                at,
                visit,
                assumed,
                first,
                besides: number(format!("{besides:?}")),
                answers,
            }
        });
        Self {
            visits: visits.collect(),
            by_facts: BTreeMap::new(),
        }
    }

    /// The visits that are alike to what asks this, together all visits.
    pub(super) fn alike(&mut self, asked: &AskedFacts<'_>) -> Vec<AlikeVisits<'v>> {
        let texts: Vec<Fact> = asked.texts().collect();
        let key = (asked.facts, texts);
        if !self.by_facts.contains_key(&key) {
            let sorted = VisitsByFacts::of(&self.visits, key.0, &key.1);
            self.by_facts.insert(key.clone(), sorted);
        }
        let found = self.by_facts.get(&key).map(|it| it.alike(asked, &key.1));
        let all = found.into_iter().flatten().filter_map(|(last, count)| {
            let last = self.visits.get(last)?;
            Some(AlikeVisits {
                last: last.at,
                visit: last.visit,
                assumed: last.assumed,
                first: last.first,
                count,
            })
        });
        all.collect()
    }
}

/// What decides whether the platform takes the call: who a visitor is has no say in it.
fn call(visit: &Visit) -> impl Debug {
    let is_nobody = |answer: &FactAnswer| *answer == FactAnswer::Known(Vec::new());
    (
        visit.facts.get(&Fact::SignedIn),
        visit.facts.get(&Fact::CustomerId).map(is_nobody),
        visit.names_customer,
    )
}

/// What a visit says of texts.
type TextsPlace = usize;

/// Visits by what they say of some facts.
#[derive(Default)]
struct VisitsByFacts {
    groups: Vec<VisitGroup>,
    /// By text in lower case, with the spellings in which it was met.
    met: BTreeMap<(Fact, String), BTreeMap<String, BTreeSet<TextsPlace>>>,
}

/// The last of some visits, and how many they are.
type LastAndCount = (usize, usize);

/// Visits that say the same of all facts but for texts.
#[derive(Default)]
struct VisitGroup {
    count: usize,
    by_texts: BTreeMap<TextsPlace, LastAndCount>,
    /// What the visits say of texts, the latest first.
    latest: Vec<(usize, TextsPlace)>,
}

impl VisitsByFacts {
    fn of(visits: &[NumberedVisit<'_>], facts: FactSet, texts: &[Fact]) -> Self {
        let mut sorted = Self::default();
        let mut groups: BTreeMap<Vec<usize>, VisitGroup> = BTreeMap::new();
        let mut places: BTreeMap<Vec<Option<usize>>, TextsPlace> = BTreeMap::new();
        for (at, visit) in visits.iter().enumerate() {
            let is_text = |fact: Fact| texts.contains(&fact) && visit.texts(fact).is_some();
            let number = |fact: Fact| match visit.answers.get(&fact) {
                None => 0,
                Some(_) if is_text(fact) => 1,
                Some(number) => number + 2,
            };
            let asked = Fact::ALL.iter().filter(|it| facts.has(**it));
            let says = asked.map(|fact| number(*fact)).chain([visit.besides]);
            let group = groups.entry(says.collect()).or_default();
            let said = texts.iter().map(|fact| visit.answers.get(fact).copied());
            let next = places.len();
            let place = *places.entry(said.collect()).or_insert(next);
            if place == next {
                sorted.note(visit, texts, place);
            }
            group.count += 1;
            let (last, count) = group.by_texts.entry(place).or_insert((at, 0));
            *last = at;
            *count += 1;
        }
        sorted.groups = groups.into_values().collect();
        for group in &mut sorted.groups {
            let places = group.by_texts.iter();
            group.latest = places.map(|(place, (last, _))| (*last, *place)).collect();
            group.latest.sort_unstable_by(|one, other| other.cmp(one));
        }
        sorted
    }

    fn note(&mut self, visit: &NumberedVisit<'_>, texts: &[Fact], place: TextsPlace) {
        for fact in texts {
            for text in visit.texts(*fact).into_iter().flatten() {
                let met = self.met.entry((*fact, text.to_lowercase())).or_default();
                met.entry(text.to_owned()).or_default().insert(place);
            }
        }
    }

    fn alike(&self, asked: &AskedFacts<'_>, texts: &[Fact]) -> Vec<LastAndCount> {
        let met = self.met_by(asked, texts);
        let groups = self.groups.iter();
        groups.flat_map(|group| group.alike(&met)).collect()
    }

    /// What visits say of texts where one that is asked for may be met, in whatever position inferred facts are.
    fn met_by(&self, asked: &AskedFacts<'_>, texts: &[Fact]) -> BTreeSet<TextsPlace> {
        let mut found = BTreeSet::new();
        for whole in asked.whole.iter().filter(|(fact, _)| texts.contains(fact)) {
            let spellings = self.met.get(whole).into_iter().flat_map(BTreeMap::values);
            found.extend(spellings.flatten());
        }
        for (fact, part) in asked.parts.iter().filter(|(fact, _)| texts.contains(fact)) {
            let lower = part.to_lowercase();
            let of_fact = self.met.iter().filter(|((of, _), _)| of == fact);
            for ((_, folded), spellings) in of_fact {
                let is_met = |(exact, _): &(&String, &BTreeSet<TextsPlace>)| {
                    folded.contains(&lower) || exact.contains(part)
                };
                let spellings = spellings.iter().filter(is_met);
                found.extend(spellings.flat_map(|(_, places)| places));
            }
        }
        found
    }
}

impl VisitGroup {
    /// The visits that meet a text by what they say of texts, and all others together.
    fn alike(&self, met: &BTreeSet<TextsPlace>) -> Vec<LastAndCount> {
        let found = met.iter().filter_map(|place| self.by_texts.get(place));
        let mut found: Vec<LastAndCount> = found.copied().collect();
        let counted: usize = found.iter().map(|(_, count)| count).sum();
        let rest = self.latest.iter().find(|(_, place)| !met.contains(place));
        found.extend(rest.map(|(last, _)| (*last, self.count - counted)));
        found
    }
}
