//! The rules of `EntryPoint`.

use crate::diag::{Code, Severity};
use crate::kinds::Findings;
use crate::kinds::shared::means::MeansCodes;
use crate::kinds::shared::{ConditionCodes, Known, check_conditions};

use super::{EntryPoint, EntryPointType};

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[
    &CONDITIONS_EMPTY,
    &CONDITION_UNTYPED,
    &MEANS_UNCLEAR,
    &MEANS_CONTRADICTS,
];

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

const MEANS: MeansCodes = MeansCodes {
    unclear: &MEANS_UNCLEAR,
    contradicts: &MEANS_CONTRADICTS,
};

const MEANS_UNCLEAR: Code = Code {
    name: "entry-point-means-unclear",
    severity: Severity::Error,
    title: "`means` of a condition of an entry point says nothing that can be decided",
    why: "`means` says what the platform's own numbers and payload ask of a visitor, so that people and programs can \
          decide whether it holds. An empty fact, a range without numbers or a text without characters decides nothing.",
    wrong: "spec:\n  conditions:\n    - { type: 3, data: { include: [{ url: /cart }] }, means: { url: { is: /cart, contains: cart } } }\n",
    right: "spec:\n  conditions:\n    - { type: 3, data: { include: [{ url: /cart }] }, means: { url: { contains: /cart } } }\n",
};

const MEANS_CONTRADICTS: Code = Code {
    name: "entry-point-means-contradicts",
    severity: Severity::Error,
    title: "`means` of a condition of an entry point says something else than its `type`",
    why: "`means` is for conditions whose number or payload is not public. Where the word of the type says what is \
          looked at, `means` must say the same: the platform goes by `type` and `data` alone.",
    wrong: "spec:\n  conditions:\n    - { type: everywhere, means: { url: { contains: /cart } } }\n",
    right: "spec:\n  conditions:\n    - { type: 3, data: { include: [{ url: /cart }] }, means: { url: { contains: /cart } } }\n",
};

/// All rules.
pub(super) fn check(spec: &EntryPoint, out: &mut Findings) {
    let codes = ConditionCodes {
        empty: &CONDITIONS_EMPTY,
        untyped: &CONDITION_UNTYPED,
        unrestricted: "everywhere",
        means: MEANS,
    };
    check_conditions(spec.conditions.as_deref(), &codes, known, out);
}

/// What the word of a type says by itself.
fn known(of: &EntryPointType) -> Known {
    match of {
        EntryPointType::Everywhere => Known::All("everywhere"),
        EntryPointType::Section => Known::All("section"),
        EntryPointType::Raw(_) => Known::Nothing,
    }
}
