//! One JSON value over another: specs by their field tables, open JSON by its keys.

use serde_json::{Map, Value};

use super::compare::shape_at;
use super::items::{key_field, partners, spec_key};
use super::shape::ValueShape;
use super::{PENDING_KEY, get_path, set_path};
use crate::kinds::field::{Codec, Field};
use crate::text::{Pointer, merges, stands_for_a_value};

/// One spec over another, as an engagement over its template: objects merge, lists with a key merge by
/// it, null takes the value of `base` away, anything else replaces.
///
/// A null where `base` has nothing stays, because it asks for the live value to be cleared.
#[must_use]
pub fn merge_specs(fields: &[Field], base: &Value, over: &Value) -> Value {
    merge_at(fields, "", base, over)
}

fn merge_at(fields: &[Field], at: &str, base: &Value, over: &Value) -> Value {
    let (Value::Object(base), Value::Object(over), true) = (base, over, merges(base, over)) else {
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
    let key = key_field(fields, Some(key));
    let identity = |item: &Value| spec_key(key?, item);
    let mut merged = base.clone();
    for item in over {
        let wanted = identity(item);
        match merged
            .iter_mut()
            .find(|below| wanted.is_some() && identity(below) == wanted)
        {
            Some(below) => *below = merge_at(fields, "", below, item),
            None => merged.push(item.clone()),
        }
    }
    Value::Array(merged)
}

/// A declared value as it will be once it is written over what is held at its place: items of a list have what they do
/// not declare from their partners.
#[must_use]
pub fn written_over(
    fields: &'static [Field],
    pointer: &Pointer,
    declared: &Value,
    held: &Value,
) -> Value {
    let (Value::Array(ours), Value::Array(theirs)) = (declared, held) else {
        return declared.clone();
    };
    let ValueShape::List(items) = shape_at(fields, pointer) else {
        return declared.clone();
    };
    let partners = partners(items, ours, theirs).into_iter();
    let laid = ours.iter().zip(partners).map(|(item, partner)| {
        let partner = partner.and_then(|at| theirs.get(at));
        partner.map_or_else(
            || item.clone(),
            |held| merge_specs(items.fields, held, item),
        )
    });
    laid.collect()
}

/// A held spec with what is declared over it, for an object that takes the place of another one: what nobody declares goes
/// along. Of a list that is declared, the declared items are all: what was taken out of it does not come back.
#[must_use]
pub fn carried_over(fields: &'static [Field], held: &Value, declared: &Value) -> Value {
    let mut carried = merge_specs(fields, held, declared);
    for field in fields {
        let (Some(held), Some(declared)) =
            (get_path(held, field.spec), get_path(declared, field.spec))
        else {
            continue;
        };
        let value = match field.codec {
            Codec::List { .. } => {
                let steps = field.spec.split('.');
                let place = steps.fold(Pointer::root(), |place, step| place.key(step));
                written_over(fields, &place, declared, held)
            }
            Codec::Object(inner) if declared.is_object() && held.is_object() => {
                carried_over(inner, held, declared)
            }
            _ => continue,
        };
        set_path(&mut carried, field.spec, value);
    }
    carried
}

/// JSON Merge Patch (RFC 7396): objects merge, null removes, anything else replaces. One way to name an object replaces
/// another, see [`merges`].
pub fn merge(target: &mut Value, patch: &Value) {
    if target.is_object() && patch.is_object() && !merges(target, patch) {
        target.clone_from(patch);
        return;
    }
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

/// One patch after another: as [`merge`], but a null stays, because it asks for something to go.
pub fn join(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch))
            if !stands_for_a_value(target) && !stands_for_a_value(patch) =>
        {
            for (key, value) in patch {
                match target.get_mut(key) {
                    Some(known) => join(known, value),
                    None => drop(target.insert(key.clone(), value.clone())),
                }
            }
        }
        (target, patch) => target.clone_from(patch),
    }
}

/// Open JSON over live open JSON: as [`merge`], but what is new goes in verbatim, nulls inside it included.
pub(super) fn merge_open(target: &mut Value, patch: &Value) {
    let is_pending = patch.get(PENDING_KEY).is_some(); // an id that is not known yet
    let (Value::Object(target), Value::Object(patch), false) = (&mut *target, patch, is_pending)
    else {
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
