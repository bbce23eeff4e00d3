//! Prose set in lines for a terminal.

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
