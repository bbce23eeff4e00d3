//! The rules of Persona.

use crate::diag::{Code, Severity};
use crate::kinds::Findings;
use crate::kinds::shared::{AttributeCodes, check_attributes};
use crate::text::Pointer;

use super::Persona;

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[&ATTRIBUTE_UNKNOWN, &ATTRIBUTE_SHAPE];

const ATTRIBUTE_UNKNOWN: Code = Code {
    name: "persona-attribute-unknown",
    severity: Severity::Warning,
    title: "an attribute of a persona has a type or a key that is not known",
    why: "Conditions are decided on the attributes whose types and keys the vendor documents. A misspelt one is no \
          error on the platform: it is not seen, and the visitor is offered something else.",
    wrong: "spec:\n  attributes:\n    - { type: ctmrinfo, info: { customerType: club } }\n",
    right: "spec:\n  attributes:\n    - { type: ctmrinfo, info: { ctype: club } }\n",
};

const ATTRIBUTE_SHAPE: Code = Code {
    name: "persona-attribute-shape",
    severity: Severity::Error,
    title: "an attribute of a persona does not have the shape of its type",
    why: "The platform reads an attribute by its `type`, and its values in the place and form that the type has. An \
          attribute of another shape makes the call of the app fail, or is not seen.",
    wrong: "spec:\n  attributes:\n    - { type: cart, total: plenty }\n",
    right: "spec:\n  attributes:\n    - { type: cart, total: 150 }\n",
};

/// All rules.
pub(super) fn check(spec: &Persona, out: &mut Findings) {
    let codes = AttributeCodes {
        unknown: &ATTRIBUTE_UNKNOWN,
        shape: &ATTRIBUTE_SHAPE,
    };
    let attributes = spec.attributes.as_deref().unwrap_or_default();
    check_attributes(attributes, &Pointer::root().key("attributes"), &codes, out);
}
