//! The codes of the envelope.

use crate::diag::{Code, Severity};

/// A document that is no manifest.
pub const NOT_A_MANIFEST: Code = Code {
    name: "not-a-manifest",
    severity: Severity::Error,
    title: "a document is not a manifest",
    why: "Every document below the given paths describes one object of the account. A document without `kind` may be a typing error, so it is refused rather than skipped.",
    wrong: "displayName: Checkout done",
    right: "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: checkout-done }\nspec: { displayName: Checkout done }",
};

/// A `kind` that does not exist.
pub const UNKNOWN_KIND: Code = Code {
    name: "unknown-kind",
    severity: Severity::Error,
    title: "the kind does not exist",
    why: "The kinds are fixed; `campaignctl schema` lists them. Skills, lines of business, app installations, connectors and zones are never managed: refer to them by their live name.",
    wrong: "kind: Campain",
    right: "kind: Campaign",
};

/// An `apiVersion` that is missing or from another world.
pub const API_VERSION_UNKNOWN: Code = Code {
    name: "unknown-api-version",
    severity: Severity::Error,
    title: "the apiVersion is missing or not known",
    why: "The version defines how the rest of the manifest is read, so it is never guessed.",
    wrong: "apiVersion: v1",
    right: "apiVersion: campaignctl.dev/v1",
};

/// A `metadata.name` outside the grammar.
pub const INVALID_NAME: Code = Code {
    name: "invalid-name",
    severity: Severity::Error,
    title: "the name of a manifest breaks the grammar of names",
    why: "Names are the stable keys of manifests and become file names: lower-case letters, digits, `-` and `.`, at most 63, starting and ending with a letter or digit. What people see in the console is `spec.displayName`, which may be anything.",
    wrong: "metadata: { name: Checkout Done }",
    right: "metadata: { name: checkout-done }",
};

/// The codes of the envelope.
pub const CODES: &[&Code] = &[
    &NOT_A_MANIFEST,
    &UNKNOWN_KIND,
    &API_VERSION_UNKNOWN,
    &INVALID_NAME,
];
