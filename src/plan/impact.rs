//! What visitors are offered differently after a plan, as data: computed when the plan is made, and shown with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kinds::{Given, When};
use crate::manifest::Key;

/// What visitors are offered differently after a plan, from the time of the plan on. What is not here is offered as before, as
/// far as the conditions can be decided; what cannot be decided and may be different is `mayChange`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Impact {
    /// By engagement; one row for each thing that is different.
    pub differences: Vec<Shifted>,
}

/// What is different.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Shift {
    /// Some visitors are offered it who were not.
    NowOffered,
    /// Some visitors are not offered it any more.
    NoLongerOffered,
    /// Conversations are routed to another skill.
    OtherSkill,
    /// The texts are in another language.
    OtherLanguage,
    /// The conversation has another window.
    OtherWindow,
    /// Visitors sign in in another way.
    OtherConnector,
    /// It competes with others in another place of the page.
    OtherZone,
    /// It is drawn more or less often, or the share of visitors in the control group is another.
    OtherOdds,
    /// It may be offered to other visitors: what would decide it is not known.
    MayChange,
}

impl Shift {
    /// The words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NowOffered => "now offered",
            Self::NoLongerOffered => "no longer offered",
            Self::OtherSkill => "other skill",
            Self::OtherLanguage => "other language",
            Self::OtherWindow => "other window",
            Self::OtherConnector => "other connector",
            Self::OtherZone => "other zone",
            Self::OtherOdds => "other odds",
            Self::MayChange => "may change",
        }
    }
}

/// One thing that some visitors see differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Shifted {
    /// The engagement.
    #[schemars(with = "String")]
    pub engagement: Key,
    /// What is different.
    pub shift: Shift,
    /// The value before, where another one takes its place.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
    /// The value after.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub after: Value,
    /// A visit at which it is different, with as little known as decides it; absent where there are too many to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<ExampleVisit>,
    /// What the visitor can have closed after the plan: what was closed and is not offered any more is left out. Only for
    /// scenarios that are written.
    #[serde(skip)]
    pub closes: Vec<Key>,
    /// Of an engagement that the plan deletes: of which one is offered there after the plan, nothing where there is none; absent
    /// where that is not certain. Only for scenarios that are written.
    #[serde(skip)]
    pub instead: Option<Vec<Key>>,
    /// Whether nothing else can be offered there after the plan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
    /// What else can be offered there after the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub with: Vec<Key>,
    /// Its share among these after the plan, in percent and to the next whole number, where it was another before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Why it only may be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// The assumed facts of the platform without which it might be another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rests_on: Vec<String>,
}

/// A visit, in the words of scenarios.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExampleVisit {
    /// The app, by its live name; absent for web pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The time, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What is the case around the visit, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Given>,
    /// The engagements that the visitor closed in this session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<String>,
    /// Where the visitor is, and what is known of them.
    pub when: When,
}

impl Impact {
    /// How many engagements have a difference, by what is different.
    #[must_use]
    pub fn counts(&self) -> std::collections::BTreeMap<Shift, usize> {
        let mut counts = std::collections::BTreeMap::new();
        for shifted in &self.differences {
            *counts.entry(shifted.shift).or_default() += 1;
        }
        counts
    }
}
