//! One spelling for every value.

use serde_json::{Map, Value};

use super::EXTRA;
use super::lift::lift_whole;
use super::lower::overlay;
use super::paths::{get_path, set_path, take_path};
use super::shape::{KeyScope, ValueShape};
use crate::kinds::field::{Codec, Field};
use crate::kinds::{KindDef, Lookup};

/// The declared fields in their one canonical spelling, explicit nulls kept.
#[must_use]
pub fn canonical(def: &KindDef, spec: &Value, lookup: &dyn Lookup) -> Value {
    let mut body = Value::Object(Map::new());
    overlay(def, &mut body, spec, lookup);
    let mut lifted = lift_whole(def, body, lookup);
    drop_undeclared_hooks(def.fields, spec, &mut lifted);
    keep_unmapped(def.fields, spec, &mut lifted);
    let shape = ValueShape::Object(KeyScope::table(def.fields));
    restore_nulls(shape, spec, &mut lifted);
    lifted
}

/// `spec` with its keys in the order of the table, `extra` and what the table does not know last.
#[must_use]
pub fn in_table_order(fields: &[Field], spec: Value) -> Value {
    let Value::Object(mut rest) = spec else {
        return spec;
    };
    let mut ordered = Map::with_capacity(rest.len());
    for field in fields {
        let top = field.spec.split('.').next().unwrap_or(field.spec);
        if let Some(value) = rest.shift_remove(top) {
            ordered.insert(top.to_owned(), value);
        }
    }
    ordered.extend(rest);
    Value::Object(ordered)
}

/// Fields that hooks translate share wire keys, so that lifting one may bring others along.
fn drop_undeclared_hooks(fields: &[Field], spec: &Value, lifted: &mut Value) {
    for field in fields {
        if matches!(field.codec, Codec::Hook) && get_path(spec, field.spec).is_none() {
            take_path(lifted, field.spec);
        }
    }
}

/// Fields without a wire place (the parent, the template) and hook fields that did not lift come back
/// as declared.
fn keep_unmapped(fields: &[Field], spec: &Value, lifted: &mut Value) {
    for field in fields.iter().filter(|field| field.wire.is_empty()) {
        if let Some(value) = get_path(spec, field.spec) {
            set_path(lifted, field.spec, value.clone());
        }
    }
}

/// Nulls are lost on the wire and come back as declared.
fn restore_nulls(shape: ValueShape<'_>, spec: &Value, lifted: &mut Value) {
    match (shape, spec, &mut *lifted) {
        (ValueShape::List(items), Value::Array(spec), Value::Array(lifted)) => {
            let shape = ValueShape::Object(KeyScope::table(items.fields));
            let items = spec.iter().zip(lifted);
            items.for_each(|(spec, lifted)| restore_nulls(shape, spec, lifted));
        }
        (ValueShape::Object(scope), Value::Object(map), Value::Object(_)) => {
            for (key, value) in map {
                restore_null(scope, key, value, lifted);
            }
        }
        _ => {}
    }
}

fn restore_null(scope: KeyScope<'_>, key: &str, value: &Value, lifted: &mut Value) {
    match value {
        // A note has no spelling of the platform's to be told from.
        _ if scope.is_note(key) => {}
        // That nothing else is declared is no value.
        Value::Null if key == EXTRA && scope.is_root() => {}
        Value::Null => set_path_if_absent(lifted, key),
        Value::Object(_) | Value::Array(_) => {
            let shape = scope.shape(key);
            if let Some(inner) = lifted.get_mut(key) {
                return restore_nulls(shape, value, inner);
            }
            let mut inner = Value::Object(Map::new());
            restore_nulls(shape, value, &mut inner);
            if inner.as_object().is_some_and(|inner| !inner.is_empty())
                && let Value::Object(lifted) = lifted
            {
                lifted.insert(key.to_owned(), inner);
            }
        }
        _ => {}
    }
}

fn set_path_if_absent(lifted: &mut Value, key: &str) {
    if let Value::Object(lifted) = lifted
        && !lifted.contains_key(key)
    {
        lifted.insert(key.to_owned(), Value::Null);
    }
}
