//! The answers to single questions about a fact.

use core::net::IpAddr;

use jiff::civil::Date;

use super::truth::{Because, Judged, Reason, Spot, Truth};
use crate::kinds::offering::{Assumed, Datum, Fact, LetterCase, Question, Switch, Unclear};
use crate::kinds::shared::means::{Range, TextMatch};
use crate::manifest::Key;
use crate::text::Pointer;

/// Where a question is asked.
#[derive(Clone, Copy)]
pub(super) struct QuestionPlace<'a> {
    pub(super) key: &'a Key,
    /// The place below `spec`.
    pub(super) at: &'a Pointer,
    pub(super) assumed: &'a Assumed,
    /// The day of the visit.
    pub(super) day: Option<Date>,
    /// Whether the answer says in a sentence what decided.
    pub(super) explains: bool,
}

impl QuestionPlace<'_> {
    pub(super) fn spot(&self) -> Spot {
        Spot {
            key: self.key.clone(),
            at: self.at.clone(),
        }
    }
}

/// Whether one of the values of a fact answers a question with yes.
pub(super) fn ask(asked: QuestionPlace<'_>, question: &Question, data: &[Datum]) -> Judged {
    let mut judged = Judged::any(data.iter().map(|datum| one(asked, question, datum)));
    judged.is_absent = data.is_empty() && question.fact().is_attribute();
    judged.because_if(asked.explains, || Because {
        spot: asked.spot(),
        why: told(question.fact(), data),
        change: format!("a visit where {}", question.phrase()),
    })
}

/// What a visit says of a fact, in a phrase.
fn told(fact: Fact, data: &[Datum]) -> String {
    let name = fact.name();
    if data.is_empty() {
        return format!("the visit has no `{name}`");
    }
    let values: Vec<String> = data.iter().map(value).collect();
    format!("`{name}` is {}", values.join(", "))
}

/// A value of a visit, in a phrase.
pub(super) fn value(datum: &Datum) -> String {
    match datum {
        Datum::Text(text) => format!("`{text}`"),
        Datum::Number(number) => format!("`{number}`"),
        Datum::Flag(is) => format!("`{is}`"),
        Datum::Day(day) => format!("`{day}`"),
        Datum::Error(code, _) => format!("`{}`", code.as_deref().unwrap_or("without a code")),
        Datum::Page(sections, _) => format!("`{}`", sections.join(", ")),
        Datum::Unreadable => "a value that cannot be read".to_owned(),
    }
}

fn one(asked: QuestionPlace<'_>, question: &Question, datum: &Datum) -> Judged {
    let truth = |holds: bool| Judged::of(Truth::from(holds));
    match (question, datum) {
        (Question::Text { any, case, .. }, Datum::Text(text)) => texts(asked, any, *case, text),
        (Question::Number(_, range), Datum::Number(number)) => truth(is_in(range, *number)),
        (Question::Flag(_, expected), Datum::Flag(is)) => truth(expected == is),
        (Question::DaysAgo(_, range), Datum::Day(day)) => days(asked, range, *day),
        (Question::Address(_, any), Datum::Text(text)) => address(asked, any, text),
        (Question::Error(code, message), Datum::Error(met, said)) => {
            let parts = [(code, met), (message, said)];
            Judged::all(parts.into_iter().filter_map(|(any, text)| {
                let any = any.as_ref()?;
                let text = text.as_ref().map(|text| texts(asked, any, OPEN, text));
                Some(text.unwrap_or_else(|| truth(false)))
            }))
        }
        _ => unclear(asked, Unclear::Unreadable),
    }
}

const OPEN: LetterCase = LetterCase::Open(Switch::TextCase);

fn unclear(asked: QuestionPlace<'_>, why: Unclear) -> Judged {
    Judged::unknown(Reason::Unclear(why, asked.spot()))
}

fn texts(asked: QuestionPlace<'_>, any: &[TextMatch], case: LetterCase, text: &str) -> Judged {
    Judged::any(any.iter().map(|wanted| matched(asked, wanted, case, text)))
}

fn matched(asked: QuestionPlace<'_>, wanted: &TextMatch, case: LetterCase, text: &str) -> Judged {
    let (exact, folded) = match (&wanted.is, &wanted.contains) {
        (Some(whole), _) => (whole == text, is_folded(whole, text)),
        (None, Some(part)) => (
            text.contains(part.as_str()),
            lower(text).contains(&lower(part)),
        ),
        (None, None) => return unclear(asked, Unclear::Expression),
    };
    let (exact, folded) = (Judged::of(exact.into()), Judged::of(folded.into()));
    match case {
        LetterCase::Ignored => folded,
        LetterCase::Open(switch) => Judged::depending(switch, asked.assumed, exact, folded),
    }
}

/// Whether two texts are the same without regard to case.
fn is_folded(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        one.eq_ignore_ascii_case(other)
    } else {
        lower(one) == lower(other)
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

fn is_in(range: &Range, number: f64) -> bool {
    range.at_least.is_none_or(|least| number >= least)
        && range.at_most.is_none_or(|most| number <= most)
}

/// The platform counts days in some zone: a day more or less is left open.
fn days(asked: QuestionPlace<'_>, range: &Range, day: Date) -> Judged {
    let Some(today) = asked.day else {
        return Judged::unknown(Reason::Missing(Fact::Time));
    };
    let ago = f64::from((today - day).get_days());
    let all = [ago - 1.0, ago, ago + 1.0].map(|ago| is_in(range, ago));
    match all {
        [true, true, true] => Judged::of(Truth::Yes),
        [false, false, false] => Judged::of(Truth::No),
        _ => unclear(asked, Unclear::Days),
    }
}

fn address(asked: QuestionPlace<'_>, any: &[String], text: &str) -> Judged {
    let Ok(address) = text.parse::<IpAddr>() else {
        return unclear(asked, Unclear::Unreadable);
    };
    Judged::any(any.iter().map(|range| match bounds(range) {
        Some((from, to)) => {
            let is_same = from.is_ipv4() == address.is_ipv4();
            Judged::of((is_same && from <= address && address <= to).into())
        }
        None => unclear(asked, Unclear::Unreadable),
    }))
}

/// The first and the last address of a network or a range.
pub(super) fn bounds(text: &str) -> Option<(IpAddr, IpAddr)> {
    let address = |text: &str| text.trim().parse::<IpAddr>().ok();
    if let Some((network, bits)) = text.split_once('/') {
        let bits: u32 = bits.parse().ok()?;
        return match address(network)? {
            IpAddr::V4(it) => {
                let rest = u32::MAX.checked_shr(bits).unwrap_or(0);
                let first = u32::from(it) & !rest;
                Some((IpAddr::V4(first.into()), IpAddr::V4((first | rest).into())))
            }
            IpAddr::V6(it) => {
                let rest = u128::MAX.checked_shr(bits).unwrap_or(0);
                let first = u128::from(it) & !rest;
                Some((IpAddr::V6(first.into()), IpAddr::V6((first | rest).into())))
            }
        };
    }
    match text.split_once('-') {
        Some((from, to)) => Some((address(from)?, address(to)?)),
        None => address(text).map(|it| (it, it)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_ranges_have_a_first_and_a_last_address() {
        for (text, from, to) in [
            ("203.0.113.7", "203.0.113.7", "203.0.113.7"),
            ("203.0.113.9/24", "203.0.113.0", "203.0.113.255"),
            ("203.0.113.9/32", "203.0.113.9", "203.0.113.9"),
            ("0.0.0.0/0", "0.0.0.0", "255.255.255.255"),
            ("203.0.113.1-203.0.113.9", "203.0.113.1", "203.0.113.9"),
            ("2001:db8::/127", "2001:db8::", "2001:db8::1"),
        ] {
            let expected = (from.parse().unwrap(), to.parse().unwrap());
            assert_eq!(bounds(text), Some(expected), "{text}");
        }
        assert_eq!(bounds("home"), None);
    }
}
