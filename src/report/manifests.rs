//! The manifests of one environment as they are planned with: a document for programs, YAML for people.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::check::schema::schema_of;
use crate::diag::{Location, Texts};
use crate::export::emit;
use crate::format::format;
use crate::kinds::KindId;
use crate::manifest::{API_VERSION, Lifecycle};
use crate::resolve::{Desired, Resource, escaped};
use crate::text::safe::line;
use crate::text::{EntryHalf, FileId, Pointer};

/// The format of the JSON form.
pub const FORMAT: &str = "campaignctl.manifests/v1";

/// The manifests of one environment: overlays merged, variables filled in, templates expanded.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResolvedManifests {
    /// The format of the document.
    pub format: &'static str,
    /// The environment.
    pub environment: String,
    /// One manifest per object, by kind and name.
    pub manifests: Vec<ResolvedManifest>,
}

/// One manifest as it is planned with.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResolvedManifest {
    /// The kind.
    #[schemars(with = "String")]
    pub kind: KindId,
    /// `metadata.name`.
    pub name: String,
    /// What people see in the console: `spec.displayName`, or the name.
    pub display_name: String,
    /// `metadata.labels`.
    #[schemars(with = "BTreeMap<String, String>")]
    pub labels: IndexMap<String, String>,
    /// `metadata.annotations`.
    #[schemars(with = "BTreeMap<String, String>")]
    pub annotations: IndexMap<String, String>,
    /// The file of the manifest, of the base where overlays change it.
    pub file: String,
    /// The line that the manifest begins at, from 1.
    pub line: u32,
    /// `spec`, with references as they were written and the fields of its template in it.
    #[schemars(with = "Map<String, Value>")]
    pub spec: Value,
    /// `lifecycle`; empty when nothing of it is set.
    pub lifecycle: Lifecycle,
}

impl ResolvedManifests {
    /// What the manifests of an environment came to.
    #[must_use]
    pub fn new(environment: &str, texts: &Texts, desired: &Desired) -> Self {
        let manifests = desired.iter();
        Self {
            format: FORMAT,
            environment: environment.to_owned(),
            manifests: manifests
                .map(|resource| ResolvedManifest::new(texts, resource))
                .collect(),
        }
    }
}

impl ResolvedManifest {
    fn new(texts: &Texts, resource: &Resource) -> Self {
        let start = Location::Node {
            doc: resource.doc,
            pointer: Pointer::default(),
            part: EntryHalf::Value,
        };
        let (file, line) = texts
            .position(&start)
            .map_or_else(Default::default, |start| (start.file, start.line));
        Self {
            kind: resource.key.kind,
            name: resource.key.name.as_str().to_owned(),
            display_name: resource.display_name().to_owned(),
            labels: resource.labels.clone(),
            annotations: annotations(texts.value(resource.doc)),
            file,
            line,
            spec: Value::clone(&resource.spec),
            lifecycle: resource.lifecycle.clone(),
        }
    }

    /// The manifest as a person would write it.
    fn document(&self) -> Value {
        let mut metadata = json!({ "name": self.name });
        for (field, map) in [("labels", &self.labels), ("annotations", &self.annotations)] {
            if !map.is_empty() {
                metadata[field] = escaped(&json!(map));
            }
        }
        let mut document = json!({
            "apiVersion": API_VERSION,
            "kind": self.kind,
            "metadata": metadata,
            "spec": escaped(&self.spec),
        });
        if self.lifecycle != Lifecycle::default() {
            document["lifecycle"] = json!(self.lifecycle);
        }
        document
    }
}

/// `metadata.annotations` of a checked document.
fn annotations(document: &Value) -> IndexMap<String, String> {
    let written = document.pointer("/metadata/annotations");
    let written = written.and_then(Value::as_object).into_iter().flatten();
    written
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// One YAML document each, under a comment that says where it stands.
#[must_use]
pub fn render_manifests(manifests: &ResolvedManifests) -> String {
    let documents = manifests.manifests.iter().map(|manifest| {
        let yaml = emit(&manifest.document());
        let yaml = format(FileId(0), &yaml).unwrap_or(yaml);
        format!("# {}:{}\n{yaml}", line(&manifest.file), manifest.line)
    });
    documents.collect::<Vec<_>>().join("---\n")
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<ResolvedManifests>("Resolved manifests");
    schema["properties"]["format"] =
        json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}
