//! Dotted paths into JSON.

use serde_json::{Map, Value};

/// What a spec says at a dotted path; a null on the way there is a null for all below it.
pub(super) fn declared<'a>(spec: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(spec, |value, key| {
        if value.is_null() {
            Some(value)
        } else {
            value.get(key)
        }
    })
}

/// The value at a dotted path.
#[must_use]
pub fn get_path<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

/// Sets the value at a dotted path, making objects on the way.
pub fn set_path(value: &mut Value, path: &str, new: Value) {
    let (head, tail) = path
        .split_once('.')
        .map_or((path, None), |(head, tail)| (head, Some(tail)));
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Value::Object(map) = value else { return };
    match tail {
        None => {
            map.insert(head.to_owned(), new);
        }
        Some(tail) => set_path(
            map.entry(head.to_owned())
                .or_insert_with(|| Value::Object(Map::new())),
            tail,
            new,
        ),
    }
}

/// Removes and returns the value at a dotted path; an object that this empties goes too.
pub fn take_path(value: &mut Value, path: &str) -> Option<Value> {
    let map = value.as_object_mut()?;
    let Some((head, tail)) = path.split_once('.') else {
        return map.shift_remove(path);
    };
    let inner = map.get_mut(head)?;
    let taken = take_path(inner, tail)?;
    if inner.as_object().is_some_and(Map::is_empty) {
        map.shift_remove(head);
    }
    Some(taken)
}

pub(super) fn drop_nulls(body: &mut Value) {
    if let Value::Object(body) = body {
        body.retain(|_, value| !value.is_null());
    }
}

/// What a wire body holds at a dotted path, or further up in the way of it; none for null.
pub(super) fn on_the_way<'v>(extra: &'v Value, path: &str) -> Option<&'v Value> {
    let mut value = extra;
    for key in path.split('.') {
        match value {
            Value::Object(map) => value = map.get(key)?,
            _ => break,
        }
    }
    Some(value).filter(|value| !value.is_null())
}
