//! What the platform said, fit to be shown: bounded, on one line, without URLs and secrets.

use std::error::Error as _;

use serde_json::Value;

use super::secrets::Secrets;

/// The longest message of the platform that is kept.
const MESSAGE_MAX: usize = 300;

/// The keys that services put their message under (platform.md#error-bodies; OAuth's own last).
const KEYS: [&str; 4] = ["message", "errorMessage", "error_description", "error"];

/// The longest body that is looked at.
const BODY_MAX: usize = 64 * 1024;

/// The message in the body of an answer that is not a success.
pub(super) fn message_of(bytes: &[u8], secrets: &Secrets) -> String {
    let bytes = &bytes[..bytes.len().min(BODY_MAX)];
    let text = String::from_utf8_lossy(bytes);
    let json: Option<Value> = serde_json::from_slice(bytes).ok();
    let said = json
        .as_ref()
        .and_then(|body| KEYS.iter().find_map(|key| body.get(*key)?.as_str()));
    // Secrets go first: a bound could cut one in two.
    match said {
        Some(said) => bounded(&secrets.redact(said)),
        None if text.trim_start().starts_with('<') => "an HTML page".to_owned(),
        None if text.trim().is_empty() => "without a message".to_owned(),
        None => bounded(&secrets.redact(&text)),
    }
}

fn bounded(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let printable: String = line.chars().filter(|ch| !ch.is_control()).collect();
    match printable.char_indices().nth(MESSAGE_MAX) {
        Some((end, _)) => format!("{}..", &printable[..end]),
        None => printable,
    }
}

/// An error of the HTTP library with its causes, without the URL.
pub(super) fn without_url(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::name::Secret;

    #[test]
    fn messages_are_found_and_bounded() {
        for (body, message) in [
            (
                r#"{"internalCode":12,"message":"No data found"}"#,
                "No data found",
            ),
            (r#"{"errorCode":1,"errorMessage":"no"}"#, "no"),
            ("<html><body>Bad gateway", "an HTML page"),
            (" ", "without a message"),
            ("plain\n text\u{1b}[31m", "plain text[31m"),
        ] {
            assert_eq!(message_of(body.as_bytes(), &Secrets::default()), message);
        }
        let long = message_of("é".repeat(999).as_bytes(), &Secrets::default());
        assert_eq!(long.chars().count(), 302);
    }

    #[test]
    fn no_bound_leaves_a_part_of_a_secret() {
        let secrets = Secrets::default();
        secrets.learn(&Secret::new("hush-hush"));
        for before in 0..MESSAGE_MAX {
            let message = format!("{}hush-hush", "x".repeat(before));
            let shown = message_of(message.as_bytes(), &secrets);
            assert!(!shown.contains("hush"), "{shown}");
        }
    }
}
