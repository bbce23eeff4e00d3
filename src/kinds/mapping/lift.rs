//! From wire to spec.

use serde_json::{Map, Value};

use super::open::{REF_KEY, written};
use super::paths::{drop_nulls, get_path, set_path, take_path};
use super::{EXTRA, PENDING_KEY};
use crate::kinds::field::{Codec, Field, FieldWords};
use crate::kinds::words::{is_raw, word_of_number};
use crate::kinds::{KindDef, Lookup};
use crate::text::number::{integer, natural, plain_number};

/// The spec of a wire body: every field that the body holds, and the remainder under `extra`.
#[must_use]
pub fn lift(def: &KindDef, body: &Value, lookup: &dyn Lookup) -> Value {
    lift_whole(def, body.clone(), lookup)
}

/// As [`lift`], for a body that is not needed any more.
#[must_use]
pub fn lift_whole(def: &KindDef, body: Value, lookup: &dyn Lookup) -> Value {
    let mut spec = lift_once(def, body, lookup);
    (def.read_more)(&mut spec, lookup);
    spec
}

/// As [`lift`], for a manifest: what no field takes is under `extra` only, and nothing of it is read beside that.
#[must_use]
pub fn lift_once(def: &KindDef, mut rest: Value, lookup: &dyn Lookup) -> Value {
    drop_server_assigned(def, &mut rest);
    let mut spec = Value::Object(Map::new());
    (def.begin_lift)(&mut rest, &mut spec, lookup);
    lift_nulls(def.fields, &mut rest, &mut spec);
    lift_fields(def.fields, &mut rest, &mut spec, lookup);
    keep_rest(rest, &mut spec);
    spec
}

/// Takes out of a body what the server assigns, and the nulls at its top, which it does not store.
pub fn drop_server_assigned(def: &KindDef, body: &mut Value) {
    for path in def
        .collection
        .map_or(&[][..], |collection| collection.server_assigned)
    {
        take_path(body, path);
    }
    drop_nulls(body);
}

/// Top-level nulls, which only `begin_lift` can have left: the key must not come back by a default.
fn lift_nulls(fields: &[Field], rest: &mut Value, spec: &mut Value) {
    for field in fields.iter().filter(|field| !field.wire.is_empty()) {
        if rest.get(field.wire).is_some_and(Value::is_null) {
            take_path(rest, field.wire);
            set_path(spec, field.spec, Value::Null);
        }
    }
}

fn lift_fields(fields: &[Field], rest: &mut Value, spec: &mut Value, lookup: &dyn Lookup) {
    for field in fields.iter().filter(|field| !field.wire.is_empty()) {
        let lifted = get_path(rest, field.wire)
            .filter(|value| !value.is_null())
            .and_then(|value| lift_value(&field.codec, value, lookup));
        if let Some(lifted) = lifted {
            take_path(rest, field.wire);
            set_path(spec, field.spec, lifted);
        }
    }
}

fn lift_value(codec: &Codec, value: &Value, lookup: &dyn Lookup) -> Option<Value> {
    match codec {
        Codec::Text => value.is_string().then(|| value.clone()),
        Codec::Bool => value.is_boolean().then(|| value.clone()),
        Codec::Int => integer(value).map(Value::from),
        Codec::Number => value.is_number().then(|| value.clone()),
        Codec::Texts => value
            .as_array()?
            .iter()
            .all(Value::is_string)
            .then(|| value.clone()),
        Codec::Json => Some(lift_refs(None, value, lookup)),
        Codec::JsonObject => (value.is_object()).then(|| lift_refs(None, value, lookup)),
        Codec::JsonWithRefs(kind) => Some(lift_refs(Some(kind), value, lookup)),
        Codec::Word(words) => lift_word(words, value),
        Codec::Percent => lift_percent(value),
        Codec::DateTime => lift_date_time(value.as_str()?),
        Codec::Ref(kind) => is_id(value).then(|| lookup.to_ref(kind, &plain_id(value))),
        Codec::RefSet(kind) => lift_ref_list(kind, value, lookup).map(sorted),
        Codec::RefList(kind) => lift_ref_list(kind, value, lookup),
        Codec::Object(fields) => value
            .is_object()
            .then(|| lift_object(fields, value, lookup)),
        Codec::List { fields, .. } => {
            let items = value.as_array()?;
            items.iter().all(Value::is_object).then(|| {
                items
                    .iter()
                    .map(|item| lift_object(fields, item, lookup))
                    .collect()
            })
        }
        Codec::Note(_) | Codec::Keyed(_) | Codec::Hook => None,
    }
}

/// The spec of a nested object, what no field takes under its `extra`; see [`lift`].
pub(in crate::kinds) fn lift_object(fields: &[Field], value: &Value, lookup: &dyn Lookup) -> Value {
    let mut rest = value.clone();
    let mut object = Value::Object(Map::new());
    lift_fields(fields, &mut rest, &mut object, lookup);
    keep_rest(rest, &mut object);
    object
}

fn lift_ref_list(kind: &'static str, value: &Value, lookup: &dyn Lookup) -> Option<Value> {
    let ids = value.as_array()?;
    ids.iter()
        .all(is_id)
        .then(|| (ids.iter().map(|id| lookup.to_ref(kind, &plain_id(id)))).collect())
}

/// An id as it is referred to: `4100000101`, also where the platform answers `4100000101.0`.
fn plain_id(id: &Value) -> Value {
    match id {
        Value::Number(number) => Value::Number(plain_number(number)),
        other => other.clone(),
    }
}

fn is_id(value: &Value) -> bool {
    // An object is the marker of an object still to be created, see `Lookup::to_id`.
    natural(value).is_some() || value.is_string() || value.get(PENDING_KEY).is_some()
}

fn sorted(list: Value) -> Value {
    let Value::Array(mut items) = list else {
        return list;
    };
    items.sort_by_cached_key(Value::to_string);
    items.dedup();
    Value::Array(items)
}

pub(super) fn lift_word(words: &FieldWords, value: &Value) -> Option<Value> {
    let Value::Number(number) = value else {
        return None;
    };
    match word_of_number(number, words) {
        Some(word) => Some(Value::from(word)),
        None => is_raw(number, words).then(|| Value::Number(plain_number(number))),
    }
}

fn lift_percent(value: &Value) -> Option<Value> {
    let text = match (natural(value), value.as_f64()?) {
        (Some(whole), _) => whole.to_string(),
        (None, share) if share > 0.0 && share.fract() != 0.0 => share.to_string(),
        _ => return None,
    };
    Some(Value::from(format!("{text}%")))
}

fn lift_date_time(text: &str) -> Option<Value> {
    let spec = text.replacen(' ', "T", 1);
    let date_time: jiff::civil::DateTime = spec.parse().ok()?;
    // Only what lowers to the very same text is ours; anything else stays verbatim in `extra`.
    (date_time.strftime("%Y-%m-%d %H:%M:%S").to_string() == text).then(|| Value::from(spec))
}

fn lift_refs(inside: Option<&'static str>, value: &Value, lookup: &dyn Lookup) -> Value {
    match value {
        Value::Number(_) | Value::String(_) => {
            lift_open_id(inside, value, lookup).unwrap_or_else(|| value.clone())
        }
        Value::Object(map) if map.contains_key(PENDING_KEY) => {
            let key = |key: &String| match key.as_str() {
                PENDING_KEY => REF_KEY.to_owned(),
                _ => key.clone(),
            };
            map.iter()
                .map(|(of, value)| (key(of), value.clone()))
                .collect()
        }
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), lift_refs(inside, value, lookup)))
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| lift_refs(inside, item, lookup))
            .collect(),
        other => other.clone(),
    }
}

/// Shorter numbers are too likely to be something else than an id. The platform's have ten digits.
const SHORTEST_ID: usize = 6;

/// The reference that an id in open JSON is, where its object is known by name.
fn lift_open_id(inside: Option<&'static str>, value: &Value, lookup: &dyn Lookup) -> Option<Value> {
    let (id, is_text) = match value {
        Value::Number(_) => (plain_id(value), false),
        Value::String(text) => match whole_id(text) {
            Some(id) => (id, true),
            None => (value.clone(), false),
        },
        _ => return None,
    };
    if let Some(kind) = inside
        && lookup.display_name(kind, &id).is_some()
    {
        return Some(written(lookup.to_ref(kind, &id), None, is_text));
    }
    let is_long = id.as_str().map_or_else(|| id.to_string().len(), str::len) >= SHORTEST_ID;
    let (kind, reference) = lookup.named(&id).filter(|_| is_long)?;
    Some(written(reference, Some(kind), is_text))
}

/// The number that a text of digits is, where it is spelled like the number.
fn whole_id(text: &str) -> Option<Value> {
    let number: u64 = text.parse().ok()?;
    (text.len() >= SHORTEST_ID && number.to_string() == text).then(|| number.into())
}

fn keep_rest(rest: Value, spec: &mut Value) {
    if rest.as_object().is_some_and(|rest| !rest.is_empty())
        && let Value::Object(spec) = spec
    {
        spec.insert(EXTRA.to_owned(), rest);
    }
}
