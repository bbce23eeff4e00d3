//! Entries in lines that go, come and move, with the comments that are theirs.
//!
//! A comment belongs to an entry when it stands at the end of its line, right above it, or, deeper than it, right below its
//! lines. Blank lines and the comments in front of these stay where they are: they are the gaps between the entries.

use super::EditRefusal;
use super::splice::{Editor, Splice};
use crate::text::Pointer;

/// What an entry of the new collection is made of.
pub(super) enum Made {
    /// Of an old one, with what changes in it.
    Of(usize, Vec<Splice>),
    /// Anew, in the place of an old one.
    Instead(usize, String),
    /// Anew.
    New(String),
}

impl Made {
    /// The old entry the place of which is taken by one that stays.
    pub(super) const fn old(&self) -> Option<usize> {
        match self {
            Self::Of(old, _) | Self::Instead(old, _) => Some(*old),
            Self::New(_) => None,
        }
    }
}

/// The places of the old entries that something stays in, in their order.
pub(super) fn places(made: &[Made]) -> Vec<usize> {
    let mut places: Vec<usize> = made.iter().filter_map(Made::old).collect();
    places.sort_unstable();
    places
}

/// An entry as it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// The place of its dash or its key.
    pub(super) start: usize,
    /// The end of its value.
    pub(super) end: usize,
    /// The column of what is below it, where that has lines of its own.
    pub(super) inner: Option<usize>,
}

/// The lines of an entry and of its comments, without the end of the last one.
#[derive(Clone, Copy, Debug)]
pub(super) struct EntryLines {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Editor<'_> {
    /// The lines of each entry of the collection at a place.
    pub(super) fn lines(
        &self,
        at: &Pointer,
        entries: &[Extent],
    ) -> Result<Vec<EntryLines>, EditRefusal> {
        let mut found: Vec<EntryLines> = Vec::with_capacity(entries.len());
        for entry in entries {
            let end = self.last_line(entry);
            let start = match found.last() {
                _ if self.begins_line(entry.start) => {
                    // What is above the first entry of a document is about the document.
                    let is_apart = found.is_empty() && at.parent().is_none();
                    let until = found.last().map_or(0, |before| self.next_line(before.end));
                    let line = self.line_start(entry.start);
                    if is_apart {
                        line
                    } else {
                        self.first_line(line, until)
                    }
                }
                None => entry.start,
                Some(_) => return Err(EditRefusal::Layout(at.clone())),
            };
            found.push(EntryLines { start, end });
        }
        Ok(found)
    }

    /// The start of the comments right above a line.
    fn first_line(&self, line: usize, until: usize) -> usize {
        let mut start = line;
        while start > until {
            let above = self.line_start(start - 1);
            if above < until || !self.text[above..start].trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        start
    }

    /// The end of the last line of an entry, with the comments below it that are as deep as what it has in lines.
    fn last_line(&self, entry: &Extent) -> usize {
        let mut last = self.line_end(entry.end);
        let Some(inner) = entry
            .inner
            .filter(|inner| *inner > self.column(entry.start))
        else {
            return last;
        };
        let mut next = self.next_line(last);
        while next < self.text.len() {
            let line = &self.text[next..self.line_end(next)];
            let content = line.trim_start();
            if content.starts_with('#') && line.len() - content.len() >= inner {
                last = self.line_end(next);
            } else if !content.is_empty() {
                break;
            }
            next = self.next_line(next);
        }
        last
    }

    /// Makes a collection in lines anew: what stays fills the places of what stayed, so that the gaps stay, too.
    pub(super) fn rebuild_lines(
        &mut self,
        at: &Pointer,
        old: &[EntryLines],
        column: usize,
        made: Vec<Made>,
    ) -> Result<(), EditRefusal> {
        let layout = || EditRefusal::Layout(at.clone());
        let (first, last) = old.first().zip(old.last()).ok_or_else(layout)?;
        let indent = " ".repeat(column);
        let is_inside = !self.begins_line(first.start);
        let mut places = places(&made).into_iter();
        let (mut out, mut next) = (String::new(), 0);
        for made in made {
            if made.old().is_some() {
                let place = places.next().ok_or_else(layout)?;
                (next..place).for_each(|gone| out += self.gap_of_gone(old, gone));
                out += self.gap(old, place);
                next = place + 1;
            }
            match made {
                Made::Of(it, splices) => {
                    let lines = old.get(it).ok_or_else(layout)?;
                    if !self.begins_line(lines.start) {
                        out += &indent;
                    }
                    out += &self
                        .with(lines.start, lines.end, splices)
                        .ok_or_else(layout)?;
                }
                Made::Instead(_, text) | Made::New(text) => {
                    out += &indent;
                    out += &text;
                }
            }
            out += self.newline;
        }
        (next..old.len()).for_each(|gone| out += self.gap_of_gone(old, gone));
        let mut out = out.strip_suffix(self.newline).unwrap_or(&out);
        let mut start = first.start;
        if is_inside && out.trim_start_matches(' ').starts_with(['#', '\r', '\n']) {
            start = self.text[..start].trim_end().len();
            self.splice(start, last.end, format!("{}{out}", self.newline));
            return Ok(());
        }
        if is_inside {
            out = out.trim_start_matches(' ');
        }
        self.splice(start, last.end, out);
        Ok(())
    }

    /// The lines between an entry and the one before it.
    fn gap(&self, old: &[EntryLines], at: usize) -> &str {
        match at.checked_sub(1).and_then(|before| old.get(before)) {
            Some(before) => &self.text[self.next_line(before.end)..old[at].start],
            None => "",
        }
    }

    /// The same of an entry that goes: one blank line of two goes with it.
    fn gap_of_gone(&self, old: &[EntryLines], at: usize) -> &str {
        let gap = self.gap(old, at);
        let behind = self.next_line(old[at].end);
        let is_blank = self.text[behind..].len() > 1
            && self.text[behind..self.line_end(behind)].trim().is_empty();
        if is_blank && gap.trim().is_empty() {
            ""
        } else {
            gap
        }
    }
}
