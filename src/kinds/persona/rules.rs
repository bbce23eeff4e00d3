//! The rules of Persona.

use crate::diag::{Code, Severity};
use crate::kinds::Findings;
use crate::kinds::shared::{AttributeCodes, WHY_KNOWN, WHY_SHAPED, check_attributes};
use crate::text::Pointer;

use super::Persona;

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[&ATTRIBUTE_UNKNOWN, &ATTRIBUTE_SHAPE];

const ATTRIBUTE_UNKNOWN: Code = Code {
    name: "persona-attribute-unknown",
    severity: Severity::Warning,
    title: "an attribute of a persona has an unknown type or key",
    why: WHY_KNOWN,
    wrong: "spec:\n  attributes:\n    - { type: ctmrinfo, info: { customerType: club } }\n",
    right: "spec:\n  attributes:\n    - { type: ctmrinfo, info: { ctype: club } }\n",
};

const ATTRIBUTE_SHAPE: Code = Code {
    name: "persona-attribute-shape",
    severity: Severity::Error,
    title: "an attribute of a persona does not have the shape of its type",
    why: WHY_SHAPED,
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
