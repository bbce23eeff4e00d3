//! The plans of a rollout that a person is asked about: made for all of its environments before anything is written, then
//! carried out as they were shown.

use std::sync::{Mutex, PoisonError};

use super::one::{EnvironmentWork, block_on};
use super::{Done, Member, Rollout};
use crate::plan::Plan;
use crate::run::environments::{Came, of_each};
use crate::run::planning::{How, planned};
use crate::run::{Error, Meaning, Run, StopRequests};

/// The plans, each until it is carried out.
#[derive(Debug)]
pub struct PlannedRollout(Mutex<Vec<Came<Plan>>>);

impl Rollout<'_> {
    /// The plans for the environments of this part, in their order. Nothing is written.
    ///
    /// # Errors
    /// A part that is not there. An environment that cannot be planned for hides no other.
    pub fn plans(&self) -> Result<Vec<Came<Plan>>, Error> {
        self.part.check(self.roster)?;
        let members = self.roster.members.iter().filter(|it| self.part.has(it));
        let names: Vec<String> = members.map(|it| it.environment.clone()).collect();
        let how = How {
            ignores_drift: self.ignores_drift,
            ..How::default()
        };
        Ok(of_each(self.run, &names, self.at_a_time, |run| {
            let planned = planned(run, self.workspace, self.subset, how);
            block_on(planned).map(|it| it.plan)
        }))
    }
}

/// Whether there is nothing to do in any environment, and each could be planned for.
#[must_use]
pub fn is_nothing(plans: &[Came<Plan>]) -> bool {
    let mut plans = plans.iter();
    plans.all(|(_, it)| it.as_ref().is_ok_and(Plan::is_empty))
}

impl From<Vec<Came<Plan>>> for PlannedRollout {
    fn from(plans: Vec<Came<Plan>>) -> Self {
        Self(Mutex::new(plans))
    }
}

impl PlannedRollout {
    /// Carries out the plan of a member, which is given away by it.
    ///
    /// # Errors
    /// Why the environment could not be planned for; those of [`EnvironmentWork::plan`].
    pub fn carry_out(
        &self,
        work: &EnvironmentWork<'_>,
        run: &Run,
        member: &Member,
        stop: StopRequests,
    ) -> Result<Done, Error> {
        match self.take(&member.environment) {
            Some(plan) => work.plan(run, &plan?, stop),
            None => Err(Error::new(Meaning::Failed, "it was not planned")),
        }
    }

    fn take(&self, environment: &str) -> Option<Result<Plan, Error>> {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = plans.iter().position(|(name, _)| name == environment)?;
        Some(plans.swap_remove(at).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_planned_is_carried_out_once() {
        let failed = || Err(Error::new(Meaning::Denied, "no"));
        let plans = vec![("a".to_owned(), failed()), ("b".to_owned(), failed())];
        assert!(!is_nothing(&plans) && is_nothing(&[]));
        let planned = PlannedRollout::from(plans);
        assert!(planned.take("b").is_some_and(|it| it.is_err()));
        assert!(planned.take("b").is_none() && planned.take("c").is_none());
        assert!(planned.take("a").is_some());
    }
}
