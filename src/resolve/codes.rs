//! The codes of references and of the graph that they make.

use crate::diag::{Code, Severity};

/// A name that no manifest has.
pub const UNKNOWN_REFERENCE: Code = Code {
    name: "unknown-reference",
    severity: Severity::Error,
    title: "a reference names no manifest",
    why: "References are by `metadata.name`. An object that the manifests do not describe is referred to by its live display name, `{ live: Checkout done }`; the row that the vendor made in every account by `{ system: true }`.",
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
    why: "Objects are created in the order of their references, and templates are expanded along theirs; a circle has no first one.",
    wrong: "kind: EngagementTemplate\nmetadata: { name: a }\nspec: { extends: b }\n---\nkind: EngagementTemplate\nmetadata: { name: b }\nspec: { extends: a }",
    right: "kind: EngagementTemplate\nmetadata: { name: a }\nspec: { extends: b }\n---\nkind: EngagementTemplate\nmetadata: { name: b }\nspec: {}",
};

/// Two manifests with one kind and name.
pub const DUPLICATE_MANIFEST: Code = Code {
    name: "duplicate-manifest",
    severity: Severity::Error,
    title: "two manifests have the same kind and name",
    why: "Kind and name are the key of a manifest; with two of them it is unclear which one applies.",
    wrong: "kind: Goal\nmetadata: { name: a }\n---\nkind: Goal\nmetadata: { name: a }",
    right: "kind: Goal\nmetadata: { name: a }\n---\nkind: Goal\nmetadata: { name: b }",
};

/// An overlay document of a manifest that does not exist.
pub const OVERLAY_WITHOUT_BASE: Code = Code {
    name: "overlay-without-base",
    severity: Severity::Error,
    title: "an overlay document has no base manifest",
    why: "An overlay document changes the base manifest of the same kind and name. If there is none, the name is misspelt, or the document should add a manifest in this environment only: then it must be complete, with `apiVersion` and `spec`.",
    wrong: "# overlays/staging/goals.yaml, and the base has checkout-done\nkind: Goal\nmetadata: { name: chekout-done }\nspec: { description: Staging }",
    right: "kind: Goal\nmetadata: { name: checkout-done }\nspec: { description: Staging }",
};

/// An overlay document that adds a manifest whose name another one nearly has.
pub const OVERLAY_NEAR_BASE: Code = Code {
    name: "overlay-near-base",
    severity: Severity::Warning,
    title: "an overlay adds a manifest whose name another one nearly has",
    why: "A complete document in an overlay folder adds a manifest where the base has none of that name. With one letter wrong, it was most likely meant to change the base manifest, and would create a second object.",
    wrong: "# overlays/staging/goals.yaml, and the base has checkout-done\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: checkout-don }\nspec: { description: Staging }",
    right: "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: checkout-done }\nspec: { description: Staging }",
};

/// A `$patch` that means nothing.
pub const OVERLAY_PATCH: Code = Code {
    name: "overlay-patch",
    severity: Severity::Error,
    title: "`$patch` has an unknown value",
    why: "`$patch: delete` drops the base manifest from the environment; `delete` is its only value, and the document has no other fields. It is only allowed at the top of a document: parts of one need no `$patch`, because lists are replaced as a whole and a null removes a field. Without `$patch`, a document is merged over its base by JSON Merge Patch (RFC 7396): mappings merge, a null removes a field, and anything else, lists included, replaces.",
    wrong: "kind: Campaign\nmetadata: { name: autumn-sale }\n$patch: replace",
    right: "kind: Campaign\nmetadata: { name: autumn-sale }\n$patch: delete",
};

/// A variable that the environment does not have.
pub const UNKNOWN_VARIABLE: Code = Code {
    name: "unknown-variable",
    severity: Severity::Error,
    title: "a variable is not declared",
    why: "`${var.name}` takes its value from `--var name=value` or `CAMPAIGNCTL_VAR`, from `variables` of the environment, or from `variables` of the project, in this order. A name that none of them has is an error.",
    wrong: "# campaignctl.yaml has variables: { brand: Shoply }\nspec: { displayName: \"${var.brnd} sale\" }",
    right: "spec: { displayName: \"${var.brand} sale\" }",
};

/// Something that begins like a reference to a variable.
pub const MALFORMED_VARIABLE: Code = Code {
    name: "malformed-variable",
    severity: Severity::Error,
    title: "a reference to a variable is not complete",
    why: "`${var.` starts a reference. It ends with `}`, with a name of letters, digits, `-` and `_` in between. It is allowed in values, not in keys. For the characters themselves write `$${var.`. Placeholders of the platform, `${{1}}`, are ordinary text.",
    wrong: "spec: { displayName: \"${var.brand sale\" }",
    right: "spec: { displayName: \"${var.brand} sale\" }",
};

/// A variable whose value does not fit where it stands.
pub const VARIABLE_TYPE: Code = Code {
    name: "variable-type",
    severity: Severity::Error,
    title: "the value of a variable has the wrong type for its place",
    why: "A value that is one reference and nothing else takes the type of the variable, a list too. A longer text takes texts, numbers and booleans. A variable that is declared with a type keeps it when `--var` gives it another value.",
    wrong: "# variables: { apps: [ios, android] }\nspec: { displayName: \"For ${var.apps}\" }",
    right: "spec: { appNames: \"${var.apps}\" }",
};

/// A variable that nothing refers to.
pub const UNUSED_VARIABLE: Code = Code {
    name: "unused-variable",
    severity: Severity::Error,
    title: "a variable is declared and not used",
    why: "A variable that no manifest refers to is most often misspelt on one of the two sides, and then changes nothing.",
    wrong: "# and no manifest has ${var.brnad}\nvariables: { brnad: Shoply }",
    right: "variables: { brand: Shoply }",
};

/// The codes of this pass.
pub const CODES: &[&Code] = &[
    &UNKNOWN_REFERENCE,
    &WRONG_KIND_REFERENCE,
    &REFERENCE_CYCLE,
    &DUPLICATE_MANIFEST,
    &OVERLAY_WITHOUT_BASE,
    &OVERLAY_NEAR_BASE,
    &OVERLAY_PATCH,
    &UNKNOWN_VARIABLE,
    &MALFORMED_VARIABLE,
    &VARIABLE_TYPE,
    &UNUSED_VARIABLE,
];
