//! What can be completed where a person is typing: names of manifests and variables, fields, and words.
//!
//! The text around is hardly ever whole then, so [`cursor`] reads it with a mark in the place. What may stand there
//! follows from the field tables, for names, and from the schemas, for everything else.

mod cursor;
mod offers;

use super::files::PROJECT;
use super::snapshot::Snapshot;
use super::stop::AnswerStop;
use crate::text::{FileId, Span};

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What it is called.
    pub label: String,
    /// What kind of thing it is.
    pub sort: Sort,
    /// In a few words, what it stands for.
    pub detail: String,
    /// What it means.
    pub text: String,
    /// What is written.
    pub insert: String,
    /// Whether it has to be there.
    pub is_required: bool,
}

/// A kind of thing that may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A manifest or live object.
    Name,
    /// A variable.
    Variable,
    /// A word of a field.
    Word,
    /// A field.
    Field,
}

/// What may stand at a place, and the word that it is written instead of.
#[must_use]
pub fn complete(
    snapshot: &Snapshot,
    file: FileId,
    offset: u32,
    stop: &AnswerStop,
) -> (Span, Vec<Suggestion>) {
    let text = snapshot.text(file);
    let typed = cursor::word(text, offset);
    if let Some(offers) = offers::variables(snapshot, text, typed.start) {
        return (typed, offers);
    }
    let is_project = file == PROJECT;
    let mut all: Vec<Suggestion> = Vec::new();
    for place in cursor::places(text, typed) {
        let found = if is_project {
            offers::in_project(&place)
        } else {
            offers::in_manifest(snapshot, &place, stop)
        };
        for offer in found {
            if !all.iter().any(|known| known.label == offer.label) {
                all.push(offer);
            }
        }
    }
    (typed, all)
}
