//! What is said of the manifests beside what is taken over: of their texts as they will be.

use super::settling::errors;
use super::{NewTexts, Pulling};
use crate::diag::{self, Diagnostic, Diags, Severity};
use crate::pull::PullEdit;
use crate::run::manifests::Manifests;
use crate::run::planning::NO_PLAN;
use crate::run::workspace::refuse;
use crate::run::{Error, Run};
use crate::text::Pointer;

/// Refuses errors; what is left are warnings, for which it is too early while it is not known what is taken over.
pub(super) fn refuse_errors(run: &Run, diags: Diags, texts: &diag::Texts) -> Result<Diags, Error> {
    let is_error = |it: &Diagnostic| it.severity == Severity::Error;
    if diags.iter().any(is_error) {
        refuse(run, &diags, texts, NO_PLAN)?;
    }
    Ok(diags)
}

impl Pulling<'_> {
    /// Tells the warnings about what stays in the files: what an edit replaces needs none any more.
    pub(super) fn warn(&self, warnings: &Diags, manifests: &Manifests, edits: &[PullEdit]) {
        let texts = &manifests.texts;
        let replaced = edits.iter().filter_map(|edit| {
            let resource = manifests.desired.get(&edit.key)?;
            let at = edit.pointer.below_spec().unwrap_or_else(Pointer::root);
            texts.span(&resource.locate(texts, &at))
        });
        let replaced: Vec<_> = replaced.collect();
        let stays = |warning: &Diagnostic| {
            let place = texts.span(&warning.at);
            let inside = place.map(|(file, span)| {
                let mut replaced = replaced.iter();
                replaced.any(|(other, around)| {
                    *other == file && around.start <= span.start && span.end <= around.end
                })
            });
            inside != Some(true)
        };
        let warnings: Diags = warnings.iter().filter(|it| stays(it)).cloned().collect();
        self.planning.run.complain(&warnings, texts);
    }

    /// Tells what `validate` would refuse of new manifests: an account may hold what the rules call an error.
    pub(super) fn warn_of_new(&self, new: &NewTexts, all: &NewTexts) {
        if new.is_empty() {
            return;
        }
        let environment = &self.planning.account.environment;
        let after = self.manifests_with(environment, all);
        let errors = errors(&after)
            .filter(|it| is_in(new, &after.texts, it))
            .cloned();
        let warnings: Diags = errors
            .map(|error| Diagnostic {
                severity: Severity::Warning,
                ..error
            })
            .collect();
        let run = self.planning.run;
        if !warnings.is_empty() {
            run.complain(&warnings, &after.texts);
            run.note("note: `validate` reports this as an error; correct the object in the console, or edit the new manifest");
        }
    }
}

/// Whether a complaint is about one of the new texts.
pub(super) fn is_in(new: &NewTexts, texts: &diag::Texts, complaint: &Diagnostic) -> bool {
    let place = texts.span(&complaint.at);
    place.is_some_and(|(file, _)| new.contains_key(&texts.sources.get(file).path))
}
