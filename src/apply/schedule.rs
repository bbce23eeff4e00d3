//! Which step may run when. Pure.

use std::collections::BTreeSet;

use crate::plan::Step;

/// The steps of a plan that may run, and those that wait for others.
#[derive(Debug)]
pub(super) struct StepSchedule {
    ready: BTreeSet<usize>,
    waiting: Vec<usize>,         // per step: dependencies that have not ended
    dependants: Vec<Vec<usize>>, // per step: the steps that wait for it
    blocked: Vec<bool>,
}

impl StepSchedule {
    /// The schedule before the first step. A step that waits for one that is not there never runs.
    pub(super) fn new(steps: &[Step]) -> Self {
        let mut schedule = Self {
            ready: BTreeSet::new(),
            waiting: vec![0; steps.len()],
            dependants: vec![Vec::new(); steps.len()],
            blocked: vec![false; steps.len()],
        };
        for (index, step) in steps.iter().enumerate() {
            let after: BTreeSet<usize> = step.after.iter().copied().collect();
            schedule.waiting[index] = after.len();
            for dependency in after {
                if let Some(dependants) = schedule.dependants.get_mut(dependency) {
                    dependants.push(index);
                }
            }
            if schedule.waiting[index] == 0 {
                schedule.ready.insert(index);
            }
        }
        schedule
    }

    /// Takes the first step that may run.
    pub(super) fn take(&mut self) -> Option<usize> {
        self.ready.pop_first()
    }

    /// Takes a step that needs no doing any more.
    pub(super) fn remove(&mut self, index: usize) {
        self.ready.remove(&index);
    }

    /// Notes that a step ended. Returns the steps that can never run because it did not succeed, each
    /// with the step that it waited for, in an order in which reasons come first.
    pub(super) fn finish(&mut self, index: usize, succeeded: bool) -> Vec<(usize, usize)> {
        if succeeded {
            for dependant in self.dependants[index].clone() {
                self.waiting[dependant] -= 1;
                if self.waiting[dependant] == 0 && !self.blocked[dependant] {
                    self.ready.insert(dependant);
                }
            }
            return Vec::new();
        }
        let mut skipped = Vec::new();
        let mut reasons = vec![index];
        while let Some(reason) = reasons.pop() {
            for dependant in self.dependants[reason].clone() {
                if !std::mem::replace(&mut self.blocked[dependant], true) {
                    skipped.push((dependant, reason));
                    reasons.push(dependant);
                }
            }
        }
        skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::Value;

    use crate::plan::StepVerb;

    fn schedule(after: &[&[usize]]) -> StepSchedule {
        let step = |(index, after): (usize, &&[usize])| Step {
            key: format!("Goal/g{index}").parse().unwrap(),
            change: index,
            verb: StepVerb::Create,
            spec: Value::Null,
            before: Value::Null,
            after: after.to_vec(),
        };
        StepSchedule::new(&after.iter().enumerate().map(step).collect::<Vec<_>>())
    }

    #[test]
    fn a_step_waits_for_all_of_its_dependencies() {
        let mut schedule = schedule(&[&[], &[], &[0, 1, 1], &[2]]);
        assert_eq!((schedule.take(), schedule.take()), (Some(0), Some(1)));
        assert_eq!(schedule.take(), None);
        assert!(schedule.finish(1, true).is_empty());
        assert_eq!(schedule.take(), None);
        schedule.finish(0, true);
        assert_eq!(schedule.take(), Some(2));
    }

    #[test]
    fn a_failure_blocks_everything_behind_it_and_nothing_else() {
        let mut schedule = schedule(&[&[], &[], &[0, 1], &[2], &[1]]);
        assert_eq!(schedule.finish(0, false), [(2, 0), (3, 2)]);
        schedule.finish(1, true);
        schedule.take();
        schedule.take();
        assert_eq!(schedule.take(), Some(4));
        assert_eq!(schedule.take(), None);
    }

    #[test]
    fn cycles_and_unknown_steps_never_run() {
        let mut schedule = schedule(&[&[1], &[0], &[9]]);
        assert_eq!(schedule.take(), None);
    }
}
