//! A reader of JSON values that is as strict as the JSON Schemas, so that both always agree.
//!
//! serde's own reader takes a list for a struct and a mapping for a word; the schemas do not. The
//! schemas count `1.0` as a whole number and know no largest one; serde's own reader differs. A whole
//! number outside of 64 bits is read as the nearest one inside: rules see "too large", as they should.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};
use serde_json::{Error, Value};

/// A value to read strictly.
#[derive(Clone, Copy)]
pub(super) struct Strict<'de>(pub(super) &'de Value);

impl<'de> IntoDeserializer<'de, Error> for Strict<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Strict<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => {
                visitor.visit_seq(SeqDeserializer::new(items.iter().map(Strict)))
            }
            Value::Object(map) => visitor.visit_map(MapDeserializer::new(
                map.iter().map(|(key, value)| (key.as_str(), Strict(value))),
            )),
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.is_array() {
            return Err(Error::invalid_type(Unexpected::Seq, &visitor));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(word) => visitor.visit_enum(word.as_str().into_deserializer()),
            _ => Err(Error::custom("expected a word")),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Number(number) if number.is_u64() && !number.is_i64() => {
                visitor.visit_i64(i64::MAX)
            }
            Value::Number(number) => match number.as_f64() {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "the cast takes the nearest whole number of 64 bits, which is what is wanted"
                )]
                Some(whole) if number.is_f64() && whole.fract() == 0.0 => {
                    visitor.visit_i64(whole as i64)
                }
                _ => self.deserialize_any(visitor),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        count: Option<i64>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Word {
        Yes,
    }

    #[test]
    fn whole_numbers_are_whole_however_they_are_written() {
        let read = |value| {
            Sample::deserialize(Strict(&json!({ "count": value })))
                .ok()?
                .count
        };
        assert_eq!(read(json!(7)), Some(7));
        assert_eq!(read(json!(7.0)), Some(7));
        assert_eq!(read(json!(1e30)), Some(i64::MAX));
        assert_eq!(read(json!(-1e30)), Some(i64::MIN));
        assert_eq!(read(json!(u64::MAX)), Some(i64::MAX));
        assert_eq!(read(json!(7.5)), None);
    }

    #[test]
    fn nothing_stands_for_something_else() {
        assert!(Sample::deserialize(Strict(&json!([7]))).is_err());
        assert!(Word::deserialize(Strict(&json!({ "Yes": null }))).is_err());
        assert_eq!(Word::deserialize(Strict(&json!("Yes"))).unwrap(), Word::Yes);
    }
}
