//! The one definition of what is the same, for the diff, for what a write finds, and for what it leaves behind.
//!
//! Only what is declared is compared: null equals absent, numbers compare by value, line ends are folded. Objects
//! are compared key by key, typed lists item by item, everything else, plain lists of open JSON among it, as one
//! value. What differs is exactly what [`overlay`](super::overlay) replaces: a property test holds us to it.

use serde_json::{Map, Value};

use super::EXTRA;
use super::items::partners;
use super::paths::get_path;
use super::shape::{KeyScope, ListItems, ValueShape};
use crate::kinds::field::Field;
use crate::text::number::same_number;
use crate::text::{Pointer, exact};

/// One declared value that differs, its place counted from `spec`.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The place, in the numbering of what is declared.
    pub pointer: Pointer,
    /// What is held there, null when there is none.
    pub before: Value,
    /// The declared value, null when it is to go.
    pub after: Value,
}

/// The differences, and how many declared values are equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// The values that differ, in the order of the declaration.
    pub differences: Vec<Difference>,
    /// How many declared values are equal.
    pub equal: usize,
}

/// Compares what is declared with what is held, both in canonical spelling.
#[must_use]
pub fn compare(fields: &'static [Field], declared: &Value, held: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    let scope = KeyScope::table(fields).beside(Some(declared), Some(held));
    comparison.object(&scope, declared, Some(held), &Pointer::root());
    comparison
}

/// Whether one spec holds all that another one declares, nulls aside.
pub(super) fn agrees(fields: &'static [Field], declared: &Value, held: &Value) -> bool {
    let found = compare(fields, declared, held).differences;
    found.iter().all(|difference| difference.after.is_null())
}

/// Whether what is held at a place is what is declared for it; the pointer leads there through the table.
#[must_use]
pub fn is_like(
    fields: &'static [Field],
    pointer: &Pointer,
    declared: &Value,
    held: &Value,
) -> bool {
    let mut comparison = Comparison::default();
    let held = Some(held).filter(|held| !held.is_null());
    comparison.value(shape_at(fields, pointer), declared, held, pointer);
    comparison.differences.is_empty()
}

/// Whether a pointer leads to what tells an item of a list from the others.
#[must_use]
pub fn tells_apart(fields: &'static [Field], pointer: &Pointer) -> bool {
    let list = pointer.parent().and_then(|item| item.parent());
    let shape = list.map(|list| shape_at(fields, &list));
    matches!(shape, Some(ValueShape::List(items)) if items.key == pointer.steps().last().as_deref())
}

/// The field that tells the items of the list at a pointer apart.
#[must_use]
pub fn list_key(fields: &'static [Field], pointer: &Pointer) -> Option<&'static str> {
    match shape_at(fields, pointer) {
        ValueShape::List(items) => items.key,
        _ => None,
    }
}

/// What another spec holds in the place that a pointer has in `spec`.
#[must_use]
pub fn counterpart<'v>(
    fields: &'static [Field],
    spec: &'v Value,
    other: &'v Value,
    pointer: &Pointer,
) -> Option<&'v Value> {
    let (mut here, mut there) = (spec, Some(other));
    let mut shape = ValueShape::Object(KeyScope::table(fields));
    for step in pointer.steps() {
        match shape {
            // A list of open JSON: its items have their places, and nothing else.
            ValueShape::Object(scope) if scope.is_open() && here.is_array() => {
                let at: usize = step.parse().ok()?;
                here = here.get(at)?;
                there = there.and_then(|there| there.get(at));
            }
            ValueShape::Object(scope) => {
                let scope = scope.beside(Some(here), there);
                here = here.get(&step)?;
                there = held_at(&scope, &step, here, there).0;
                shape = scope.shape(&step);
            }
            ValueShape::List(items) => {
                let (ours, theirs) = (here.as_array()?, there?.as_array()?);
                let at: usize = step.parse().ok()?;
                let partner = partners(items, ours, theirs).get(at).copied().flatten()?;
                (here, there) = (ours.get(at)?, theirs.get(partner));
                shape = ValueShape::Object(KeyScope::table(items.fields));
            }
            ValueShape::Whole => return None,
        }
    }
    there
}

/// What is held under a declared key, and whether it is something that no field can read.
pub(super) fn held_at<'a>(
    scope: &KeyScope<'a>,
    key: &str,
    declared: &Value,
    held: Option<&'a Value>,
) -> (Option<&'a Value>, bool) {
    let found = held.and_then(|held| held.get(key));
    if let Some(found) = found.filter(|found| !found.is_null()) {
        return (Some(found), false);
    }
    let unread = scope.unread(key, declared);
    (unread, unread.is_some())
}

/// Whether a spec holds a field that lies below a key of the wire.
fn has_below(scope: &KeyScope<'_>, key: &str, held: Option<&Value>) -> bool {
    let is_below = |field: &&Field| {
        field
            .wire
            .split_once('.')
            .is_some_and(|(top, _)| top == key)
    };
    let mut below = scope.fields().iter().filter(is_below);
    below.any(|field| held.and_then(|held| get_path(held, field.spec)).is_some())
}

pub(super) fn shape_at(fields: &'static [Field], pointer: &Pointer) -> ValueShape<'static> {
    let mut shape = ValueShape::Object(KeyScope::table(fields));
    for step in pointer.steps() {
        shape = match shape {
            ValueShape::Object(scope) => scope.shape(&step),
            ValueShape::List(items) => ValueShape::Object(KeyScope::table(items.fields)),
            ValueShape::Whole => ValueShape::Whole,
        };
    }
    shape
}

impl Comparison {
    fn object(
        &mut self,
        scope: &KeyScope<'_>,
        declared: &Value,
        held: Option<&Value>,
        at: &Pointer,
    ) {
        let declared = declared.as_object().into_iter().flatten();
        for (key, value) in declared.filter(|(key, _)| !scope.is_note(key)) {
            let (found, is_unread) = held_at(scope, key, value, held);
            let at = at.key(key);
            match found.filter(|_| is_unread) {
                Some(unread) => self.differ(value, unread.clone(), &at),
                None if key == EXTRA && scope.is_root() => {
                    self.extra(scope, value, found, held, &at);
                }
                None => self.value(scope.shape(key), value, found, &at),
            }
        }
    }

    /// An object of the wire of which the fields have taken everything is still there, and empty as far as `extra`
    /// goes.
    fn extra(
        &mut self,
        scope: &KeyScope<'_>,
        declared: &Value,
        found: Option<&Value>,
        held: Option<&Value>,
        at: &Pointer,
    ) {
        for (key, value) in declared.as_object().into_iter().flatten() {
            let inner = found.and_then(|found| found.get(key));
            let inner = inner.filter(|inner| !inner.is_null());
            let is_empty = value.as_object().is_some_and(Map::is_empty);
            let emptied = Value::Object(Map::new());
            let is_emptied = is_empty && inner.is_none() && has_below(scope, key, held);
            let inner = inner.or(is_emptied.then_some(&emptied));
            self.value(
                ValueShape::Object(KeyScope::Open),
                value,
                inner,
                &at.key(key),
            );
        }
    }

    fn value(
        &mut self,
        shape: ValueShape<'_>,
        declared: &Value,
        held: Option<&Value>,
        at: &Pointer,
    ) {
        match (shape.of_values([Some(declared), held]), declared) {
            (ValueShape::Object(_), Value::Object(map))
                if map.is_empty() && held.is_some_and(Value::is_object) =>
            {
                self.equal += 1;
            }
            (ValueShape::Object(scope), Value::Object(map))
                if !map.is_empty() && held.is_none_or(Value::is_object) =>
            {
                self.object(&scope.beside(Some(declared), held), declared, held, at);
            }
            (ValueShape::List(items), Value::Array(list)) => self.list(items, list, held, at),
            _ => self.whole(declared, held, at),
        }
    }

    fn list(&mut self, items: ListItems, declared: &[Value], held: Option<&Value>, at: &Pointer) {
        let theirs = held.and_then(Value::as_array);
        let theirs = theirs.filter(|theirs| theirs.len() == declared.len());
        let paired = theirs.and_then(|theirs| {
            let partners = partners(items, declared, theirs).into_iter();
            partners
                .map(|partner| theirs.get(partner?))
                .collect::<Option<Vec<_>>>()
        });
        let Some(partners) = paired else {
            return self.whole(&Value::Array(declared.to_vec()), held, at);
        };
        let scope = KeyScope::table(items.fields);
        for (index, (item, partner)) in declared.iter().zip(partners).enumerate() {
            let scope = scope.beside(Some(item), Some(partner));
            self.object(&scope, item, Some(partner), &at.index(index));
        }
    }

    fn whole(&mut self, declared: &Value, held: Option<&Value>, at: &Pointer) {
        let held = held.cloned().unwrap_or(Value::Null);
        if same(declared, &held) {
            self.equal += 1;
        } else {
            self.differ(declared, held, at);
        }
    }

    fn differ(&mut self, declared: &Value, held: Value, at: &Pointer) {
        self.differences.push(Difference {
            pointer: at.clone(),
            before: held,
            after: declared.clone(),
        });
    }
}

/// Whether two JSON values mean the same as wholes: numbers by value, line ends folded, the rest literally.
#[must_use]
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::String(a), Value::String(b)) => {
            a == b || a.replace("\r\n", "\n") == b.replace("\r\n", "\n") || exact::same(a, b)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KindId;

    fn check(declared: &Value, live: &Value) -> (Vec<String>, usize) {
        let comparison = compare(KindId::known("Goal").def().fields, declared, live);
        let lines = comparison
            .differences
            .iter()
            .map(|found| format!("{}: {} -> {}", found.pointer, found.before, found.after));
        (lines.collect(), comparison.equal)
    }

    #[test]
    fn only_declared_fields_are_compared() {
        let live = json!({"displayName": "A", "description": "made in the console", "indicator": {"url": "/x", "count": 1}});
        assert_eq!(
            check(
                &json!({"displayName": "A", "indicator": {"url": "/x"}}),
                &live
            ),
            (vec![], 2)
        );
    }

    #[test]
    fn a_difference_names_the_innermost_field() {
        let live = json!({"indicator": {"url": "/x", "count": 1}});
        let (lines, equal) = check(&json!({"indicator": {"url": "/y", "count": 1}}), &live);
        assert_eq!(
            (lines, equal),
            (vec![r#"/indicator/url: "/x" -> "/y""#.to_owned()], 1)
        );
    }

    #[test]
    fn null_equals_absent_and_numbers_compare_by_value() {
        assert_eq!(
            check(
                &json!({"description": null, "extra": {"n": 1.0}}),
                &json!({"extra": {"n": 1}})
            ),
            (vec![], 2)
        );
        assert_eq!(
            check(&json!({"description": null}), &json!({"description": "x"})).0,
            [r#"/description: "x" -> null"#]
        );
    }
}
