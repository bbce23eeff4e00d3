//! Spec to wire and back, driven by the field tables.
//!
//! Three operations, each the same for every kind:
//! - [`overlay`] puts declared spec fields on a wire body and leaves the rest of it alone; on an empty
//!   body this is lowering.
//! - [`lift`] turns a wire body into a spec. What no field takes ends up under `extra`, verbatim.
//! - [`canonical`] lowers and lifts declared fields, so that two spellings of one value compare equal.
//!
//! Nothing is lost: a wire value that a codec cannot read stays in `extra`, unknown numbers stay numbers.
//! For every body of the server's, `create_body(without_defaults(lift(body)))` is that body again, but for
//! server-assigned keys, top-level nulls and the order of id sets; a property test holds us to it.

use serde_json::{Map, Value};

use super::field::{Codec, Field, Word};
use super::words::{is_raw, word_of_number};
use super::{KindDef, Lookup};

/// The spec field that carries wire keys without a field of their own.
pub const EXTRA: &str = "extra";

/// Marks the name and reference key inside open JSON, `{$ref: checkout}`.
pub const REF_KEY: &str = "$ref";

/// Puts the declared fields of `spec` on `body`, which starts as the live body or as `{}`.
///
/// A declared null removes the wire key. Wire keys that `spec` does not declare stay as they are.
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

/// The spec of a wire body: every field that the body holds, and the remainder under `extra`.
#[must_use]
pub fn lift(def: &KindDef, body: &Value, lookup: &dyn Lookup) -> Value {
    lift_whole(def, body.clone(), lookup)
}

/// As [`lift`], for a body that nobody needs any more.
#[must_use]
pub fn lift_whole(def: &KindDef, mut rest: Value, lookup: &dyn Lookup) -> Value {
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
        leave_out(&mut tidy, path, &default);
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
        Some(_) => {}
        None => set_path(spec, path, Value::Null),
    }
}

/// One spec over another, as an engagement over its template: objects merge, lists with a key merge by
/// it, null takes the value of `base` away, anything else replaces.
///
/// A null where `base` has nothing stays, because it asks for the live value to be cleared.
#[must_use]
pub fn merge_specs(fields: &[Field], base: &Value, over: &Value) -> Value {
    merge_at(fields, "", base, over)
}

fn merge_at(fields: &[Field], at: &str, base: &Value, over: &Value) -> Value {
    let (Value::Object(base), Value::Object(over)) = (base, over) else {
        return over.clone();
    };
    let mut merged = Map::with_capacity(base.len() + over.len());
    for (key, below) in base {
        let value = match over.get(key) {
            None => below.clone(),
            Some(Value::Null) => continue,
            Some(value) => merge_field(fields, &dotted(at, key), below, value),
        };
        merged.insert(key.clone(), value);
    }
    let own = over.iter().filter(|(key, _)| !base.contains_key(*key));
    merged.extend(own.map(|(key, value)| (key.clone(), value.clone())));
    Value::Object(merged)
}

fn merge_field(fields: &[Field], path: &str, below: &Value, value: &Value) -> Value {
    let field = fields.iter().find(|field| field.spec == path);
    match field.map(|field| field.codec) {
        Some(Codec::Object(inner)) => merge_at(inner, "", below, value),
        Some(Codec::List {
            fields,
            key: Some(key),
        }) => merge_lists(fields, key, below, value),
        _ => merge_at(fields, path, below, value),
    }
}

fn dotted(at: &str, key: &str) -> String {
    match at {
        "" => key.to_owned(),
        _ => format!("{at}.{key}"),
    }
}

fn merge_lists(fields: &[Field], key: &str, base: &Value, over: &Value) -> Value {
    let (Value::Array(base), Value::Array(over)) = (base, over) else {
        return over.clone();
    };
    let mut merged = base.clone();
    for item in over {
        let wanted = identity(fields, key, item);
        match merged
            .iter_mut()
            .find(|below| wanted.is_some() && identity(fields, key, below) == wanted)
        {
            Some(below) => *below = merge_at(fields, "", below, item),
            None => merged.push(item.clone()),
        }
    }
    Value::Array(merged)
}

/// What tells an item of a list with a key from the others, however its word is spelled.
pub(super) fn identity(fields: &[Field], key: &str, item: &Value) -> Option<Value> {
    let value = item.get(key)?;
    let field = fields.iter().find(|field| field.spec == key)?;
    Some(match field.codec {
        Codec::Word(words) => lower_word(words, value),
        _ => value.clone(),
    })
}

/// Whether two JSON values mean the same: numbers by value, line ends folded, the rest literally.
#[must_use]
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64()))
        }
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
        let value = overlay_value(&field.codec, get_path(body, field.wire), declared, lookup);
        set_path(body, field.wire, value);
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
        Codec::Json | Codec::JsonObject => overlay_open(live, declared.clone()),
        Codec::JsonWithRefs(kind) => overlay_open(live, lower_refs(kind, declared, lookup)),
        Codec::Ref(kind) => lookup.to_id(kind, declared),
        Codec::RefSet(kind) | Codec::RefList(kind) => match declared {
            Value::Array(items) => items.iter().map(|item| lookup.to_id(kind, item)).collect(),
            other => other.clone(),
        },
        Codec::Word(words) => lower_word(words, declared),
        Codec::Percent => lower_percent(declared).unwrap_or_else(|| declared.clone()),
        Codec::DateTime => match declared {
            Value::String(text) => Value::from(text.replacen('T', " ", 1)),
            other => other.clone(),
        },
        Codec::Text | Codec::Bool | Codec::Int | Codec::Number | Codec::Texts | Codec::Hook => {
            declared.clone()
        }
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
pub(super) fn overlay_object(
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
    let live = live
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let key = key.and_then(|key| fields.iter().find(|field| field.spec == key));
    let wire_key = |item: &Value, key: &Field| {
        let declared = get_path(item, key.spec)?;
        Some(overlay_value(&key.codec, None, declared, lookup))
    };
    // Items that share a key are matched in their order.
    let counterpart = |index: usize, item: &Value| {
        let Some(key) = key else {
            return live.get(index);
        };
        let wanted = wire_key(item, key)?;
        let earlier = items[..index]
            .iter()
            .filter(|earlier| wire_key(earlier, key).is_some_and(|found| same(&found, &wanted)))
            .count();
        live.iter()
            .filter(|live| get_path(live, key.wire).is_some_and(|found| same(found, &wanted)))
            .nth(earlier)
    };
    items
        .iter()
        .enumerate()
        .map(|(index, item)| overlay_object(fields, counterpart(index, item), item, lookup))
        .collect()
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
        Codec::Int => value.is_i64().then(|| value.clone()),
        Codec::Number => value.is_number().then(|| value.clone()),
        Codec::Texts => value
            .as_array()?
            .iter()
            .all(Value::is_string)
            .then(|| value.clone()),
        Codec::Json => Some(value.clone()),
        Codec::JsonObject => value.is_object().then(|| value.clone()),
        Codec::JsonWithRefs(kind) => Some(lift_refs(kind, value, lookup)),
        Codec::Word(words) => lift_word(words, value),
        Codec::Percent => value
            .as_u64()
            .map(|number| Value::from(format!("{number}%"))),
        Codec::DateTime => lift_date_time(value.as_str()?),
        Codec::Ref(kind) => is_id(value).then(|| lookup.to_ref(kind, value)),
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
        Codec::Hook => None,
    }
}

/// The spec of a nested object, what no field takes under its `extra`; see [`lift`].
pub(super) fn lift_object(fields: &[Field], value: &Value, lookup: &dyn Lookup) -> Value {
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
        .then(|| ids.iter().map(|id| lookup.to_ref(kind, id)).collect())
}

fn is_id(value: &Value) -> bool {
    // An object is the marker of an object still to be created, see `Lookup::to_id`.
    value.is_u64() || value.is_string() || value.get(PENDING_KEY).is_some()
}

fn sorted(list: Value) -> Value {
    let Value::Array(mut items) = list else {
        return list;
    };
    items.sort_by_cached_key(Value::to_string);
    items.dedup();
    Value::Array(items)
}

fn lower_word(words: &[Word], declared: &Value) -> Value {
    let found = declared
        .as_str()
        .and_then(|text| words.iter().find(|word| word.word == text));
    found.map_or_else(|| declared.clone(), |word| word.wire.to_value())
}

fn lift_word(words: &[Word], value: &Value) -> Option<Value> {
    let Value::Number(number) = value else {
        return None;
    };
    match word_of_number(number, words) {
        Some(word) => Some(Value::from(word)),
        None => is_raw(number, words).then(|| value.clone()),
    }
}

fn lower_percent(declared: &Value) -> Option<Value> {
    declared
        .as_str()?
        .strip_suffix('%')?
        .parse::<u64>()
        .ok()
        .map(Value::from)
}

fn lift_date_time(text: &str) -> Option<Value> {
    let spec = text.replacen(' ', "T", 1);
    let date_time: jiff::civil::DateTime = spec.parse().ok()?;
    // Only what lowers to the very same text is ours; anything else stays verbatim in `extra`.
    (date_time.strftime("%Y-%m-%d %H:%M:%S").to_string() == text).then(|| Value::from(spec))
}

fn lower_refs(kind: &'static str, value: &Value, lookup: &dyn Lookup) -> Value {
    match value {
        Value::Object(map) if map.len() == 1 && map.contains_key(REF_KEY) => {
            lookup.to_id(kind, &map[REF_KEY])
        }
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), lower_refs(kind, value, lookup)))
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| lower_refs(kind, item, lookup))
            .collect(),
        other => other.clone(),
    }
}

fn lift_refs(kind: &'static str, value: &Value, lookup: &dyn Lookup) -> Value {
    let marker =
        |reference: Value| Value::Object(Map::from_iter([(REF_KEY.to_owned(), reference)]));
    match value {
        Value::Number(_) if lookup.display_name(kind, value).is_some() => {
            marker(lookup.to_ref(kind, value))
        }
        Value::Object(map) if map.len() == 1 && map.contains_key(PENDING_KEY) => {
            marker(lookup.to_ref(kind, value))
        }
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), lift_refs(kind, value, lookup)))
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| lift_refs(kind, item, lookup))
            .collect(),
        other => other.clone(),
    }
}

/// The key of the marker that stands for the id of an object still to be created: `{$pending: name}`.
pub const PENDING_KEY: &str = "$pending";

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

fn keep_rest(rest: Value, spec: &mut Value) {
    if rest.as_object().is_some_and(|rest| !rest.is_empty())
        && let Value::Object(spec) = spec
    {
        spec.insert(EXTRA.to_owned(), rest);
    }
}

/// JSON Merge Patch (RFC 7396): objects merge, null removes, anything else replaces.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            target.shift_remove(key);
        } else if value.is_object() {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        } else {
            target.insert(key.clone(), value.clone());
        }
    }
}

/// Open JSON over live open JSON: as [`merge`], but what is new goes in verbatim, nulls inside it included.
fn merge_open(target: &mut Value, patch: &Value) {
    let (Value::Object(target), Value::Object(patch)) = (&mut *target, patch) else {
        *target = patch.clone();
        return;
    };
    for (key, value) in patch {
        match target.get_mut(key) {
            Some(live) if value.is_null() => {
                if !live.is_null() {
                    target.shift_remove(key);
                }
            }
            Some(live) => merge_open(live, value),
            None if value.is_null() => {}
            None => {
                target.insert(key.clone(), value.clone());
            }
        }
    }
}

/// What a spec says at a dotted path; a null on the way there is a null for all below it.
fn declared<'a>(spec: &'a Value, path: &str) -> Option<&'a Value> {
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

fn drop_nulls(body: &mut Value) {
    if let Value::Object(body) = body {
        body.retain(|_, value| !value.is_null());
    }
}

pub(super) fn parse_literal(json: &str) -> Value {
    serde_json::from_str(json)
        .expect("defaults and constants of kinds are JSON: a test parses each")
}
