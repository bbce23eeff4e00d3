//! What ids of an account look like.

use serde_json::Value;

use crate::text::number::natural;

/// Ids of the platform have ten digits; shorter numbers than this are too likely to be something else.
const SHORTEST: usize = 6;

/// The shortest digits that are an id for sure where a row of the account has the same.
pub(super) const SURE: usize = 9;

/// The longest digits of an id: moments in milliseconds have more.
const LONGEST: usize = 11;

/// Whether a value can be an id: a text, or a number that the platform counts with.
pub(super) fn is_scalar_id(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some_and(|number| number >= 1.0),
        Value::String(text) => !text.trim().is_empty(),
        _ => false,
    }
}

/// Whether a value is a number or a text of as many digits as ids have, or a UUID.
pub(super) fn looks_like_id(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            natural_digits(text).is_some_and(|it| it.len() >= SHORTEST) || is_uuid(text)
        }
        value => digits_of(value).is_some_and(|digits| digits.len() >= SHORTEST),
    }
}

/// The digits of a natural number, also of one that is written as a text.
pub(super) fn digits_of(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => natural_digits(&number.to_string()).map(str::to_owned),
        Value::String(text) => natural_digits(text).map(str::to_owned),
        _ => None,
    }
}

/// The digits of a natural number that is written as a text.
fn natural_digits(text: &str) -> Option<&str> {
    let text = text.trim();
    let digits = text.strip_suffix(".0").unwrap_or(text);
    let is_natural = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_natural.then_some(digits)
}

/// Whether a text is a UUID, the id of an app installation (platform.md#paths-and-versions).
pub(super) fn is_uuid(text: &str) -> bool {
    let is_dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let mut bytes = text.bytes().enumerate();
    text.len() == 36
        && bytes.all(|(at, byte)| {
            if is_dash(at) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

/// Whether a value looks like an id, or is a list of such.
pub(super) fn all_look_like_ids(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(looks_like_id),
        value => looks_like_id(value),
    }
}

/// Whether a value has as many digits as ids of the platform, or is a UUID.
pub(super) fn is_surely_id(value: &Value) -> bool {
    match value {
        Value::String(text) => is_surely_id_text(text),
        number => has_digits_of_id(number),
    }
}

/// The same of a text.
pub(super) fn is_surely_id_text(text: &str) -> bool {
    is_uuid(text) || is_long(text.trim())
}

/// Whether digits are as many as those of an id.
pub(super) fn is_long(digits: &str) -> bool {
    (SURE..=LONGEST).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
}

/// Whether a value may be an id, or the address of something by its id; `under` is what the keys around hold ids of.
pub(super) fn may_be_id(value: &Value, under: Option<&str>) -> bool {
    let in_address = |text: &str| {
        let is_part = |it: char| it.is_ascii_alphanumeric() || it == '-';
        let is_address = text.contains("://") || text.starts_with('/') || text.contains('?');
        is_address
            && text
                .split(|it| !is_part(it))
                .any(|it| is_uuid(it) || is_long(it))
    };
    is_surely_id(value)
        || under.is_some() && looks_like_id(value)
        || value.as_str().is_some_and(in_address)
}

/// Whether a number has the digits of an id, and is none of the seconds since 1970 that a moment of our time is.
pub(super) fn has_digits_of_id(value: &Value) -> bool {
    const MOMENTS: std::ops::Range<u64> = 1_000_000_000..2_000_000_000;
    let number = natural(value);
    number.is_some_and(|number| {
        (SURE..=LONGEST).contains(&number.to_string().len()) && !MOMENTS.contains(&number)
    })
}
