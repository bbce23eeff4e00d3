//! The look of an engagement: the fields that an engagement and an engagement template share.
//!
//! Numbers after wire sections 4.2, 4.2.1 and 4.2.2. Where one is not confirmed, only the word tables
//! here know it, and the raw number is accepted beside the words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::kinds::field::{Codec, Field, field};
use crate::kinds::words::words;

/// The shared rows of the two field tables.
pub const FIELDS: &[Field] = &[
    field("type", "type", Codec::Word(EngagementType::WORDS)),
    field("subType", "subType", Codec::Word(EngagementSubType::WORDS)),
    field("source", "source", Codec::Word(EngagementSource::WORDS)),
    field("channel", "channel", Codec::Word(EngagementChannel::WORDS)).or(r#""web""#),
    field("language", "language", Codec::Text),
    field("window", "windowId", Codec::Ref("EngagementWindow")),
    field(
        "offlineWindow",
        "offlineWindowId",
        Codec::Ref("EngagementWindow"),
    ),
    field("popOut", "isPopOut", Codec::Bool).or("false"),
    field("unifiedWindow", "isUnifiedWindow", Codec::Bool),
    field("rendering", "renderingType", Codec::Word(Rendering::WORDS)).or(r#""embedded""#),
    field("zones", "zones", Codec::RefSet("Zone")).or("[]"),
    field(
        "displayInstances",
        "displayInstances",
        Codec::List {
            fields: DISPLAY_INSTANCE,
            key: Some("type"),
        },
    ),
    field("position", "position", Codec::Object(POSITION)),
    field("effects", "effects", Codec::Object(EFFECTS)),
    field("followMePages", "followMePages", Codec::Int),
    field("followMeTime", "followMeTime", Codec::Int),
    field(
        "showSmsPreSurveyOnMobile",
        "showSmsPreSurveyOnMobile",
        Codec::Bool,
    ),
];

const DISPLAY_INSTANCE: &[Field] = &[
    field(
        "type",
        "displayInstanceType",
        Codec::Word(DisplayState::WORDS),
    ),
    field("enabled", "enabled", Codec::Bool),
    field("events", "events", Codec::Json),
    field("presentation", "presentation", Codec::Json),
    field("macros", "macros", Codec::Json),
    field("displaySettings", "displaySettings", Codec::Json),
];

const POSITION: &[Field] = &[
    field("left", "left", Codec::Int),
    field("top", "top", Codec::Int),
    field("type", "type", Codec::Int),
];

const EFFECTS: &[Field] = &[
    field("lightBox", "useLightBox", Codec::Bool),
    field("secondsToCollapse", "secondsToCollapseAfter", Codec::Int),
    field("startState", "displayStartState", Codec::Int),
];

/// One state of an engagement and how it looks in that state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DisplayInstance {
    /// The state that this look is for. Templates and engagements merge by it.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub state: Option<DisplayState>,
    /// Whether anything is shown in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// What a click does, as the platform's own JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Value>,
    /// Background, border, size, images, labels and buttons, as the platform's own JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presentation: Option<Value>,
    /// Macros of the look, as the platform's own JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub macros: Option<Value>,
    /// Further display settings, as the platform's own JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_settings: Option<Value>,
    /// Wire keys that have no field of their own, kept untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// Where on the page a web engagement stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PagePosition {
    /// Distance from the left, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// Distance from the top, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<i64>,
    /// The anchor on the page; the platform's own number (6 is the right edge).
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub position_type: Option<i64>,
    /// Wire keys that have no field of their own, kept untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// How an overlay, a slide-out or a peeling corner moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Effects {
    /// Whether the page behind is darkened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub light_box: Option<bool>,
    /// After how many seconds it collapses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_to_collapse: Option<i64>,
    /// The state in which it first shows; the platform's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_state: Option<i64>,
    /// Wire keys that have no field of their own, kept untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

words! {
    /// The format of an engagement.
    pub enum EngagementType: Int {
        /// A corner of the page that peels back.
        PeelingCorner = "peelingCorner" => 0,
        /// A box over the page.
        Overlay = "overlay" => 1,
        /// A box that rises from the edge of the page.
        Toaster = "toaster" => 2,
        /// A tab that slides out of the edge of the page.
        SlideOut = "slideOut" => 3,
        /// Content inside an element of the page.
        Embedded = "embedded" => 4,
        /// A button that stays at the edge of the page.
        StickyButton = "stickyButton" => 6,
        /// An offer of content.
        ContentOffer = "contentOffer" => 7,
        /// A banner.
        Banner = "banner" => 8,
        /// A button.
        Button = "button" => 9,
        /// A banner of content.
        ContentBanner = "contentBanner" => 10,
        /// A link outside the site.
        Offsite = "offsite" => 11,
        /// A landing page.
        LandingPage = "landingPage" => 12,
        /// Inside a mobile app, by its app installation.
        App = "app" => 13,
    }
}

impl EngagementType {
    /// Whether the engagement shows inside an app.
    #[must_use]
    pub fn is_app(&self) -> bool {
        *self == Self::App
    }

    /// Whether the engagement shows on web pages; an unknown number shows who knows where.
    #[must_use]
    pub fn is_web(&self) -> bool {
        !matches!(self, Self::App | Self::Raw(_))
    }
}

words! {
    /// The variant of a format.
    pub enum EngagementSubType: Int {
        /// Of an overlay.
        Overlay = "overlay" => 5,
        /// Of an embedded engagement.
        Embedded = "embedded" => 6,
        /// A peeling corner at the left.
        PeelingCornerLeft = "peelingCornerLeft" => 10,
        /// A peeling corner at the right.
        PeelingCornerRight = "peelingCornerRight" => 11,
        /// Of a toaster.
        Toaster = "toaster" => 13,
        /// Of a slide-out.
        SlideOut = "slideOut" => 18,
        /// Of a sticky button.
        StickyButton = "stickyButton" => 24,
        /// Of an app engagement.
        App = "app" => 34,
    }
}

words! {
    /// Where an engagement is served.
    pub enum EngagementSource: Int {
        /// On web pages.
        Web = "web" => 0,
        /// Through an app installation.
        App = "app" => 12,
    }
}

words! {
    /// The channel of an engagement. Every captured engagement carries `web`, app engagements too.
    pub enum EngagementChannel: Int {
        /// The channel of all captured engagements.
        Web = "web" => 1,
        /// A mobile app.
        MobileApp = "mobileApp" => 2,
    }
}

words! {
    /// Where the conversation window opens.
    pub enum Rendering: Int {
        /// Inside the page.
        Embedded = "embedded" => 0,
        /// In a window of its own.
        Popup = "popup" => 1,
    }
}

words! {
    /// The state of an engagement that a look is for.
    pub enum DisplayState: Int {
        /// No agent is available.
        Offline = "offline" => 1,
        /// An agent is available.
        Online = "online" => 2,
        /// All agents are busy.
        Busy = "busy" => 4,
        /// The only state of app engagements.
        App = "app" => 5,
    }
}
