//! Three sides of an object: what was applied or held before, what is wanted now, and what is held.
//!
//! Both directions read the field table: what was set and is no longer declared is [let go](let_go), and what a
//! write changed is [restored]. What other people put beside it, further keys of an object or of a list's item, is
//! left out of either, so that a write keeps it.

use serde_json::{Map, Value};

use super::compare::held_at;
use super::defaults::{complete, parse_literal, with_defaults};
use super::items::partners;
use super::paths::get_path;
use super::shape::{KeyScope, ListItems, ValueShape};
use super::{EXTRA, join, set_path};
use crate::kinds::KindDef;
use crate::kinds::field::Field;

/// Adds to `wanted` what was applied and is no longer declared: a field goes back to its default, also one that
/// follows from other fields; any other key goes, at every depth and in the items of typed lists.
pub fn let_go(def: &'static KindDef, applied: &Value, wanted: &mut Value, held: &Value) {
    let mut full = with_defaults(def, wanted);
    complete(&mut full, (def.implied)(wanted, held));
    let maintained = def.children.as_ref().map(|children| children.field);
    let defaults = Defaults::Of(&full);
    let mut applied = applied.clone();
    if let Some(field) = maintained {
        super::take_path(&mut applied, field);
    }
    let scope = KeyScope::table(def.fields);
    let_go_of_keys(scope, &applied, wanted, Some(held), defaults);
}

/// Where the default of a field is looked up.
#[derive(Clone, Copy)]
enum Defaults<'a> {
    /// In the spec with all defaults of the kind.
    Of(&'a Value),
    /// In the table.
    Fixed,
}

impl Defaults<'_> {
    fn default_of(self, field: &Field) -> Option<Value> {
        let default = match self {
            Self::Of(full) => get_path(full, field.spec).cloned(),
            Self::Fixed => field.default.map(parse_literal),
        };
        default.filter(|default| !default.is_null())
    }

    fn below(self, scope: KeyScope<'_>) -> Self {
        if scope.is_root() { Self::Fixed } else { self }
    }
}

fn let_go_of_keys(
    scope: KeyScope<'_>,
    applied: &Value,
    wanted: &mut Value,
    held: Option<&Value>,
    defaults: Defaults<'_>,
) {
    let applied = applied.as_object().into_iter().flatten();
    let scope = scope.beside(None, held);
    for (key, was) in applied.filter(|(_, was)| !was.is_null()) {
        if let Some(value) = wanted.get_mut(key) {
            let held = held.and_then(|held| held.get(key));
            let_go_inside(scope.shape(key), was, value, held, defaults);
        } else if let Some(instead) = instead(scope, key, was, held, defaults)
            && let Value::Object(wanted) = wanted
        {
            wanted.insert(key.clone(), instead);
        }
    }
}

/// What a value that is declared still is to let go of.
fn let_go_inside(
    shape: ValueShape<'_>,
    was: &Value,
    wanted: &mut Value,
    held: Option<&Value>,
    defaults: Defaults<'_>,
) {
    match (shape.of_values([Some(was), Some(wanted)]), wanted) {
        (ValueShape::Object(scope), wanted @ Value::Object(_)) => {
            let_go_of_keys(scope, was, wanted, held, defaults.below(scope));
        }
        (ValueShape::List(items), Value::Array(wanted)) => {
            let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned();
            let (was, held) = (
                list(Some(was)).unwrap_or_default(),
                list(held).unwrap_or_default(),
            );
            let then = partners(items, wanted, &was);
            let now = partners(items, wanted, &held);
            let scope = KeyScope::table(items.fields);
            for (item, at) in wanted.iter_mut().zip(then.into_iter().zip(now)) {
                if let (Some(then), Some(now)) = at {
                    let held = held.get(now);
                    let_go_of_keys(scope, &was[then], item, held, Defaults::Fixed);
                }
            }
        }
        _ => {}
    }
}

/// What is wanted in the place of a value that is no longer declared; none where nothing of it is left.
fn instead(
    scope: KeyScope<'_>,
    key: &str,
    was: &Value,
    held: Option<&Value>,
    defaults: Defaults<'_>,
) -> Option<Value> {
    if let Some(field) = scope.field(key) {
        if field.wire.is_empty() {
            return None;
        }
        if let Some(default) = defaults.default_of(field) {
            return Some(default);
        }
    }
    let found = held_at(&scope, key, was, held).0;
    let shape = scope.shape(key).of_values([Some(was), found]);
    let is_above =
        matches!(shape, ValueShape::Object(inner) if !inner.is_root() && !inner.is_open());
    match (shape, found) {
        (ValueShape::Object(inner), found)
            if was.is_object() && (is_above || found.is_some_and(Value::is_object)) =>
        {
            let mut rest = Value::Object(Map::new());
            let_go_of_keys(inner, was, &mut rest, found, defaults.below(inner));
            let is_ours = |key: &String| rest.get(key).is_some_and(Value::is_null);
            let mut left = found.and_then(Value::as_object).into_iter().flatten();
            let is_all_ours = left.all(|(key, left)| left.is_null() || is_ours(key));
            let is_one_value = !(is_above || scope.is_root() && key == EXTRA);
            if is_all_ours && is_one_value {
                return Some(Value::Null);
            }
            Some(rest).filter(|rest| rest.as_object().is_some_and(|rest| !rest.is_empty()))
        }
        (_, Some(_)) => Some(Value::Null),
        (_, None) => None,
    }
}

/// What a write changed, as it was before: the values of `then` where `written` has some, null where there were
/// none. An item of a list that is still held is restored key by key, one that is gone as a whole.
#[must_use]
pub fn restored(fields: &'static [Field], then: &Value, written: &Value, held: &Value) -> Value {
    restored_keys(KeyScope::table(fields), Some(then), written, Some(held))
}

fn restored_keys(
    scope: KeyScope<'_>,
    then: Option<&Value>,
    written: &Value,
    held: Option<&Value>,
) -> Value {
    let scope = scope.beside(None, then);
    let mut wanted = Value::Object(Map::new());
    for (key, written) in written.as_object().into_iter().flatten() {
        let (old, is_unread) = held_at(&scope, key, written, then);
        let held = held.and_then(|held| held.get(key));
        let shape = scope.shape(key).of_values([old, Some(written)]);
        let value = match (shape, old, written) {
            (_, Some(old), _) if is_unread => {
                if let Some(field) = scope.field(key) {
                    set_path(&mut wanted, &format!("{EXTRA}.{}", field.wire), old.clone());
                }
                Value::Null
            }
            (ValueShape::Object(inner), Some(Value::Object(_)), Value::Object(_)) => {
                restored_keys(inner, old, written, held)
            }
            (ValueShape::List(items), Some(Value::Array(old)), Value::Array(written)) => {
                restored_items(items, old, written, held)
            }
            (_, old, _) => old.cloned().unwrap_or(Value::Null),
        };
        join(
            &mut wanted,
            &Value::Object(Map::from_iter([(key.clone(), value)])),
        );
    }
    wanted
}

fn restored_items(
    items: ListItems,
    then: &[Value],
    written: &[Value],
    held: Option<&Value>,
) -> Value {
    let held = held.and_then(Value::as_array);
    let held = held.map_or(&[][..], Vec::as_slice);
    let wrote = partners(items, then, written);
    let left = partners(items, then, held);
    let scope = KeyScope::table(items.fields);
    let restored = then.iter().zip(wrote.into_iter().zip(left));
    restored
        .map(|(then, at)| match at {
            (Some(wrote), Some(left)) => {
                restored_keys(scope, Some(then), &written[wrote], held.get(left))
            }
            _ => then.clone(),
        })
        .collect()
}
