//! Lines that are indented like none of their siblings: how many spaces these have.

use super::error::offset;
use crate::text::Span;

/// What there is to say of a line that is indented wrongly.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) message: String,
    pub(super) help: String,
    /// Where its content begins.
    pub(super) at: Span,
    /// The sibling right above it.
    pub(super) sibling: Span,
}

/// How far something above a line is indented.
struct IndentLevel {
    indent: usize,
    /// The number of its line, from 1.
    line: usize,
    content: Span,
}

/// What is wrong with the indentation of the line around a place; nothing where it is that of a line above.
pub(super) fn misfit(text: &str, at: usize) -> Option<Misfit> {
    let start = text[..at].rfind('\n').map_or(0, |feed| feed + 1);
    let line = text[start..].lines().next()?;
    let indent = indent_of(line);
    let levels = levels(text, start);
    let first = levels.first()?;
    if levels.iter().any(|level| level.indent == indent) {
        return None;
    }
    let opens = text[first.content.start as usize..first.content.end as usize].ends_with(':');
    if indent > first.indent && opens {
        return None; // the first line of a block may have any indentation
    }
    let above = levels.iter().rfind(|level| level.indent > indent);
    let below = levels.iter().find(|level| level.indent < indent);
    // Only the envelope of a manifest is at the edge: nothing else was meant to be there.
    let below = below.filter(|level| level.indent > 0 || above.is_none());
    let meant: Vec<&IndentLevel> = above.into_iter().chain(below).collect();
    let sibling = meant.first()?;
    let siblings: Vec<String> = meant.iter().map(|level| level.indent.to_string()).collect();
    let said: Vec<String> = (meant.iter())
        .map(|level| match level.indent {
            0 => format!("not at all, as line {}", level.line),
            indent => format!("by {}, as line {}", spaces(indent), level.line),
        })
        .collect();
    Some(Misfit {
        message: format!(
            "this line is indented by {}, its siblings by {}",
            spaces(indent),
            siblings.join(" or ")
        ),
        help: format!("indent it {}", said.join(", or ")),
        at: Span {
            start: offset(start + indent),
            end: offset(start + indent + line[indent..].chars().next().map_or(0, char::len_utf8)),
        },
        sibling: sibling.content,
    })
}

/// The indentations that are open above a line, the innermost first.
fn levels(text: &str, start: usize) -> Vec<IndentLevel> {
    let mut levels = Vec::<IndentLevel>::new();
    let (mut end, mut line) = (start, text[..start].lines().count());
    while end > 0 {
        let begin = text[..end - 1].rfind('\n').map_or(0, |feed| feed + 1);
        let here = text[begin..end].trim_end();
        if here.starts_with("---") {
            break;
        }
        let content = here.trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            let mut indents = vec![indent_of(here)];
            let inner = content.strip_prefix("- ").map(str::trim_start);
            indents.extend(inner.map(|inner| here.len() - inner.len()));
            for indent in indents.into_iter().rev() {
                if levels.last().is_none_or(|level| indent < level.indent) {
                    let content = Span {
                        start: offset(begin + indent),
                        end: offset(begin + here.len()),
                    };
                    levels.push(IndentLevel {
                        indent,
                        line,
                        content,
                    });
                }
            }
        }
        (end, line) = (begin, line.saturating_sub(1));
    }
    levels
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// `1 space`, `2 spaces`.
fn spaces(count: usize) -> String {
    match count {
        1 => "1 space".to_owned(),
        count => format!("{count} spaces"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<String> {
        let at = text.find('!').unwrap();
        let Misfit {
            message,
            help,
            sibling,
            ..
        } = misfit(&text.replace('!', " "), at)?;
        let sibling = &text[sibling.start as usize..sibling.end as usize];
        Some(format!("{message}; {help} ({sibling})"))
    }

    #[test]
    fn the_siblings_are_the_lines_above_that_are_open() {
        for (text, expected) in [
            (
                "a:\n  b: 1\n   !c: 2\n",
                "this line is indented by 4 spaces, its siblings by 2; indent it by 2 spaces, as line 2 (b: 1)",
            ),
            (
                "a:\n  b: 1\n!c: 2\n",
                "this line is indented by 1 space, its siblings by 2; indent it by 2 spaces, as line 2 (b: 1)",
            ),
            (
                "a:\n  b:\n    c: 1\n  !d: 2\n",
                "this line is indented by 3 spaces, its siblings by 4 or 2; indent it by 4 spaces, as line 3, or by 2 spaces, as line 2 (c: 1)",
            ),
            (
                "a:\n  - b: 1\n  !c: 2\n",
                "this line is indented by 3 spaces, its siblings by 4 or 2; indent it by 4 spaces, as line 2, or by 2 spaces, as line 2 (b: 1)",
            ),
        ] {
            assert_eq!(said(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "a:\n  b: 1\n !c: 2\n",
            "a:\n  b:\n     !c: 2\n",
            "---\n !c: 2\n",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
