//! What can be wrong with a YAML text, in words for the person who wrote it.

use std::borrow::Cow;

use granit_parser::{ErrorKind, ScanError};

use super::{Limits, blanks, indent, quotes};
use crate::text::Span;

/// What is wrong, by what a reader has to learn about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum YamlErrorKind {
    /// The text is not YAML.
    Syntax,
    /// A key is defined twice in a mapping.
    DuplicateKey,
    /// The text asks for more than [`Limits`] gives.
    Limit,
    /// A number that JSON or 64 bits cannot hold.
    NumberRange,
    /// A tag that is not one of the core tags, or does not fit its value.
    Tag,
    /// A key that is a list, a mapping or missing.
    Key,
    /// A merge key, `<<`.
    MergeKey,
    /// An alias to an anchor that is not there, or to the node around it.
    Alias,
    /// A `---` that is missing between two documents.
    Separator,
    /// A warning: a `#` that makes a comment of a value.
    Comment,
    /// A warning: a text that other readers take for a boolean or a number.
    AmbiguousScalar,
    /// A warning: quotes that are letters of the text.
    TypographicQuotes,
}

/// One problem of a YAML text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// What is wrong.
    pub kind: YamlErrorKind,
    /// What is wrong with this text.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to do about it.
    pub help: Option<String>,
    /// Another place that explains it, with its text.
    pub label: Option<(Span, &'static str)>,
    /// The text that was most likely meant.
    pub meant: Option<String>,
}

impl YamlError {
    pub(super) fn new(kind: YamlErrorKind, span: Span, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            span,
            help: None,
            label: None,
            meant: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn label(mut self, span: Span, text: &'static str) -> Self {
        self.label = Some((span, text));
        self
    }

    /// Whether the text can still be used.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        matches!(
            self.kind,
            YamlErrorKind::AmbiguousScalar
                | YamlErrorKind::Comment
                | YamlErrorKind::TypographicQuotes
        )
    }

    pub(super) fn too_long(bytes: usize) -> Self {
        Self::new(
            YamlErrorKind::Limit,
            Span::default(),
            format!("the file is larger than the limit of {bytes} bytes"),
        )
        .help("split the file: all files of a folder are read together")
    }

    pub(super) fn too_deep(limits: &Limits, span: Span) -> Self {
        let message = format!(
            "lists and mappings are nested more than {} levels deep",
            limits.depth
        );
        Self::new(YamlErrorKind::Limit, span, message)
    }

    /// A blank that is none to YAML.
    pub(super) fn odd_blank(span: Span, message: &str) -> Self {
        Self::new(YamlErrorKind::Syntax, span, message)
            .help("write a plain space instead; put a text that needs it in quotes")
    }

    /// A quote that is none to YAML, where one should open or close the text around a place.
    fn typographic(kind: &ErrorKind, text: &str, at: Span) -> Option<Self> {
        let (quote, span, does, label) = if is_about_quotes(kind) {
            let opening = opening_quote(text, at.start as usize)?;
            let (quote, span) = quotes::instead_of_closing(text, opening)?;
            (
                quote,
                span,
                "closes",
                Some((opening, "the text starts here")),
            )
        } else {
            let (quote, span) = quotes::around(text, at.start as usize)?;
            (quote, span, "opens", None)
        };
        let message = format!("`{quote}` {does} no text in YAML");
        let error = Self::new(YamlErrorKind::Syntax, span, message);
        let help = "quotes of YAML are `\"` and `'`: write one of them instead";
        Some(Self {
            label,
            ..error.help(help)
        })
    }

    /// The parser's own complaint.
    pub(super) fn scan(error: &ScanError, text: &str, limits: &Limits) -> Self {
        let span = place(error, text);
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            return Self::too_deep(limits, span);
        }
        if matches!(error.kind(), ErrorKind::UnknownAnchor) {
            return unknown_anchor(text, span);
        }
        if let Some((blank, span)) = blanks::near(text, span.start as usize) {
            return Self::odd_blank(span, &format!("there is {blank} where only a space can be"));
        }
        if let Some(error) = Self::typographic(error.kind(), text, span) {
            return error;
        }
        if is_about_colons(error.kind())
            && let Some((span, message, help)) = glued_above(text, span.start as usize)
        {
            return Self::new(YamlErrorKind::Syntax, span, message).help(help);
        }
        if is_about_indentation(error.kind())
            && let Some(misfit) = indent::misfit(text, span.start as usize)
        {
            return Self::new(YamlErrorKind::Syntax, misfit.at, misfit.message)
                .help(misfit.help)
                .label(misfit.sibling, "a sibling");
        }
        if matches!(error.kind(), ErrorKind::SimpleKeyExpected)
            && let Some((message, help)) = no_key(text, span.start as usize)
        {
            return Self::new(YamlErrorKind::Syntax, span, message).help(help);
        }
        if let Some((span, help)) = unquoted_variable(text, span.start as usize) {
            let message = "`${` is in a bracket, where `{` opens a mapping";
            return Self::new(YamlErrorKind::Syntax, span, message).help(help);
        }
        let (message, help) = explain(error.kind());
        let opening =
            is_about_quotes(error.kind()).then(|| opening_quote(text, span.start as usize));
        Self {
            help: help.map(str::to_owned),
            label: opening
                .flatten()
                .map(|quote| (quote, "the text starts here")),
            ..Self::new(YamlErrorKind::Syntax, span, message)
        }
    }
}

/// Why a line is no key and value, where it is nearly one, or nearly a separator.
fn no_key(text: &str, at: usize) -> Option<(String, String)> {
    let line = text.get(at..)?.lines().next()?.trim_end();
    if matches!(line, "--" | "-- " | "----" | "-----") {
        let message = format!("`{line}` does not separate manifests");
        return Some((message, "write `---`, three dashes".to_owned()));
    }
    let (key, value) = line.split_once(':')?;
    let is_key = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    if key.is_empty() || !key.chars().all(is_key) || value.is_empty() {
        return None;
    }
    Some(glued(key, value))
}

/// What is said of `key:value`.
fn glued(key: &str, value: &str) -> (String, String) {
    (
        format!("a space is missing after `{}:`", shown(key)),
        format!("write `{}: {}`", shown(key), shown(value)),
    )
}

/// The line above that is `key:value`, which YAML takes for a text that goes on below.
fn glued_above(text: &str, at: usize) -> Option<(Span, String, String)> {
    let start = text[..at].rfind('\n')? + 1;
    let above = text[..start].lines().rfind(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#')
    })?;
    let entry = above.trim().trim_start_matches("- ");
    let (key, value) = entry.split_once(':')?;
    let is_key = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let is_entry = !key.is_empty() && key.chars().all(is_key);
    if !is_entry || value.is_empty() || value.starts_with([' ', '\t', '/']) {
        return None;
    }
    let from = entry.as_ptr() as usize - text.as_ptr() as usize;
    let span = Span {
        start: offset(from),
        end: offset(from + key.len() + 1),
    };
    let (message, help) = glued(key, value);
    Some((span, message, help))
}

/// A reference to a variable without quotes, in brackets, and what to write: outside of brackets it needs no quotes.
fn unquoted_variable(text: &str, at: usize) -> Option<(Span, String)> {
    let start = text.get(..at)?.strip_suffix('$')?.len();
    let line = text.get(start..)?.lines().next()?;
    let end = line.strip_prefix("${")?.find('}')? + "${}".len();
    let span = Span {
        start: offset(start),
        end: offset(start + end),
    };
    Some((
        span,
        format!("put the text in quotes: `\"{}\"`", shown(&line[..end])),
    ))
}

/// The character that the parser stumbled over; for tabs the tab itself, which may come later.
fn place(error: &ScanError, text: &str) -> Span {
    let mut start = error.marker().byte_offset().unwrap_or(0).min(text.len());
    if is_tab(error.kind()) {
        // The parser reports the tab, the character behind it, or the end of the line in front of it.
        let before = start.saturating_sub(1);
        let tail = &text.as_bytes()[before..];
        start = tail
            .iter()
            .position(|byte| *byte == b'\t')
            .map_or(start, |at| before + at);
    }
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let length = text[start..]
        .chars()
        .next()
        .filter(|c| *c != '\n')
        .map_or(0, char::len_utf8);
    Span {
        start: offset(start),
        end: offset(start + length),
    }
}

/// Narrows an offset: texts are shorter than 4 GiB, [`super::parse`] saw to it.
pub(super) fn offset(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A text for a message: the start of it, where it is long.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(60) {
        Some((end, _)) => Cow::Owned(format!("{}..", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    )
}

/// Whether a wrong indentation may be the reason.
fn is_about_indentation(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::MappingValueNotAllowed
            | ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::InvalidIndentation
    )
}

/// Whether a line above that lacks a space may be the reason.
fn is_about_colons(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::MappingValueNotAllowed
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
            | ErrorKind::ExpectedBlockMappingKey
    )
}

/// Whether a bracket that is not closed may be the reason.
pub(super) fn is_about_brackets(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::CommentNotSeparated
    )
}

/// Whether a quote that is missing may be the reason.
fn is_about_quotes(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidQuotedScalarIndent
    )
}

/// The last quote above a place, in the same document, that opens a text and is not closed on its line.
fn opening_quote(text: &str, before: usize) -> Option<Span> {
    let above = &text[..before];
    let document = above.rfind("\n---").map_or(0, |at| at + 1);
    let mut end = before;
    for line in above[document..].split_inclusive('\n').rev() {
        let start = end - line.len();
        end = start;
        if let Some(at) = open_quote(line) {
            let quote = start + at;
            return Some(Span {
                start: offset(quote),
                end: offset(quote + 1),
            });
        }
    }
    None
}

/// Where a line opens a quoted text that it does not close.
fn open_quote(line: &str) -> Option<usize> {
    let mut open: Option<(usize, char)> = None;
    let mut before = ' ';
    for (at, letter) in line.char_indices() {
        match open {
            None if matches!(letter, '"' | '\'') && " \t[{,".contains(before) => {
                open = Some((at, letter));
            }
            Some((_, quote)) if quote == letter && !(quote == '"' && before == '\\') => open = None,
            None if letter == '#' && before == ' ' => break,
            _ => {}
        }
        before = letter;
    }
    open.map(|(at, _)| at)
}

fn unknown_anchor(text: &str, at: Span) -> YamlError {
    let alias = &text[at.start as usize..];
    let length = alias
        .find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}'))
        .unwrap_or(alias.len());
    let span = Span {
        start: at.start,
        end: at.start + offset(length),
    };
    let name = shown(alias[..length].trim_start_matches('*'));
    YamlError::new(
        YamlErrorKind::Alias,
        span,
        format!("no anchor `&{name}` is defined above this alias"),
    )
    .help("an alias can only use anchors of the same document; quote a text that starts with `*`")
}

/// The complaint in our words, where the parser's own are hard to act on.
fn explain(kind: &ErrorKind) -> (String, Option<&'static str>) {
    use ErrorKind as E;
    let (message, help) = match kind {
        kind if is_tab(kind) => (
            "a tab is used where only spaces indent",
            "indent with spaces",
        ),
        E::UnexpectedCharacter { character } => {
            let message = format!(
                "a plain text cannot start with `{}`",
                character.escape_default()
            );
            return (message, Some("put the text in quotes"));
        }
        E::UnclosedFlowCollection { open } => {
            let help = match open {
                '[' => "add the closing `]`",
                _ => "add the closing `}`",
            };
            return (format!("the bracket `{open}` is not closed"), Some(help));
        }
        E::ExpectedNodeContent | E::UnexpectedEof => (
            "a value is expected here",
            "write the value, or put a text with `,`, `]` or `}` in quotes",
        ),
        E::MappingValueNotAllowed => (
            "a `:` is not allowed here",
            "quote a text that contains `: `",
        ),
        E::InvalidColonPlacement => (
            "a `:` is not allowed here",
            "close the bracket above, or put the key on one line with its `:`",
        ),
        E::ExpectedBlockMappingKey => (
            "a key is expected here",
            "check that this line is indented like its siblings",
        ),
        E::ExpectedBlockSequenceEntry => (
            "a `- ` is expected here",
            "check that this line is indented like its siblings",
        ),
        E::SimpleKeyExpected => ("this line has no `:`", "write `key: value`"),
        E::InvalidIndentation => (
            "this line is indented wrongly",
            "indent it like its siblings, with two spaces a level",
        ),
        E::ExpectedDocumentStart => (
            "this line does not belong to what is above it",
            "indent it like its siblings, or write `---` where another document starts",
        ),
        other => {
            if let Some((message, help)) = in_brackets(other).or_else(|| in_quotes(other)) {
                return (message.to_owned(), Some(help));
            }
            let help =
                "compare the line with its siblings; put a text with special characters in quotes";
            return (other.to_string(), Some(help));
        }
    };
    (message.to_owned(), Some(help))
}

/// The same for brackets and the comments in them.
fn in_brackets(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    use ErrorKind as E;
    Some(match kind {
        E::ExpectedFlowMappingSeparator
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping => (
            "the bracket `{` is not closed before this",
            "add the closing `}`, or a `,` between two entries",
        ),
        E::ExpectedFlowSequenceSeparator | E::UnexpectedEofFlowSequence => (
            "the bracket `[` is not closed before this",
            "add the closing `]`, or a `,` between two items",
        ),
        E::CommentNotSeparated | E::CommentInterceptedScalar => (
            "a `#` begins a comment here",
            "put a text that holds `#` in quotes; a comment needs a space before its `#`",
        ),
        E::ExpectedWhitespace => ("a space is missing here", "add a space"),
        _ => return None,
    })
}

/// The same for texts in quotes.
fn in_quotes(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    use ErrorKind as E;
    Some(match kind {
        E::UnclosedQuotedScalar => ("the quoted text is not closed", "add the closing quote"),
        E::InvalidQuotedScalarIndent => (
            "the quoted text continues with too little indentation",
            "add the closing quote, or indent the lines of the text",
        ),
        E::UnknownQuotedScalarEscape => (
            "this escape is not known",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        _ => return None,
    })
}
