//! Renaming a manifest or a variable everywhere: all of it or nothing.
//!
//! A manifest gets its old name as `lifecycle.previousName`, so that the live object is renamed and neither deleted nor
//! created. What cannot be edited for sure is a reason to refuse.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::actions::indentation;
use super::files::PROJECT;
use super::live::bound;
use super::names::{
    FilePosition, declarations, documents_of, files, name_of, uses_of, uses_of_variable,
};
use super::snapshot::Snapshot;
use super::stop::AnswerStop;
use super::subject::{Subject, references_of, variables_in};
use super::symbols::trimmed;
use crate::kinds::Role;
use crate::manifest::Key;
use crate::name::Name;
use crate::resolve::is_variable_name;
use crate::text::edit::{in_place_of, scalar};
use crate::text::{Document, EntryHalf, FileId, Pointer, Span};

/// New texts by file and place.
pub type TextEdits = BTreeMap<FileId, Vec<(Span, String)>>;

/// What is renamed, as it is called now.
///
/// # Errors
/// Why it cannot be renamed.
pub fn renamed(subject: &Subject) -> Result<&str, String> {
    match subject {
        Subject::Name(key) | Subject::Reference(key) => Ok(key.name.as_str()),
        Subject::Variable(name) => Ok(name),
        Subject::Live(kind, _) => Err(format!(
            "this refers to a live {kind}, which no manifest defines: rename it in the console, and then here"
        )),
        Subject::Field(..) | Subject::Setting(_) => {
            Err("only names of manifests and variables can be renamed".to_owned())
        }
    }
}

/// The edits that rename something everywhere.
///
/// # Errors
/// Why it cannot be done.
pub fn rename(
    snapshot: &Snapshot,
    subject: &Subject,
    new: &str,
    stop: &AnswerStop,
) -> Result<TextEdits, String> {
    renamed(subject)?;
    match subject {
        Subject::Name(key) | Subject::Reference(key) => manifest(snapshot, key, new, stop),
        Subject::Variable(name) => variable(snapshot, name, new, stop),
        _ => Ok(TextEdits::new()),
    }
}

fn manifest(
    snapshot: &Snapshot,
    key: &Key,
    new: &str,
    stop: &AnswerStop,
) -> Result<TextEdits, String> {
    let name = Name::new(new).map_err(|error| error.to_string())?;
    if name == key.name {
        return Ok(TextEdits::new());
    }
    let new_key = Key {
        kind: key.kind,
        name,
    };
    if documents_of(snapshot, &new_key, stop).next().is_some() {
        return Err(format!("there is {new_key} already"));
    }
    let documents: Vec<(usize, &Document)> = documents_of(snapshot, key, stop)
        .map(|(file, document)| (file.group, document))
        .collect();
    if documents.is_empty() {
        return Err(format!("there is no {key} to rename"));
    }
    if documents.iter().filter(|(group, _)| *group == 0).count() > 1 {
        return Err(format!(
            "{key} is defined more than once: give one of them another name"
        ));
    }
    let mut places: BTreeSet<FilePosition> = documents.iter().map(|(_, it)| name_of(it)).collect();
    places.extend(uses_of(snapshot, key, stop));
    places.extend(through_variables(snapshot, key, stop)?);
    let mut edits = TextEdits::new();
    for place in places {
        let written = written(snapshot, place, key.name.as_str())?;
        let edit = (place.span, in_place_of(written, new));
        edits.entry(place.file).or_default().push(edit);
    }
    if let Some(document) = bearer(key, &documents)
        && let Some((span, text)) = previous_name(snapshot, key, &new_key, document)
    {
        edits.entry(document.file).or_default().push((span, text));
    }
    Ok(edits)
}

/// The text at a place, which has to be the name as such.
fn written<'s>(snapshot: &'s Snapshot, place: FilePosition, name: &str) -> Result<&'s str, String> {
    let Span { start, end } = place.span;
    let text = snapshot.text(place.file).get(start as usize..end as usize);
    let text = text.unwrap_or_default();
    if [name.to_owned(), format!("'{name}'"), format!("\"{name}\"")]
        .iter()
        .any(|it| it == text)
    {
        return Ok(text);
    }
    let position = snapshot.files.position(place.file, start);
    Err(format!(
        "`{}:{}` writes the name in a way that cannot be edited: write it out first",
        position.file, position.line
    ))
}

/// Where the project file gives variables that are nothing but references to a manifest.
fn through_variables(
    snapshot: &Snapshot,
    key: &Key,
    stop: &AnswerStop,
) -> Result<Vec<FilePosition>, String> {
    let mut places = Vec::new();
    for variable in referring_variables(snapshot, key, stop) {
        let declared = declarations(snapshot, &variable)
            .into_keys()
            .filter(|pointer| {
                let document = snapshot.setup.document.as_ref();
                let value = document.and_then(|document| pointer.get(&document.value));
                value.and_then(Value::as_str) == Some(key.name.as_str())
            });
        let declared: Vec<Pointer> = declared.collect();
        if declared.is_empty() {
            continue;
        }
        let uses = uses_of_variable(snapshot, &variable, stop).len();
        let references = referring_with(snapshot, key, &variable, stop);
        if uses > references {
            return Err(format!(
                "the variable `{variable}` is used for the name and in other places: write the name out first"
            ));
        }
        let document = snapshot.setup.document.as_ref();
        places.extend(declared.iter().filter_map(|pointer| {
            let span = document?.span(pointer, EntryHalf::Value);
            let file = PROJECT;
            Some(FilePosition { file, span })
        }));
    }
    Ok(places)
}

/// The variables that stand where manifests of a kind are referred to.
fn referring_variables(snapshot: &Snapshot, key: &Key, stop: &AnswerStop) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files(snapshot, stop) {
        let documents = file.documents.iter();
        for (document, it) in
            documents.flat_map(|it| references_of(it).into_iter().map(move |found| (it, found)))
        {
            if it.kind == key.kind {
                let text = snapshot.text(document.file);
                let variables = variables_in(text, document, &it.pointer);
                found.extend(variables.into_iter().map(|(name, _)| name));
            }
        }
    }
    found
}

/// How many references to manifests of the kind are this variable and nothing else.
fn referring_with(snapshot: &Snapshot, key: &Key, variable: &str, stop: &AnswerStop) -> usize {
    let whole = format!("${{var.{variable}}}");
    let documents = files(snapshot, stop).flat_map(|file| &file.documents);
    let references = documents.flat_map(references_of);
    references
        .filter(|it| it.kind == key.kind && it.reference.as_str() == Some(whole.as_str()))
        .count()
}

/// The document that bears `lifecycle`: the base, or what an overlay adds. None where there is no live object.
fn bearer<'d>(key: &Key, documents: &[(usize, &'d Document)]) -> Option<&'d Document> {
    if !matches!(key.kind.def().role, Role::Managed | Role::Observed) {
        return None;
    }
    let is_whole = |document: &Document| document.value.get("apiVersion").is_some();
    let mut documents = documents.iter();
    documents
        .find(|(group, document)| *group == 0 || is_whole(document))
        .map(|(_, document)| *document)
}

/// The edit that notes the old name.
///
/// An existing note stays if the ledgers at hand know nothing of the name of today: that one was never
/// applied. Back to the name that they know, the note goes; it would do no harm.
fn previous_name(
    snapshot: &Snapshot,
    key: &Key,
    new_key: &Key,
    document: &Document,
) -> Option<(Span, String)> {
    let (old, new) = (key.name.as_str(), new_key.name.as_str());
    let pointer = Pointer::from("/lifecycle/previousName");
    let noted = pointer.get(&document.value).and_then(Value::as_str);
    let text = snapshot.text(document.file);
    if let Some(noted) = noted {
        let span = document.span(&pointer, EntryHalf::Value);
        if noted == new && bound(snapshot, new_key) {
            return Some((entry(text, document, &pointer)?, String::new()));
        }
        let is_kept = noted != new && !bound(snapshot, key);
        return (!is_kept).then(|| (span, scalar(old)));
    }
    let note = format!("previousName: {}", scalar(old));
    let lifecycle = Pointer::from("/lifecycle");
    match lifecycle.get(&document.value) {
        Some(Value::Object(fields)) if !fields.is_empty() => {
            let first = lifecycle.key(fields.keys().next()?);
            let at = document.span(&first, EntryHalf::Key).start;
            let value = document.span(&lifecycle, EntryHalf::Value).start as usize;
            let is_flow = text.as_bytes().get(value) == Some(&b'{');
            let rest = if is_flow {
                ", ".to_owned()
            } else {
                indentation(text, at)
            };
            Some((Span { start: at, end: at }, format!("{note}{rest}")))
        }
        Some(_) => {
            let span = document.span(&lifecycle, EntryHalf::Value);
            Some((span, format!("{{ {note} }}")))
        }
        None => Some(appended(text, document, &note)),
    }
}

/// `lifecycle` as the last field of a document.
fn appended(text: &str, document: &Document, note: &str) -> (Span, String) {
    let root = document.span(&Pointer::root(), EntryHalf::Value);
    let whole = &text[root.start as usize..root.end as usize];
    let here = |at: usize| {
        let at = u32::try_from(root.start as usize + at).unwrap_or(u32::MAX);
        Span { start: at, end: at }
    };
    if whole.starts_with('{') {
        let at = whole
            .rfind('}')
            .map_or(whole.len(), |at| whole[..at].trim_end().len());
        return (here(at), format!(", lifecycle: {{ {note} }}"));
    }
    let at = whole.trim_end().len();
    (here(at), format!("\nlifecycle:\n  {note}"))
}

/// An entry of a mapping with what separates it from the others; the whole mapping where it is the only one.
fn entry(text: &str, document: &Document, pointer: &Pointer) -> Option<Span> {
    let parent = pointer.parent()?;
    let siblings = parent.get(&document.value)?.as_object()?.len();
    let pointer = if siblings == 1 { &parent } else { pointer };
    let start = document.span(pointer, EntryHalf::Key).start as usize;
    let value = document.span(pointer, EntryHalf::Value);
    let end = trimmed(text, value).end as usize;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let is_block = text[line..start].trim().is_empty();
    let (start, end) = if is_block {
        let next = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
        (line, next)
    } else {
        let rest = &text[end..];
        let comma = rest.trim_start().strip_prefix(',');
        let skipped = comma.map_or(0, |after| rest.len() - after.trim_start().len());
        (start, end + skipped)
    };
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Some(Span {
        start: narrow(start),
        end: narrow(end),
    })
}

fn variable(
    snapshot: &Snapshot,
    name: &str,
    new: &str,
    stop: &AnswerStop,
) -> Result<TextEdits, String> {
    if !is_variable_name(new) {
        return Err(format!(
            "`{new}` is not a name of a variable: letters, digits, `-` and `_`, a letter first"
        ));
    }
    if name != new && !declarations(snapshot, new).is_empty() {
        return Err(format!("there is a variable `{new}` already"));
    }
    let mut edits = TextEdits::new();
    for place in uses_of_variable(snapshot, name, stop) {
        let text = format!("${{var.{new}}}");
        edits
            .entry(place.file)
            .or_default()
            .push((place.span, text));
    }
    for place in declarations(snapshot, name).into_values() {
        let edit = (place.span, new.to_owned());
        edits.entry(place.file).or_default().push(edit);
    }
    Ok(edits)
}
