//! The plans of several environments in one document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Plan, Summary, state_format};
use crate::check::schema::schema_of;

/// The format of the document.
pub const PLANS_FORMAT: &str = "campaignctl.plans/v1";

/// The plans of several environments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Plans {
    /// [`PLANS_FORMAT`].
    pub format: String,
    /// The counts of all plans together.
    pub summary: Summary,
    /// How many environments could not be planned.
    pub failed: usize,
    /// One environment each, by name.
    pub environments: Vec<EnvironmentPlan>,
}

/// What came of one environment: a plan, or an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EnvironmentPlan {
    /// The environment.
    pub environment: String,
    /// The exit code that a run of it alone would have had.
    pub exit: u8,
    /// Its plan, as `plan --out` saves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<PlanFailure>,
}

/// Why an environment could not be planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PlanFailure {
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Plans {
    /// The document of these environments.
    #[must_use]
    pub fn new(environments: Vec<EnvironmentPlan>) -> Self {
        let plans = environments.iter().filter_map(|it| it.plan.as_ref());
        Self {
            format: PLANS_FORMAT.to_owned(),
            summary: plans.fold(Summary::default(), |total, plan| total + plan.summary),
            failed: environments.iter().filter(|it| it.plan.is_none()).count(),
            environments,
        }
    }
}

/// The JSON Schema of the document.
#[must_use]
pub fn plans_schema() -> Value {
    let mut schema = schema_of::<Plans>("The campaignctl plans of several environments");
    state_format(&mut schema, PLANS_FORMAT);
    state_format(&mut schema["$defs"]["Plan"], super::PLAN_FORMAT);
    schema
}
