//! The schemas and the types: both accept the same specs.
//!
//! A schema that accepts what the types refuse lets an editor praise a file that `validate` turns down; the
//! other way round, `validate` itself refuses what would work. So every kind's specs are changed in every
//! way that people get them wrong, and both have to judge each alike.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use campaignctl::check::published;
use campaignctl::check::schema::{file_stem, kind_schema, manifest_schema};
use campaignctl::kinds::mapping::{lift, without_defaults};
use campaignctl::kinds::{Findings, KindDef, KindId, Lookup, RuleWorld};
use campaignctl::manifest::API_VERSION;
use campaignctl::text::{FileId, Limits, Pointer, yaml};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::program::{package, run};

/// Nothing refers to anything that is known.
struct Nobody;

impl Lookup for Nobody {
    fn to_id(&self, _kind: &'static str, reference: &Value) -> Value {
        reference.clone()
    }

    fn to_ref(&self, _kind: &'static str, id: &Value) -> Value {
        json!({ "id": id })
    }

    fn display_name(&self, _kind: &'static str, _id: &Value) -> Option<String> {
        None
    }
}

impl RuleWorld for Nobody {
    fn spec(&self, _kind: &'static str, _name: &str) -> Option<&Value> {
        None
    }

    fn children(&self, _kind: &'static str, _parent: &str) -> Vec<(&str, &Value)> {
        Vec::new()
    }
}

/// What a mistake puts where something else belongs, and what only looks like one.
fn strangers() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(5),
        json!(5.0),
        json!(1.5),
        json!(-1),
        json!(u64::MAX),
        json!(1e30),
        json!(""),
        json!("text"),
        json!("5"),
        json!("10%"),
        json!("+10%"),
        json!("%"),
        json!("99999999999999999999%"),
        json!("2d"),
        json!("2026-09-01"),
        json!("2026-09-01T00:00:00"),
        json!("2026-02-29T00:00:00"),
        json!("2028-02-29T23:59:59"),
        json!("2026-09-01T00:00:60"),
        json!("2026-09-01T00:00:00Z"),
        json!("published"),
        json!("Published"),
        json!("url"),
        json!("app"),
        json!("sms"),
        json!([]),
        json!(["sms"]),
        json!(["sms", "sms"]),
        json!(["text"]),
        json!([5]),
        json!([null]),
        json!([[]]),
        json!([{}]),
        json!([{ "live": "All" }]),
        json!({}),
        json!({ "live": "All" }),
        json!({ "live": 5 }),
        json!({ "live": "All", "id": 5 }),
        json!({ "id": 5 }),
        json!({ "id": "5" }),
        json!({ "id": 1.5 }),
        json!({ "id": null }),
        json!({ "sms": null }),
        json!({ "novelty": 1 }),
        json!({ "extra": { "novelty": 1 } }),
        json!({ "extra": [] }),
    ]
}

/// The schemas of a kind and of all, and the types behind them.
struct Judges {
    kind: KindId,
    schema: Value,
    own: Validator,
    all: &'static Validator,
    /// The published ones, in both drafts.
    published: Vec<Validator>,
}

impl Judges {
    fn every() -> Vec<Self> {
        static ALL: LazyLock<Validator> =
            LazyLock::new(|| jsonschema::validator_for(&manifest_schema()).unwrap());
        let judges = KindId::manifests().map(|kind| {
            let schema = kind_schema(kind);
            let own = jsonschema::validator_for(&schema).unwrap();
            let all = &*ALL;
            let published = published::kind(kind);
            let older = published::to_draft_7(published.clone());
            let published = [published, older].map(|it| jsonschema::validator_for(&it).unwrap());
            Self {
                kind,
                schema,
                own,
                all,
                published: published.into(),
            }
        });
        judges.collect()
    }

    fn def(&self) -> &'static KindDef {
        self.kind.def()
    }

    /// Whether schema and types accept a spec; fails when they differ.
    fn accept(&self, spec: &Value) -> bool {
        let manifest = json!({
            "apiVersion": API_VERSION,
            "kind": self.kind.name(),
            "metadata": { "name": "sample" },
            "spec": spec,
        });
        let own = self.own.is_valid(&manifest);
        let typed = (self.def().check)(spec, "sample", &Nobody, &mut Findings::default());
        assert_eq!(
            own,
            typed.is_ok(),
            "{}: the schema says {own}, the type {typed:?}, of {spec:#}",
            self.kind
        );
        let all = self.all.is_valid(&manifest);
        assert_eq!(own, all, "{}: own and combined schema: {spec:#}", self.kind);
        for published in &self.published {
            let published = published.is_valid(&manifest);
            assert_eq!(own, published, "{}: own and published: {spec:#}", self.kind);
        }
        own
    }

    /// What the specs start from: the example, and the live fixture as an export writes it.
    fn bases(&self) -> Vec<Value> {
        let mut bases = vec![document(self.def().example)["spec"].clone()];
        let live = fixtures(self.kind).join("live.json");
        if let Ok(text) = std::fs::read_to_string(live) {
            let lifted = lift(self.def(), &text.parse().unwrap(), &Nobody);
            bases.push(without_defaults(self.def(), &lifted));
        }
        bases
    }
}

/// Every spec that differs from `base` in one place, at the fields it has and at those it could have.
fn mutants(base: &Value, schema: &Value) -> Vec<Value> {
    let mut mutants = Vec::new();
    let mut places = Vec::new();
    collect(
        base,
        schema,
        &schema["properties"]["spec"],
        Pointer::root(),
        &mut places,
    );
    for place in places {
        let mut removed = base.clone();
        if take(&mut removed, &place) {
            mutants.push(removed);
        }
        for stranger in strangers() {
            let mut mutant = base.clone();
            put(&mut mutant, &place, stranger);
            mutants.push(mutant);
        }
        if let Some(old) = place.get(base) {
            let mut wrapped = base.clone();
            put(&mut wrapped, &place, json!([old]));
            mutants.push(wrapped);
        }
    }
    mutants
}

/// The places of a value, and those of the fields that its schema knows besides.
fn collect(value: &Value, root: &Value, node: &Value, at: Pointer, places: &mut Vec<Pointer>) {
    let node = match node.get("$ref").and_then(Value::as_str) {
        Some(target) => root.pointer(&target[1..]).unwrap(),
        None => node,
    };
    match value {
        Value::Object(map) => {
            let known = node.get("properties").and_then(Value::as_object);
            let mut names: BTreeSet<&str> = map.keys().map(String::as_str).collect();
            names.extend(known.into_iter().flatten().map(|(name, _)| name.as_str()));
            names.extend(known.map(|_| "novelty"));
            for name in names {
                // Where the schema says nothing there is nothing to judge: open JSON.
                let inner = node.pointer(&format!("/properties/{name}"));
                let value = map.get(name).unwrap_or(&Value::Null);
                match inner {
                    Some(inner) => collect(value, root, inner, at.key(name), places),
                    None => places.push(at.key(name)),
                }
            }
        }
        Value::Array(items) => {
            let inner = node.get("items").unwrap_or(&Value::Null);
            for (index, item) in items.iter().enumerate() {
                collect(item, root, inner, at.index(index), places);
            }
        }
        _ => {}
    }
    places.push(at);
}

fn put(value: &mut Value, at: &Pointer, new: Value) {
    let Some(parent) = at.parent() else {
        *value = new;
        return;
    };
    let key = at.steps().last().unwrap();
    match value.pointer_mut(parent.as_str()).unwrap() {
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = new,
        node => node[key] = new,
    }
}

fn take(value: &mut Value, at: &Pointer) -> bool {
    let Some(parent) = at.parent() else {
        return false;
    };
    let key = at.steps().last().unwrap();
    match value.pointer_mut(parent.as_str()) {
        Some(Value::Object(map)) => map.shift_remove(&key).is_some(),
        _ => false,
    }
}

fn document(text: &str) -> Value {
    let (documents, problems) = yaml::parse(FileId(0), text, &Limits::default());
    assert!(problems.is_empty(), "{problems:?}");
    documents.into_iter().next().unwrap().into_value()
}

fn fixtures(kind: KindId) -> PathBuf {
    let folder = file_stem(kind).replace('-', "_");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/kinds/{folder}/fixtures"))
}

#[test]
fn schemas_and_types_judge_every_mistake_alike() {
    let (mut right, mut wrong) = (0, 0);
    for judges in Judges::every() {
        let mut seen = BTreeSet::new();
        for base in judges.bases() {
            assert!(judges.accept(&base), "{}: {base:#}", judges.kind);
            for mutant in mutants(&base, &judges.schema) {
                if !seen.insert(mutant.to_string()) {
                    continue;
                }
                if judges.accept(&mutant) {
                    right += 1;
                } else {
                    wrong += 1;
                }
            }
        }
    }
    assert!(right > 1_000 && wrong > 1_000, "{right} {wrong}");
}

#[test]
fn every_manifest_of_the_fixtures_fits_its_schema() {
    for judges in Judges::every() {
        let mut files = vec![fixtures(judges.kind).join("valid.yaml")];
        if let Ok(invalid) = std::fs::read_dir(fixtures(judges.kind).join("invalid")) {
            files.extend(invalid.map(|file| file.unwrap().path()));
        }
        for file in files {
            let mut manifest = document(&std::fs::read_to_string(&file).unwrap());
            // Invalid fixtures break a rule, never the structure; some are a spec only.
            assert!(judges.accept(&manifest["spec"]), "{}", file.display());
            if manifest.get("kind").is_none() {
                continue;
            }
            for schema in [&judges.own, judges.all] {
                assert!(schema.is_valid(&manifest), "{}", file.display());
            }
            manifest["lifecycle"] = json!({ "protect": "yes" });
            for schema in [&judges.own, judges.all] {
                assert!(!schema.is_valid(&manifest), "{}", file.display());
            }
        }
    }
}

#[test]
fn every_manifest_of_the_examples_fits_both_schemas() {
    let judges = Judges::every();
    let mut paths = vec![package().join("examples")];
    let mut count = 0;
    while let Some(path) = paths.pop() {
        // What holds variables or lies over something is a manifest only once both are done.
        if path.is_dir() && !path.ends_with("invalid") && !path.ends_with("environments") {
            paths.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let (documents, _) = yaml::parse(FileId(0), &text, &Limits::default());
            for manifest in documents.into_iter().map(|document| document.value) {
                let own = judges
                    .iter()
                    .find(|judges| manifest["kind"] == judges.kind.name());
                let Some(judges) = own else { continue };
                assert!(judges.own.is_valid(&manifest), "{}", path.display());
                assert!(judges.all.is_valid(&manifest), "{}", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 50, "only {count} manifests");
}

/// The published schema of any manifest.
static PUBLISHED: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::validator_for(&published::manifest()).unwrap());

#[test]
fn envelopes_are_judged_alike() {
    for judges in Judges::every() {
        let valid = document(judges.def().example);
        let places = [
            "",
            "/apiVersion",
            "/kind",
            "/metadata",
            "/metadata/name",
            "/metadata/labels",
        ];
        let more = [
            "/metadata/annotations",
            "/spec",
            "/lifecycle",
            "/novelty",
            "/metadata/novelty",
        ];
        for place in places.into_iter().chain(more).map(Pointer::from) {
            for stranger in strangers() {
                let mut manifest = valid.clone();
                put(&mut manifest, &place, stranger);
                let own = judges.own.is_valid(&manifest);
                // What has no kind of ours is no business of the kind's own schema.
                assert_eq!(own, judges.all.is_valid(&manifest), "{manifest:#}");
                for published in judges.published.iter().chain([&*PUBLISHED]) {
                    assert_eq!(own, published.is_valid(&manifest), "{manifest:#}");
                }
            }
        }
    }
}

/// Every published schema is one, by the schema of its draft. It has an id where there is an address.
#[test]
fn published_schemas_are_schemas_in_both_drafts() {
    let folder = tempfile::tempdir().unwrap();
    let older = folder.path().to_str().unwrap();
    run(package(), &["schema", "--write", older, "--draft", "7"]).expect(0);
    run(package(), &["schema", "--check", older, "--draft", "7"]).expect(0);
    let mut count = 0;
    for path in std::fs::read_dir(package().join("schemas")).unwrap() {
        let path = path.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with(".schema.json") {
            continue;
        }
        let read =
            |path: &Path| -> Value { std::fs::read_to_string(path).unwrap().parse().unwrap() };
        let (current, older) = (read(&path), read(&folder.path().join(&name)));
        assert!(jsonschema::draft202012::meta::is_valid(&current), "{name}");
        assert!(jsonschema::draft7::meta::is_valid(&older), "{name}");
        assert!(!older.to_string().contains("$defs"), "{name}");
        jsonschema::validator_for(&older).unwrap();
        for schema in [current, older] {
            assert_eq!(
                schema.get("$id").is_some(),
                published::ADDRESS.is_some(),
                "{name}"
            );
        }
        count += 1;
    }
    assert!(count > 15, "{count}");
}

/// What editors propose is right: each default and each example fits the field that it stands at.
#[test]
fn defaults_and_examples_fit_their_fields() {
    let mut count = 0;
    for kind in KindId::manifests() {
        let schema = kind_schema(kind);
        let mut nodes = vec![schema.clone()];
        while let Some(node) = nodes.pop() {
            let examples = node
                .get("examples")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            let values: Vec<_> = node.get("default").into_iter().chain(examples).collect();
            // Otherwise it maps fields to their schemas, and `default` is a field.
            if !values.is_empty() && node["description"].is_string() {
                let mut alone = node.clone();
                alone["$defs"] = schema["$defs"].clone();
                let validator = jsonschema::validator_for(&alone).unwrap();
                for value in values {
                    assert!(validator.is_valid(value), "{kind}: {value} of {node:#}");
                    count += 1;
                }
            }
            match node {
                Value::Object(map) => nodes.extend(map.into_iter().map(|(_, inner)| inner)),
                Value::Array(items) => nodes.extend(items),
                _ => {}
            }
        }
    }
    assert!(count > 50, "only {count} values");
}

/// Completion and hover tell what every word means, in all published schemas.
#[test]
fn every_word_of_every_schema_has_its_text() {
    let mut count = 0;
    for path in std::fs::read_dir(package().join("schemas")).unwrap() {
        let path = path.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let schema: Value = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        let mut nodes = vec![schema];
        while let Some(node) = nodes.pop() {
            if let Some(words) = node.get("enum").and_then(Value::as_array) {
                let texts = node["enumDescriptions"]
                    .as_array()
                    .map_or(&[][..], Vec::as_slice);
                let is_told = |text: &Value| text.as_str().is_some_and(|text| !text.is_empty());
                let all = words.len() == texts.len() && texts.iter().all(is_told);
                assert!(all, "{}: {node:#}", path.display());
                count += words.len();
            }
            match node {
                Value::Object(map) => nodes.extend(map.into_iter().map(|(_, inner)| inner)),
                Value::Array(items) => nodes.extend(items),
                _ => {}
            }
        }
    }
    assert!(count > 100, "only {count} words");
}

#[test]
fn generating_is_deterministic() {
    let first = (manifest_schema().to_string(), kinds());
    for _ in 0..10 {
        assert_eq!(first, (manifest_schema().to_string(), kinds()));
    }
}

fn kinds() -> Vec<String> {
    KindId::manifests()
        .map(|kind| kind_schema(kind).to_string())
        .collect()
}

#[test]
fn schemas_say_what_people_need() {
    for kind in KindId::manifests() {
        let schema = kind_schema(kind);
        let text = schema.to_string();
        for noise in [
            "\"format\"",
            "oneOf\":[{",
            "orNull\"",
            "additionalProperties\":true",
            "[`",
        ] {
            assert!(!text.contains(noise), "{kind}: {noise}");
        }
        for (name, definition) in schema["$defs"].as_object().unwrap() {
            let at = format!("{kind}: {name}");
            assert!(definition["description"].is_string(), "{at}");
            let fields = definition.get("properties").and_then(Value::as_object);
            for (field, node) in fields.into_iter().flatten() {
                assert!(node["description"].is_string(), "{at}.{field}");
            }
        }
    }
}
