//! What a place in a file is about: a name, something that names it, a variable, or a field.

use serde_json::Value;

use super::files::PROJECT;
use super::snapshot::Snapshot;
use crate::kinds::{KindId, Role, key_uses, uses};
use crate::manifest::Key;
use crate::name::Name;
use crate::resolve::{Segment, segments};
use crate::text::{Document, EntryHalf, FileId, Pointer, Span};

/// What a place is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// The name of a manifest, where it is given.
    Name(Key),
    /// A manifest, where another one refers to it.
    Reference(Key),
    /// A live object, which no manifest needs to describe.
    Live(KindId, Value),
    /// A variable.
    Variable(String),
    /// A field of a manifest.
    Field(KindId, Pointer),
    /// A field of the project file.
    Setting(Pointer),
}

/// What a byte of a file is about, and the span of that.
#[must_use]
pub fn subject(snapshot: &Snapshot, file: FileId, offset: u32) -> Option<(Subject, Span)> {
    if file == PROJECT {
        return setting(snapshot.setup.document.as_ref()?, offset);
    }
    let file = snapshot.files.get(file)?;
    let document = document_at(&file.documents, offset)?;
    let (pointer, part) = document.at(offset)?;
    let span = document.span(&pointer, part);
    if part == EntryHalf::Value
        && let Some((name, place)) = variable_at(snapshot, document, &pointer, offset)
    {
        return Some((Subject::Variable(name), place));
    }
    let kind = kind_of(document)?;
    if part == EntryHalf::Value && pointer.as_str() == "/metadata/name" {
        return Some((Subject::Name(key_of(document)?), span));
    }
    if part == EntryHalf::Value
        && let Some(found) = reference_at(document, kind, &pointer)
    {
        return Some(found);
    }
    let key = named_keys_of(document).into_iter();
    let key = key.filter(|_| part == EntryHalf::Key);
    if let Some((key, _)) = key.clone().find(|(_, entry)| *entry == pointer) {
        return Some((Subject::Reference(key), span));
    }
    Some((Subject::Field(kind, pointer), span))
}

/// The document of a file that a byte stands in, or behind.
#[must_use]
pub(super) fn document_at(documents: &[Document], offset: u32) -> Option<&Document> {
    let starts =
        |document: &&Document| document.span(&Pointer::root(), EntryHalf::Value).start <= offset;
    documents.iter().rfind(starts).or(documents.first())
}

/// The kind of a document.
#[must_use]
pub(super) fn kind_of(document: &Document) -> Option<KindId> {
    let word = document.value.get("kind").and_then(Value::as_str)?;
    KindId::manifests().find(|kind| kind.name() == word)
}

/// The kind and name of a document.
#[must_use]
pub(super) fn key_of(document: &Document) -> Option<Key> {
    let kind = kind_of(document)?;
    let name = document.value.pointer("/metadata/name")?.as_str()?;
    let name = Name::new(name).ok()?;
    Some(Key { kind, name })
}

/// One place where a document refers to something.
#[derive(Clone, Debug)]
pub(super) struct Referring<'d> {
    /// The kind of what it refers to.
    pub(super) kind: KindId,
    /// The reference as it is written.
    pub(super) reference: &'d Value,
    /// The place, from the root of the document.
    pub(super) pointer: Pointer,
}

/// Every reference of a document.
#[must_use]
pub(super) fn references_of(document: &Document) -> Vec<Referring<'_>> {
    let found = kind_of(document).zip(document.value.get("spec"));
    let found = found.map(|(kind, spec)| uses(kind.def().fields, spec));
    let found = found.into_iter().flatten();
    found
        .map(|found| Referring {
            kind: KindId::known(found.kind),
            reference: found.reference,
            pointer: Pointer::from("/spec").join(&found.pointer),
        })
        .collect()
}

/// Every key of a document that names a manifest, with the place of its entry.
#[must_use]
pub(super) fn named_keys_of(document: &Document) -> Vec<(Key, Pointer)> {
    let found = kind_of(document).zip(document.value.get("spec"));
    let found = found.map(|(kind, spec)| key_uses(kind.def().fields, spec));
    let found = found.into_iter().flatten().filter_map(|found| {
        let key = Key {
            kind: KindId::known(found.kind),
            name: Name::new(found.name).ok()?,
        };
        Some((key, Pointer::from("/spec").join(&found.pointer)))
    });
    found.collect()
}

/// The manifest that a reference names, whether it exists or not.
#[must_use]
pub(super) fn target(referring: &Referring<'_>) -> Option<Key> {
    let kind = referring.kind;
    if kind.def().role == Role::Reference {
        return None;
    }
    let name = Name::new(referring.reference.as_str()?).ok()?;
    Some(Key { kind, name })
}

fn reference_at(document: &Document, kind: KindId, pointer: &Pointer) -> Option<(Subject, Span)> {
    let found = references_of(document);
    let found = found
        .iter()
        .find(|found| pointer.starts_with(&found.pointer))?;
    let span = document.span(&found.pointer, EntryHalf::Value);
    let is_name = found.reference.is_string();
    let subject = match target(found) {
        Some(key) => Subject::Reference(key),
        None if is_name && found.kind.def().role != Role::Reference => {
            Subject::Field(kind, pointer.clone())
        }
        None => Subject::Live(found.kind, found.reference.clone()),
    };
    Some((subject, span))
}

/// A place where a text refers to a variable.
pub(super) fn variables_in(
    text: &str,
    document: &Document,
    pointer: &Pointer,
) -> Vec<(String, Span)> {
    let Some(raw) = pointer.get(&document.value).and_then(Value::as_str) else {
        return Vec::new();
    };
    let span = document.span(pointer, EntryHalf::Value);
    let Some(written) = text.get(span.start as usize..span.end as usize) else {
        return Vec::new();
    };
    let (mut found, mut from) = (Vec::new(), 0);
    for segment in segments(raw) {
        let Segment::Variable(name, _) = segment else {
            continue;
        };
        let whole = format!("${{var.{name}}}");
        if let Some(at) = written[from..].find(&whole) {
            let start = span.start + narrow(from + at);
            from += at + whole.len();
            let end = start + narrow(whole.len());
            found.push((name.to_owned(), Span { start, end }));
        }
    }
    found
}

fn variable_at(
    snapshot: &Snapshot,
    document: &Document,
    pointer: &Pointer,
    offset: u32,
) -> Option<(String, Span)> {
    let found = variables_in(snapshot.text(document.file), document, pointer);
    let mut found = found.into_iter();
    found.find(|(_, span)| span.start <= offset && offset <= span.end)
}

fn setting(document: &Document, offset: u32) -> Option<(Subject, Span)> {
    let (pointer, part) = document.at(offset)?;
    let span = document.span(&pointer, part);
    let steps: Vec<String> = pointer.steps().collect();
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    let subject = match (part, steps.as_slice()) {
        (EntryHalf::Key, ["variables", name] | ["environments", _, "variables", name]) => {
            Subject::Variable((*name).to_owned())
        }
        _ => Subject::Setting(pointer),
    };
    Some((subject, span))
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
