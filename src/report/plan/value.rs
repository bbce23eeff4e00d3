//! Values in a plan: short ones on the line, long text and open JSON as a line diff.
//!
//! What looks like a secret is struck out wherever a value is shown, so that a token which a variable or `extra` carries
//! reaches no log and no comment. Values are compared before that: two tokens that differ are still a change.

use std::collections::BTreeSet;

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::kinds::mapping::named_in;
use crate::plan::{Change, FieldChange};
use crate::text::looks::without_secrets;
use crate::text::safe::{escaped, has_hidden, line};
use crate::text::{Pointer, exact};

/// How many characters of a value stand on a line.
const LINE: usize = 100;

/// How many items of a list that come or go are named.
const ITEMS: usize = 5;

/// How many equal lines are shown around a difference.
const CONTEXT: usize = 2;

/// A field as people name it, items of lists by what tells them apart: `displayInstances[online].enabled`.
pub(in crate::report) fn named_field(change: &Change, field: &FieldChange) -> String {
    let Some(below) = field.pointer.as_str().strip_prefix("/spec") else {
        return field.path();
    };
    let spec = [&change.declared, &change.was].into_iter();
    let mut spec = spec.filter(|spec| spec.is_object());
    let fields = change.kind.def().fields;
    match spec.next() {
        Some(spec) => named_in(fields, spec, &Pointer::from(below)),
        None => field.path(),
    }
}

/// A value on one line; what is too long is cut with a count.
pub(in crate::report) fn short(value: &Value) -> String {
    if value.is_null() {
        return "(none)".to_owned();
    }
    let text = flow(value);
    let length = text.chars().count();
    if length <= LINE {
        return text;
    }
    let head: String = text.chars().take(LINE - 20).collect();
    format!("{head}… ({} more characters)", length - (LINE - 20))
}

/// What is said of a value beside another one, where what looks like a secret is all that they differ in.
const DIFFERS: &str = " (differs in what is hidden)";

/// Two values that differ, each on one line.
pub(in crate::report) fn pair(before: &Value, after: &Value) -> (String, String) {
    let (shown, mut other) = (short(before), short(after));
    if before != after && shown == other {
        other.push_str(DIFFERS);
    }
    (shown, other)
}

/// Says of each new line that looks like an old one that it differs.
pub(in crate::report) fn mark_hidden(lines: &mut [(char, String)]) {
    let gone: BTreeSet<String> = lines
        .iter()
        .filter(|(sign, _)| *sign == '-')
        .map(|(_, text)| text.clone())
        .collect();
    for (sign, text) in lines {
        if *sign == '+' && gone.contains(text) {
            text.push_str(DIFFERS);
        }
    }
}

/// What a long list of names gains and loses, with the counts before and after, where the others keep their order: `None`
/// when it takes few lines to show item by item.
pub(in crate::report) fn list_diff(
    before: &Value,
    after: &Value,
) -> Option<(String, Vec<(char, String)>)> {
    let (before, after) = (before.as_array()?, after.as_array()?);
    let without = |list: &[Value], other: &[Value]| -> (Vec<String>, Vec<Value>) {
        let other: BTreeSet<String> = other.iter().map(Value::to_string).collect();
        let (kept, gone) = list
            .iter()
            .cloned()
            .partition(|it| other.contains(&it.to_string()));
        let gone: Vec<Value> = gone;
        (gone.iter().map(flow).collect(), kept)
    };
    let ((gone, kept), (new, stays)) = (without(before, after), without(after, before));
    let is_long = gone.len().max(new.len()) > ITEMS + 1;
    if !is_long || kept != stays || !before.iter().chain(after).all(is_simple) {
        return None;
    }
    let lines = [('-', gone), ('+', new)].into_iter();
    let lines = lines.filter(|(_, names)| !names.is_empty());
    let lines = lines.map(|(sign, mut names)| {
        if names.len() > ITEMS + 1 {
            let more = names.split_off(ITEMS).len();
            return (sign, format!("{} and {more} more", names.join(", ")));
        }
        (sign, names.join(", "))
    });
    let counts = format!("{} -> {} items", before.len(), after.len());
    Some((counts, lines.collect()))
}

/// The lines of two long values with `-`, `+` or a blank in front; `None` when both fit on a line.
pub(in crate::report) fn line_diff(before: &Value, after: &Value) -> Option<Vec<(char, String)>> {
    if !is_long(before) && !is_long(after) {
        return None;
    }
    let (before, after) = (lines(before), lines(after));
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
    let mut shown = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            shown.push((' ', "…".to_owned()));
        }
        for change in group
            .iter()
            .flat_map(|operation| diff.iter_changes(operation))
        {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let shown_line = without_secrets(change.value().trim_end_matches('\n'));
            shown.push((sign, shown_line.into_owned()));
        }
    }
    mark_hidden(&mut shown);
    Some(shown)
}

fn is_long(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\n') || text.chars().count() > LINE,
        Value::Array(items) => !items.iter().all(is_simple) || short(value).chars().count() > LINE,
        Value::Object(_) => !is_simple(value),
        _ => false,
    }
}

/// A scalar, or a reference by live name or id.
fn is_simple(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.len() == 1
                && map
                    .values()
                    .all(|inner| !inner.is_object() && !inner.is_array())
        }
        Value::Array(_) => false,
        _ => true,
    }
}

/// A value in YAML's flow style, on one line.
pub(in crate::report) fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => plain_or_quoted(text),
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(flow).collect::<Vec<_>>().join(", ")
        ),
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries: Vec<_> = map
                .iter()
                .map(|(key, value)| {
                    let key = without_secrets(key);
                    format!("{}: {}", line(&key), flow(value))
                })
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// Text without quotes where it cannot be misread, else in quotes.
fn plain_or_quoted(text: &str) -> String {
    let text = &*without_secrets(text);
    if let Some(digits) = exact::digits(&Value::from(text)) {
        return digits.to_owned();
    }
    let is_plain = !text.is_empty()
        && text.trim() == text
        && !text.contains('"')
        && !is_of_another_type(text)
        && text.parse::<f64>().is_err();
    if is_plain && !has_hidden(text) {
        return line(text).into_owned();
    }
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", line(&quoted))
}

/// Whether YAML reads a text without quotes as nothing, as a boolean, or as an item of a list.
fn is_of_another_type(text: &str) -> bool {
    let words = [
        "null", "Null", "NULL", "~", "true", "True", "TRUE", "false", "False", "FALSE",
    ];
    words.contains(&text) || text == "-" || text.starts_with("- ")
}

fn lines(value: &Value) -> String {
    let mut text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => serde_yaml::to_string(other).unwrap_or_else(|_| other.to_string()),
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    // A tab and a return are part of what differs.
    text.split_inclusive('\n')
        .map(|it| match it.strip_suffix('\n') {
            Some(it) => format!("{}\n", escaped(it)),
            None => escaped(it).into_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    const OTHER: &str = "xoxb-123456789012-abcdef";

    #[test]
    fn two_secrets_that_differ_are_a_change_that_can_be_seen() {
        let said = |token: &str| json!(format!("see {token}"));
        let (before, after) = pair(&said(TOKEN), &said(OTHER));
        assert_eq!(before, "see ********");
        assert_eq!(after, "see ******** (differs in what is hidden)");
        assert_eq!(
            pair(&json!("a"), &json!("b")),
            ("a".to_owned(), "b".to_owned())
        );
        let lines = |token: &str| json!(format!("one\nsee {token}\n"));
        let shown = line_diff(&lines(TOKEN), &lines(OTHER)).unwrap();
        let new: Vec<&String> = shown
            .iter()
            .filter(|it| it.0 == '+')
            .map(|it| &it.1)
            .collect();
        assert_eq!(new, ["see ******** (differs in what is hidden)"]);
    }

    #[test]
    fn no_value_shows_what_looks_like_a_secret() {
        let long = format!("{} {TOKEN}", "word ".repeat(30));
        for value in [
            json!(TOKEN),
            json!(format!("see {TOKEN}, please")),
            json!([TOKEN, "b"]),
            json!({ "a": { "b": [TOKEN] } }),
            json!({ TOKEN: 1 }),
            json!(format!("one\n{TOKEN}\nthree")),
            json!({ "a": [{ "b": TOKEN, "c": 1 }], "d": 2 }),
            json!(long),
        ] {
            let shown = [short(&value), flow(&value)].join("\n");
            let lines = line_diff(&Value::Null, &value).into_iter().flatten();
            let shown = lines.fold(shown, |shown, (_, line)| shown + "\n" + &line);
            assert!(!shown.contains("16C7e42F"), "{shown}");
            assert!(shown.contains("********"), "{shown}");
        }
    }

    #[test]
    fn a_text_is_not_shown_as_another_type() {
        for text in ["null", "~", "true", "False", "- d", "1.0"] {
            assert_eq!(flow(&json!(text)), format!("\"{text}\""));
        }
        for value in [json!("a - b"), json!("nullable"), json!(true), json!(null)] {
            assert!(!flow(&value).contains('"'), "{value}");
        }
    }

    #[test]
    fn a_secret_that_another_secret_replaces_is_a_change() {
        let text = |token: &str| json!(format!("one\ntwo {token}"));
        let lines = line_diff(&text(TOKEN), &text(OTHER)).unwrap();
        let signs: Vec<char> = lines.iter().map(|(sign, _)| *sign).collect();
        assert_eq!(signs, [' ', '-', '+']);
        let list = |token: &str| {
            let names = (0..9).map(|at| format!("{token}{at}"));
            json!(names.collect::<Vec<_>>())
        };
        let (_, lines) = list_diff(&list(TOKEN), &list(OTHER)).unwrap();
        assert_eq!(lines.len(), 2);
    }
}
