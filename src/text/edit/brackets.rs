//! Entries in brackets that go, come and move, with the comments that are theirs.
//!
//! A comment belongs to an entry when it stands at the end of its line, in front of the comma or behind it, or on lines of its
//! own right above it. What else stands between the entries is a gap, and stays where it is.

use super::EditRefusal;
use super::lines::{Made, places};
use super::splice::Editor;
use crate::text::Pointer;

/// An entry as it stands in brackets.
pub(super) struct BracketEntry {
    /// What is in front of it, but the comma: blanks, ends of lines and the comments that are not its own.
    gap: String,
    /// The comments above it, up to where it begins.
    above: String,
    /// Its bytes.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The comment at the end of its line.
    behind: Option<(usize, usize)>,
}

/// What is between brackets.
pub(super) struct Brackets {
    pub(super) pieces: Vec<BracketEntry>,
    /// What follows the last entry.
    tail: String,
    has_last_comma: bool,
    start: usize,
    end: usize,
}

impl Brackets {
    /// Whether an entry has comments of its own.
    pub(super) fn has_comment(&self, at: usize) -> bool {
        self.pieces
            .get(at)
            .is_some_and(|it| !it.above.is_empty() || it.behind.is_some())
    }
}

/// What stands between two entries, or an entry and a bracket.
struct Between {
    comments: Vec<(usize, usize)>,
    comma: Option<usize>,
    /// Where the next entry or the bracket begins.
    end: usize,
}

/// A text in brackets that is being written.
struct Writing<'e> {
    out: String,
    /// The end of a line with the indentation of the next one.
    line: &'e str,
    /// Whether it ends with a comment.
    is_open: bool,
}

impl Writing<'_> {
    fn gap(&mut self, gap: &str) {
        let is_ended = gap.contains('\n') || !self.is_open;
        self.out += if is_ended { gap } else { self.line };
        self.is_open = false;
    }

    fn above(&mut self, comments: &str) {
        let is_begun = self.out.trim_end_matches([' ', '\t']).ends_with('\n');
        if !comments.is_empty() && !is_begun {
            self.out.truncate(self.out.trim_end().len());
            self.out += self.line;
        }
        self.out += comments;
    }
}

impl Editor<'_> {
    /// What is between the brackets of a collection whose entries end at these places.
    pub(super) fn brackets(&self, at: &Pointer, ends: &[usize]) -> Result<Brackets, EditRefusal> {
        let layout = || EditRefusal::Layout(at.clone());
        let (open, close) = self.value(at);
        let (start, end) = (open + 1, close.checked_sub(1).ok_or_else(layout)?);
        let (mut pieces, mut from): (Vec<BracketEntry>, usize) = (Vec::new(), start);
        for (index, entry_end) in ends.iter().enumerate() {
            let between = self.between(from);
            if between.comma.is_some() != (index > 0) || between.end >= *entry_end {
                return Err(layout());
            }
            let behind = self.comment_of(from, &between).filter(|_| index > 0);
            if let Some(before) = pieces.last_mut() {
                before.behind = behind;
            }
            let above = self.above(&between, behind);
            let gap = self.without_comma(behind.map_or(from, |it| it.1), above, between.comma);
            pieces.push(BracketEntry {
                gap,
                above: self.without_comma(above, between.end, between.comma),
                start: between.end,
                end: *entry_end,
                behind: None,
            });
            from = *entry_end;
        }
        let between = self.between(from);
        if between.end != end {
            return Err(layout());
        }
        let behind = self.comment_of(from, &between);
        pieces.last_mut().ok_or_else(layout)?.behind = behind;
        Ok(Brackets {
            tail: self.without_comma(behind.map_or(from, |it| it.1), end, between.comma),
            has_last_comma: between.comma.is_some(),
            pieces,
            start,
            end,
        })
    }

    fn between(&self, from: usize) -> Between {
        let (mut comments, mut comma, mut at) = (Vec::new(), None, from);
        loop {
            let rest = &self.text[at..];
            let next = rest.trim_start();
            at += rest.len() - next.len();
            match next.chars().next() {
                Some('#') => {
                    let end = self.line_end(at);
                    comments.push((at, end));
                    at = end;
                }
                Some(',') if comma.is_none() => {
                    comma = Some(at);
                    at += 1;
                }
                _ => {
                    let end = at;
                    return Between {
                        comments,
                        comma,
                        end,
                    };
                }
            }
        }
    }

    /// The comment on the line on which an entry ends.
    fn comment_of(&self, end: usize, between: &Between) -> Option<(usize, usize)> {
        let first = between.comments.first().copied();
        first.filter(|(start, _)| !self.text[end..*start].contains('\n'))
    }

    /// Where the comments right above an entry begin, else where it begins itself.
    fn above(&self, between: &Between, behind: Option<(usize, usize)>) -> usize {
        let line = self.line_start(between.end);
        let is_begun = |at: usize| {
            self.text[self.line_start(at)..at]
                .trim_matches([' ', '\t', ','])
                .is_empty()
        };
        if !is_begun(between.end) {
            return between.end;
        }
        let (mut line, mut start) = (line, between.end);
        for comment in between.comments.iter().rev() {
            let is_above = self.next_line(comment.0) == line && self.begins_line(comment.0);
            if Some(*comment) == behind || !is_above {
                break;
            }
            (line, start) = (self.line_start(comment.0), comment.0);
        }
        start
    }

    /// A stretch of the text without the comma in it, and the blanks in front of that.
    fn without_comma(&self, start: usize, end: usize, comma: Option<usize>) -> String {
        match comma.filter(|comma| (start..end).contains(comma)) {
            Some(comma) => {
                let (before, behind) = (&self.text[start..comma], &self.text[comma + 1..end]);
                if self.begins_line(comma) {
                    return format!("{before}{}", behind.trim_start_matches([' ', '\t']));
                }
                format!("{}{behind}", before.trim_end_matches([' ', '\t']))
            }
            None => self.text[start..end].to_owned(),
        }
    }

    /// Makes a collection in brackets anew: what stays fills the places of what stayed, so that the gaps stay, too.
    pub(super) fn rebuild_brackets(
        &mut self,
        at: &Pointer,
        old: &Brackets,
        made: Vec<Made>,
    ) -> Result<(), EditRefusal> {
        let layout = || EditRefusal::Layout(at.clone());
        let line = self.line_of(old);
        let usual = usual_gap(old, &line);
        let mut writing = Writing {
            out: String::new(),
            line: &line,
            is_open: false,
        };
        let mut places = places(&made).into_iter();
        let (mut next, count) = (0, made.len());
        for (index, made) in made.into_iter().enumerate() {
            let mut parts = Vec::new();
            if index == 0 {
                parts.push(old.pieces[0].gap.as_str());
            }
            let mut own = usual.as_str();
            if made.old().is_some() {
                let place = places.next().ok_or_else(layout)?;
                parts.extend(left(&old.pieces, next, place));
                next = place + 1;
                if place > 0 {
                    own = &old.pieces[place].gap;
                }
            }
            if index > 0 || (own != usual && own.contains('#')) {
                parts.push(own);
            }
            writing.gap(&joined(&parts));
            let has_comma = index + 1 < count || old.has_last_comma;
            self.write_piece(&mut writing, old, made, has_comma)
                .ok_or_else(layout)?;
        }
        let mut parts = left(&old.pieces, next, old.pieces.len());
        parts.push(&old.tail);
        writing.gap(&joined(&parts));
        let out = writing.out;
        self.splice(old.start, old.end, out);
        Ok(())
    }

    fn write_piece(
        &self,
        writing: &mut Writing<'_>,
        old: &Brackets,
        made: Made,
        has_comma: bool,
    ) -> Option<()> {
        let comma = if has_comma { "," } else { "" };
        match made {
            Made::Of(it, splices) => {
                let piece = old.pieces.get(it)?;
                writing.above(&piece.above);
                writing.out += &self.with(piece.start, piece.end, splices)?;
                writing.out += comma;
                if let Some((start, end)) = piece.behind {
                    let width = (start - piece.end).saturating_sub(comma.len()).max(1);
                    // Without blanks to give, the comma that comes pushes the comment.
                    let is_close = self.text[piece.end..start].matches(' ').count() < 2;
                    writing.out += &" ".repeat(if is_close { 1 } else { width });
                    writing.out += &self.text[start..end];
                    writing.is_open = true;
                }
            }
            Made::Instead(_, text) | Made::New(text) => {
                writing.out += &text;
                writing.out += comma;
            }
        }
        Some(())
    }

    /// The end of a line with the indentation that the entries have.
    fn line_of(&self, old: &Brackets) -> String {
        let mut starts = old.pieces.iter().map(|it| it.start);
        let column = starts.find(|start| self.begins_line(*start)).map_or_else(
            || {
                let line = &self.text[self.line_start(old.start)..old.start];
                line.len() - line.trim_start().len() + self.step.max(2)
            },
            |start| self.column(start),
        );
        format!("{}{}", self.newline, " ".repeat(column))
    }
}

/// What stands in front of an entry that comes: it has its own line where all others have.
fn usual_gap(old: &Brackets, line: &str) -> String {
    let is_lined = |piece: &BracketEntry| piece.gap.contains('\n') || !piece.above.is_empty();
    let rest = usize::from(old.pieces.len() > 1);
    if old.pieces[rest..].iter().all(is_lined) {
        return line.to_owned();
    }
    let mut blanks = old.pieces[rest..].iter().map(|piece| &piece.gap);
    let is_blank = |gap: &&String| rest > 0 && gap.trim_matches(' ').is_empty();
    blanks
        .find(is_blank)
        .map_or_else(|| " ".to_owned(), Clone::clone)
}

/// Gaps one behind the other.
fn joined(parts: &[&str]) -> String {
    let mut out = String::new();
    for part in parts {
        if part.contains('\n') {
            out.truncate(out.trim_end().len());
        }
        out += part;
    }
    out
}

/// The comments in the gaps in front of entries that go. The gap in front of the first one stays anyway.
fn left(pieces: &[BracketEntry], from: usize, to: usize) -> Vec<&str> {
    let gone = pieces[from.max(1).min(to)..to].iter();
    let gaps = gone.map(|piece| piece.gap.as_str());
    gaps.filter(|gap| gap.contains('#')).collect()
}
