//! One value in the place of another one.

use serde_json::Value;

use super::EditRefusal;
use super::splice::{Editor, Style, Within};
use super::write::{Around, block_lines, indented, inline, is_tall, literal, quoted, text_inline};
use crate::text::Pointer;

impl Editor<'_> {
    /// Makes one value of another one, as little of the text as that takes.
    pub(super) fn change(
        &mut self,
        at: &Pointer,
        old: &Value,
        new: &Value,
        within: Within,
    ) -> Result<(), EditRefusal> {
        if old == new {
            return Ok(());
        }
        let is_text = old.is_string() && self.header(within, self.value(at).0).is_some();
        let style = if is_text {
            Style::BlockText
        } else {
            self.style(at, old)
        };
        match (style, old, new) {
            (Style::Alias, ..) if new.is_object() || new.is_array() => {
                Err(EditRefusal::Alias(at.clone()))
            }
            (Style::Flow | Style::Block, Value::Object(before), Value::Object(after))
                if after.keys().any(|key| before.contains_key(key)) =>
            {
                self.mapping(at, before, after, style)
            }
            (Style::Flow | Style::Block, Value::Array(before), Value::Array(after))
                if !before.is_empty() && !after.is_empty() =>
            {
                self.list(at, before, after, style)
            }
            _ => {
                self.replace(at, style, new, within);
                Ok(())
            }
        }
    }

    fn replace(&mut self, at: &Pointer, style: Style, new: &Value, within: Within) {
        let is_inline = within.around == Around::Flow
            || (style == Style::Flow && (new.is_object() || new.is_array()))
            || (style != Style::Block && is_small(new))
            || !is_tall(new);
        match new {
            Value::String(text) if within.around == Around::Block => {
                self.replace_by_text(at, style, text, within);
            }
            _ if is_inline => {
                let text = match new {
                    Value::String(text) => self.in_quotes_of(at, text, within.around),
                    other => inline(other, within.around),
                };
                self.put(at, style, &text, &[], within);
            }
            _ => self.replace_by_lines(at, style, new, within),
        }
    }

    /// A text in the place of anything.
    fn replace_by_text(&mut self, at: &Pointer, style: Style, text: &str, within: Within) {
        let (start, end) = self.value(at);
        let written = &self.text[start..end];
        let is_quoted = style == Style::Scalar && written.starts_with(['"', '\'']);
        let header = self.header(within, start);
        let is_folded = header.is_some_and(|(at, _)| self.text[at..].starts_with('>'));
        let indent = match style {
            Style::BlockText => self.column(start),
            _ => within.column + within.step,
        };
        if let Some((header, lines)) = literal(text).filter(|_| !is_quoted) {
            let lines: Vec<_> = lines.iter().map(|line| indented(line, indent)).collect();
            self.put(at, style, &header, &lines, within);
        } else if let Some(header) = folded_header(text).filter(|_| is_folded) {
            let line = indented(text.trim_end_matches('\n'), indent);
            self.put(at, style, header, &[line], within);
        } else {
            let text = self.in_quotes_of(at, text, within.around);
            self.put(at, style, &text, &[], within);
        }
    }

    /// A text in the quotes of what it replaces, where it can be.
    fn in_quotes_of(&self, at: &Pointer, text: &str, around: Around) -> String {
        let (start, end) = self.value(at);
        let written = self.text.get(start..end).unwrap_or_default();
        // Single quotes around double ones are how `fmt` writes them; around anything else they are the author's.
        let is_authors = !written.contains('"');
        match written.chars().next() {
            Some('\'')
                if is_authors && quoted(text) == format!("\"{text}\"") && !text.contains('\'') =>
            {
                format!("'{text}'")
            }
            Some('"' | '\'') => quoted(text),
            _ => text_inline(text, around),
        }
    }

    /// A mapping or a list in lines of its own.
    fn replace_by_lines(&mut self, at: &Pointer, style: Style, new: &Value, within: Within) {
        let (start, end) = self.value(at);
        let is_behind_dash = self.is_item(at) && self.comment_behind(end).is_none();
        match style {
            Style::Block => {
                let lines = block_lines(new, self.column(start), self.step);
                self.splice(start, self.line_end(end), self.joined(&lines));
            }
            Style::Empty | Style::Scalar | Style::Alias if is_behind_dash => {
                let lines = block_lines(new, within.column + 2, self.step);
                let text = self.joined(&lines);
                let end = self.end_with_blanks(end.max(within.behind));
                self.splice(within.behind, end, format!(" {text}"));
            }
            _ => {
                let indent = within.column + within.step;
                let mut lines = block_lines(new, indent, self.step);
                if let Some(first) = lines.first_mut() {
                    *first = indented(first, indent);
                }
                self.put(at, style, "", &lines, within);
            }
        }
    }

    fn is_item(&self, at: &Pointer) -> bool {
        self.key(at) == self.value(at)
            && at
                .steps()
                .last()
                .is_some_and(|it| it.parse::<usize>().is_ok())
    }

    /// Puts a text behind a key, with lines below it. A comment behind the key stays there.
    fn put(&mut self, at: &Pointer, style: Style, head: &str, below: &[String], within: Within) {
        let (start, end) = match style {
            Style::Empty => (within.behind, within.behind),
            _ => self.value(at),
        };
        let below = below.iter().fold(String::new(), |mut out, line| {
            out.push_str(self.newline);
            out + line
        });
        let spaced = if head.is_empty() {
            String::new()
        } else {
            format!(" {head}")
        };
        match style {
            Style::Block => self.put_for_block((start, end), &spaced, &below, within),
            Style::BlockText => {
                let Some((from, behind)) = self.header(within, start) else {
                    return;
                };
                let comment = self.text[behind..self.line_end(behind)].trim_end();
                let from = self.text[..from].trim_end().len();
                // Blanks at the end of its last line are part of the text.
                let end = self.end_with_blanks(end);
                self.splice(from, end, format!("{spaced}{comment}{below}"));
            }
            _ if below.is_empty() && style == Style::Empty => self.splice(start, end, spaced),
            _ if below.is_empty() => self.splice(start, end, head),
            _ => {
                if style == Style::Empty || head.is_empty() {
                    self.splice(within.behind, end, spaced);
                } else {
                    self.splice(start, end, head);
                }
                let line = self.line_end(end);
                self.splice(line, line, below);
            }
        }
    }

    /// Puts something behind a key in the place of entries that have lines.
    fn put_for_block(&mut self, at: (usize, usize), spaced: &str, below: &str, within: Within) {
        let (start, end) = at;
        let gap = &self.text[within.behind..start];
        if gap.trim().is_empty() {
            let end = if below.is_empty() {
                self.end_with_blanks(end)
            } else {
                self.line_end(end)
            };
            self.splice(within.behind, end, format!("{spaced}{below}"));
            return;
        }
        self.splice(within.behind, within.behind, spaced);
        // Comments would be read as text in a text of several lines.
        let before = match below {
            "" => self.line_end(self.text[..start].trim_end().len()),
            _ => self.line_end(within.behind),
        };
        self.splice(before, self.line_end(end), below);
    }
}

/// Whether a list or mapping is as small as a reference, and fits behind its key in the place of a scalar.
fn is_small(value: &Value) -> bool {
    let is_flat = |value: &Value| !value.is_object() && !value.is_array();
    let is_flat = match value {
        Value::Object(fields) => fields.len() == 1 && fields.values().all(is_flat),
        Value::Array(items) => items.iter().all(is_flat),
        _ => return false,
    };
    is_flat && inline(value, Around::Flow).len() <= SMALL
}

/// How long a small list or mapping is on one line.
const SMALL: usize = 60;

/// The header of a folded block for a text of one line.
fn folded_header(text: &str) -> Option<&'static str> {
    let content = text.trim_end_matches('\n');
    let is_one_line = !content.contains('\n') && content.trim() == content && !content.is_empty();
    match text.len() - content.len() {
        _ if !is_one_line || quoted(content).contains('\\') => None,
        0 => Some(">-"),
        1 => Some(">"),
        _ => None,
    }
}
