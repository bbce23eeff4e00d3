//! Who is where: the visit of a case.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kinds::shared::Reference;

/// A visit: where the visitor is, and what is known of them. What is left out is not known; attributes that are left out
/// were not reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct When {
    /// The visitor: a `Persona`, whose attributes are reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona: Option<Reference>,
    /// The sections that the app or page reports, `[orders]`; `[]` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [["orders"]]))]
    pub sections: Option<Vec<String>>,
    /// The address of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Engagement attributes that are reported besides those of the persona.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Vec<Value>>,
    /// When the visit takes place, if not at the time of the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["2026-09-15T12:00:00[Europe/Paris]"]))]
    pub at: Option<String>,
    /// The device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// The address of the device, `203.0.113.7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Where the platform places the visitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geo: Option<Geo>,
    /// How many people work at the visitor's company, as the platform knows it: no attribute decides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_size: Option<f64>,
    /// Whether the visitor was here before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returning: Option<bool>,
    /// The address that the visitor came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<String>,
    /// What the visitor searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search_keywords: Option<Vec<String>>,
    /// The channel that the visitor came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<VisitorChannel>,
    /// How many seconds the visitor has been on the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_on_page: Option<f64>,
    /// Whether the visitor is about to leave the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about_to_abandon: Option<bool>,
    /// What happened to engagements in this session; `[]` for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engaged: Option<Vec<Engaged>>,
}

impl When {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all that it says is that nothing is reported: no section, no attribute.
    #[must_use]
    pub fn reports_nothing(&self) -> bool {
        let is_bare = |list: Option<&[Value]>| list.is_none_or(<[Value]>::is_empty);
        let rest = Self {
            sections: None,
            attributes: None,
            search_keywords: None,
            engaged: None,
            at: None,
            ..self.clone()
        };
        rest.is_empty()
            && !self.is_empty()
            && is_bare(self.attributes.as_deref())
            && self.sections.as_ref().is_none_or(Vec::is_empty)
            && self.search_keywords.as_ref().is_none_or(Vec::is_empty)
            && self.engaged.as_ref().is_none_or(Vec::is_empty)
    }
}

macro_rules! words_of_ours {
    ($($(#[doc = $about:literal])* pub enum $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)* })*) => {
        $(
            $(#[doc = $about])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
            pub enum $name {
                $($(#[doc = $doc])* #[serde(rename = $word)] $variant,)*
            }

            impl $name {
                /// All of them.
                pub const ALL: &[Self] = &[$(Self::$variant),*];

                /// The word in manifests.
                #[must_use]
                pub const fn word(self) -> &'static str {
                    match self { $(Self::$variant => $word,)* }
                }
            }
        )*
    };
}

words_of_ours! {
    /// Whether an agent is available.
    pub enum Agents {
        /// One is.
        Available = "available",
        /// None is.
        Away = "none",
    }

    /// Whether the visitor is in a control group.
    pub enum ControlGroup {
        /// In none.
        Outside = "outside",
        /// In one.
        Inside = "inside",
    }

    /// Whether the visitor has an open conversation.
    pub enum Conversation {
        /// None.
        Absent = "none",
        /// One.
        Open = "open",
    }

    /// The device of a visitor.
    pub enum Device {
        /// A computer.
        Desktop = "desktop",
        /// A tablet.
        Tablet = "tablet",
        /// A phone.
        Mobile = "mobile",
    }

    /// The channel that a visitor came by.
    pub enum VisitorChannel {
        /// By typing the address, or a bookmark.
        Direct = "direct",
        /// By an advertisement on another page.
        Display = "display",
        /// By a mail.
        Email = "email",
        /// By an advertisement of a search engine.
        PaidSearch = "paidSearch",
        /// By a link on another site.
        Referral = "referral",
        /// By the result of a search engine.
        Search = "search",
        /// By a social network.
        Social = "social",
    }

    /// What became of an engagement.
    pub enum Engaged {
        /// The visitor saw it.
        Exposed = "exposed",
        /// The visitor closed it.
        Declined = "declined",
        /// The visitor clicked it.
        Clicked = "clicked",
        /// The visitor wrote or was written to.
        Interacted = "interacted",
    }
}

/// Where the platform places a visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Geo {
    /// The country, as the conditions name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The state or province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The city.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}
