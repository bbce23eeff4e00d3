//! What became of a rollout, as the document that people and programs read.

use super::{Done, End, Landed, RolloutShare, Roster, WhyNotStarted};
use crate::apply::Outcome;
use crate::plan::{PlanFailure, Refusal};
use crate::report::rollout::{EnvironmentRollout, FORMAT, Landing, RolloutReport};
use crate::run::Meaning;
use crate::run::applying::{Applied, EndedApply};

/// The exit code of a run that ended with this meaning; of one that did everything, for `None`.
pub type MeaningCode = fn(Option<Meaning>) -> u8;

/// The document. Its exit code as a whole is still to be set.
#[must_use]
pub fn report(
    roster: &Roster,
    part: RolloutShare,
    landed: &[Landed],
    code: MeaningCode,
) -> RolloutReport {
    let shard = part.shard.map(|shard| shard.to_string());
    let about = roster.members.iter().filter(|it| part.is_about(it));
    let mut expected: Vec<String> = about.map(|it| it.environment.clone()).collect();
    expected.sort();
    let environments = landed.iter().map(|it| {
        let environment = environment(it, code);
        EnvironmentRollout {
            shard: shard.clone(),
            ..environment
        }
    });
    RolloutReport {
        format: FORMAT.to_owned(),
        index: roster.id.clone(),
        project: roster.project.clone(),
        exit: 0,
        shards: shard.clone().into_iter().collect(),
        waves: roster.waves.clone(),
        expected,
        environments: environments.collect(),
        problems: Vec::new(),
    }
}

/// What came of an environment, in a word.
#[must_use]
pub fn landing(landed: &Landed) -> Landing {
    if let End::Held(_) = landed.end {
        return Landing::NotStarted;
    }
    match (landed.shortfall(), &landed.end) {
        (None, End::Worked(Ok(Done::Applied(Applied::Ended(ended))))) if ended.wrote() => {
            Landing::Applied
        }
        (None, _) => Landing::Unchanged,
        (Some(Meaning::Partly), _) => Landing::Partly,
        (Some(Meaning::Blocked), _) => Landing::Blocked,
        (Some(Meaning::Stale), _) => Landing::Stale,
        (Some(Meaning::Interrupted), _) => Landing::Interrupted,
        (Some(_), _) => Landing::Failed,
    }
}

fn environment(landed: &Landed, code: MeaningCode) -> EnvironmentRollout {
    let exit = match (&landed.end, landed.shortfall()) {
        (End::Held(_), None) => None,
        (_, shortfall) => Some(code(shortfall)),
    };
    let bare = EnvironmentRollout {
        environment: landed.member.environment.clone(),
        account: landed.member.account.clone(),
        wave: landed.member.wave,
        shard: None,
        result: landing(landed),
        exit,
        started: landed.time.map(|(started, _)| started.to_string()),
        ended: landed.time.map(|(_, ended)| ended.to_string()),
        plan: None,
        summary: None,
        counts: None,
        open: Vec::new(),
        error: None,
    };
    match &landed.end {
        End::Held(held) => EnvironmentRollout {
            error: Some(told(held)),
            ..bare
        },
        End::Worked(Err(error)) => EnvironmentRollout {
            error: Some(error.into()),
            ..bare
        },
        End::Worked(Ok(Done::Already)) => bare,
        End::Worked(Ok(Done::Applied(applied))) => with_applied(bare, applied),
    }
}

fn with_applied(bare: EnvironmentRollout, applied: &Applied) -> EnvironmentRollout {
    match applied {
        Applied::Blocked(plan) => EnvironmentRollout {
            error: refused(&plan.refusals),
            ..bare.with_outcome(plan, &Outcome::default())
        },
        Applied::Declined(plan) => bare.with_outcome(plan, &Outcome::default()),
        Applied::Ended(ended) => {
            let EndedApply {
                plan,
                outcome,
                recorded,
                is_budget_spent: _,
            } = &**ended;
            EnvironmentRollout {
                error: recorded.as_ref().err().map(PlanFailure::from),
                ..bare.with_outcome(plan, outcome)
            }
        }
    }
}

/// What the guards said.
fn refused(refusals: &[Refusal]) -> Option<PlanFailure> {
    let first = refusals.first()?;
    let messages = refusals.iter().map(|it| it.message.as_str());
    Some(PlanFailure {
        message: messages.collect::<Vec<_>>().join("; "),
        help: Some(first.help.clone()),
    })
}

/// Why an environment was not started.
fn told(held: &WhyNotStarted) -> PlanFailure {
    let (message, help) = match held {
        WhyNotStarted::Failures => (
            "more environments failed than may".to_owned(),
            "mend what failed and run this again: what is done stays as it is; `maxFailures` of the project says how many may fail",
        ),
        WhyNotStarted::Interrupted => (
            "interrupted before it was started".to_owned(),
            "run this again: what is done stays as it is",
        ),
        WhyNotStarted::NotDue(due) => (
            format!("its wave starts at {due:.0}"),
            "run this again then, or wait for it with `--wait`",
        ),
        WhyNotStarted::Open { environments, .. } => (
            format!(
                "the waves before it are not done: {}",
                environments.join("; ")
            ),
            "apply these first; `maxFailures` of the project says how many may be left behind",
        ),
    };
    PlanFailure {
        message,
        help: Some(help.to_owned()),
    }
}

impl EndedApply {
    /// Whether anything was written that is worth a word.
    fn wrote(&self) -> bool {
        !self.plan.is_empty()
    }
}
