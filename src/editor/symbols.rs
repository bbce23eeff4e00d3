//! The outline of a file: its manifests with their fields, and what of them is long enough to fold.

use serde_json::Value;

use super::lines::Lines;
use super::subject::{key_of, kind_of};
use crate::text::{Document, Part, Pointer, Span};

/// One entry of an outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// What it is called.
    pub name: String,
    /// What else there is to say.
    pub detail: String,
    /// Whether it is a manifest.
    pub is_manifest: bool,
    /// All of it.
    pub whole: Span,
    /// Its name.
    pub head: Span,
    /// What is in it.
    pub children: Vec<Self>,
}

/// The outline of some documents.
#[must_use]
pub fn symbols(text: &str, documents: &[Document]) -> Vec<Symbol> {
    documents
        .iter()
        .map(|document| manifest(text, document))
        .collect()
}

fn manifest(text: &str, document: &Document) -> Symbol {
    let root = trimmed(text, document.span(&Pointer::root(), Part::Value));
    let (name, head) = match key_of(document) {
        Some(key) => {
            let pointer = Pointer::from("/metadata/name");
            (
                key.name.as_str().to_owned(),
                document.span(&pointer, Part::Value),
            )
        }
        None => (
            "(no name)".to_owned(),
            Span {
                end: root.start,
                ..root
            },
        ),
    };
    let display_name = document.value.pointer("/spec/displayName");
    let kind = kind_of(document).map_or("", |kind| kind.name());
    let detail = match display_name.and_then(Value::as_str) {
        Some(display_name) => format!("{kind}, {display_name}"),
        None => kind.to_owned(),
    };
    Symbol {
        name,
        detail,
        is_manifest: true,
        whole: around(root, head),
        head,
        children: fields(text, document, &Pointer::from("/spec")),
    }
}

fn fields(text: &str, document: &Document, at: &Pointer) -> Vec<Symbol> {
    let fields = at.get(&document.value).and_then(Value::as_object);
    let fields = fields.into_iter().flatten();
    let symbol = |(key, value): (&String, &Value)| {
        let pointer = at.key(key);
        let head = document.span(&pointer, Part::Key);
        let whole = trimmed(text, document.span(&pointer, Part::Value));
        Symbol {
            name: key.clone(),
            detail: shown(value),
            is_manifest: false,
            whole: around(whole, head),
            head,
            children: Vec::new(),
        }
    };
    fields.map(symbol).collect()
}

/// A value in a word or two; nothing for one of many lines.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) | Value::Null => String::new(),
        other => other.to_string(),
    };
    if text.contains('\n') || text.chars().count() > 60 {
        return String::new();
    }
    text
}

/// The smallest span around two.
fn around(one: Span, other: Span) -> Span {
    Span {
        start: one.start.min(other.start),
        end: one.end.max(other.end),
    }
}

/// A span without the white space and the comments at its end.
pub(super) fn trimmed(text: &str, span: Span) -> Span {
    let mut slice = text
        .get(span.start as usize..span.end as usize)
        .unwrap_or_default();
    loop {
        slice = slice.trim_end();
        match slice.rfind('\n') {
            Some(at) if slice[at + 1..].trim_start().starts_with('#') => slice = &slice[..at],
            _ => break,
        }
    }
    let length = u32::try_from(slice.len()).unwrap_or(u32::MAX);
    Span {
        start: span.start,
        end: span.start.saturating_add(length),
    }
}

/// Lines that fold into the first of them: documents, and every list, mapping and long text.
#[must_use]
pub fn folds(text: &str, documents: &[Document], lines: &Lines<'_>) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    for span in documents.iter().flat_map(Document::spans) {
        push(lines, trimmed(text, span), &mut found);
    }
    found.sort_unstable_by_key(|(first, last)| (*first, std::cmp::Reverse(*last)));
    found.dedup_by_key(|(first, _)| *first); // of those that start on one line, the longest
    found
}

fn push(lines: &Lines<'_>, span: Span, found: &mut Vec<(u32, u32)>) {
    let ((first, _), (last, _)) = lines.range(span);
    if last > first {
        found.push((first, last));
    }
}
