//! Scenario: a test of who is offered what.
//!
//! The platform has no such object: a scenario is decided against the manifests, and nothing of it is planned, applied
//! or exported. This folder owns its form and what can be said of it alone; deciding it is the evaluator's.

mod case;
mod rules;
mod visit;
mod wire;

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field::Field;
use super::offering::Assumed;
use super::shared::Reference;
use super::{Collection, Findings, Kind, Lacks, Role, RuleWorld};
use crate::diag::Code;

pub use case::{Always, Case, JourneyStep, Matrix, Never, Nothing, Then};
pub use rules::unseen_attributes;
pub use visit::{Agents, ControlGroup, Conversation, Device, Engaged, Geo, VisitorChannel, When};

/// The Scenario kind.
#[derive(Debug)]
pub struct ScenarioKind;

/// A test of who is offered what, decided by `campaignctl test` without an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scenario {
    /// What is tested, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The app of the visits: an app installation, by its live name. A scenario has either this or `web`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<Reference>,
    /// `true` where the visits are on web pages. Each zone of a page has its own outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web: Option<bool>,
    /// The address of the page, for scenarios on the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["https://shop.example/account/orders"]))]
    pub url: Option<String>,
    /// When the visits take place: a date and time with its time zone. Without it, `test` uses the current time, and
    /// says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["2026-09-15T12:00:00[Europe/Paris]"]))]
    pub at: Option<String>,
    /// What is the same in all cases. A fact that is given nowhere is unknown, and a case that needs it is undecided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Given>,
    /// The cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("defaultSnippets" = [{"label": "a visit and its offer", "description": "Who is at a section is offered an engagement.", "type": "array", "body": {"name": "${1:everybody gets help}", "when": {"sections": ["${2:orders}"]}, "then": {"offered": "${3:engagement}"}}}, {"label": "a visit that is offered nothing", "description": "And the requirement that fails.", "type": "array", "body": {"when": {"sections": ["${1:orders}"]}, "then": {"nothing": {"because": {"${2:engagement}": "entryPoints"}}}}}, {"label": "a journey", "description": "Steps of one session.", "type": "array", "body": {"journey": [{"when": {"sections": ["${1:basket}"]}}, {"when": {"sections": ["${2:checkout}"]}, "then": {"offered": "${3:engagement}"}}]}}]))]
    pub cases: Option<Vec<Case>>,
    /// What holds for every visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub always: Option<Vec<Always>>,
    /// What no visit is offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never: Option<Vec<Never>>,
}

/// What is the same in all cases of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Given {
    /// Whether an agent of the skill is available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<Agents>,
    /// Whether the visitor is in a control group, of the account or of a campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_group: Option<ControlGroup>,
    /// Whether the visitor has an open conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Conversation>,
    /// Whether the visitor has signed in. Some attributes are not supported then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_in: Option<bool>,
    /// Facts of the platform that are only inferred, and the position to take for each. A verdict that depends on one is
    /// undecided without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assume: Option<Assumed>,
}

impl Kind for ScenarioKind {
    const NAME: &'static str = "Scenario";
    const PLURAL: &'static str = "scenarios";
    const ROLE: Role = Role::Local;
    const PHASE: u8 = 0;
    const COLLECTION: Option<&'static Collection> = None;
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CODES: &'static [&'static Code] = rules::CODES;
    const OF_ABSENCE: &'static [(&'static Code, &'static str, Lacks)] = rules::OF_ABSENCE;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    const IS_TEST: bool = true;
    type Spec = Scenario;

    fn rules(spec: &Scenario, _name: &str, world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, world, out);
    }

    fn scenario(spec: &Value) -> Option<Scenario> {
        serde_json::from_value(spec.clone()).ok()
    }
}
