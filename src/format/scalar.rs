//! How scalars are written.
//!
//! What the author quoted stays quoted, and plain text stays plain unless some reader takes it for a boolean or a
//! number. Quotes are double ones, but around a text that has double quotes and no single ones.

use granit_parser::ScalarStyle;

/// A scalar on one line, or the lines of it without their indentation.
pub(super) fn lines(style: ScalarStyle, raw: &str, text: &str, is_ambiguous: bool) -> Vec<String> {
    match style {
        ScalarStyle::Plain if is_ambiguous => vec![quoted(text)],
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted if !raw.contains('\n') => {
            vec![requoted(style, raw)]
        }
        _ => continued(raw),
    }
}

/// A scalar on one line, whatever it was.
pub(super) fn line(style: ScalarStyle, raw: &str, text: &str, is_ambiguous: bool) -> String {
    let is_plain = style == ScalarStyle::Plain && !is_ambiguous;
    if is_plain && !text.contains('\n') {
        return text.to_owned();
    }
    let is_quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    if is_quoted && !raw.contains('\n') {
        return requoted(style, raw);
    }
    quoted(text)
}

/// A text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn requoted(style: ScalarStyle, raw: &str) -> String {
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    if style == ScalarStyle::SingleQuoted && !inner.contains(['"', '\\']) {
        return format!("\"{}\"", inner.replace("''", "'"));
    }
    let plain = inner.replace("\\\"", "\"");
    if style == ScalarStyle::DoubleQuoted && plain != inner && !plain.contains(['\\', '\'']) {
        return format!("'{plain}'");
    }
    raw.to_owned()
}

/// The lines of a scalar that goes on over several. How they are indented means nothing.
fn continued(raw: &str) -> Vec<String> {
    let line = |line: &str| {
        let line = line.trim_start_matches([' ', '\t']);
        let end = line.trim_end_matches([' ', '\t']);
        // A blank behind a backslash is part of the text.
        let end = if end.ends_with('\\') { line } else { end };
        end.to_owned()
    };
    let mut lines: Vec<String> = raw.split('\n').map(line).collect();
    if let Some(first) = raw.split('\n').next()
        && lines.len() == 1
    {
        lines = vec![first.to_owned()];
    }
    lines
}

/// A block scalar: its header, and its lines without their indentation. `None` where no block can hold the text.
pub(super) fn block(style: ScalarStyle, raw: &str, text: &str) -> Option<(String, Vec<String>)> {
    let content = text.trim_end_matches('\n');
    if content.trim_matches([' ', '\t', '\n']).is_empty() {
        return None;
    }
    let (header, body) = raw.split_once('\n')?;
    let (header, _) = header.split_once([' ', '\t']).unwrap_or((header, ""));
    let ends = text.len() - content.len();
    let keeps = header.contains('+');
    let mut lines: Vec<String> = if style == ScalarStyle::Literal {
        content.split('\n').map(str::to_owned).collect()
    } else {
        folded(body, content)?
    };
    if keeps {
        lines.extend((1..ends).map(|_| String::new()));
    }
    let indicator = if needs_indicator(&lines) { "2" } else { "" };
    let chomping = match (keeps, ends) {
        (_, 0) => "-",
        (true, _) => "+",
        (false, _) => "",
    };
    let sign = if style == ScalarStyle::Literal {
        '|'
    } else {
        '>'
    };
    Some((format!("{sign}{indicator}{chomping}"), lines))
}

/// The lines of a folded text as they are broken, without their indentation. How deep that is shows in the first
/// line of text: what is in front of it and is not part of the text.
fn folded(body: &str, content: &str) -> Option<Vec<String>> {
    let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let first = |text: &str| {
        text.split('\n')
            .find(|line| !line.trim().is_empty())
            .map(blanks)
    };
    let indent = first(body)?.checked_sub(first(content)?)?;
    let line = |line: &str| line.get(indent..).unwrap_or_default().to_owned();
    let mut lines: Vec<String> = body.split('\n').map(line).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    Some(lines)
}

/// Whether the indentation cannot be seen in the first line of text.
fn needs_indicator(lines: &[String]) -> bool {
    let first = lines.iter().find(|line| !line.is_empty());
    first.is_some_and(|line| line.starts_with([' ', '\t']))
}
