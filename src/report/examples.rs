//! The examples of a command and the prose around them, set so that they fit any terminal: what a reader copies stays on one
//! line, and what it is for stands in a column.

use super::prose::wrapped_to;

/// The width that texts are written for.
pub const NARROWEST: usize = 80;

/// The widest command that has its purpose on the same line.
const WIDEST_EXAMPLE: usize = 44;

/// Examples and prose behind the flags, for any width: paragraphs are left to be wrapped, and what the examples are for
/// is set in a column that fits the narrowest terminal.
#[must_use]
pub fn set_examples(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let blocks = lines.chunk_by(|one, next| kind_of(one) == kind_of(next));
    let blocks = blocks.map(|block| match kind_of(block[0]) {
        HelpLine::Example => column(block),
        HelpLine::Prose => block.join(" "),
        HelpLine::AsItIs => block.join("\n"),
    });
    blocks.collect::<Vec<_>>().join("\n")
}

/// How a line behind the flags is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HelpLine {
    /// A command, and what it is for behind two blanks.
    Example,
    /// A line of a paragraph.
    Prose,
    /// A heading, an empty line, code.
    AsItIs,
}

fn kind_of(line: &str) -> HelpLine {
    if line.starts_with("  campaignctl") {
        HelpLine::Example
    } else if line.is_empty() || line.starts_with(' ') || line.ends_with(':') {
        HelpLine::AsItIs
    } else {
        HelpLine::Prose
    }
}

/// Examples with their purposes in a column.
fn column(examples: &[&str]) -> String {
    let parts = examples.iter().map(|line| {
        let (command, purpose) = line.trim().split_once("  ").unwrap_or((line.trim(), ""));
        (command, purpose.trim())
    });
    let parts: Vec<(&str, &str)> = parts.collect();
    let explained = parts.iter().filter(|(_, purpose)| !purpose.is_empty());
    let widths = explained.map(|(command, _)| command.chars().count());
    let width = widths
        .filter(|width| *width <= WIDEST_EXAMPLE)
        .max()
        .unwrap_or_default();
    let lines = parts.iter().map(|(command, purpose)| {
        if purpose.is_empty() {
            return format!("  {command}");
        }
        let indent = " ".repeat(width + 4);
        let purpose = wrapped_to(purpose, NARROWEST - indent.len()).join(&format!("\n{indent}"));
        if command.chars().count() > width {
            format!("  {command}\n{indent}{purpose}")
        } else {
            format!("  {command:<width$}  {purpose}")
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn examples_have_columns_and_prose_is_one_paragraph() {
        let text = "\
Examples:
  campaignctl plan   what would change
  campaignctl apply plan.json   apply a saved plan
  campaignctl show
  campaignctl plan -e production campaigns/autumn/2026 goals  some files

Prose goes over
two lines.

  - run: code";
        assert_snapshot!(set_examples(text), @"
        Examples:
          campaignctl plan             what would change
          campaignctl apply plan.json  apply a saved plan
          campaignctl show
          campaignctl plan -e production campaigns/autumn/2026 goals
                                       some files

        Prose goes over two lines.

          - run: code
        ");
    }
}
