//! One notion of numbers: a whole number is whole however it is written.
//!
//! Real accounts answer `10.0` to what was written as `10`. JSON Schema counts both as the same whole number, and
//! so does everything here: `10`, `10.0` and `1e1` are equal, read alike, and hashed alike.

use serde_json::{Number, Value};

/// The whole number that a number is, `None` when it has a fraction or is beyond 128 bits.
#[must_use]
pub fn whole(number: &Number) -> Option<i128> {
    if let Some(whole) = number.as_i64() {
        return Some(whole.into());
    }
    if let Some(whole) = number.as_u64() {
        return Some(whole.into());
    }
    let float = number.as_f64()?;
    // Every whole double below 2^127 is exact in 128 bits.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the bound before it keeps the cast exact"
    )]
    (float.fract() == 0.0 && float.abs() < 2f64.powi(127)).then_some(float as i128)
}

/// Whether a number is whole, however it is written.
#[must_use]
pub fn is_whole(number: &Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// Whether two numbers are equal by value.
#[must_use]
pub fn same_number(a: &Number, b: &Number) -> bool {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a == b || a.as_f64() == b.as_f64(),
        _ => false,
    }
}

/// A number in its shortest spelling: whole ones without a fraction.
#[must_use]
pub fn plain_number(number: &Number) -> Number {
    let whole = whole(number).filter(|_| number.is_f64());
    let integer = whole.and_then(|whole| {
        let signed = i64::try_from(whole).map(Number::from);
        signed
            .or_else(|_| u64::try_from(whole).map(Number::from))
            .ok()
    });
    integer.unwrap_or_else(|| number.clone())
}

/// The integer that a value is, however it is written.
#[must_use]
pub fn integer(value: &Value) -> Option<i64> {
    let Value::Number(number) = value else {
        return None;
    };
    i64::try_from(whole(number)?).ok()
}

/// The natural number that a value is, however it is written.
#[must_use]
pub fn natural(value: &Value) -> Option<u64> {
    let Value::Number(number) = value else {
        return None;
    };
    u64::try_from(whole(number)?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number(value: &Value) -> Number {
        value.as_number().unwrap().clone()
    }

    #[test]
    fn whole_numbers_are_equal_however_they_are_written() {
        let same = |a: Value, b: Value| same_number(&number(&a), &number(&b));
        assert!(same(json!(10), json!(10.0)));
        assert!(same(json!(0), json!(-0.0)));
        assert!(same(json!(0.5), json!(0.50)));
        assert!(!same(json!(10), json!(10.5)));
        // 2^53 + 1 is no double: the nearest one is another number.
        assert!(!same(
            json!(9_007_199_254_740_993_i64),
            json!(9_007_199_254_740_992.0)
        ));
        assert!(same(json!(u64::MAX), json!(u64::MAX)));
        assert!(same(json!(1e300), json!(1e300)));
    }

    #[test]
    fn the_shortest_spelling_has_no_empty_fraction() {
        let plain = |value: Value| plain_number(&number(&value)).to_string();
        assert_eq!(plain(json!(10.0)), "10");
        assert_eq!(plain(json!(-3.0)), "-3");
        assert_eq!(plain(json!(10.5)), "10.5");
        assert_eq!(
            plain(json!(18_446_744_073_709_551_615_u64)),
            "18446744073709551615"
        );
        assert_eq!(plain(json!(1e300)), "1e+300");
    }

    #[test]
    fn integers_are_read_however_they_are_written() {
        assert_eq!(integer(&json!(-7.0)), Some(-7));
        assert_eq!(integer(&json!(7.5)), None);
        assert_eq!(natural(&json!(4_100_000_001.0)), Some(4_100_000_001));
        assert_eq!(natural(&json!(-1)), None);
        assert_eq!(integer(&json!("7")), None);
    }
}
