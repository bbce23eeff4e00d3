//! Edits that hold: they are written into the texts, these are planned with, and what does not hold is taken back.

use std::collections::BTreeSet;

use super::{Pulling, Texts};
use crate::diag::{Diagnostic, Location, Severity};
use crate::kinds::mapping::notes;
use crate::pull::{Edit, Left, Why, broken, left_unsettled, refused, texts_of, unsettled};
use crate::run::manifests::Manifests;
use crate::text::Pointer;

/// What came of the drift: the edits that hold, what is left, and the new texts.
pub(super) struct Settled {
    pub(super) edits: Vec<Edit>,
    pub(super) left: Vec<Left>,
    pub(super) texts: Texts,
}

impl Pulling<'_> {
    /// Writes the edits into the texts, plans with these, and takes back what does not hold, until all of it does.
    pub(super) fn settled(
        &self,
        manifests: &Manifests,
        mut edits: Vec<Edit>,
        new: &Texts,
    ) -> Settled {
        let mut left = Vec::new();
        loop {
            let (written, rejected) = texts_of(&manifests.texts, &edits);
            let path = |file| manifests.texts.sources.get(file).path.clone();
            let written = written.into_iter().map(|(file, text)| (path(file), text));
            let mut texts = new.clone();
            texts.extend(written);
            let mut reasons: Vec<(usize, Left)> = if rejected.is_empty() {
                self.objections(manifests, &edits, &texts)
            } else {
                let rejected = rejected.iter();
                rejected
                    .map(|(at, why)| (*at, refused(&edits[*at], why)))
                    .collect()
            };
            if reasons.is_empty() {
                return Settled { edits, left, texts };
            }
            reasons.retain(|(at, reason)| {
                let other = edits[*at].with_null();
                let other = other.filter(|_| reason.why == Why::Unsettled);
                let is_left = other.is_none();
                edits[*at] = other.unwrap_or_else(|| edits[*at].clone());
                is_left
            });
            let out: BTreeSet<usize> = reasons.iter().map(|(at, _)| *at).collect();
            left.extend(reasons.into_iter().map(|(_, reason)| reason));
            let mut at = 0..;
            edits.retain(|_| !at.next().is_some_and(|at| out.contains(&at)));
        }
    }

    /// What speaks against edits once they are written: a manifest that breaks a rule, a field that still differs.
    fn objections(
        &self,
        manifests: &Manifests,
        edits: &[Edit],
        texts: &Texts,
    ) -> Vec<(usize, Left)> {
        if edits.is_empty() {
            return Vec::new();
        }
        let after = self.manifests_with(&self.planning.account.environment, texts);
        let found = self.broken(manifests, &after, edits, texts);
        if !found.is_empty() {
            return found;
        }
        let (changes_after, _) = self.differences(&after);
        let open = unsettled(edits, &changes_after).into_iter();
        open.map(|at| (at, left_unsettled(&edits[at]))).collect()
    }

    /// The edits that break a rule: of the edits of one manifest the one without which it is whole, else all of them.
    fn broken(
        &self,
        manifests: &Manifests,
        after: &Manifests,
        edits: &[Edit],
        texts: &Texts,
    ) -> Vec<(usize, Left)> {
        let known: BTreeSet<String> = errors(manifests).map(|it| it.message.clone()).collect();
        let new = |of: &Diagnostic| !known.contains(&of.message);
        let about = |edit: &Edit, manifests: &Manifests| {
            let mut errors = errors(manifests).filter(|error| new(error));
            errors
                .find(|error| is_about(manifests, error, edit))
                .map(|it| (it.message.clone(), is_of_note(manifests, it, edit)))
        };
        let mut found = Vec::new();
        let mut keys = BTreeSet::new();
        for edit in edits {
            let Some((message, is_of_note)) = about(edit, after).filter(|_| keys.insert(&edit.key))
            else {
                continue;
            };
            let of_key = (0..edits.len()).filter(|at| edits[*at].key == edit.key);
            let of_key: Vec<usize> = of_key.collect();
            let culprit = of_key
                .iter()
                .copied()
                .filter(|_| of_key.len() > 1)
                .find(|at| {
                    let mut rest = edits.to_vec();
                    rest.remove(*at);
                    let (written, _) = texts_of(&manifests.texts, &rest);
                    let path = |file| manifests.texts.sources.get(file).path.clone();
                    let mut texts = texts.clone();
                    let paths = edit.files().into_iter().map(path);
                    for path in paths {
                        texts.remove(&path);
                    }
                    texts.extend(written.into_iter().map(|(file, text)| (path(file), text)));
                    let environment = &self.planning.account.environment;
                    about(edit, &self.manifests_with(environment, &texts)).is_none()
                });
            let guilty = culprit.map_or(of_key, |at| vec![at]);
            found.extend(
                guilty
                    .into_iter()
                    .map(|at| (at, broken(&edits[at], &message, is_of_note))),
            );
        }
        found
    }
}

pub(super) fn errors(manifests: &Manifests) -> impl Iterator<Item = &Diagnostic> {
    let all = manifests.diags.iter();
    all.filter(|it| it.severity == Severity::Error)
}

/// Whether a complaint is about what the file notes beside what is sent, such as the meaning of a condition: nobody can
/// correct that in the console.
fn is_of_note(manifests: &Manifests, complaint: &Diagnostic, edit: &Edit) -> bool {
    let Location::Node { pointer, .. } = &complaint.at else {
        return false;
    };
    let below = pointer.as_str().strip_prefix("/spec").map(Pointer::from);
    let resource = manifests.desired.get(&edit.key);
    below.zip(resource).is_some_and(|(at, resource)| {
        let notes = notes(edit.key.kind.def().fields, &resource.spec);
        notes.iter().any(|(note, _)| at.starts_with(note))
    })
}

/// Whether a complaint is about the manifest of an edit.
fn is_about(manifests: &Manifests, complaint: &Diagnostic, edit: &Edit) -> bool {
    let Location::Node { doc, .. } = &complaint.at else {
        return false;
    };
    manifests
        .desired
        .get(&edit.key)
        .is_some_and(|resource| resource.doc == *doc)
}
