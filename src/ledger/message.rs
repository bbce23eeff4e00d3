//! What a store said, fit to be shown: on one line, bounded, without secrets.

use std::error::Error;
use std::fmt::Write as _;

use crate::name::Secret;

/// The longest message that is kept.
const LONGEST: usize = 400;

/// An error with its causes.
pub(super) fn shown(error: &dyn Error, secrets: &[Secret]) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            let _ = write!(text, ": {said}"); // a string can be written to
        }
        cause = inner.source();
    }
    bounded(&text, secrets)
}

/// A text on one line, its secrets taken out.
pub(super) fn bounded(text: &str, secrets: &[Secret]) -> String {
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for secret in secrets.iter().map(Secret::expose) {
        if !secret.is_empty() {
            text = text.replace(secret, "[redacted]");
        }
    }
    text.retain(|ch| !ch.is_control());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text,
    }
}
