//! Places in a text as editors count them: lines and characters from 0, characters in units of an encoding.
//!
//! Any pair of numbers is a place: past the end of a line is its end, past the last line is the end of the text.

use crate::text::Span;

/// What a character is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// What every editor can.
    #[default]
    Utf16,
    /// Characters of Unicode.
    Utf32,
}

impl Encoding {
    fn width(self, ch: char) -> usize {
        match self {
            Self::Utf8 => ch.len_utf8(),
            Self::Utf16 => ch.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// A place: line and character, from 0.
pub type LinePosition = (u32, u32);

/// A text with the places where its lines start.
#[derive(Clone, Debug)]
pub struct LineStarts<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> LineStarts<'t> {
    /// Looks for the lines of a text.
    #[must_use]
    pub fn new(text: &'t str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let is_end = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let ends = (0..bytes.len()).filter(|at| is_end(*at));
        Self {
            text,
            starts: std::iter::once(0).chain(ends.map(|at| at + 1)).collect(),
            encoding,
        }
    }

    /// The place of a byte; of one inside a character, that of the character.
    #[must_use]
    pub fn spot(&self, offset: u32) -> LinePosition {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= end) - 1;
        let before = self.text[self.starts[line]..end].chars();
        let character: usize = before.map(|ch| self.encoding.width(ch)).sum();
        (narrow(line), narrow(character))
    }

    /// The byte of a place; of one inside a character, that of the character.
    #[must_use]
    pub fn offset(&self, (line, character): LinePosition) -> u32 {
        let Some(line) = self.line(line) else {
            return narrow(self.text.len());
        };
        let mut left = character as usize;
        let text = &self.text[line.start as usize..line.end as usize];
        for (at, ch) in text.char_indices() {
            let width = self.encoding.width(ch);
            if left < width {
                return line.start + narrow(at);
            }
            left -= width;
        }
        line.end
    }

    /// The places of a span.
    #[must_use]
    pub fn range(&self, span: Span) -> (LinePosition, LinePosition) {
        (self.spot(span.start), self.spot(span.end))
    }

    /// A line without its end; `None` past the last one.
    #[must_use]
    pub fn line(&self, line: u32) -> Option<Span> {
        let start = *self.starts.get(line as usize)?;
        let end = self.starts.get(line as usize + 1);
        let text = &self.text[start..end.copied().unwrap_or(self.text.len())];
        let text = text.trim_end_matches(['\n', '\r']);
        Some(Span {
            start: narrow(start),
            end: narrow(start + text.len()),
        })
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A text with a part of it replaced, as an editor sends it.
#[must_use]
pub fn replaced(
    text: &str,
    (from, to): (LinePosition, LinePosition),
    encoding: Encoding,
    new: &str,
) -> String {
    let lines = LineStarts::new(text, encoding);
    let (start, end) = (lines.offset(from) as usize, lines.offset(to) as usize);
    let (start, end) = (start.min(end), start.max(end));
    [&text[..start], new, &text[end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_counts_in_its_own_units() {
        let text = "a📦é\r\nz\n\rq";
        let offset = |encoding, spot| LineStarts::new(text, encoding).offset(spot);
        assert_eq!(offset(Encoding::Utf8, (0, 5)), 5);
        assert_eq!(offset(Encoding::Utf16, (0, 3)), 5);
        assert_eq!(offset(Encoding::Utf32, (0, 2)), 5);
        assert_eq!(offset(Encoding::Utf16, (1, 0)), 9);
        assert_eq!(offset(Encoding::Utf16, (3, 0)), 12);
        assert_eq!(LineStarts::new(text, Encoding::Utf16).spot(9), (1, 0));
        assert_eq!(LineStarts::new(text, Encoding::Utf16).spot(7), (0, 4));
    }

    #[test]
    fn any_numbers_are_a_place() {
        let text = "a📦\nb";
        let lines = LineStarts::new(text, Encoding::Utf16);
        assert_eq!(lines.offset((0, 2)), 1); // between the halves of a pair
        assert_eq!(lines.offset((0, 99)), 5);
        assert_eq!(lines.offset((9, 0)), 7);
        assert_eq!(lines.offset((u32::MAX, u32::MAX)), 7);
        assert_eq!(lines.spot(u32::MAX), (1, 1));
        assert_eq!(lines.spot(2), (0, 1));
        let swapped = ((1, 1), (0, 1));
        assert_eq!(replaced(text, swapped, Encoding::Utf16, "!"), "a!");
    }
}
