//! Terminals and logs.
//!
//! A log of a pipeline is read by a machine, too: GitHub takes a line that begins with `::`, after blanks, for a
//! command, and `##[..]` anywhere in a line; Azure Pipelines and `TeamCity` take `##vso[..]` and `##teamcity[..]`.
//! <https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs>

use std::borrow::Cow;
use std::fmt::Write as _;

use super::hidden::{has_hidden, visible};
use crate::text::looks::without_secrets;

/// A text on one line: what cannot be seen is shown as an escape such as `\u{202e}`, a line feed as `\n`, and what looks
/// like a secret is struck out.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    let text = without_secrets(text);
    let shown = match escaped(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(shown) => Some(shown),
    };
    // What was hidden in an address may have kept it from looking like one.
    shown.map_or(text, |shown| {
        Cow::Owned(without_secrets(&shown).into_owned())
    })
}

/// A text on one line with everything in it that can be seen: for what is compared before it is shown.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !has_hidden(text) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (ch, hidden) in visible(text) {
        if hidden {
            escape(ch, &mut out);
        } else {
            out.push(ch);
        }
    }
    Cow::Owned(unmarked(out))
}

/// The same for a text of several lines, none of which a pipeline takes for a command.
#[must_use]
pub fn lines(text: &str) -> String {
    let shown = screen(&without_secrets(text), false);
    without_secrets(&shown).into_owned()
}

/// What is about to be written to a terminal or a log: the last look at it, whatever made it. `styled` text keeps the
/// colours that the reports use. A document for programs is written this way, too, so that no value changes here.
#[must_use]
pub fn screen(text: &str, styled: bool) -> String {
    let lines = text.split('\n').map(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = if styled {
            keep_styles(line)
        } else {
            escaped(line)
        };
        let blanks = blanks(&line);
        match line[blanks..].strip_prefix("::") {
            // How an excerpt of a second file begins. To GitHub it is the command `:`, which does not exist.
            Some(file) if file.starts_with(": ") => line,
            Some(command) => Cow::Owned(format!("{}:\\u{{3a}}{command}", &line[..blanks])),
            None => line,
        }
    });
    let mut out = String::with_capacity(text.len());
    for (index, line) in lines.enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&line);
    }
    out
}

/// How many bytes of a line show nothing: blanks, and styles among them.
fn blanks(line: &str) -> usize {
    let mut rest = line.trim_start();
    while let Some(length) = style(rest) {
        rest = rest[length..].trim_start();
    }
    line.len() - rest.len()
}

/// A line whose styles stay. Concealed, blinking and reversed text is never used here.
fn keep_styles(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return escaped(text);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&escaped(&rest[..at]));
        rest = &rest[at..];
        let length = style(rest).unwrap_or(1);
        if length > 1 {
            out.push_str(&rest[..length]);
        } else {
            escape('\u{1b}', &mut out);
        }
        rest = &rest[length..];
    }
    out.push_str(&escaped(rest));
    Cow::Owned(out)
}

/// The length of the style that a text begins with: bold, dim, italic, underlined, a colour of the text, or none.
fn style(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("\u{1b}[")?;
    let end = inner.find('m')?;
    let allowed = |part: &str| {
        let number: Option<u8> = part.parse().ok();
        part.is_empty() || number.is_some_and(|it| matches!(it, 0..=4 | 31..=37 | 39 | 90..=97))
    };
    let fits = inner[..end].split(';').all(allowed);
    fits.then_some(end + "\u{1b}[m".len())
}

fn escape(ch: char, out: &mut String) {
    let _ = match ch {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        other => write!(out, "\\u{{{:x}}}", u32::from(other)),
    }; // writing to a string cannot fail
}

/// A line without the marks `##[..]` and `##word[..]`.
fn unmarked(text: String) -> String {
    if !text.contains("##") {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("##") {
        let behind = &rest[at + 2..];
        let word = behind.trim_start_matches(|ch: char| ch.is_ascii_alphanumeric());
        out.push_str(&rest[..=at]);
        out.push_str(if word.starts_with('[') {
            "\\u{23}"
        } else {
            "#"
        });
        rest = behind;
    }
    out.push_str(rest);
    out
}
