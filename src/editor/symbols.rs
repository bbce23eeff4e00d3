//! The outline of a file: its manifests with their fields, and what of them is long enough to fold; and the manifests of
//! a project by name.

use serde_json::Value;

use super::lines::LineStarts;
use super::names::{FilePosition, files, name_of};
use super::snapshot::Snapshot;
use super::stop::AnswerStop;
use super::subject::{key_of, kind_of};
use crate::text::{Document, EntryHalf, Pointer, Span, folded};

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
    let root = trimmed(text, document.span(&Pointer::root(), EntryHalf::Value));
    let (name, head) = match key_of(document) {
        Some(key) => {
            let pointer = Pointer::from("/metadata/name");
            (
                key.name.as_str().to_owned(),
                document.span(&pointer, EntryHalf::Value),
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
        let head = document.span(&pointer, EntryHalf::Key);
        let whole = trimmed(text, document.span(&pointer, EntryHalf::Value));
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

/// A manifest of a project, by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedManifest {
    /// Its name.
    pub name: String,
    /// Its kind, and what people see of it.
    pub detail: String,
    /// Where its name is.
    pub place: FilePosition,
    rank: u8,
}

/// The manifests that a query may mean, the nearest first: by name, by kind and name, or by what people see of them.
/// Without a query, all of them.
#[must_use]
pub fn named(snapshot: &Snapshot, query: &str, stop: &AnswerStop) -> Vec<NamedManifest> {
    let query = folded(query.trim());
    let mut found = Vec::new();
    for file in files(snapshot, stop) {
        for document in &file.documents {
            let Some(key) = key_of(document) else {
                continue;
            };
            let text = |at: &str| document.value.pointer(at).and_then(Value::as_str);
            let seen = text("/spec/displayName").unwrap_or_default();
            let Some(rank) = rank(&query, key.name.as_str(), key.kind.name(), seen) else {
                continue;
            };
            let overlay = (file.group > 0).then(|| "overlay".to_owned());
            let seen = (!seen.is_empty()).then(|| seen.to_owned());
            let detail = [Some(key.kind.name().to_owned()), seen, overlay];
            found.push(NamedManifest {
                name: key.name.as_str().to_owned(),
                detail: detail.into_iter().flatten().collect::<Vec<_>>().join(", "),
                place: name_of(document),
                rank,
            });
        }
    }
    // The letters alone are a guess: it counts only where nothing is nearer.
    if found.iter().any(|it| it.rank < SPREAD) {
        found.retain(|it| it.rank < SPREAD);
    }
    found.sort_by(|a, b| {
        (a.rank, &a.name, &a.detail, a.place).cmp(&(b.rank, &b.name, &b.detail, b.place))
    });
    found
}

/// How near a manifest is that has no more than the letters of a query.
const SPREAD: u8 = 3;

/// How near a manifest is to a query; `None` for one that is not meant.
fn rank(query: &str, name: &str, kind: &str, seen: &str) -> Option<u8> {
    let (name, seen) = (folded(name), folded(seen));
    let whole = format!("{}/{name}", folded(kind));
    if name.starts_with(query) {
        return Some(0);
    }
    if whole.contains(query) {
        return Some(1);
    }
    if seen.contains(query) {
        return Some(2);
    }
    // The letters in their order, as editors look for files.
    let mut letters = whole.chars();
    let is_spread = |text: &mut std::str::Chars<'_>| {
        query
            .chars()
            .filter(|ch| !ch.is_whitespace())
            .all(|ch| text.any(|it| it == ch))
    };
    is_spread(&mut letters).then_some(SPREAD)
}

/// Lines that fold into the first of them: documents, and every list, mapping and long text.
#[must_use]
pub fn folds(text: &str, documents: &[Document], lines: &LineStarts<'_>) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    for span in documents.iter().flat_map(Document::spans) {
        push(lines, trimmed(text, span), &mut found);
    }
    found.sort_unstable_by_key(|(first, last)| (*first, std::cmp::Reverse(*last)));
    found.dedup_by_key(|(first, _)| *first); // of those that start on one line, the longest
    found
}

fn push(lines: &LineStarts<'_>, span: Span, found: &mut Vec<(u32, u32)>) {
    let ((first, _), (last, _)) = lines.range(span);
    if last > first {
        found.push((first, last));
    }
}
