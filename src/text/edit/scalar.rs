//! Texts as they are written into YAML.

use crate::text::{FileId, Limits, YamlErrorKind, yaml};

/// A text as a scalar: plain where every reader takes it for that text, in quotes elsewhere.
#[must_use]
pub fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else {
        // JSON is YAML.
        serde_json::Value::from(text).to_string()
    }
}

/// A text as a scalar in the place of another one: in the same quotes, where it can be.
#[must_use]
pub fn in_place_of(written: &str, text: &str) -> String {
    let quote = written
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''));
    match quote {
        Some('\'') if !text.contains('\'') && !text.contains('\n') => format!("'{text}'"),
        Some('"') => serde_json::Value::from(text).to_string(),
        _ => scalar(text),
    }
}

fn is_plain(text: &str) -> bool {
    let is_simple = |ch: char| ch.is_ascii_alphanumeric() || "-_./+".contains(ch);
    if text.starts_with('-') || !text.chars().all(is_simple) {
        return false;
    }
    let (documents, problems) = yaml::parse(FileId(0), text, &Limits::default());
    let is_ambiguous = |kind| kind == YamlErrorKind::AmbiguousScalar;
    let is_clear = !problems.iter().any(|problem| is_ambiguous(problem.kind));
    is_clear
        && documents
            .first()
            .is_some_and(|it| it.value.as_str() == Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_may_read_as_something_else_is_quoted() {
        let told = [
            "a-b.c",
            "Europe/Paris",
            "12",
            "no",
            "true",
            "1.5",
            "a b",
            "",
            "-a",
            "x: y",
        ];
        let told = told.map(scalar);
        let plain = ["a-b.c", "Europe/Paris"];
        let quoted = [
            "\"12\"", "\"no\"", "\"true\"", "\"1.5\"", "\"a b\"", "\"\"", "\"-a\"", "\"x: y\"",
        ];
        assert_eq!(told[..2], plain);
        assert_eq!(told[2..], quoted);
        assert_eq!(in_place_of("'x'", "a"), "'a'");
        assert_eq!(in_place_of("\"x\"", "a"), "\"a\"");
        assert_eq!(in_place_of("x", "12"), "\"12\"");
    }
}
