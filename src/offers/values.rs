//! The values of one fact that are enough: one for each way to answer all that is asked about it.

use core::net::IpAddr;
use std::collections::BTreeSet;

use super::ask::{QuestionPlace, ask, bounds};
use super::truth::{Spot, Truth};
use crate::kinds::offering::{Assumed, Datum, Fact, FactAnswer, Question, SWITCHES};
use crate::kinds::shared::means::{Range, TextMatch};
use crate::kinds::{Engaged, KindId, VisitorChannel};
use crate::manifest::Key;
use crate::name::Name;
use crate::text::Pointer;

/// How many values of one fact are told apart at most.
const MOST: usize = 400;

/// How many values of one fact are tried at most where there are more.
const SOME: usize = 2000;

/// Characters that hardly any name has.
const BETWEEN: [char; 4] = ['\u{2026}', '\u{2027}', '\u{a6}', '\u{b7}'];

/// A text that hardly any condition asks for.
pub(super) fn free_text() -> String {
    BETWEEN[0].into()
}

/// Whether a text has such characters, as those have that stand for any text.
pub(super) fn is_made_up(text: &str) -> bool {
    text.contains(BETWEEN)
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

/// How values answer the questions about a fact: with case, and without.
pub(super) type Signature = Vec<u8>;

/// The values of a fact by how they answer.
pub(super) struct Values<'q> {
    fact: Fact,
    questions: &'q [Question],
    positions: [Assumed; 2],
}

impl<'q> Values<'q> {
    pub(super) fn of(fact: Fact, questions: &'q [Question]) -> Self {
        let all = |at: usize| Assumed(SWITCHES.iter().map(|switch| (*switch, at)).collect());
        Self {
            fact,
            questions,
            positions: [all(0), all(1)],
        }
    }

    /// How data answer: for each question and each position of the switches no, unknown or yes.
    pub(super) fn signature(&self, data: &[Datum]) -> Signature {
        let spot = nowhere();
        let mut signature = Signature::new();
        for assumed in &self.positions {
            let asked = QuestionPlace {
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

    /// The answers that are told apart; `None` where there are too many.
    pub(super) fn answers(&self) -> Option<Vec<FactAnswer>> {
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
        Some(answers.into_iter().map(FactAnswer::Known).collect())
    }

    /// Values that are enough; several may answer alike.
    pub(super) fn candidates(&self) -> Vec<Datum> {
        let words = |words: Vec<&str>| {
            let data = words.into_iter().map(|it| Datum::Text(it.to_owned()));
            data.collect::<Vec<_>>()
        };
        match self.fact {
            Fact::Engaged => return words(Engaged::ALL.iter().map(|it| it.word()).collect()),
            Fact::Channel => {
                return words(VisitorChannel::ALL.iter().map(|it| it.word()).collect());
            }
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

    /// Some lists of values, each of those that answer alike once: some that are known to matter, each value alone, and pairs.
    pub(super) fn some(&self, first: impl Iterator<Item = Vec<Datum>>) -> Vec<Vec<Datum>> {
        let mut seen = BTreeSet::new();
        let single = self.candidates();
        let mut single: Vec<(Datum, Signature)> = single
            .into_iter()
            .map(|datum| {
                let signature = self.signature(std::slice::from_ref(&datum));
                (datum, signature)
            })
            .filter(|(_, signature)| seen.insert(signature.clone()))
            .collect();
        single.truncate(SOME);
        // What is not reported comes last: a visit somewhere is a better example.
        let (mut lists, mut is_empty) = (Vec::new(), self.fact.can_be_absent());
        let mut seen = BTreeSet::new();
        for list in first {
            is_empty |= list.is_empty();
            if lists.len() < SOME && !list.is_empty() && seen.insert(self.signature(&list)) {
                lists.push(list);
            }
        }
        for (datum, signature) in &single {
            if seen.insert(signature.clone()) {
                lists.push(vec![datum.clone()]);
            }
        }
        if self.fact.is_list() {
            for (at, (one, of_one)) in single.iter().enumerate() {
                for (other, of_other) in &single[at + 1..] {
                    if lists.len() >= SOME {
                        break;
                    }
                    if seen.insert(joined(of_one, of_other)) {
                        lists.push(vec![one.clone(), other.clone()]);
                    }
                }
            }
        }
        lists.extend(is_empty.then(Vec::new));
        lists
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
        let single = single.iter();
        let single = single.map(|datum| (datum, self.signature(std::slice::from_ref(datum))));
        let single: Vec<(&Datum, Signature)> = single.collect();
        let nothing = self.signature(&[]);
        let mut seen = BTreeSet::from([nothing.clone()]);
        let mut sets: Vec<(Vec<Datum>, Signature)> = vec![(Vec::new(), nothing)];
        let mut from = 0;
        while from < sets.len() {
            let last = sets.len();
            for at in from..last {
                for (datum, answers) in &single {
                    let (set, known) = &sets[at];
                    let joined = joined(known, answers);
                    if seen.insert(joined.clone()) {
                        let mut set = set.clone();
                        set.push((*datum).clone());
                        sets.push((set, joined));
                    }
                }
            }
            if sets.len() > MOST {
                return None;
            }
            from = last;
        }
        sets.rotate_left(1); // a visit somewhere is a better example than one nowhere
        Some(sets.into_iter().map(|(set, _)| set).collect())
    }
}

/// How all values of two lists answer: as the one that answers most, see [`ask`].
fn joined(one: &Signature, other: &Signature) -> Signature {
    let both = one.iter().zip(other);
    both.map(|(one, other)| *one.max(other)).collect()
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
