//! The rules of `TargetAudience`.

use crate::diag::{Code, Severity};
use crate::kinds::Findings;
use crate::kinds::shared::means::MeansCodes;
use crate::kinds::shared::{ConditionCodes, Known, check_conditions};

use super::{AudienceType, TargetAudience};

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[
    &CONDITIONS_EMPTY,
    &CONDITION_UNTYPED,
    &MEANS_UNCLEAR,
    &MEANS_CONTRADICTS,
];

const CONDITIONS_EMPTY: Code = Code {
    name: "audience-conditions-empty",
    severity: Severity::Error,
    title: "a target audience declares an empty list of conditions",
    why: "The platform always stores at least one condition, a condition of type 0 when there is no \
          restriction. What it makes of an empty list is not known.",
    wrong: "spec:\n  conditions: []\n",
    right: "spec:\n  conditions:\n    - type: all\n",
};

const CONDITION_UNTYPED: Code = Code {
    name: "audience-condition-untyped",
    severity: Severity::Error,
    title: "a condition of a target audience has no `type`",
    why: "The platform reads `data` by the `type` beside it. A condition without one means nothing to it.",
    wrong: "spec:\n  conditions:\n    - data: { include: [FR] }\n",
    right: "spec:\n  conditions:\n    - type: all\n",
};

const MEANS: MeansCodes = MeansCodes {
    unclear: &MEANS_UNCLEAR,
    contradicts: &MEANS_CONTRADICTS,
};

const MEANS_UNCLEAR: Code = Code {
    name: "audience-means-unclear",
    severity: Severity::Error,
    title: "`means` of a condition of a target audience says nothing that can be decided",
    why: "`means` says what the platform's own numbers and payload ask of a visitor, so that people and programs can decide whether it is true. An empty fact, a range without numbers or a text without characters decides nothing.",
    wrong: "spec:\n  conditions:\n    - { type: 9, data: { years: [60, 40] }, means: { age: { atLeast: 60, atMost: 40 } } }\n",
    right: "spec:\n  conditions:\n    - { type: 9, data: { years: [40, 60] }, means: { age: { atLeast: 40, atMost: 60 } } }\n",
};

const MEANS_CONTRADICTS: Code = Code {
    name: "audience-means-contradicts",
    severity: Severity::Error,
    title: "`means` of a condition of a target audience contradicts its `type`",
    why: "`means` is for conditions whose number or payload is not public. Where the type is a known word, `means` must say the same: the platform only uses `type` and `data`.",
    wrong: "spec:\n  conditions:\n    - { type: all, means: { platform: mobile } }\n",
    right: "spec:\n  conditions:\n    - { type: 7, data: { platforms: [1] }, means: { platform: mobile } }\n",
};

/// All rules.
pub(super) fn check(spec: &TargetAudience, out: &mut Findings) {
    let codes = ConditionCodes {
        empty: &CONDITIONS_EMPTY,
        untyped: &CONDITION_UNTYPED,
        unrestricted: "all",
        means: MEANS,
    };
    check_conditions(spec.conditions.as_deref(), &codes, known, out);
}

/// What the word of a type says by itself.
fn known(of: &AudienceType) -> Known {
    match of {
        AudienceType::All => Known::All("all"),
        AudienceType::Raw(_) => Known::Nothing,
    }
}
