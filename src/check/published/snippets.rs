//! Snippets: a new manifest of a kind, made of the example of the kind.
//!
//! The body of a snippet is a value whose texts editors write as they stand, so that they are quoted here
//! where YAML needs it. `${1:text}` is a place to fill in.

use serde_json::{Value, json};

use crate::kinds::field::{Codec, WireWord};
use crate::kinds::{KindDef, KindId, conditions_field};
use crate::text::{FileId, Limits, yaml};

/// The snippet of a new manifest.
pub(super) fn document(kind: KindId) -> Value {
    let mut places = 0;
    let mut example = known(kind, super::super::schema::example(kind));
    if let Some(metadata) = example.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, _| key == "name");
    }
    let is_name = |pointer: &str| pointer == "/metadata/name" || pointer == "/spec/displayName";
    let references: Vec<String> = references(kind).collect();
    let body = body(&example, "", &mut |pointer, text| {
        (is_name(pointer) || references.iter().any(|field| pointer.starts_with(field))).then(|| {
            places += 1;
            format!("${{{places}:{text}}}")
        })
    });
    json!({
        "label": format!("new {kind}"),
        "description": super::super::schema::about(kind),
        "body": body,
    })
}

/// An example in which everything is known: a number of a condition would be that of no account. Instead of such conditions
/// there is the one that every visitor meets.
fn known(kind: KindId, example: Value) -> Value {
    let def = kind.def();
    let Some(field) = conditions_field(def) else {
        return example;
    };
    let conditions = example["spec"][field].as_array().into_iter().flatten();
    let has_number = conditions.into_iter().any(|it| it["type"].is_number());
    let Some(word) = unrestricted(def, field).filter(|_| has_number) else {
        return example;
    };
    let title = word.doc.trim().trim_end_matches('.');
    let name = title.to_lowercase().replace(' ', "-");
    json!({
        "apiVersion": example["apiVersion"],
        "kind": example["kind"],
        "metadata": { "name": name },
        "spec": { "displayName": title, field: [{ "type": word.word }] },
    })
}

/// The word of the condition that restricts nothing: the platform's number 0.
fn unrestricted(def: &KindDef, field: &str) -> Option<&'static WireWord> {
    let list = def.fields.iter().find(|it| it.spec == field)?;
    let Codec::List { fields, .. } = list.codec else {
        return None;
    };
    let Codec::Word(words) = fields.iter().find(|it| it.spec == "type")?.codec else {
        return None;
    };
    words.list.iter().find(|it| it.wire.to_value() == 0)
}

/// The fields of a kind that refer to other manifests, as pointers.
fn references(kind: KindId) -> impl Iterator<Item = String> {
    let fields = kind.def().fields.iter();
    let fields = fields.filter(|field| {
        matches!(
            field.codec,
            Codec::Ref(_) | Codec::RefSet(_) | Codec::RefList(_)
        )
    });
    fields.map(|field| format!("/spec/{}", field.spec))
}

/// A value as the body of a snippet. `place` makes a place to fill in of a text, `None` to leave it.
fn body(value: &Value, at: &str, place: &mut dyn FnMut(&str, &str) -> Option<String>) -> Value {
    match value {
        // Editors write nothing for an empty list, which is null then.
        Value::Array(items) if items.is_empty() => Value::from("[]"),
        Value::Object(map) if map.is_empty() => Value::from("{}"),
        Value::Object(map) => {
            let fields = map.iter().map(|(key, value)| {
                let value = body(value, &format!("{at}/{key}"), place);
                (escaped(&quoted(key)), value)
            });
            Value::Object(fields.collect())
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(index, item)| body(item, &format!("{at}/{index}"), place))
                .collect()
        }
        Value::String(text) => {
            let text = escaped(&quoted(text));
            Value::from(place(at, &text).unwrap_or(text))
        }
        plain => plain.clone(),
    }
}

/// A text as YAML reads it as the same text.
fn quoted(text: &str) -> String {
    let (documents, problems) = yaml::parse(FileId(0), text, &Limits::default());
    let is_plain = problems.is_empty()
        && !text.starts_with('^')
        && !text.contains(": ")
        && matches!(documents.as_slice(), [document] if *document.value == text);
    if is_plain {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

/// A text in which nothing is a place to fill in.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for ch in text.chars() {
        if matches!(ch, '\\' | '$' | '}') {
            escaped.push('\\');
        }
        escaped.push(ch);
    }
    escaped
}
