//! A case that the manifests refute: it fails whatever the platform answers.

use std::collections::BTreeSet;

use super::assertion::{Assertion, Claim};
use super::proof::Weighed;
use super::truth::Truth;
use super::why::Objection;
use crate::kinds::offering::Aspect;

impl Weighed<'_> {
    /// Whether the manifests say that an assertion does not hold of the visit. It fails then whatever the platform answers, as it does
    /// in a test: a draw, a conversation or what a colleague changed can only make it look right.
    pub(super) fn is_refuted(&self, assertion: &Assertion) -> bool {
        let judged = assertion.judge(self.world, &self.outcome, &self.query.assumed);
        !matches!(assertion.claim, Claim::Undecided(_)) && judged.truth == Truth::No
    }

    /// That the manifests refute an assertion, beside what the answer says against it.
    pub(super) fn refuted(
        &self,
        assertion: &Assertion,
        (holds, why): (Option<bool>, Option<Objection>),
    ) -> Objection {
        let all = super::assertion::told(&self.outcome);
        if let Some(Objection {
            observation, text, ..
        }) = why
        {
            let text = format!("{text}; the manifests say otherwise than the case ({all})");
            return Objection::fails(observation, text);
        }
        let shown = self.offer.phrase();
        let more = self.fails_besides(&assertion.claim);
        let says = if !more.is_empty() {
            format!("it fails for {} as well", more.join(", "))
        } else if holds == Some(true) {
            "the case says otherwise: this answer holds, and the next may not".to_owned()
        } else {
            "the case says otherwise".to_owned()
        };
        Objection::fails(None, format!("{shown} (by the manifests, {all}): {says}"))
    }

    /// What else an engagement fails for by the manifests than what a claim says.
    fn fails_besides(&self, claim: &Claim) -> Vec<&'static str> {
        let Claim::FailsFor(key, aspects) = claim else {
            return Vec::new();
        };
        let found = self.outcome.eligibilities.get(key).into_iter();
        let failing = found.flat_map(|it| it.failing().map(|it| it.aspect));
        let others = failing.filter(|it| !aspects.contains(it));
        let others: BTreeSet<&'static str> = others.map(Aspect::word).collect();
        others.into_iter().collect()
    }
}
