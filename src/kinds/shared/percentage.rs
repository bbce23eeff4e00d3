//! A percentage.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A percentage, `10%` or `2.5%`. Whether it is one of 0 to 100 is a matter of rules.
///
/// The console offers whole ones; the platform keeps the number as a fraction and answers `10.0`.
#[derive(Clone, Debug, PartialEq)]
pub struct Percentage(String);

/// As many digits as every whole number of them fits into 64 bits.
const MAX_DIGITS: usize = 19;

impl Percentage {
    /// How many of a hundred.
    #[must_use]
    pub fn share(&self) -> f64 {
        // A number of digits and one point is always a number.
        self.0.parse().unwrap_or(f64::INFINITY)
    }
}

impl fmt::Display for Percentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl Serialize for Percentage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percentage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        (text.strip_suffix('%'))
            .filter(|number| is_decimal(number))
            .map(|number| Self(number.to_owned()))
            .ok_or_else(|| D::Error::custom(format!("`{text}` is not a percentage such as `10%`")))
    }
}

/// Whether a text is digits, or digits, a point and digits.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    digits(whole) && whole.len() <= MAX_DIGITS && digits(fraction)
}

impl JsonSchema for Percentage {
    fn schema_name() -> Cow<'static, str> {
        "Percentage".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A percentage, `10%`.",
            "type": "string",
            "pattern": format!("^[0-9]{{1,{MAX_DIGITS}}}(\\.[0-9]+)?%$")
        })
    }
}
