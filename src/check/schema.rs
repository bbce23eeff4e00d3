//! The JSON Schemas of manifests, assembled from the Rust types.
//!
//! One envelope for all kinds; `spec` is chosen by `if`/`then` on `kind`, which gives editors and
//! validators exact errors where a `oneOf` would give one error for the whole document.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use super::tidy::{prose, tidy_nodes, tidy_texts};
use crate::kinds::KindId;
use crate::kinds::field::{Codec, Field};
use crate::manifest::{API_VERSION, Lifecycle};
use crate::name::NAME_MAX;
use crate::text::{Document, FileId, Limits, yaml};

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
        "description": "The kind of the object.",
        "enum": names,
        "enumDescriptions": docs,
    });
    let spec = json!({ "description": "The object itself; its fields depend on `kind`." });
    let title = "A campaignctl manifest";
    let mut schema = envelope(title, &kind, &spec, &mut generator);
    schema["allOf"] = Value::Array(branches);
    let mut schema = bare(schema, generator);
    tidy_texts(&mut schema);
    for (index, kind) in kinds.into_iter().enumerate() {
        let spec = format!("/allOf/{index}/then/properties/spec");
        put_defaults(&mut schema, &spec, kind.def().fields);
    }
    schema
}

/// The schema of the manifests of one kind.
#[must_use]
pub fn kind_schema(kind: KindId) -> Value {
    let mut schema = bare_kind_schema(kind);
    tidy_texts(&mut schema);
    put_defaults(&mut schema, "/properties/spec", kind.def().fields);
    schema["examples"] = json!([example(kind)]);
    schema
}

/// The same for checks: without examples and defaults, and with texts as the code has them. To make those ready takes as
/// long as the rest of it, and every run makes some.
pub(crate) fn bare_kind_schema(kind: KindId) -> Value {
    let mut generator = generator();
    let spec = spec_schema(kind, &mut generator);
    let word = json!({ "description": "The kind of the object.", "const": kind.name() });
    let title = format!("A campaignctl {} manifest", kind.name());
    let schema = envelope(&title, &word, &spec, &mut generator);
    bare(schema, generator)
}

/// The first paragraph of a kind's documentation.
#[must_use]
pub fn about(kind: KindId) -> String {
    let mut generator = generator();
    let mut schema = json!({ "properties": { "spec": (kind.def().schema)(&mut generator) } });
    schema["$defs"] = Value::Object(generator.take_definitions(true));
    let node = resolved(&schema, "/properties/spec");
    let text = schema
        .pointer(&format!("{node}/description"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let text = prose(text); // tidying the rest as well takes as long as the whole schema
    text.split_once("\n\n")
        .map_or(text.as_str(), |(first, _)| first)
        .to_owned()
}

/// A schema out of a Rust type, tidied as those of the kinds.
pub(crate) fn schema_of<T: JsonSchema>(title: &str) -> Value {
    let mut schema = bare_schema_of::<T>(title);
    tidy_texts(&mut schema);
    schema
}

/// The same for checks, as [`bare_kind_schema`].
pub(crate) fn bare_schema_of<T: JsonSchema>(title: &str) -> Value {
    let mut schema = generator().into_root_schema_for::<T>().to_value();
    schema["title"] = Value::from(title);
    tidy_nodes(&mut schema);
    schema
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
    let spec = spec_schema(kind, generator);
    json!({
        "if": { "properties": { "kind": { "const": kind.name() } }, "required": ["kind"] },
        "then": { "properties": { "spec": spec } }
    })
}

/// The schema of `spec`, which says of itself what the kind is.
fn spec_schema(kind: KindId, generator: &mut SchemaGenerator) -> Value {
    (kind.def().schema)(generator).to_value()
}

fn envelope(title: &str, kind: &Value, spec: &Value, generator: &mut SchemaGenerator) -> Value {
    let lifecycle = generator.subschema_for::<Lifecycle>().to_value();
    let texts = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let described = |mut schema: Value, text: &str| {
        schema["description"] = Value::from(text);
        schema
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": false,
        "properties": {
            "apiVersion": { "description": "The version of the manifest format.", "const": API_VERSION },
            "kind": kind,
            "metadata": {
                "description": "What identifies the manifest. Nothing of it is sent to the account.",
                "type": "object",
                "required": ["name"],
                "additionalProperties": false,
                "properties": {
                    "name": {
                        "description": "A name such as `checkout-done`, unique per kind; the stable key of the manifest.",
                        "type": "string",
                        "maxLength": NAME_MAX,
                        "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
                    },
                    "labels": described(texts.clone(), "Key and value pairs to select manifests by."),
                    "annotations": described(texts, "Notes for people and other tools.")
                }
            },
            "spec": spec,
            "lifecycle": described(lifecycle, "How the program may treat the live object.")
        }
    })
}

fn bare(mut schema: Value, mut generator: SchemaGenerator) -> Value {
    schema["$defs"] = Value::Object(generator.take_definitions(true));
    tidy_nodes(&mut schema);
    schema
}

/// Writes the defaults of a field table at the fields, `at` being a pointer to the object they are in.
fn put_defaults(schema: &mut Value, at: &str, fields: &[Field]) {
    for field in fields {
        let steps = field.spec.split('.');
        let node = steps.fold(at.to_owned(), |at, step| {
            format!("{}/properties/{step}", resolved(schema, &at))
        });
        if let (Some(default), Some(Value::Object(node))) =
            (field.default, schema.pointer_mut(&node))
        {
            let default = serde_json::from_str(default).expect("a test parses each default");
            node.insert("default".to_owned(), default);
        }
        match field.codec {
            Codec::Object(inner) => put_defaults(schema, &node, inner),
            Codec::List { fields, .. } => {
                let items = format!("{}/items", resolved(schema, &node));
                put_defaults(schema, &items, fields);
            }
            _ => {}
        }
    }
}

/// Where the node at a pointer is defined: follows `$ref`.
fn resolved(schema: &Value, at: &str) -> String {
    let target = schema
        .pointer(at)
        .and_then(|node| node.get("$ref")?.as_str()?.strip_prefix('#'));
    target.map_or_else(|| at.to_owned(), |target| resolved(schema, target))
}

/// The example of a kind as JSON.
pub(super) fn example(kind: KindId) -> Value {
    let (documents, _) = yaml::parse(FileId(0), kind.def().example, &Limits::default());
    documents
        .into_iter()
        .next()
        .map(Document::into_value)
        .unwrap_or_default()
}
