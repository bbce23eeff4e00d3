//! The nearest name for a misspelt one.

use std::cmp::Reverse;

use crate::text::safe::line;

/// The candidate that a misspelling most likely meant: about a third of its letters differ at most, two that changed places
/// counting as one, and of several the one that begins like it; or else the only one that it is the beginning of, or the end.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    let (mut begun, mut ended) = (BegunWord::None, BegunWord::None);
    let misspelt = candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            if length >= SHORTEST && other.starts_with(&lower) {
                begun = begun.with(candidate);
            }
            if length >= SHORTEST_END && other.ends_with(&lower) {
                ended = ended.with(candidate);
            }
            let other_length = other.chars().count();
            let tolerated = (length.max(other_length) + 1) / 3;
            // Each letter that one of them has more is an edit: most candidates need no closer look.
            let is_possible = length.abs_diff(other_length) <= tolerated;
            is_possible.then(|| {
                let pairs = lower.chars().zip(other.chars());
                let alike = pairs.take_while(|(one, other)| one == other).count();
                let edits = strsim::osa_distance(&lower, &other);
                (edits, Reverse(alike), candidate, tolerated)
            })
        })
        .filter(|(edits, _, _, tolerated)| edits <= tolerated)
        .min_by_key(|(edits, alike, name, _)| (*edits, *alike, *name))
        .map(|(_, _, candidate, _)| candidate);
    misspelt.or(begun.only()).or(ended.only())
}

/// How many letters a beginning has, at least.
const SHORTEST: usize = 3;

/// How many letters an end has, at least: `Window` of `EngagementWindow`.
const SHORTEST_END: usize = 5;

/// The candidates that a word is the beginning, or the end, of.
#[derive(Clone, Copy)]
enum BegunWord<'a> {
    None,
    One(&'a str),
    Several,
}

impl<'a> BegunWord<'a> {
    fn only(self) -> Option<&'a str> {
        match self {
            Self::One(candidate) => Some(candidate),
            Self::None | Self::Several => None,
        }
    }

    fn with(self, candidate: &'a str) -> Self {
        match self {
            Self::None => Self::One(candidate),
            Self::One(known) if known == candidate => self,
            Self::One(_) | Self::Several => Self::Several,
        }
    }
}

/// Whether one edit makes a name of another one: a letter more, less, another, or two that changed places. Digits count
/// on purpose: `goal-1` is no misspelt `goal-2`.
pub fn is_slip(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len().abs_diff(other.len()) > 1 || one == other {
        return false;
    }
    let same = |(a, b): &(&u8, &u8)| a == b;
    let front = one.iter().zip(other).take_while(same).count();
    let (one, other) = (&one[front..], &other[front..]);
    let back = one
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take_while(same)
        .count();
    let (one, other) = (&one[..one.len() - back], &other[..other.len() - back]);
    let is_letters = one.iter().chain(other).all(|byte| !byte.is_ascii_digit());
    is_letters
        && match (one, other) {
            ([] | [_], [_]) | ([_], []) => true,
            ([a, b], [c, d]) => a == d && b == c,
            _ => false,
        }
}

/// A help text that offers the nearest candidate, `None` when nothing is near.
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(word, candidates).map(question)
}

/// The help text that offers a name.
#[must_use]
pub fn question(candidate: &str) -> String {
    format!("did you mean `{}`?", line(candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_one_edit_of_letters() {
        for (one, other) in [
            ("checkout-done", "checkout-don"),
            ("checkout-done", "chekcout-done"),
            ("checkout-done", "checkout_done"),
            ("a", "b"),
        ] {
            assert!(is_slip(one, other) && is_slip(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("checkout-eu", "checkout-us"),
            ("goal-1", "goal-2"),
            ("goal-1", "goal-11"),
            ("same", "same"),
            ("app", "app-ios"),
        ] {
            assert!(
                !is_slip(one, other) && !is_slip(other, one),
                "{one} {other}"
            );
        }
    }

    #[test]
    fn only_near_words_are_offered() {
        let fields = ["displayName", "description", "goal"];
        assert_eq!(nearest("displyName", fields), Some("displayName"));
        assert_eq!(nearest("gaol", fields), Some("goal"));
        assert_eq!(nearest("weight", fields), None);
    }

    #[test]
    fn of_several_that_are_as_near_the_one_that_begins_alike_is_offered() {
        assert_eq!(nearest("planx", ["flank", "plank", "plan"]), Some("plan"));
        assert_eq!(nearest("tast", ["last", "task", "test"]), Some("task"));
        assert_eq!(nearest("exprot", ["expert", "export"]), Some("export"));
        assert_eq!(nearest("blah", ["plan", "help", "show"]), None);
    }

    #[test]
    fn a_word_that_was_not_finished_is_offered_where_there_is_one() {
        let words = ["stickyButton", "content", "contentBanner", "contentOffer"];
        assert_eq!(nearest("sticky", words), Some("stickyButton"));
        assert_eq!(nearest("STICKYB", words), Some("stickyButton"));
        assert_eq!(nearest("con", words), None);
        assert_eq!(nearest("st", words), None);
    }
}
