//! What a diagnostic code means: one of them for the terminal, all of them as a page.

use std::fmt::Write;

use annotate_snippets::renderer::{
    DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_WARNING_STYLE,
};

use super::prose::wrapped;
use crate::diag::{Code, Severity};

/// The documentation of a code for the terminal.
#[must_use]
pub fn explain_code(code: &Code, color: bool) -> String {
    let severity = match code.severity {
        Severity::Error => DEFAULT_ERROR_STYLE,
        Severity::Warning => DEFAULT_WARNING_STYLE,
    };
    let styled = |text: &str, style: anstyle::Style| {
        if color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    };
    let name = styled(
        &format!("{}[{}]", code.severity.as_str(), code.name),
        severity,
    );
    let title = styled(&format!(": {}", code.title), DEFAULT_EMPHASIS_STYLE);
    format!(
        "{name}{title}\n\n{why}\n\n{wrong}\n\n{wrong_yaml}\n{right}\n\n{right_yaml}",
        why = wrapped(code.why, ""),
        wrong = styled("Wrong:", DEFAULT_EMPHASIS_STYLE),
        wrong_yaml = indented(code.wrong),
        right = styled("Right:", DEFAULT_EMPHASIS_STYLE),
        right_yaml = indented(code.right),
    )
}

/// A Markdown page of all codes, sorted by name.
#[must_use]
pub fn codes_page(codes: &[&Code]) -> String {
    let mut codes = codes.to_vec();
    codes.sort_by_key(|code| code.name);
    codes.dedup_by_key(|code| code.name);
    let mut page = String::from(
        "# Diagnostics\n\nEvery diagnostic has a code. `campaignctl explain CODE` shows its entry on this page.\n\n\
         | code | severity | meaning |\n|---|---|---|\n",
    );
    // Writing to a string cannot fail.
    for Code {
        name,
        severity,
        title,
        ..
    } in &codes
    {
        let _ = writeln!(
            page,
            "| [`{name}`](#{name}) | {} | {} |",
            severity.as_str(),
            title.replace('|', "\\|")
        );
    }
    for code in codes {
        let _ = write!(
            page,
            "\n## {}\n\n**{}**: {}\n\n{}\n\nWrong:\n\n```yaml\n{}\n```\n\nRight:\n\n```yaml\n{}\n```\n",
            code.name,
            code.severity.as_str(),
            code.title,
            code.why,
            code.wrong.trim_end(),
            code.right.trim_end()
        );
    }
    page
}

fn indented(yaml: &str) -> String {
    yaml.lines()
        .map(|line| format!("    {line}").trim_end().to_owned() + "\n")
        .collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::diag::yaml::{AMBIGUOUS_SCALAR, DUPLICATE_KEY};

    #[test]
    fn a_code_is_explained() {
        assert_snapshot!(explain_code(&AMBIGUOUS_SCALAR, false), @r#"
        warning[ambiguous-scalar]: a text without quotes looks like a boolean or a number

        `no`, `on`, `012` and `1_000` are text here. Readers of YAML 1.1, and some
        editors, see booleans and numbers. Quotes make every reader agree.

        Wrong:

            spec:
              language: no

        Right:

            spec:
              language: "no"
        "#);
        assert!(explain_code(&AMBIGUOUS_SCALAR, true).starts_with("\u{1b}["));
    }

    #[test]
    fn all_codes_stand_on_one_page_sorted_by_name() {
        assert_snapshot!(codes_page(&[&DUPLICATE_KEY, &AMBIGUOUS_SCALAR, &DUPLICATE_KEY]), @r#"
        # Diagnostics

        Every diagnostic has a code. `campaignctl explain CODE` shows its entry on this page.

        | code | severity | meaning |
        |---|---|---|
        | [`ambiguous-scalar`](#ambiguous-scalar) | warning | a text without quotes looks like a boolean or a number |
        | [`duplicate-key`](#duplicate-key) | error | a key is defined twice in a mapping |

        ## ambiguous-scalar

        **warning**: a text without quotes looks like a boolean or a number

        `no`, `on`, `012` and `1_000` are text here. Readers of YAML 1.1, and some editors, see booleans and numbers. Quotes make every reader agree.

        Wrong:

        ```yaml
        spec:
          language: no
        ```

        Right:

        ```yaml
        spec:
          language: "no"
        ```

        ## duplicate-key

        **error**: a key is defined twice in a mapping

        YAML forbids it, and readers disagree about which of the two counts. One of them would be lost without a word.

        Wrong:

        ```yaml
        spec:
          weight: low
          state: published
          weight: high
        ```

        Right:

        ```yaml
        spec:
          weight: high
          state: published
        ```
        "#);
    }
}
