//! The condition boxes of audiences, behaviors and entry points.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::means::{Facts, Means, MeansCodes, check_means};
use crate::diag::Code;
use crate::kinds::Findings;
use crate::text::Pointer;

/// One condition: what is looked at, the particulars, and what that means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    bound(deserialize = "T: Deserialize<'de>, F: DeserializeOwned")
)]
#[schemars(rename = "{T}Condition")]
pub struct Condition<T, F> {
    /// What the condition looks at: a word, or the platform's own number. `campaignctl explain KIND.conditions -e
    /// ENVIRONMENT` lists the numbers that an account uses.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub condition_type: Option<T>,
    /// The particulars, in the platform's own words: their shape depends on `type`. Build one in the
    /// console and export it to see what belongs here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// What `type` and `data` ask of a visitor, in words of campaignctl, because the platform's are not public. It is
    /// checked, shown beside the condition, and never sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<Means<F>>,
    /// Wire keys without a field, kept unchanged.
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
    /// About `means`.
    pub(crate) means: MeansCodes,
}

/// What is known of a condition by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing: `means` may say anything.
    Nothing,
    /// All: there is nothing that `means` could add. The word of the type.
    All(&'static str),
    /// Which fact it is about: the word of the type, and the fact.
    About(&'static str, &'static str),
}

/// Complains about an empty list of conditions, conditions without a type, and meanings that are wrong.
pub(crate) fn check_conditions<T, F: Facts>(
    conditions: Option<&[Condition<T, F>]>,
    codes: &ConditionCodes,
    known: impl Fn(&T) -> Known,
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
        let at = at.index(index);
        let raw = condition.extra.as_ref().and_then(|extra| extra.get("type"));
        if condition.condition_type.is_none() && raw.is_none() {
            out.push(
                codes.untyped,
                at.clone(),
                "the condition has no `type`",
                "add a `type`, as a word or as the platform's own number",
            );
        }
        if let Some(means) = &condition.means {
            let at = at.key("means");
            check_means(means, &at, &codes.means, out);
            let known = condition
                .condition_type
                .as_ref()
                .map_or(Known::Nothing, &known);
            contradiction(means, known, &at, codes, out);
        }
    }
}

/// Complains about a meaning that the type of the condition rules out.
fn contradiction<F: Facts>(
    means: &Means<F>,
    known: Known,
    at: &Pointer,
    codes: &ConditionCodes,
    out: &mut Findings,
) {
    let code = codes.means.contradicts;
    match known {
        Known::Nothing => {}
        Known::All(word) => out.push(
            code,
            at.clone(),
            format!("`type: {word}` needs no `means`: what it asks for is known"),
            "remove `means`, or write the number of another type",
        ),
        Known::About(word, fact) => {
            for given in means.facts.given().into_iter().filter(|it| *it != fact) {
                out.push(
                    code,
                    at.key(given),
                    format!("`{given}` does not fit `type: {word}`"),
                    format!("write `means: {{ {fact}: .. }}`, or the number of another type"),
                );
            }
        }
    }
}
