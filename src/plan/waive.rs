//! What the rules of a kind say about objects that a plan does not write.
//!
//! An account may hold what a rule calls an error: a published campaign without a goal, made in the console. A
//! manifest that says just that changes nothing, so it keeps no plan back; the complaint becomes a warning. As
//! soon as the plan would create or change the object, the error is one.

use std::collections::BTreeSet;

use super::Action;
use crate::check::breaches;
use crate::diag::{Code, Diagnostic, Diags, Severity, Texts};
use crate::diff::Changes;
use crate::kinds::ALL;
use crate::manifest::Key;
use crate::resolve::Desired;

/// Whether a complaint is of a kind's rules, so that the account can be asked whether it matters.
#[must_use]
pub fn is_waivable(code: &Code) -> bool {
    ALL.iter().any(|def| def.codes.contains(&code))
}

/// Whether there is an error that no account can take away.
#[must_use]
pub fn is_blocked(diags: &Diags) -> bool {
    let mut errors = errors(diags);
    errors.any(|diagnostic| !is_waivable(diagnostic.code))
}

/// The complaints about manifests, those of rules lowered to warnings where the plan leaves the object as it is.
#[must_use]
pub fn waived(texts: &Texts, desired: &Desired, diags: Diags, changes: &Changes) -> Diags {
    if errors(&diags).next().is_none() {
        return diags;
    }
    let changes = changes.changes.iter();
    let written: BTreeSet<Key> = changes
        .filter(|change| !matches!(change.action, Action::None | Action::Adopt))
        .filter(|change| !change.is_rename_only())
        .map(super::Change::key)
        .collect();
    // What lies around a written object is judged by it, too: a campaign by its engagements.
    let around = written
        .iter()
        .filter_map(|key| desired.get(key)?.parent())
        .collect::<BTreeSet<Key>>();
    let written = written.union(&around).filter_map(|key| desired.get(key));
    let found: Vec<Diagnostic> = written
        .flat_map(|resource| breaches(texts, desired, resource))
        .collect();
    let matters = |complaint: &Diagnostic| {
        found.iter().any(|found| {
            (found.code, &found.at, &found.message)
                == (complaint.code, &complaint.at, &complaint.message)
        })
    };
    let settled = diags.into_iter().map(|diagnostic| {
        let is_error = diagnostic.severity == Severity::Error;
        if is_error && is_waivable(diagnostic.code) && !matters(&diagnostic) {
            lowered(diagnostic)
        } else {
            diagnostic
        }
    });
    settled.collect()
}

/// A warning in place of an error, saying why.
fn lowered(diagnostic: Diagnostic) -> Diagnostic {
    let help = diagnostic.help.unwrap_or_default();
    Diagnostic {
        severity: Severity::Warning,
        help: Some(format!(
            "{help}; the plan does not write the object, so this keeps nothing back"
        )),
        ..diagnostic
    }
}

fn errors(diags: &Diags) -> impl Iterator<Item = &Diagnostic> {
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
    diags.iter().filter(is_error)
}
