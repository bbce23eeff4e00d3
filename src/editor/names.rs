//! Where a name is given and where it is used: in the base, in every overlay folder and in the project file.

use std::collections::BTreeMap;

use serde_json::Value;

use super::files::{EditorFile, PROJECT};
use super::snapshot::Snapshot;
use super::stop::AnswerStop;
use super::subject::{Subject, key_of, named_keys_of, references_of, target, variables_in};
use crate::kinds::KindId;
use crate::manifest::Key;
use crate::text::{Document, EntryHalf, FileId, Pointer, Span};

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePosition {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
}

/// Where something is given: the base first, then the overlays.
#[must_use]
pub fn definitions(snapshot: &Snapshot, subject: &Subject, stop: &AnswerStop) -> Vec<FilePosition> {
    match subject {
        Subject::Name(key) | Subject::Reference(key) => {
            let found = documents_of(snapshot, key, stop);
            found.map(|(_, document)| name_of(document)).collect()
        }
        Subject::Variable(name) => declarations(snapshot, name).into_values().collect(),
        Subject::Live(..) | Subject::Field(..) | Subject::Setting(_) => Vec::new(),
    }
}

/// Where something is used.
#[must_use]
pub fn references(snapshot: &Snapshot, subject: &Subject, stop: &AnswerStop) -> Vec<FilePosition> {
    let mut places = match subject {
        Subject::Name(key) | Subject::Reference(key) => uses_of(snapshot, key, stop),
        Subject::Variable(name) => uses_of_variable(snapshot, name, stop),
        Subject::Live(kind, reference) => uses_of_live(snapshot, *kind, reference, stop),
        Subject::Field(..) | Subject::Setting(_) => Vec::new(),
    };
    places.sort();
    places.dedup();
    places
}

/// The documents of a kind and name with their files: the base first, then the overlays.
pub(super) fn documents_of<'s>(
    snapshot: &'s Snapshot,
    key: &'s Key,
    stop: &'s AnswerStop,
) -> impl Iterator<Item = (&'s EditorFile, &'s Document)> {
    let mut files: Vec<&EditorFile> = files(snapshot, stop).collect();
    files.sort_by_key(|file| file.group);
    let found = files.into_iter().flat_map(|file| {
        let documents = file.documents.iter();
        documents.map(move |document| (file, document))
    });
    found.filter(move |(_, document)| key_of(document).as_ref() == Some(key))
}

/// The names of a kind, each with the document that gives it first.
#[must_use]
pub(super) fn names(
    snapshot: &Snapshot,
    kind: KindId,
    stop: &AnswerStop,
) -> BTreeMap<String, (usize, Document)> {
    let mut names: BTreeMap<String, (usize, Document)> = BTreeMap::new();
    for file in files(snapshot, stop) {
        for document in &file.documents {
            let Some(key) = key_of(document).filter(|key| key.kind == kind) else {
                continue;
            };
            let name = key.name.as_str().to_owned();
            let known = names.get(&name).map(|(group, _)| *group);
            if known.is_none_or(|group| file.group < group) {
                names.insert(name, (file.group, document.clone()));
            }
        }
    }
    names
}

/// The files, until the answer is not needed any more.
pub(super) fn files<'s>(
    snapshot: &'s Snapshot,
    stop: &'s AnswerStop,
) -> impl Iterator<Item = &'s EditorFile> {
    let files = snapshot.files.iter().map(|(_, file)| file);
    files.take_while(|_| !stop.is_set())
}

/// The place of a document's name.
pub(super) fn name_of(document: &Document) -> FilePosition {
    place(document, &Pointer::from("/metadata/name"))
}

fn place(document: &Document, pointer: &Pointer) -> FilePosition {
    FilePosition {
        file: document.file,
        span: document.span(pointer, EntryHalf::Value),
    }
}

/// Where manifests refer to another one.
pub(super) fn uses_of(snapshot: &Snapshot, key: &Key, stop: &AnswerStop) -> Vec<FilePosition> {
    let documents = files(snapshot, stop).flat_map(|file| &file.documents);
    let found = documents.flat_map(|document| {
        let found = references_of(document).into_iter();
        let found = found.filter(|it| target(it).as_ref() == Some(key));
        let keys = named_keys_of(document).into_iter();
        let keys = keys.filter(|(named, _)| named == key);
        let keys = keys.map(|(_, entry)| FilePosition {
            file: document.file,
            span: document.span(&entry, EntryHalf::Key),
        });
        found
            .map(|it| place(document, &it.pointer))
            .chain(keys)
            .collect::<Vec<_>>()
    });
    found.collect()
}

fn uses_of_live(
    snapshot: &Snapshot,
    kind: KindId,
    wanted: &Value,
    stop: &AnswerStop,
) -> Vec<FilePosition> {
    let documents = files(snapshot, stop).flat_map(|file| &file.documents);
    let found = documents.flat_map(|document| {
        let found = references_of(document).into_iter();
        let found = found.filter(|it| it.kind == kind && it.reference == wanted);
        found
            .map(|it| place(document, &it.pointer))
            .collect::<Vec<_>>()
    });
    found.collect()
}

/// Where texts refer to a variable.
pub(super) fn uses_of_variable(
    snapshot: &Snapshot,
    name: &str,
    stop: &AnswerStop,
) -> Vec<FilePosition> {
    let wanted = format!("${{var.{name}}}");
    let mut places = Vec::new();
    for (id, file) in snapshot.files.iter().take_while(|_| !stop.is_set()) {
        let text = snapshot.text(id);
        if !text.contains(&wanted) {
            continue;
        }
        for document in &file.documents {
            each_text(&document.value, &Pointer::root(), &mut |pointer| {
                let found = variables_in(text, document, pointer).into_iter();
                let found = found.filter(|(found, _)| found == name);
                places.extend(found.map(|(_, span)| FilePosition { file: id, span }));
            });
        }
    }
    places
}

/// Every text of a value that may refer to a variable.
fn each_text(value: &Value, at: &Pointer, work: &mut impl FnMut(&Pointer)) {
    match value {
        Value::String(text) if text.contains("${var.") => work(at),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                each_text(item, &at.index(index), work);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                each_text(value, &at.key(key), work);
            }
        }
        _ => {}
    }
}

/// Where the project file gives a variable, by the place of its value.
pub(super) fn declarations(snapshot: &Snapshot, name: &str) -> BTreeMap<Pointer, FilePosition> {
    let project = &snapshot.setup.project;
    let own = project.variables.contains_key(name);
    let own = own.then(|| Pointer::from("/variables").key(name));
    let others = project.environments.iter();
    let others = others.filter(|(_, it)| it.variables.contains_key(name));
    let others = others.map(|(environment, _)| {
        let pointer = Pointer::from("/environments").key(environment);
        pointer.key("variables").key(name)
    });
    let Some(document) = &snapshot.setup.document else {
        return BTreeMap::new();
    };
    let found = own.into_iter().chain(others).map(|pointer| {
        let span = document.span(&pointer, EntryHalf::Key);
        let file = PROJECT;
        (pointer, FilePosition { file, span })
    });
    found.collect()
}
