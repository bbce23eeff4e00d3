//! A complaint about the structure of a manifest, and how it comes to speak of the text as it was written.

use serde_json::Value;

use super::codes::WRONG_TYPE;
use super::wording::commented;
use crate::diag::{Advice, Code, Diagnostic, DocId, Location};
use crate::text::{Document, EntryHalf, FileId, Limits, Pointer, Sources, yaml};

/// A document, and the sources that it was read from.
#[derive(Clone, Copy)]
pub(crate) struct ComplaintDocument<'a> {
    pub(crate) document: &'a Document,
    pub(crate) sources: &'a Sources,
}

/// One complaint about a manifest, without a document to point into.
#[derive(Debug)]
pub(crate) struct Complaint {
    pub(crate) code: &'static Code,
    pub(crate) pointer: Pointer,
    pub(crate) part: EntryHalf,
    pub(crate) message: String,
    pub(crate) help: Option<Advice>,
}

impl Complaint {
    /// The complaint with a number as the file spells it: `1.10` is read as 1.1, and a text of it would be another one.
    pub(super) fn spelled_as_written(mut self, document: &Document, sources: &Sources) -> Self {
        let Some(value @ (Value::Number(_) | Value::Bool(_))) = self.pointer.get(&document.value)
        else {
            return self;
        };
        let (file, span) = document.place(&self.pointer, EntryHalf::Value);
        let text = &sources.get(file).text;
        let written = text.get(span.start as usize..span.end as usize);
        let Some(written) = written.filter(|written| is_spelling(written, value)) else {
            return self;
        };
        let spelled = value.to_string();
        for (open, close) in [("`", "`"), ("\"", "\""), ("[", "]")] {
            let (from, to) = (
                format!("{open}{spelled}{close}"),
                format!("{open}{written}{close}"),
            );
            self.message = self.message.replace(&from, &to);
            if let Some(help) = &mut self.help {
                help.text = help.text.replace(&from, &to);
            }
        }
        self
    }

    /// The complaint about a value that is missing because a `#` made a comment of it: the comment is why.
    pub(super) fn without_comment(mut self, document: &Document, sources: &Sources) -> Self {
        let value = self.pointer.get(&document.value);
        if self.code != &WRONG_TYPE || !value.is_some_and(Value::is_null) {
            return self;
        }
        let (file, span) = document.place(&self.pointer, EntryHalf::Value);
        let last = self.pointer.steps().last().unwrap_or_default();
        let is_item = last.parse::<usize>().is_ok();
        let text = &sources.get(file).text;
        if let Some(comment) = yaml::comment_instead(text, span, is_item) {
            let (message, help) = commented(comment, Some(&last).filter(|_| !is_item));
            self.message = message;
            self.help = Some(help.into());
        }
        self
    }

    /// The complaint at its place.
    pub(crate) fn at(self, doc: DocId) -> Diagnostic {
        let Self {
            code,
            pointer,
            part,
            message,
            help,
        } = self;
        let diagnostic = Diagnostic::new(code, Location::Node { doc, pointer, part }, message);
        match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// Whether a text of a file is how a value is spelled there, and not a reference to a variable that it came from.
fn is_spelling(written: &str, value: &Value) -> bool {
    let (documents, _) = yaml::parse(FileId(0), written, &Limits::default());
    matches!(documents.as_slice(), [only] if *only.value == *value)
}
