//! The rules of Behavior.

use serde_json::Value;

use crate::diag::{Code, Severity};
use crate::kinds::Findings;
use crate::kinds::mapping::{OpenReference, REF_KEY, open_reference};
use crate::kinds::shared::{ConditionCodes, VendorReference, check_conditions};
use crate::text::Pointer;

use super::Behavior;

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[&CONDITIONS_EMPTY, &CONDITION_UNTYPED, &REFERENCE_FORM];

const CONDITIONS_EMPTY: Code = Code {
    name: "behavior-conditions-empty",
    severity: Severity::Error,
    title: "a behavior declares an empty list of conditions",
    why: "The platform always stores at least one condition, a condition of type 0 when there is no \
          restriction. What it makes of an empty list is not known.",
    wrong: "spec:\n  conditions: []\n",
    right: "spec:\n  conditions:\n    - { type: timeOnPage, data: { seconds: 30 } }\n",
};

const CONDITION_UNTYPED: Code = Code {
    name: "behavior-condition-untyped",
    severity: Severity::Error,
    title: "a condition of a behavior does not say what it looks at",
    why: "The platform reads `data` by the `type` beside it. A condition without one means nothing to it.",
    wrong: "spec:\n  conditions:\n    - data: { seconds: 30 }\n",
    right: "spec:\n  conditions:\n    - { type: timeOnPage, data: { seconds: 30 } }\n",
};

const REFERENCE_FORM: Code = Code {
    name: "behavior-reference-form",
    severity: Severity::Error,
    title: "a `$ref` inside a condition is not a reference to an entry point",
    why: "Inside `data`, `{ $ref: <reference> }` is replaced by the id of an entry point. Anything else with \
          a `$ref` in it would reach the platform as it stands.",
    wrong: "spec:\n  conditions:\n    - { type: timeOnPage, data: { location: { $ref: 7 } } }\n",
    right: "spec:\n  conditions:\n    - { type: timeOnPage, data: { location: { $ref: checkout } } }\n",
};

/// All rules.
pub(super) fn check(spec: &Behavior, out: &mut Findings) {
    let codes = ConditionCodes {
        empty: &CONDITIONS_EMPTY,
        untyped: &CONDITION_UNTYPED,
        unrestricted: "all",
    };
    check_conditions(spec.conditions.as_deref(), &codes, out);
    reference_form(spec, out);
}

fn reference_form(spec: &Behavior, out: &mut Findings) {
    let at = Pointer::root().key("conditions");
    for (index, condition) in spec.conditions.iter().flatten().enumerate() {
        if let Some(data) = &condition.data {
            walk(data, &at.index(index).key("data"), out);
        }
    }
}

fn walk(data: &Value, at: &Pointer, out: &mut Findings) {
    match data {
        Value::Object(map) => match map.get(REF_KEY) {
            Some(_) if open_reference(map, Some("EntryPoint")).is_some_and(is_reference) => {}
            Some(_) => out.push(
                &REFERENCE_FORM,
                at.clone(),
                "`$ref` does not name an entry point",
                "write `{ $ref: <name> }` or `{ $ref: { live: <display name> } }`, with no other key beside it than `as: text` where the platform has the id as a text",
            ),
            None => map
                .iter()
                .for_each(|(key, value)| walk(value, &at.key(key), out)),
        },
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| walk(item, &at.index(index), out)),
        _ => {}
    }
}

fn is_reference(found: OpenReference<'_>) -> bool {
    serde_json::from_value::<VendorReference>(found.reference.clone()).is_ok()
}
