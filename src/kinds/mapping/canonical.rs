//! One spelling for every value, and whether two values mean the same.

use serde_json::{Map, Value};

use super::lift::lift_whole;
use super::lower::overlay;
use super::paths::{get_path, set_path, take_path};
use crate::kinds::field::{Codec, Field};
use crate::kinds::{KindDef, Lookup};
use crate::text::number::same_number;

/// The declared fields in their one canonical spelling, explicit nulls kept.
#[must_use]
pub fn canonical(def: &KindDef, spec: &Value, lookup: &dyn Lookup) -> Value {
    let mut body = Value::Object(Map::new());
    overlay(def, &mut body, spec, lookup);
    let mut lifted = lift_whole(def, body, lookup);
    drop_undeclared_hooks(def.fields, spec, &mut lifted);
    keep_unmapped(def.fields, spec, &mut lifted);
    restore_nulls(spec, &mut lifted);
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

/// Whether two JSON values mean the same: numbers by value, line ends folded, the rest literally.
#[must_use]
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::String(a), Value::String(b)) => {
            a == b || a.replace("\r\n", "\n") == b.replace("\r\n", "\n")
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
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

fn restore_nulls(declared: &Value, lifted: &mut Value) {
    let Value::Object(declared) = declared else {
        return;
    };
    for (key, value) in declared {
        match value {
            Value::Null => set_path_if_absent(lifted, key),
            Value::Object(_) => {
                if let Some(inner) = lifted.get_mut(key) {
                    restore_nulls(value, inner);
                } else {
                    let mut inner = Value::Object(Map::new());
                    restore_nulls(value, &mut inner);
                    if inner.as_object().is_some_and(|inner| !inner.is_empty())
                        && let Value::Object(lifted) = lifted
                    {
                        lifted.insert(key.clone(), inner);
                    }
                }
            }
            _ => {}
        }
    }
}

fn set_path_if_absent(lifted: &mut Value, key: &str) {
    if let Value::Object(lifted) = lifted
        && !lifted.contains_key(key)
    {
        lifted.insert(key.to_owned(), Value::Null);
    }
}
