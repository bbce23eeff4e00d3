//! The schemas as they are published, for editors: what a manifest may look like before its variables are
//! filled in, and what an editor needs to teach rather than to judge.
//!
//! The schemas of [`super::schema`] judge manifests after the variables were filled in. These accept the same
//! manifests, with `${var.name}` wherever a variable can stand, and carry snippets besides. What editors do
//! with a keyword was found out by asking them: `tests/editor` drives the language server that they share.

mod draft;
mod polish;
mod snippets;
mod variables;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

pub use draft::to_draft_7;
pub use polish::polished;

use super::schema::{kind_schema, manifest_schema};
use crate::kinds::KindId;

/// The schema of any manifest.
#[must_use]
pub fn manifest() -> Value {
    let mut schema = for_editors(manifest_schema());
    let kinds: Vec<_> = KindId::manifests().collect();
    let snippets: Vec<_> = kinds.iter().map(|kind| snippets::document(*kind)).collect();
    if let Some(branches) = schema["allOf"].as_array_mut() {
        // With a kind, only its own snippet fits; what stands already is left out of it.
        for (branch, snippet) in branches.iter_mut().zip(&snippets) {
            branch["then"]["defaultSnippets"] = json!([snippet]);
        }
        let without_kind = json!({ "defaultSnippets": snippets });
        branches.push(json!({ "if": { "required": ["kind"] }, "else": without_kind }));
    }
    leave_spec_to_kinds(&mut schema);
    schema
}

/// The schema of the manifests of one kind.
#[must_use]
pub fn kind(kind: KindId) -> Value {
    let mut schema = for_editors(kind_schema(kind));
    schema["defaultSnippets"] = json!([snippets::document(kind)]);
    schema
}

/// The schema of the documents in overlay folders: what identifies a manifest, and what differs.
#[must_use]
pub fn overlay() -> Value {
    let mut schema = for_editors(manifest_schema());
    schema["description"] = Value::from(
        "What an environment changes of a manifest: its kind and name, and only the fields that differ. A null removes.",
    );
    schema["required"] = json!(["kind", "metadata"]);
    schema["properties"]["$patch"] = json!({
        "description": "What else than merging happens to the manifest.",
        "enum": ["delete"],
        "enumDescriptions": ["The manifest is not there in this environment."],
    });
    for place in [
        "/properties/lifecycle",
        "/properties/metadata/properties/labels",
        "/properties/metadata/properties/annotations",
    ] {
        if let Some(node) = schema.pointer_mut(place) {
            let kept = node.take();
            let described = kept.get("description").cloned().unwrap_or_default();
            *node = json!({ "description": described, "anyOf": [kept, { "type": "null" }] });
        }
    }
    for texts in ["labels", "annotations"] {
        let place = format!("/properties/metadata/properties/{texts}/anyOf/0/additionalProperties");
        if let Some(node) = schema.pointer_mut(&place) {
            *node = json!({ "type": ["string", "null"] });
        }
    }
    schema
}

/// Where the owner of the repository serves the schemas, such as `https://example.com/schemas/v1`. Until that is set,
/// no schema has an `$id`, and there is nothing for the catalogue of `SchemaStore`.
///
/// Nothing that is written into a project depends on it: projects have schemas of their own, so that editors need no
/// network, and judge manifests as the installed program does.
pub const ADDRESS: Option<&str> = None;

/// The address of a schema, where it is served.
#[must_use]
pub fn address(base: Option<&str>, stem: &str) -> Option<String> {
    base.map(|base| format!("{base}/{stem}.schema.json"))
}

/// The lines at the start of a file by which editors find its schema: the first for all that have the YAML
/// language server, the second for `JetBrains` ones. `folder` is that of the schemas, as seen from the folder of the
/// file, and `stem` the name of one of them.
#[must_use]
pub fn modelines(folder: &str, stem: &str) -> String {
    let path = format!("{folder}/{stem}.schema.json");
    format!("# yaml-language-server: $schema={path}\n# $schema: {path}\n")
}

/// Says what `spec` is only where no kind does: beside the one of a kind, editors offer it a second time.
fn leave_spec_to_kinds(schema: &mut Value) {
    let mut spec = std::mem::replace(&mut schema["properties"]["spec"], Value::Bool(true));
    spec["type"] = Value::from("object");
    let branches = schema["allOf"].as_array_mut();
    if let Some(without_kind) = branches.and_then(|branches| branches.last_mut()) {
        without_kind["else"]["properties"] = json!({ "spec": spec });
    }
}

/// What all schemas of manifests have in common.
fn for_editors(mut schema: Value) -> Value {
    variables::admit(&mut schema);
    match_whole_kinds(&mut schema);
    polished(schema)
}

/// While completing, editors take the beginning of a constant for the constant, and would offer the fields of
/// an `EngagementWindow` in an `Engagement`.
fn match_whole_kinds(schema: &mut Value) {
    let branches = schema.get_mut("allOf").and_then(Value::as_array_mut);
    for branch in branches.into_iter().flatten() {
        let kind = &mut branch["if"]["properties"]["kind"];
        if let Some(name) = kind["const"].as_str() {
            *kind = json!({ "pattern": format!("^{name}$") });
        }
    }
}
