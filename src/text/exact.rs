//! JSON whose numbers keep their digits.
//!
//! A program reads numbers as 64 bits; a platform may hold more digits (`0.12345678901234567890`, ids of 23 digits), and
//! what this program does not declare must go back as it came. So a number that 64 bits cannot hold is carried as a text
//! with a mark, from the answer of a server to the next request, and written with its own digits again. Nothing else
//! changes: `1.0` stays a number, and `1.50` too, because its value fits.
//!
//! The alternative is `arbitrary_precision` of `serde_json`, which turns every number of every library of the program into
//! a text: slower for all of them, and numbers behind `flatten` and `untagged` no longer read.

use std::borrow::Cow;

use serde_json::Value;

use super::Pointer;

/// What marks the digits of a number: no character of any text (a noncharacter of Unicode).
const MARK: char = '\u{fdd0}';

/// Reads JSON.
///
/// # Errors
/// What is no JSON.
pub fn read(json: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(&marked(json))
}

/// Writes JSON.
#[must_use]
pub fn write(value: &Value) -> String {
    let json = value.to_string();
    if !json.contains(MARK) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    let mut rest = json.as_str();
    let open = format!("\"{MARK}");
    while let Some((before, behind)) = rest.split_once(open.as_str()) {
        out.push_str(before);
        let slashes = before.len() - before.trim_end_matches('\\').len();
        if slashes % 2 == 1 {
            out.push_str(&open); // an escaped quote inside of a text
            rest = behind;
            continue;
        }
        let (text, tail) = behind.split_once('"').unwrap_or((behind, ""));
        if is_number(text) {
            out.push_str(text);
        } else {
            out.push_str(&open);
            out.push_str(text);
            out.push('"');
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// The digits of a number that 64 bits cannot hold.
#[must_use]
pub fn digits(value: &Value) -> Option<&str> {
    let text = value.as_str()?.strip_prefix(MARK)?;
    is_number(text).then_some(text)
}

/// A number that 64 bits cannot hold, as a value; none for a text that is no number of JSON, or that fits.
#[must_use]
pub fn of(text: &str) -> Option<Value> {
    (is_number(text) && !fits(text)).then(|| format!("{MARK}{text}").into())
}

/// Whether two texts are such numbers, and the same one: `1e400` is `10e399`.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    let number = |text: &str| {
        let digits = text.strip_prefix(MARK)?;
        is_number(digits).then(|| decimal(digits))
    };
    number(a).is_some_and(|a| number(b) == Some(a))
}

/// The places of such numbers in a value.
#[must_use]
pub fn places(value: &Value) -> Vec<Pointer> {
    let (mut found, mut open) = (Vec::new(), vec![(Pointer::root(), value)]);
    while let Some((at, value)) = open.pop() {
        match value {
            Value::String(_) if digits(value).is_some() => found.push(at),
            Value::Array(items) if items.iter().any(holds) => {
                let items = items.iter().enumerate();
                open.extend(items.map(|(index, item)| (at.index(index), item)));
            }
            Value::Object(fields) if fields.values().any(holds) => {
                open.extend(fields.iter().map(|(key, value)| (at.key(key), value)));
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found
}

/// Whether such a number is in a value.
#[must_use]
pub fn holds(value: &Value) -> bool {
    match value {
        Value::String(_) => digits(value).is_some(),
        Value::Array(items) => items.iter().any(holds),
        Value::Object(fields) => fields.values().any(holds),
        _ => false,
    }
}

/// JSON with a mark around each number that 64 bits cannot hold.
fn marked(json: &[u8]) -> Cow<'_, [u8]> {
    let mut out: Vec<u8> = Vec::new();
    let (mut at, mut copied) = (0, 0);
    while at < json.len() {
        match json[at] {
            b'"' => at = end_of_text(json, at),
            b'-' | b'0'..=b'9' => {
                let end = end_of_number(json, at);
                let text = std::str::from_utf8(&json[at..end]).unwrap_or_default();
                if is_number(text) && !fits(text) {
                    out.extend_from_slice(&json[copied..at]);
                    out.extend_from_slice(format!("\"{MARK}{text}\"").as_bytes());
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.extend_from_slice(&json[copied..]);
    Cow::Owned(out)
}

/// The byte behind the text that begins at a quote.
fn end_of_text(json: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < json.len() {
        match json[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

fn end_of_number(json: &[u8], at: usize) -> usize {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let length = json[at..].iter().take_while(|byte| is_part(byte)).count();
    at + length
}

/// Whether a text is a number of JSON, whose leading digit is no zero unless it is the only one.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    is_digits(whole)
        && is_digits(fraction)
        && is_digits(exponent)
        && (whole == "0" || !whole.starts_with('0'))
}

/// Whether 64 bits hold the value of a number.
fn fits(text: &str) -> bool {
    // Any 15 digits come back from a double.
    if text.len() <= 15 && !text.contains(['e', 'E']) {
        return true;
    }
    if text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok() {
        return true;
    }
    // Of two shortest texts of one double, writers choose either: what counts is how this one writes.
    let number = text.parse().ok().and_then(serde_json::Number::from_f64);
    number.is_some_and(|number| decimal(&number.to_string()) == decimal(text))
}

/// The digits of a number without zeros at either end, and the power of ten of the last one.
fn decimal(text: &str) -> (bool, String, i64) {
    let bare = text.strip_prefix('-');
    let (mantissa, exponent) = bare
        .unwrap_or(text)
        .split_once(['e', 'E'])
        .unwrap_or((bare.unwrap_or(text), "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let short = digits.trim_end_matches('0');
    if short.is_empty() {
        return (bare.is_some(), String::new(), 0);
    }
    let places = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX / 2);
    let power = exponent - places(fraction.len()) + places(digits.len() - short.len());
    (bare.is_some(), short.to_owned(), power)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_does_not_fit_is_marked() {
        for number in [
            "0",
            "-0.0",
            "1.0",
            "1.50",
            "0.1",
            "1e3",
            "5e-324",
            "9007199254740993",
            "18446744073709551615",
            "-9223372036854775808",
            "1.7976931348623157e308",
            "100000000000000000000000",
        ] {
            let value = read(number.as_bytes()).unwrap();
            assert!(value.is_number(), "{number} {value}");
        }
        for number in [
            "12345678901234567890123",
            "0.12345678901234567890",
            "1e400",
            "-1e-400",
            "18446744073709551616.5",
            "9007199254740993.5",
            "56300000000000.03e1",
        ] {
            let json = format!("{{\"a\":[{number},\"{number}\\\"\"],\"b\":1}}");
            let value = read(json.as_bytes()).unwrap();
            assert_eq!(digits(&value["a"][0]), Some(number));
            assert!(holds(&value) && !holds(&value["a"][1]));
            assert_eq!(write(&value), json);
        }
    }

    #[test]
    fn what_is_no_number_is_no_json() {
        for text in [
            "01234567890123456789",
            "1234567890123456789.",
            "--1",
            "1e",
            "[12345678901234567890123",
            "1-2",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_text_with_the_mark_stays_a_text() {
        let value = Value::from("\u{fdd0}x \"\u{fdd0}1\" \\");
        assert_eq!(read(write(&value).as_bytes()).unwrap(), value);
    }

    proptest! {
        #[test]
        fn every_number_comes_back_with_its_value(whole in "-?(0|[1-9][0-9]{0,25})", fraction in "([.][0-9]{1,25})?", exponent in "([eE][-+]?[0-9]{1,3})?") {
            let number = format!("{whole}{fraction}{exponent}");
            let written = write(&read(number.as_bytes()).unwrap());
            prop_assert_eq!(decimal(&written), decimal(&number), "{}", written);
        }
    }
}
