//! Prose set in lines for a terminal.

use unicode_width::UnicodeWidthStr as _;

/// How wide prose is set.
const WIDTH: usize = 88;

/// Paragraphs in lines of at most [`WIDTH`] characters behind an indent; a longer word has a line of its own.
pub(super) fn wrapped(text: &str, indent: &str) -> String {
    let paragraphs = text.split("\n\n");
    let paragraphs = paragraphs.map(|paragraph| lines(paragraph, indent));
    paragraphs.collect::<Vec<_>>().join("\n")
}

fn lines(paragraph: &str, indent: &str) -> String {
    let lines = wrapped_to(paragraph, WIDTH);
    let lines = lines.iter().map(|line| format!("{indent}{line}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Words in lines of at most so many characters; a longer word has a line of its own.
pub fn wrapped_to(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + word.chars().count() + 1 > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A text whose longer lines are broken at words, what follows indented a bit more. Styles count for nothing, and lines
/// of a difference stay as they are.
#[must_use]
pub fn broken_at(text: &str, width: usize) -> String {
    let lines = text.split('\n').map(|line| broken_line(line, width));
    lines.collect::<Vec<_>>().join("\n")
}

fn broken_line(line: &str, width: usize) -> String {
    let shown = bare(line);
    let indent = shown.len() - shown.trim_start().len();
    let is_difference = indent >= 8 && shown.trim_start().starts_with(['-', '+']);
    if shown.width() <= width || is_difference {
        return line.to_owned();
    }
    let hang = " ".repeat((indent + 2).min(width / 2));
    let mut out = String::new();
    let mut used = 0;
    for (at, word) in line.split(' ').enumerate() {
        let wide = bare(word).width();
        if at > 0 && used + 1 + wide > width && used > indent {
            out.push('\n');
            out.push_str(&hang);
            used = hang.len();
        } else if at > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += wide;
    }
    out
}

/// A text without the styles of a terminal.
fn bare(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    out
}

/// Markdown of ours for a terminal: prose and list items in lines, examples as they stand.
pub(super) fn set(markdown: &str) -> String {
    let blocks = markdown.split("\n\n").map(|block| {
        if block.starts_with("    ") {
            return block.to_owned();
        }
        let items = block.split("\n- ").enumerate();
        let items = items.map(|(index, item)| {
            let item = if index > 0 {
                Some(item)
            } else {
                item.strip_prefix("- ")
            };
            item.map_or_else(
                || wrapped(block.split("\n- ").next().unwrap_or_default(), ""),
                |item| wrapped(item, "  ").replacen("  ", "- ", 1),
            )
        });
        items.collect::<Vec<_>>().join("\n")
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_words_and_keep_their_words() {
        let text = "  short\n      reaches 2 campaigns, 5 engagements; live: Campaign/sale, 4 more\n        - a line of a difference stays as long as it is\n";
        insta::assert_snapshot!(broken_at(text, 40), @"
        short
            reaches 2 campaigns, 5
              engagements; live:
              Campaign/sale, 4 more
              - a line of a difference stays as long as it is
        ");
        assert_eq!(broken_at(text, 200), text);
    }

    #[test]
    fn styles_have_no_width_and_long_words_a_line_of_their_own() {
        let dim = "      \u{1b}[2mone two three four\u{1b}[0m five";
        assert_eq!(broken_at(dim, 29), dim);
        assert_eq!(broken_at("a bbbbbbbbbbbb c", 6), "a\n  bbbbbbbbbbbb\n  c");
    }
}
