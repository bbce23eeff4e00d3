//! What a create sends for fields that a spec leaves out.

use serde_json::Value;

use super::paths::{declared, on_the_way, set_path, take_path};
use super::{EXTRA, same};
use crate::kinds::KindDef;
use crate::kinds::field::Field;

/// `spec` with the defaults of the fields that it leaves out. An explicit null keeps a default away, and so does `extra`
/// where it says what no field can: a default would be written over it, and every plan after that would miss it.
#[must_use]
pub fn with_defaults(def: &KindDef, spec: &Value) -> Value {
    let mut full = spec.clone();
    let is_free = |(path, _): &(&'static str, Value)| !is_in_extra(def.fields, spec, path);
    complete(&mut full, fixed_defaults(def.fields).filter(is_free));
    let derived = (def.derived_defaults)(&full);
    complete(&mut full, derived.into_iter().filter(is_free));
    full
}

/// Whether `extra` says something at the wire path of a field, or in the way of it.
fn is_in_extra(fields: &[Field], spec: &Value, path: &str) -> bool {
    let Some(extra) = spec.get(EXTRA) else {
        return false;
    };
    let mut fields = fields.iter();
    let field = fields.find(|field| field.spec == path && !field.wire.is_empty());
    field.is_some_and(|field| on_the_way(extra, field.wire).is_some())
}

/// Puts defaults where a spec says nothing.
pub(super) fn complete(
    spec: &mut Value,
    defaults: impl IntoIterator<Item = (&'static str, Value)>,
) {
    for (path, default) in defaults {
        if declared(spec, path).is_none() {
            set_path(spec, path, default);
        }
    }
}

/// `spec`, lifted from a whole body, without what a create sends anyway; what a create would send although
/// the live object lacks it is written as an explicit null.
#[must_use]
pub fn without_defaults(def: &KindDef, spec: &Value) -> Value {
    let mut tidy = spec.clone();
    for (path, default) in fixed_defaults(def.fields).chain((def.derived_defaults)(spec)) {
        if !is_unknown(def.fields, spec, path) {
            leave_out(&mut tidy, path, &default);
        }
    }
    let Some(collection) = def.collection else {
        return tidy;
    };
    for (key, json) in collection.create_constants {
        if collection.server_assigned.contains(key) {
            continue;
        }
        let path = match def.fields.iter().find(|field| field.wire == *key) {
            Some(field) => field.spec.to_owned(),
            None => format!("{EXTRA}.{key}"),
        };
        leave_out(&mut tidy, &path, &parse_literal(json));
    }
    tidy
}

fn fixed_defaults(fields: &[Field]) -> impl Iterator<Item = (&'static str, Value)> {
    fields
        .iter()
        .filter_map(|field| Some((field.spec, parse_literal(field.default?))))
}

fn leave_out(spec: &mut Value, path: &str, default: &Value) {
    match declared(spec, path) {
        Some(value) if same(value, default) => {
            take_path(spec, path);
        }
        None if !default.is_null() => set_path(spec, path, Value::Null),
        _ => {}
    }
}

/// Whether a field is not known to be missing, because the platform does not return it.
fn is_unknown(fields: &[Field], spec: &Value, path: &str) -> bool {
    let field = fields.iter().find(|field| field.spec == path);
    let is_held = |field: &Field| declared(spec, &format!("{EXTRA}.{}", field.wire)).is_some();
    field.is_some_and(|field| field.unreturned && !is_held(field)) && declared(spec, path).is_none()
}

pub(in crate::kinds) fn parse_literal(json: &str) -> Value {
    serde_json::from_str(json)
        .expect("defaults and constants of kinds are JSON: a test parses each")
}
