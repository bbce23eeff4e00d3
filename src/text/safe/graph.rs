//! Labels of graphs.

use std::fmt::Write as _;

use super::terminal::line;

/// A quoted string of Graphviz, in which a backslash is no escape; line feeds are lines of the label.
#[must_use]
pub fn dot(text: &str) -> String {
    let lines = text.split('\n');
    let lines = lines.map(|it| line(it).replace('\\', "\\\\").replace('"', "\\\""));
    format!("\"{}\"", lines.collect::<Vec<_>>().join("\\n"))
}

/// Text inside of a quoted label of Mermaid, where HTML and Markdown would count.
#[must_use]
pub fn mermaid(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in line(text).chars() {
        match ch {
            '"' | '#' | '<' | '>' | '&' | '`' | '*' | '_' | '\\' | ';' | '@' => {
                let _ = write!(out, "#{};", u32::from(ch)); // writing to a string cannot fail
            }
            ch => out.push(ch),
        }
    }
    out
}
