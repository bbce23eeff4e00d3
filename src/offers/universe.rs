//! The small universe of visits that is enough: the values that conditions tell apart.
//!
//! A condition sees of a value only which questions it answers with yes. So two values that answer all questions alike
//! are one, and a list of values that has one for each possible set of answers stands for all values:
//!
//! - a text that is asked for as a whole is a value itself, and so are its other spellings, for texts that are compared
//!   without regard to case;
//! - a text that answers several questions for a part of it answers them with these parts; the parts between characters
//!   that occur nowhere answer the same. So all joined parts are enough, for as long as they answer something new;
//! - a visit can have several values of some facts, `sections: [orders, help]`. It answers what one of them answers, so
//!   sets of values are joined in the same way;
//! - a number is one of the bounds, or between two of them; so is an instant, and an address;
//! - and one value that answers nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Timestamp};

use super::values::{Values, free_text};
use super::visit::Visit;
use crate::kinds::offering::{Clause, Datum, Fact, FactAnswer, Place, Question, Test};

/// What conditions ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct Universe {
    questions: BTreeMap<Fact, Vec<Question>>,
    moments: BTreeSet<(String, jiff::civil::DateTime)>,
    places: BTreeSet<Place>,
}

impl Universe {
    /// Notes what a clause asks for.
    pub(super) fn note(&mut self, clause: &Clause) {
        match &clause.test {
            Test::Is(question) => self.ask(question.clone()),
            Test::Within(span) => {
                let zone = span.time_zone.clone().unwrap_or_default();
                let times = span.start.iter().chain(&span.end);
                self.moments.extend(times.map(|time| (zone.clone(), *time)));
            }
            Test::In(place) => {
                self.places.insert(place.clone());
            }
            test => test.inner(&mut |inner| self.note(inner)),
        }
    }

    /// Notes a question.
    pub(super) fn ask(&mut self, question: Question) {
        let asked = self.questions.entry(question.fact()).or_default();
        if !asked.contains(&question) {
            asked.push(question);
        }
    }

    /// Lists with one value more than this one that answer all questions alike; one of them is enough.
    pub(super) fn with_one_more(&self, fact: Fact, list: &[Datum]) -> Vec<FactAnswer> {
        let values = Values::of(fact, self.questions(fact));
        let own = values.signature(list);
        let free = [Datum::Error(None, None), Datum::Text(free_text())];
        let more = values.candidates().into_iter().chain(free);
        let mut lists = more.filter(|it| !list.contains(it)).map(|datum| {
            let one = std::iter::once(datum);
            list.iter().cloned().chain(one).collect::<Vec<Datum>>()
        });
        let found = lists.find(|list| values.signature(list) == own);
        found.map(FactAnswer::Known).into_iter().collect()
    }

    pub(super) fn questions(&self, fact: Fact) -> &[Question] {
        self.questions.get(&fact).map_or(&[], Vec::as_slice)
    }

    /// The facts that are asked for.
    pub(super) fn facts(&self) -> impl Iterator<Item = Fact> + '_ {
        let time = (!self.moments.is_empty()).then_some(Fact::Time);
        self.questions.keys().copied().chain(time)
    }

    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }

    /// All values of all facts.
    pub(super) fn listed(self, lists: Arc<ValueLists>) -> ListedValues {
        ListedValues {
            lists,
            asked: self,
            since: None,
            values: Fact::ALL.iter().map(|_| OnceLock::new()).collect(),
            moments: OnceLock::new(),
        }
    }

    /// The answers that all questions about a fact tell apart; `None` where they cannot be listed.
    pub(super) fn values(&self, fact: Fact) -> Option<Vec<FactAnswer>> {
        let one = |texts: &[&str]| texts.iter().map(|text| FactAnswer::text(*text)).collect();
        Some(match fact {
            Fact::Time | Fact::Registered | Fact::Pages => return None,
            Fact::Agents => one(&["available", "none"]),
            Fact::ControlGroup => one(&["outside", "inside"]),
            Fact::Conversation => one(&["none", "open"]),
            Fact::Device => one(&["desktop", "tablet", "mobile"]),
            Fact::SignedIn | Fact::Returning | Fact::AboutToAbandon => [false, true]
                .map(|is| FactAnswer::Known(vec![Datum::Flag(is)]))
                .to_vec(),
            fact => Values::of(fact, self.questions(fact)).answers()?,
        })
    }

    /// Some answers, where all that the questions about a fact tell apart are too many: those that the conditions of single
    /// engagements tell apart, each value alone, and as many pairs of values as there is room for.
    pub(super) fn some_values(&self, fact: Fact, parts: &[Self]) -> Vec<FactAnswer> {
        if matches!(fact, Fact::Registered | Fact::Pages) {
            return Vec::new(); // no values of these are known
        }
        let of_parts = parts.iter().filter_map(|part| part.values(fact)).flatten();
        let of_parts = of_parts.filter_map(|answer| match answer {
            FactAnswer::Known(data) => Some(data),
            FactAnswer::Depends(..) => None,
        });
        let some = Values::of(fact, self.questions(fact)).some(of_parts);
        some.into_iter().map(FactAnswer::Known).collect()
    }

    /// Each bound of a schedule and the second before it, and a moment after all of them; `None` where a time zone is
    /// not known.
    pub(super) fn moments(&self) -> Option<Vec<Timestamp>> {
        let zones = TimeZoneDatabase::bundled();
        let mut all = BTreeSet::new();
        for (zone, time) in &self.moments {
            let found = zones.get(zone).ok()?.to_ambiguous_zoned(*time);
            let both = [found.clone().earlier(), found.later()];
            for at in both.into_iter().flatten().map(|it| it.timestamp()) {
                all.insert(at);
                all.extend(at.checked_sub(SignedDuration::from_secs(1)).ok());
            }
        }
        let after = |last: &Timestamp| last.checked_add(SignedDuration::from_secs(1)).ok();
        all.extend(all.last().and_then(after));
        Some(all.into_iter().collect())
    }
}

/// The facts that a clause asks for, as people name them.
pub(super) fn names_of_facts(clause: &Clause) -> String {
    let mut asked = Universe::default();
    asked.note(clause);
    let names: Vec<String> = asked.facts().map(|it| format!("`{}`", it.name())).collect();
    names.join(" or ")
}

/// The answers that can be listed for one fact; none where they cannot.
type ValueList = Arc<Option<Vec<FactAnswer>>>;

/// How many lists are kept.
const MOST_LISTS: usize = 1000;

/// The lists of values that were made before: engagements of one campaign ask for the same.
#[derive(Debug, Default)]
pub(super) struct ValueLists(Mutex<BTreeMap<(Fact, String), ValueList>>);

impl ValueLists {
    fn get(&self, asked: &Universe, fact: Fact) -> ValueList {
        // What is written of a question says all of it; numbers are not ordered, and cannot be a key.
        let key = (fact, format!("{:?}", asked.questions(fact)));
        if let Some(known) = self.0.lock().ok().and_then(|all| all.get(&key).cloned()) {
            return known;
        }
        let list = Arc::new(asked.values(fact));
        if let Ok(mut all) = self.0.lock() {
            if all.len() >= MOST_LISTS {
                all.clear();
            }
            all.insert(key, Arc::clone(&list));
        }
        list
    }
}

/// The values of the facts that can be listed. Each is listed when it is first asked for: most searches end before they
/// come to most of the facts.
#[derive(Debug)]
pub(super) struct ListedValues {
    asked: Universe,
    /// What was listed before.
    lists: Arc<ValueLists>,
    /// The first moment that counts, where earlier ones do not.
    since: Option<Timestamp>,
    /// In the order of the facts.
    values: Vec<OnceLock<ValueList>>,
    moments: OnceLock<Option<Vec<Timestamp>>>,
}

impl ListedValues {
    /// The same without the moments before one.
    pub(super) fn since(self, since: Option<Timestamp>) -> Self {
        Self { since, ..self }
    }

    /// Whether all values of a fact can be listed; what cannot is decided by nothing but the visit itself.
    pub(super) fn has(&self, fact: Fact) -> bool {
        match fact {
            Fact::Time => self.moments().is_some(),
            fact => self.values(fact).is_some(),
        }
    }

    /// Whether a condition asks for a fact.
    pub(super) fn asks(&self, fact: Fact) -> bool {
        !self.asked.questions(fact).is_empty()
    }

    /// How many values of a fact are told apart.
    pub(super) fn count(&self, fact: Fact) -> usize {
        match fact {
            Fact::Time => self.moments().map_or(0, <[_]>::len),
            fact => self.values(fact).map_or(0, <[_]>::len),
        }
    }

    fn values(&self, fact: Fact) -> Option<&[FactAnswer]> {
        let cell = self.values.get(fact as usize)?;
        let list = cell.get_or_init(|| self.lists.get(&self.asked, fact));
        list.as_deref()
    }

    fn moments(&self) -> Option<&[Timestamp]> {
        let listed = || {
            let all = self.asked.moments()?;
            let Some(since) = self.since.filter(|_| !all.is_empty()) else {
                return Some(all);
            };
            let later = all.into_iter().filter(|at| *at > since);
            Some([since].into_iter().chain(later).collect())
        };
        self.moments.get_or_init(listed).as_deref()
    }

    /// Puts the value at an index of those of a fact into a visit.
    pub(super) fn answer(&self, visit: &mut Visit, fact: Fact, index: usize) {
        if fact == Fact::Time {
            visit.at = self.moments().and_then(|all| all.get(index)).copied();
        } else if let Some(answer) = self.values(fact).and_then(|all| all.get(index)) {
            visit.facts.insert(fact, answer.clone());
        }
    }
}
