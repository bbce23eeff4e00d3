//! JSON that is kept for later, as text: it takes a fifth of the memory of a value.
//!
//! An account and its ledger hold tens of thousands of objects, and a plan looks at each of them once. Packing
//! and unpacking gives back the very same value; numbers and the order of keys included.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A JSON value, packed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Value", into = "Value")]
pub struct Packed(Box<str>);

impl Packed {
    /// Packs a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        Self(value.to_string().into())
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
