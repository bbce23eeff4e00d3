//! Declared fields against live ones, both in canonical spelling.
//!
//! Only what is declared is compared. Objects are compared key by key, lists of objects item by item
//! (matched by their key field where the table names one), everything else as a whole.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kinds::field::{Codec, Field};
use crate::kinds::mapping::same;
use crate::text::Pointer;
use crate::text::number::plain_number;

/// One declared field that differs, its place counted from `spec`.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The field.
    pub pointer: Pointer,
    /// The live value, null when there is none.
    pub before: Value,
    /// The declared value, null when the field is to go.
    pub after: Value,
}

/// The differences, and how many declared fields are equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// The fields that differ, in the order of the declaration.
    pub differences: Vec<Difference>,
    /// How many declared fields are equal.
    pub equal: usize,
}

/// Compares what is declared with what is live.
#[must_use]
pub fn compare(fields: &'static [Field], declared: &Value, live: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    comparison.object(
        &Scope::Table {
            fields,
            prefix: String::new(),
        },
        declared,
        Some(live),
        &Pointer::root(),
    );
    comparison
}

/// How the keys of an object are to be read.
enum Scope {
    /// By a field table, below a dotted prefix.
    Table {
        fields: &'static [Field],
        prefix: String,
    },
    /// As open JSON.
    Open,
}

/// How one value is to be read.
enum Shape {
    Object(Scope),
    List {
        fields: &'static [Field],
        key: Option<&'static str>,
    },
    Leaf,
}

impl Scope {
    fn shape(&self, key: &str) -> Shape {
        let Self::Table { fields, prefix } = self else {
            return Shape::Object(Self::Open);
        };
        let path = format!("{prefix}{key}");
        if let Some(field) = fields.iter().find(|field| field.spec == path) {
            return match &field.codec {
                Codec::Object(inner) => Shape::Object(Self::Table {
                    fields: inner,
                    prefix: String::new(),
                }),
                Codec::List { fields, key } => Shape::List { fields, key: *key },
                Codec::Json | Codec::JsonObject | Codec::JsonWithRefs(_) | Codec::Hook => {
                    Shape::Object(Self::Open)
                }
                _ => Shape::Leaf,
            };
        }
        let prefix = format!("{path}.");
        if fields.iter().any(|field| field.spec.starts_with(&prefix)) {
            return Shape::Object(Self::Table { fields, prefix });
        }
        Shape::Object(Self::Open)
    }
}

impl Comparison {
    fn object(&mut self, scope: &Scope, declared: &Value, live: Option<&Value>, at: &Pointer) {
        for (key, value) in declared.as_object().into_iter().flatten() {
            let live = live
                .and_then(|live| live.get(key))
                .filter(|live| !live.is_null());
            self.value(scope.shape(key), value, live, &at.key(key));
        }
    }

    fn value(&mut self, shape: Shape, declared: &Value, live: Option<&Value>, at: &Pointer) {
        match (shape, declared) {
            (Shape::Object(scope), Value::Object(map))
                if !map.is_empty() && live.is_none_or(Value::is_object) =>
            {
                self.object(&scope, declared, live, at);
            }
            (Shape::List { fields, key }, Value::Array(items)) => {
                self.list(fields, key, items, live, at);
            }
            _ => self.leaf(declared, live, at),
        }
    }

    fn list(
        &mut self,
        fields: &'static [Field],
        key: Option<&str>,
        items: &[Value],
        live: Option<&Value>,
        at: &Pointer,
    ) {
        let Some(partners) = live
            .and_then(Value::as_array)
            .and_then(|live| pair(items, live, key))
        else {
            return self.leaf(&Value::Array(items.to_vec()), live, at);
        };
        for (index, (item, partner)) in items.iter().zip(partners).enumerate() {
            let scope = Scope::Table {
                fields,
                prefix: String::new(),
            };
            self.object(&scope, item, Some(partner), &at.index(index));
        }
    }

    fn leaf(&mut self, declared: &Value, live: Option<&Value>, at: &Pointer) {
        let live = live.cloned().unwrap_or(Value::Null);
        if same(declared, &live) {
            self.equal += 1;
        } else {
            self.differences.push(Difference {
                pointer: at.clone(),
                before: live,
                after: declared.clone(),
            });
        }
    }
}

/// The live partner of every declared item, `None` when the two lists do not hold the same items.
fn pair<'a>(declared: &[Value], live: &'a [Value], key: Option<&str>) -> Option<Vec<&'a Value>> {
    if declared.len() != live.len() {
        return None;
    }
    let by_key = key.and_then(|key| {
        let index: BTreeMap<String, &Value> = live
            .iter()
            .filter_map(|item| Some((key_text(item.get(key)?), item)))
            .collect();
        (index.len() == live.len()).then_some((key, index))
    });
    match by_key {
        Some((key, mut index)) => declared
            .iter()
            .map(|item| index.remove(&key_text(item.get(key)?)))
            .collect(),
        None => Some(live.iter().collect()),
    }
}

/// The key of an item as text, the same for numbers that are equal.
fn key_text(key: &Value) -> String {
    match key {
        Value::Number(number) => plain_number(number).to_string(),
        other => other.to_string(),
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
