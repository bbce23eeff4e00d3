//! What became of a rollout: an apply over several environments, in waves, perhaps in shards.
//!
//! One document, whether one process did everything or each shard wrote its own part. Every part says which environments
//! the whole is about, so that parts can be [put together](RolloutReport::together) and what is missing has a name:
//!
//! ```text
//! shard 1/2: a applied, c failed    expected: a b c d     \
//! shard 2/2: b applied              expected: a b c d     / together: d is missing
//! ```

mod junit;
mod markdown;
mod merge;
#[cfg(test)]
mod tests;
mod text;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::apply::{Counts, Outcome, StepResult};
use crate::check::schema::schema_of;
use crate::manifest::Key;
use crate::plan::{Plan, PlanFailure, StepVerb, Summary};
use crate::project::Wave;

pub use junit::render_rollout_junit;
pub use markdown::render_rollout_markdown;
pub use text::render_rollout;

/// The format of the document.
pub const FORMAT: &str = "campaignctl.rollout/v1";

/// What became of a rollout, or of a part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RolloutReport {
    /// [`FORMAT`].
    pub format: String,
    /// What it is a rollout of: the id of the index of a folder of plans, or a digest of the environments of the project.
    /// Only reports of one index can be put together.
    pub index: String,
    /// The name of the project, if the project file has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The exit code: that of the worst.
    pub exit: u8,
    /// The shards that are in it, `2/8`; empty where the environments are not dealt out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<String>,
    /// The waves of the project, in their order. Environments in none of them are in one more, the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waves: Vec<Wave>,
    /// The environments that the rollout is about, over all shards.
    pub expected: Vec<String>,
    /// One environment each: by wave, then by name.
    pub environments: Vec<EnvironmentRollout>,
    /// Why it is not the whole: environments that are missing or came twice, reports of another index.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// What became of one environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EnvironmentRollout {
    /// The environment.
    pub environment: String,
    /// Its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The number of its wave, from 1.
    pub wave: usize,
    /// The shard that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// What came of it.
    pub result: Landing,
    /// The exit code that a run of it alone would have had; none where it was not started because others failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<u8>,
    /// When it was started, RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// The id of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The counts of the plan's summary line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// How many steps ended in which way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// The steps that failed or were skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<OpenStep>,
    /// Why it failed, was held back or was not started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<PlanFailure>,
}

/// What came of an environment.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Landing {
    /// Everything was written.
    Applied,
    /// There was nothing to write: the account matched, or an earlier run wrote it.
    Unchanged,
    /// Some of it was written.
    Partly,
    /// It failed before the first write.
    Failed,
    /// A guard held it back.
    Blocked,
    /// The plan does not fit the account any more.
    Stale,
    /// It was interrupted before the first write.
    Interrupted,
    /// It was not started.
    NotStarted,
}

impl Landing {
    /// All of them, the good ones first.
    pub const ALL: [Self; 8] = [
        Self::Applied,
        Self::Unchanged,
        Self::Partly,
        Self::Failed,
        Self::Blocked,
        Self::Stale,
        Self::Interrupted,
        Self::NotStarted,
    ];

    /// What people call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Partly => "partly applied",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::Stale => "stale",
            Self::Interrupted => "interrupted",
            Self::NotStarted => "not started",
        }
    }

    /// Whether the environment is as it is to be.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, Self::Applied | Self::Unchanged)
    }
}

/// A step that is still to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OpenStep {
    /// The object.
    #[schemars(with = "String")]
    pub object: Key,
    /// What was to be written.
    pub verb: StepVerb,
    /// Whether it failed; otherwise it was not tried.
    pub failed: bool,
    /// Why.
    pub message: String,
}

/// Why a report is not the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Problem {
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// The environments, or the file, that it is about.
    pub about: Vec<String>,
    /// What is wrong.
    pub message: String,
}

/// What kind of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ProblemKind {
    /// No report has these environments.
    Missing,
    /// More than one report has this environment.
    Doubled,
    /// A report is of another index.
    Foreign,
}

impl EnvironmentRollout {
    /// The same with what became of a plan.
    #[must_use]
    pub fn with_outcome(self, plan: &Plan, outcome: &Outcome) -> Self {
        let open = outcome.steps.iter().filter_map(|step| {
            let (failed, message) = match &step.result {
                StepResult::Failed { message, .. } => (true, message),
                StepResult::Skipped { because } => (false, because),
                _ => return None,
            };
            Some(OpenStep {
                object: step.key.clone(),
                verb: step.verb,
                failed,
                message: message.clone(),
            })
        });
        Self {
            plan: Some(plan.id.clone()),
            summary: Some(plan.summary),
            counts: Some(outcome.counts),
            open: open.collect(),
            ..self
        }
    }

    /// Why it is not as it is to be, in a line; nothing where it is.
    fn why(&self) -> Option<String> {
        if self.result.is_good() {
            return None;
        }
        let failed = self.open.iter().find(|step| step.failed);
        let of_step = failed.map(|step| format!("{}: {}", step.object, step.message));
        let of_error = self.error.as_ref().map(|error| error.message.clone());
        of_error.or(of_step)
    }
}

impl RolloutReport {
    /// Whether it says what became of every environment, once.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty()
    }

    /// The exit codes of its environments.
    pub fn exits(&self) -> impl Iterator<Item = u8> {
        self.environments.iter().filter_map(|it| it.exit)
    }

    /// How many environments ended in each way, those that none did aside.
    #[must_use]
    pub fn tally(&self) -> Vec<(Landing, usize)> {
        let count = |landing| {
            let all = self.environments.iter();
            (landing, all.filter(|it| it.result == landing).count())
        };
        let counts = Landing::ALL.into_iter().map(count);
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// The line that says how it ended.
    #[must_use]
    pub fn summary(&self) -> String {
        let tally = self.tally().into_iter();
        let tally: Vec<_> = tally
            .map(|(landing, count)| format!("{count} {}", landing.word()))
            .collect();
        let (own, all) = (self.environments.len(), self.expected.len());
        let is_part = own < all && self.is_whole();
        let of = if is_part {
            format!("{own} of ")
        } else {
            String::new()
        };
        let count = match all {
            1 => format!("{of}1 environment"),
            all => format!("{of}{all} environments"),
        };
        if tally.is_empty() {
            return format!("Rollout: {count}.");
        }
        let missing: usize = self
            .problems
            .iter()
            .filter(|it| it.kind == ProblemKind::Missing)
            .map(|it| it.about.len())
            .sum();
        let missing = match missing {
            0 => String::new(),
            missing => format!(", {missing} missing"),
        };
        format!("Rollout: {count}: {}{missing}.", tally.join(", "))
    }

    /// Whether waves are worth a column.
    fn has_waves(&self) -> bool {
        !self.waves.is_empty()
    }
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema =
        schema_of::<RolloutReport>("What became of a rollout over several environments");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

/// The report in the text of a file.
///
/// # Errors
/// Why the text is no report.
pub fn read(text: &str) -> Result<RolloutReport, String> {
    let why = |error: serde_json::Error| error.to_string();
    let ReportHead { format } = serde_json::from_str(text).map_err(why)?;
    if format == FORMAT {
        serde_json::from_str(text).map_err(why)
    } else {
        Err(format!(
            "its format is `{format}`, and this program reads `{FORMAT}`"
        ))
    }
}

/// What every document begins with.
#[derive(Deserialize)]
struct ReportHead {
    format: String,
}

/// Whether a text says that it is a report.
#[must_use]
pub fn is_report(text: &str) -> bool {
    serde_json::from_str::<ReportHead>(text).is_ok_and(|head| head.format == FORMAT)
}
