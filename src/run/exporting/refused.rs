//! What `validate` would refuse of an export: an account may hold what the rules call an error.

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Diags, Severity};
use crate::plan::is_waivable;
use crate::run::{Run, Workspace, manifests};

/// Tells what `validate` would refuse of exported files, each a path as people find it and its text; as warnings, with the
/// rules that could be lowered.
pub fn warn(run: &Run, workspace: &Workspace, files: Vec<(String, String)>) {
    let (texts, diags) = manifests::of_texts(files);
    let errors = workspace
        .rules_of(run.environment())
        .apply(diags, &texts)
        .into_iter()
        .filter(|it| it.severity == Severity::Error);
    let warnings: Diags = errors
        .map(|error| Diagnostic {
            severity: Severity::Warning,
            ..error
        })
        .collect();
    if warnings.is_empty() {
        return;
    }
    run.complain(&warnings, &texts);
    run.note(&advice(&warnings));
}

/// What to do about them.
fn advice(warnings: &Diags) -> String {
    let rules = warnings.iter().filter(|it| is_waivable(it.code));
    let rules: BTreeSet<String> = rules.map(|it| format!("{}: warn", it.code.name)).collect();
    let rules: Vec<String> = rules.into_iter().collect();
    if rules.is_empty() {
        return "note: `validate` reports this as an error: correct it in the exported files"
            .to_owned();
    }
    format!(
        "note: `validate` reports this as an error; a plan accepts it until the object changes.\n  = help: correct it, or lower the rules in `campaignctl.yaml`: `rules: {{ {} }}`",
        rules.join(", ")
    )
}
