//! Entries of mappings that change, go and come.

use serde_json::{Map, Value};

use super::Refusal;
use super::splice::{Editor, Style, Within};
use super::write::{Around, entry, entry_lines};
use crate::text::Pointer;

type Fields = Map<String, Value>;

impl Editor<'_> {
    /// Makes one mapping of another one. They have a key in common.
    pub(super) fn mapping(
        &mut self,
        at: &Pointer,
        old: &Fields,
        new: &Fields,
        style: Style,
    ) -> Result<(), Refusal> {
        let around = around(style);
        for (key, value) in old {
            let Some(wanted) = new.get(key).filter(|wanted| *wanted != value) else {
                continue;
            };
            let at = at.key(key);
            let (start, end) = self.key(&at);
            let within = Within {
                around,
                behind: self.behind_colon(end).ok_or(Refusal::Layout(at.clone()))?,
                column: self.column(start),
                step: self.step,
            };
            self.change(&at, value, wanted, within)?;
        }
        self.remove_entries(at, old, new, style);
        self.add_entries(at, old, new, style);
        Ok(())
    }

    /// The place behind the colon of a key that ends here.
    fn behind_colon(&self, end: usize) -> Option<usize> {
        let rest = self.text.get(end..)?;
        let blanks = rest.len() - rest.trim_start().len();
        rest[blanks..].starts_with(':').then_some(end + blanks + 1)
    }

    fn remove_entries(&mut self, at: &Pointer, old: &Fields, new: &Fields, style: Style) {
        let keys: Vec<&String> = old.keys().collect();
        let stays = |key: &&String| new.contains_key(*key);
        let last = keys.iter().rposition(stays).unwrap_or_default();
        for (index, key) in keys.iter().enumerate().filter(|(_, key)| !stays(key)) {
            let here = at.key(key);
            let next = keys.get(index + 1).map(|key| self.key(&at.key(key)).0);
            match (style, next) {
                (Style::Flow, Some(next)) if index < last => {
                    self.splice(self.key(&here).0, next, "");
                }
                (Style::Flow, _) => {}
                (_, next) => self.remove_lines(&here, next),
            }
        }
        if style == Style::Flow && last + 1 < keys.len() {
            let end = |key: &String| self.end_of(&at.key(key));
            let (from, to) = (end(keys[last]), end(keys[keys.len() - 1]));
            self.splice(from, to, "");
        }
    }

    /// Removes an entry with the rest of its line.
    fn remove_lines(&mut self, at: &Pointer, next: Option<usize>) {
        let (start, end) = (self.key(at).0, self.end_of(at));
        if self.begins_line(start) {
            self.splice(self.line_start(start), self.next_line(end), "");
            return;
        }
        // The first entry of an item, behind its dash.
        match next {
            Some(next) if self.text[end..next].trim().is_empty() => self.splice(start, next, ""),
            _ => {
                let from = self.text[..start].trim_end().len();
                self.splice(from, self.line_end(end), "");
            }
        }
    }

    /// The end of an entry: of its value, or of its key and colon where it has none.
    fn end_of(&self, at: &Pointer) -> usize {
        let (value, key) = (self.value(at).1, self.key(at).1);
        if value > key {
            value
        } else {
            self.behind_colon(key).unwrap_or(key)
        }
    }

    /// Adds what is new, each entry behind the one that precedes it.
    fn add_entries(&mut self, at: &Pointer, old: &Fields, new: &Fields, style: Style) {
        let mut before: Option<&String> = None;
        for (key, value) in new {
            if old.contains_key(key) {
                before = Some(key);
                continue;
            }
            let first = new.keys().find(|key| old.contains_key(*key));
            let (neighbor, is_behind) = match (before, first) {
                (Some(before), _) => (before, true),
                (None, Some(first)) => (first, false),
                (None, None) => continue,
            };
            self.add_entry(&at.key(neighbor), is_behind, (key, value), style);
        }
    }

    fn add_entry(&mut self, beside: &Pointer, behind: bool, new: (&str, &Value), style: Style) {
        let (start, end) = (self.key(beside).0, self.end_of(beside));
        let (key, value) = new;
        if style == Style::Flow {
            let text = entry(key, value);
            if behind {
                self.splice(end, end, format!(", {text}"));
            } else {
                self.splice(start, start, format!("{text}, "));
            }
            return;
        }
        let column = self.column(start);
        let text = self.joined(&entry_lines(key, value, column, self.step));
        let (newline, indent) = (self.newline, " ".repeat(column));
        if behind {
            let line = self.line_end(end);
            self.splice(line, line, format!("{newline}{indent}{text}"));
        } else {
            self.splice(start, start, format!("{text}{newline}{indent}"));
        }
    }
}

/// What stands around the entries of a collection.
pub(super) const fn around(style: Style) -> Around {
    match style {
        Style::Flow => Around::Flow,
        _ => Around::Block,
    }
}
