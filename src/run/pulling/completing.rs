//! Manifests that are gone while others refer to them: nothing can be compared before they are made again.

use super::warning::is_in;
use super::{PullRequest, Pulling};
use crate::diag::{Diagnostic, Diags, Severity};
use crate::kinds::KindId;
use crate::manifest::Key;
use crate::pull::fresh;
use crate::resolve::codes::{
    OVERLAY_WITHOUT_BASE, UNKNOWN_REFERENCE, UNUSED_VARIABLE, WRONG_KIND_REFERENCE,
};
use crate::run::Error;
use crate::run::broken_tests::without_errors_of_tests;
use crate::run::manifests::Manifests;
use crate::run::planning::Planning;
use crate::run::workspace::{UNUSABLE, refuse};

impl PullRequest<'_> {
    /// Whether a complaint may be over once objects have manifests: one about a reference to an object without one, about
    /// an overlay of it, or about the lack of such manifests.
    pub(super) fn may_define(&self, complaint: &Diagnostic) -> bool {
        let asks = self.foreign || !self.named.is_empty();
        // What is not there may share its name with an object of another kind.
        let codes = [
            &UNKNOWN_REFERENCE,
            &WRONG_KIND_REFERENCE,
            &OVERLAY_WITHOUT_BASE,
            &UNUSED_VARIABLE,
        ];
        let mut codes = codes.into_iter();
        asks && (codes.any(|code| code.name == complaint.code.name) || self.may_supply(complaint))
    }

    /// Whether a complaint says that there is no manifest of a kind that is asked for.
    fn may_supply(&self, complaint: &Diagnostic) -> bool {
        let is_asked = |kind: &str| {
            let mut named = self.named.iter();
            self.foreign || named.any(|named| named.kind.name() == kind)
        };
        let of_absence = KindId::manifests().flat_map(|kind| kind.def().of_absence);
        let mut lacking = of_absence.filter(|(_, kind, _)| is_asked(kind));
        lacking.any(|(code, ..)| code.name == complaint.code.name)
    }
}

impl Pulling<'_> {
    /// The manifests with those that are asked for, where others refer to these and nothing can be compared without
    /// them.
    ///
    /// # Errors
    /// References that lead nowhere all the same.
    pub(super) fn completed(
        &self,
        account: &fresh::PulledAccount<'_>,
    ) -> Result<Option<Manifests>, Error> {
        let Planning { manifests, run, .. } = *self.planning;
        if !manifests.diags.iter().any(|it| self.asked.may_define(it)) {
            return Ok(None);
        }
        let (_, new) = self.new_files(account, &self.named(account, self.asked.named)?);
        let mut with = self.manifests_with(&self.planning.account.environment, &new);
        without_errors_of_tests(&mut with);
        let others = with.diags.iter().filter(|it| !is_in(&new, &with.texts, it));
        let makes_some = !new.is_empty();
        let others = others.map(|it| self.advised(it.clone()));
        let others: Diags = others.map(|it| tolerated(it, makes_some)).collect();
        if others.has_errors() {
            refuse(run, &others, &with.texts, UNUSABLE)?;
        }
        let unused = others.iter().filter(|it| is_unused_variable(it));
        run.complain(&unused.cloned().collect(), &with.texts);
        Ok(Some(with))
    }

    /// A complaint about a reference to an object that the ledger knows, with the way to its manifest.
    fn advised(&self, complaint: Diagnostic) -> Diagnostic {
        let mut recorded = self.ledger.entries.keys().map(Key::to_string);
        let missing = complaint.missing.clone();
        match missing.filter(|missing| recorded.any(|key| key == *missing)) {
            Some(key) => complaint.help(format!(
                "name `{key}` as well to make its manifest from the account"
            )),
            None => complaint,
        }
    }
}

fn is_unused_variable(complaint: &Diagnostic) -> bool {
    complaint.code.name == UNUSED_VARIABLE.name
}

/// A variable that only a manifest used that is gone does not keep this from being made again. What is made has the values
/// of the account, and that one of them was a variable is nowhere recorded.
fn tolerated(complaint: Diagnostic, makes_some: bool) -> Diagnostic {
    if !makes_some || !is_unused_variable(&complaint) {
        return complaint;
    }
    let help = "the new manifests have the account's values: write the variable where it belongs in them, or remove it from the project file";
    Diagnostic {
        severity: Severity::Warning,
        ..complaint.help(help)
    }
}
