//! Values as YAML: on one line, or on lines of their own.
//!
//! A text is plain where every reader takes it for that text, else in double quotes with what is hidden as escapes; the
//! layout is that of `fmt`.

use serde_json::Value;

use crate::text::safe::{quoted_yaml, screen};
use crate::text::{FileId, Limits, yaml};

/// Where a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    /// In lines of its own, or behind a key.
    Block,
    /// In brackets.
    Flow,
}

/// A value on one line.
pub(super) fn inline(value: &Value, around: Around) -> String {
    match value {
        Value::String(text) => text_inline(text, around),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Array(items) => {
            let items = items.iter().map(|item| inline(item, Around::Flow));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| entry(key, value));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// An entry of a mapping in brackets.
pub(super) fn entry(key: &str, value: &Value) -> String {
    let key = text_inline(key, Around::Flow);
    format!("{key}: {}", inline(value, Around::Flow))
}

/// Whether a value has lines of its own in a block.
pub(super) fn is_tall(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::String(text) => literal(text).is_some(),
        _ => false,
    }
}

/// An entry of a mapping in lines, the first of them without its indentation.
pub(super) fn entry_lines(key: &str, value: &Value, indent: usize, step: usize) -> Vec<String> {
    let key = text_inline(key, Around::Block);
    let mut out = Vec::new();
    match value {
        Value::String(text) if let Some((header, body)) = literal(text) => {
            out.push(format!("{key}: {header}"));
            out.extend(body.iter().map(|line| indented(line, indent + step)));
        }
        value if is_tall(value) => {
            out.push(format!("{key}:"));
            let below = block_lines(value, indent + step, step);
            out.extend(indented_first(below, indent + step));
        }
        value => out.push(format!("{key}: {}", inline(value, Around::Block))),
    }
    out
}

/// An item of a list in lines, the first of them without its indentation.
pub(super) fn item_lines(value: &Value, indent: usize, step: usize) -> Vec<String> {
    let mut below = match value {
        Value::String(text) if let Some((header, body)) = literal(text) => {
            let body = body.iter().map(|line| indented(line, indent + 2));
            std::iter::once(header).chain(body).collect()
        }
        value => block_lines(value, indent + 2, step),
    };
    if let Some(first) = below.first_mut() {
        first.insert_str(0, "- ");
    }
    below
}

/// A value in lines, the first of them without its indentation.
pub(super) fn block_lines(value: &Value, indent: usize, step: usize) -> Vec<String> {
    let lines: Vec<Vec<String>> = match value {
        Value::Object(fields) if !fields.is_empty() => fields
            .iter()
            .map(|(key, value)| entry_lines(key, value, indent, step))
            .collect(),
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .map(|item| item_lines(item, indent, step))
            .collect(),
        other => vec![vec![inline(other, Around::Block)]],
    };
    let mut out = Vec::new();
    for (at, lines) in lines.into_iter().enumerate() {
        if at == 0 {
            out.extend(lines);
        } else {
            out.extend(indented_first(lines, indent));
        }
    }
    out
}

fn indented_first(mut lines: Vec<String>, indent: usize) -> Vec<String> {
    if let Some(first) = lines.first_mut() {
        first.insert_str(0, &" ".repeat(indent));
    }
    lines
}

pub(super) fn indented(line: &str, indent: usize) -> String {
    if line.is_empty() {
        String::new()
    } else {
        format!("{}{line}", " ".repeat(indent))
    }
}

/// A text of several lines as a literal block: its header and its lines. `None` where a block would not hold it, or
/// would hide something of it.
pub(super) fn literal(text: &str) -> Option<(String, Vec<String>)> {
    let content = text.trim_end_matches('\n');
    let is_plain = |line: &str| line.trim_end() == line && !line.contains(['\t', '\r']);
    let first = content.split('\n').next().unwrap_or_default();
    if !content.contains('\n')
        || first.is_empty()
        || first.starts_with(' ')
        || !content.split('\n').all(is_plain)
        || screen(text, false) != text
    {
        return None;
    }
    let header = match text.len() - content.len() {
        0 => "|-",
        1 => "|",
        _ => return None,
    };
    Some((
        header.to_owned(),
        content.split('\n').map(str::to_owned).collect(),
    ))
}

/// A text on one line.
pub(super) fn text_inline(text: &str, around: Around) -> String {
    if is_plain(text, around) {
        return text.to_owned();
    }
    quoted(text)
}

/// A text in quotes: double ones, but around a text that has double quotes and nothing to escape.
pub(super) fn quoted(text: &str) -> String {
    let is_visible = !text.contains('\n') && screen(text, false) == text;
    if is_visible && text.contains('"') && !text.contains(['\'', '\\']) {
        return format!("'{text}'");
    }
    quoted_yaml(text)
}

/// Whether every reader takes a text without quotes for that text.
fn is_plain(text: &str, around: Around) -> bool {
    let alone = serde_yaml::to_string(text).unwrap_or_default();
    if alone.strip_suffix('\n') != Some(text) || screen(text, false) != text {
        return false;
    }
    if around == Around::Flow && text.contains([',', '[', ']', '{', '}']) {
        return false;
    }
    let written = match around {
        Around::Block => format!("- {text} # c\n"),
        Around::Flow => format!("[{text}]\n"),
    };
    let (documents, problems) = yaml::parse(FileId(0), &written, &Limits::default());
    let read = documents.first().and_then(|it| it.value.get(0)?.as_str());
    problems.is_empty() && read == Some(text)
}
