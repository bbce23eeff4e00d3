//! Entries of mappings that change, go and come.

use serde_json::{Map, Value};

use super::EditRefusal;
use super::lines::{Extent, Made};
use super::splice::{Editor, Style, Within};
use super::write::{Around, entry, entry_lines};
use crate::text::Pointer;

type MappingFields = Map<String, Value>;

impl Editor<'_> {
    /// Makes one mapping of another one. They have a key in common.
    pub(super) fn mapping(
        &mut self,
        at: &Pointer,
        old: &MappingFields,
        new: &MappingFields,
        style: Style,
    ) -> Result<(), EditRefusal> {
        let is_kept = old.keys().all(|key| new.contains_key(key)) && old.len() == new.len();
        if is_kept {
            for (key, value) in old {
                self.change_entry(&at.key(key), value, &new[key], style)?;
            }
            return Ok(());
        }
        let places: Vec<Pointer> = old.keys().map(|key| at.key(key)).collect();
        if style == Style::Flow {
            let ends: Vec<usize> = places.iter().map(|place| self.end_of(place)).collect();
            let brackets = self.brackets(at, &ends)?;
            let made = self.entries(at, (old, new), style, &|key, value| entry(key, value))?;
            return self.rebuild_brackets(at, &brackets, made);
        }
        let extents = places.iter().zip(old.values()).map(|(place, value)| {
            let is_tall = self.style(place, value) == Style::Block;
            Extent {
                start: self.key_start(place),
                end: self.end_of(place),
                inner: is_tall.then(|| self.column(self.value(place).0)),
            }
        });
        let extents: Vec<Extent> = extents.collect();
        let lines = self.lines(at, &extents)?;
        let column = extents.first().map_or(0, |first| self.column(first.start));
        let (newline, step) = (self.newline, self.step);
        let text =
            move |key: &str, value: &Value| entry_lines(key, value, column, step).join(newline);
        let made = self.entries(at, (old, new), style, &text)?;
        self.rebuild_lines(at, &lines, column, made)
    }

    /// What the entries are made of: those that stay in their order, each new one behind the one that precedes it.
    fn entries(
        &mut self,
        at: &Pointer,
        (old, new): (&MappingFields, &MappingFields),
        style: Style,
        text: &dyn Fn(&str, &Value) -> String,
    ) -> Result<Vec<Made>, EditRefusal> {
        let mut made = Vec::with_capacity(new.len());
        let come = |behind: Option<&String>| {
            let from = behind.map_or(0, |key| {
                new.keys().position(|it| it == key).map_or(0, |at| at + 1)
            });
            let come = new
                .iter()
                .skip(from)
                .take_while(|(key, _)| !old.contains_key(*key));
            come.map(|(key, value)| Made::New(text(key, value)))
                .collect::<Vec<_>>()
        };
        made.extend(come(None));
        for (index, (key, value)) in old.iter().enumerate() {
            if let Some(wanted) = new.get(key) {
                let pieces =
                    self.aside(|it| it.change_entry(&at.key(key), value, wanted, style))?;
                made.push(Made::Of(index, pieces));
                made.extend(come(Some(key)));
            }
        }
        Ok(made)
    }

    fn change_entry(
        &mut self,
        at: &Pointer,
        old: &Value,
        new: &Value,
        style: Style,
    ) -> Result<(), EditRefusal> {
        if old == new {
            return Ok(());
        }
        let (start, end) = self.key(at);
        let within = Within {
            around: around(style),
            behind: self
                .behind_colon(end)
                .ok_or(EditRefusal::Layout(at.clone()))?,
            column: self.column(start),
            step: self.step,
        };
        self.change(at, old, new, within)
    }

    /// Where an entry begins: at its key, or at the question mark, the anchor or the tag in front of it on its line.
    fn key_start(&self, at: &Pointer) -> usize {
        let key = self.key(at).0;
        let line = self.line_start(key);
        let before = &self.text[line..key];
        let first = line + before.len() - before.trim_start().len();
        match before.trim_start().chars().next() {
            Some('?' | '&' | '!') => first,
            _ => key,
        }
    }

    /// The place behind the colon of a key that ends here.
    fn behind_colon(&self, end: usize) -> Option<usize> {
        let rest = self.text.get(end..)?;
        let blanks = rest.len() - rest.trim_start().len();
        rest[blanks..].starts_with(':').then_some(end + blanks + 1)
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
}

/// What stands around the entries of a collection.
pub(super) const fn around(style: Style) -> Around {
    match style {
        Style::Flow => Around::Flow,
        _ => Around::Block,
    }
}
