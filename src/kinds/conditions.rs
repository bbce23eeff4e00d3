//! Raw conditions on the wire: their numbers, and the outlines of their payloads. What an account uses is all that is
//! known of most of them (platform.md#target-audience).

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::KindDef;
use super::field::{Codec, Field};
use super::mapping::PENDING_KEY;
use super::words::word_of_number;
use crate::text::number::integer;

/// The key of a row that lists the numbers of its conditions.
const NUMBERS: &str = "conditionBoxTypes";

/// A condition as the platform has it.
#[derive(Clone, Debug, PartialEq)]
pub struct RawCondition {
    /// Its number.
    pub number: i64,
    /// Our word for it.
    pub word: Option<&'static str>,
    /// Whether anything confirms what the number means.
    pub confirmed: bool,
    /// What its payload is made of.
    pub outline: PayloadOutline,
}

/// The rows that conditions are made of.
struct ConditionTable {
    list: &'static Field,
    number: &'static Field,
    data: &'static Field,
}

/// The table of the conditions of a kind; nothing where it has none.
fn table(def: &KindDef) -> Option<ConditionTable> {
    def.fields.iter().find_map(|list| {
        let Codec::List { fields, key } = list.codec else {
            return None;
        };
        let is_noted = fields.iter().any(|it| matches!(it.codec, Codec::Note(_)));
        let is_data = |field: &&Field| matches!(field.codec, Codec::Json | Codec::JsonWithRefs(_));
        Some(ConditionTable {
            list,
            number: fields.iter().find(|field| Some(field.spec) == key)?,
            data: fields.iter().find(is_data).filter(|_| is_noted)?,
        })
    })
}

/// The field of a kind that holds its conditions.
#[must_use]
pub fn conditions_field(def: &KindDef) -> Option<&'static str> {
    table(def).map(|table| table.list.spec)
}

/// The numbers of the conditions in a body, which may be the summary of a list.
#[must_use]
pub fn condition_numbers(def: &KindDef, body: &Value) -> Vec<i64> {
    let listed = body.get(NUMBERS).and_then(Value::as_array);
    match listed {
        Some(numbers) => numbers.iter().filter_map(integer).collect(),
        None => raw_conditions(def, body)
            .iter()
            .map(|it| it.number)
            .collect(),
    }
}

/// The conditions in a whole body, in their order; one without a number is left out.
#[must_use]
pub fn raw_conditions(def: &KindDef, body: &Value) -> Vec<RawCondition> {
    let Some(ConditionTable { list, number, data }) = table(def) else {
        return Vec::new();
    };
    let Codec::Word(words) = number.codec else {
        return Vec::new();
    };
    let boxes = body.get(list.wire).and_then(Value::as_array);
    let found = boxes.into_iter().flatten().filter_map(|item| {
        let number = item.get(number.wire)?;
        let word = number.as_number().and_then(|it| word_of_number(it, words));
        let confirmed = word.and_then(|word| words.get(word));
        Some(RawCondition {
            number: integer(number)?,
            word,
            confirmed: confirmed.is_some_and(|word| word.certainty.is_confirmed()),
            outline: PayloadOutline::of(item.get(data.wire).unwrap_or(&Value::Null)),
        })
    });
    found.collect()
}

/// What a payload is made of: its keys, and the types of its values. An empty list and a null may become anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayloadOutline {
    /// Nothing is known: null, or a list of different things.
    Any,
    /// A scalar: `text`, `number` or `boolean`.
    Scalar(&'static str),
    /// A list, and what is in it.
    List(Option<Box<Self>>),
    /// An object, by its keys.
    Object(BTreeMap<String, Self>),
}

impl PayloadOutline {
    /// The outline of a value. An id that is not known yet is a number.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Any,
            Value::Bool(_) => Self::Scalar("boolean"),
            Value::Number(_) => Self::Scalar("number"),
            Value::String(_) => Self::Scalar("text"),
            Value::Array(items) => {
                let items = items.iter().map(Self::of);
                let one = items.reduce(|one, item| one.join(&item).unwrap_or(Self::Any));
                Self::List(one.map(Box::new))
            }
            Value::Object(map) if map.len() == 1 && map.contains_key(PENDING_KEY) => {
                Self::Scalar("number")
            }
            Value::Object(map) => {
                let fields = map
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::of(value)));
                Self::Object(fields.collect())
            }
        }
    }

    /// The outline of both; nothing where they are different things.
    #[must_use]
    pub fn join(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, known) | (known, Self::Any) => Some(known.clone()),
            (Self::Scalar(one), Self::Scalar(other)) => (one == other).then(|| self.clone()),
            (Self::List(None), list @ Self::List(_)) | (list @ Self::List(_), Self::List(None)) => {
                Some(list.clone())
            }
            (Self::List(Some(one)), Self::List(Some(other))) => {
                one.join(other).map(|item| Self::List(Some(Box::new(item))))
            }
            (Self::Object(one), Self::Object(other)) if one.len() == other.len() => {
                let fields = one
                    .iter()
                    .map(|(key, value)| Some((key.clone(), value.join(other.get(key)?)?)));
                fields.collect::<Option<_>>().map(Self::Object)
            }
            _ => None,
        }
    }
}

impl fmt::Display for PayloadOutline {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => out.write_str("any"),
            Self::Scalar(name) => out.write_str(name),
            Self::List(None) => out.write_str("[]"),
            Self::List(Some(item)) => write!(out, "[{item}]"),
            Self::Object(fields) if fields.is_empty() => out.write_str("{}"),
            Self::Object(fields) => {
                out.write_str("{ ")?;
                for (index, (key, value)) in fields.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(out, "{separator}{key}: {value}")?;
                }
                out.write_str(" }")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KindId;

    #[test]
    fn an_outline_has_keys_and_types_and_no_values() {
        let outline = |value: Value| PayloadOutline::of(&value).to_string();
        assert_eq!(
            outline(json!({"b": [1, 2], "a": [{"n": "x"}], "c": [], "d": null})),
            "{ a: [{ n: text }], b: [number], c: [], d: any }"
        );
        assert_eq!(outline(json!([1, "x"])), "[any]");
        assert_eq!(outline(json!({ PENDING_KEY: "checkout" })), "number");
    }

    #[test]
    fn what_is_empty_may_be_anything_and_what_differs_is_something_else() {
        let joined = |one: Value, other: Value| {
            let (one, other) = (PayloadOutline::of(&one), PayloadOutline::of(&other));
            assert_eq!(one.join(&other), other.join(&one));
            one.join(&other).map(|it| it.to_string())
        };
        assert_eq!(
            joined(json!({"a": []}), json!({"a": ["x"]})).unwrap(),
            "{ a: [text] }"
        );
        assert_eq!(
            joined(json!({"a": null}), json!({"a": 1})).unwrap(),
            "{ a: number }"
        );
        assert_eq!(joined(json!({"a": 1}), json!({"b": 1})), None);
        assert_eq!(joined(json!({"a": 1}), json!({"a": "1"})), None);
        assert_eq!(joined(json!([1]), json!(["x"])), None);
    }

    #[test]
    fn conditions_are_found_by_the_table() {
        let body = json!({"conditionBoxes": [{"type": 9, "data": {"x": 1}}, {"type": 0}, {}]});
        let def = KindId::known("TargetAudience").def();
        let found = raw_conditions(def, &body);
        let found: Vec<_> = found
            .iter()
            .map(|it| (it.number, it.word, it.confirmed))
            .collect();
        assert_eq!(found, [(9, None, false), (0, Some("all"), true)]);
        assert_eq!(condition_numbers(def, &body), [9, 0]);
        assert_eq!(
            condition_numbers(def, &json!({"conditionBoxTypes": [3]})),
            [3]
        );
        assert_eq!(raw_conditions(KindId::known("Goal").def(), &body), []);
    }
}
