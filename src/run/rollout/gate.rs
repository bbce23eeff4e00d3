//! Whether a wave may start: the waves before it are done, and what they wrote has had its time to show.
//!
//! Both are read from the accounts and their ledgers, not from what an earlier run remembered: a run on another machine
//! finds the same. An environment that this run has worked on itself is known; any other is planned again, and is done
//! when there is nothing left to do but what people do by hand. As many may be open as may fail.

use jiff::{SignedDuration, Timestamp};

use super::{End, Landed, Member, Rollout, WhyNotStarted};
use crate::plan::Plan;
use crate::project::Wave;
use crate::run::environments::of_each;
use crate::run::ledgers::ledger_of;
use crate::run::planning::{How, planned};
use crate::run::{Error, Run};

/// The way from one wave to the next.
pub(super) struct Gate<'a> {
    pub(super) rollout: &'a Rollout<'a>,
    /// What came of the environments of this run so far.
    pub(super) landed: &'a [Landed],
}

impl Gate<'_> {
    /// Lets a wave start, once it may.
    ///
    /// # Errors
    /// Why it may not.
    pub(super) fn holds(&self, wave: usize) -> Result<(), WhyNotStarted> {
        let Rollout { roster, stops, .. } = self.rollout;
        if stops.is_asked() {
            return Err(WhyNotStarted::Interrupted);
        }
        let members = roster.members.iter();
        let earlier: Vec<&Member> = members.filter(|it| it.wave < wave).collect();
        if earlier.is_empty() {
            return Ok(());
        }
        self.are_done(&earlier)?;
        let pause = roster.waves.get(wave - 1).map(Wave::pause);
        let pause = pause.filter(|it| !it.is_zero());
        let pause = pause.and_then(|it| SignedDuration::try_from(it).ok());
        match pause {
            Some(pause) => self.have_settled(wave, &earlier, pause),
            None => Ok(()),
        }
    }

    /// Whether the environments before a wave are as they are to be, but for as many as may fail.
    fn are_done(&self, earlier: &[&Member]) -> Result<(), WhyNotStarted> {
        let known = |member: &Member| self.landed.iter().find(|it| it.member == *member);
        let mut open: Vec<String> = Vec::new();
        let mut failed_here = true;
        for landed in earlier.iter().filter_map(|it| known(it)) {
            if !landed.is_converged() {
                // One that was held back for the failures of others has them to blame.
                let is_held = matches!(landed.end, End::Held(_));
                failed_here &= is_held || landed.shortfall().is_some();
                let word = super::document::landing(landed).word();
                open.push(format!("{}: {word}", landed.member.environment));
            }
        }
        let unknown = earlier.iter().filter(|it| known(it).is_none());
        let unknown: Vec<String> = unknown.map(|it| it.environment.clone()).collect();
        for (environment, why) in self.not_converged(&unknown) {
            failed_here = false;
            open.push(format!("{environment}: {why}"));
        }
        if open.len() > self.rollout.roster.max_failures as usize {
            return Err(WhyNotStarted::Open {
                environments: open,
                failed_here,
            });
        }
        Ok(())
    }

    /// Of these environments, those that a plan would still change, and why.
    fn not_converged(&self, names: &[String]) -> Vec<(String, String)> {
        if names.is_empty() {
            return Vec::new();
        }
        let Rollout {
            run,
            workspace,
            subset,
            at_a_time,
            ..
        } = self.rollout;
        let how = How {
            ignores_drift: self.rollout.ignores_drift,
            ..How::default()
        };
        let looking = format!("looking whether {} environments are done", names.len());
        let waiting = run.news().waiting(&looking);
        let look = |run: &Run| {
            let found = super::one::block_on(planned(run, workspace, subset, how))?;
            Ok(match found.plan.unsettled.first().cloned() {
                Some(why) => Some(why),
                None => left_to_do(&found.plan),
            })
        };
        let came = of_each(run, names, *at_a_time, look);
        drop(waiting);
        let open = came.into_iter().filter_map(|(name, found)| match found {
            Ok(why) => Some((name, why?)),
            Err(Error { message, .. }) => Some((name, message)),
        });
        open.collect()
    }

    /// Whether the last write before a wave is long enough ago; waits for it where the run does.
    fn have_settled(
        &self,
        wave: usize,
        earlier: &[&Member],
        pause: SignedDuration,
    ) -> Result<(), WhyNotStarted> {
        let Rollout {
            run, stops, waits, ..
        } = self.rollout;
        loop {
            let due = self.last_write(earlier)?;
            let due = due.and_then(|last| last.checked_add(pause).ok());
            let now = run.machine().now();
            let Some(due) = due.filter(|due| *due > now) else {
                return Ok(());
            };
            if !waits {
                return Err(WhyNotStarted::NotDue(due));
            }
            run.note(&format!("Wave {wave} starts at {due:.0}. Waiting .."));
            let left = due.duration_since(now);
            if stops.wait(left.unsigned_abs()) {
                return Err(WhyNotStarted::Interrupted);
            }
        }
    }

    /// The last write that the ledgers of some environments record.
    fn last_write(&self, members: &[&Member]) -> Result<Option<Timestamp>, WhyNotStarted> {
        let Rollout {
            run,
            workspace,
            at_a_time,
            ..
        } = self.rollout;
        let names: Vec<String> = members.iter().map(|it| it.environment.clone()).collect();
        let look = |run: &Run| {
            let ledger = ledger_of(run, workspace)?;
            let id = run.machine().unique_id();
            super::one::block_on(async { Ok(ledger.load(&id).await?.ledger.last_write()) })
        };
        let mut last = None;
        for (environment, found) in of_each(run, &names, *at_a_time, look) {
            match found {
                Ok(at) => last = last.max(at),
                Err(Error { message, .. }) => {
                    return Err(WhyNotStarted::Open {
                        environments: vec![format!("{environment}: {message}")],
                        failed_here: false,
                    });
                }
            }
        }
        Ok(last)
    }
}

/// What is left to do of a plan, but for what people do by hand; `None` when that is nothing.
pub(super) fn left_to_do(plan: &Plan) -> Option<String> {
    match plan.summary.written() {
        0 => None,
        1 => Some("1 object is to be changed".to_owned()),
        count => Some(format!("{count} objects are to be changed")),
    }
}
