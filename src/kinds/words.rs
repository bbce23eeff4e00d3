//! The enum of friendly words over a wire number, raw numbers accepted beside the words.

/// Declares such an enum: the words, their wire numbers and their texts, in one list.
///
/// The enum gets a `WORDS` table for [`Codec::Word`](super::field::Codec::Word), serde as the word or
/// the raw number, and a JSON Schema with one described value per word.
macro_rules! words {
    ($(#[doc = $about:literal])* pub enum $name:ident : $number:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal => $wire:literal,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($(#[doc = $doc])* $variant,)*
            /// A number of the platform's that has no word.
            Raw(serde_json::Number),
        }

        impl $name {
            /// The words with their wire numbers.
            pub const WORDS: &'static [$crate::kinds::field::Word] = &[
                $($crate::kinds::field::Word {
                    word: $word,
                    wire: $crate::kinds::field::WireNumber::$number($wire),
                    doc: concat!($($doc),*),
                },)*
            ];
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant => serializer.serialize_str($word),)*
                    Self::Raw(number) => number.serialize(serializer),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match serde_json::Value::deserialize(deserializer)? {
                    $(serde_json::Value::String(word) if word == $word => Ok(Self::$variant),)*
                    serde_json::Value::Number(number) if $crate::kinds::words::is_raw(&number, Self::WORDS) => Ok($crate::kinds::words::word_of_number(&number, Self::WORDS)
                        .and_then(|word| match word { $($word => Some(Self::$variant),)* _ => None })
                        .unwrap_or(Self::Raw(number))),
                    other => Err(serde::de::Error::custom($crate::kinds::words::unknown(&other, Self::WORDS))),
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::kinds::words::schema(concat!($($about),*), Self::WORDS)
            }
        }
    };
}

pub(crate) use words;

use schemars::{Schema, json_schema};
use serde_json::{Number, Value};

use super::field::{WireNumber, Word};

/// The word for a raw number, `None` when there is none.
pub(crate) fn word_of_number(number: &Number, words: &[Word]) -> Option<&'static str> {
    let number = Value::Number(number.clone());
    words
        .iter()
        .find(|word| super::mapping::same(&word.wire.to_value(), &number))
        .map(|word| word.word)
}

/// Whether the platform may have a number beside those of the words: a whole one beside whole ones.
pub(crate) fn is_raw(number: &Number, words: &[Word]) -> bool {
    let takes_fractions = words
        .iter()
        .any(|word| matches!(word.wire, WireNumber::Fraction(_)));
    takes_fractions || is_whole(number)
}

/// Whether a number is whole, however it is written: JSON Schema counts `1.0` as whole.
pub(crate) fn is_whole(number: &Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// What to say about a value that is neither a word nor a number.
pub(crate) fn unknown(value: &Value, words: &[Word]) -> String {
    let list: Vec<_> = words.iter().map(|word| word.word).collect();
    format!("{value} is neither one of {} nor a number", list.join(", "))
}

/// A schema of described words, or a number. The two branches say nothing of themselves: editors would show
/// it beside the text of the field.
pub(crate) fn schema(about: &str, words: &[Word]) -> Schema {
    let names: Vec<_> = words.iter().map(|word| word.word).collect();
    let docs: Vec<_> = words.iter().map(|word| word.doc.trim()).collect();
    let raw = match words.first().map(|word| word.wire) {
        Some(WireNumber::Fraction(_)) => "number",
        _ => "integer",
    };
    json_schema!({
        "description": about.trim(),
        "anyOf": [
            { "enum": names, "enumDescriptions": docs },
            { "type": raw }
        ]
    })
}
