//! The rules of `EntryPoint`.

use serde_json::Value;

use crate::diag::{Code, Severity};
use crate::kinds::Findings;
use crate::kinds::mapping::keeps;
use crate::kinds::shared::means::MeansCodes;
use crate::kinds::shared::{ConditionCodes, Known, check_conditions};
use crate::text::Pointer;

use super::{EntryPoint, EntryPointType};

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[
    &CONDITIONS_EMPTY,
    &CONDITION_UNTYPED,
    &SECTION,
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
    title: "a condition of an entry point has no `type`",
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
    why: "`means` says what the platform's own numbers and payload ask of a visitor, so that people and programs can decide whether it is true. An empty fact, a range without numbers or a text without characters decides nothing.",
    wrong: "spec:\n  conditions:\n    - { type: 3, data: { include: [{ url: /cart }] }, means: { url: { is: /cart, contains: cart } } }\n",
    right: "spec:\n  conditions:\n    - { type: 3, data: { include: [{ url: /cart }] }, means: { url: { contains: /cart } } }\n",
};

const MEANS_CONTRADICTS: Code = Code {
    name: "entry-point-means-contradicts",
    severity: Severity::Error,
    title: "`means` of a condition of an entry point contradicts its `type`",
    why: "`means` is for conditions whose number or payload is not public. Where the type is a known word, `means` must say the same: the platform only uses `type` and `data`.",
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
    section(spec, out);
}

const SECTION: Code = Code {
    name: "entry-point-section",
    severity: Severity::Error,
    title: "the data of a `section` condition names no section",
    why: "`section` reads the names of sections at one place only: `include` and `exclude` are lists of \
          `{ sections: [{ name: .. }] }`. The platform takes any other shape without an error, and the entry point then \
          matches nothing, or everything.",
    wrong: "spec:\n  conditions:\n    - { type: section, data: { include: [checkout], exclude: [] } }\n",
    right: "spec:\n  conditions:\n    - { type: section, data: { include: [{ sections: [{ name: checkout }] }], exclude: [] } }\n",
};

/// What a `section` condition looks like in full.
const SECTION_FORM: &str = "write `data: { include: [{ sections: [{ name: checkout }] }], exclude: [] }`, with the name in double quotes (`'\"checkout\"'`) to match it as a whole";

/// The data of `section` conditions, as far as its keys are known; other keys pass.
fn section(spec: &EntryPoint, out: &mut Findings) {
    let at = Pointer::root().key("conditions");
    for (index, condition) in spec.conditions.iter().flatten().enumerate() {
        if condition.condition_type != Some(EntryPointType::Section) {
            continue;
        }
        let at = at.index(index);
        let mut push = |at: Pointer, message: &str| out.push(&SECTION, at, message, SECTION_FORM);
        match condition.data.as_ref() {
            None | Some(Value::Null) => push(at.key("type"), "the condition has no `data`"),
            Some(data) if keeps(data) => {}
            Some(Value::Object(data)) => {
                let at = at.key("data");
                if !data.contains_key("include") && !data.contains_key("exclude") {
                    push(at.clone(), "`data` has neither `include` nor `exclude`");
                }
                for list in ["include", "exclude"] {
                    if let Some(value) = data.get(list) {
                        section_list(value, &at.key(list), &mut push);
                    }
                }
            }
            Some(_) => push(at.key("data"), "`data` is not a mapping"),
        }
    }
}

fn section_list(value: &Value, at: &Pointer, push: &mut impl FnMut(Pointer, &str)) {
    let entries = match value {
        Value::Null => return,
        Value::Array(entries) => entries,
        _ => return push(at.clone(), "not a list of `{ sections: [..] }`"),
    };
    for (index, entry) in entries.iter().enumerate() {
        let at = at.index(index);
        match entry.as_object().map(|entry| entry.get("sections")) {
            None => push(at, "not a mapping with `sections`"),
            // Whatever else an entry may hold is not public.
            Some(None) => {}
            Some(Some(Value::Array(sections))) => {
                for (index, section) in sections.iter().enumerate() {
                    section_name(section, &at.key("sections").index(index), push);
                }
            }
            Some(Some(_)) => push(
                at.key("sections"),
                "`sections` is not a list of `{ name: .. }`",
            ),
        }
    }
}

fn section_name(section: &Value, at: &Pointer, push: &mut impl FnMut(Pointer, &str)) {
    match section.get("name") {
        Some(Value::String(name)) if name.trim_matches('"').trim().is_empty() => {
            push(at.key("name"), "the name of the section is empty");
        }
        Some(Value::String(_)) => {}
        Some(_) => push(at.key("name"), "the name of a section is a text"),
        None => push(at.clone(), "the section has no `name`"),
    }
}

/// What the word of a type says by itself.
fn known(of: &EntryPointType) -> Known {
    match of {
        EntryPointType::Everywhere => Known::All("everywhere"),
        EntryPointType::Section => Known::All("section"),
        EntryPointType::Raw(_) => Known::Nothing,
    }
}
