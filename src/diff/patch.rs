//! What an update writes: the changed fields and what the account holds in their place, in spec terms.

use serde_json::{Map, Value};

use super::FieldChange;
use crate::kinds::field::{Codec, Field};
use crate::kinds::mapping::{EXTRA, get_path};
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
    let nothing = || Value::Object(Map::new());
    let mut sides = PatchSides(nothing(), nothing());
    for change in changes {
        let path = written_path(&change.pointer, wanted);
        if path.len() + 1 == change.pointer.steps().count() {
            // What is held there may be something that no field can read.
            sides.set(&path, find(wanted, &path), change.before.clone());
        } else {
            sides.set(&path, find(wanted, &path), find(live, &path));
        }
    }
    let hooked = fields
        .iter()
        .filter(|field| matches!(field.codec, Codec::Hook));
    let hooked: Vec<&Field> = hooked.collect();
    let is_hooked =
        |top: String| (hooked.iter()).any(|field| field.spec.split('.').next() == Some(&top));
    let mut tops = changes
        .iter()
        .filter_map(|change| change.pointer.steps().nth(1));
    if tops.any(is_hooked) {
        // What goes as a whole takes the rest along, so all of it counts.
        let goes = |field: &&Field| get_path(wanted, field.spec).is_some_and(Value::is_null);
        let something_goes = hooked.iter().copied().any(|field| goes(&field));
        for field in hooked {
            let held = get_path(live, field.spec).filter(|_| something_goes);
            if let Some(held) = held.filter(|_| get_path(wanted, field.spec).is_none()) {
                let path: Vec<String> = field.spec.split('.').map(str::to_owned).collect();
                set(&mut sides.1, &path, held.clone());
            }
            if get_path(wanted, field.spec).is_some() {
                let path: Vec<String> = field.spec.split('.').map(str::to_owned).collect();
                sides.set(&path, find(wanted, &path), find(live, &path));
            }
            let unread = live.get(EXTRA).and_then(|extra| extra.get(field.wire));
            if let Some(unread) = unread {
                let path = [EXTRA.to_owned(), field.wire.to_owned()];
                set(&mut sides.1, &path, unread.clone());
            }
        }
    }
    (sides.0, sides.1)
}

/// What is written, and what is held in its place.
struct PatchSides(Value, Value);

impl PatchSides {
    fn set(&mut self, path: &[String], wanted: Value, live: Value) {
        set(&mut self.0, path, wanted);
        set(&mut self.1, path, live);
    }
}

fn find(value: &Value, path: &[String]) -> Value {
    let mut keys = path.iter();
    let found = keys.try_fold(value, |value, key| value.get(key));
    found.cloned().unwrap_or(Value::Null)
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
