//! The enum of friendly words over a wire number, raw numbers accepted beside the words.
//!
//! Each word carries how sure its number is ([`Certainty`](super::field::Certainty)): schemas, hovers, `explain` and plans mark the
//! unconfirmed ones. A word whose number was wrong in an earlier version keeps that number as a [`Former`](super::field::Former) one,
//! so that what was recorded with it is still read as it was meant on the wire; see [`VOCABULARY`].

/// Declares such an enum: the words, their wire numbers with their certainty, and their texts, in one list. After
/// `former` come the numbers that words had in the first vocabulary, and what to write instead of those that are
/// gone.
///
/// The enum gets a `WORDS` table for [`Codec::Word`](super::field::Codec::Word), serde as the word or
/// the raw number, and a JSON Schema with one described value per word.
macro_rules! words {
    ($(#[doc = $about:literal])* pub enum $name:ident : $number:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal => $wire:literal $certainty:ident,)* } $(former { $($old:literal => $was:literal $remedy:literal,)* })?) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($(#[doc = $doc])* $variant,)*
            /// A number of the platform's that has no word.
            Raw(serde_json::Number),
        }

        impl $name {
            /// The words with their wire numbers.
            pub const WORDS: &'static $crate::kinds::field::FieldWords = &$crate::kinds::field::FieldWords {
                list: &[
                    $($crate::kinds::field::WireWord {
                        word: $word,
                        wire: $crate::kinds::field::WireNumber::$number($wire),
                        certainty: $crate::kinds::field::Certainty::$certainty,
                        doc: concat!($($doc),*),
                    },)*
                ],
                former: &[
                    $($($crate::kinds::field::Former {
                        word: $old,
                        wire: $crate::kinds::field::WireNumber::$number($was),
                        remedy: $remedy,
                    },)*)?
                ],
            };
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

use super::field::{FieldWords, WireNumber, WireWord};
use crate::text::number::{is_whole, same_number};

/// Which numbers the words of this version stand for. It grows when a word gets another number; ledgers and plans
/// say which one they were written in.
pub const VOCABULARY: u32 = 2;

/// The vocabulary of records that do not name theirs.
#[must_use]
pub const fn first_vocabulary() -> u32 {
    1
}

/// The word for a raw number, `None` when there is none.
pub(crate) fn word_of_number(number: &Number, words: &FieldWords) -> Option<&'static str> {
    let is_it = |word: &&WireWord| {
        let wire = word.wire.to_value();
        matches!(&wire, Value::Number(wire) if same_number(wire, number))
    };
    words.list.iter().find(is_it).map(|word| word.word)
}

/// Whether the platform may have a number beside those of the words: a whole one beside whole ones.
pub(crate) fn is_raw(number: &Number, words: &FieldWords) -> bool {
    let mut listed = words.list.iter();
    let takes_fractions = listed.any(|word| matches!(word.wire, WireNumber::Fraction(_)));
    takes_fractions || is_whole(number)
}

/// What to say about a value that is neither a word nor a number.
pub(crate) fn unknown(value: &Value, words: &FieldWords) -> String {
    let list: Vec<_> = words.list.iter().map(|word| word.word).collect();
    format!("{value} is neither one of {} nor a number", list.join(", "))
}

/// A schema of described words, or a number. The two branches say nothing of themselves: editors would show
/// it beside the text of the field.
pub(crate) fn schema(about: &str, words: &FieldWords) -> Schema {
    let names: Vec<_> = words.list.iter().map(|word| word.word).collect();
    let docs: Vec<_> = words.list.iter().map(described).collect();
    let raw = match words.list.first().map(|word| word.wire) {
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

/// The text of a word, with a remark where its number is not confirmed.
fn described(word: &WireWord) -> String {
    let doc = word.doc.trim();
    if word.certainty.is_confirmed() {
        doc.to_owned()
    } else {
        format!("{doc} {UNCONFIRMED}")
    }
}

/// What is said of a word whose number nothing confirms.
pub const UNCONFIRMED: &str =
    "Unconfirmed: no page of the vendor and no captured answer shows its number.";
