//! Going on with a saved plan that was not done whole: how far it got.
//!
//! A run that died in the middle left its journal. One that died at its very end had stored the ledger, so that the plan is
//! used up, and the lock or the journal is still there. One that was stopped, or in which steps failed, noted in the ledger how far
//! it got. For the one who repeats the job all are the same: a plan that is finished by running it again.

use std::collections::BTreeSet;

use crate::ledger::LedgerSession;
use crate::live::{Begun, Ledger};
use crate::plan::{Plan, Step, StepVerb};

/// How far earlier runs of the plan got; `None` where there is none to go on with.
pub(super) fn begun_of(session: &LedgerSession, plan: &Plan) -> Option<Begun> {
    let begun = session.ledger().begun_with(session.begun());
    if let Some(begun) = begun.of(&plan.id) {
        return Some(begun.clone());
    }
    if let Some(ended) = session.ended().of(&plan.id) {
        return is_whole(plan, ended).then(|| ended.clone());
    }
    // Where the journal is a part of the ledger's own document, a ledger that was stored has none: the lock is what is left.
    session
        .is_taken_over()
        .then(|| carried_out(session.ledger(), plan))?
}

/// Whether the journal says already that the plan is used, or need not: nothing of it is left to do. What only the ledger notes of a
/// plan is in no journal yet.
pub(super) fn is_in_journal(session: &LedgerSession, plan: &Plan) -> bool {
    let is_noted =
        |begun: &Option<Begun>| begun.as_ref().is_some_and(|it| it.of(&plan.id).is_some());
    session.begun().of(&plan.id).is_some()
        || begun_of(session, plan).is_some() && !is_noted(&session.ledger().begun)
}

/// How far the plan got, where its run ends before all of it is done.
pub(super) fn left_of(session: &LedgerSession, plan: &Plan) -> Option<Begun> {
    begun_of(session, plan).filter(|begun| !is_whole(plan, begun))
}

/// Whether all of a plan is done.
fn is_whole(plan: &Plan, begun: &Begun) -> bool {
    written(plan).is_subset(&begun.applied)
}

/// All of the plan, where the ledger says that it was the last one and that all of it was done; `None` otherwise. A run that
/// came to its end leaves the same ledger as one that was killed when only its answer was missing.
pub(super) fn carried_out(ledger: &Ledger, plan: &Plan) -> Option<Begun> {
    let is_last = ledger.used_plans.last() == Some(&plan.id);
    let is_whole = || {
        plan.steps
            .iter()
            .all(|step| is_recorded(plan, step, ledger))
    };
    let steps = written(plan);
    (is_last && is_whole()).then(|| Begun {
        plan: Some(plan.id.clone()),
        started: steps.clone(),
        applied: steps,
    })
}

/// The steps of a plan that no person does.
fn written(plan: &Plan) -> BTreeSet<usize> {
    let steps = plan.steps.iter().enumerate();
    let steps = steps.filter(|(_, step)| step.verb != StepVerb::Manual);
    steps.map(|(index, _)| index).collect()
}

/// Whether the ledger says that a step was done.
fn is_recorded(plan: &Plan, step: &Step, ledger: &Ledger) -> bool {
    let entry = ledger.entries.get(&step.key);
    let is_foreign = plan.changes.get(step.change).is_some_and(|it| it.foreign);
    match step.verb {
        StepVerb::Manual => true,
        StepVerb::Delete | StepVerb::Forget => entry.is_none() && !is_foreign,
        _ => entry.is_some_and(|entry| entry.plan == plan.id),
    }
}
