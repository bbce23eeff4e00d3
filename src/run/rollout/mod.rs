//! Rollouts: an apply over many environments, in waves.
//!
//! A rollout keeps no state of its own. What is done is on the accounts and in their ledgers, so one that was stopped or
//! killed is resumed by running it again: what is done has nothing left to do. The same makes shards possible: processes
//! that know nothing of each other each take the environments that their [`Shard`] has.
//!
//! ```text
//! Roster      whom it is about: environments and their waves; of the project, or of a folder of plans
//! Part        which of them this run has: a wave, a shard
//! Gate        whether a wave may start: the waves before it are done, and their last write is long enough ago
//! Work        what is done for one of them: planned and applied, or a plan applied exactly
//! Landed      what came of each
//! ```
//!
//! It schedules nothing. When a wave may not start yet, the run says when it may and ends, and whatever starts jobs here
//! starts it again.

pub mod document;
pub mod folder;
mod gate;
pub mod one;
mod planned;
mod queue;
pub mod reports;
mod roster;
mod shard;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::applying::{Applied, EndedApply};
use super::{Error, Meaning, Run, StopRequests, Stops, Subset, Workspace};
use crate::apply::StepResult;
use gate::Gate;
pub use planned::{PlannedRollout, is_nothing};
use queue::Queue;
pub use roster::{Member, RolloutShare, Roster, wave_of};
pub use shard::Shard;

/// A rollout, or the part of one that this run carries out.
pub struct Rollout<'a> {
    /// The run.
    pub run: &'a Run,
    /// The project.
    pub workspace: &'a Workspace,
    /// Whom it is about.
    pub roster: &'a Roster,
    /// The part of it.
    pub part: RolloutShare,
    /// How many environments are worked on at once.
    pub at_a_time: u16,
    /// Whether a wave that may not start yet is waited for.
    pub waits: bool,
    /// Which objects it is about.
    pub subset: &'a Subset,
    /// Whether fields that only the account changed are left as they are.
    pub ignores_drift: bool,
    /// The requests to stop.
    pub stops: &'a Stops,
}

/// What was done for an environment.
pub enum Done {
    /// A plan was made or taken, and carried out unless something spoke against it.
    Applied(Applied),
    /// There was nothing to do: the plan is empty, or an earlier run carried it out.
    Already,
}

/// What came of an environment.
pub struct Landed {
    /// The environment.
    pub member: Member,
    /// When it was started and when it ended.
    pub time: Option<(Timestamp, Timestamp)>,
    /// What came of it.
    pub end: End,
}

/// How an environment ended.
pub enum End {
    /// It was worked on.
    Worked(Result<Done, Error>),
    /// It was not started.
    Held(WhyNotStarted),
}

/// Why an environment was not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNotStarted {
    /// More environments failed than may.
    Failures,
    /// A request to stop came first.
    Interrupted,
    /// Its wave starts later, and not before this moment.
    NotDue(Timestamp),
    /// Environments of the waves before it are not done, and why.
    Open {
        /// Their names, with why.
        environments: Vec<String>,
        /// Whether all of them failed in this very run.
        failed_here: bool,
    },
}

impl Landed {
    /// What it means for the caller that the environment is not as it is to be. `None` where it is, and where the
    /// failures of others are what there is to tell.
    #[must_use]
    pub fn shortfall(&self) -> Option<Meaning> {
        match &self.end {
            End::Worked(Ok(Done::Already)) | End::Held(WhyNotStarted::Failures) => None,
            End::Worked(Ok(Done::Applied(applied))) => applied.shortfall(),
            End::Worked(Err(error)) => Some(error.meaning),
            End::Held(WhyNotStarted::Interrupted) => Some(Meaning::Interrupted),
            End::Held(WhyNotStarted::NotDue(_)) => Some(Meaning::NotDue),
            End::Held(WhyNotStarted::Open { failed_here, .. }) => {
                (!failed_here).then_some(Meaning::NotDue)
            }
        }
    }

    /// Whether the account holds what the manifests say, which a later wave waits for.
    fn is_converged(&self) -> bool {
        let took_all = |ended: &EndedApply| {
            ended.outcome.steps.iter().all(|step| {
                !matches!(&step.result, StepResult::Applied { normalized, .. } if !normalized.is_empty())
            })
        };
        let takes = match &self.end {
            End::Worked(Ok(Done::Applied(Applied::Ended(ended)))) => took_all(ended),
            End::Worked(_) => true,
            End::Held(_) => false,
        };
        takes && self.shortfall().is_none()
    }
}

impl Rollout<'_> {
    /// Carries it out: wave by wave, and says what came of every environment that this run has.
    pub fn carry_out(
        &self,
        work: impl Fn(&Run, &Member, StopRequests) -> Result<Done, Error> + Sync,
    ) -> Vec<Landed> {
        let mut landed: Vec<Landed> = Vec::new();
        let mut held = None;
        for wave in 1..=self.roster.last_wave() {
            let members = self.roster.members.iter();
            let members: Vec<&Member> = members
                .filter(|it| it.wave == wave && self.part.has(it))
                .collect();
            if members.is_empty() {
                continue;
            }
            if held.is_none() {
                let gate = Gate {
                    rollout: self,
                    landed: &landed,
                };
                held = gate.holds(wave).err();
            }
            let more = match &held {
                Some(held) => members
                    .into_iter()
                    .map(|it| not_started(it, held))
                    .collect(),
                None => self.wave(&members, failures(&landed), &work),
            };
            landed.extend(more);
        }
        landed
    }

    /// Works on the environments of a wave, some at a time, until too many have failed.
    fn wave(
        &self,
        members: &[&Member],
        failed: usize,
        work: &(impl Fn(&Run, &Member, StopRequests) -> Result<Done, Error> + Sync),
    ) -> Vec<Landed> {
        let (failed, ended) = (AtomicUsize::new(failed), AtomicUsize::new(0));
        let most = self.roster.max_failures as usize;
        let queue = Queue::of(members);
        let done = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..members.len().min(usize::from(self.at_a_time.max(1))) {
                scope.spawn(|| {
                    while let Some(turn) = queue.next() {
                        let member = turn.member;
                        let landed = if self.stops.is_asked() {
                            not_started(member, &WhyNotStarted::Interrupted)
                        } else if failed.load(Ordering::SeqCst) > most {
                            not_started(member, &WhyNotStarted::Failures)
                        } else {
                            self.one(member, work)
                        };
                        failed.fetch_add(failures(std::slice::from_ref(&landed)), Ordering::SeqCst);
                        let number = ended.fetch_add(1, Ordering::SeqCst) + 1;
                        let word = document::landing(&landed).word();
                        self.run.note(&format!(
                            "[{number}/{}] {}: {word}",
                            members.len(),
                            member.environment
                        ));
                        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                        done.push(landed);
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by(|a, b| a.member.environment.cmp(&b.member.environment));
        done
    }

    fn one(
        &self,
        member: &Member,
        work: &impl Fn(&Run, &Member, StopRequests) -> Result<Done, Error>,
    ) -> Landed {
        let now = || self.run.machine().now();
        let started = now();
        let run = self.run.about(&member.environment);
        let end = End::Worked(work(&run, member, self.stops.one()));
        Landed {
            member: member.clone(),
            time: Some((started, now())),
            end,
        }
    }
}

fn not_started(member: &Member, held: &WhyNotStarted) -> Landed {
    Landed {
        member: member.clone(),
        time: None,
        end: End::Held(held.clone()),
    }
}

/// How many of these were worked on and failed.
fn failures(landed: &[Landed]) -> usize {
    let worked = landed.iter().filter(|it| matches!(it.end, End::Worked(_)));
    worked.filter(|it| it.shortfall().is_some()).count()
}
