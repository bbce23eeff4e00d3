//! What the rows of an account look like, without what they say: the document of `doctor --capture`.
//!
//! A capture is made to be shared. Of a value it has the type alone, of a number whether it is whole or has a
//! point, of a text its form (digits, a date, ..). The one exception are the numbers of enums that the field
//! tables have words for. A key is written where it looks like a word of a program, and where its object is not
//! a map of the account's own; else it is `*`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Number, Value};

use super::ledger::json;
use crate::kinds::KindDef;
use crate::kinds::field::{Codec, Field};

/// The format of the document.
pub const FORMAT: &str = "campaignctl.capture/v1";

/// The longest key that is written.
const LONGEST_KEY: usize = 40;

/// The most keys of one object that are written.
const MOST_KEYS: usize = 150;

/// The largest number of an enum that is written.
const LARGEST_ENUM: u64 = 999;

/// Objects whose keys the account chooses.
const MAPS: [&str; 6] = [
    "customVars",
    "headerVariables",
    "headers",
    "macros",
    "variables",
    "webhooks",
];

/// What takes the place of a key that is not written.
const ANY: &str = "*";

/// The shapes of an account.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Capture {
    /// The format.
    pub format: &'static str,
    /// The version of the program.
    pub version: &'static str,
    /// The collections.
    pub collections: Vec<Collected>,
}

/// One collection.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Collected {
    /// The kind.
    pub kind: &'static str,
    /// The path below account config.
    pub path: &'static str,
    /// The `v` of the calls.
    pub v: &'static str,
    /// Why it could not be read, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<&'static str>,
    /// The rows as the list has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<CapturedShape>,
    /// Some of them as items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<CapturedShape>,
}

/// The values at one place of all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CapturedShape {
    /// How many values have which type.
    pub types: BTreeMap<&'static str, u64>,
    /// Of an enum with words: how often each number occurs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers: BTreeMap<String, u64>,
    /// The values of each key, where they are objects.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, Self>,
    /// The items, where they are lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elements: Option<Box<Self>>,
}

impl Capture {
    /// The document.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(self)
    }
}

impl CapturedShape {
    /// The shape of rows of a kind.
    #[must_use]
    pub fn of<'r>(def: &KindDef, rows: impl IntoIterator<Item = &'r Value>) -> Self {
        let mut enums = BTreeSet::new();
        find_enums(def.fields, "", &mut enums);
        let mut shape = Self::default();
        for row in rows {
            shape.add(row, &enums, "", false);
        }
        shape
    }

    /// Adds a value at the path `at`. In a map, no key is written.
    fn add(&mut self, value: &Value, enums: &BTreeSet<String>, at: &str, is_map: bool) {
        *self.types.entry(type_of(value)).or_default() += 1;
        match value {
            Value::Number(number) if enums.contains(at) => self.count(number),
            Value::Array(items) => {
                let below = format!("{at}[]");
                let elements = self.elements.get_or_insert_default();
                for item in items {
                    elements.add(item, enums, &below, is_map);
                }
            }
            Value::Object(object) => {
                for (key, value) in object {
                    let is_shown = !is_map
                        && is_word(key)
                        && (self.keys.contains_key(key) || self.keys.len() < MOST_KEYS);
                    let shown = if is_shown { key.as_str() } else { ANY };
                    let below = match at {
                        "" => shown.to_owned(),
                        _ => format!("{at}.{shown}"),
                    };
                    let is_map = is_map || MAPS.contains(&shown);
                    let shape = self.keys.entry(shown.to_owned()).or_default();
                    shape.add(value, enums, &below, is_map);
                }
            }
            _ => {}
        }
    }

    /// Counts a number of an enum. A large one is an id in the wrong place.
    fn count(&mut self, number: &Number) {
        let number = match number.as_u64() {
            Some(small) if small <= LARGEST_ENUM => small.to_string(),
            Some(_) => "large".to_owned(),
            None => "other".to_owned(),
        };
        *self.numbers.entry(number).or_default() += 1;
    }
}

/// The wire paths of the fields that have words for numbers.
fn find_enums(fields: &[Field], above: &str, found: &mut BTreeSet<String>) {
    for field in fields.iter().filter(|field| !field.wire.is_empty()) {
        let path = format!("{above}{}", field.wire);
        match &field.codec {
            Codec::Word(_) => {
                found.insert(path);
            }
            Codec::Object(fields) => find_enums(fields, &format!("{path}."), found),
            Codec::List { fields, .. } => find_enums(fields, &format!("{path}[]."), found),
            _ => {}
        }
    }
}

/// The type of a value, and of a text its form.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
        Value::String(text) => form_of(text),
    }
}

fn form_of(text: &str) -> &'static str {
    let looks = |form: &str| {
        let fits = |(byte, like): (u8, u8)| match like {
            b'9' => byte.is_ascii_digit(),
            b'f' => byte.is_ascii_hexdigit(),
            like => byte == like,
        };
        text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
    };
    if text.is_empty() {
        "text, empty"
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        "text, digits"
    } else if looks("9999-99-99 99:99:99") {
        "text, yyyy-MM-dd HH:mm:ss"
    } else if looks("9999-99-99") {
        "text, yyyy-MM-dd"
    } else if looks("9999-99-99T99:99:99") {
        "text, yyyy-MM-ddTHH:mm:ss"
    } else if looks("ffffffff-ffff-ffff-ffff-ffffffffffff") {
        "text, UUID"
    } else {
        "text"
    }
}

/// Whether a key looks like one that a program chose: `createdDate`, `skill_id`, `font-family`, `line2`.
fn is_word(key: &str) -> bool {
    let letters = key.trim_end_matches(|ch: char| ch.is_ascii_digit());
    let digits = key.len() - letters.len();
    let is_part = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-');
    key.len() <= LONGEST_KEY
        && digits <= 2
        && letters.bytes().all(is_part)
        && letters.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::kinds::ALL;

    fn shape_of(kind: &str, rows: &Value) -> Value {
        let def = ALL.iter().find(|def| def.name == kind).unwrap();
        json!(CapturedShape::of(def, rows.as_array().unwrap()))
    }

    #[test]
    fn a_shape_has_types_presence_and_numbers_of_enums() {
        let rows = json!([
            {"type": 0, "controlGroup": {"percentage": 10.0}, "engagementIds": [1, 2], "goalId": 4_100_000_101_u64},
            {"type": 1, "controlGroup": {"percentage": 10}, "engagementIds": [], "startDate": "2026-01-02 03:04:05"},
        ]);
        insta::assert_snapshot!(shape_of("Campaign", &rows), @r#"{"types":{"object":2},"keys":{"controlGroup":{"types":{"object":2},"keys":{"percentage":{"types":{"float":1,"integer":1}}}},"engagementIds":{"types":{"list":2},"elements":{"types":{"integer":2}}},"goalId":{"types":{"integer":1}},"startDate":{"types":{"text, yyyy-MM-dd HH:mm:ss":1}},"type":{"types":{"integer":2},"numbers":{"0":1,"1":1}}}}"#);
    }

    /// Any JSON whose texts, large numbers and odd keys have a mark in them.
    fn marked() -> impl Strategy<Value = Value> {
        let text = "[ -~é]{0,8}hush[ -~é]{0,8}".prop_map(Value::from);
        let large = (0_u64..1000).prop_map(|more| Value::from(7_777_000 + more));
        let leaf = prop_oneof![
            text,
            large,
            Just(Value::Null),
            any::<bool>().prop_map(Value::from)
        ];
        let key = prop_oneof![
            "type|data|conditionBoxes|customVars|name",
            "[0-9]{3}hush",
            "hush [a-z]{3}",
            "hush@[a-z]{3}",
            "7777[0-9]{6}",
        ];
        leaf.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(key.clone(), inner, 0..5)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_value_is_in_a_capture(rows in prop::collection::vec(marked(), 0..4)) {
            for def in ALL {
                let text = json!(CapturedShape::of(def, &rows)).to_string();
                prop_assert!(!text.contains("hush") && !text.contains("777"), "{}: {text}", def.name);
            }
        }
    }

    #[test]
    fn numbers_of_enums_are_found_inside_lists() {
        let rows = json!([{"displayInstances": [
            {"displayInstanceType": 1}, {"displayInstanceType": 2.0}, {"displayInstanceType": 4_100_000_101_u64},
        ]}]);
        let shape = shape_of("Engagement", &rows);
        let states = &shape["keys"]["displayInstances"]["elements"]["keys"]["displayInstanceType"];
        assert_eq!(states["numbers"], json!({"1": 1, "large": 1, "other": 1}));
        assert_eq!(states["types"], json!({"integer": 2, "float": 1}));
    }

    #[test]
    fn keys_that_are_no_words_of_a_program_are_masked() {
        for key in [
            "createdDate",
            "skill_id",
            "font-family",
            "line2",
            "_links",
            "isLPA",
        ] {
            assert!(is_word(key), "{key}");
        }
        for key in [
            "",
            "4100000101",
            "1",
            "Ada Lovelace",
            "ada@example.com",
            "e35a6a",
            "00000000-0000-4000-8000-000000000001",
            "https://shop.example",
            "Zoë",
            "a-very-long-key-that-no-api-would-ever-have",
            "key123",
        ] {
            assert!(!is_word(key), "{key}");
        }
        let rows = json!([{"json": {"customVars": {"favouriteColour": {"deep": "blue"}}, "Ada Lovelace": 1}}]);
        let shape = shape_of("EngagementWindow", &rows);
        let style = &shape["keys"]["json"]["keys"];
        assert_eq!(
            style["customVars"]["keys"]["*"]["keys"]["*"]["types"],
            json!({"text": 1})
        );
        assert_eq!(style["*"]["types"], json!({"integer": 1}));
    }
}
