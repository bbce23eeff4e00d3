//! `EngagementWindow`: how a conversation looks on a web page (platform.md#engagement-window).

mod rules;
mod style;
mod wire;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::field::Field;
use super::{Collection, Findings, Kind, Lookup, Role, RuleWorld, Serving};
use crate::diag::Code;

/// The `EngagementWindow` kind.
#[derive(Debug)]
pub struct EngagementWindowKind;

/// How a conversation looks on a web page: colors, logos, welcome message, surveys.
///
/// Windows of the vendor's own are never deleted. A window with `default: true` that is deleted leaves the
/// account without a default window: make another one the default first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EngagementWindow {
    /// What people see in the console. Defaults to the name of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The platform's own name for the kind of window.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub window_type: Option<String>,
    /// The place of the window in the console's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<i64>,
    /// The theme that the window was made from, as the platform's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_template: Option<String>,
    /// Whether new engagements use this window. An account has one such window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// The look and feel, in the platform's own words. Its `id` and its `name` have no meaning: captured windows have
    /// -1 and an empty text there. Build a window in the console and export it to see what belongs here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<Map<String, Value>>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

impl Kind for EngagementWindowKind {
    const NAME: &'static str = "EngagementWindow";
    const PLURAL: &'static str = "engagement-windows";
    const ROLE: Role = Role::Managed;
    const PHASE: u8 = 0;
    const COLLECTION: Option<&'static Collection> = Some(&wire::COLLECTION);
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CODES: &'static [&'static Code] = rules::CODES;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    type Spec = EngagementWindow;

    fn rules(spec: &Self::Spec, _name: &str, _world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, out);
    }

    fn begin_lower(body: &mut Value) {
        style::release_name(body);
    }

    fn finish_lower(spec: &Value, body: &mut Value, _lookup: &dyn Lookup) {
        style::restore_name(spec, body);
    }

    fn begin_lift(body: &mut Value, _spec: &mut Value, _lookup: &dyn Lookup) {
        style::drop_copies(body);
    }

    /// The id inside `json` is -1 on every captured window (platform.md#engagement-window).
    fn serve(body: &mut Value, _at: &Serving<'_>) {
        if let Some(Value::Object(style)) = body.get_mut("json") {
            style.insert("id".to_owned(), Value::from(-1));
        }
    }
}

#[cfg(test)]
mod tests;
