//! Nothing of a made-up or damaged body is lost between spec and wire.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::remote_kinds;
use super::round_trip::{check_kept, live_fixture};
use crate::kinds::field::{Codec, Field};
use crate::kinds::mapping::set_path;

/// Any JSON, small.
pub(super) fn any_json() -> impl Strategy<Value = Value> + Clone {
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
pub(super) fn right_type(codec: Codec) -> BoxedStrategy<Value> {
    match codec {
        Codec::Text => "[a-z ]{0,5}".prop_map(Value::from).boxed(),
        Codec::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Codec::Int => (0u64..9).prop_map(Value::from).boxed(),
        Codec::Number => (0u32..9).prop_map(|n| json!(f64::from(n) / 8.0)).boxed(),
        Codec::Texts => prop::collection::vec("[a-z]{1,3}", 0..3)
            .prop_map(Value::from)
            .boxed(),
        Codec::Json
        | Codec::JsonObject
        | Codec::JsonWithRefs(_)
        | Codec::Note(_)
        | Codec::Keyed(_)
        | Codec::Hook => any_json().boxed(),
        Codec::Word(words) => (0usize..words.list.len() + 1)
            .prop_map(|at| (words.list.get(at)).map_or(json!(99), |word| word.wire.to_value()))
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
pub(super) fn body_of(fields: &'static [Field]) -> BoxedStrategy<Value> {
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
                    set_path(&mut body, path, value);
                }
            }
            body
        })
        .boxed()
}

/// A change of one node of a body: which node, and what it becomes (`None` removes it).
pub(super) type NodeEdit = (prop::sample::Index, Option<Value>, Option<String>);

/// Any of them.
pub(super) fn any_edit() -> impl Strategy<Value = NodeEdit> {
    (
        any::<prop::sample::Index>(),
        prop::option::of(any_json()),
        prop::option::weighted(0.3, any_key()),
    )
}

/// Makes changes to a body.
pub(super) fn edit(body: &mut Value, edits: Vec<NodeEdit>) {
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

/// How many cases are made up, unless `PROPTEST_CASES` says so.
const CASES: u32 = 400;

/// Checks made-up cases of a kind.
pub(super) fn run<T: std::fmt::Debug>(
    cases: &impl Strategy<Value = T>,
    check: impl Fn(&T) -> Result<(), String>,
) {
    let config = ProptestConfig::default(); // it reads the variable
    let is_asked = std::env::var_os("PROPTEST_CASES").is_some();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: if is_asked { config.cases } else { CASES },
        failure_persistence: None,
        ..config
    });
    let checked = runner.run(cases, |case| check(&case).map_err(TestCaseError::fail));
    if let Err(error) = checked {
        panic!("{error}");
    }
}

#[test]
fn made_up_bodies_come_back() {
    for def in remote_kinds() {
        run(&body_of(def.fields), |body| check_kept(def, body));
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
        run(&bodies, |body| check_kept(def, body));
    }
}
