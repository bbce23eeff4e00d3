//! A line of a file of recipients as it may be shown: its shape, without its letters and digits.

use std::ops::Range;

/// What stands for a character that may be personal.
const DOT: char = '•';

/// The most characters of a line that are shown.
const LONGEST: usize = 160;

/// A line that may be shown, and the bytes of its part that a complaint is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Masked {
    pub(super) text: String,
    pub(super) part: Range<usize>,
}

/// The line with dots for all but these characters. `part` counts in bytes of the line.
fn mask(line: &str, shown: &[char], part: Range<usize>) -> Masked {
    let mut text = String::new();
    let (mut start, mut end) = (None, 0);
    for (at, ch) in line.char_indices().take(LONGEST) {
        if at >= part.start && start.is_none() {
            start = Some(text.len());
        }
        text.push(if shown.contains(&ch) { ch } else { DOT });
        if at < part.end {
            end = text.len();
        }
    }
    let start = start.unwrap_or(text.len());
    Masked {
        part: start..end.max(start),
        text,
    }
}

/// A line of a CSV file; `field` is the part, none for all of it.
pub(super) fn of_csv(line: &str, delimiter: u8, field: Option<usize>) -> Masked {
    let shown = [char::from(delimiter), '"', ' '];
    let mut parts = Vec::new();
    let mut start = 0;
    let mut is_quoted = false;
    for (at, byte) in line.bytes().enumerate() {
        is_quoted ^= byte == b'"';
        if byte == delimiter && !is_quoted {
            parts.push(start..at);
            start = at + 1;
        }
    }
    parts.push(start..line.len());
    let whole = 0..line.len();
    let part = field.map_or(Some(&whole), |field| parts.get(field));
    mask(line, &shown, part.cloned().unwrap_or(whole))
}

/// A line of JSON.
pub(super) fn of_json(line: &str) -> Masked {
    let shown = ['{', '}', '[', ']', '"', ':', ',', ' '];
    mask(line, &shown, 0..line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_shape_and_nothing_else() {
        let shown = |line: &str, field| {
            let masked = of_csv(line, b',', field);
            let part = masked.text[masked.part].to_owned();
            (masked.text, part)
        };
        let expected = ("••••,\"••, ••\",•".to_owned(), "\"••, ••\"".to_owned());
        assert_eq!(shown("4711,\"Bé, An\",x", Some(1)), expected);
        assert_eq!(shown("4711,", Some(1)).1, "");
        assert_eq!(shown("a,b", None).1, "•,•");
        assert_eq!(of_json("{\"id\": 4}").text, "{\"••\": •}");
    }
}
