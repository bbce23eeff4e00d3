//! `TargetAudience`: which visitors a campaign is for (platform.md#target-audience).

pub mod means;
mod offers;
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
use means::AudienceFacts;

/// The `TargetAudience` kind.
#[derive(Debug)]
pub struct TargetAudienceKind;

/// Which visitors a campaign is for: by where they come from, what they use, or what is known of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TargetAudience {
    /// What people see in the console. Defaults to the name of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Who belongs to the audience, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The conditions that a visitor must meet. All but `all` have numbers and payloads that are not public: make one
    /// in the console, export it, and say with `means` what it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("defaultSnippets" = [{"label": "every visitor", "description": "No restriction.", "type": "array", "body": {"type": "all"}}]))]
    pub conditions: Option<Vec<Condition<AudienceType, AudienceFacts>>>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

words! {
    /// What a condition of an audience looks at.
    pub enum AudienceType: Int {
        /// Every visitor.
        All = "all" => 0 Captured,
    }
}

impl Kind for TargetAudienceKind {
    const NAME: &'static str = "TargetAudience";
    const PLURAL: &'static str = "target-audiences";
    const ROLE: Role = Role::Managed;
    const PHASE: u8 = 0;
    const COLLECTION: Option<&'static Collection> = Some(&wire::COLLECTION);
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CODES: &'static [&'static Code] = rules::CODES;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    const VISIT_WORD: Option<VisitWord> = Some(VisitWord {
        word: "VPs",
        is_of_page: false,
    });
    type Spec = TargetAudience;

    fn rules(spec: &Self::Spec, _name: &str, _world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, out);
    }

    fn serve(body: &mut Value, _at: &Serving<'_>) {
        derive_condition_box_types(body);
    }

    fn admits(body: &Value, visit: &AppVisit<'_>) -> bool {
        let is_any = visit.conduct.needs_any_condition;
        admission::conditions((Self::NAME, body), visit, is_any, |_| None)
    }

    fn reading(spec: &Value) -> Option<Reading> {
        Some(offers::reading(spec))
    }
}

#[cfg(test)]
mod tests;
