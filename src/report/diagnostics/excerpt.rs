//! The lines of a file that a complaint is shown on: few of them, and none too long.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diag::Texts;
use crate::project::Planted;
use crate::text::{FileId, Position, Span};

/// How many lines may lie between two marks of one excerpt; the renderer folds what is in between.
const NEAR_LINES: u32 = 12;
/// The longest line that is shown whole, in bytes.
const LONGEST_LINE: usize = 160;
/// What is kept of a longer one around its first mark, in bytes.
const KEPT_BEFORE: usize = 40;
const KEPT_BEHIND: usize = 100;
/// What stands where the end of a line was cut off.
const CUT: &str = "...";
/// How many blanks replace the start of a line that was cut off: enough for the renderer to draw an ellipsis.
const BLANKS: usize = 80;
/// How much of a line around what is shown of it is searched for secrets, in bytes.
const SEARCHED: usize = 8 * 1024;

/// Some lines of a file with marks in them.
pub(super) struct Excerpt<'a> {
    /// The lines, long ones cut.
    pub(super) source: String,
    /// The number of the first line.
    pub(super) line_start: usize,
    /// The path of the file.
    pub(super) path: String,
    /// The marks.
    pub(super) marks: Vec<Mark<'a>>,
    /// How many characters are missing at the start of lines, by their numbers: the renderer knows nothing of them.
    pub(super) missing: BTreeMap<usize, usize>,
    file: FileId,
    lines: Vec<(u32, Span, Option<&'a str>)>,
}

/// A range of the excerpt.
pub(super) struct Mark<'a> {
    pub(super) range: Range<usize>,
    pub(super) label: Option<&'a str>,
    pub(super) primary: bool,
}

/// The secrets of the files that excerpts were made of.
pub(super) type ExcerptSecrets = BTreeMap<FileId, Planted>;

/// The excerpt of a complaint and those of its labels; labels close by share an excerpt.
pub(super) fn excerpts<'a>(
    texts: &Texts,
    secrets: &mut ExcerptSecrets,
    primary: (FileId, Span),
    labels: impl Iterator<Item = (FileId, Span, &'a str)>,
) -> Vec<Excerpt<'a>> {
    let (file, span) = primary;
    let mut excerpts = vec![Excerpt::new(texts, file, span, None)];
    for (file, span, label) in labels {
        let line = texts.sources.position(file, span.start).line;
        let near = |excerpt: &&mut Excerpt<'_>| {
            excerpt.file == file
                && excerpt
                    .lines
                    .iter()
                    .all(|(other, ..)| other.abs_diff(line) <= NEAR_LINES)
        };
        match excerpts.iter_mut().find(near) {
            Some(excerpt) => excerpt.lines.push((line, span, Some(label))),
            None => excerpts.push(Excerpt::new(texts, file, span, Some(label))),
        }
    }
    for (index, excerpt) in excerpts.iter_mut().enumerate() {
        let planted = secrets.entry(excerpt.file).or_insert_with(|| {
            let text = texts.sources.get(excerpt.file).text.as_str();
            Planted::in_file(&excerpt.path, text)
        });
        excerpt.fill(texts, planted, index == 0);
    }
    excerpts
}

impl<'a> Excerpt<'a> {
    fn new(texts: &Texts, file: FileId, span: Span, label: Option<&'a str>) -> Self {
        let Position {
            file: path, line, ..
        } = texts.sources.position(file, span.start);
        let lines = vec![(line, span, label)];
        Self {
            source: String::new(),
            line_start: 0,
            path,
            marks: Vec::new(),
            missing: BTreeMap::new(),
            file,
            lines,
        }
    }

    /// Copies the lines from the first mark's to the last one's.
    fn fill(&mut self, texts: &Texts, planted: &Planted, primary: bool) {
        let starts = || self.lines.iter().map(|(_, span, _)| span.start);
        let first = starts().min().unwrap_or_default();
        let last = starts().max().unwrap_or_default() as usize;
        self.line_start = texts.sources.position(self.file, first).line as usize;
        let line_around = |at| texts.sources.line_around(self.file, at);
        let end = line_around(last).end;
        let mut at = line_around(first as usize).start;
        let mut number = self.line_start;
        while at <= end {
            let line = texts.sources.line_around(self.file, at);
            at = line.end + 1;
            self.push_line((texts, planted), line, number, primary);
            number += 1;
        }
    }

    fn push_line(
        &mut self,
        (texts, planted): (&Texts, &Planted),
        line: Range<usize>,
        number: usize,
        primary: bool,
    ) {
        let text = texts.sources.get(self.file).text.as_str();
        let content = text[line.clone()].trim_end_matches('\r');
        let line = line.start..line.start + content.len();
        let marked: Vec<_> = (self.lines.iter().enumerate())
            .filter(|(_, (_, span, _))| (line.start..=line.end).contains(&(span.start as usize)))
            .map(|(index, (_, span, label))| (index, clip(text, &line, *span), *label))
            .collect();
        let kept = kept(text, &line, marked.first().map(|(_, span, _)| span.start));
        // The renderer counts columns in what it is given, and it draws a common indentation as an ellipsis.
        let cut = texts.sources.characters(self.file, line.start..kept.start);
        let blanks = cut.min(BLANKS);
        if cut > blanks {
            self.missing.insert(number, cut - blanks);
        }
        self.source.extend(std::iter::repeat_n(' ', blanks));
        let offset = self.source.len();
        let place = |at: usize| offset + at.clamp(kept.start, kept.end) - kept.start;
        for (index, span, label) in marked {
            let range = place(span.start)..place(span.end);
            self.marks.push(Mark {
                range,
                label,
                primary: primary && index == 0,
            });
        }
        let around = around(text, &line, &kept);
        let shown = planted.masked(&text[around.clone()], around.start);
        self.source
            .push_str(&shown[kept.start - around.start..kept.end - around.start]);
        if kept.end < line.end {
            self.source.push_str(CUT);
        }
        self.source.push('\n');
    }
}

/// A span up to the end of its first line: a caret under one line says where, a frame around many hides it.
fn clip(text: &str, line: &Range<usize>, span: Span) -> Range<usize> {
    let start = (span.start as usize).min(text.len());
    let end = (span.end as usize).clamp(start, line.end.max(start));
    start..start + text[start..end].trim_end().len()
}

/// What of a line is searched for the secrets in a part of it.
fn around(text: &str, line: &Range<usize>, kept: &Range<usize>) -> Range<usize> {
    let mut start = kept.start.saturating_sub(SEARCHED).max(line.start);
    let mut end = kept.end.saturating_add(SEARCHED).min(line.end);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// What is shown of a line: all of it, or a window around its mark.
fn kept(text: &str, line: &Range<usize>, mark: Option<usize>) -> Range<usize> {
    if line.len() <= LONGEST_LINE {
        return line.clone();
    }
    let mark = mark.unwrap_or(line.start);
    let mut start = mark.saturating_sub(KEPT_BEFORE).max(line.start);
    let mut end = mark.saturating_add(KEPT_BEHIND).min(line.end);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}
