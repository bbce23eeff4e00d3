//! Markdown of pull requests, as GitHub and GitLab render it.
//!
//! A mention pings people. Neither a backslash nor an entity keeps it from that: both are gone when the platform looks
//! for mentions in the text of the rendered page. It does not look inside of `code`, and it does not see a name whose
//! `@` is an element of its own. The same holds for links to issues (`#1`) and addresses.

use super::terminal::line;

/// A text as code, in which nothing has a meaning, in a paragraph or in a cell of a table.
#[must_use]
pub fn code(text: &str) -> String {
    let text = line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let blank = if text.is_empty() || text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    // In a table, a stroke ends the cell even inside of code, unless a backslash is in front of it; a backslash
    // of the text itself in front of it would be taken for that one.
    if text.contains('|') {
        return format!("<code>{}</code>", entities(&text));
    }
    // A lone blank is no code, and code of blanks alone keeps them.
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// A text as code inside of an HTML element such as `summary`, where Markdown has no meaning.
#[must_use]
pub fn summary_code(text: &str) -> String {
    format!("<code>{}</code>", entities(&line(text)))
}

/// A sentence with text from outside in it: no markup, no link, no mention; ours marks code with backticks.
#[must_use]
pub fn prose(text: &str) -> String {
    let text = line(text);
    let parts: Vec<&str> = text.split('`').collect();
    let is_paired = parts.len() % 2 == 1;
    let mut out = String::with_capacity(text.len());
    for (index, part) in parts.iter().enumerate() {
        match index % 2 {
            1 if is_paired => out.push_str(&summary_code(part)),
            1 => {
                out.push_str("&#96;");
                out.push_str(&entities(part));
            }
            _ if index > 0 && !is_paired => {
                out.push_str("&#96;");
                out.push_str(&entities(part));
            }
            _ => out.push_str(&entities(part)),
        }
    }
    out
}

/// A text for an HTML comment, which nothing in it ends.
#[must_use]
pub fn comment(text: &str) -> String {
    let fits = |ch: char| ch.is_alphanumeric() || matches!(ch, '.' | '_' | ':');
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        let is_dash = ch == '-' && !out.ends_with('-');
        out.push(if fits(ch) || is_dash { ch } else { '_' });
    }
    out
}

/// Every character that may have a meaning as an entity or an element of its own.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text.chars().peekable();
    while let Some(ch) = rest.next() {
        let behind = rest.peek().copied().unwrap_or(' ');
        match ch {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            ':' if behind != '/' => out.push(ch),
            '#' if !behind.is_ascii_alphanumeric() => out.push(ch),
            // Elements of their own: what is around them is no mention, no issue and no address any more.
            '@' | '#' | ':' => {
                out.push_str("<span>");
                out.push(ch);
                out.push_str("</span>");
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' | '(' | ')' => {
                use std::fmt::Write as _;
                let _ = write!(out, "&#{};", u32::from(ch)); // writing to a string cannot fail
            }
            other => out.push(other),
        }
    }
    out.replace("www.", "www<span>.</span>")
        .replace("GH-", "GH<span>-</span>")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|ch| ch != '`').map(str::len);
    runs.max().unwrap_or_default()
}
