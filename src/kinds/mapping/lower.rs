//! From spec to wire.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::defaults::{parse_literal, with_defaults};
use super::items::{WithKey, key_field, pair, spec_key, wire_key, without};
use super::merge::merge_open;
use super::open::{OpenReference, REF_KEY, open_reference};
use super::paths::{declared, drop_nulls, get_path, set_path, take_path};
use super::{EXTRA, PENDING_KEY, same};
use crate::kinds::field::{Codec, Field, FieldWords};
use crate::kinds::{KindDef, Lookup};
use crate::text::number::plain_number;

/// Puts the declared fields of `spec` on `body`, which starts as the live body or as `{}`.
///
/// A declared null removes the wire key. Wire keys that `spec` does not declare stay as they are, and so does an
/// order that means nothing.
pub fn overlay(def: &KindDef, body: &mut Value, spec: &Value, lookup: &dyn Lookup) {
    (def.begin_lower)(body);
    overlay_fields(def.fields, body, spec, lookup);
    (def.finish_lower)(spec, body, lookup);
}

/// The body of a create: constants of the kind, defaults, then the spec.
#[must_use]
pub fn create_body(def: &KindDef, spec: &Value, lookup: &dyn Lookup) -> Value {
    let mut body = Value::Object(Map::new());
    for (key, json) in def
        .collection
        .map_or(&[][..], |collection| collection.create_constants)
    {
        set_path(&mut body, key, parse_literal(json));
    }
    overlay(def, &mut body, &with_defaults(def, spec), lookup);
    drop_nulls(&mut body);
    body
}

fn overlay_fields(fields: &[Field], body: &mut Value, spec: &Value, lookup: &dyn Lookup) {
    let declared_fields = || {
        fields
            .iter()
            .filter(|field| !field.wire.is_empty() && !matches!(field.codec, Codec::Hook))
            .filter_map(|field| Some((field, declared(spec, field.spec)?)))
    };
    // Nulls, then `extra`, then the rest: a field of its own wins over the same key in `extra`, but a
    // null beside a value in `extra` only says that the field has no default.
    for (field, _) in declared_fields().filter(|(_, value)| value.is_null()) {
        take_path(body, field.wire);
    }
    if let Some(extra @ Value::Object(_)) = spec.get(EXTRA) {
        merge_open(body, extra);
    }
    for (field, declared) in declared_fields().filter(|(_, value)| !value.is_null()) {
        let live = get_path(body, field.wire);
        let value = overlay_value(&field.codec, live, declared, lookup);
        // What is equal stays as the platform spells it: `10.0` is not written as `10`.
        if !live.is_some_and(|live| same(live, &value)) {
            set_path(body, field.wire, value);
        }
    }
}

fn overlay_value(
    codec: &Codec,
    live: Option<&Value>,
    declared: &Value,
    lookup: &dyn Lookup,
) -> Value {
    match codec {
        Codec::Object(fields) => overlay_object(fields, live, declared, lookup),
        Codec::List { fields, key } => overlay_list(fields, *key, live, declared, lookup),
        Codec::Json | Codec::JsonObject => overlay_open(live, lower_refs(None, declared, lookup)),
        Codec::JsonWithRefs(kind) => overlay_open(live, lower_refs(Some(kind), declared, lookup)),
        Codec::Ref(kind) => lookup.to_id(kind, declared),
        Codec::RefSet(kind) => overlay_set(live, lower_ref_list(kind, declared, lookup)),
        Codec::RefList(kind) => lower_ref_list(kind, declared, lookup),
        Codec::Word(words) => lower_word(words, declared),
        Codec::Percent => lower_percent(declared).unwrap_or_else(|| declared.clone()),
        Codec::DateTime => match declared {
            Value::String(text) => Value::from(text.replacen('T', " ", 1)),
            other => other.clone(),
        },
        Codec::Text
        | Codec::Bool
        | Codec::Int
        | Codec::Number
        | Codec::Texts
        | Codec::Note(_)
        | Codec::Keyed(_)
        | Codec::Hook => declared.clone(),
    }
}

fn overlay_open(live: Option<&Value>, declared: Value) -> Value {
    match live {
        Some(live @ Value::Object(_)) if declared.is_object() => {
            let mut value = live.clone();
            merge_open(&mut value, &declared);
            value
        }
        _ => declared,
    }
}

/// Puts the declared fields on a nested object; see [`overlay`].
pub(in crate::kinds) fn overlay_object(
    fields: &[Field],
    live: Option<&Value>,
    declared: &Value,
    lookup: &dyn Lookup,
) -> Value {
    let mut object = match (live, declared.get(EXTRA)) {
        (Some(live @ Value::Object(_)), _) => live.clone(),
        // A new object takes `extra` verbatim, nulls included.
        (_, Some(extra @ Value::Object(_))) => extra.clone(),
        _ => Value::Object(Map::new()),
    };
    overlay_fields(fields, &mut object, declared, lookup);
    object
}

fn overlay_list(
    fields: &[Field],
    key: Option<&str>,
    live: Option<&Value>,
    declared: &Value,
    lookup: &dyn Lookup,
) -> Value {
    let Value::Array(items) = declared else {
        return declared.clone();
    };
    let live = live.and_then(Value::as_array);
    let live = live.map_or(&[][..], Vec::as_slice);
    let key = key_field(fields, key);
    let partners = wire_partners(fields, key, items, live, lookup);
    let laid = items.iter().zip(&partners).map(|(item, partner)| {
        let live = partner.and_then(|partner| live.get(partner));
        (*partner, overlay_object(fields, live, item, lookup))
    });
    let mut laid: Vec<_> = laid.collect();
    // The order of items that are told apart by a key means nothing: where they are the same ones, it stays.
    let is_complete = partners.iter().all(Option::is_some) && items.len() == live.len();
    if key.is_some() && is_complete {
        laid.sort_by_key(|(partner, _)| *partner);
    }
    laid.into_iter().map(|(_, item)| item).collect()
}

/// For every declared item, the position of its partner on the wire; as for two specs.
fn wire_partners(
    fields: &[Field],
    key: Option<&Field>,
    items: &[Value],
    live: &[Value],
    lookup: &dyn Lookup,
) -> Vec<Option<usize>> {
    let keys: Option<(Vec<_>, Vec<_>)> = key.map(|key| {
        let ours = items.iter().map(|item| spec_key(key, item));
        let theirs = live.iter().map(|item| wire_key(key, item));
        (ours.collect(), theirs.collect())
    });
    let agree = |at: usize, other: usize, with_key: WithKey| {
        let mut item = drop_inner_nulls(&items[at]);
        if let Some(key) = key.filter(|_| with_key == WithKey::No) {
            item = without(key, &item);
        }
        let laid = overlay_object(fields, Some(&live[other]), &item, lookup);
        live[other].is_object() && same(&laid, &live[other])
    };
    let keys = keys.as_ref().map(|(ours, theirs)| (&ours[..], &theirs[..]));
    let is_name = key.is_some_and(|key| matches!(key.codec, Codec::Text));
    pair(keys, (items, live.len()), is_name, &agree)
}

/// A spec without the nulls that ask for something to go.
fn drop_inner_nulls(spec: &Value) -> Value {
    match spec {
        Value::Object(map) => {
            let said = map.iter().filter(|(_, value)| !value.is_null());
            said.map(|(key, value)| (key.clone(), drop_inner_nulls(value)))
                .collect()
        }
        other => other.clone(),
    }
}

/// The ids of references whose order means nothing: the live ones stay in theirs when they are the same.
fn overlay_set(live: Option<&Value>, ids: Value) -> Value {
    let list = |ids: &Value| {
        let ids = ids.as_array().into_iter().flatten();
        ids.map(Value::to_string).collect::<BTreeSet<_>>()
    };
    match live {
        Some(live @ Value::Array(_)) if list(live) == list(&ids) => live.clone(),
        _ => ids,
    }
}

pub(super) fn lower_word(words: &FieldWords, declared: &Value) -> Value {
    let found = declared.as_str().and_then(|text| words.get(text));
    found.map_or_else(|| declared.clone(), |word| word.wire.to_value())
}

fn lower_percent(declared: &Value) -> Option<Value> {
    let number = declared.as_str()?.strip_suffix('%')?;
    if let Ok(whole) = number.parse::<u64>() {
        return Some(Value::from(whole));
    }
    let share = Number::from_f64(number.parse().ok()?)?;
    Some(Value::Number(plain_number(&share)))
}

fn lower_ref_list(kind: &'static str, declared: &Value, lookup: &dyn Lookup) -> Value {
    match declared {
        Value::Array(items) => items.iter().map(|item| lookup.to_id(kind, item)).collect(),
        other => other.clone(),
    }
}

fn lower_refs(inside: Option<&'static str>, value: &Value, lookup: &dyn Lookup) -> Value {
    match value {
        Value::Object(map) => match open_reference(map, inside) {
            Some(found) => lower_open_reference(found, map, lookup),
            None => map
                .iter()
                .map(|(key, value)| (key.clone(), lower_refs(inside, value, lookup)))
                .collect(),
        },
        Value::Array(items) => items
            .iter()
            .map(|item| lower_refs(inside, item, lookup))
            .collect(),
        other => other.clone(),
    }
}

/// The id of an object; what else is said of it stays beside the marker of one that is not there yet.
fn lower_open_reference(
    found: OpenReference<'_>,
    map: &Map<String, Value>,
    lookup: &dyn Lookup,
) -> Value {
    let id = lookup.to_id(found.kind, found.reference);
    match id.get(PENDING_KEY) {
        Some(pending) => {
            let rest = map.iter().filter(|(key, _)| *key != REF_KEY);
            let rest = rest.map(|(key, value)| (key.clone(), value.clone()));
            let pending = [(PENDING_KEY.to_owned(), pending.clone())];
            pending.into_iter().chain(rest).collect()
        }
        None if found.is_text && id.is_number() => Value::from(id.to_string()),
        None => id,
    }
}
