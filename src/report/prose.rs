//! Prose set in lines for a terminal.

use unicode_width::UnicodeWidthStr as _;

/// How wide prose is set, its indent included: the narrowest terminal that texts are written for.
pub const WIDTH: usize = 80;

/// Paragraphs in lines of at most [`WIDTH`] characters, an indent included; a longer word has a line of its own.
#[must_use]
pub fn wrapped(text: &str, indent: &str) -> String {
    let paragraphs = text.split("\n\n");
    let paragraphs = paragraphs.map(|paragraph| lines(paragraph, indent));
    paragraphs.collect::<Vec<_>>().join("\n")
}

fn lines(paragraph: &str, indent: &str) -> String {
    let lines = wrapped_to(paragraph, WIDTH - indent.len());
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

/// A text whose longer lines are broken at words, what follows indented a bit more, behind the guides of a tree. Styles
/// count for nothing. What follows of a line of a difference is indented further, so that it is not taken for one more.
#[must_use]
pub fn broken_at(text: &str, width: usize) -> String {
    let lines = text.split('\n').map(|line| broken_line(line, width));
    lines.collect::<Vec<_>>().join("\n")
}

fn broken_line(line: &str, width: usize) -> String {
    let shown = bare(line);
    let indent = shown.len() - shown.trim_start().len();
    let is_difference = indent >= 8 && shown.trim_start().starts_with(['-', '+']);
    let further = if is_difference { "      " } else { "  " };
    hung_behind(line, width, &format!("{}{further}", guides(&shown)))
}

/// What stands in front of a line, as it goes on below: an indent, and the guides of a tree.
fn guides(line: &str) -> String {
    let lead = line.chars().map_while(|letter| match letter {
        '│' | '├' => Some('│'),
        ' ' | '└' | '─' => Some(' '),
        _ => None,
    });
    lead.collect()
}

/// A line that is broken at words where it is too long, with what follows indented by `hang`. Styles count for nothing.
#[must_use]
pub fn hung(line: &str, width: usize, hang: usize) -> String {
    hung_behind(line, width, &" ".repeat(hang))
}

/// The same with what follows behind `lead`, as far as that leaves half of the width.
fn hung_behind(line: &str, width: usize, lead: &str) -> String {
    let shown = bare(line);
    if shown.width() <= width {
        return line.to_owned();
    }
    let indent = guides(&shown).width();
    let hang: String = lead.chars().take(width / 2).collect();
    let mut out = String::new();
    let mut used = 0;
    // Of two blanks, the second one does not begin a line.
    let mut is_begun = false;
    for (at, word) in line.split(' ').enumerate() {
        let wide = bare(word).width();
        if is_begun {
            is_begun = wide == 0;
        } else if at > 0 && used + 1 + wide > width && used > indent {
            is_begun = wide == 0;
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            out.push_str(&hang);
            used = hang.width();
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
pub(super) fn bare(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    out
}

/// A name and what there is to say of it, beside each other: what takes more than a line goes on below itself.
#[must_use]
pub fn row(name: &str, column: usize, text: &str) -> String {
    let indent = " ".repeat(column);
    let first = format!("  {name:<width$} ", width = column - 3);
    let lines = wrapped_to(text, WIDTH - column);
    format!("{first}{}", lines.join(&format!("\n{indent}")))
}

/// Markdown of ours for a terminal: prose and list items in lines, examples as they stand.
pub(super) fn set(markdown: &str) -> String {
    let blocks = markdown.split("\n\n").map(|block| {
        if block.starts_with("    ") {
            return block.to_owned();
        }
        let items = items(block);
        let set: Vec<_> = items.iter().map(|item| set_item(item)).collect();
        set.join("\n")
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// The items of a list, or the one paragraph that a block is.
fn items(block: &str) -> Vec<String> {
    let mut items = Vec::<String>::new();
    for line in block.lines() {
        match items.last_mut() {
            Some(item) if bullet(line).is_none() => {
                item.push(' ');
                item.push_str(line.trim_start());
            }
            _ => items.push(line.to_owned()),
        }
    }
    items
}

/// What a line of a list begins with: `- `, or a number with a dot.
fn bullet(line: &str) -> Option<&str> {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let mark = if digits > 0 { ". " } else { "- " };
    let is_item = line[digits..].starts_with(mark);
    is_item.then(|| &line[..digits + mark.len()])
}

fn set_item(item: &str) -> String {
    let Some(mark) = bullet(item) else {
        return wrapped(item, "");
    };
    let indent = " ".repeat(mark.len());
    wrapped(&item[mark.len()..], &indent).replacen(&indent, mark, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_words_and_keep_their_words() {
        let text = "  short\n      used by 2 campaigns, 5 engagements; live: Campaign/sale, 4 more\n        - a line of a difference goes on further in\n";
        insta::assert_snapshot!(broken_at(text, 40), @"
        short
            used by 2 campaigns, 5
              engagements; live:
              Campaign/sale, 4 more
              - a line of a difference goes on
                    further in
        ");
        assert_eq!(broken_at(text, 200), text);
    }

    #[test]
    fn what_follows_in_a_tree_keeps_its_guides() {
        let text = "├─ Campaign/sale \"Autumn sale\"  not live (it is over)\n│  ├─ Engagement/cart \"Help in the cart\"  not live\n│  └─ Engagement/help \"Help with the order\"  LIVE\n";
        insta::assert_snapshot!(broken_at(text, 30), @r#"
        ├─ Campaign/sale "Autumn sale"
        │    not live (it is over)
        │  ├─ Engagement/cart "Help in
        │  │    the cart"  not live
        │  └─ Engagement/help "Help
        │       with the order"  LIVE
        "#);
    }

    #[test]
    fn lists_keep_their_items_and_rows_their_columns() {
        let markdown = "How:\n\n1. Make it\n   in the console.\n2. Take it over.\n10. Done.\n\nA text\n- one that is longer than a line of a terminal has letters, and goes on below itself\n- two";
        insta::assert_snapshot!(set(markdown), @"
        How:

        1. Make it in the console.
        2. Take it over.
        10. Done.

        A text
        - one that is longer than a line of a terminal has letters, and goes on below
          itself
        - two
        ");
        insta::assert_snapshot!(row("Goal", 24, "What a campaign is measured by: a page that visitors reach, a purchase"), @"
        Goal                  What a campaign is measured by: a page that visitors
                              reach, a purchase
        ");
    }

    #[test]
    fn styles_have_no_width_and_long_words_a_line_of_their_own() {
        let dim = "      \u{1b}[2mone two three four\u{1b}[0m five";
        assert_eq!(broken_at(dim, 29), dim);
        assert_eq!(broken_at("a bbbbbbbbbbbb c", 6), "a\n  bbbbbbbbbbbb\n  c");
        // The line ends at the width, before two blanks.
        for width in 8..15 {
            let broken = broken_at("  ab -> cd  (edit)", width);
            let last = broken.lines().last();
            assert_eq!(last, Some("    (edit)"), "{width}: {broken}");
        }
    }
}
