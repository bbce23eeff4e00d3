//! Source text and positions in it: files, byte spans, lines and columns.

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

impl Entry {
    fn new(source: Source) -> Arc<Self> {
        Arc::new(Self {
            source,
            line_starts: OnceLock::new(),
            refers: OnceLock::new(),
        })
    }
}

impl Source {
    /// The line and column of a byte offset. It looks for all lines each time: only [`Sources`] keeps them.
    #[cfg(test)]
    pub(super) fn position(&self, offset: u32) -> Position {
        self.position_by(&self.line_starts(), offset)
    }

    fn line_starts(&self) -> Box<[usize]> {
        let ends = self.text.match_indices('\n').map(|(at, _)| at + 1);
        std::iter::once(0).chain(ends).collect()
    }

    fn position_by(&self, line_starts: &[usize], offset: u32) -> Position {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let line = line_starts.partition_point(|start| *start <= end);
        let line_start = line_starts[..line].last().copied().unwrap_or_default();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position {
            file: self.path.clone(),
            line: count(line),
            column: count(self.text[line_start..end].chars().count() + 1),
        }
    }
}

/// Every text of a run, in reading order. Copies share the texts.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Arc<Entry>>);

#[derive(Debug)]
struct Entry {
    source: Source,
    /// Where the lines start, once somebody asked for a position: a file may have thousands of them.
    line_starts: OnceLock<Box<[usize]>>,
    /// Whether it may hold references to variables, once somebody asked: it may have thousands of documents.
    refers: OnceLock<bool>,
}

impl Sources {
    /// Adds a source and returns its id.
    pub fn push(&mut self, source: Source) -> FileId {
        self.0.push(Entry::new(source));
        FileId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    /// Gives an id another source.
    ///
    /// # Panics
    /// Never for an id that [`Sources::push`] of the same value returned.
    pub fn replace(&mut self, id: FileId, source: Source) {
        self.0[id.0 as usize] = Entry::new(source);
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
        let line_starts = entry.line_starts.get_or_init(|| entry.source.line_starts());
        entry.source.position_by(line_starts, offset)
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
