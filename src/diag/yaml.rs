//! The codes of complaints about YAML texts, and the complaints themselves.

use super::{Code, Diagnostic, Fix, Location, Severity};
use crate::text::safe::lines;
use crate::text::{FileId, YamlError, YamlErrorKind};

/// Every code of this module.
pub const CODES: &[&Code] = &[
    &YAML_SYNTAX,
    &DUPLICATE_KEY,
    &YAML_LIMIT,
    &YAML_NUMBER_RANGE,
    &YAML_TAG,
    &YAML_KEY,
    &YAML_MERGE_KEY,
    &YAML_ALIAS,
    &AMBIGUOUS_SCALAR,
    &YAML_SEPARATOR,
    &YAML_COMMENT,
    &TYPOGRAPHIC_QUOTES,
];

/// The text is not YAML.
pub const YAML_SYNTAX: Code = Code {
    name: "yaml-syntax",
    severity: Severity::Error,
    title: "the text is not YAML",
    why: "A document that cannot be read is skipped, so nothing is planned until it is corrected. The other \
          documents of the file are still checked.",
    wrong: "spec:\n  description: Sale: up to 50 % off\n",
    right: "spec:\n  description: \"Sale: up to 50 % off\"\n",
};

/// A key is defined twice in a mapping.
pub const DUPLICATE_KEY: Code = Code {
    name: "duplicate-key",
    severity: Severity::Error,
    title: "a key is defined twice in a mapping",
    why: "YAML forbids it, and readers disagree about which of the two counts. One of them would be lost \
          without a word.",
    wrong: "spec:\n  weight: low\n  state: published\n  weight: high\n",
    right: "spec:\n  weight: high\n  state: published\n",
};

/// The text asks for more than the limits give.
pub const YAML_LIMIT: Code = Code {
    name: "yaml-limit",
    severity: Severity::Error,
    title: "a file is too large, too deep or too dense to read",
    why: "Files from elsewhere must not be able to use up the memory of a pipeline. A file may have 4 MiB, \
          10,000 documents, 250,000 values and 64 levels, and its aliases may copy 100,000 values. The file \
          is read up to the limit only.",
    wrong: "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]   # and so on\n",
    right: "a: [x, x, x, x]\n",
};

/// A number that JSON or 64 bits cannot hold.
pub const YAML_NUMBER_RANGE: Code = Code {
    name: "yaml-number-range",
    severity: Severity::Error,
    title: "a number cannot be kept exactly",
    why: "Numbers beyond 64 bits would be rounded, and the platform's JSON has no infinities. An id that is \
          longer than that is text. Only values that are sent to the platform unchanged, such as `spec.extra`, keeps \
          the digits of every number.",
    wrong: "metadata:\n  labels:\n    build: 123456789012345678901\n",
    right: "metadata:\n  labels:\n    build: \"123456789012345678901\"\n",
};

/// A tag that is not known or does not fit.
pub const YAML_TAG: Code = Code {
    name: "yaml-tag",
    severity: Severity::Error,
    title: "a tag is unknown or does not fit its value",
    why: "Only the core tags of YAML 1.2 are read: `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!seq` \
          and `!!map`. Other tags mean something to other programs only.",
    wrong: "spec:\n  displayName: !Sub \"${Brand} sale\"\n",
    right: "spec:\n  displayName: \"${var.brand} sale\"\n",
};

/// A key that is not text.
pub const YAML_KEY: Code = Code {
    name: "yaml-key",
    severity: Severity::Error,
    title: "a key is missing, or is a list or a mapping",
    why: "Manifests are JSON underneath, where every key is text. Braces in a template that is not quoted \
          are the usual cause.",
    wrong: "spec:\n  displayName: {{ brand }}\n",
    right: "spec:\n  displayName: \"${var.brand}\"\n",
};

/// A merge key.
pub const YAML_MERGE_KEY: Code = Code {
    name: "yaml-merge-key",
    severity: Severity::Error,
    title: "merge keys (`<<`) are not read",
    why: "They left YAML with version 1.2, and programs disagree about them: some apply them, some keep a \
          field named `<<`. Plain aliases work; what environments change belongs in an overlay.",
    wrong: "base: &base { weight: low }\nspec:\n  <<: *base\n  state: published\n",
    right: "spec:\n  weight: low\n  state: published\n",
};

/// An alias that leads nowhere.
pub const YAML_ALIAS: Code = Code {
    name: "yaml-alias",
    severity: Severity::Error,
    title: "an alias has no anchor, or is inside it",
    why: "An alias copies an anchor that is defined above it in the same document. An unquoted text that starts with `*` is read as an alias too.",
    wrong: "spec:\n  urls: [*.example.com]\n",
    right: "spec:\n  urls: [\"*.example.com\"]\n",
};

/// A text that other readers take for something else.
pub const AMBIGUOUS_SCALAR: Code = Code {
    name: "ambiguous-scalar",
    severity: Severity::Warning,
    title: "a text without quotes looks like a boolean or a number",
    why: "`no`, `on`, `012` and `1_000` are text here. Readers of YAML 1.1, and some editors, see booleans and \
          numbers. Quotes make every reader agree.",
    wrong: "spec:\n  language: no\n",
    right: "spec:\n  language: \"no\"\n",
};

/// Two manifests in one document.
pub const YAML_SEPARATOR: Code = Code {
    name: "yaml-separator",
    severity: Severity::Error,
    title: "a `---` is missing between two manifests",
    why: "Each manifest is a separate document, and a line `---` ends it. Without it the keys of both are in one \
          mapping, where one of each would be lost.",
    wrong: "kind: Goal\nmetadata: { name: bought }\nkind: Goal\nmetadata: { name: read }\n",
    right: "kind: Goal\nmetadata: { name: bought }\n---\nkind: Goal\nmetadata: { name: read }\n",
};

/// A value that is a comment.
pub const YAML_COMMENT: Code = Code {
    name: "yaml-comment",
    severity: Severity::Warning,
    title: "a `#` makes a comment of a value or of its end",
    why: "After a space, `#` starts a comment: a field with nothing else is empty, and a text ends there. A hashtag, a color, a channel or a number with a `#` needs quotes. Write a real comment with a space after its `#`.",
    wrong: "metadata:\n  annotations:\n    owner: #retail-messaging\n",
    right: "metadata:\n  annotations:\n    owner: \"#retail-messaging\"\n",
};

/// Quotes that YAML does not know.
pub const TYPOGRAPHIC_QUOTES: Code = Code {
    name: "typographic-quotes",
    severity: Severity::Warning,
    title: "a text has typographic quotes instead of the quotes of YAML",
    why: "The quotes of YAML are `\"` and `'`. Typographic quotes, such as “ ” and « », are letters of the text: they are sent to \
          the platform with it, and they do not protect a `:` or a `#`. Word processors, chats and phones put them in. Write a \
          text that has these quotes in quotes of YAML.",
    wrong: "spec:\n  displayName: “Autumn sale”\n",
    right: "spec:\n  displayName: \"Autumn sale\"\n",
};

/// A problem of a YAML text as a complaint.
#[must_use]
pub fn diagnostic(file: FileId, error: YamlError) -> Diagnostic {
    let at = Location::Span(file, error.span);
    let mut diagnostic = Diagnostic::new(code(error.kind), at, error.message);
    diagnostic.help = error.help.as_deref().map(lines);
    diagnostic.fix = match error.kind {
        YamlErrorKind::AmbiguousScalar => Some(Fix::Quote),
        _ => error.meant.map(Fix::Replace),
    };
    if let Some((span, text)) = error.label {
        diagnostic = diagnostic.label(Location::Span(file, span), text);
    }
    diagnostic
}

fn code(kind: YamlErrorKind) -> &'static Code {
    match kind {
        YamlErrorKind::Syntax => &YAML_SYNTAX,
        YamlErrorKind::DuplicateKey => &DUPLICATE_KEY,
        YamlErrorKind::Limit => &YAML_LIMIT,
        YamlErrorKind::NumberRange => &YAML_NUMBER_RANGE,
        YamlErrorKind::Tag => &YAML_TAG,
        YamlErrorKind::Key => &YAML_KEY,
        YamlErrorKind::MergeKey => &YAML_MERGE_KEY,
        YamlErrorKind::Alias => &YAML_ALIAS,
        YamlErrorKind::AmbiguousScalar => &AMBIGUOUS_SCALAR,
        YamlErrorKind::Separator => &YAML_SEPARATOR,
        YamlErrorKind::Comment => &YAML_COMMENT,
        YamlErrorKind::TypographicQuotes => &TYPOGRAPHIC_QUOTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Limits, yaml};

    #[test]
    fn the_wrong_example_raises_its_code_and_the_right_one_nothing() {
        let codes = |text: &str, limits: &Limits| -> Vec<_> {
            let (_, problems) = yaml::parse(FileId(0), text, limits);
            problems
                .into_iter()
                .map(|problem| diagnostic(FileId(0), problem).code.name)
                .collect()
        };
        for code in CODES {
            // The example of the limit is shortened, so it meets a lower one.
            let nodes = if code.name == "yaml-limit" { 20 } else { 1000 };
            let limits = Limits {
                alias_nodes: nodes,
                ..Limits::default()
            };
            assert_eq!(codes(code.wrong, &limits), [code.name]);
            assert_eq!(codes(code.right, &limits), [""; 0], "{}", code.name);
        }
    }
}
