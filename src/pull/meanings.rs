//! Notes beside what drifts, such as what a condition means: they stay with what they were written for, follow what they
//! repeat, and are to be looked at otherwise.

use serde_json::Value;

use super::drift::{Object, WrittenPlace, put};
use super::layers::{LayerChange, piece, pieces};
use crate::kinds::mapping::{notes, notes_at, same};
use crate::text::Pointer;

/// What is said of a condition that changed in the console beside its meaning in the manifest.
const STALE: &str = "`means` beside it was written for the old value: check it";

/// The same of one whose meaning changes with it.
const FOLLOWS: &str = "`means` beside it says the same";

/// What a field becomes, and what changes beside it.
pub(super) struct TakenMeaning {
    /// The changes of the files.
    pub(super) pieces: Vec<LayerChange>,
    /// What there is to say about the notes.
    pub(super) note: Option<&'static str>,
}

impl Object<'_> {
    /// The pieces of a new value in the place of a written one, with those of the notes that repeat it.
    pub(super) fn with_meanings(
        &self,
        at: &Pointer,
        own: &Pointer,
        (written, mut new): (&Value, Value),
    ) -> TakenMeaning {
        let mut after = Value::clone(&self.resource.spec);
        put(&mut after, at, &new);
        let restated = (self.resource.key.kind.def().restated)(&self.resource.spec, &after);
        let note = if restated.is_empty() {
            self.is_stale(at, &after).then_some(STALE)
        } else {
            Some(FOLLOWS)
        };
        let mut beside = Vec::new();
        for (place, value) in restated {
            match place.as_str().strip_prefix(at.as_str()) {
                Some(inside) => put(&mut new, &Pointer::from(inside), &value),
                None => beside.extend(self.pieces_of_note(&place, &value)),
            }
        }
        let mut found = pieces(&self.layers(), own, written, &new);
        found.extend(beside);
        TakenMeaning {
            pieces: found,
            note,
        }
    }

    fn pieces_of_note(&self, at: &Pointer, value: &Value) -> Vec<LayerChange> {
        match self.place(at) {
            WrittenPlace::Own(own) => {
                let filled = own.get(&self.document.value).unwrap_or(&Value::Null);
                pieces(&self.layers(), &own, &self.written(&own, filled), value)
            }
            WrittenPlace::Below(own, rest) => {
                let piece = piece(&self.layers(), &own.join(&rest), Some(value));
                piece.into_iter().collect()
            }
        }
    }

    /// Whether a note beside what changed is still the one of the last apply, so that no person has looked at it since.
    fn is_stale(&self, at: &Pointer, after: &Value) -> bool {
        let fields = self.resource.key.kind.def().fields;
        let spec: &Value = &self.resource.spec;
        let former = notes_at(fields, spec, at);
        let former: Vec<&Value> = former.iter().filter_map(|(at, _)| item(spec, at)).collect();
        let mut changed = notes_at(fields, after, at);
        changed.retain(|(at, _)| {
            item(after, at).is_some_and(|item| !former.iter().any(|it| same(it, item)))
        });
        if changed.is_empty() {
            return false;
        }
        let Some(applied) = (self.takes.applied)(&self.resource.key) else {
            return true;
        };
        let then = notes(fields, &applied);
        changed
            .iter()
            .any(|(_, note)| then.iter().any(|(_, then)| same(note, then)))
    }
}

/// What a note is written beside.
fn item<'v>(spec: &'v Value, note: &Pointer) -> Option<&'v Value> {
    note.parent()?.get(spec)
}
