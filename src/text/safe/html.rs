//! HTML and SVG.

use std::fmt::Write as _;

use serde_json::Value;

use super::hidden::visible;
use super::terminal::line;
use crate::text::looks::without_secrets;

/// Text between tags and in quoted attributes, of HTML and of SVG, on one line.
#[must_use]
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in line(text).chars() {
        match ch {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    // A line of a page may be read by a pipeline, too.
    if out.trim_start().starts_with("::") {
        return out.replacen(':', "&#58;", 1);
    }
    out
}

/// JSON that is safe in a `script` element: nothing in it ends the element or begins a comment, and what its texts hide
/// is shown by the script that shows them. A page is for people: what looks like a secret is struck out here, too.
#[must_use]
pub fn html_json(json: &Value) -> String {
    let mut out = String::new();
    for (ch, hidden) in visible(&struck(json).to_string()) {
        match ch {
            '<' | '>' | '&' | '#' => {
                let _ = write!(out, "\\u{:04x}", u32::from(ch)); // writing to a string cannot fail
            }
            _ if hidden => out.push_str(&line(ch.encode_utf8(&mut [0; 4])).replace('\\', "\\\\")),
            other => out.push(other),
        }
    }
    out
}

/// The same without what looks like a secret, in values and in keys.
fn struck(json: &Value) -> Value {
    match json {
        Value::String(text) => Value::from(&*without_secrets(text)),
        Value::Array(items) => items.iter().map(struck).collect(),
        Value::Object(map) => {
            let entries = map.iter();
            entries
                .map(|(key, value)| (without_secrets(key).into_owned(), struck(value)))
                .collect()
        }
        other => other.clone(),
    }
}
