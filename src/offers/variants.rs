//! The small changes that can be made of what an object says: each is one mutant.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;

use crate::kinds::offering::{Aspect, Clause, Fact, Question, Rank, Reading, ScheduleSpan, Test};
use crate::text::Pointer;

pub(super) fn skill(reading: &Reading) -> Option<String> {
    Some(reading.offer.as_ref()?.skill.as_ref()?.as_str()?.to_owned())
}

/// A small change: where it is, what it is in a phrase, and what is there then.
pub(super) type Variant<T> = (Pointer, String, T);

pub(super) fn variants_of(reading: &Reading, skills: &BTreeSet<String>) -> Vec<Variant<Reading>> {
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
    if let Some(own) = skill(reading) {
        let known = skills.iter().find(|it| **it != own).cloned();
        let mut changed = reading.clone();
        if let Some(offer) = &mut changed.offer {
            let other = known.clone().unwrap_or_else(|| format!("not {own}"));
            offer.skill = Some(Value::from(other));
        }
        let other = known.unwrap_or_else(|| "another one".to_owned());
        let what = format!("skill {own} becomes {other}");
        all.push((Pointer::root().key("skill"), what, changed));
    }
    all.extend(moved(reading));
    all
}

/// Numbers that decide a contest: each once below what it is and once above, since only one of both may change an order.
fn moved(reading: &Reading) -> Vec<Variant<Reading>> {
    let mut all = Vec::new();
    let mut push = |field: &str, (own, other): (f64, f64), changed: Reading| {
        let what = format!("{field} {own} becomes {other}");
        all.push((Pointer::root().key(field), what, changed));
    };
    if let Some(own) = reading.offer.as_ref().and_then(|it| it.weight) {
        for other in [0.1, 0.9].into_iter().filter(|it| differs(own, *it)) {
            let mut changed = reading.clone();
            if let Some(offer) = &mut changed.offer {
                offer.weight = Some(other);
            }
            push("weight", (own, other), changed);
        }
    }
    let Some(rank) = reading.rank else {
        return all;
    };
    let mut with = |field: &str, (own, other): (f64, f64), put: fn(&mut Rank, f64)| {
        let mut changed = reading.clone();
        if let Some(rank) = &mut changed.rank {
            put(rank, other);
        }
        push(field, (own, other), changed);
    };
    for other in [0.1, 0.7]
        .into_iter()
        .filter(|it| differs(rank.weight, *it))
    {
        with("weight", (rank.weight, other), |rank, it| rank.weight = it);
    }
    for other in [0.01, 0.99]
        .into_iter()
        .filter(|it| differs(rank.priority, *it))
    {
        with("priority", (rank.priority, other), |rank, it| {
            rank.priority = it;
        });
    }
    all
}

fn differs(one: f64, other: f64) -> bool {
    (one - other).abs() > 0.05
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
    let same = |test: Test| Clause::new(clause.at.clone(), test);
    match &clause.test {
        Test::Is(question) => of_question(clause, question),
        Test::Open(_) | Test::Earlier(_) | Test::Flow(_) => vec![dropped(clause, "a condition")],
        Test::All(list) => in_list(clause, list, Test::All),
        Test::Any(list) => in_list(clause, list, Test::Any),
        Test::Not(inner) => {
            let mut all = inside(clause, inner, Test::Not);
            all.push(dropped(clause, "an exclusion"));
            all
        }
        Test::WebOnly(inner) => inside(clause, inner, Test::WebOnly),
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
        Test::Within(span) => of_dates(clause, span),
        Test::Known(..) | Test::Object(_) | Test::In(_) => Vec::new(),
    }
}

/// A clause that always holds.
fn dropped(clause: &Clause, what: &str) -> Variant<Clause> {
    let at = clause.at.clone();
    let why = "the condition is dropped".to_owned();
    let test = Test::Known(true, why, String::new());
    (
        at.clone(),
        format!("{what} is dropped"),
        Clause::new(at, test),
    )
}

/// A question that is not asked, is answered with the opposite, or is about a part of a name.
fn of_question(clause: &Clause, question: &Question) -> Vec<Variant<Clause>> {
    let at = &clause.at;
    let phrase = question.phrase();
    let negated = Clause::new(at.clone(), Test::Not(Box::new(clause.clone())));
    let mut all = vec![
        dropped(clause, &phrase),
        (at.clone(), format!("{phrase} is negated"), negated),
    ];
    all.extend(widened(question).map(|wide| {
        (
            at.clone(),
            format!("{phrase} takes any name that contains it"),
            Clause::new(at.clone(), Test::Is(wide)),
        )
    }));
    all
}

/// The dates of a schedule, each a second earlier and later.
fn of_dates(clause: &Clause, span: &ScheduleSpan) -> Vec<Variant<Clause>> {
    let at = &clause.at;
    let mut all = Vec::new();
    for (seconds, word) in [(1, "later"), (-1, "earlier")] {
        let by = SignedDuration::from_secs(seconds);
        let moved = |time: jiff::civil::DateTime| time.checked_add(by).ok();
        let mut push = |field: &str, span: ScheduleSpan| {
            let what = format!("the {field} is a second {word}");
            let clause = Clause::new(at.clone(), Test::Within(span));
            all.push((at.key(field), what, clause));
        };
        if span.start.is_some() {
            let start = span.start.and_then(moved);
            push(
                "start",
                ScheduleSpan {
                    start,
                    ..span.clone()
                },
            );
        }
        if span.end.is_some() {
            let end = span.end.and_then(moved);
            push(
                "end",
                ScheduleSpan {
                    end,
                    ..span.clone()
                },
            );
        }
    }
    all
}

/// What is inside of a clause, changed.
fn inside(clause: &Clause, inner: &Clause, with: fn(Box<Clause>) -> Test) -> Vec<Variant<Clause>> {
    let changed = variants(inner).into_iter();
    changed
        .map(|(at, what, inner)| {
            let test = with(Box::new(inner));
            (at, what, Clause::new(clause.at.clone(), test))
        })
        .collect()
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
