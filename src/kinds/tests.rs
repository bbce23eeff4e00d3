//! What holds for every kind: the contract is consistent, and nothing is lost between spec and wire.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::field::{Codec, Field};
use super::mapping::{
    canonical, create_body, drop_server_assigned, lift, overlay, same, without_defaults,
};
use super::{ALL, Findings, KindDef, KindId, Lookup, Role, World};

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
pub(super) struct Manifests(pub(super) Vec<Value>);

impl Manifests {
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

impl World for Manifests {
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

/// The captured body of a kind; reference kinds need none.
fn live_fixture(def: &KindDef) -> Option<Value> {
    let text = fs::read_to_string(folder(def, "fixtures/live.json")).ok()?;
    Some(serde_json::from_str(&text).expect("live.json is JSON"))
}

fn manifest_kinds() -> impl Iterator<Item = &'static KindDef> {
    ALL.iter().filter(|def| def.role != Role::Reference)
}

fn remote_kinds() -> impl Iterator<Item = &'static KindDef> {
    manifest_kinds().filter(|def| def.collection.is_some())
}

/// A body as far as a round trip keeps it: no server-assigned keys, no top-level nulls, id sets sorted.
fn kept(def: &KindDef, body: &Value) -> Value {
    let mut body = body.clone();
    drop_server_assigned(def, &mut body);
    // A null name in the style of a window is as good as none.
    if def.name == "EngagementWindow"
        && let Some(Value::Object(style)) = body.get_mut("json")
    {
        style.retain(|key, value| !(key == "name" && value.is_null()));
    }
    for field in def.fields {
        if matches!(field.codec, Codec::RefSet(_))
            && let Some(Value::Array(ids)) = body.get_mut(field.wire)
            && ids.iter().all(|id| id.is_u64() || id.is_string())
        {
            ids.sort_by_cached_key(Value::to_string);
            ids.dedup();
        }
    }
    body
}

/// What a create from the export of `body` would send.
fn round_trip(def: &KindDef, body: &Value) -> Value {
    let exported = without_defaults(def, &lift(def, body, &Ids));
    create_body(def, &exported, &Ids)
}

fn assert_kept(def: &KindDef, body: &Value) {
    let (before, after) = (kept(def, body), kept(def, &round_trip(def, body)));
    assert!(
        same(&before, &after),
        "{}\nlive:     {before}\nexport:   {}\ncreated:  {after}",
        def.name,
        without_defaults(def, &lift(def, body, &Ids)),
    );
}

#[test]
fn literals_of_the_tables_are_json() {
    for def in ALL {
        let constants = def
            .collection
            .map_or(&[][..], |found| found.create_constants);
        let rows = def.collection.map_or(&[][..], |found| found.system_rows);
        let defaults = def.fields.iter().filter_map(|field| field.default);
        for json in constants
            .iter()
            .map(|(_, json)| *json)
            .chain(rows.iter().copied())
            .chain(defaults)
        {
            let parsed: Result<Value, _> = serde_json::from_str(json);
            assert!(parsed.is_ok(), "{}: {json}", def.name);
        }
    }
}

#[test]
fn tables_name_kinds_that_exist() {
    fn referenced(fields: &[Field], out: &mut Vec<&'static str>) {
        for field in fields {
            match field.codec {
                Codec::Ref(kind)
                | Codec::RefSet(kind)
                | Codec::RefList(kind)
                | Codec::JsonWithRefs(kind) => out.push(kind),
                Codec::Object(fields) | Codec::List { fields, .. } => referenced(fields, out),
                _ => {}
            }
        }
    }
    let known: BTreeSet<_> = ALL.iter().map(|def| def.name).collect();
    for def in ALL {
        let mut named = Vec::new();
        referenced(def.fields, &mut named);
        named.extend(def.parent.as_ref().map(|parent| parent.kind));
        named.extend(def.children.as_ref().map(|children| children.kind));
        named.extend(def.template.as_ref().map(|template| template.kind));
        for kind in named {
            assert!(known.contains(kind), "{} names {kind}", def.name);
        }
        for field in [
            def.parent.as_ref().map(|parent| parent.field),
            def.children.as_ref().map(|children| children.field),
            def.template.as_ref().map(|template| template.field),
            def.staged.as_ref().map(|staged| staged.field),
        ]
        .into_iter()
        .flatten()
        {
            assert!(
                def.fields.iter().any(|row| row.spec == field),
                "{} has no field {field}",
                def.name
            );
        }
    }
}

#[test]
fn examples_pass_their_own_check() {
    for def in manifest_kinds() {
        let manifests = Manifests::read(def.example);
        assert_eq!(manifests.0.len(), 1, "{}", def.name);
        assert_eq!(manifests.0[0]["kind"], def.name);
        assert_eq!(manifests.complaints(), [], "{}", def.name);
    }
}

#[test]
fn examples_pass_their_own_schema() {
    for def in manifest_kinds() {
        let mut generator = schemars::SchemaGenerator::default();
        let mut schema = (def.schema)(&mut generator);
        schema.insert("$defs".to_owned(), generator.take_definitions(true).into());
        let validator = jsonschema::validator_for(schema.as_value()).expect("schemas are valid");
        let manifests = Manifests::read(def.example);
        let spec = &manifests.0[0]["spec"];
        let errors: Vec<_> = validator
            .iter_errors(spec)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", def.name);
    }
}

#[test]
fn spec_structs_and_field_tables_agree() {
    for def in manifest_kinds() {
        let mut generator = schemars::SchemaGenerator::default();
        let schema = (def.schema)(&mut generator).to_value();
        let definitions = Value::Object(generator.take_definitions(true));
        let mut leaves = BTreeSet::new();
        walk_schema(def.fields, &schema, &definitions, "", &mut leaves);
        let mut rows = BTreeSet::new();
        walk_fields(def.fields, "", &mut rows);
        assert_eq!(leaves, rows, "{}: schema left, table right", def.name);
    }
}

/// The paths of all schema properties but `extra`, down to those that a row takes whole.
fn walk_schema(
    fields: &[Field],
    schema: &Value,
    definitions: &Value,
    at: &str,
    out: &mut BTreeSet<String>,
) {
    let schema = resolved(schema, definitions);
    let Some(Value::Object(properties)) = schema.get("properties") else {
        panic!("no field row and no properties at `{at}`: {schema}");
    };
    for (key, property) in properties.iter().filter(|(key, _)| *key != "extra") {
        let path = joined(at, key);
        match fields.iter().find(|field| field.spec == path) {
            None => walk_schema(fields, property, definitions, &path, out),
            Some(field) => {
                out.insert(path.clone());
                let property = resolved(property, definitions);
                let mut inner = BTreeSet::new();
                match field.codec {
                    Codec::Object(fields) => {
                        walk_schema(fields, property, definitions, "", &mut inner);
                    }
                    Codec::List { fields, .. } => {
                        walk_schema(fields, &property["items"], definitions, "", &mut inner);
                    }
                    _ => {}
                }
                out.extend(inner.into_iter().map(|tail| joined(&path, &tail)));
            }
        }
    }
}

fn walk_fields(fields: &[Field], at: &str, out: &mut BTreeSet<String>) {
    for field in fields {
        let path = joined(at, field.spec);
        if let Codec::Object(inner) | Codec::List { fields: inner, .. } = field.codec {
            walk_fields(inner, &path, out);
        }
        assert!(out.insert(path.clone()), "`{path}` stands twice");
    }
}

fn joined(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}

/// The schema behind `$ref` and behind the null of an optional field.
fn resolved<'a>(schema: &'a Value, definitions: &'a Value) -> &'a Value {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        return resolved(&definitions[name], definitions);
    }
    let branches = schema.get("anyOf").and_then(Value::as_array);
    let branch = branches.and_then(|branches| {
        let mut real = branches.iter().filter(|branch| branch["type"] != "null");
        real.next().filter(|_| branches.len() == 2)
    });
    branch.map_or(schema, |branch| resolved(branch, definitions))
}

#[test]
fn an_engagement_and_its_template_describe_their_fields_alike() {
    let properties = |kind: &str| {
        let mut generator = schemars::SchemaGenerator::default();
        let def = ALL.iter().find(|def| def.name == kind);
        let schema = (def.expect("the kind is in the list").schema)(&mut generator).to_value();
        let definitions = Value::Object(generator.take_definitions(true));
        resolved(&schema, &definitions)["properties"].clone()
    };
    let (engagement, template) = (properties("Engagement"), properties("EngagementTemplate"));
    for row in super::shared::appearance::FIELDS {
        assert_eq!(engagement[row.spec], template[row.spec], "{}", row.spec);
    }
}

#[test]
fn live_fixtures_lift_to_typed_specs_and_come_back() {
    for def in remote_kinds() {
        let live = live_fixture(def).unwrap_or_else(|| panic!("{}: no live.json", def.name));
        for spec in [
            lift(def, &live, &Ids),
            without_defaults(def, &lift(def, &live, &Ids)),
        ] {
            let checked = (def.check)(
                &spec,
                "live",
                &Manifests::default(),
                &mut Findings::default(),
            );
            assert_eq!(checked, Ok(()), "{}: {spec}", def.name);
            assert_eq!(
                spec.get("extra"),
                None,
                "{}: live.json is all known",
                def.name
            );
        }
        assert_kept(def, &live);
    }
}

#[test]
fn unknown_keys_survive_everywhere() {
    fn sprinkle(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.values_mut().for_each(sprinkle);
                map.insert(
                    "fromTheFuture".to_owned(),
                    json!({ "a": [null, 1.5], "b": null }),
                );
            }
            Value::Array(items) => items.iter_mut().for_each(sprinkle),
            _ => {}
        }
    }
    for def in remote_kinds() {
        if let Some(mut live) = live_fixture(def) {
            sprinkle(&mut live);
            assert_kept(def, &live);
        }
    }
}

#[test]
fn an_update_with_the_lifted_spec_changes_nothing() {
    for def in remote_kinds() {
        if let Some(live) = live_fixture(def) {
            let mut body = live.clone();
            overlay(def, &mut body, &lift(def, &live, &Ids), &Ids);
            assert!(
                same(&kept(def, &live), &kept(def, &body)),
                "{}: {body}",
                def.name
            );
        }
    }
}

#[test]
fn canonical_spelling_is_stable_and_adds_nothing() {
    for def in remote_kinds() {
        if let Some(live) = live_fixture(def) {
            let lifted = lift(def, &live, &Ids);
            assert_eq!(canonical(def, &lifted, &Ids), lifted, "{}", def.name);
            for (key, value) in lifted.as_object().expect("specs are objects") {
                let alone = json!({ key: value });
                assert_eq!(canonical(def, &alone, &Ids), alone, "{}", def.name);
            }
        }
    }
}

#[test]
fn every_code_has_a_fixture_that_raises_it_and_nothing_else() {
    for def in manifest_kinds() {
        let listing = fs::read_dir(folder(def, "fixtures/invalid"));
        let mut files: BTreeSet<String> = (listing.into_iter().flatten())
            .map(|entry| entry.expect("the folder can be read").file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        for code in def.codes {
            let file = format!("{}.yaml", code.name);
            assert!(files.remove(&file), "{file} is missing");
            let path = folder(def, "fixtures/invalid").join(&file);
            let text = fs::read_to_string(path).expect("the fixture can be read");
            let complaints = Manifests::read(&text).complaints();
            let codes: BTreeSet<_> = complaints.iter().map(|(code, _)| *code).collect();
            assert_eq!(codes, BTreeSet::from([code.name]), "{file}");
            let manifests = Manifests::read(&text);
            for (_, pointer) in &complaints {
                let found = (manifests.0.iter()).any(|one| one["spec"].pointer(pointer).is_some());
                assert!(found, "{file}: nothing at {pointer}");
            }
        }
        assert_eq!(
            files,
            BTreeSet::new(),
            "{}: fixtures without a code",
            def.name
        );
    }
}

#[test]
fn codes_are_documented_and_unique() {
    let mut names = BTreeSet::new();
    for code in ALL.iter().flat_map(|def| def.codes) {
        assert!(names.insert(code.name), "{} stands twice", code.name);
        assert!(
            code.name
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '-')
        );
        for text in [code.title, code.why, code.wrong, code.right] {
            assert!(!text.trim().is_empty(), "{}", code.name);
        }
        assert!(code.why.ends_with('.'), "{}", code.name);
        for yaml in [code.wrong, code.right] {
            let parsed: Result<Value, _> = serde_yaml::from_str(yaml);
            assert!(parsed.is_ok(), "{}: {yaml}", code.name);
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..50).prop_map(Value::from),
        (0i32..20).prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        prop_oneof![
            Just(""),
            Just("text"),
            Just("inapp"),
            Just("10%"),
            Just("2026-09-01 00:00:00")
        ]
        .prop_map(Value::from),
        "[a-c]{1,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((any_key(), inner), 0..3)
                .prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("extra".to_owned()),
        Just("type".to_owned()),
        Just("variables".to_owned()),
        Just("Variables".to_owned()),
        "[a-d]{1,2}",
    ]
}

/// A value of the right type for a codec.
fn right_type(codec: Codec) -> BoxedStrategy<Value> {
    match codec {
        Codec::Text => "[a-z ]{0,5}".prop_map(Value::from).boxed(),
        Codec::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Codec::Int => (0u64..9).prop_map(Value::from).boxed(),
        Codec::Number => (0u32..9).prop_map(|n| json!(f64::from(n) / 8.0)).boxed(),
        Codec::Texts => prop::collection::vec("[a-z]{1,3}", 0..3)
            .prop_map(Value::from)
            .boxed(),
        Codec::Json | Codec::JsonObject | Codec::JsonWithRefs(_) | Codec::Hook => {
            any_json().boxed()
        }
        Codec::Word(words) => (0usize..words.len() + 1)
            .prop_map(|at| words.get(at).map_or(json!(99), |word| word.wire.to_value()))
            .boxed(),
        Codec::Percent => (0u64..101).prop_map(Value::from).boxed(),
        Codec::DateTime => (1u32..29)
            .prop_map(|day| json!(format!("2026-02-{day:02} 08:30:00")))
            .boxed(),
        Codec::Ref(_) => (100u64..120).prop_map(Value::from).boxed(),
        Codec::RefSet(_) | Codec::RefList(_) => prop::collection::vec(100u64..120, 0..4)
            .prop_map(Value::from)
            .boxed(),
        Codec::Object(fields) => body_of(fields),
        Codec::List { fields, .. } => prop::collection::vec(body_of(fields), 0..3)
            .prop_map(Value::from)
            .boxed(),
    }
}

/// An object with some of the wire keys of `fields`, of right and wrong types, and unknown keys.
fn body_of(fields: &'static [Field]) -> BoxedStrategy<Value> {
    let known: Vec<_> = fields
        .iter()
        .filter(|field| !field.wire.is_empty())
        .map(|field| {
            let value = prop_oneof![
                3 => right_type(field.codec).prop_map(Some),
                1 => any_json().prop_map(Some),
                2 => Just(None),
            ];
            (Just(field.wire), value)
        })
        .collect();
    (known, prop::collection::vec((any_key(), any_json()), 0..2))
        .prop_map(|(known, unknown)| {
            let mut body = Value::Object(Map::from_iter(unknown));
            for (path, value) in known {
                if let Some(value) = value {
                    super::mapping::set_path(&mut body, path, value);
                }
            }
            body
        })
        .boxed()
}

/// A change of one node of a body: which node, and what it becomes (`None` removes it).
fn any_edit() -> impl Strategy<Value = (prop::sample::Index, Option<Value>, Option<String>)> {
    (
        any::<prop::sample::Index>(),
        prop::option::of(any_json()),
        prop::option::weighted(0.3, any_key()),
    )
}

fn edit(body: &mut Value, edits: Vec<(prop::sample::Index, Option<Value>, Option<String>)>) {
    for (index, value, new_key) in edits {
        let mut places = Vec::new();
        pointers(body, "", &mut places);
        if places.is_empty() {
            return;
        }
        let place = index.get(&places).clone();
        let (parent, key) = place.rsplit_once('/').expect("pointers have slashes");
        let Some(node) = body.pointer_mut(parent) else {
            continue;
        };
        match (node, value) {
            (Value::Object(map), Some(value)) => {
                map.insert(new_key.unwrap_or_else(|| key.to_owned()), value);
            }
            (Value::Object(map), None) => {
                map.shift_remove(key);
            }
            (Value::Array(items), Some(value)) => items.push(value),
            (Value::Array(items), None) => {
                items.pop();
            }
            _ => {}
        }
    }
}

fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    let mut below = |key: &str, value: &Value| {
        let place = format!("{at}/{key}");
        pointers(value, &place, out);
        out.push(place);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(items) => {
            (items.iter().enumerate()).for_each(|(index, value)| below(&index.to_string(), value));
        }
        _ => {}
    }
}

fn run(def: &'static KindDef, bodies: &impl Strategy<Value = Value>) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let checked = runner.run(bodies, |body| {
        let (before, after) = (kept(def, &body), kept(def, &round_trip(def, &body)));
        prop_assert!(
            same(&before, &after),
            "{}\nlive:     {before}\nexport:   {}\ncreated:  {after}",
            def.name,
            without_defaults(def, &lift(def, &body, &Ids)),
        );
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

#[test]
fn made_up_bodies_come_back() {
    for def in remote_kinds() {
        run(def, &body_of(def.fields));
    }
}

#[test]
fn damaged_live_bodies_come_back() {
    for def in remote_kinds() {
        let Some(live) = live_fixture(def) else {
            continue;
        };
        let bodies = prop::collection::vec(any_edit(), 1..5).prop_map(move |edits| {
            let mut body = live.clone();
            edit(&mut body, edits);
            body
        });
        run(def, &bodies);
    }
}

#[test]
fn a_kind_takes_the_article_that_is_said() {
    let one = |name: &'static str| KindId::known(name).one();
    assert_eq!(one("Goal"), "a Goal");
    assert_eq!(one("EntryPoint"), "an EntryPoint");
    assert_eq!(one("ApiHandoff"), "an ApiHandoff");
}
