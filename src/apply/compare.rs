//! Compares what was declared, or seen at planning, with what is live. Pure.
//!
//! Only the keys of the first side count: null equals absent, numbers compare by value, line ends are
//! folded, and the items of lists compare in turn.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::kinds::mapping::{canonical, same, take_path};
use crate::kinds::{KindDef, Lookup};
use crate::text::Pointer;

/// The pointer of `spec` in a manifest.
pub(super) const SPEC: &str = "/spec";

/// A field whose live value is not the expected one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The field, from the root of the manifest: `/spec/weight`.
    #[schemars(with = "String")]
    pub pointer: Pointer,
    /// The expected value, null for none.
    pub expected: Value,
    /// The live value, null for none.
    pub live: Value,
}

/// The fields of `expected` whose value in `live` (a lifted body) is another one.
///
/// Fields without a place on the wire cannot be lifted and do not count. A reference may be spelt in more
/// than one way, by display name or by id: what equals `live` in the spelling of `lookup` does not count
/// either.
pub(super) fn differences(
    def: &KindDef,
    expected: &Value,
    live: &Value,
    lookup: &dyn Lookup,
) -> Vec<Difference> {
    let mut found = literal_differences(def, expected, live);
    if !found.is_empty() {
        let canonical = canonical(def, expected, lookup);
        found.retain(|difference| {
            let pointer = difference.pointer.as_str().strip_prefix(SPEC);
            let value = pointer.and_then(|pointer| canonical.pointer(pointer));
            !value.is_some_and(|value| same(value, &difference.live))
        });
    }
    found
}

fn literal_differences(def: &KindDef, expected: &Value, live: &Value) -> Vec<Difference> {
    let mut expected = expected.clone();
    for field in def.fields.iter().filter(|field| field.wire.is_empty()) {
        if live.pointer(&pointer_of(field.spec)).is_none() {
            take_path(&mut expected, field.spec);
        }
    }
    let mut found = Vec::new();
    collect(&Pointer::new(SPEC), &expected, live, &mut found);
    found
}

fn pointer_of(dotted: &str) -> String {
    format!("/{}", dotted.replace('.', "/"))
}

fn collect(at: &Pointer, expected: &Value, live: &Value, found: &mut Vec<Difference>) {
    match (expected, live) {
        (Value::Object(fields), Value::Object(_) | Value::Null)
            if !(is_reference(expected) && is_reference(live)) =>
        {
            for (key, value) in fields {
                let live = live.get(key).unwrap_or(&Value::Null);
                collect(&at.key(key), value, live, found);
            }
        }
        (Value::Array(items), Value::Array(live)) if items.len() == live.len() => {
            for (index, (item, live)) in items.iter().zip(live).enumerate() {
                collect(&at.index(index), item, live, found);
            }
        }
        _ if same(expected, live) => {}
        _ => found.push(Difference {
            pointer: at.clone(),
            expected: expected.clone(),
            live: live.clone(),
        }),
    }
}

/// Whether a field is missing because the platform takes it and does not return it.
pub(super) fn is_unreturned(def: &KindDef, difference: &Difference) -> bool {
    let mut fields = def.fields.iter().filter(|field| field.unreturned);
    difference.live.is_null()
        && fields
            .any(|field| difference.pointer.as_str() == format!("{SPEC}{}", pointer_of(field.spec)))
}

/// Whether `live` holds every value of `sent`, a body that was sent.
pub(super) fn subset(sent: &Value, live: &Value) -> bool {
    let mut found = Vec::new();
    collect(&Pointer::root(), sent, live, &mut found);
    found.is_empty()
}

/// Whether a value may be a reference by display name or id, which is one value and not two fields.
fn is_reference(value: &Value) -> bool {
    let map = value.as_object().filter(|map| map.len() == 1);
    map.is_some_and(|map| map.contains_key("live") || map.contains_key("id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    use crate::kinds::KindId;
    use crate::live::References;

    #[test]
    fn only_expected_keys_count() {
        let goal = KindId::known("Goal").def();
        for (expected, live, places) in [
            (json!({ "a": 1 }), json!({ "a": 1.0, "b": 2 }), &[][..]),
            (json!({ "a": null }), json!({}), &[]),
            (json!({ "a": { "b": null } }), json!({}), &[]),
            (json!({ "a": { "b": 1 } }), json!({}), &["/spec/a/b"]),
            (json!({ "a": "x\ny" }), json!({ "a": "x\r\ny" }), &[]),
            (
                json!({ "a": [{ "b": 1 }] }),
                json!({ "a": [{ "b": 1, "c": 2 }] }),
                &[],
            ),
            (
                json!({ "a": [1, 2] }),
                json!({ "a": [2, 1] }),
                &["/spec/a/0", "/spec/a/1"],
            ),
            (json!({ "a": [1] }), json!({ "a": [1, 2] }), &["/spec/a"]),
            (json!({ "a": { "b": 1 } }), json!({ "a": 3 }), &["/spec/a"]),
        ] {
            let found = literal_differences(goal, &expected, &live);
            let found: Vec<_> = found
                .iter()
                .map(|place| place.pointer.to_string())
                .collect();
            assert_eq!(found, places, "{expected} {live}");
        }
    }
    #[test]
    fn two_spellings_of_a_reference_are_one() {
        let campaign = KindId::known("Campaign").def();
        let mut references = References::default();
        let goal = KindId::known("Goal");
        references.insert(goal, json!(7), None, "Twin".to_owned());
        let live = json!({ "goal": { "live": "Twin" } });
        for (id, count) in [(7, 0), (8, 1)] {
            let expected = json!({ "goal": { "id": id } });
            let found = differences(campaign, &expected, &live, &references);
            assert_eq!(found.len(), count, "{id}");
        }
    }
}
