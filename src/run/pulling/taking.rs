//! What is taken over, planned with as it would be, and the new manifests that cannot be: these are left, and all is
//! planned again without them.

use super::settling::SettledDrift;
use super::{NewTexts, Pulling};
use crate::diff::{self, Bindings, Change};
use crate::pull::fresh::{self, FreshObjects, NewFile};
use crate::pull::{Left, PullEdit, keep_causes, listed, unlisted};
use crate::run::manifests::Manifests;

/// What is taken over, and what of it is left.
pub(super) struct Taken {
    /// The new files.
    pub(super) files: Vec<NewFile>,
    /// Their texts by their paths.
    pub(super) new: NewTexts,
    /// The manifests with those in the new files.
    pub(super) manifests: Option<Manifests>,
    pub(super) settled: SettledDrift,
    /// What is left.
    pub(super) left: Vec<Left>,
    /// How many fields are for `apply`.
    pub(super) edited: usize,
}

impl Taken {
    /// The edits that hold.
    pub(super) fn edits(&self) -> &[PullEdit] {
        &self.settled.edits
    }
}

impl Pulling<'_> {
    /// What is taken over. The objects that cannot get a manifest go from `fresh`, and are left with the reason.
    pub(super) fn taken_over(
        &self,
        account: &fresh::PulledAccount<'_>,
        fresh: &mut FreshObjects<'_>,
        changes: &[Change],
        bindings: &Bindings<'_>,
    ) -> Taken {
        let mut refused = Vec::new();
        loop {
            let mut taken = self.taken(account, fresh, changes, bindings);
            let more = self.undefinable(account, fresh, &taken);
            if more.is_empty() {
                taken.left.extend(refused);
                return taken;
            }
            fresh.leave(&more);
            refused.extend(more);
        }
    }

    fn taken(
        &self,
        account: &fresh::PulledAccount<'_>,
        fresh: &FreshObjects<'_>,
        changes: &[Change],
        bindings: &Bindings<'_>,
    ) -> Taken {
        let (files, new) = self.new_files(account, fresh);
        let with = (!new.is_empty()).then(|| {
            let with = self.manifests_with(&self.planning.account.environment, &new);
            let mut changes = self.differences(&with).0;
            self.with_takes(&with, fresh, |takes| {
                keep_causes(takes, &mut changes, &fresh.objects, &bindings.references);
            });
            (with, changes)
        });
        let (manifests, changes) = match &with {
            Some((with, changes)) => (with, changes.as_slice()),
            None => (self.planning.manifests, changes),
        };
        let renamed = self.renamed(manifests, fresh, (changes, &bindings.references));
        let drifted = self.drifted(manifests, fresh, changes);
        let (listed, mut left) = self.with_takes(manifests, fresh, |takes| {
            listed(takes, changes, &fresh.objects, &drifted)
        });
        // What drifts replaces whole lists, after the names of references in them.
        let edits = [renamed, listed, drifted.edits].concat();
        let mut settled = self.settled(manifests, edits, &new);
        left.splice(0..0, drifted.left);
        left.append(&mut settled.left);
        Taken {
            files,
            new,
            manifests: with.map(|(with, _)| with),
            settled,
            left,
            edited: drifted.edited,
        }
    }

    /// The new objects that a plan would not find, or would take out of the list of what is around them.
    fn undefinable(
        &self,
        account: &fresh::PulledAccount<'_>,
        fresh: &FreshObjects<'_>,
        taken: &Taken,
    ) -> Vec<Left> {
        let Some(with) = &taken.manifests else {
            return Vec::new();
        };
        let (bindings, _) = diff::bind(&with.desired, &self.inventory, &self.ledger);
        let ambiguous = account.ambiguous(fresh, &bindings);
        if !ambiguous.is_empty() {
            return ambiguous;
        }
        let environment = &self.planning.account.environment;
        let after = self.manifests_with(environment, &taken.settled.texts);
        let (changes, _) = self.differences(&after);
        unlisted(&changes, &fresh.objects, &taken.left)
    }
}
