//! Source text and positions in it: files, byte spans, lines and columns.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

/// A position in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// One text that was read, with the name under which people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user would type it, `<stdin>` for standard input.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// A half-open range of bytes in one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte behind the last one.
    pub end: u32,
}

/// A place in a file as people count: line and column from 1, the column in characters.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Position {
    /// The path of the file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl SourceEntry {
    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(&self.source.text))
    }

    fn new(source: Source) -> Arc<Self> {
        Arc::new(Self {
            source,
            lines: OnceLock::new(),
            refers: OnceLock::new(),
        })
    }
}

impl Source {
    /// The line and column of a byte offset. It looks for all lines each time: only [`Sources`] keeps them.
    #[cfg(test)]
    pub(super) fn position(&self, offset: u32) -> Position {
        Lines::of(&self.text).position(self, offset)
    }
}

/// How many bytes lie between two counts of characters.
const STRIDE: usize = 4096;

/// Where the lines of a text start, and how many characters lie before each stretch of it: a file may have thousands of
/// lines, or one line with thousands of complaints.
#[derive(Debug)]
struct Lines {
    starts: Box<[usize]>,
    /// The characters that start before the byte `STRIDE * index`.
    characters: Box<[usize]>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let stretches = text.as_bytes().chunks(STRIDE);
        let counts = stretches.scan(0, |sum, stretch| {
            let before = *sum;
            *sum += characters(stretch);
            Some(before)
        });
        Self {
            starts: std::iter::once(0).chain(ends).collect(),
            characters: counts.collect(),
        }
    }

    /// The bytes of the line with this number from 0, without its line feed.
    fn range(&self, text: &str, line: usize) -> Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(text.len());
        let next = self.starts.get(line + 1);
        start..next.map_or(text.len(), |next| next - 1)
    }

    /// The number from 0 of the line that a byte lies in.
    fn line(&self, at: usize) -> usize {
        let behind = self.starts.partition_point(|start| *start <= at);
        behind.saturating_sub(1)
    }

    /// The characters that start before a byte.
    fn characters_before(&self, text: &str, at: usize) -> usize {
        let last = self.characters.len().saturating_sub(1);
        let stretch = (at / STRIDE).min(last);
        let before = self.characters.get(stretch).copied().unwrap_or_default();
        before + characters(&text.as_bytes()[stretch * STRIDE..at])
    }

    fn position(&self, source: &Source, offset: u32) -> Position {
        let text = source.text.as_str();
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let line = self.line(end);
        let start = self.range(text, line).start;
        let column = self.characters_before(text, end) - self.characters_before(text, start);
        let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
        Position {
            file: source.path.clone(),
            line: count(line),
            column: count(column),
        }
    }
}

/// The characters that start in some bytes of a text.
fn characters(bytes: &[u8]) -> usize {
    let is_start = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
    bytes.iter().filter(is_start).count()
}

/// Every text of a run, in reading order. Copies share the texts.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Arc<SourceEntry>>);

#[derive(Debug)]
struct SourceEntry {
    source: Source,
    /// Its lines, computed when a position is first asked for.
    lines: OnceLock<Lines>,
    /// Whether it may hold references to variables, computed when first asked for: it may have thousands of documents.
    refers: OnceLock<bool>,
}

impl Sources {
    /// Adds a source and returns its id.
    pub fn push(&mut self, source: Source) -> FileId {
        self.0.push(SourceEntry::new(source));
        FileId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    /// Gives an id another source.
    ///
    /// # Panics
    /// Never for an id that [`Sources::push`] of the same value returned.
    pub fn replace(&mut self, id: FileId, source: Source) {
        self.0[id.0 as usize] = SourceEntry::new(source);
    }

    /// The source with this id.
    ///
    /// # Panics
    /// Never for an id that [`Sources::push`] of the same value returned.
    #[must_use]
    pub fn get(&self, id: FileId) -> &Source {
        &self.0[id.0 as usize].source
    }

    /// The line and column of a byte offset in a source; offsets past the end are taken as the end.
    ///
    /// # Panics
    /// Never for an id that [`Sources::push`] of the same value returned.
    #[must_use]
    pub fn position(&self, id: FileId, offset: u32) -> Position {
        let entry = &self.0[id.0 as usize];
        entry.lines().position(&entry.source, offset)
    }

    /// The bytes of the line around a byte, without its line feed.
    ///
    /// # Panics
    /// Never for an id that [`Sources::push`] of the same value returned.
    #[must_use]
    pub fn line_around(&self, id: FileId, at: usize) -> Range<usize> {
        let entry = &self.0[id.0 as usize];
        let (lines, text) = (entry.lines(), &entry.source.text);
        lines.range(text, lines.line(at.min(text.len())))
    }

    /// How many characters lie between two bytes, each the start of one or the end of the text.
    ///
    /// # Panics
    /// Never for an id that [`Sources::push`] of the same value returned.
    #[must_use]
    pub fn characters(&self, id: FileId, range: Range<usize>) -> usize {
        let entry = &self.0[id.0 as usize];
        let before = |at: usize| {
            let text = &entry.source.text;
            entry.lines().characters_before(text, at.min(text.len()))
        };
        before(range.end).saturating_sub(before(range.start))
    }

    /// Whether a source may hold references to variables, as `question` sees it. It is asked once.
    ///
    /// # Panics
    /// Never for an id that [`Sources::push`] of the same value returned.
    pub(crate) fn may_refer(&self, id: FileId, question: fn(&str) -> bool) -> bool {
        let entry = &self.0[id.0 as usize];
        *entry.refers.get_or_init(|| question(&entry.source.text))
    }

    /// All sources with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0..)
            .map(FileId)
            .zip(self.0.iter().map(|entry| &entry.source))
    }

    /// How many sources there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against counting from the start of the text each time.
        #[test]
        fn lines_and_columns_are_counted_once_and_right(
            parts in proptest::collection::vec("[aä😀\n]{0,40}", 0..20),
            times in 1_usize..200,
            at in any::<prop::sample::Index>(),
        ) {
            let text = parts.concat().repeat(times);
            let offset = at.index(text.len() + 1);
            let before = &text[..text.floor_char_boundary(offset)];
            let line = before.rsplit('\n').next().unwrap_or_default();
            let mut sources = Sources::default();
            let id = sources.push(Source { path: "a".into(), text: text.clone() });
            let found = sources.position(id, u32::try_from(offset).unwrap());
            prop_assert_eq!(found.line as usize, before.matches('\n').count() + 1);
            prop_assert_eq!(found.column as usize, line.chars().count() + 1);
            let range = sources.line_around(id, before.len());
            let rest = text[before.len()..].split('\n').next().unwrap_or_default();
            prop_assert_eq!(&text[range], format!("{line}{rest}"));
        }
    }
}
