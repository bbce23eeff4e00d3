//! What holds for every kind: the contract is consistent, and nothing is lost between spec and wire.

mod comparison;
mod made_up;
mod notes;
mod owned;
mod round_trip;
mod schemas;
mod tables;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{ALL, Findings, KindDef, Lookup, Role, RuleWorld};

/// Ids as references: `{id: n}` and back; ids that end in 7 have a display name.
pub(super) struct Ids;

impl Lookup for Ids {
    fn to_id(&self, _: &'static str, reference: &Value) -> Value {
        reference
            .get("id")
            .map_or_else(|| json!({ "$pending": reference }), Clone::clone)
    }

    fn to_ref(&self, _: &'static str, id: &Value) -> Value {
        id.get("$pending")
            .map_or_else(|| json!({ "id": id }), Clone::clone)
    }

    fn display_name(&self, _: &'static str, id: &Value) -> Option<String> {
        let digits = id.as_u64()?.to_string();
        digits.ends_with('7').then(|| format!("Name {digits}"))
    }
}

/// Manifests as a world.
#[derive(Default)]
pub(super) struct ManifestWorld(pub(super) Vec<Value>);

impl ManifestWorld {
    /// The documents of a YAML text.
    pub(super) fn read(yaml: &str) -> Self {
        use serde::Deserialize;
        Self(
            serde_yaml::Deserializer::from_str(yaml)
                .map(|document| Value::deserialize(document).expect("fixtures are YAML"))
                .collect(),
        )
    }

    /// Every complaint about every manifest, as code and pointer.
    pub(super) fn complaints(&self) -> Vec<(&'static str, String)> {
        let mut complaints = Vec::new();
        for manifest in &self.0 {
            let mut out = Findings::default();
            let (def, name) = (def_of(manifest), name_of(manifest));
            (def.check)(&manifest["spec"], name, self, &mut out)
                .unwrap_or_else(|error| panic!("{} `{name}`: {error:?}", def.name));
            complaints.extend(
                (out.0.into_iter()).map(|finding| (finding.code.name, finding.pointer.to_string())),
            );
        }
        complaints
    }
}

impl RuleWorld for ManifestWorld {
    fn now(&self) -> Option<jiff::Timestamp> {
        "2026-06-01T00:00:00Z".parse().ok()
    }

    fn spec(&self, kind: &'static str, name: &str) -> Option<&Value> {
        let found =
            |manifest: &&Value| manifest["kind"] == kind && manifest["metadata"]["name"] == name;
        self.0.iter().find(found).map(|manifest| &manifest["spec"])
    }

    fn children(&self, kind: &'static str, parent: &str) -> Vec<(&str, &Value)> {
        let field = |manifest: &Value| def_of(manifest).parent.as_ref().map(|parent| parent.field);
        self.0
            .iter()
            .filter(|manifest| manifest["kind"] == kind)
            .filter(|manifest| {
                field(manifest).is_some_and(|field| manifest["spec"][field] == parent)
            })
            .map(|manifest| (name_of(manifest), &manifest["spec"]))
            .collect()
    }
}

fn def_of(manifest: &Value) -> &'static KindDef {
    ALL.iter()
        .find(|def| manifest["kind"] == def.name)
        .unwrap_or_else(|| panic!("{} is not a kind", manifest["kind"]))
}

fn name_of(manifest: &Value) -> &str {
    manifest["metadata"]["name"]
        .as_str()
        .expect("fixtures have names")
}

/// The folder of a kind, or of a file in it.
fn folder(def: &KindDef, below: &str) -> PathBuf {
    let mut snake = String::new();
    for letter in def.name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/kinds")
        .join(snake)
        .join(below)
}

fn manifest_kinds() -> impl Iterator<Item = &'static KindDef> {
    ALL.iter().filter(|def| def.role != Role::Reference)
}

fn remote_kinds() -> impl Iterator<Item = &'static KindDef> {
    manifest_kinds().filter(|def| def.collection.is_some())
}
