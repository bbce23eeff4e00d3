//! What an update writes: the changed fields and what the account holds in their place, in spec terms.

use serde_json::{Map, Value};

use super::FieldChange;
use crate::kinds::field::{Codec, Field};
use crate::kinds::mapping::get_path;
use crate::text::Pointer;

/// The changed fields with their declared values, and the same fields with their live values.
///
/// A change inside a list takes the whole list along, since a list is written as a whole. Fields that a
/// kind's hooks translate are written together, since hooks see them together.
pub(crate) fn patch(
    fields: &[Field],
    changes: &[FieldChange],
    wanted: &Value,
    live: &Value,
) -> (Value, Value) {
    let (mut patch, mut expected) = (Value::Object(Map::new()), Value::Object(Map::new()));
    let mut take = |path: &[String]| {
        let find = |value: &Value| {
            path.iter()
                .try_fold(value, |value, key| value.get(key))
                .cloned()
                .unwrap_or(Value::Null)
        };
        set(&mut patch, path, find(wanted));
        set(&mut expected, path, find(live));
    };
    for change in changes {
        take(&written_path(&change.pointer, wanted));
    }
    let hooked: Vec<&Field> = fields
        .iter()
        .filter(|field| matches!(field.codec, Codec::Hook))
        .collect();
    let touches_hooks = |change: &FieldChange| {
        change.pointer.steps().nth(1).is_some_and(|top| {
            hooked
                .iter()
                .any(|field| field.spec.split('.').next() == Some(&top))
        })
    };
    if changes.iter().any(touches_hooks) {
        for field in hooked
            .iter()
            .filter(|field| get_path(wanted, field.spec).is_some())
        {
            take(&field.spec.split('.').map(str::to_owned).collect::<Vec<_>>());
        }
    }
    (patch, expected)
}

/// The part of `/spec/..` that is written: down to the first list.
fn written_path(pointer: &Pointer, wanted: &Value) -> Vec<String> {
    let mut value = Some(wanted);
    let mut path = Vec::new();
    for step in pointer.steps().skip(1) {
        if value.is_some_and(Value::is_array) {
            break;
        }
        value = value.and_then(|value| value.get(&step));
        path.push(step);
    }
    path
}

/// Sets a value by its keys, which may hold dots.
fn set(target: &mut Value, path: &[String], new: Value) {
    match path {
        [] => *target = new,
        [first, rest @ ..] => {
            if !target.is_object() {
                *target = Value::Object(Map::new());
            }
            if let Value::Object(map) = target {
                set(map.entry(first.clone()).or_insert(Value::Null), rest, new);
            }
        }
    }
}
