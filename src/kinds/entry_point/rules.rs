//! The rules of `EntryPoint`.

use crate::diag::{Code, Severity};
use crate::kinds::Findings;
use crate::kinds::shared::{ConditionCodes, check_conditions};

use super::EntryPoint;

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[&CONDITIONS_EMPTY, &CONDITION_UNTYPED];

const CONDITIONS_EMPTY: Code = Code {
    name: "entry-point-conditions-empty",
    severity: Severity::Error,
    title: "an entry point declares an empty list of conditions",
    why: "The platform always stores at least one condition, a condition of type 0 when there is no \
          restriction. What it makes of an empty list is not known.",
    wrong: "spec:\n  conditions: []\n",
    right: "spec:\n  conditions:\n    - { type: section, data: { include: [{ sections: [{ name: checkout }] }], exclude: [] } }\n",
};

const CONDITION_UNTYPED: Code = Code {
    name: "entry-point-condition-untyped",
    severity: Severity::Error,
    title: "a condition of an entry point does not say what it looks at",
    why: "The platform reads `data` by the `type` beside it. A condition without one means nothing to it.",
    wrong: "spec:\n  conditions:\n    - data: { include: [{ sections: [{ name: checkout }] }], exclude: [] }\n",
    right: "spec:\n  conditions:\n    - { type: section, data: { include: [{ sections: [{ name: checkout }] }], exclude: [] } }\n",
};

/// All rules.
pub(super) fn check(spec: &EntryPoint, out: &mut Findings) {
    let codes = ConditionCodes {
        empty: &CONDITIONS_EMPTY,
        untyped: &CONDITION_UNTYPED,
        unrestricted: "everywhere",
    };
    check_conditions(spec.conditions.as_deref(), &codes, out);
}
