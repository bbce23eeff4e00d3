//! JSON that is kept for later, as text: it takes a fifth of the memory of a value.
//!
//! An account and its ledger hold tens of thousands of objects, and a plan looks at each of them once. Packing
//! and unpacking gives back the very same value; numbers and the order of keys included.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A JSON value, packed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "Value")]
pub struct Packed(Box<str>);

impl Packed {
    /// Packs a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        Self(json(value).into())
    }

    /// Unpacks the value.
    ///
    /// # Panics
    /// Never for a value that was read as JSON or YAML, which both bound its depth.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).expect("what was written as JSON is JSON")
    }

    /// The JSON text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The text of the value of a key at its top; `value` is what was packed.
    #[must_use]
    pub fn part(&self, value: &Value, key: &str) -> Option<&str> {
        let (mut before, mut behind) = ("{".len(), "}".len());
        let mut is_behind = false;
        for (name, value) in value.as_object()? {
            let name_length = json(name).len() + ":".len();
            if name == key {
                before += name_length;
                is_behind = true;
            } else {
                let side = if is_behind { &mut behind } else { &mut before };
                *side += name_length + json(value).len() + ",".len();
            }
        }
        let end = self.0.len().checked_sub(behind)?;
        is_behind.then(|| self.0.get(before..end))?
    }

    /// Whether a key may be in it, at any depth: `false` is certain, and costs no unpacking.
    #[must_use]
    pub fn may_hold(&self, key: &str) -> bool {
        self.0.contains(&format!("\"{key}\":"))
    }
}

impl From<Value> for Packed {
    fn from(value: Value) -> Self {
        Self::of(&value)
    }
}

/// The JSON of a value without blanks, as it shows itself.
fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data can be written as JSON")
}

/// Packs what is read without making a value of it first. Of a key that is there twice the last one counts, as in a value.
impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = Vec::new();
        Packer(&mut text).deserialize(deserializer)?;
        let text = String::from_utf8(text).map_err(D::Error::custom)?;
        Ok(Self(text.into()))
    }
}

/// Writes what it is shown.
struct Packer<'t>(&'t mut Vec<u8>);

impl Packer<'_> {
    fn write<E: Error>(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), E> {
        serde_json::to_writer(&mut *self.0, value).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Packer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Packer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_bool<E: Error>(mut self, value: bool) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_i64<E: Error>(mut self, value: i64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_u64<E: Error>(mut self, value: u64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_f64<E: Error>(mut self, value: f64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_str<E: Error>(mut self, value: &str) -> Result<(), E> {
        self.write(value)
    }

    fn visit_none<E: Error>(mut self) -> Result<(), E> {
        self.write(&())
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.write(&())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        let start = self.0.len();
        loop {
            let end = self.0.len();
            if end > start {
                self.0.push(b',');
            }
            if items.next_element_seed(Packer(self.0))?.is_none() {
                self.0.truncate(end);
                break;
            }
        }
        self.0.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        let start = self.0.len();
        self.0.push(b'{');
        let (mut seen, mut is_doubled) = (BTreeSet::new(), false);
        while let Some(key) = fields.next_key::<String>()? {
            if !seen.is_empty() {
                self.0.push(b',');
            }
            self.write::<A::Error>(&key)?;
            self.0.push(b':');
            fields.next_value_seed(Packer(self.0))?;
            is_doubled |= !seen.insert(key);
        }
        self.0.push(b'}');
        if is_doubled {
            let value: Value = serde_json::from_slice(&self.0[start..]).map_err(Error::custom)?;
            self.0.truncate(start);
            self.write::<A::Error>(&value)?;
        }
        Ok(())
    }
}

impl From<Packed> for Value {
    fn from(packed: Packed) -> Self {
        packed.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_as_it_was() {
        let text = r#"{"b":[1,-1,18446744073709551615,1.0,0.1,5e-324,1.7976931348623157e308],"a":{"é\n":null}}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        let back = Packed::of(&value).value();
        assert_eq!(back.to_string(), value.to_string());
        assert_eq!(back, value);
    }

    #[test]
    fn what_is_read_is_packed_as_its_value_is() {
        let texts = [
            r#" { "b" : [ 1, -1,18446744073709551615, 1.0, 1e3, -0.0, 5e-324, 123456789012345678901234567890 ], "a": {"é\n\u00e9\"/\/":null, "": []}, "c":[ [ ],{ }, true , false,"x\ty"] } "#,
            "null",
            "[]",
            "\"\\ud83d\\ude00 \u{1} \"",
            "1.50",
            "[[[]],{\"a\":{}},[1,[2,3],4]]",
        ];
        for text in texts {
            let text = text.replace('\u{1}', "\\u0001");
            let value: Value = serde_json::from_str(&text).unwrap();
            let packed: Packed = serde_json::from_str(&text).unwrap();
            assert_eq!(packed, Packed::of(&value), "{text}");
            assert_eq!(serde_json::from_value::<Packed>(value).unwrap(), packed);
        }
        for text in ["[1,", "{\"a\"}", "{\"a\":1,}", "nul", "[1 2]", "{1:2}"] {
            assert!(serde_json::from_str::<Packed>(text).is_err(), "{text}");
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
        let twice: Packed = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(twice.text(), r#"{"a":3,"b":2}"#);
        let inside: Packed = serde_json::from_str(r#"[{"c":{"a":1,"a":[2]},"d":{}}]"#).unwrap();
        assert_eq!(inside.text(), r#"[{"c":{"a":[2]},"d":{}}]"#);
    }

    #[test]
    fn a_part_is_the_text_of_its_value() {
        let value = serde_json::json!({ "a\"": [1, "é"], "spec": { "spec": {}, "x": ",\"}" }, "z": null, "y": {} });
        let packed = Packed::of(&value);
        for (key, part) in value.as_object().unwrap() {
            assert_eq!(packed.part(&value, key), Some(part.to_string().as_str()));
        }
        assert_eq!(packed.part(&value, "w"), None);
        assert_eq!(Packed::of(&Value::Null).part(&Value::Null, "w"), None);
    }

    #[test]
    fn a_key_that_is_there_is_found() {
        let packed = Packed::of(&serde_json::json!({ "a": [{ "b": null }], "c": "d" }));
        for key in ["a", "b", "c"] {
            assert!(packed.may_hold(key), "{key}");
        }
        assert!(!packed.may_hold("d"));
    }

    #[test]
    fn a_number_comes_back_to_the_last_digit() {
        let mut bits = 0x3fb9_9999_9999_999a_u64;
        for _ in 0..1000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = f64::from_bits(bits);
            if number.is_finite() {
                assert_eq!(
                    Packed::of(&Value::from(number)).value(),
                    Value::from(number)
                );
            }
        }
    }
}
