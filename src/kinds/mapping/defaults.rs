//! What a create sends for fields that a spec leaves out.

use serde_json::Value;

use super::paths::{declared, set_path, take_path};
use super::{EXTRA, same};
use crate::kinds::KindDef;
use crate::kinds::field::Field;

/// `spec` with the defaults of the fields that it leaves out. An explicit null keeps a default away.
#[must_use]
pub fn with_defaults(def: &KindDef, spec: &Value) -> Value {
    let mut full = spec.clone();
    complete(&mut full, fixed_defaults(def.fields));
    let derived = (def.derived_defaults)(&full);
    complete(&mut full, derived);
    full
}

fn complete(spec: &mut Value, defaults: impl IntoIterator<Item = (&'static str, Value)>) {
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
        // What the platform does not return is not known to be missing.
        let is_unknown = is_unreturned(def.fields, path) && declared(spec, path).is_none();
        if !is_unknown {
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

fn is_unreturned(fields: &[Field], path: &str) -> bool {
    let mut fields = fields.iter();
    fields.any(|field| field.unreturned && field.spec == path)
}

pub(in crate::kinds) fn parse_literal(json: &str) -> Value {
    serde_json::from_str(json)
        .expect("defaults and constants of kinds are JSON: a test parses each")
}
