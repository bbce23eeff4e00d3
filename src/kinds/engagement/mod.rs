//! Engagement: what a visitor meets, where and with what behind it (platform.md#engagement).
//!
//! An engagement lives inside one campaign. Its look may come from an engagement template; the rules here
//! run on the spec with the template in it.

mod offers;
mod rules;
mod wire;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::field::Field;
use super::offering::Reading;
use super::shared::appearance::{
    DisplayInstance, Effects, EngagementChannel, EngagementSource, EngagementSubType,
    EngagementType, PagePosition, Rendering,
};
use super::shared::{Reference, VendorReference};
use super::words::words;
use super::{
    AppVisit, Collection, Findings, Kind, Lookup, Other, Overview, Parent, Role, RuleWorld, Serving,
};
use crate::diag::Code;

/// The Engagement kind.
#[derive(Debug)]
pub struct EngagementKind;

/// What a visitor sees: a button, an overlay or an entry in an app, and the conversation that it opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Engagement {
    /// What people see in the console. Defaults to the name of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the engagement is for, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The `Campaign` that the engagement belongs to. Moving it to another campaign deletes it and creates it again
    /// with a new id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-required" = true))]
    pub campaign: Option<Reference>,
    /// The `EngagementTemplate` that fields left out here come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Reference>,
    /// Whether the engagement is shown while its campaign is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Where visitors meet the engagement: `EntryPoint` manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_points: Option<Vec<VendorReference>>,
    /// What visitors must do to meet it: `Behavior` manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behaviors: Option<Vec<VendorReference>>,
    /// The skill that conversations are routed to, by its live name. Without it, any agent answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<Reference>,
    /// Whether the platform routes conversations by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_system_routing: Option<bool>,
    /// The app that shows the engagement: an app installation, by its live name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_installation: Option<Reference>,
    /// How consumers sign in: a connector, by its live name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<Reference>,
    /// Whether consumers may write without signing in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_unauthenticated: Option<bool>,
    /// Whether conversations are chats or lasting messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_type: Option<ConversationType>,
    /// When the engagement shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
    /// When the engagement shows, for messaging.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_for_messaging: Option<Availability>,
    /// The weight among engagements that compete for one visitor. The platform accepts it and does not return it: a
    /// plan compares it with the value last applied, and an export leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// How long a consumer may wait in the queue; the platform's own number, 0 in every known engagement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_in_queue: Option<i64>,
    /// Targets outside the site, as the platform's own JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_targets: Option<Value>,
    /// The survey before the conversation, by its id: surveys have no kind. Ids differ between accounts: use an
    /// overlay or a variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey: Option<i64>,
    /// The survey while no agent is available, by its id: surveys have no kind. Ids differ between accounts: use
    /// an overlay or a variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline_survey: Option<i64>,
    /// The format: `app` inside a mobile app, the others on web pages.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub engagement_type: Option<EngagementType>,
    /// The variant of the format. Follows from `type` unless it is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<EngagementSubType>,
    /// Where the engagement is served. Follows from `type` unless it is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<EngagementSource>,
    /// The channel; `web` in every known engagement, app engagements included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<EngagementChannel>,
    /// The language of the texts, `en-US`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["en-US"]))]
    pub language: Option<String>,
    /// The window of the conversation: an `EngagementWindow`. App engagements have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<VendorReference>,
    /// The window while no agent is available: an `EngagementWindow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline_window: Option<VendorReference>,
    /// Whether the window opens detached from the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pop_out: Option<bool>,
    /// Whether the window serves both chat and messaging. Default for web formats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unified_window: Option<bool>,
    /// How the look is made: `html` or `elements`. Follows from `displayInstances` unless it is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rendering: Option<Rendering>,
    /// The places of the page that the engagement takes: zones, by their live names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zones: Option<Vec<Reference>>,
    /// How the engagement looks in each state, one entry per state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("defaultSnippets" = [{"label": "shown while an agent is available", "description": "The look of the state `online`.", "type": "array", "body": {"type": "online", "enabled": true, "presentation": {"elements": {"labels": [{"text": "${1:Chat with us}"}]}}}}, {"label": "hidden while no agent is available", "description": "Nothing is shown in the state `offline`.", "type": "array", "body": {"type": "offline", "enabled": false}}]))]
    pub display_instances: Option<Vec<DisplayInstance>>,
    /// The position of the engagement on the page; web formats only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<PagePosition>,
    /// How an overlay, a slide-out or a peeling corner moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effects: Option<Effects>,
    /// On how many further pages the engagement follows the visitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_me_pages: Option<i64>,
    /// For how long the engagement follows the visitor; 0 in every known engagement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_me_time: Option<i64>,
    /// Whether the pre-conversation survey for text messages shows on mobile browsers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_sms_pre_survey_on_mobile: Option<bool>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

words! {
    /// Whether conversations are chats or lasting messages.
    pub enum ConversationType: Int {
        /// A chat, which ends with the visit.
        Chat = "chat" => 0 Guessed,
        /// Messaging, which goes on when the consumer comes back.
        Messaging = "messaging" => 1 Captured,
    }
}

words! {
    /// When an engagement shows.
    pub enum Availability: Int {
        /// Only while an agent is available.
        OnlineOnly = "onlineOnly" => 0 Guessed,
        /// At all times.
        Always = "always" => 1 Guessed,
    }
}

impl Kind for EngagementKind {
    const NAME: &'static str = "Engagement";
    const PLURAL: &'static str = "engagements";
    const ROLE: Role = Role::Managed;
    const PHASE: u8 = 3;
    const COLLECTION: Option<&'static Collection> = Some(&wire::COLLECTION);
    const FIELDS: &'static [Field] = wire::FIELDS;
    const PARENT: Option<Parent> = Some(Parent {
        field: "campaign",
        kind: "Campaign",
    });
    const TEMPLATE: Option<Parent> = Some(Parent {
        field: "template",
        kind: "EngagementTemplate",
    });
    const CODES: &'static [&'static Code] = rules::CODES;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    const OVERVIEW: Option<fn(&Value) -> Overview> = Some(overview);
    type Spec = Engagement;

    fn rules(spec: &Engagement, _name: &str, world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, world, out);
    }

    fn is_enabled(spec: &Value) -> bool {
        spec.get("enabled") != Some(&Value::Bool(false))
    }

    fn unseen(spec: &Value, _now: Option<Timestamp>) -> Option<String> {
        if !Self::is_enabled(spec) {
            return Some("it is disabled".to_owned());
        }
        let states = spec.get("displayInstances").and_then(Value::as_array)?;
        let is_off = |state: &Value| state.get("enabled") == Some(&Value::Bool(false));
        (!states.is_empty() && states.iter().all(is_off))
            .then(|| "all its `displayInstances` are disabled".to_owned())
    }

    fn states(spec: &Value) -> Vec<(String, bool)> {
        wire::states(spec)
    }

    fn met_by(spec: &Value) -> Option<String> {
        wire::met_by(spec)
    }

    fn derived_defaults(spec: &Value) -> Vec<(&'static str, Value)> {
        wire::derived_defaults(spec)
    }

    fn admits(body: &Value, visit: &AppVisit<'_>) -> bool {
        wire::is_for(body, visit)
    }

    fn serve(body: &mut Value, _at: &Serving<'_>) {
        wire::serve(body);
    }

    fn finish_lower(spec: &Value, body: &mut Value, lookup: &dyn Lookup) {
        wire::keep_skill_name_in_step(spec, body, lookup);
    }

    fn begin_lift(body: &mut Value, _spec: &mut Value, lookup: &dyn Lookup) {
        wire::take_skill_name(body, lookup);
        wire::read_zones(body);
    }

    fn reading(spec: &Value) -> Option<Reading> {
        Some(offers::reading(spec))
    }
}

/// What `status` shows of an engagement.
fn overview(spec: &Value) -> Overview {
    let state = if EngagementKind::is_enabled(spec) {
        "enabled"
    } else {
        "disabled"
    };
    let skill = spec.get("skill").filter(|skill| !skill.is_null());
    Overview {
        state: state.to_owned(),
        skill: skill.map(|reference| Other {
            kind: "Skill",
            reference: reference.clone(),
        }),
        ..Overview::default()
    }
}
