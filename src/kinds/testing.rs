//! What the tests of the kinds share: a small account to refer to, and the promises that every kind keeps.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::mapping::{
    EXTRA, PENDING_KEY, canonical, create_body, drop_server_assigned, lift, overlay, same,
    without_defaults,
};
use super::{Findings, Kind, KindDef, Lookup, RuleWorld};

/// The tests that every kind passes: its manifests, its live fixture, and random bodies made of it.
/// A second argument names what the kind does not keep, as a change to the wire body.
macro_rules! kind_tests {
    ($kind:ident) => {
        kind_tests!($kind, |_body: &mut serde_json::Value| {});
    };
    ($kind:ident, $tidy:expr) => {
        #[test]
        fn the_valid_manifest_raises_nothing() {
            crate::kinds::testing::valid_is_clean::<$kind>();
        }

        #[test]
        fn every_code_has_a_manifest_that_raises_it_alone() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/", file!());
            let folder = std::path::Path::new(folder).parent().unwrap();
            crate::kinds::testing::codes_have_fixtures::<$kind>(folder);
        }

        #[test]
        fn the_texts_of_every_code_are_right() {
            crate::kinds::testing::codes_are_documented::<$kind>();
        }

        #[test]
        fn an_exported_object_is_created_alike() {
            let live: serde_json::Value = include_str!("fixtures/live.json").parse().unwrap();
            crate::kinds::testing::export_fits_the_schema::<$kind>(&live);
            crate::kinds::testing::round_trip::<$kind>(live, $tidy);
        }

        proptest::proptest! {
            #[test]
            fn any_exported_body_is_created_alike(
                body in crate::kinds::testing::bodies(include_str!("fixtures/live.json"))
            ) {
                crate::kinds::testing::round_trip::<$kind>(body, $tidy);
            }
        }
    };
}

pub(super) use kind_tests;

/// An entry point and an app installation are known; anything else is not.
pub(super) struct TestWorld;

const KNOWN: &[(&str, &str, &str)] = &[
    ("EntryPoint", "4100000201", "checkout"),
    (
        "AppInstallation",
        r#""0b0f7c1e-52b6-4a6c-9a8e-6d0b1c7c2f11""#,
        "shop-ios",
    ),
];

impl Lookup for TestWorld {
    fn to_id(&self, kind: &'static str, reference: &Value) -> Value {
        let known = KNOWN
            .iter()
            .find(|(of, _, name)| *of == kind && reference == name);
        match known {
            Some((_, id, _)) => id.parse().unwrap(),
            None => reference
                .get("id")
                .cloned()
                .unwrap_or_else(|| json!({ PENDING_KEY: reference })),
        }
    }

    fn to_ref(&self, kind: &'static str, id: &Value) -> Value {
        match self.display_name(kind, id) {
            Some(name) => Value::from(name),
            None => id
                .get(PENDING_KEY)
                .cloned()
                .unwrap_or_else(|| json!({ "id": id })),
        }
    }

    fn display_name(&self, kind: &'static str, id: &Value) -> Option<String> {
        KNOWN
            .iter()
            .find(|(of, known, _)| *of == kind && known.parse::<Value>().unwrap() == *id)
            .map(|(_, _, name)| (*name).to_owned())
    }
}

impl RuleWorld for TestWorld {
    fn spec(&self, kind: &'static str, name: &str) -> Option<&Value> {
        let mut known = KNOWN.iter();
        let is_known = known.any(|(of, _, known)| *of == kind && *known == name);
        (is_known && kind == "EntryPoint").then_some(&Value::Null)
    }

    fn children(&self, _kind: &'static str, _parent: &str) -> Vec<(&str, &Value)> {
        Vec::new()
    }

    fn now(&self) -> Option<jiff::Timestamp> {
        "2026-06-01T00:00:00Z".parse().ok()
    }
}

/// The codes that a spec raises, each with its place.
pub(super) fn findings<K: Kind>(spec: &Value) -> Vec<String> {
    let mut findings = Findings::default();
    (KindDef::of::<K>().check)(spec, "wrong", &TestWorld, &mut findings).unwrap();
    for finding in &findings.0 {
        let at = finding.pointer.get(spec);
        assert!(at.is_some(), "{} points nowhere", finding.code.name);
    }
    findings
        .0
        .iter()
        .map(|finding| format!("{} {}", finding.code.name, finding.pointer))
        .collect()
}

/// The `spec` of the first manifest of a text.
pub(super) fn spec(manifest: &str) -> Value {
    let first = manifest.split("\n---").next().unwrap();
    let mut manifest: Value = serde_yaml::from_str(first).unwrap();
    manifest["spec"].take()
}

pub(super) fn valid_is_clean<K: Kind>() {
    let spec = spec(K::EXAMPLE);
    assert_eq!(findings::<K>(&spec), [""; 0]);
    fits_the_schema::<K>(&spec);
}

pub(super) fn export_fits_the_schema<K: Kind>(live: &Value) {
    let def = KindDef::of::<K>();
    let exported = without_defaults(&def, &lift(&def, live, &TestWorld));
    assert_eq!(findings::<K>(&exported), [""; 0]);
    assert_eq!(exported.get(EXTRA), None);
    fits_the_schema::<K>(&exported);
}

fn fits_the_schema<K: Kind>(spec: &Value) {
    let schema = schemars::schema_for!(K::Spec);
    if let Err(error) = jsonschema::validate(schema.as_value(), spec) {
        panic!("{error} at {}: {spec:#}", error.instance_path());
    }
}

pub(super) fn codes_have_fixtures<K: Kind>(folder: &std::path::Path) {
    let mut files: Vec<_> = std::fs::read_dir(folder.join("fixtures/invalid"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut codes: Vec<_> = K::CODES
        .iter()
        .map(|code| format!("{}.yaml", code.name))
        .collect();
    codes.sort();
    assert_eq!(files, codes);
    for code in K::CODES {
        let file = folder.join(format!("fixtures/invalid/{}.yaml", code.name));
        assert_raises::<K>(code.name, &spec(&std::fs::read_to_string(file).unwrap()));
    }
}

pub(super) fn codes_are_documented<K: Kind>() {
    for code in K::CODES {
        assert_raises::<K>(code.name, &spec(code.wrong));
        assert_eq!(findings::<K>(&spec(code.right)), [""; 0], "{}", code.name);
    }
}

fn assert_raises<K: Kind>(code: &str, spec: &Value) {
    let found = findings::<K>(spec);
    assert_eq!(found.len(), 1, "{code} raises {found:?}");
    assert!(found[0].starts_with(&format!("{code} ")), "{found:?}");
}

/// Export, then create: the same body comes out. What is exported is a valid spec in canonical spelling,
/// and changes nothing of the object that it comes from.
pub(super) fn round_trip<K: Kind>(mut live: Value, tidy: fn(&mut Value)) {
    let def = KindDef::of::<K>();
    let lifted = lift(&def, &live, &TestWorld);
    let again = canonical(&def, &lifted, &TestWorld);
    assert!(
        same(&lifted, &again),
        "lifted {lifted:#}\ncanonical {again:#}"
    );
    let exported = without_defaults(&def, &lifted);
    if let Err(error) = serde_json::from_value::<K::Spec>(exported.clone()) {
        panic!("{error}: {exported:#}");
    }
    let mut created = create_body(&def, &exported, &TestWorld);
    let mut updated = live.clone();
    overlay(&def, &mut updated, &exported, &TestWorld);
    for body in [&mut live, &mut created, &mut updated] {
        drop_server_assigned(&def, body);
        tidy(body);
    }
    assert!(
        same(&live, &created),
        "live {live:#}\nexported {exported:#}\ncreated {created:#}"
    );
    assert!(
        same(&live, &updated),
        "live {live:#}\nexported {exported:#}\nupdated {updated:#}"
    );
}

/// Bodies of a kind: the live one with a few places of it changed, removed or added to.
pub(super) fn bodies(live: &'static str) -> impl Strategy<Value = Value> {
    let live: Value = live.parse().unwrap();
    let edit = (
        any::<prop::sample::Index>(),
        prop::option::of(json_value()),
        any::<bool>(),
    );
    prop::collection::vec(edit, 0..5).prop_map(move |edits| {
        let mut body = live.clone();
        for (at, value, inside) in edits {
            let mut pointers = Vec::new();
            collect_pointers(&body, "", &mut pointers);
            if pointers.is_empty() {
                break;
            }
            change(&mut body, at.get::<String>(&pointers), value, inside);
        }
        body
    })
}

fn collect_pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (format!("{at}/{key}"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (format!("{at}/{index}"), value))
            .collect(),
        _ => Vec::new(),
    };
    for (pointer, value) in children {
        collect_pointers(value, &pointer, out);
        out.push(pointer);
    }
}

/// With a value: puts it at the pointer, or inside the node there under a new key. Without: removes.
fn change(body: &mut Value, pointer: &str, value: Option<Value>, inside: bool) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match (value, body.pointer_mut(pointer)) {
        (Some(value), Some(Value::Object(map))) if inside => {
            map.insert("novelty".to_owned(), value);
        }
        (Some(value), Some(Value::Array(items))) if inside => items.push(value),
        (Some(value), Some(node)) => *node = value,
        (None, _) => match body.pointer_mut(parent) {
            Some(Value::Object(map)) => {
                map.shift_remove(key);
            }
            Some(Value::Array(items)) => {
                items.remove(key.parse().unwrap());
            }
            _ => {}
        },
        (Some(_), None) => {}
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-20_i64..20).prop_map(Value::from),
        Just(Value::from(4_100_000_201_u64)),
        (-1e3..1e3_f64).prop_map(Value::from),
        "[a-z0-9 :T-]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

const KEYS: &[&str] = &[
    "id", "name", "type", "data", "extra", "meta", "start", "url", "dateTime", "goalIds", "zoneId",
];

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(KEYS).prop_map(str::to_owned),
        "[a-z]{1,6}"
    ]
}
