//! Keys of the platform below `extra` that have a field of their own, or that the platform assigns.
//!
//! `extra` is for keys without a field. Guards, plans and comparisons look at fields: a campaign that `extra: { status: 1 }`
//! publishes would be published unseen. What is owned follows from the tables and hooks, and from nothing else: a spec is
//! put on a body and read again, and what does not come back under `extra` was a field's.
//!
//! ```text
//! spec                      body           read again
//! extra: { status: 1 }      status: 1      state: published      the field `state` owns it
//! extra: { status: soon }   status: soon   extra: { .. }         no field can say it: an export keeps it there
//! ```

use serde_json::{Map, Value};

use super::field::{Codec, Field};
use super::mapping::{EXTRA, PENDING_KEY, get_path, lift_once, overlay, same};
use super::{KindDef, KindId, Lookup};
use crate::text::Pointer;

/// A key below `extra` that is not for a manifest to write there.
#[derive(Clone, Debug, PartialEq)]
pub struct Owned {
    /// Where it is, below `spec`.
    pub pointer: Pointer,
    /// Whose it is.
    pub owner: KeyOwner,
}

/// Whose a key of the platform is.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyOwner {
    /// That of fields, by their paths below the object that has the `extra`; of one field with what it would say.
    Fields(Vec<String>, Option<Value>),
    /// The platform's own: ids, revisions, dates.
    Platform,
}

/// Every key below an `extra` of a spec that has another owner.
#[must_use]
pub fn owned_in_extra(def: &'static KindDef, spec: &Value) -> Vec<Owned> {
    let mut found = Vec::new();
    if !has_extra(spec) {
        return found;
    }
    let def = written_as(def);
    let mut body = Value::Object(Map::new());
    overlay(def, &mut body, spec, &AsWritten);
    let read = lift_once(def, body, &AsWritten);
    assigned(def, spec, &mut found);
    object(def.fields, (spec, &read), &Pointer::root(), &mut found);
    found
}

/// The kind that the account knows a spec as: a template is expanded into objects of the kind that names it.
fn written_as(def: &'static KindDef) -> &'static KindDef {
    let is_of = |other: &&KindDef| {
        other
            .template
            .as_ref()
            .is_some_and(|it| it.kind == def.name)
    };
    let mut kinds = KindId::all().map(KindId::def);
    let remote = kinds.find(|other| other.collection.is_some() && is_of(other));
    remote.filter(|_| def.collection.is_none()).unwrap_or(def)
}

fn has_extra(spec: &Value) -> bool {
    match spec {
        Value::Object(map) => {
            map.get(EXTRA).is_some_and(Value::is_object) || map.values().any(has_extra)
        }
        Value::Array(items) => items.iter().any(has_extra),
        _ => false,
    }
}

/// What the server assigns, and nulls at the top, which take away what a field says.
fn assigned(def: &KindDef, spec: &Value, found: &mut Vec<Owned>) {
    let Some(Value::Object(extra)) = spec.get(EXTRA) else {
        return;
    };
    let at = Pointer::root().key(EXTRA);
    let collection = def.collection;
    let assigned = collection.map_or(&[][..], |collection| collection.server_assigned);
    let is_there = |path: &&&str| get_path(&spec[EXTRA], path).is_some();
    found.extend(assigned.iter().filter(is_there).map(|path| Owned {
        pointer: path.split('.').fold(at.clone(), |at, step| at.key(step)),
        owner: KeyOwner::Platform,
    }));
    let in_other_case = |key: &&String| {
        let mut assigned = assigned.iter();
        assigned.any(|path| *path != **key && path.eq_ignore_ascii_case(key))
    };
    found.extend(extra.keys().filter(in_other_case).map(|key| Owned {
        pointer: at.key(key),
        owner: KeyOwner::Platform,
    }));
    for (key, _) in extra.iter().filter(|(_, value)| value.is_null()) {
        let fields = fields_at(def.fields, key);
        if !fields.is_empty() {
            found.push(Owned {
                pointer: at.key(key),
                owner: KeyOwner::Fields(fields, None),
            });
        }
    }
}

/// The fields that are at a path of the wire, above it or below it.
fn fields_at(fields: &[Field], path: &str) -> Vec<String> {
    let is_around = |outer: &str, inner: &str| {
        let head = inner.get(..outer.len()); // no server has two keys that differ by their case
        let is_it = head.is_some_and(|head| head.eq_ignore_ascii_case(outer));
        is_it && (inner.len() == outer.len() || inner[outer.len()..].starts_with('.'))
    };
    let fields = fields.iter().filter(|field| !field.wire.is_empty());
    let fields = fields
        .filter(|field| is_around(field.wire, path) || is_around(path, field.wire))
        .map(|field| field.spec.to_owned());
    fields.collect()
}

/// Compares the `extra` of an object, and of those inside of it, with what was read again.
fn object(fields: &'static [Field], pair: (&Value, &Value), at: &Pointer, found: &mut Vec<Owned>) {
    let (spec, read) = pair;
    if let Some(extra @ Value::Object(_)) = spec.get(EXTRA) {
        let kept = read.get(EXTRA).unwrap_or(&Value::Null);
        for path in taken(fields, extra, kept) {
            let pointer = path.split('.').fold(at.key(EXTRA), |at, step| at.key(step));
            let is_known = found.iter().any(|it| pointer.starts_with(&it.pointer));
            if !is_known {
                let owner = owner(fields, &path, pair);
                found.push(Owned { pointer, owner });
            }
        }
    }
    for field in fields {
        let (Some(spec), Some(read)) = (get_path(spec, field.spec), get_path(read, field.spec))
        else {
            continue;
        };
        let steps = field.spec.split('.');
        let here = steps.fold(at.clone(), |pointer, step| pointer.key(step));
        match &field.codec {
            Codec::Object(fields) => object(fields, (spec, read), &here, found),
            Codec::List { fields, .. } => {
                let pairs = items(spec).iter().zip(items(read)).enumerate();
                for (index, pair) in pairs {
                    object(fields, pair, &here.index(index), found);
                }
            }
            Codec::Hook => inside(spec, read, &here, found),
            _ => {}
        }
    }
}

/// The same inside of what only the hooks of a kind know, as far as it was read in the shape in which it is written.
fn inside(spec: &Value, read: &Value, at: &Pointer, found: &mut Vec<Owned>) {
    match (spec, read) {
        (Value::Object(map), Value::Object(_)) => {
            object(&[], (spec, read), at, found);
            for (key, value) in map.iter().filter(|(key, _)| *key != EXTRA) {
                if let Some(read) = read.get(key) {
                    inside(value, read, &at.key(key), found);
                }
            }
        }
        (Value::Array(spec), Value::Array(read)) if spec.len() == read.len() => {
            for (index, (spec, read)) in spec.iter().zip(read).enumerate() {
                inside(spec, read, &at.index(index), found);
            }
        }
        _ => {}
    }
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// The paths below an `extra` that did not come back, or that a lenient server takes for what a field says.
fn taken(fields: &[Field], extra: &Value, kept: &Value) -> Vec<String> {
    let mut leaves = Vec::new();
    collect(extra, "", &mut leaves);
    let leaves = leaves.into_iter();
    leaves
        .filter(|(path, value)| {
            get_path(kept, path).is_none_or(|kept| !same(kept, value))
                || fields
                    .iter()
                    .any(|field| field.wire == path && is_meant(&field.codec, value))
        })
        .map(|(path, _)| path)
        .collect()
}

/// The values below an object with their dotted paths; nulls at its top and empty objects aside.
fn collect<'v>(value: &'v Value, path: &str, leaves: &mut Vec<(String, &'v Value)>) {
    match value {
        Value::Null if !path.contains('.') => {}
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                // Keys of the platform hold no dots; one that does is nobody's.
                if !key.contains('.') {
                    collect(value, &path, leaves);
                }
            }
        }
        _ => leaves.push((path.to_owned(), value)),
    }
}

/// Whether a text means what the field says: servers that are lenient take `"1"` for 1, and no account answers it. Values
/// of another type are another matter: accounts hold some, and an export of them has to be a valid manifest.
fn is_meant(codec: &Codec, value: &Value) -> bool {
    let Value::String(text) = value else {
        return false;
    };
    let text = text.trim();
    match codec {
        Codec::Word(_) | Codec::Int | Codec::Number | Codec::Percent => text.parse::<f64>().is_ok(),
        Codec::Bool => ["true", "false", "0", "1"].contains(&text),
        _ => false,
    }
}

/// Whose a path below `extra` is.
fn owner(fields: &[Field], path: &str, (spec, read): (&Value, &Value)) -> KeyOwner {
    let named = fields_at(fields, path);
    if let [name] = named.as_slice() {
        let says = get_path(read, name).filter(|_| get_path(spec, name).is_none());
        return KeyOwner::Fields(named.clone(), says.cloned());
    }
    if !named.is_empty() {
        return KeyOwner::Fields(named, None);
    }
    // Only a hook knows: the fields that were read and not written.
    let read = read.as_object().into_iter().flatten();
    let new = read.filter(|(key, _)| *key != EXTRA && spec.get(key.as_str()).is_none());
    KeyOwner::Fields(new.map(|(key, _)| key.clone()).collect(), None)
}

/// References as they are written: what is owned does not depend on an account.
pub(super) struct AsWritten;

impl Lookup for AsWritten {
    fn to_id(&self, _: &'static str, reference: &Value) -> Value {
        let id = reference.get("id").cloned();
        id.unwrap_or_else(|| {
            Value::Object(Map::from_iter([(
                PENDING_KEY.to_owned(),
                reference.clone(),
            )]))
        })
    }

    fn to_ref(&self, _: &'static str, id: &Value) -> Value {
        let pending = id.get(PENDING_KEY).cloned();
        pending.unwrap_or_else(|| Value::Object(Map::from_iter([("id".to_owned(), id.clone())])))
    }

    fn display_name(&self, _: &'static str, _: &Value) -> Option<String> {
        None
    }
}
