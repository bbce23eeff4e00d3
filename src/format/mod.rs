//! F2: the layout of manifests and project files. A text in, the same text in canonical form out.
//!
//! - Keys have the order of the schemas; open JSON keeps the author's. Two blanks a level, lists below a key are
//!   indented. Double quotes. Brackets stay brackets, on one line where they fit into 120 columns without a comment
//!   inside, else an entry a line.
//! - Every comment is kept, and one blank line of several. What the author quoted stays quoted; what only looks like a
//!   boolean or a number gets quotes.
//! - Formatting twice is formatting once. A text with mistakes is not touched.
//! - Nothing is taken on trust: the result is read again, and is refused unless it has the same values and the same
//!   comments.
//!
//! The layout is our own, on the events of the one parser that reads manifests. The formatters at hand bring a second
//! parser, and lose comments in empty brackets and the meaning of block scalars with an indentation indicator, or
//! come with a language server's dependencies.

mod attach;
mod order;
mod print;
mod read;
mod scalar;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeSet;

use crate::diag::{Diags, yaml as complaints};
use crate::text::{FileId, Limits, YamlError, YamlErrorKind, yaml};

/// Why a text was not formatted.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum FormatError {
    /// It has mistakes.
    #[error("the text cannot be read")]
    Invalid(Diags),
    /// The result would not have meant the same.
    #[error("it cannot be formatted without changing {0}")]
    Unfaithful(&'static str),
}

/// A text in canonical form. `file` is what complaints are about.
pub fn format(file: FileId, text: &str) -> Result<String, FormatError> {
    let is_crlf = text
        .split_once('\n')
        .is_some_and(|(line, _)| line.ends_with('\r'));
    // Each reading takes as long as a whole check of the text, so the text is read once for all that is asked of it:
    // by our reader, by that of the layout, and then the result by both.
    let all = Limits {
        problems: usize::MAX,
        ..Limits::default()
    };
    let (before, problems) = yaml::parse(file, text, &all);
    if problems.iter().any(|problem| !problem.is_warning()) {
        let errors = problems.into_iter().filter(|problem| !problem.is_warning());
        let errors = errors.take(Limits::default().problems);
        let errors = errors.map(|error| complaints::diagnostic(file, error));
        return Err(FormatError::Invalid(errors.collect()));
    }
    let plain = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    // Without a mark at the start and carriage returns, places are the same in both.
    let ambiguous = if plain.len() == text.len() {
        ambiguous(&problems)
    } else {
        ambiguous(&yaml::parse(FileId(0), &plain, &all).1)
    };
    let (formatted, written) =
        layout(&plain, ambiguous).ok_or(FormatError::Unfaithful("its form"))?;
    let (after, problems) = yaml::parse(file, &formatted, &Limits::default());
    let values = |documents: &[yaml::Document]| -> Vec<_> {
        documents.iter().map(|it| it.value.clone()).collect()
    };
    let is_sound = problems.iter().all(YamlError::is_warning);
    if !is_sound || values(&before) != values(&after) {
        return Err(FormatError::Unfaithful("its values"));
    }
    if Some(written) != comments(&formatted) {
        return Err(FormatError::Unfaithful("its comments"));
    }
    Ok(if is_crlf {
        formatted.replace('\n', "\r\n")
    } else {
        formatted
    })
}

/// A text in its layout, and the comments that are written in it, sorted.
fn layout(text: &str, ambiguous: BTreeSet<usize>) -> Option<(String, Vec<String>)> {
    let (mut documents, comments) = read::read(text).ok()?;
    let mut written: Vec<String> = comments.iter().map(|it| it.said.clone()).collect();
    written.sort();
    let rest = attach::attach(text, &mut documents, comments);
    for document in &mut documents {
        order::sort(&mut document.root);
    }
    Some((print::print(&documents, &rest, ambiguous), written))
}

/// The places of plain texts that other readers take for something else.
fn ambiguous(problems: &[YamlError]) -> BTreeSet<usize> {
    let places = problems
        .iter()
        .filter(|problem| problem.kind == YamlErrorKind::AmbiguousScalar);
    places.map(|problem| problem.span.start as usize).collect()
}

/// The comments of a text, sorted: keys change places, and what is said of them goes along.
fn comments(text: &str) -> Option<Vec<String>> {
    let mut comments = read::comments_of(text).ok()?;
    comments.sort();
    Some(comments)
}
