//! Goal: what a campaign is measured by (platform.md#goal).

mod rules;
mod wire;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::field::Field;
use super::words::words;
use super::{Collection, Findings, Kind, Role, RuleWorld};
use crate::diag::Code;

/// The Goal kind.
#[derive(Debug)]
pub struct GoalKind;

/// What a campaign is measured by: a page that visitors reach, a purchase, an interaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Goal {
    /// What people see in the console. Defaults to the name of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the goal is for, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What kind of success the goal counts. There is no confirmed word for the default, the platform's number 0.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["interact"]))]
    pub goal_type: Option<GoalType>,
    /// How success is recognized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<Indicator>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// How the success of a goal is recognized.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("defaultSnippets" = [{"label": "an address is reached", "description": "A visitor reaches a page once.", "body": {"type": "url", "url": "${1:/thanks}", "match": 0, "count": 1}}, {"label": "an interaction", "description": "A visitor interacts with the brand.", "body": {"type": "interaction"}}]))]
pub struct Indicator {
    /// What is watched.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub indicator_type: Option<IndicatorType>,
    /// The address, or a part of it, that a visitor must reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["/thanks"]))]
    pub url: Option<String>,
    /// How the address is matched; the platform's own number.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub match_type: Option<i64>,
    /// How often the address must be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

words! {
    /// What kind of success a goal counts.
    pub enum GoalType: Int {
        /// A product or service is sold.
        Purchase = "purchase" => 1 Guessed,
        /// A lead is generated.
        Lead = "lead" => 2 Guessed,
        /// A service activity is completed.
        Service = "service" => 3 Guessed,
        /// A visitor interacts with the brand.
        Interact = "interact" => 4 Captured,
    }
}

words! {
    /// What an indicator watches.
    pub enum IndicatorType: Int {
        /// A page is reached.
        Url = "url" => 0 Captured,
        /// An engagement attribute is reported.
        EngagementAttribute = "engagementAttribute" => 2 Guessed,
        /// A visitor interacts.
        Interaction = "interaction" => 3 Captured,
    }
}

impl Kind for GoalKind {
    const NAME: &'static str = "Goal";
    const PLURAL: &'static str = "goals";
    const ROLE: Role = Role::Managed;
    const PHASE: u8 = 0;
    const COLLECTION: Option<&'static Collection> = Some(&wire::COLLECTION);
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CODES: &'static [&'static Code] = rules::CODES;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    type Spec = Goal;

    fn rules(spec: &Self::Spec, _name: &str, _world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, out);
    }
}

#[cfg(test)]
mod tests;
