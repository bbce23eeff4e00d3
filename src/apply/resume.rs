//! Going on with a plan whose run died: what it did already is known as if this run had done it.

use super::outcome::StepResult;
use super::run::ApplyInput;
use super::state::{Shared, TouchedObject};
use crate::name::RemoteId;
use crate::plan::{Action, Step, StepVerb};

/// Makes the steps that an earlier run did known, in the order of the plan, and returns how they ended.
pub(super) fn resume<P>(
    input: &ApplyInput<'_, P>,
    shared: &Shared<'_>,
) -> Vec<(usize, StepResult)> {
    let steps = input.plan.steps.iter().enumerate();
    let done = steps.filter(|(index, _)| input.applied.contains(index));
    done.map(|(index, step)| (index, remember(input, shared, step)))
        .collect()
}

fn remember<P>(input: &ApplyInput<'_, P>, shared: &Shared<'_>, step: &Step) -> StepResult {
    let change = input.plan.changes.get(step.change);
    let planned = change.and_then(|change| change.remote_id.clone());
    let entry = input.ledger.entries.get(&step.key);
    let mut state = shared.lock();
    let id: Option<RemoteId> = match (step.verb, entry) {
        (StepVerb::Delete, _) => {
            if let (Some(change), Some(id)) = (change, &planned) {
                state.deleted(&step.key, id, &change.display_name);
            }
            planned
        }
        (StepVerb::Forget | StepVerb::Manual, _) | (_, None) => planned,
        (verb, Some(entry)) => {
            state.bound(&step.key, &entry.id, entry.display_name.clone());
            if verb == StepVerb::Create {
                let replaced = planned
                    .filter(|_| change.is_some_and(|change| change.action == Action::Replace));
                state.appeared(&step.key, replaced.as_ref());
            }
            if !matches!(verb, StepVerb::Adopt | StepVerb::Record | StepVerb::Rename) {
                let touched = TouchedObject {
                    id: entry.id.clone(),
                    parent: entry.parent.clone(),
                    created: verb == StepVerb::Create,
                    written: step.spec.clone(),
                    held: None,
                };
                state.touch(&step.key, touched);
            }
            Some(entry.id.clone())
        }
    };
    StepResult::Applied {
        id,
        revision_before: None,
        revision_after: None,
        earlier: true,
        normalized: Vec::new(),
        twins: Vec::new(),
    }
}
