//! The words of a spec, each with its place: which numbers a manifest rests on.

use serde_json::Value;

use super::field::{Codec, Field, FieldWords, WireWord};
use super::mapping::get_path;
use crate::text::Pointer;

/// A word that a spec says.
#[derive(Clone, Debug, PartialEq)]
pub struct SaidWord {
    /// The place below `spec`.
    pub pointer: Pointer,
    /// The words of the field.
    pub words: &'static FieldWords,
    /// The one of them.
    pub word: &'static WireWord,
}

/// Every word of a spec, in the order of the table.
#[must_use]
pub fn words_of(fields: &'static [Field], spec: &Value) -> Vec<SaidWord> {
    let mut said = Vec::new();
    walk(fields, spec, &Pointer::root(), &mut said);
    said
}

/// The field of a spec at a place; `None` where no table has one.
#[must_use]
pub fn field_at(fields: &'static [Field], pointer: &Pointer) -> Option<&'static Field> {
    let (mut fields, mut path) = (fields, String::new());
    let mut found: Option<&'static Field> = None;
    for step in pointer.steps() {
        if let Some(Field {
            codec: Codec::List { fields: inner, .. },
            ..
        }) = found
        {
            (fields, path, found) = (inner, String::new(), None);
            continue;
        }
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(&step);
        found = fields.iter().find(|field| field.spec == path);
        if let Some(Field {
            codec: Codec::Object(inner),
            ..
        }) = found
        {
            (fields, path) = (inner, String::new());
        }
    }
    found
}

/// The words that bear on a place of a spec: those in it, and those that tell apart the items of lists around it.
#[must_use]
pub fn words_at(fields: &'static [Field], spec: &Value, place: &Pointer) -> Vec<SaidWord> {
    let mut said = words_of(fields, spec);
    said.retain(|said| said.pointer.starts_with(place) || is_key_around(fields, said, place));
    said
}

/// Whether a word is the key of a list item that a place lies in.
fn is_key_around(fields: &'static [Field], said: &SaidWord, place: &Pointer) -> bool {
    let Some(item) = said.pointer.parent() else {
        return false;
    };
    let list = item.parent().and_then(|list| field_at(fields, &list));
    let Some(Codec::List { key: Some(key), .. }) = list.map(|list| list.codec) else {
        return false;
    };
    said.pointer == item.key(key) && place.starts_with(&item)
}

fn walk(fields: &'static [Field], spec: &Value, at: &Pointer, said: &mut Vec<SaidWord>) {
    for field in fields {
        let Some(value) = get_path(spec, field.spec) else {
            continue;
        };
        let here = field
            .spec
            .split('.')
            .fold(at.clone(), |at, key| at.key(key));
        match &field.codec {
            Codec::Word(words) => {
                let word = value.as_str().and_then(|word| words.get(word));
                said.extend(word.map(|word| SaidWord {
                    pointer: here,
                    words,
                    word,
                }));
            }
            Codec::Object(inner) => walk(inner, value, &here, said),
            Codec::List { fields, .. } => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    walk(fields, item, &here.index(index), said);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KindId;

    #[test]
    fn words_are_found_in_a_place_and_around_it() {
        let fields = KindId::known("Engagement").def().fields;
        let spec = json!({
            "type": "overlay", "position": { "type": "overlay" },
            "displayInstances": [{ "type": "offline" }, { "type": "online", "enabled": true }],
        });
        let at = |place: &str| {
            let said = words_at(fields, &spec, &Pointer::from(place));
            let said = said
                .iter()
                .map(|said| format!("{} {}", said.pointer, said.word.word));
            said.collect::<Vec<_>>()
        };
        assert_eq!(at("/type"), ["/type overlay"]);
        assert_eq!(at("/position"), ["/position/type overlay"]);
        assert_eq!(
            at("/displayInstances"),
            [
                "/displayInstances/0/type offline",
                "/displayInstances/1/type online"
            ]
        );
        assert_eq!(
            at("/displayInstances/1/enabled"),
            ["/displayInstances/1/type online"]
        );
        assert_eq!(at("/enabled"), [""; 0]);
    }
}
