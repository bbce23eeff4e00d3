//! Scalars: which texts are null, booleans and numbers, and which only look like it.

use std::borrow::Cow;

use granit_parser::Tag;
use serde_json::{Number, Value};

use super::error::shown;
use super::{YamlError, YamlErrorKind, quotes};
use crate::text::{Span, exact};

/// One scalar of a text.
pub(super) struct Scalar<'t> {
    /// Its content, without quotes and escapes.
    pub(super) text: Cow<'t, str>,
    /// Whether it is written without quotes.
    pub(super) plain: bool,
    /// The anchor in front of it, 0 for none.
    pub(super) anchor: usize,
    /// The tag in front of it.
    pub(super) tag: Option<Cow<'t, Tag>>,
    /// Where the tag stands.
    pub(super) tag_span: Span,
    /// Where it stands, quotes included.
    pub(super) span: Span,
}

/// The value of a scalar, and what is wrong with it. Where a number keeps all of its `digits`, one that 64 bits cannot
/// hold is one of [`exact`].
pub(super) fn value(scalar: Scalar<'_>, digits: bool) -> (Value, Option<YamlError>) {
    if scalar.tag.is_some() {
        return tagged(scalar);
    }
    if scalar.plain
        && digits
        && scalar
            .text
            .starts_with(|it: char| it == '-' || it.is_ascii_digit())
        && let Some(number) = exact::of(&scalar.text)
    {
        return (number, None);
    }
    if !scalar.plain {
        return (Value::String(scalar.text.into_owned()), None);
    }
    let plain = resolve(&scalar.text);
    let problem = problem(&plain, &scalar.text, scalar.span);
    let value = match plain {
        Plain::Null => Value::Null,
        Plain::Bool(value) => Value::Bool(value),
        Plain::Number(number) => Value::Number(number),
        _ => Value::String(scalar.text.into_owned()),
    };
    (value, problem)
}

/// What is wrong with a scalar as a key, which may be a warning.
pub(super) fn key_error(scalar: &Scalar<'_>) -> Option<YamlError> {
    let span = scalar.span;
    if scalar.plain && scalar.text == "<<" {
        let error = YamlError::new(YamlErrorKind::MergeKey, span, "merge keys are not read");
        return Some(error.help("write the fields out where they are needed"));
    }
    if scalar.plain && span.start == span.end {
        return Some(YamlError::new(
            YamlErrorKind::Key,
            span,
            "the key before `:` is missing",
        ));
    }
    let Some(tag) = scalar.tag.as_ref() else {
        return quotes::problem(&scalar.text, span, "key").filter(|_| scalar.plain);
    };
    (tag.core_suffix() != Some("str") && !is_bang(tag)).then(|| {
        YamlError::new(
            YamlErrorKind::Tag,
            scalar.tag_span,
            "a key can have no tag but `!!str`",
        )
    })
}

/// The complaint about a tag that nothing is known about, or that does not fit.
pub(super) fn tag_error(tag: &Tag, span: Span) -> YamlError {
    let message = if tag.is_yaml_core_schema() {
        format!("the value does not fit its tag `{}`", tag.original())
    } else {
        format!("the tag `{}` is not known", tag.original())
    };
    YamlError::new(YamlErrorKind::Tag, span, message)
        .help("remove the tag; text is written in quotes")
}

/// Whether a tag is the lone `!`, which only says that the value is not to be guessed.
pub(super) fn is_bang(tag: &Tag) -> bool {
    tag.original() == "!"
}

fn tagged(scalar: Scalar<'_>) -> (Value, Option<YamlError>) {
    let Some(tag) = scalar.tag else {
        return (Value::Null, None);
    };
    if is_bang(&tag) || tag.core_suffix() == Some("str") {
        // A scalar without text is reported as `~`.
        let empty = scalar.plain && scalar.span.start == scalar.span.end;
        let text = if empty {
            String::new()
        } else {
            scalar.text.into_owned()
        };
        return (Value::String(text), None);
    }
    let value = match (tag.core_suffix(), resolve(&scalar.text)) {
        (Some("null"), Plain::Null) => Some(Value::Null),
        (Some("bool"), Plain::Bool(value)) => Some(Value::Bool(value)),
        (Some("int"), Plain::Number(number)) if !number.is_f64() => Some(Value::Number(number)),
        (Some("float"), Plain::Number(number)) => number
            .as_f64()
            .and_then(Number::from_f64)
            .map(Value::Number),
        _ => None,
    };
    match value {
        Some(value) => (value, None),
        None => (Value::Null, Some(tag_error(&tag, scalar.tag_span))),
    }
}

fn problem(plain: &Plain, text: &str, span: Span) -> Option<YamlError> {
    if *plain == Plain::Text {
        return quotes::problem(text, span, "text");
    }
    let text = shown(text);
    let quoted = || format!("quote it if you mean text: \"{text}\"");
    let ambiguous = YamlErrorKind::AmbiguousScalar;
    Some(match plain {
        Plain::LooksBoolean => {
            let truth =
                matches!(text.as_bytes()[0], b'y' | b'Y') || text.eq_ignore_ascii_case("on");
            let message = format!("`{text}` is read as text, not as a boolean");
            YamlError::new(ambiguous, span, message).help(format!("{}; or write {truth}", quoted()))
        }
        Plain::LooksNumber => {
            let message = format!("`{text}` is read as text, not as a number");
            let help = format!("{}; a number has no leading zeros and no `_`", quoted());
            YamlError::new(ambiguous, span, message).help(help)
        }
        Plain::OutOfRange => {
            let message = format!("the number `{text}` does not fit in 64 bits");
            YamlError::new(YamlErrorKind::NumberRange, span, message).help(quoted())
        }
        Plain::NotFinite => {
            let message = format!("`{text}` cannot be written as JSON");
            YamlError::new(YamlErrorKind::NumberRange, span, message).help(quoted())
        }
        _ => return None,
    })
}

/// What a plain scalar means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plain {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text,
    /// Text that YAML 1.1 readers take for a boolean.
    LooksBoolean,
    /// Text that some readers take for a number.
    LooksNumber,
    /// A number that 64 bits cannot hold.
    OutOfRange,
    /// An infinity or `.nan`.
    NotFinite,
}

/// Resolves a plain scalar. The first byte decides for almost every text.
pub(super) fn resolve(text: &str) -> Plain {
    let Some(first) = text.bytes().next() else {
        return Plain::Null;
    };
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O' => word(text),
        _ => Plain::Text,
    }
}

fn word(text: &str) -> Plain {
    match text {
        "~" | "null" | "Null" | "NULL" => Plain::Null,
        "true" | "True" | "TRUE" => Plain::Bool(true),
        "false" | "False" | "FALSE" => Plain::Bool(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "n" | "N" | "no" | "No" | "NO" | "on" | "On" | "ON"
        | "off" | "Off" | "OFF" => Plain::LooksBoolean,
        _ => Plain::Text,
    }
}

fn number(text: &str) -> Plain {
    if let Some(plain) = other_base(text) {
        return plain;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Plain::NotFinite,
        ".nan" | ".NaN" | ".NAN" if unsigned.len() == text.len() => return Plain::NotFinite,
        _ => {}
    }
    let bytes = unsigned.as_bytes();
    let leading_zero = matches!(bytes, [b'0', b'0'..=b'9', ..]);
    if !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit) {
        return if leading_zero {
            Plain::LooksNumber
        } else {
            integer(text)
        };
    }
    if bytes.first().is_some_and(u8::is_ascii_digit)
        && bytes.contains(&b'_')
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'_')
    {
        return Plain::LooksNumber;
    }
    match (is_float(bytes), leading_zero) {
        (false, _) => Plain::Text,
        (true, true) => Plain::LooksNumber,
        (true, false) => float(text),
    }
}

/// Hexadecimal, octal, and the binary form that only YAML 1.1 has.
fn other_base(text: &str) -> Option<Plain> {
    let (radix, digits) = match text.as_bytes() {
        [b'0', b'x', ..] => (16, &text[2..]),
        [b'0', b'o', ..] => (8, &text[2..]),
        [b'0', b'b', ..] => (2, &text[2..]),
        _ => return None,
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Some(Plain::Text);
    }
    if radix == 2 {
        return Some(Plain::LooksNumber);
    }
    let number = u64::from_str_radix(digits, radix);
    Some(number.map_or(Plain::OutOfRange, |number| Plain::Number(number.into())))
}

fn integer(text: &str) -> Plain {
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Ok(number) = text.parse::<i64>() {
        return Plain::Number(number.into());
    }
    text.parse::<u64>()
        .map_or(Plain::OutOfRange, |number| Plain::Number(number.into()))
}

/// Whether an unsigned text has the form of a float: `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, then `[eE][-+]?[0-9]+`.
fn is_float(bytes: &[u8]) -> bool {
    let digits = |bytes: &[u8]| {
        bytes
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let whole = digits(bytes);
    let mut rest = &bytes[whole..];
    let mut fraction = 0;
    if let [b'.', tail @ ..] = rest {
        fraction = digits(tail);
        rest = &tail[fraction..];
    }
    if whole + fraction == 0 {
        return false;
    }
    if let [b'e' | b'E', tail @ ..] = rest {
        let exponent = match tail {
            [b'+' | b'-', tail @ ..] => tail,
            _ => tail,
        };
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

fn float(text: &str) -> Plain {
    let number = text.parse::<f64>().ok().and_then(Number::from_f64);
    let number = number.filter(|_| exact::of(text.strip_prefix('+').unwrap_or(text)).is_none());
    number.map_or(Plain::OutOfRange, Plain::Number)
}
