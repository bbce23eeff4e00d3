//! What a condition of a behavior means (platform.md#behavior).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::field::{Codec, Field, field};
use crate::kinds::shared::VendorReference;
use crate::kinds::shared::means::{AnyOf, Flaw, Range, Sound, TextMatch, facts};
use crate::text::Pointer;

facts! {
    /// What a condition of a behavior asks of a visitor. All facts that are given must hold; several values of one fact
    /// are alternatives.
    pub struct BehaviorFacts {
        /// The visitor took the steps of a flow in their order.
        flow as "flow": Flow,
        /// The visitor stayed for some time, within one session. Web only.
        time_on_page as "timeOnPage": TimeOnPage,
        /// The visitor has been at one of these entry points.
        visited as "visited": Vec<VendorReference>,
        /// `true` when the visitor is about to leave the page. Web only.
        about_to_abandon as "aboutToAbandon": bool,
        /// What the cart holds, as the page or app reports it.
        cart as "cart": Cart,
        /// How many products the visitor looked at.
        viewed_products as "viewedProducts": Range,
        /// The visitor met an error, as the page or app reports it.
        visitor_error as "visitorError": VisitorError,
        /// What happened to engagements in the same session.
        engaged_in_session as "engagedInSession": AnyOf<EngagedMeans>,
        /// The status of a service activity, as the page or app reports it.
        service_activity as "serviceActivity": AnyOf<String>,
    }
}

/// The references in the facts.
pub(super) const REFERENCES: &[Field] = &[
    field("timeOnPage.location", "", Codec::Ref("EntryPoint")),
    field("visited", "", Codec::RefSet("EntryPoint")),
    field("except.timeOnPage.location", "", Codec::Ref("EntryPoint")),
    field("except.visited", "", Codec::RefSet("EntryPoint")),
];

/// A flow of steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Flow {
    /// The steps, two or more.
    pub steps: Vec<FlowStep>,
    /// What the visitor did with the flow.
    pub outcome: FlowOutcome,
}

/// A step of a flow: a section or an address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FlowStep {
    /// The name of a section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<TextMatch>,
    /// The address of a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<TextMatch>,
}

/// What a visitor did with a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FlowOutcome {
    /// Left it before its last step.
    Abandoned,
    /// Went back in it.
    WentBack,
}

/// Some time at a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TimeOnPage {
    /// How many seconds, at least.
    pub at_least: f64,
    /// The entry point. Without one, any page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<VendorReference>,
}

/// What a cart holds. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cart {
    /// The value of the cart, in any currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Range>,
    /// The number of items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Range>,
}

/// An error that a visitor met; any error where nothing is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VisitorError {
    /// The code of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<AnyOf<String>>,
    /// The text of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<AnyOf<TextMatch>>,
}

/// What became of an engagement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EngagedMeans {
    /// The visitor saw it.
    Exposed,
    /// The visitor closed it.
    Declined,
    /// The visitor clicked it.
    Clicked,
    /// The visitor wrote or was written to.
    Interacted,
}

impl Sound for EngagedMeans {}

impl Sound for Vec<VendorReference> {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        if self.is_empty() {
            out.push(Flaw {
                at: at.clone(),
                message: "no entry point is given".to_owned(),
                help: "name an entry point, as `visited: [checkout]`".to_owned(),
            });
        }
    }
}

impl Sound for Flow {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        let at = at.key("steps");
        if self.steps.len() < 2 {
            out.push(Flaw {
                at: at.clone(),
                message: "a flow has two steps or more".to_owned(),
                help: "name the steps in their order, as `[{ section: { is: cart } }, { section: { is: checkout } }]`".to_owned(),
            });
        }
        for (index, step) in self.steps.iter().enumerate() {
            step.flaws(&at.index(index), out);
        }
    }
}

impl Sound for FlowStep {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        if self.section.is_some() == self.url.is_some() {
            out.push(Flaw {
                at: at.clone(),
                message: "a step is either a section or an address".to_owned(),
                help: "write one of `section` and `url`".to_owned(),
            });
        }
        for (key, text) in [("section", &self.section), ("url", &self.url)] {
            if let Some(text) = text {
                text.flaws(&at.key(key), out);
            }
        }
    }
}

impl Sound for TimeOnPage {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        if self.at_least <= 0.0 {
            out.push(Flaw {
                at: at.key("atLeast"),
                message: format!("{} is not a valid time", self.at_least),
                help: "write a number of seconds above 0".to_owned(),
            });
        }
    }
}

impl Sound for Cart {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        if self.value.is_none() && self.items.is_none() {
            out.push(Flaw {
                at: at.clone(),
                message: "the cart has no values".to_owned(),
                help: "write `value`, `items` or both".to_owned(),
            });
        }
        for (key, range) in [("value", &self.value), ("items", &self.items)] {
            if let Some(range) = range {
                range.flaws(&at.key(key), out);
            }
        }
    }
}

impl Sound for VisitorError {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        if let Some(code) = &self.code {
            code.flaws(&at.key("code"), out);
        }
        if let Some(message) = &self.message {
            message.flaws(&at.key("message"), out);
        }
    }
}
