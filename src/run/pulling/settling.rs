//! Edits that hold: they are written into the texts, these are planned with, and what does not hold is taken back.

use std::collections::BTreeSet;

use super::{NewTexts, Pulling};
use crate::diag::{Diagnostic, Location, Severity};
use crate::kinds::mapping::notes;
use crate::pull::{
    Left, LeftReason, PullEdit, broken, left_unsettled, refused, texts_of, unsettled,
};
use crate::run::manifests::Manifests;

/// What came of the drift: the edits that hold, what is left, and the new texts.
pub(super) struct SettledDrift {
    pub(super) edits: Vec<PullEdit>,
    pub(super) left: Vec<Left>,
    pub(super) texts: NewTexts,
}

impl Pulling<'_> {
    /// Writes the edits into the texts, plans with these, and takes back what does not hold, until all of it does.
    pub(super) fn settled(
        &self,
        manifests: &Manifests,
        mut edits: Vec<PullEdit>,
        new: &NewTexts,
    ) -> SettledDrift {
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
                return SettledDrift { edits, left, texts };
            }
            reasons.retain(|(at, reason)| {
                let other = edits[*at].with_null();
                let other = other.filter(|_| reason.why == LeftReason::Unsettled);
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
        edits: &[PullEdit],
        texts: &NewTexts,
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

    /// The edits that break a rule, each with the rule that it breaks.
    fn broken(
        &self,
        manifests: &Manifests,
        after: &Manifests,
        edits: &[PullEdit],
        texts: &NewTexts,
    ) -> Vec<(usize, Left)> {
        let judge = EditJudge {
            known: errors(manifests).map(|it| it.message.clone()).collect(),
            pulling: self,
            manifests,
            edits,
            texts,
        };
        let mut found = Vec::new();
        let mut keys = BTreeSet::new();
        for edit in edits {
            if keys.insert(&edit.key)
                && let Some(broken) = judge.complaint(after, edit)
            {
                found.extend(judge.guilty(edit, broken));
            }
        }
        let left = found.into_iter();
        left.map(|(at, (message, is_of_note))| (at, broken(&edits[at], &message, is_of_note)))
            .collect()
    }
}

/// What a rule says against an edit, and whether it is about a note.
type RuleComplaint = (String, bool);

/// Finds out which edits of a manifest break a rule.
struct EditJudge<'a> {
    /// What is wrong without any edit.
    known: BTreeSet<String>,
    pulling: &'a Pulling<'a>,
    manifests: &'a Manifests,
    edits: &'a [PullEdit],
    texts: &'a NewTexts,
}

impl EditJudge<'_> {
    /// What is wrong with the manifest of an edit.
    fn complaint(&self, after: &Manifests, edit: &PullEdit) -> Option<RuleComplaint> {
        let mut errors = errors(after).filter(|error| !self.known.contains(&error.message));
        let error = errors.find(|error| is_about(after, error, edit))?;
        let is_of_note = is_of_note(after, error, edit);
        Some((error.message.clone(), is_of_note))
    }

    /// What is wrong with the manifest of an edit when these edits are written, and no others.
    fn with(&self, edit: &PullEdit, numbers: &BTreeSet<usize>) -> Option<RuleComplaint> {
        let written: Vec<PullEdit> = numbers.iter().map(|at| self.edits[*at].clone()).collect();
        let path = |file| self.manifests.texts.sources.get(file).path.clone();
        let mut texts = self.texts.clone();
        for edit in self.edits {
            for file in edit.files() {
                texts.remove(&path(file));
            }
        }
        let (written, _) = texts_of(&self.manifests.texts, &written);
        texts.extend(written.into_iter().map(|(file, text)| (path(file), text)));
        let environment = &self.pulling.planning.account.environment;
        let after = self.pulling.manifests_with(environment, &texts);
        self.complaint(&after, edit)
    }

    /// The guilty ones among the edits of a manifest: the one without which it is whole, else each that breaks a rule
    /// beside those that do not.
    fn guilty(&self, edit: &PullEdit, broken: RuleComplaint) -> Vec<(usize, RuleComplaint)> {
        let every: BTreeSet<usize> = (0..self.edits.len()).collect();
        let is_of_key = |at: &usize| self.edits[*at].key == edit.key;
        let of_key: Vec<usize> = every.iter().copied().filter(is_of_key).collect();
        if let [only] = of_key[..] {
            return vec![(only, broken)];
        }
        let is_culprit = |at: &usize| {
            let rest = every.iter().copied().filter(|it| it != at);
            self.with(edit, &rest.collect()).is_none()
        };
        if let Some(culprit) = of_key.iter().copied().find(is_culprit) {
            return vec![(culprit, broken)];
        }
        let mut taken: BTreeSet<usize> =
            every.iter().copied().filter(|at| !is_of_key(at)).collect();
        let mut waiting = of_key;
        loop {
            let mut guilty = Vec::new();
            for at in &waiting {
                taken.insert(*at);
                if let Some(complaint) = self.with(edit, &taken) {
                    taken.remove(at);
                    guilty.push((*at, complaint));
                }
            }
            let rest: Vec<usize> = guilty.iter().map(|(at, _)| *at).collect();
            if rest.len() == waiting.len() || rest.is_empty() {
                return guilty;
            }
            waiting = rest;
        }
    }
}

pub(super) fn errors(manifests: &Manifests) -> impl Iterator<Item = &Diagnostic> {
    let all = manifests.diags.iter();
    all.filter(|it| it.severity == Severity::Error)
}

/// Whether a complaint is about what the file notes beside what is sent, such as the meaning of a condition: nobody can
/// correct that in the console.
fn is_of_note(manifests: &Manifests, complaint: &Diagnostic, edit: &PullEdit) -> bool {
    let Location::Node { pointer, .. } = &complaint.at else {
        return false;
    };
    let below = pointer.below_spec();
    let resource = manifests.desired.get(&edit.key);
    below.zip(resource).is_some_and(|(at, resource)| {
        let notes = notes(edit.key.kind.def().fields, &resource.spec);
        notes.iter().any(|(note, _)| at.starts_with(note))
    })
}

/// Whether a complaint is about the manifest of an edit.
fn is_about(manifests: &Manifests, complaint: &Diagnostic, edit: &PullEdit) -> bool {
    let Location::Node { doc, .. } = &complaint.at else {
        return false;
    };
    manifests
        .desired
        .get(&edit.key)
        .is_some_and(|resource| resource.doc == *doc)
}
