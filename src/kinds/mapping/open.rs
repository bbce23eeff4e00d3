//! What open JSON may hold beside the platform's own values: references by name, and values that stay as the account
//! has them.
//!
//! `{ $ref: checkout }` stands for the id of an object. In a field that can refer to one kind only, the name is enough;
//! elsewhere the kind stands beside it: `{ $ref: Orders, kind: Skill }`. Some ids are texts on the wire, which is said
//! by `as: text`. `{ $keep: survey }` stands for whatever the account holds at its place.

use serde_json::{Map, Value};

use crate::kinds::{KindId, Role};

/// Marks the name and reference key inside open JSON, `{$ref: checkout}`.
pub const REF_KEY: &str = "$ref";

/// Marks a value that stays as the account has it, and says what it is: `{$keep: survey}`.
pub const KEEP_KEY: &str = "$keep";

const KIND: &str = "kind";
const AS: &str = "as";
const TEXT: &str = "text";

/// A reference in open JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenReference<'a> {
    /// The kind that is referred to.
    pub kind: &'static str,
    /// The reference as written.
    pub reference: &'a Value,
    /// Whether the id is a text on the wire.
    pub is_text: bool,
}

/// The reference that an object of open JSON is; `inside` is the kind that is meant where the reference names none.
#[must_use]
pub fn open_reference<'a>(
    map: &'a Map<String, Value>,
    inside: Option<&'static str>,
) -> Option<OpenReference<'a>> {
    let reference = map.get(REF_KEY)?;
    let mut known = 1;
    let kind = match map.get(KIND) {
        None => inside?,
        Some(word) => {
            known += 1;
            named_kind(word.as_str()?, inside)?
        }
    };
    let is_text = match map.get(AS) {
        None => false,
        Some(form) => {
            known += 1;
            (form == TEXT).then_some(true)?
        }
    };
    (map.len() == known).then_some(OpenReference {
        kind,
        reference,
        is_text,
    })
}

/// A kind that open JSON may name: those that are never in manifests, so that nothing has to wait for them.
fn named_kind(word: &str, inside: Option<&'static str>) -> Option<&'static str> {
    let def = KindId::named(word)?.def();
    (def.role == Role::Reference || inside == Some(def.name)).then_some(def.name)
}

/// A reference as open JSON; `kind` where the field does not say it.
pub(super) fn written(reference: Value, kind: Option<&'static str>, is_text: bool) -> Value {
    let mut map = Map::from_iter([(REF_KEY.to_owned(), reference)]);
    if let Some(kind) = kind {
        map.insert(KIND.to_owned(), kind.into());
    }
    if is_text {
        map.insert(AS.to_owned(), TEXT.into());
    }
    Value::Object(map)
}

/// What a value that stays as the account has it is, `survey`; none for any other value.
#[must_use]
pub fn kept(value: &Value) -> Option<&str> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.get(KEEP_KEY)?.as_str()
}

/// A value that stays as the account has it.
#[must_use]
pub fn keep(what: &str) -> Value {
    Value::Object(Map::from_iter([(KEEP_KEY.to_owned(), what.into())]))
}
