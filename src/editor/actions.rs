//! The edits that mend complaints.

use super::rename::TextEdits;
use super::snapshot::Snapshot;
use super::subject::document_at;
use crate::diag::{Diagnostic, Fix, Location};
use crate::text::edit::in_place_of;
use crate::text::{Document, EntryHalf, FileId, Pointer, Span};

/// An edit that mends a complaint.
#[derive(Clone, Debug)]
pub struct CodeAction<'s> {
    /// What it does.
    pub title: String,
    /// The complaint.
    pub mends: &'s Diagnostic,
    /// The edit.
    pub edits: TextEdits,
}

/// The edits that mend the complaints of a file about a part of it.
#[must_use]
pub fn actions(snapshot: &Snapshot, file: FileId, part: Span) -> Vec<CodeAction<'_>> {
    let touches = |span: Span| span.start <= part.end && part.start <= span.end;
    let complaints = snapshot.complaints(file).iter();
    let found = complaints.filter_map(|diagnostic| {
        let Location::Span(_, span) = diagnostic.at else {
            return None;
        };
        let fix = diagnostic.fix.as_ref().filter(|_| touches(span))?;
        let (title, span, text) = edit(snapshot, file, span, fix)?;
        Some(CodeAction {
            title,
            mends: diagnostic,
            edits: TextEdits::from([(file, vec![(span, text)])]),
        })
    });
    found.collect()
}

fn edit(
    snapshot: &Snapshot,
    file: FileId,
    span: Span,
    fix: &Fix,
) -> Option<(String, Span, String)> {
    let text = snapshot.text(file);
    let written = text.get(span.start as usize..span.end as usize)?;
    if written.starts_with(['*', '&', '|', '>']) {
        return None; // it stands somewhere else, or in many lines
    }
    Some(match fix {
        Fix::Replace(new) => {
            let new_text = in_place_of(written, new);
            (format!("Replace with `{new}`"), span, new_text)
        }
        Fix::Write(new) => (format!("Replace with `{new}`"), span, new.clone()),
        Fix::Quote => {
            let quoted = serde_json::Value::from(written).to_string();
            ("Put it in quotes".to_owned(), span, quoted)
        }
        Fix::Add(key, value) => {
            let (at, new) = added(snapshot, file, span, &format!("{key}: {value}"))?;
            (format!("Add `{key}`"), at, new)
        }
    })
}

/// One more field, in front of the first one of the mapping that a place is in.
fn added(snapshot: &Snapshot, file: FileId, span: Span, field: &str) -> Option<(Span, String)> {
    let text = snapshot.text(file);
    let documents = match snapshot.files.get(file) {
        Some(file) => file.documents.as_slice(),
        None => snapshot.setup.document.as_slice(),
    };
    let document = document_at(documents, span.start)?;
    let mapping = mapping_at(document, span)?;
    let fields = mapping.get(&document.value)?.as_object()?;
    let Some(first) = fields.keys().next() else {
        let whole = document.span(&mapping, EntryHalf::Value);
        return Some((whole, format!("{{ {} }}", field.trim_end())));
    };
    let at = document.span(&mapping.key(first), EntryHalf::Key).start;
    let whole = document.span(&mapping, EntryHalf::Value).start as usize;
    let is_flow = text.as_bytes().get(whole) == Some(&b'{');
    let rest = if is_flow {
        ", ".to_owned()
    } else {
        indentation(text, at)
    };
    let here = Span { start: at, end: at };
    Some((
        here,
        format!(
            "{}{rest}",
            field.trim_end_matches(if is_flow { '\0' } else { ' ' })
        ),
    ))
}

/// The mapping that a complaint about a missing field points at: by its key, its whole, or its first field.
fn mapping_at(document: &Document, span: Span) -> Option<Pointer> {
    let (pointer, part) = document.at(span.start)?;
    let is_mapping = |pointer: &Pointer| {
        pointer
            .get(&document.value)
            .is_some_and(serde_json::Value::is_object)
    };
    let spans = |pointer: &Pointer, part| document.span(pointer, part) == span;
    if part == EntryHalf::Key && spans(&pointer, EntryHalf::Key) && is_mapping(&pointer) {
        return Some(pointer);
    }
    let mut around = Some(pointer);
    while let Some(candidate) = around {
        if is_mapping(&candidate)
            && (spans(&candidate, EntryHalf::Value) || candidate == Pointer::root())
        {
            return Some(candidate);
        }
        around = candidate.parent();
    }
    None
}

/// A line end, and the indentation of a place.
pub(super) fn indentation(text: &str, at: u32) -> String {
    let before = &text[..at as usize];
    let column = before.chars().rev().take_while(|ch| *ch != '\n').count();
    format!("\n{}", " ".repeat(column))
}
