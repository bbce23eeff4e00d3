//! Values of a YAML text that change at their places: the rest of the text stays as its author wrote it.
//!
//! [`rewritten`] gets the text, which of its documents changes, and the value that this one is to have. It compares the
//! value with what the text says now and writes what differs, and no more: comments, blank lines, quotes, the order of
//! keys and the ends of lines stay. Items of lists are matched first, so that one more item is one more line. An entry
//! that goes takes the comments along that are its own, at the end of its line and right above it, and one that moves
//! moves as text. A comment that stands apart stays.
//!
//! The result is read again. If it does not say what it has to say, or if another document or another place says
//! something else, there is a [`EditRefusal`] and no text: a value behind an anchor that other places share, for example.
//!
//! ```text
//! spec:                       spec:
//!   weight: low # for now       weight: high # for now
//!   goals: [a, b]               goals: [a, b, c]
//! ```

mod align;
mod brackets;
#[cfg(test)]
mod comments;
mod lines;
mod lists;
mod mappings;
mod scalar;
mod splice;
#[cfg(test)]
mod tests;
mod values;
mod write;

use std::fmt;

use serde_json::Value;

use super::yaml::{self, Document};
use super::{FileId, Limits, Pointer, YamlError};
pub use align::{AlignmentStep, steps};
pub use scalar::{in_place_of, scalar};
use splice::Editor;

/// Why a text cannot say something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditRefusal {
    /// The text cannot be read.
    Unreadable,
    /// The value is copied from an anchor that stands elsewhere.
    Alias(Pointer),
    /// Another place would change as well, or the value would not be read as it is meant.
    Elsewhere(Pointer),
    /// The text is laid out in a way that no edit fits into.
    Layout(Pointer),
}

impl fmt::Display for EditRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("the file cannot be read"),
            Self::Alias(at) => write!(f, "`{at}` is an alias (`*`) of another place in the file"),
            Self::Elsewhere(at) => write!(
                f,
                "`{at}` would change as well: an anchor (`&`) shares the value"
            ),
            Self::Layout(at) => write!(f, "the layout of the file around `{at}` cannot be kept"),
        }
    }
}

/// The text with another value for one of its documents, counted from 0.
///
/// # Errors
/// A change that cannot be made without changing more.
pub fn rewritten(text: &str, index: usize, new: &Value) -> Result<String, EditRefusal> {
    let before = read(text)?;
    let document = before.get(index).ok_or(EditRefusal::Unreadable)?;
    if *document.value == *new {
        return Ok(text.to_owned());
    }
    let mut editor = Editor::new(text, document);
    editor.change_root(new)?;
    let Some(after) = editor.finish() else {
        // What comes stands where something goes: one after the other.
        let less = lessened(&document.value, new);
        if less == *document.value || less == *new {
            return Err(EditRefusal::Layout(Pointer::root()));
        }
        return rewritten(&rewritten(text, index, &less)?, index, new);
    };
    verify(&before, index, new, &after)?;
    Ok(after)
}

/// A value without what goes on the way to another one, and without anything that comes.
fn lessened(old: &Value, new: &Value) -> Value {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let kept = old
                .iter()
                .filter_map(|(key, old)| Some((key.clone(), lessened(old, new.get(key)?))));
            Value::Object(kept.collect())
        }
        (Value::Array(old), Value::Array(new)) => {
            let steps = align::steps(old, new).into_iter();
            let kept = steps.filter_map(|step| match step {
                align::AlignmentStep::Keep(at, other)
                | align::AlignmentStep::Move(at, other)
                | align::AlignmentStep::Replace(at, other) => Some(lessened(&old[at], &new[other])),
                _ => None,
            });
            kept.collect()
        }
        (old, _) => old.clone(),
    }
}

/// The documents of a text without errors.
fn read(text: &str) -> Result<Vec<Document>, EditRefusal> {
    let (documents, problems) = yaml::parse(FileId(0), text, &Limits::default());
    let is_sound = problems.iter().all(YamlError::is_warning);
    is_sound.then_some(documents).ok_or(EditRefusal::Unreadable)
}

/// Holds a new text to what it has to say.
fn verify(before: &[Document], index: usize, new: &Value, after: &str) -> Result<(), EditRefusal> {
    let layout = || EditRefusal::Layout(Pointer::root());
    let after = read(after).map_err(|_| layout())?;
    if after.len() != before.len() {
        return Err(layout());
    }
    for (at, (before, after)) in before.iter().zip(&after).enumerate() {
        let wanted = if at == index { new } else { &*before.value };
        if let Some(place) = first_difference(wanted, &after.value, &Pointer::root()) {
            return Err(EditRefusal::Elsewhere(place));
        }
    }
    Ok(())
}

/// The first place at which two values differ.
fn first_difference(wanted: &Value, read: &Value, at: &Pointer) -> Option<Pointer> {
    match (wanted, read) {
        (Value::Object(wanted), Value::Object(read)) => {
            let inner = wanted.iter().find_map(|(key, wanted)| {
                let at = at.key(key);
                match read.get(key) {
                    Some(read) => first_difference(wanted, read, &at),
                    None => Some(at),
                }
            });
            let more = read.keys().find(|key| !wanted.contains_key(*key));
            inner.or_else(|| more.map(|key| at.key(key)))
        }
        (Value::Array(wanted), Value::Array(read)) if wanted.len() == read.len() => {
            let mut pairs = wanted.iter().zip(read).enumerate();
            pairs.find_map(|(index, (wanted, read))| {
                first_difference(wanted, read, &at.index(index))
            })
        }
        _ => (wanted != read).then(|| at.clone()),
    }
}
