//! The text with the pieces that replace others, and where things are in it.

use serde_json::Value;

use super::EditRefusal;
use super::write::Around;
use crate::text::Pointer;
use crate::text::yaml::{Document, EntryHalf};

/// A text that is being changed.
pub(super) struct Editor<'t> {
    pub(super) text: &'t str,
    document: &'t Document,
    /// What ends a line.
    pub(super) newline: &'static str,
    /// How much deeper each level is indented.
    pub(super) step: usize,
    splices: Vec<Splice>,
}

/// One piece of the text that becomes another one.
pub(super) struct Splice {
    start: usize,
    end: usize,
    text: String,
}

/// How a value is written now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Not at all, as in `key:`.
    Empty,
    /// As an alias of an anchor.
    Alias,
    /// In brackets.
    Flow,
    /// As entries or items in lines.
    Block,
    /// As text in lines behind `|` or `>`.
    BlockText,
    /// As one scalar.
    Scalar,
}

/// The entry that a value belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Within {
    /// What stands around the entry.
    pub(super) around: Around,
    /// Where the value may begin: behind the colon or the dash.
    pub(super) behind: usize,
    /// The column of the key or the dash.
    pub(super) column: usize,
    /// How much deeper the value's own lines are.
    pub(super) step: usize,
}

impl<'t> Editor<'t> {
    pub(super) fn new(text: &'t str, document: &'t Document) -> Self {
        let first = text.find('\n');
        let has_returns = first.is_some_and(|at| text[..at].ends_with('\r'));
        let mut editor = Self {
            text,
            document,
            newline: if has_returns { "\r\n" } else { "\n" },
            step: 2,
            splices: Vec::new(),
        };
        editor.step = editor.usual_step();
        editor
    }

    /// How deep the first mapping below the root is indented.
    fn usual_step(&self) -> usize {
        let fields = self.document.value.as_object().into_iter().flatten();
        let below = fields.filter_map(|(key, value)| {
            let at = Pointer::root().key(key);
            let first = value.as_object()?.keys().next()?;
            let is_block = self.style(&at, value) == Style::Block;
            is_block.then(|| self.column(self.key(&at.key(first)).0))
        });
        below
            .into_iter()
            .find(|step| (1..=8).contains(step))
            .unwrap_or(2)
    }

    pub(super) fn change_root(&mut self, new: &Value) -> Result<(), EditRefusal> {
        let document = self.document;
        let within = Within {
            around: Around::Block,
            behind: self.value(&Pointer::root()).0,
            column: 0,
            step: 0,
        };
        self.change(&Pointer::root(), &document.value, new, within)
    }

    pub(super) fn splice(&mut self, start: usize, end: usize, text: impl Into<String>) {
        let text = text.into();
        self.splices.push(Splice { start, end, text });
    }

    /// The text with all pieces in their places; `None` where they overlap.
    pub(super) fn finish(mut self) -> Option<String> {
        let splices = std::mem::take(&mut self.splices);
        self.with(0, self.text.len(), splices)
    }

    /// Runs a change, and returns its pieces instead of putting them into the text.
    pub(super) fn aside(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<(), EditRefusal>,
    ) -> Result<Vec<Splice>, EditRefusal> {
        let before = self.splices.len();
        change(self)?;
        Ok(self.splices.split_off(before))
    }

    /// A stretch of the text with pieces in their places; `None` where they overlap or lie outside of it.
    pub(super) fn with(
        &self,
        start: usize,
        end: usize,
        mut splices: Vec<Splice>,
    ) -> Option<String> {
        splices.sort_by_key(|it| (it.start, it.end));
        let gaps = self.columns_of_comments(&splices, end);
        splices.extend(gaps);
        splices.sort_by_key(|it| (it.start, it.end));
        let (mut out, mut at) = (String::with_capacity(end - start), start);
        for splice in &splices {
            out.push_str(self.text.get(at..splice.start)?);
            out.push_str(&splice.text);
            at = splice.end;
        }
        out.push_str(self.text.get(at..end)?);
        Some(out)
    }

    /// Leaves comments behind changed values in their columns, where several blanks are in front of them: an author who
    /// aligned comments wants them aligned.
    fn columns_of_comments(&self, splices: &[Splice], until: usize) -> Vec<Splice> {
        let is_within_line =
            |it: &Splice| !it.text.contains('\n') && !self.text[it.start..it.end].contains('\n');
        let lines = splices.chunk_by(|a, b| self.line_start(a.start) == self.line_start(b.start));
        let gaps = lines.filter_map(|line| {
            let last = line.last().filter(|_| line.iter().all(is_within_line))?;
            let (start, end) = self.gap_behind(last.end).filter(|gap| gap.1 <= until)?;
            let old = line.iter().map(|it| &self.text[it.start..it.end]);
            let old: usize = old.map(|it| it.chars().count()).sum();
            let new: usize = line.iter().map(|it| it.text.chars().count()).sum();
            let blanks = (end - start + old).saturating_sub(new).max(1);
            let text = " ".repeat(blanks);
            Some(Splice { start, end, text })
        });
        gaps.collect()
    }

    /// The blanks in front of the comment that ends a line, behind a place and the brackets that close there: two or more.
    fn gap_behind(&self, at: usize) -> Option<(usize, usize)> {
        let rest = &self.text[at..self.line_end(at)];
        let inside = rest.trim_start_matches([' ', ']', '}']);
        let before = &rest[..rest.len() - inside.len()];
        let blanks = before.len() - before.trim_end_matches(' ').len();
        let end = at + before.len();
        (inside.starts_with('#') && blanks > 1).then_some((end - blanks, end))
    }

    /// The end of a value with the blanks behind it, where nothing else is on its line.
    pub(super) fn end_with_blanks(&self, end: usize) -> usize {
        let line = self.line_end(end);
        if self.text[end..line].trim().is_empty() {
            line
        } else {
            end
        }
    }

    /// The bytes of a value.
    pub(super) fn value(&self, at: &Pointer) -> (usize, usize) {
        let span = self.document.span(at, EntryHalf::Value);
        (span.start as usize, span.end as usize)
    }

    /// The bytes of a key.
    pub(super) fn key(&self, at: &Pointer) -> (usize, usize) {
        let span = self.document.span(at, EntryHalf::Key);
        (span.start as usize, span.end as usize)
    }

    /// How a value is written.
    pub(super) fn style(&self, at: &Pointer, value: &Value) -> Style {
        let (start, end) = self.value(at);
        let is_keyed = at.parent().is_some();
        let first = self.text.get(start..end).and_then(|it| it.chars().next());
        match (first, value) {
            (None, _) => Style::Empty,
            (_, Value::Null) if is_keyed && self.is_behind_nothing(at) => Style::Empty,
            (Some('*'), _) => Style::Alias,
            (Some('{' | '['), Value::Object(_) | Value::Array(_)) => Style::Flow,
            (_, Value::Object(_) | Value::Array(_)) => Style::Block,
            _ => Style::Scalar,
        }
    }

    /// The header of a text in lines that begins here: from its `|` or `>` to the end of its line, and where the comment
    /// in it begins.
    pub(super) fn header(&self, within: Within, start: usize) -> Option<(usize, usize)> {
        let gap = self.text.get(within.behind..start)?;
        let line = gap
            .split('\n')
            .next()
            .filter(|line| line.len() < gap.len())?;
        let code = line.find(" #").map_or(line, |at| &line[..at]).trim_end();
        let last = code.rfind([' ', '\t']).map_or(0, |at| at + 1);
        let is_header = code[last..].starts_with(['|', '>']);
        is_header.then_some((within.behind + last, within.behind + code.len()))
    }

    /// Whether a key has no value behind it: its place is that of the key then.
    fn is_behind_nothing(&self, at: &Pointer) -> bool {
        let is_item = at
            .parent()
            .and_then(|it| it.get(&self.document.value).map(Value::is_array));
        is_item != Some(true) && self.value(at) == self.key(at)
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |found| found + 1)
    }

    /// The end of a line without what ends it.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        let end = rest.find('\n').map_or(self.text.len(), |found| at + found);
        at + self.text[at..end].trim_end_matches('\r').len()
    }

    /// The start of the next line.
    pub(super) fn next_line(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        rest.find('\n')
            .map_or(self.text.len(), |found| at + found + 1)
    }

    pub(super) fn column(&self, at: usize) -> usize {
        at - self.line_start(at)
    }

    /// Whether only blanks are in front of a place on its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        self.text[self.line_start(at)..at].trim().is_empty()
    }

    /// The rest of a line, when it is a comment.
    pub(super) fn comment_behind(&self, at: usize) -> Option<&'t str> {
        let rest = self.text[at..self.line_end(at)].trim();
        rest.starts_with('#').then_some(rest)
    }

    /// Lines of YAML as they are ended in this text.
    pub(super) fn joined(&self, lines: &[String]) -> String {
        lines.join(self.newline)
    }
}
