//! F0: diagnostics about the user's files, as data. Rendering is the report's job.
//!
//! While a pass computes, a place is a document and a JSON pointer; it becomes line and column only
//! when a person reads it. Checks collect into [`Diags`] and never stop at the first complaint.

mod advice;
mod code;
mod nearest;
pub mod yaml;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::text::looks::without_secrets;
use crate::text::safe::{line, lines};
use crate::text::{Document, EntryHalf, FileId, Pointer, Position, Sources, Span};

pub use advice::{Advice, Fix, suggestion};
pub use code::{Code, Severity};
pub use nearest::{did_you_mean, is_slip, nearest, question};

/// Index of a document among all documents of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocId(pub u32);

/// Where a complaint points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// Nowhere in the files: the whole run.
    Run,
    /// A file that could not be read as documents.
    File(FileId),
    /// Bytes of a file.
    Span(FileId, Span),
    /// A node of a document.
    Node {
        /// The document.
        doc: DocId,
        /// The node, from the root of the document.
        pointer: Pointer,
        /// Its key or its value.
        part: EntryHalf,
    },
}

/// One complaint about the user's files.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: &'static Code,
    /// How bad it is; starts as the code's own severity.
    pub severity: Severity,
    /// What is wrong: a lower-case phrase without a final period.
    pub message: String,
    /// Where.
    pub at: Location,
    /// What to do about it.
    pub help: Option<String>,
    /// The edit at its place that does it.
    pub fix: Option<Fix>,
    /// Other places that explain the complaint, each with its text.
    pub labels: Vec<(Location, String)>,
    /// The manifest that is not there, as `KIND/NAME`, where the complaint is about that.
    pub missing: Option<String>,
}

impl Diagnostic {
    /// A complaint at a place, with the severity of its code. What its message, help and labels quote of the files is
    /// made [safe](crate::text::safe) here, for every format, and what looks like a secret is struck out.
    pub fn new(code: &'static Code, at: Location, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: line(&without_secrets(&message.into())).into_owned(),
            at,
            help: None,
            fix: None,
            labels: Vec::new(),
            missing: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<Advice>) -> Self {
        let Advice { text, fix } = help.into();
        (self.help, self.fix) = (Some(lines(&without_secrets(&text))), fix);
        self
    }

    /// Adds which manifest is not there.
    #[must_use]
    pub fn missing(self, key: String) -> Self {
        let missing = Some(key);
        Self { missing, ..self }
    }

    /// Adds a second place with its text.
    #[must_use]
    pub fn label(mut self, at: Location, text: impl Into<String>) -> Self {
        self.labels
            .push((at, line(&without_secrets(&text.into())).into_owned()));
        self
    }
}

/// The complaints of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diags(Vec<Diagnostic>);

impl Diags {
    /// Adds a complaint.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all complaints of another pass.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(other);
    }

    /// Whether any complaint is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The complaints with their places [pinned](Texts::pinned).
    #[must_use]
    pub fn pinned(self, texts: &Texts) -> Self {
        let pin = |diagnostic: Diagnostic| Diagnostic {
            at: texts.pinned(&diagnostic.at),
            labels: diagnostic
                .labels
                .into_iter()
                .map(|(at, text)| (texts.pinned(&at), text))
                .collect(),
            ..diagnostic
        };
        Self(self.0.into_iter().map(pin).collect())
    }

    /// Errors and warnings, counted.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let errors = self
            .0
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .count();
        (errors, self.0.len() - errors)
    }

    /// The complaints in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every complaint with its place as people count, sorted by file, line, column and code.
    #[must_use]
    pub fn located<'a>(&'a self, texts: &Texts) -> Vec<(&'a Diagnostic, Option<Position>)> {
        let mut located: Vec<_> = self
            .0
            .iter()
            .map(|diagnostic| (diagnostic, texts.position(&diagnostic.at)))
            .collect();
        located.sort_by(|(a, at_a), (b, at_b)| {
            (at_a, a.code.name, &a.message).cmp(&(at_b, b.code.name, &b.message))
        });
        // A base and what is laid over it may complain twice of one place.
        located.dedup_by(|(a, at_a), (b, at_b)| {
            let told =
                |d: &Diagnostic| (d.code.name, d.severity, d.message.clone(), d.help.clone());
            at_a == at_b && told(a) == told(b)
        });
        // What a text may be taken for is no news where it is refused.
        let refused = located
            .iter()
            .filter(|(it, _)| it.severity == Severity::Error);
        let refused: BTreeSet<_> = refused.filter_map(|(_, at)| at.clone()).collect();
        // A comment in the place of a value is told once, too: as the error, where the value is needed.
        let line = |(it, at): &(&'a Diagnostic, Option<Position>)| {
            let at = at.as_ref()?;
            Some((at.file.clone(), at.line, it.message.as_str()))
        };
        let comments: BTreeSet<_> = (located.iter())
            .filter(|(it, _)| {
                it.severity == Severity::Error && it.message.contains(" is a comment")
            })
            .filter_map(line)
            .collect();
        located.retain(|entry| {
            let (it, at) = entry;
            let is_refused = at.as_ref().is_some_and(|at| refused.contains(at));
            let is_told = it.code.name == "yaml-comment"
                && line(entry).is_some_and(|line| comments.contains(&line));
            !(is_refused && it.code.name == "ambiguous-scalar" || is_told)
        });
        located
    }
}

impl FromIterator<Diagnostic> for Diags {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        Self(diagnostics.into_iter().collect())
    }
}

impl IntoIterator for Diags {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// All that was read in a run: the sources and the documents found in them.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// The files.
    pub sources: Sources,
    /// The documents of all files, in reading order.
    pub documents: Vec<Document>,
}

impl Texts {
    /// The document with this id.
    ///
    /// # Panics
    /// Never for an id that was made from these documents.
    #[must_use]
    pub fn document(&self, id: DocId) -> &Document {
        &self.documents[id.0 as usize]
    }

    /// The value of a document.
    #[must_use]
    pub fn value(&self, id: DocId) -> &Value {
        &self.document(id).value
    }

    /// The file and bytes of a place, `None` for the whole run.
    #[must_use]
    pub fn span(&self, at: &Location) -> Option<(FileId, Span)> {
        match at {
            Location::Run => None,
            Location::File(file) => Some((*file, Span::default())),
            Location::Span(file, span) => Some((*file, *span)),
            Location::Node { doc, pointer, part } => {
                Some(self.document(*doc).place(pointer, *part))
            }
        }
    }

    /// The same place, found without the documents: it stays true for other documents of the same sources.
    #[must_use]
    pub fn pinned(&self, at: &Location) -> Location {
        match (at, self.span(at)) {
            (Location::Node { .. }, Some((file, span))) => Location::Span(file, span),
            _ => at.clone(),
        }
    }

    /// The line and column of a place, `None` for the whole run.
    #[must_use]
    pub fn position(&self, at: &Location) -> Option<Position> {
        self.span(at)
            .map(|(file, span)| self.sources.position(file, span.start))
    }
}
