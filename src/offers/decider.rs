//! Decides the assertions of one visit: what the visit is offered is found out once for all of them.

use super::assertion::{Assertion, DecidedAssertion};
use super::judgement::Eligibility;
use super::outcome::{TRIED, VisitOutcome, positions};
use super::truth::{Judged, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Switch};
use crate::manifest::Key;

/// Decides the assertions of a visit.
pub(super) struct Decider<'a> {
    world: &'a World,
    visit: &'a Visit,
    assumed: &'a Assumed,
    outcome: VisitOutcome,
}

/// Decides an assertion at a visit.
pub(super) fn decide(
    world: &World,
    visit: &Visit,
    assumed: &Assumed,
    assertion: &Assertion,
) -> DecidedAssertion {
    Decider::new(world, visit, assumed, std::slice::from_ref(assertion)).decide(assertion)
}

impl<'a> Decider<'a> {
    /// For these assertions: what they name is looked at, too.
    pub(super) fn new(
        world: &'a World,
        visit: &'a Visit,
        assumed: &'a Assumed,
        assertions: &[Assertion],
    ) -> Self {
        let named: Vec<&Key> = assertions.iter().flat_map(|it| it.claim.keys()).collect();
        Self {
            world,
            visit,
            assumed,
            outcome: VisitOutcome::about(world, visit, assumed, &named),
        }
    }

    /// How the engagements were judged that are named or may be offered.
    pub(super) fn trace(self) -> Vec<Eligibility> {
        self.outcome.eligibilities.into_values().collect()
    }

    /// Decides an assertion. Where inferred facts matter, all positions of those are tried together: what is the same in
    /// all of them is decided.
    pub(super) fn decide(&self, assertion: &Assertion) -> DecidedAssertion {
        let mut judged = assertion.judge(self.world, &self.outcome, self.assumed);
        let switches = judged.switches();
        if judged.truth == Truth::Unknown && !switches.is_empty() && switches.len() <= TRIED {
            judged = self
                .in_all_positions(assertion, &switches)
                .unwrap_or(judged);
        }
        let instead = assertion.instead(self.world, &self.outcome, &judged);
        DecidedAssertion {
            at: assertion.at.clone(),
            what: assertion.what.clone(),
            judged,
            instead,
        }
    }

    /// The verdict that all positions of some switches agree on.
    fn in_all_positions(&self, assertion: &Assertion, switches: &[Switch]) -> Option<Judged> {
        let (world, assumed) = (self.world, self.assumed);
        let mut found: Option<Judged> = None;
        for taken in positions(switches, assumed) {
            let outcome = VisitOutcome::about(world, self.visit, &taken, &assertion.claim.keys());
            let mut judged = assertion.judge(world, &outcome, &taken);
            // What is the same in all positions rests on none of them.
            judged.rests.retain(|switch| assumed.of(*switch).is_some());
            match &found {
                _ if judged.truth == Truth::Unknown => return None,
                Some(first) if first.truth != judged.truth => return None,
                Some(_) => {}
                None => found = Some(judged),
            }
        }
        found
    }
}
