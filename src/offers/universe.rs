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

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Timestamp};

use super::ask::{Asked, ask, bounds};
use super::truth::{Spot, Truth};
use super::visit::Visit;
use crate::kinds::offering::{
    Answer, Assumed, Clause, Datum, Fact, Place, Question, SWITCHES, Test,
};
use crate::kinds::shared::means::{Range, TextMatch};
use crate::kinds::{Channel, Engaged, KindId};
use crate::manifest::Key;
use crate::name::Name;
use crate::text::Pointer;

/// How many values of one fact are told apart at most.
const MOST: usize = 400;

/// Characters that hardly any name has.
const BETWEEN: [char; 4] = ['\u{2026}', '\u{2027}', '\u{a6}', '\u{b7}'];

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
    pub(super) fn with_one_more(&self, fact: Fact, list: &[Datum]) -> Vec<Answer> {
        let told = Told::of(fact, self.questions(fact));
        let own = told.signature(list);
        let free = [Datum::Error(None, None), Datum::Text(BETWEEN[0].into())];
        let more = told.candidates().into_iter().chain(free);
        let mut lists = more.filter(|it| !list.contains(it)).map(|datum| {
            let one = std::iter::once(datum);
            list.iter().cloned().chain(one).collect::<Vec<Datum>>()
        });
        let found = lists.find(|list| told.signature(list) == own);
        found.map(Answer::Known).into_iter().collect()
    }

    pub(super) fn questions(&self, fact: Fact) -> &[Question] {
        self.questions.get(&fact).map_or(&[], Vec::as_slice)
    }

    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }

    /// All values of all facts.
    pub(super) fn listed(self) -> Listed {
        Listed {
            asked: self,
            since: None,
            values: Fact::ALL.iter().map(|_| OnceLock::new()).collect(),
            moments: OnceLock::new(),
        }
    }

    /// The answers that all questions about a fact tell apart; `None` where they cannot be listed.
    pub(super) fn values(&self, fact: Fact) -> Option<Vec<Answer>> {
        let one = |texts: &[&str]| texts.iter().map(|text| Answer::text(*text)).collect();
        Some(match fact {
            Fact::Time | Fact::Registered | Fact::Pages => return None,
            Fact::Agents => one(&["available", "none"]),
            Fact::ControlGroup => one(&["outside", "inside"]),
            Fact::Conversation => one(&["none", "open"]),
            Fact::Device => one(&["desktop", "tablet", "mobile"]),
            Fact::SignedIn | Fact::Returning | Fact::AboutToAbandon => [false, true]
                .map(|is| Answer::Known(vec![Datum::Flag(is)]))
                .to_vec(),
            fact => Told::of(fact, self.questions(fact)).answers()?,
        })
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

/// The place of questions that are asked for their own sake.
fn nowhere() -> Spot {
    let kind = KindId::manifests().next().expect("there are kinds");
    let name = Name::new("nowhere").expect("the word is a name");
    Spot {
        key: Key { kind, name },
        at: Pointer::root(),
    }
}

/// The values of the facts that can be listed. Each is listed when it is first asked for: most searches end before they
/// come to most of the facts.
#[derive(Debug)]
pub(super) struct Listed {
    asked: Universe,
    /// The first moment that counts, where earlier ones do not.
    since: Option<Timestamp>,
    /// In the order of the facts.
    values: Vec<OnceLock<Option<Vec<Answer>>>>,
    moments: OnceLock<Option<Vec<Timestamp>>>,
}

impl Listed {
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

    fn values(&self, fact: Fact) -> Option<&[Answer]> {
        let cell = self.values.get(fact as usize)?;
        cell.get_or_init(|| self.asked.values(fact)).as_deref()
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

    /// The visits that know one fact more.
    pub(super) fn visits(&self, visit: &Visit, fact: Fact) -> Vec<Visit> {
        if fact == Fact::Time {
            let at = |at: &Timestamp| Visit {
                at: Some(*at),
                ..visit.clone()
            };
            return self.moments().into_iter().flatten().map(at).collect();
        }
        let answers = self.values(fact).into_iter().flatten();
        answers
            .map(|answer| visit.clone().with(fact, answer.clone()))
            .collect()
    }
}

/// How values answer the questions about a fact: with case, and without.
type Signature = Vec<u8>;

/// The values of a fact by how they answer.
struct Told<'q> {
    fact: Fact,
    questions: &'q [Question],
    positions: [Assumed; 2],
}

impl<'q> Told<'q> {
    fn of(fact: Fact, questions: &'q [Question]) -> Self {
        let all = |at: usize| Assumed(SWITCHES.iter().map(|switch| (*switch, at)).collect());
        Self {
            fact,
            questions,
            positions: [all(0), all(1)],
        }
    }

    /// How data answer: for each question and each position of the switches no, unknown or yes.
    fn signature(&self, data: &[Datum]) -> Signature {
        let spot = nowhere();
        let mut signature = Signature::new();
        for assumed in &self.positions {
            let asked = Asked {
                key: &spot.key,
                at: &spot.at,
                assumed,
                day: None,
                explains: false,
            };
            signature.extend(self.questions.iter().map(|question| {
                match ask(asked, question, data).truth {
                    Truth::No => 0_u8,
                    Truth::Unknown => 1,
                    Truth::Yes => 2,
                }
            }));
        }
        signature
    }

    fn answers(&self) -> Option<Vec<Answer>> {
        let single = self.distinct(self.candidates())?;
        let mut answers: Vec<Vec<Datum>> = Vec::new();
        let mut seen = BTreeSet::new();
        if self.fact.is_list() {
            answers = self.sets(&single)?;
        } else {
            let new = single.into_iter().map(|it| vec![it]);
            answers.extend(new.filter(|it| seen.insert(self.signature(it))));
            // What was not reported is another thing than what answers nothing: it matters to exclusions.
            if self.fact.can_be_absent() {
                answers.push(Vec::new());
            }
        }
        Some(answers.into_iter().map(Answer::Known).collect())
    }

    /// Values that are enough; several may answer alike.
    fn candidates(&self) -> Vec<Datum> {
        let words = |words: Vec<&str>| {
            let data = words.into_iter().map(|it| Datum::Text(it.to_owned()));
            data.collect::<Vec<_>>()
        };
        match self.fact {
            Fact::Engaged => return words(Engaged::ALL.iter().map(|it| it.word()).collect()),
            Fact::Channel => return words(Channel::ALL.iter().map(|it| it.word()).collect()),
            Fact::Gender if self.questions.is_empty() => return Vec::new(),
            _ => {}
        }
        let (mut texts, mut numbers, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for question in self.questions {
            match question {
                Question::Text { any, .. } => texts.extend(any),
                Question::Number(_, Range { at_least, at_most }) => {
                    numbers.extend(at_least.iter().chain(at_most));
                }
                Question::Address(_, any) => all.extend(addresses(any)),
                Question::Error(code, message) => {
                    all.extend(errors(code.as_deref(), message.as_deref()));
                }
                Question::Flag(..) | Question::DaysAgo(..) => {}
            }
        }
        if !texts.is_empty() {
            let texts = texts_of(&texts, |text| {
                self.signature(&[Datum::Text(text.to_owned())])
            });
            all.extend(texts.into_iter().map(Datum::Text));
        }
        let numbers = if self.fact.is_count() {
            counts_of(numbers)
        } else {
            numbers_of(numbers)
        };
        all.extend(numbers.into_iter().map(Datum::Number));
        all
    }

    /// The first of those that answer alike; `None` where there are too many.
    fn distinct(&self, candidates: Vec<Datum>) -> Option<Vec<Datum>> {
        let mut seen = BTreeSet::new();
        let single = candidates.into_iter();
        let single = single.filter(|it| seen.insert(self.signature(std::slice::from_ref(it))));
        let single: Vec<Datum> = single.collect();
        (single.len() <= MOST).then_some(single)
    }

    /// Sets of values, smaller ones first; `None` where there are too many.
    fn sets(&self, single: &[Datum]) -> Option<Vec<Vec<Datum>>> {
        let mut seen = BTreeSet::from([self.signature(&[])]);
        let mut sets: Vec<Vec<Datum>> = vec![Vec::new()];
        let mut from = 0;
        while from < sets.len() {
            let last = sets.len();
            for at in from..last {
                for datum in single {
                    let mut set = sets[at].clone();
                    set.push(datum.clone());
                    if seen.insert(self.signature(&set)) {
                        sets.push(set);
                    }
                }
            }
            if sets.len() > MOST {
                return None;
            }
            from = last;
        }
        sets.rotate_left(1); // a visit somewhere is a better example than one nowhere
        Some(sets)
    }
}

/// Texts that answer questions for whole texts and for parts of them in all ways that there are.
fn texts_of(asked: &[&TextMatch], signature: impl Fn(&str) -> Signature) -> Vec<String> {
    let parts: Vec<&str> = asked
        .iter()
        .filter_map(|it| it.contains.as_deref())
        .collect();
    let wholes = asked.iter().filter_map(|it| it.is.as_deref());
    let wholes: Vec<&str> = wholes.collect();
    let is_free = |it: &char| !parts.iter().chain(&wholes).any(|text| text.contains(*it));
    let between = BETWEEN.into_iter().find(is_free).unwrap_or('\u{e000}');
    let mut all: Vec<String> = wholes
        .iter()
        .flat_map(|text| spellings(text, &parts))
        .collect();
    let parts: Vec<String> = parts
        .iter()
        .flat_map(|text| spellings(text, &parts))
        .collect();
    all.extend(parts.iter().cloned());
    let mut seen: BTreeSet<Signature> = all.iter().map(|text| signature(text)).collect();
    let mut joined = vec![between.to_string()];
    let mut at = 0;
    while at < joined.len() && joined.len() <= MOST {
        for part in &parts {
            let text = format!("{}{part}{between}", joined[at]);
            if seen.insert(signature(&text)) {
                joined.push(text);
            }
        }
        at += 1;
    }
    all.extend(joined);
    all
}

/// A text in other cases: as a whole, and with one of the parts as it is.
fn spellings(text: &str, parts: &[&str]) -> Vec<String> {
    let flipped = |text: &str| {
        let flip = |letter: char| {
            let other = |it: String| {
                if it.chars().count() == 1 {
                    it
                } else {
                    letter.to_string()
                }
            };
            if letter.is_lowercase() {
                other(letter.to_uppercase().to_string())
            } else {
                other(letter.to_lowercase().to_string())
            }
        };
        text.chars().map(flip).collect::<String>()
    };
    let mut all = vec![
        text.to_owned(),
        flipped(text),
        text.to_uppercase(),
        text.to_lowercase(),
    ];
    let kept = parts.iter().filter_map(|part| {
        let at = text.to_lowercase().find(&part.to_lowercase())?;
        let (head, rest) = text.split_at_checked(at)?;
        let (_, tail) = rest.split_at_checked(part.len())?;
        Some(format!("{}{part}{}", flipped(head), flipped(tail)))
    });
    all.extend(kept);
    all
}

/// Errors that have each code with each message.
fn errors(code: Option<&[TextMatch]>, message: Option<&[TextMatch]>) -> Vec<Datum> {
    let texts = |any: Option<&[TextMatch]>| {
        let asked: Vec<&TextMatch> = any.into_iter().flatten().collect();
        let found = texts_of(&asked, |text| {
            asked
                .iter()
                .map(|it| u8::from(it.is.as_deref() == Some(text)))
                .collect()
        });
        let found = found.into_iter().filter(|_| any.is_some()).map(Some);
        found.chain([None]).collect::<Vec<Option<String>>>()
    };
    let messages = texts(message);
    let of = |code: &Option<String>| {
        let both = messages
            .iter()
            .map(|message| Datum::Error(code.clone(), message.clone()));
        both.collect::<Vec<_>>()
    };
    texts(code).iter().flat_map(of).collect()
}

/// The first and the last address of each range, and the one before and after it.
fn addresses(any: &[String]) -> Vec<Datum> {
    let beside = |address: IpAddr| match address {
        IpAddr::V4(it) => {
            let it = u32::from(it);
            let both = [it.checked_sub(1), it.checked_add(1)];
            both.map(|it| it.map(|it| IpAddr::V4(it.into())))
        }
        IpAddr::V6(it) => {
            let it = u128::from(it);
            let both = [it.checked_sub(1), it.checked_add(1)];
            both.map(|it| it.map(|it| IpAddr::V6(it.into())))
        }
    };
    let ranges: Vec<(IpAddr, IpAddr)> = any.iter().filter_map(|range| bounds(range)).collect();
    let inside = ranges.iter().flat_map(|(from, to)| [*from, *to]);
    let around = inside
        .clone()
        .flat_map(|it| beside(it).into_iter().flatten());
    let all = inside.chain(around);
    all.map(|it| Datum::Text(it.to_string())).collect()
}

/// Each bound, a number between each two, and one on either side.
fn numbers_of(bounds: Vec<&f64>) -> Vec<f64> {
    let mut bounds: Vec<f64> = bounds.into_iter().copied().collect();
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

/// Whole numbers that are enough: those around each bound, and none below zero.
fn counts_of(bounds: Vec<&f64>) -> Vec<f64> {
    let around = |bound: &f64| {
        [
            bound.floor() - 1.0,
            bound.floor(),
            bound.ceil(),
            bound.ceil() + 1.0,
        ]
    };
    let mut all: Vec<f64> = bounds.into_iter().flat_map(around).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all.retain(|number| *number >= 0.0);
    all
}
