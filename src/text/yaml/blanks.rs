//! Blanks that are no blanks to YAML: a no-break space looks like a space in an editor, and is a letter of a key or a
//! text. They come from web pages, chats and the Option key of a Mac.

use super::error::offset;
use crate::text::Span;

/// Whether a character looks like a space, or like nothing, and is none to YAML.
fn is_odd(ch: char) -> bool {
    !ch.is_ascii() && (ch.is_whitespace() || matches!(ch, '\u{200b}' | '\u{2060}' | '\u{feff}'))
}

/// `a no-break space (U+00A0)`.
fn named(ch: char) -> String {
    let name = match ch {
        '\u{a0}' => "a no-break space",
        '\u{202f}' => "a narrow no-break space",
        '\u{3000}' => "an ideographic space",
        '\u{200b}' => "a zero-width space",
        '\u{feff}' => "a byte order mark",
        _ => "an unusual blank character",
    };
    format!("{name} (U+{:04X})", u32::from(ch))
}

/// The one at the edge of a key, by name.
#[must_use]
pub fn at_edge(key: &str) -> Option<String> {
    let mut edges = key
        .chars()
        .next()
        .into_iter()
        .chain(key.chars().next_back());
    edges.find(|ch| is_odd(*ch)).map(named)
}

/// The one that makes a text of what was meant as a mapping or a list, by name: `name:` or `-` is in front of it.
#[must_use]
pub fn instead_of_space(text: &str) -> Option<String> {
    behind_indicator(text).map(|(ch, _)| named(ch))
}

/// The first one behind `-` or `name:` at the start of a text.
fn behind_indicator(text: &str) -> Option<(char, usize)> {
    let name = text.trim_start_matches(|ch: char| ch.is_ascii_alphanumeric());
    let rest = match text.strip_prefix('-') {
        Some(item) => item,
        None if name.len() < text.len() => name.strip_prefix(':')?,
        None => return None,
    };
    let ch = rest.chars().next().filter(|ch| is_odd(*ch))?;
    Some((ch, text.len() - rest.len()))
}

/// The one that explains why a place of a text is no YAML: in the indentation or behind `-` or `name:`, on the line of
/// the place or the last one before it that is not empty.
pub(super) fn near(text: &str, at: usize) -> Option<(String, Span)> {
    let end = text[at..].find('\n').map_or(text.len(), |feed| at + feed);
    let mut lines = text[..end].rsplit('\n');
    let here = lines.next()?;
    let before = lines.take(16).find(|line| !line.trim().is_empty());
    [Some(here), before].into_iter().flatten().find_map(|line| {
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        let content = line.trim_start();
        let indent = &line[..line.len() - content.len()];
        let odd = indent.char_indices().find(|(_, ch)| is_odd(*ch));
        let odd = odd.map(|(at, ch)| (ch, at)).or_else(|| {
            let content = content.trim_start_matches("- ");
            let (ch, at) = behind_indicator(content)?;
            Some((ch, line.len() - content.len() + at))
        });
        let (ch, at) = odd?;
        let start = start + at;
        let span = Span {
            start: offset(start),
            end: offset(start + ch.len_utf8()),
        };
        Some((named(ch), span))
    })
}
