//! The codes of references and of the graph that they make.

use crate::diag::{Code, Severity};

/// A name that no manifest has.
pub const UNKNOWN_REFERENCE: Code = Code {
    name: "unknown-reference",
    severity: Severity::Error,
    title: "a reference names no manifest",
    why: "References are by `metadata.name`. An object that the manifests do not describe is referred to by its live display name, `{ live: Interact with visitors }`.",
    wrong: "spec: { goal: chekout-done }",
    right: "spec: { goal: checkout-done }",
};

/// A name that a manifest of another kind has.
pub const WRONG_KIND_REFERENCE: Code = Code {
    name: "wrong-kind-reference",
    severity: Severity::Error,
    title: "a reference names a manifest of another kind",
    why: "The field takes objects of one kind only. Names are unique per kind, so a goal and an audience may share one.",
    wrong: "spec: { goal: returning-customers }   # a TargetAudience",
    right: "spec: { goal: checkout-done }",
};

/// A circle of references.
pub const REFERENCE_CYCLE: Code = Code {
    name: "reference-cycle",
    severity: Severity::Error,
    title: "references go round in a circle",
    why: "Objects are created in the order of their references, and templates are expanded along theirs; neither has a beginning in a circle.",
    wrong: "kind: EngagementTemplate\nmetadata: { name: a }\nspec: { extends: b }\n---\nkind: EngagementTemplate\nmetadata: { name: b }\nspec: { extends: a }",
    right: "kind: EngagementTemplate\nmetadata: { name: a }\nspec: { extends: b }\n---\nkind: EngagementTemplate\nmetadata: { name: b }\nspec: {}",
};

/// Two manifests with one kind and name.
pub const DUPLICATE_MANIFEST: Code = Code {
    name: "duplicate-manifest",
    severity: Severity::Error,
    title: "two manifests have the same kind and name",
    why: "Kind and name are the key of a manifest; with two of them nobody knows which one counts.",
    wrong: "kind: Goal\nmetadata: { name: a }\n---\nkind: Goal\nmetadata: { name: a }",
    right: "kind: Goal\nmetadata: { name: a }\n---\nkind: Goal\nmetadata: { name: b }",
};

/// The codes of this pass.
pub const CODES: &[&Code] = &[
    &UNKNOWN_REFERENCE,
    &WRONG_KIND_REFERENCE,
    &REFERENCE_CYCLE,
    &DUPLICATE_MANIFEST,
];
