//! Edits of values to new texts of files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::drift::PullEdit;
use crate::diag::Texts;
use crate::kinds::KindId;
use crate::text::edit::{EditRefusal, rewritten};
use crate::text::{FileId, Limits, Pointer, yaml};

/// The new texts of the files that the edits are about, and the edits that do not fit into them: all of an edit or
/// nothing of it.
#[must_use]
pub fn texts_of(
    texts: &Texts,
    edits: &[PullEdit],
) -> (BTreeMap<FileId, String>, Vec<(usize, EditRefusal)>) {
    let mut refused: Vec<(usize, EditRefusal)> = Vec::new();
    loop {
        let is_out = |at: usize| refused.iter().any(|(refused, _)| *refused == at);
        let kept: Vec<usize> = (0..edits.len()).filter(|at| !is_out(*at)).collect();
        let (written, more) = attempt(texts, edits, &kept);
        if more.is_empty() {
            return (written, refused);
        }
        refused.extend(more);
    }
}

fn attempt(
    texts: &Texts,
    edits: &[PullEdit],
    kept: &[usize],
) -> (BTreeMap<FileId, String>, Vec<(usize, EditRefusal)>) {
    let pieces = kept.iter().flat_map(|at| &edits[*at].pieces);
    let files: BTreeSet<FileId> = pieces.map(|piece| piece.file).collect();
    let (mut written, mut refused) = (BTreeMap::new(), Vec::new());
    for file in files {
        let text = &texts.sources.get(file).text;
        let (after, more) = file_with(file, text, edits, kept);
        written.insert(file, after);
        for one in more {
            if !refused.iter().any(|(at, _)| *at == one.0) {
                refused.push(one);
            }
        }
    }
    (written, refused)
}

/// A file with the edits: all at once, and one by one where that fails.
fn file_with(
    file: FileId,
    text: &str,
    edits: &[PullEdit],
    kept: &[usize],
) -> (String, Vec<(usize, EditRefusal)>) {
    let touches = |at: &&usize| edits[**at].pieces.iter().any(|piece| piece.file == file);
    let kept: Vec<usize> = kept.iter().filter(touches).copied().collect();
    let all: Vec<&PullEdit> = kept.iter().map(|at| &edits[*at]).collect();
    if let Ok(after) = with(file, text, &all) {
        return (after, Vec::new());
    }
    let (mut after, mut refused) = (text.to_owned(), Vec::new());
    for at in kept {
        match with(file, &after, &[&edits[at]]) {
            Ok(next) => after = next,
            Err(refusal) => refused.push((at, refusal)),
        }
    }
    (after, refused)
}

fn with(file: FileId, text: &str, edits: &[&PullEdit]) -> Result<String, EditRefusal> {
    let pieces = || edits.iter().flat_map(|edit| &edit.pieces);
    let indexes: BTreeSet<usize> = pieces()
        .filter(|piece| piece.file == file)
        .map(|piece| piece.index)
        .collect();
    let (documents, _) = yaml::parse(file, text, &Limits::default());
    let mut text = text.to_owned();
    for index in indexes {
        let document = documents.get(index).ok_or(EditRefusal::Unreadable)?;
        let mut value = Value::clone(&document.value);
        for edit in edits {
            let here =
                |piece: &&super::layers::LayerChange| piece.file == file && piece.index == index;
            for piece in edit.pieces.iter().filter(here) {
                let mut new = piece.new.clone();
                if piece.joins
                    && let (Some(new), Some(held)) = (&mut new, piece.pointer.get(&value))
                {
                    *new = joined(held, new);
                }
                let is_set = set(&mut value, &piece.pointer, new.as_ref(), edit.key.kind);
                is_set.ok_or_else(|| EditRefusal::Layout(piece.pointer.clone()))?;
            }
        }
        text = rewritten(&text, index, &value)?;
    }
    Ok(text)
}

/// What is there with what comes to it. An item of a list is known by its first field.
fn joined(held: &Value, new: &Value) -> Value {
    match (held, new) {
        (Value::Object(held), Value::Object(new)) => {
            let mut all = held.clone();
            for (key, new) in new {
                let value = held
                    .get(key)
                    .map_or_else(|| new.clone(), |held| joined(held, new));
                all.insert(key.clone(), value);
            }
            Value::Object(all)
        }
        (Value::Array(held), Value::Array(new)) => {
            let mut all = held.clone();
            for new in new {
                let key = new.as_object().and_then(|fields| fields.iter().next());
                let is_it =
                    |held: &&mut Value| key.is_some_and(|(key, it)| held.get(key) == Some(it));
                match all.iter_mut().find(is_it) {
                    Some(held) => *held = joined(held, new),
                    None => all.push(new.clone()),
                }
            }
            Value::Array(all)
        }
        (_, new) => new.clone(),
    }
}

/// Sets a value, or removes an entry; `None` where there is no place for it.
fn set(value: &mut Value, at: &Pointer, new: Option<&Value>, kind: KindId) -> Option<()> {
    let steps: Vec<String> = at.steps().collect();
    let (last, way) = steps.split_last()?;
    let mut here = value;
    for (depth, step) in way.iter().enumerate() {
        here = match here {
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?)?,
            Value::Object(fields) => {
                if fields.get(step).is_none_or(Value::is_null) {
                    new?;
                    insert(fields, depth, step, Value::Object(Map::new()), kind);
                }
                fields.get_mut(step)?
            }
            _ => return None,
        };
    }
    match (here, new) {
        (Value::Object(fields), Some(new)) => insert(fields, way.len(), last, new.clone(), kind),
        (Value::Object(fields), None) => drop(fields.shift_remove(last)),
        (Value::Array(items), Some(new)) => {
            *items.get_mut(last.parse::<usize>().ok()?)? = new.clone();
        }
        (Value::Array(items), None) => drop(items.remove(last.parse().ok()?)),
        _ => return None,
    }
    Some(())
}

/// Puts a field of `spec` where the table of the kind has it, anything else behind the others.
fn insert(fields: &mut Map<String, Value>, depth: usize, key: &str, new: Value, kind: KindId) {
    if let Some(known) = fields.get_mut(key) {
        *known = new;
        return;
    }
    let rank = |key: &str| {
        let first = |path: &'static str| path.split('.').next().unwrap_or(path);
        let mut table = kind.def().fields.iter();
        table
            .position(|field| first(field.spec) == key)
            .unwrap_or(usize::MAX)
    };
    let behind = fields.keys().position(|known| rank(known) > rank(key));
    match behind.filter(|_| depth == 1) {
        Some(at) => drop(fields.shift_insert(at, key.to_owned(), new)),
        None => drop(fields.insert(key.to_owned(), new)),
    }
}
