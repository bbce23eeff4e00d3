//! `EngagementTemplate`: a look that several engagements share.
//!
//! The platform has no such object (platform.md#engagement-template): every engagement stores its whole look. A template
//! lives in the manifests only and is expanded into the engagements that name it.

mod wire;

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::field::Field;
use super::shared::appearance::{
    DisplayInstance, Effects, EngagementChannel, EngagementSource, EngagementSubType,
    EngagementType, PagePosition, Rendering,
};
use super::shared::{Reference, VendorReference};
use super::{Collection, Kind, Parent, Role};
use crate::diag::Code;

/// The `EngagementTemplate` kind.
#[derive(Debug)]
pub struct EngagementTemplateKind;

/// A look that several engagements share. An engagement that names it in `template` has every field of
/// it that it does not set itself; `displayInstances` merge by `type`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EngagementTemplate {
    /// The `EngagementTemplate` that fields left out here come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<Reference>,
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

impl Kind for EngagementTemplateKind {
    const NAME: &'static str = "EngagementTemplate";
    const PLURAL: &'static str = "engagement-templates";
    const ROLE: Role = Role::Local;
    const PHASE: u8 = 0;
    const COLLECTION: Option<&'static Collection> = None;
    const FIELDS: &'static [Field] = wire::FIELDS;
    const TEMPLATE: Option<Parent> = Some(Parent {
        field: "extends",
        kind: "EngagementTemplate",
    });
    const CODES: &'static [&'static Code] = &[];
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    type Spec = EngagementTemplate;
}
