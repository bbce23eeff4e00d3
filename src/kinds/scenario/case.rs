//! The cases of a scenario, and what they assert.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::When;
use crate::kinds::offering::Aspect;
use crate::kinds::shared::means::AnyOf;
use crate::kinds::shared::{Reference, VendorReference};

/// A case: a visit and what it is offered, or a journey of several.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Case {
    /// What is tested, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// The case is repeated for every combination of these values, each over `when`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Matrix>,
    /// What holds. Everything that is written must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Then>,
    /// Steps of one visitor, instead of `when` and `then`. A session lasts 6 hours and ends after 30 idle minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journey: Option<Vec<JourneyStep>>,
}

/// Values that a case is repeated for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Matrix {
    /// Personas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personas: Option<Vec<Reference>>,
    /// Sections, one visit each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sections: Option<Vec<String>>,
    /// Addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urls: Option<Vec<String>>,
    /// Times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Vec<String>>,
}

/// A step of a journey.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct JourneyStep {
    /// Engagement attributes that are reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Vec<Value>>,
    /// How long the visitor is idle: `31m`, `2h`, `1h 30m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["31m", "6h"]))]
    pub after: Option<String>,
    /// Engagements that the visitor closes: they are not offered again in this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<Vec<Reference>>,
    /// A visit to a page or section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// What holds at that visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Then>,
}

/// What holds at a visit. Everything that is written must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Then {
    /// This engagement is offered, and no other can be in its place: one of several that a lottery draws is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Reference>,
    /// One of these engagements is offered, chosen by lottery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<Reference>>,
    /// Each of these engagements can be offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_be_offered: Option<Vec<Reference>>,
    /// None of these engagements can be offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_offered: Option<Vec<Reference>>,
    /// Nothing is offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nothing: Option<Nothing>,
    /// Each of these engagements meets its requirements, regardless of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<Vec<Reference>>,
    /// The skill that every offer is routed to, by its live name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<Reference>,
    /// By engagement: the skill that its conversations are routed to, by its live name. The engagement meets its
    /// requirements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [{"orders": "Orders"}]))]
    pub skills: Option<BTreeMap<String, Reference>>,
    /// By engagement: its share in the lottery, in percent and to the next whole number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [{"orders": 78}]))]
    pub shares: Option<BTreeMap<String, f64>>,
    /// The language of every offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["en-US"]))]
    pub language: Option<String>,
    /// The window of every offer: an `EngagementWindow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<VendorReference>,
    /// The connector of every offer, by its live name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<Reference>,
    /// The outcome cannot be decided, and these facts would decide it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [["agents"]]))]
    pub undecided: Option<Vec<String>>,
}

impl Then {
    /// Whether it asserts nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The engagements of which it says that nothing is offered because their entry points do not hold.
    pub fn of_entry_points(&self) -> impl Iterator<Item = &str> {
        let because = self.nothing.iter().flat_map(|it| &it.because);
        let named = because
            .flatten()
            .filter(|(_, aspects)| aspects.0.contains(&Aspect::EntryPoints));
        named.map(|(name, _)| name.as_str())
    }

    /// Whether it only says that something is not offered.
    #[must_use]
    pub fn is_of_nothing(&self) -> bool {
        let rest = Self {
            nothing: None,
            not_offered: None,
            ..self.clone()
        };
        rest.is_empty() && !self.is_empty()
    }

    /// The fields that list nothing, and so hold whatever is the case.
    pub fn empty_lists(&self) -> impl Iterator<Item = &'static str> {
        let lists = [
            ("oneOf", self.one_of.as_ref().map(Vec::is_empty)),
            (
                "mayBeOffered",
                self.may_be_offered.as_ref().map(Vec::is_empty),
            ),
            ("notOffered", self.not_offered.as_ref().map(Vec::is_empty)),
            ("eligible", self.eligible.as_ref().map(Vec::is_empty)),
            ("skills", self.skills.as_ref().map(BTreeMap::is_empty)),
            ("shares", self.shares.as_ref().map(BTreeMap::is_empty)),
            ("undecided", self.undecided.as_ref().map(Vec::is_empty)),
        ];
        let empty = lists
            .into_iter()
            .filter(|(_, is_empty)| *is_empty == Some(true));
        empty.map(|(field, _)| field)
    }
}

/// That nothing is offered, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Nothing {
    /// By engagement: the only reasons why it is not offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<BTreeMap<String, AnyOf<Aspect>>>,
}

/// What holds for every visit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Always {
    /// What the visits have in common, exactly: `sections: [help]` is who is at `help` and nowhere else. Everything else can be
    /// anything.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<When>,
    /// What holds at each of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Then>,
}

/// What no visit is offered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Never {
    /// The engagement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Reference>,
    /// The visits to which it may be offered: those of which all of this is so. `sections: [help]` is any visit at `help`;
    /// what is not said can be anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<When>,
}
