//! The look of an engagement: the fields that an engagement and an engagement template share.
//!
//! Numbers after platform.md#numbers-and-words, each with its certainty. A raw number is accepted beside the
//! words.

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
    field("rendering", "renderingType", Codec::Word(Rendering::WORDS)),
    field("zones", "zones", Codec::RefSet("Zone"))
        .or("[]")
        .once_under("zone"),
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
    field("type", "type", Codec::Word(Anchor::WORDS)),
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
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// Where on the page a web engagement is shown. Embedded engagements have no position: their place is an element of
/// the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PagePosition {
    /// Distance from the left, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// Distance from the top, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<i64>,
    /// What `left` and `top` count from: a word, or the platform's own number.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// How an overlay, a slide-out or a peeling corner moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Effects {
    /// Whether the rest of the page is darkened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub light_box: Option<bool>,
    /// After how many seconds it collapses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_to_collapse: Option<i64>,
    /// The state in which it first shows; the platform's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_state: Option<i64>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

words! {
    /// The format of an engagement.
    pub enum EngagementType: Int {
        /// A corner of the page that peels back.
        PeelingCorner = "peelingCorner" => 0 Documented,
        /// A box over the page.
        Overlay = "overlay" => 1 Documented,
        /// A box that rises from the edge of the page.
        Toaster = "toaster" => 2 Documented,
        /// A tab that slides out of the edge of the page.
        SlideOut = "slideOut" => 3 Documented,
        /// Content inside an element of the page.
        Embedded = "embedded" => 5 Documented,
        /// A button that stays at the edge of the page.
        StickyButton = "stickyButton" => 6 Documented,
        /// An offer of content.
        ContentOffer = "contentOffer" => 7 Guessed,
        /// A banner.
        Banner = "banner" => 8 Guessed,
        /// A button.
        Button = "button" => 9 Guessed,
        /// A banner of content.
        ContentBanner = "contentBanner" => 10 Guessed,
        /// A link outside the site.
        Offsite = "offsite" => 11 Guessed,
        /// A landing page.
        LandingPage = "landingPage" => 12 Guessed,
        /// Inside a mobile app, by its app installation.
        App = "app" => 13 ClientCode,
    }
    former {
        "embedded" => 4 "",
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
        Overlay = "overlay" => 5 Captured,
        /// A peeling corner at the left.
        PeelingCornerLeft = "peelingCornerLeft" => 10 Guessed,
        /// A peeling corner at the right.
        PeelingCornerRight = "peelingCornerRight" => 11 Guessed,
        /// Of a toaster.
        Toaster = "toaster" => 13 Guessed,
        /// Of a slide-out.
        SlideOut = "slideOut" => 18 Guessed,
        /// Of a sticky button at the edge of the page.
        StickyButton = "stickyButton" => 24 Captured,
        /// Of a sticky button that floats over the page, at `presentation.margin` from its edges.
        FloatingStickyButton = "floatingStickyButton" => 27 Captured,
        /// Of an app engagement.
        App = "app" => 34 ClientCode,
    }
    former {
        "embedded" => 6 "an embedded engagement has no `subType`: remove the line",
    }
}

words! {
    /// Where an engagement is served.
    pub enum EngagementSource: Int {
        /// On web pages.
        Web = "web" => 0 Captured,
        /// Through an app installation.
        App = "app" => 12 ClientCode,
    }
}

words! {
    /// The channel of an engagement. Every captured engagement carries `web`, app engagements too.
    pub enum EngagementChannel: Int {
        /// The channel of all captured engagements.
        Web = "web" => 1 Captured,
        /// A mobile app.
        MobileApp = "mobileApp" => 2 Guessed,
    }
}

words! {
    /// How the look of an engagement is made.
    pub enum Rendering: Int {
        /// Of images, labels and buttons: `presentation.elements`.
        Elements = "elements" => 0 Captured,
        /// As a piece of HTML: `presentation.html`.
        Html = "html" => 1 Captured,
    }
    former {
        "embedded" => 0 "the number never said where the window opens; write `elements`, which is the same number: a look of images and labels",
        "popup" => 1 "the number never said where the window opens; write `html`, which is the same number: a look that is a piece of HTML",
    }
}

words! {
    /// The place on the page that `left` and `top` count from.
    pub enum Anchor: Int {
        /// The position of overlays.
        Overlay = "overlay" => 5 Captured,
        /// The right edge of the page, for sticky buttons.
        RightEdge = "rightEdge" => 6 Captured,
        /// No edge: a floating sticky button, placed by `presentation.margin`.
        Floating = "floating" => 9 Captured,
    }
}

words! {
    /// The state of an engagement that a look is for.
    pub enum DisplayState: Int {
        /// An agent is available.
        Online = "online" => 1 Documented,
        /// No agent is available.
        Offline = "offline" => 2 Documented,
        /// All agents are busy.
        Busy = "busy" => 4 Documented,
        /// The only state of app engagements.
        App = "app" => 5 ClientCode,
    }
    former {
        "online" => 2 "",
        "offline" => 1 "",
    }
}
