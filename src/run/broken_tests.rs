//! Complaints about tests, parts of tests and launches: they make a test or a send fail, and change nothing of what a plan
//! writes.

use std::collections::BTreeSet;

use super::manifests::Manifests;
use crate::diag::{Diagnostic, DocId, Location, Severity, Texts};
use crate::kinds::KindId;

/// The document that a complaint is about, where plan and apply pass over it: a test, a part of one, or a launch.
fn test_of(texts: &Texts, diagnostic: &Diagnostic) -> Option<(KindId, DocId)> {
    let Location::Node { doc, .. } = &diagnostic.at else {
        return None;
    };
    let word = texts.document(*doc).value.get("kind")?.as_str()?;
    let kind = KindId::manifests().find(|kind| kind.name() == word)?;
    kind.def().is_passed_over().then_some((kind, *doc))
}

/// Makes warnings of the errors that are about tests, parts of tests and launches: they make a test or a send fail, and
/// change nothing of what a plan writes.
pub(super) fn without_errors_of_tests(manifests: &mut Manifests) {
    let found = std::mem::take(&mut manifests.diags).into_iter();
    let lowered = found.map(|mut diagnostic| {
        let is_error = diagnostic.severity == Severity::Error;
        if is_error && test_of(&manifests.texts, &diagnostic).is_some() {
            diagnostic.severity = Severity::Warning;
            let help = diagnostic.help.unwrap_or_default();
            let separator = if help.is_empty() { "" } else { "; " };
            let why = "no plan depends on it, but `validate` and the command that reads it fail";
            diagnostic.help = Some(format!("{help}{separator}{why}"));
        }
        diagnostic
    });
    manifests.diags = lowered.collect();
}

/// Takes the errors out that are about tests, parts of tests and launches: they make a test or a send fail and nothing
/// else. Each with its document. What is wrong with a test that is left out for it stays an error: nothing else would tell
/// that it is not run.
pub(super) fn tests_apart(manifests: &mut Manifests) -> Vec<(DocId, Diagnostic)> {
    let mut broken = Vec::new();
    let there: BTreeSet<DocId> = manifests.desired.iter().map(|it| it.doc).collect();
    let kept = std::mem::take(&mut manifests.diags)
        .into_iter()
        .filter(|diagnostic| {
            let of_test = test_of(&manifests.texts, diagnostic)
                .filter(|(kind, doc)| !kind.def().is_test || there.contains(doc))
                .map(|(_, doc)| doc);
            let found = of_test.filter(|_| diagnostic.severity == Severity::Error);
            broken.extend(found.map(|doc| (doc, diagnostic.clone())));
            of_test.is_none()
        });
    manifests.diags = kept.collect();
    broken
}

/// What is wrong with tests and parts of tests, whatever it was made of: a test that cannot be read proves nothing.
#[must_use]
pub(super) fn faults_of_tests(manifests: &Manifests) -> Vec<(DocId, Diagnostic)> {
    let errors = manifests
        .diags
        .iter()
        .filter(|it| it.code.severity == Severity::Error);
    let faults = errors.filter_map(|fault| {
        let (kind, doc) = test_of(&manifests.texts, fault)?;
        kind.def().is_test.then(|| (doc, fault.clone()))
    });
    faults.collect()
}
