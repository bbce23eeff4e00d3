//! The JSON Schemas of manifests, assembled from the Rust types.
//!
//! One envelope for all kinds; `spec` is chosen by `if`/`then` on `kind`, which gives editors and
//! validators exact errors where a `oneOf` would give one error for the whole document.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::kinds::KindId;
use crate::manifest::{API_VERSION, Lifecycle};
use crate::name::NAME_MAX;

/// Where the schemas are published; editors resolve modelines against it.
pub const SCHEMA_BASE: &str = "https://campaignctl.dev/schemas/v1";

/// The schema of any manifest, discriminated on `kind`.
#[must_use]
pub fn manifest_schema() -> Value {
    let mut generator = generator();
    let kinds: Vec<_> = KindId::manifests().collect();
    let branches: Vec<_> = kinds
        .iter()
        .map(|kind| branch(*kind, &mut generator))
        .collect();
    let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    let docs: Vec<_> = kinds.iter().map(|kind| about(*kind)).collect();
    let kind = json!({
        "description": "What the manifest describes.",
        "enum": names,
        "enumDescriptions": docs,
    });
    let mut schema = envelope(
        "manifest",
        "A campaignctl manifest",
        &kind,
        json!({ "type": "object" }),
        &mut generator,
    );
    schema["allOf"] = Value::Array(branches);
    finish(schema, generator)
}

/// The schema of the manifests of one kind.
#[must_use]
pub fn kind_schema(kind: KindId) -> Value {
    let mut generator = generator();
    let spec = (kind.def().schema)(&mut generator).to_value();
    let word = json!({ "description": "What the manifest describes.", "const": kind.name() });
    let title = format!("A campaignctl {} manifest", kind.name());
    let schema = envelope(&file_stem(kind), &title, &word, spec, &mut generator);
    finish(schema, generator)
}

/// The first paragraph of a kind's documentation.
#[must_use]
pub fn about(kind: KindId) -> String {
    let mut generator = generator();
    let spec = (kind.def().schema)(&mut generator).to_value();
    let definitions = Value::Object(generator.take_definitions(true));
    let target = spec
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|path| path.strip_prefix("#/$defs"));
    let described = target
        .and_then(|path| definitions.pointer(path))
        .unwrap_or(&spec);
    described
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The file name of a kind's schema without its ending, `target-audience`.
#[must_use]
pub fn file_stem(kind: KindId) -> String {
    let mut stem = String::new();
    for ch in kind.name().chars() {
        if ch.is_ascii_uppercase() && !stem.is_empty() {
            stem.push('-');
        }
        stem.push(ch.to_ascii_lowercase());
    }
    stem
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().into_generator()
}

fn branch(kind: KindId, generator: &mut SchemaGenerator) -> Value {
    let spec = (kind.def().schema)(generator).to_value();
    json!({
        "if": { "properties": { "kind": { "const": kind.name() } }, "required": ["kind"] },
        "then": { "properties": { "spec": spec } }
    })
}

fn envelope(
    stem: &str,
    title: &str,
    kind: &Value,
    spec: Value,
    generator: &mut SchemaGenerator,
) -> Value {
    let lifecycle = generator.subschema_for::<Lifecycle>().to_value();
    let texts = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let described = |mut schema: Value, text: &str| {
        schema["description"] = Value::from(text);
        schema
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{SCHEMA_BASE}/{stem}.schema.json"),
        "title": title,
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": false,
        "properties": {
            "apiVersion": { "description": "How the manifest is to be read.", "const": API_VERSION },
            "kind": kind,
            "metadata": {
                "description": "What identifies the manifest. Nothing of it is sent to the account.",
                "type": "object",
                "required": ["name"],
                "additionalProperties": false,
                "properties": {
                    "name": {
                        "description": "The stable key of the manifest, unique per kind.",
                        "type": "string",
                        "maxLength": NAME_MAX,
                        "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
                    },
                    "labels": described(texts.clone(), "Key and value pairs to select manifests by."),
                    "annotations": described(texts, "Notes for people and other tools.")
                }
            },
            "spec": described(spec, "The object itself."),
            "lifecycle": described(lifecycle, "How the program may treat the live object.")
        }
    })
}

fn finish(mut schema: Value, mut generator: SchemaGenerator) -> Value {
    let mut definitions: Vec<_> = generator.take_definitions(true).into_iter().collect();
    definitions.sort_by(|(a, _), (b, _)| a.cmp(b));
    schema["$defs"] = Value::Object(definitions.into_iter().collect::<Map<_, _>>());
    schema
}
