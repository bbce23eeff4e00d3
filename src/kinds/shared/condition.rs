//! The condition boxes of audiences, behaviors and entry points.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::diag::Code;
use crate::kinds::Findings;
use crate::text::Pointer;

/// One condition: what is looked at, and the particulars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    bound(deserialize = "T: Deserialize<'de>")
)]
#[schemars(rename = "{T}Condition")]
pub struct Condition<T> {
    /// What the condition looks at: a word, or the platform's own number.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub condition_type: Option<T>,
    /// The particulars, in the platform's own words: their shape depends on `type`. Build one in the
    /// console and export it to see what belongs here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Wire keys that have no field of their own, kept untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// The codes that a kind raises about its conditions.
pub(crate) struct ConditionCodes {
    /// An empty list.
    pub(crate) empty: &'static Code,
    /// A condition without a type.
    pub(crate) untyped: &'static Code,
    /// The word of the condition that restricts nothing.
    pub(crate) unrestricted: &'static str,
}

/// Complains about an empty list of conditions and about conditions without a type.
pub(crate) fn check_conditions<T>(
    conditions: Option<&[Condition<T>]>,
    codes: &ConditionCodes,
    out: &mut Findings,
) {
    let Some(conditions) = conditions else {
        return;
    };
    let at = Pointer::root().key("conditions");
    if conditions.is_empty() {
        out.push(
            codes.empty,
            at.clone(),
            "`conditions` is empty",
            format!(
                "name at least one condition, `type: {}` for no restriction, or leave `conditions` out to keep the live ones",
                codes.unrestricted
            ),
        );
    }
    for (index, condition) in conditions.iter().enumerate() {
        let raw = condition.extra.as_ref().and_then(|extra| extra.get("type"));
        if condition.condition_type.is_none() && raw.is_none() {
            out.push(
                codes.untyped,
                at.index(index),
                "the condition has no `type`",
                "say what the condition looks at, as a word or as the platform's own number",
            );
        }
    }
}
