//! Drives the steps of a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::RwLock;

use super::job::Job;
use super::outcome::{Class, Counts, Outcome, StepOutcome, StepResult};
use super::record::Recorder;
use super::resume::resume;
use super::schedule::StepSchedule;
use super::state::Shared;
use super::verify::{reread, twins, unlike};
use crate::api::pool::FuturePool;
use crate::api::{Reader, Writer};
use crate::kinds::KindId;
use crate::ledger::JournalEvent;
use crate::live::Ledger;
use crate::plan::{Plan, Step, StepVerb};

/// What a run needs to know.
#[derive(Debug)]
pub struct ApplyInput<'a, P> {
    /// The account.
    pub platform: &'a P,
    /// What is to be done.
    pub plan: &'a Plan,
    /// The identity of the plan, which is kept in the ledger: a plan is used once.
    pub plan_id: &'a str,
    /// The ledger as it was before the run.
    pub ledger: &'a Ledger,
    /// The steps of the plan that an earlier run did before it died.
    pub applied: &'a BTreeSet<usize>,
    /// Whether the plan is known as used already, because that run noted it.
    pub is_resumed: bool,
    /// The time.
    pub clock: fn() -> jiff::Timestamp,
    /// Set to stop the run before its next step. Steps under way end first.
    pub cancelled: &'a AtomicBool,
    /// How to run.
    pub options: ApplyOptions,
}

/// How to run a plan.
#[derive(Clone, Copy, Debug)]
pub struct ApplyOptions {
    /// How many steps run side by side.
    pub parallelism: usize,
    /// Whether the first failure stops steps that do not depend on it, too.
    pub fail_fast: bool,
    /// How often a write is tried while other people change the collection.
    pub tries: u32,
    /// How long a create whose answer was lost may still take effect. Servers end what they have begun after the
    /// connection has gone; that takes as long as a create does, well below a second.
    pub quiet: Duration,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            parallelism: 16,
            fail_fast: false,
            tries: 5,
            quiet: Duration::from_secs(2),
        }
    }
}

/// What a run tells while it runs.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A step begins.
    Started {
        /// Its position in the plan.
        index: usize,
        /// The step.
        step: &'a Step,
    },
    /// A step ended, or was skipped.
    Finished {
        /// Its position in the plan.
        index: usize,
        /// The step.
        step: &'a Step,
        /// How it ended.
        result: &'a StepResult,
    },
}

/// Why no further step is started.
enum Stop {
    Cancelled,
    FailFast,
    Broken(String),
    Final(Class),
}

/// Executes a plan. Nothing that happens on the way is an error of the run: the outcome tells it all.
pub async fn run<P: Reader + Writer>(
    input: &ApplyInput<'_, P>,
    recorder: &mut (dyn Recorder + Send),
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Outcome {
    let shared = Shared::new(input.plan.references.clone(), input.ledger, recorder);
    let gates = gates(&input.plan.steps);
    let mut run = ApplyRun {
        input,
        progress,
        schedule: StepSchedule::new(&input.plan.steps),
        results: vec![None; input.plan.steps.len()],
        stop: None,
    };
    if !input.is_resumed {
        let used = JournalEvent::PlanUsed {
            plan: input.plan_id.to_owned(),
        };
        if shared.lock().record(used).is_err() {
            run.notice_broken(&shared);
        }
    }
    for (index, result) in resume(input, &shared) {
        run.schedule.remove(index);
        run.end(index, result, &shared);
    }
    run.drive(&shared, &gates).await;
    let mut outcome = run.outcome();
    look_again(input, &shared, &mut outcome).await;
    outcome
}

/// Reads again what was written, and tells what the account holds differently.
async fn look_again<P: Reader + Writer>(
    input: &ApplyInput<'_, P>,
    shared: &Shared<'_>,
    outcome: &mut Outcome,
) {
    let parallelism = input.options.parallelism;
    outcome.seen = reread(input.platform, shared, input.plan, parallelism).await;
    let Some(seen) = &outcome.seen else { return };
    let mut unlike = unlike(&shared.lock(), seen);
    let mut beside = twins(&shared.lock(), input.plan, seen);
    for step in outcome.steps.iter_mut().rev() {
        if let StepResult::Applied {
            normalized, twins, ..
        } = &mut step.result
        {
            // All that was written to an object is told with the last write to it.
            *normalized = unlike.remove(&step.key).unwrap_or_default();
            *twins = beside.remove(&step.key).unwrap_or_default();
        }
    }
}

/// One gate per group of collections that may share a revision: campaigns and their engagements do.
fn gates(steps: &[Step]) -> BTreeMap<&'static str, RwLock<()>> {
    steps
        .iter()
        .map(|step| (group(step), RwLock::default()))
        .collect()
}

fn group(step: &Step) -> &'static str {
    let def = step.key.kind.def();
    let around = def.parent.as_ref();
    let outer = around.map_or(def, |around| KindId::known(around.kind).def());
    outer.name
}

struct ApplyRun<'a, P> {
    input: &'a ApplyInput<'a, P>,
    progress: &'a (dyn Fn(Progress<'_>) + Sync),
    schedule: StepSchedule,
    results: Vec<Option<StepResult>>,
    stop: Option<Stop>,
}

impl<'a, P: Reader + Writer> ApplyRun<'a, P> {
    async fn drive(
        &mut self,
        shared: &'a Shared<'a>,
        gates: &'a BTreeMap<&'static str, RwLock<()>>,
    ) {
        let mut pool = FuturePool::default();
        loop {
            while pool.len() < self.input.options.parallelism.max(1)
                && let Some(index) = self.next()
            {
                match self.job(index, shared, gates) {
                    Ok(job) => pool.push(async move { (index, job.execute().await) }),
                    Err(result) => self.end(index, result, shared),
                }
            }
            let Some((index, (result, is_final))) = pool.next().await else {
                return;
            };
            if is_final && let StepResult::Failed { class, .. } = &result {
                self.stop.get_or_insert(Stop::Final(*class));
            }
            self.end(index, result, shared);
        }
    }

    /// The next step to start, `None` when none is ready or the run has to stop.
    fn next(&mut self) -> Option<usize> {
        if self.input.cancelled.load(Ordering::SeqCst) && self.stop.is_none() {
            self.stop = Some(Stop::Cancelled);
        }
        if self.stop.is_some() {
            return None;
        }
        self.schedule.take()
    }

    fn job(
        &self,
        index: usize,
        shared: &'a Shared<'a>,
        gates: &'a BTreeMap<&'static str, RwLock<()>>,
    ) -> Result<Job<'a, P>, StepResult> {
        let damaged = |what: &str| StepResult::Failed {
            message: format!("the plan is damaged: {what}"),
            class: Class::Refused,
        };
        let step = &self.input.plan.steps[index];
        let change = self.input.plan.changes.get(step.change);
        let change = change.ok_or_else(|| damaged("the step belongs to no change"))?;
        let gate = gates.get(group(step)).ok_or_else(|| damaged("no gate"))?;
        (self.progress)(Progress::Started { index, step });
        Ok(Job {
            input: self.input,
            shared,
            gate,
            index,
            step,
            change,
        })
    }

    /// Notes how a step ended, and skips what can never run now.
    fn end(&mut self, index: usize, result: StepResult, shared: &Shared<'_>) {
        let succeeded = matches!(result, StepResult::Applied { .. });
        let failed = matches!(result, StepResult::Failed { .. });
        self.set(index, result);
        if failed && self.input.options.fail_fast {
            self.stop.get_or_insert(Stop::FailFast);
        }
        self.notice_broken(shared);
        for (skipped, reason) in self.schedule.finish(index, succeeded) {
            let because = self.because(reason);
            self.set(skipped, StepResult::Skipped { because });
        }
    }

    fn notice_broken(&mut self, shared: &Shared<'_>) {
        if let Some(why) = shared.lock().broken() {
            self.stop = Some(Stop::Broken(why.to_owned()));
        }
    }

    fn set(&mut self, index: usize, result: StepResult) {
        let step = &self.input.plan.steps[index];
        (self.progress)(Progress::Finished {
            index,
            step,
            result: &result,
        });
        self.results[index] = Some(result);
    }

    fn because(&self, reason: usize) -> String {
        let key = &self.input.plan.steps[reason].key;
        match &self.results[reason] {
            Some(StepResult::Manual) => {
                format!("it needs {key}, which must be done manually first")
            }
            Some(StepResult::Skipped { .. }) => format!("it needs {key}, which was skipped"),
            _ => format!("it needs {key}, which failed"),
        }
    }

    fn outcome(mut self) -> Outcome {
        for index in 0..self.results.len() {
            if self.results[index].is_none() {
                let result = self.untried();
                self.set(index, result);
            }
        }
        let steps = self.input.plan.steps.iter().zip(self.results).enumerate();
        let steps: Vec<_> = steps
            .filter_map(|(index, (step, result))| {
                Some(StepOutcome {
                    step: index,
                    key: step.key.clone(),
                    verb: step.verb,
                    result: result?,
                })
            })
            .collect();
        // Records that were brought up to date are no one's change; those that failed are a failure.
        let counted = |step: &&StepOutcome| {
            step.verb != StepVerb::Record || !matches!(step.result, StepResult::Applied { .. })
        };
        let counts = Counts::of(steps.iter().filter(counted).map(|step| &step.result));
        Outcome {
            steps,
            // Who stops a run in its last step stops nothing.
            interrupted: counts.interrupted > 0,
            counts,
            seen: None,
        }
    }

    fn untried(&self) -> StepResult {
        let because = match &self.stop {
            Some(Stop::Cancelled) => return StepResult::Interrupted,
            Some(Stop::FailFast) => "another step failed".to_owned(),
            Some(Stop::Final(Class::Unauthorized)) => {
                "the account no longer accepts the credentials".to_owned()
            }
            Some(Stop::Final(_)) => "the rate or retry budget is spent".to_owned(),
            Some(Stop::Broken(why)) => why.clone(),
            None => "the plan is damaged: what it waits for never ends".to_owned(),
        };
        StepResult::Skipped { because }
    }
}
