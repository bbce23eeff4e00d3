//! Quotes that are none to YAML: “ ” and « » look like quotes, and are letters of a key or a text. They come from word
//! processors, chats and the smart punctuation of a Mac.

use super::error::{offset, shown};
use super::{YamlError, YamlErrorKind};
use crate::text::Span;

/// Quotes that belong together, with the quote of YAML that is typed on the same key.
struct Family {
    letters: &'static str,
    ascii: char,
}

const DOUBLE: Family = Family {
    letters: "“”„‟«»",
    ascii: '"',
};

/// The apostrophe is one of them.
const SINGLE: Family = Family {
    letters: "‘’‚‛‹›",
    ascii: '\'',
};

impl Family {
    fn of(letter: char) -> Option<&'static Self> {
        [&DOUBLE, &SINGLE].into_iter().find(|it| it.has(letter))
    }

    fn has(&self, letter: char) -> bool {
        self.letters.contains(letter)
    }
}

/// What is wrong with a scalar without quotes of YAML, such as `“Sale”`; `part` is what the quotes are a part of. A text
/// with quoted words in it is none, and neither is one that begins with an apostrophe.
pub(super) fn problem(text: &str, span: Span, part: &str) -> Option<YamlError> {
    // Most texts begin with a letter of ASCII.
    let opening = text.chars().next().filter(|it| !it.is_ascii())?;
    let family = Family::of(opening)?;
    let inner = &text[opening.len_utf8()..];
    let is_quote = |it: char| family.has(it) && it != '’';
    let error = |message| YamlError::new(YamlErrorKind::TypographicQuotes, span, message);
    let Some(closing) = inner
        .chars()
        .next_back()
        .filter(|it| family.has(*it) || *it == family.ascii)
    else {
        let is_open =
            family.ascii == '"' && !inner.contains(|it| family.has(it) || it == family.ascii);
        let message = format!("the quote `{opening}` is a letter of the {part}");
        return (is_open && !inner.is_empty()).then(|| {
            error(message).help("quotes of YAML are `\"` and `'`: write one of them instead")
        });
    };
    let meant = &inner[..inner.len() - closing.len_utf8()];
    if meant.contains(|it| is_quote(it) || it == family.ascii) {
        return None;
    }
    let meant = meant.trim_matches(|it: char| it.is_whitespace());
    let quoted = serde_json::Value::from(shown(meant)).to_string();
    let kept = serde_json::Value::from(shown(text)).to_string();
    let message = format!("the quotes `{opening}` and `{closing}` are letters of the {part}");
    let help = format!("write `{quoted}`, or `{kept}` if the text has these quotes");
    Some(YamlError {
        meant: Some(meant.to_owned()),
        ..error(message).help(help)
    })
}

/// The quote that explains why a place of a text is no YAML: it opens a value on the line of the place, which is inside of
/// it.
pub(super) fn around(text: &str, at: usize) -> Option<(char, Span)> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |feed| feed + 1);
    let before = &text[start..at];
    let (mut open, mut last) = (None, ' ');
    for (place, letter) in before.char_indices() {
        match open {
            None if matches!(last, ' ' | '\t' | '[' | '{' | ',') => {
                open = Family::of(letter).map(|family| (letter, start + place, family));
            }
            Some((opening, _, family)) if family.has(letter) && letter != opening => open = None,
            _ => {}
        }
        last = letter;
    }
    let (opening, place, _) = open.filter(|(opening, ..)| *opening != '’')?;
    Some((opening, span(place, opening)))
}

/// The typographic quote that was to close a text in quotes of YAML, on the line where the text begins.
pub(super) fn instead_of_closing(text: &str, opening: Span) -> Option<(char, Span)> {
    let line = text.get(opening.start as usize..)?.lines().next()?;
    let ascii = line.chars().next()?;
    let family = [&DOUBLE, &SINGLE]
        .into_iter()
        .find(|it| it.ascii == ascii)?;
    let end = line.trim_end_matches(|it: char| it.is_whitespace() || matches!(it, ',' | ']' | '}'));
    let closing = end.chars().next_back().filter(|it| family.has(*it))?;
    let place = opening.start as usize + end.len() - closing.len_utf8();
    Some((closing, span(place, closing)))
}

fn span(start: usize, letter: char) -> Span {
    Span {
        start: offset(start),
        end: offset(start + letter.len_utf8()),
    }
}
