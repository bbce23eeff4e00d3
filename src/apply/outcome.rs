//! What became of a plan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compare::LiveDifference;
use crate::live::Inventory;
use crate::manifest::Key;
use crate::name::{RemoteId, Revision};
use crate::plan::StepVerb;

/// What became of every step of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The steps, in the order of the plan.
    pub steps: Vec<StepOutcome>,
    /// How many steps ended in which way.
    pub counts: Counts,
    /// Whether apply was interrupted.
    pub interrupted: bool,
    /// The touched objects as they were read after the writes; `None` when they could not be read.
    #[serde(skip)]
    pub seen: Option<Inventory>,
}

/// Why a step failed, by what it means for the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Class {
    /// The live object moved since it was planned; it was not written.
    Stale,
    /// The platform refused it, or it cannot be done.
    Refused,
    /// It is not known whether it was done; the next run looks.
    Unknown,
    /// The credentials do not allow it.
    Unauthorized,
    /// The rate or retry budget is spent.
    BudgetSpent,
    /// It could not be written down, so that nothing more may be done.
    Unrecorded,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepOutcome {
    /// Its position in the plan.
    pub step: usize,
    /// The object.
    #[schemars(with = "String")]
    pub key: Key,
    /// What was to be written.
    pub verb: StepVerb,
    /// How it ended.
    #[serde(flatten)]
    pub result: StepResult,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(
    tag = "result",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum StepResult {
    /// It was done.
    Applied {
        /// The live object.
        #[schemars(with = "Option<String>")]
        id: Option<RemoteId>,
        /// The revision of the collection that the write named.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<String>")]
        revision_before: Option<Revision>,
        /// The revision of the collection after the write.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<String>")]
        revision_after: Option<Revision>,
        /// Whether an earlier run, which died, had done it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        earlier: bool,
        /// Declared fields that the account holds differently after the writes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        normalized: Vec<LiveDifference>,
        /// Other objects with the display name of one that was created: another run made the same at the same time.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(with = "Vec<String>")]
        twins: Vec<RemoteId>,
    },
    /// It was not done, or it is not known; the message says which.
    Failed {
        /// Why.
        message: String,
        /// What kind of failure it is.
        class: Class,
    },
    /// It was not tried.
    Skipped {
        /// Why.
        because: String,
    },
    /// A person has to do it.
    Manual,
    /// It was not tried, because apply was interrupted.
    Interrupted,
}

/// How many steps ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Done.
    pub applied: usize,
    /// Failed, the stale ones included.
    pub failed: usize,
    /// Failed because the live object moved.
    pub stale: usize,
    /// Not tried.
    pub skipped: usize,
    /// For a person to do.
    pub manual: usize,
    /// Not tried, because apply was interrupted.
    pub interrupted: usize,
}

impl Outcome {
    /// Whether a step failed for this reason.
    #[must_use]
    pub fn has_failed(&self, class: Class) -> bool {
        let mut results = self.steps.iter().map(|step| &step.result);
        results.any(|result| matches!(result, StepResult::Failed { class: of, .. } if *of == class))
    }
}

impl Counts {
    /// Counts results.
    pub(super) fn of<'a>(results: impl IntoIterator<Item = &'a StepResult>) -> Self {
        let mut counts = Self::default();
        for result in results {
            match result {
                StepResult::Applied { .. } => counts.applied += 1,
                StepResult::Failed { class, .. } => {
                    counts.failed += 1;
                    counts.stale += usize::from(*class == Class::Stale);
                }
                StepResult::Skipped { .. } => counts.skipped += 1,
                StepResult::Manual => counts.manual += 1,
                StepResult::Interrupted => counts.interrupted += 1,
            }
        }
        counts
    }
}
