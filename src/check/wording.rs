//! How complaints about structure are worded: values, types and forms as people say them.

use jiff::civil::Date;
use serde_json::Value;

use super::tidy::prose;
use crate::diag::{Advice, Fix, suggestion};
use crate::text::Pointer;
use crate::text::yaml::instead_of_space;

/// A value as it fits into a sentence; long ones by their type.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(map) if map.is_empty() => "an empty mapping".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        Value::String(text) if text.chars().count() > 60 => "this text".to_owned(),
        Value::String(text) if text.is_empty() => "an empty text".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

/// What a schema node takes: the first words of its description where it has a form of its own, else its
/// types.
pub(super) fn wanted(node: &Value) -> String {
    form(node).map_or_else(
        || types(node),
        |form| match form.split_once(", ") {
            Some((noun, _)) => noun.to_owned(),
            None => form,
        },
    )
}

/// The form of a node whose type says too little, such as a percentage: the first clause of its
/// description.
fn form(node: &Value) -> Option<String> {
    if node.get("pattern").is_none() && node.get("then").is_none() {
        return None;
    }
    let text = prose(node.get("description")?.as_str()?);
    let sentence = text.split_once(". ").map_or(&*text, |(first, _)| first);
    let clause = sentence
        .split_once("; ")
        .map_or(sentence, |(first, _)| first);
    Some(lower_first(clause.trim_end_matches('.')))
}

/// The names of the fields of a node.
pub(super) fn property_names(node: &Value) -> Vec<&str> {
    let properties = node.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

/// The names of the fields of a node, or of the mapping among what it may be.
pub(super) fn names_below<'s>(schema: &'s Value, node: &'s Value) -> Vec<&'s str> {
    let referred = node.get("$ref").and_then(Value::as_str);
    let referred = referred.and_then(|at| schema.pointer(at.strip_prefix('#')?));
    let union = node.get("anyOf").and_then(Value::as_array);
    let mut nodes = referred.into_iter().chain(union.into_iter().flatten());
    match property_names(node) {
        names if names.is_empty() => nodes
            .find_map(|node| Some(names_below(schema, node)).filter(|it| !it.is_empty()))
            .unwrap_or_default(),
        names => names,
    }
}

/// What to write instead of `value` where `node` refused it.
pub(super) fn remedy(node: &Value, value: &Value) -> Advice {
    if let Some(form) = form(node) {
        return format!("it takes {form}").into();
    }
    let takes = |name: &str| type_names(node).contains(&name);
    match value {
        Value::String(text)
            if (takes("object") || takes("array"))
                && let Some(blank) = instead_of_space(text) =>
        {
            format!("it contains {blank} instead of a space: write a plain space").into()
        }
        Value::Number(_) | Value::Bool(_) if takes("string") => {
            let help = format!("put it in quotes if you mean text: `\"{value}\"`");
            Advice::from(help).fix(Fix::Quote)
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) if takes("array") => {
            let help = format!("write a list of one: `[{}]`", plain(value));
            Advice::from(help).fix(Fix::Write(format!("[{value}]")))
        }
        Value::Object(_) if takes("array") => "write a list: each item starts with `-`".into(),
        Value::String(text) if is_quoted(node, value) => {
            Advice::from("remove the quotes").fix(Fix::Write(text.clone()))
        }
        Value::String(text) if takes("boolean") && meant(text).is_some() => {
            let is = meant(text).unwrap_or_default();
            Advice::from(format!("write `{is}`")).fix(Fix::Write(is.to_string()))
        }
        _ => format!("it takes {}", types(node)).into(),
    }
}

/// Whether a text is what a node takes, but for its quotes.
pub(super) fn is_quoted(node: &Value, value: &Value) -> bool {
    let takes = |name: &str| type_names(node).contains(&name);
    let Some(text) = value.as_str() else {
        return false;
    };
    (takes("boolean") && text.parse::<bool>().is_ok())
        || (takes("number") && text.parse::<f64>().is_ok())
        || (takes("integer") && text.parse::<i64>().is_ok())
}

/// What a word of other formats means: YAML 1.1 had `yes` and `on`.
fn meant(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "on" => Some(true),
        "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

/// What is wrong with a date that its month does not have, and what to do.
pub(super) fn no_day(value: &Value) -> Option<(String, String)> {
    let text = value.as_str()?;
    let mut parts = text.get(..10)?.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
    let (day, days): (i8, i8) = (day.parse().ok()?, first.days_in_month());
    if (1..=days).contains(&day) {
        return None;
    }
    let month = first.strftime("%B %Y");
    Some((
        format!("{month} has {days} days"),
        format!("write a day from 01 to {days}"),
    ))
}

/// The types of a node, `a text or a list`; null is not worth a word.
fn types(node: &Value) -> String {
    let articled: Vec<_> = type_names(node)
        .into_iter()
        .filter(|name| *name != "null")
        .map(|name| match name {
            "string" => "a text",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "`true` or `false`",
            "array" => "a list",
            "object" => "a mapping",
            other => other,
        })
        .collect();
    if articled.is_empty() {
        "a value of another type".to_owned()
    } else {
        articled.join(" or ")
    }
}

fn type_names(node: &Value) -> Vec<&str> {
    match node.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// That a value is none of the words of a field.
pub(super) fn not_one_of(value: &Value, words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    format!("{} is not one of {}", shown(value), words.join(", "))
}

/// The nearest word, else what the field takes: words, and what the `others` of its branches take.
pub(super) fn word_remedy(value: &Value, words: &[&str], others: &[&Value]) -> Advice {
    let text = value.as_str();
    let takes_list = others
        .iter()
        .any(|node| type_names(node).contains(&"array"));
    if let Some(blank) = text.filter(|_| takes_list).and_then(instead_of_space) {
        return format!("it contains {blank} instead of a space: write a plain space").into();
    }
    if let Some(nearest) = text.and_then(|text| suggestion(text, words.iter().copied())) {
        return nearest;
    }
    let others = others.iter().flat_map(|node| type_names(node));
    let others = others.filter_map(|name| match name {
        "integer" => Some(", or a whole number of the platform's own"),
        "number" => Some(", or a number of the platform's own"),
        "array" => Some(", or a list of them"),
        _ => None,
    });
    format!("write one of these words{}", others.collect::<String>()).into()
}

/// The words of an enum, without null.
pub(super) fn words_of(options: &Value) -> Vec<&str> {
    let options = options.as_array().into_iter().flatten();
    let words = options.filter_map(|option| match option {
        Value::Bool(true) => Some("true"),
        other => other.as_str(),
    });
    words.collect()
}

/// A value without quotes.
pub(super) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// `count` of a thing, `1 item`, `3 items`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A sentence as a phrase.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}

/// What to say of a comment in the place of the value of a key, or of an item of a list, and what to do.
pub(super) fn commented(comment: &str, key: Option<&String>) -> (String, &'static str) {
    let comment = shown(&Value::from(comment));
    match key {
        Some(key) => (
            format!("{comment} is a comment, and `{key}` is empty"),
            "put the value in quotes, or remove the `#`",
        ),
        None => (
            format!("{comment} is a comment, and this item is empty"),
            "remove the `#`, or the whole line",
        ),
    }
}

/// What to write for labels and annotations, which are texts by their keys: people write lists, sets and single words.
pub(super) fn of_texts(pointer: &Pointer, value: &Value) -> Option<Advice> {
    let steps: Vec<String> = pointer.steps().collect();
    let (list, key) = match steps.as_slice() {
        [metadata, list] if metadata == "metadata" => (list, None),
        [metadata, list, key] if metadata == "metadata" => (list, Some(key)),
        _ => return None,
    };
    let example = match list.as_str() {
        "labels" => "labels: { team: web }",
        "annotations" => "annotations: { owner: web team }",
        _ => return None,
    };
    let each = format!("each has a key and a text, such as `{example}`");
    match (key, value) {
        (Some(key), Value::Null) if key.contains(':') => {
            let spaced = key.replacen(':', ": ", 1);
            Some(format!("a blank is missing after `:`: write `{spaced}`").into())
        }
        (Some(_), Value::Null | Value::Object(_) | Value::Array(_)) | (None, _) => {
            Some(each.into())
        }
        _ => None,
    }
}

/// What to do about an item of a list without a blank behind its dash, which is a key.
pub(super) fn dash(key: &str) -> Option<Advice> {
    let item = key.strip_prefix('-').filter(|it| !it.is_empty())?;
    Some(format!("an item of a list has a blank after the dash: write `- {item}: ..`").into())
}

/// What is wrong with a value of another type.
pub(super) fn wrong_type(pointer: &Pointer, value: &Value, node: &Value) -> String {
    if is_quoted(node, value) {
        return format!("`{value}` in quotes is a text, not {}", wanted(node));
    }
    if !value.is_null() {
        return format!("{} is not {}", shown(value), wanted(node));
    }
    match pointer.steps().last() {
        Some(key) if key.parse::<usize>().is_err() => format!("`{key}` is empty"),
        _ => "this item is empty".to_owned(),
    }
}
