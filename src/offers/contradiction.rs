//! What of an answer of the platform contradicts the manifests, and what would explain that.

use super::outcome::VisitOutcome;
use super::proof::Weighed;
use super::served::ServedOffer;
use super::truth::{Observation, Truth};
use super::why::Objection;
use crate::kinds::offering::{Assumed, SWITCHES};

impl Weighed<'_> {
    /// That it is not known whether what is offered is served as the account has it.
    pub(super) fn unread(&self) -> Option<Objection> {
        let why = self.evidence.revision.as_ref().err()?;
        let shown = self.offer.phrase();
        let text = format!("{shown}, and the account does not say its revision: {why}");
        Some(Objection::open(Observation::Unsaid, text))
    }

    /// What the platform does other than the manifests say, and the inferred facts that would explain it.
    pub(super) fn contradiction(&self) -> Objection {
        let fits = |assumed: &Assumed| {
            let outcome = VisitOutcome::whole(self.world, &self.query.visit, assumed);
            match &self.offer {
                ServedOffer::Ours(key) => {
                    outcome.possible(self.world, key, assumed).truth != Truth::No
                }
                _ => outcome.contests.iter().all(|it| it.sure.is_empty()),
            }
        };
        let mut explained = Vec::new();
        for switch in SWITCHES {
            for (at, position) in switch.positions().iter().enumerate() {
                let with = |at: usize| {
                    let mut taken = self.query.assumed.clone();
                    taken.0.insert(*switch, at);
                    taken
                };
                if fits(&with(at)) && !fits(&with(1 - at)) {
                    explained.push(format!("`{switch}: {}`", position.word));
                }
            }
        }
        let shown = self.offer.phrase();
        match explained.as_slice() {
            [] if self.offer == ServedOffer::Nothing => {
                let text = format!("{shown}, and the platform does not say why");
                Objection::fails(Some(Observation::Unexplained), text)
            }
            [] => Objection::fails(None, format!("{shown}, and the manifests say otherwise")),
            all => {
                let facts = all.join(" or ");
                let text =
                    format!("{shown}, and the manifests say otherwise; {facts} would explain it");
                Objection::fails(None, text)
            }
        }
    }
}
