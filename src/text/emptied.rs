//! Files that were emptied: a write that failed, or a merge, leaves them, more often than a wish does.

/// Whether a text has no document: nothing but blank lines, comments, and marks between documents.
pub fn holds_nothing(text: &str) -> bool {
    text.lines().all(|line| {
        let line = line.trim_matches(|it: char| it.is_whitespace() || it == '\u{feff}');
        let behind_mark = line.strip_prefix("---").or(line.strip_prefix("..."));
        let rest = behind_mark.unwrap_or(line).trim_start();
        rest.is_empty() || rest.starts_with(['#', '%'])
    })
}

/// The same without comments: nothing that a person would have left there.
pub fn is_blank(text: &str) -> bool {
    holds_nothing(text) && !text.contains(['#', '%'])
}

/// Whether a text was a manifest once: it is blank, or has one in its comments.
pub fn is_emptied(text: &str) -> bool {
    let has_kind = |line: &str| {
        let comment = line.trim_start().trim_start_matches(['#', ' ']);
        comment.starts_with("kind:") || comment.starts_with("apiVersion:")
    };
    is_blank(text) || holds_nothing(text) && text.lines().any(has_kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_were_no_manifest() {
        for text in [
            "",
            "---\n",
            "# apiVersion: x\n# kind: Goal\n",
            "#kind: Goal\n",
        ] {
            assert!(is_emptied(text), "{text:?}");
        }
        for text in ["# what is below this folder\n", "kind: Goal\n"] {
            assert!(!is_emptied(text), "{text:?}");
        }
    }

    #[test]
    fn comments_and_marks_are_nothing() {
        for text in [
            "",
            "\n\n",
            "\u{feff}",
            "# a\n---\n...\n",
            "%YAML 1.2\n--- # b\n",
            " \t\n",
        ] {
            assert!(holds_nothing(text), "{text:?}");
        }
        for text in [
            "a: b",
            "---\n- a\n",
            "--- text\n",
            "# a\n$patch: delete\n",
            "----\n",
        ] {
            assert!(!holds_nothing(text), "{text:?}");
        }
    }

    #[test]
    fn a_comment_is_what_a_person_left() {
        for text in ["", "\n", "---\n", "\u{feff}\n---\n...\n"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["# a\n", "--- # b\n", "a: b"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
