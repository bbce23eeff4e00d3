//! Persona: the engagement attributes of a visitor, under a name.
//!
//! The platform has no such object: scenarios name personas, and nothing of them is planned, applied or exported. The
//! attributes are in the platform's own shape, as an app sends them (platform.md#engagement-attributes).

mod rules;
mod wire;

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field::Field;
use super::{Collection, Findings, Kind, Role, RuleWorld};
use crate::diag::Code;

/// The Persona kind.
#[derive(Debug)]
pub struct PersonaKind;

/// What an app or page reports of a visitor, under a name that scenarios use. Nothing of it is ever sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Persona {
    /// Who the visitor is, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The engagement attributes, as the app or page sends them: `{ type: ctmrinfo, info: { ctype: club } }`. If
    /// nothing is reported, the visitor has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("defaultSnippets" = [{"label": "type of the customer", "description": "The attribute `ctmrinfo`.", "type": "array", "body": {"type": "ctmrinfo", "info": {"ctype": "${1:club}"}}}, {"label": "an error", "description": "The attribute `error`.", "type": "array", "body": {"type": "error", "error": {"code": "${1:payment-declined}"}}}, {"label": "a cart", "description": "The attribute `cart`.", "type": "array", "body": {"type": "cart", "total": "${1:150}", "numItems": "${2:1}"}}]))]
    pub attributes: Option<Vec<Value>>,
}

impl Kind for PersonaKind {
    const NAME: &'static str = "Persona";
    const PLURAL: &'static str = "personas";
    const ROLE: Role = Role::Local;
    const PHASE: u8 = 0;
    const COLLECTION: Option<&'static Collection> = None;
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CODES: &'static [&'static Code] = rules::CODES;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    const IS_TEST: bool = true;
    type Spec = Persona;

    fn rules(spec: &Persona, _name: &str, _world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, out);
    }

    fn attributes(spec: &Value) -> Option<Vec<Value>> {
        let attributes = spec.get("attributes").and_then(Value::as_array);
        Some(attributes.cloned().unwrap_or_default())
    }
}
