//! Behavior: what a visitor must do before an engagement is offered (platform.md#behavior).

pub mod means;
mod offers;
mod restated;
mod rules;
mod wire;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::admission::{self, AppVisit, VisitWord};
use super::field::Field;
use super::offering::Reading;
use super::shared::{Condition, derive_condition_box_types};
use super::words::words;
use super::{Collection, Findings, Kind, Role, RuleWorld, Serving};
use crate::diag::Code;
use crate::text::Pointer;
use means::BehaviorFacts;

/// The Behavior kind.
#[derive(Debug)]
pub struct BehaviorKind;

/// What a visitor must do before an engagement is offered: stay for a while, visit a place, fill a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Behavior {
    /// What people see in the console. Defaults to the name of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the behavior is, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The conditions that a visitor must meet. In `data`, `{ $ref: <name> }` is replaced by the id of an entry point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("defaultSnippets" = [{"label": "any behavior", "description": "Every visitor, whatever they do.", "type": "array", "body": {"type": "all"}}, {"label": "time on a page", "description": "The visitor stays at a place for some seconds.", "type": "array", "body": {"type": "timeOnPage", "data": {"seconds": "${1:30}", "location": {"\\$ref": "${2:checkout}"}}}}]))]
    pub conditions: Option<Vec<Condition<BehaviorType, BehaviorFacts>>>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

words! {
    /// What a condition of a behavior looks at.
    pub enum BehaviorType: Int {
        /// Every visitor, whatever they do.
        All = "all" => 0 Captured,
        /// The visitor goes through a flow of steps.
        Flow = "flow" => 5 Guessed,
        /// The visitor stays on a page for some time.
        TimeOnPage = "timeOnPage" => 6 Guessed,
        /// An engagement attribute is reported.
        EngagementAttribute = "engagementAttribute" => 13 Guessed,
        /// The cart has some value or content.
        Cart = "cart" => 14 Guessed,
    }
}

impl Kind for BehaviorKind {
    const NAME: &'static str = "Behavior";
    const PLURAL: &'static str = "behaviors";
    const ROLE: Role = Role::Managed;
    const PHASE: u8 = 1;
    const COLLECTION: Option<&'static Collection> = Some(&wire::COLLECTION);
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CODES: &'static [&'static Code] = rules::CODES;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    const VISIT_WORD: Option<VisitWord> = Some(VisitWord {
        word: "VBs",
        is_of_page: false,
    });
    type Spec = Behavior;

    fn rules(spec: &Self::Spec, _name: &str, world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, world, out);
    }

    fn serve(body: &mut Value, _at: &Serving<'_>) {
        derive_condition_box_types(body);
    }

    fn admits(body: &Value, visit: &AppVisit<'_>) -> bool {
        admission::conditions((Self::NAME, body), visit, false, |_| None)
    }

    fn restated(before: &Value, after: &Value) -> Vec<(Pointer, Value)> {
        restated::restated(before, after)
    }

    fn reading(spec: &Value) -> Option<Reading> {
        Some(offers::reading(spec))
    }
}

#[cfg(test)]
mod tests;
