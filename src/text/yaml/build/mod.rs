//! Parser events to documents: the JSON value and the span table grow together, without recursion.

mod anchors;
mod places;
mod reports;
mod scalars;
mod values;

use std::collections::BTreeMap;

use granit_parser::{Event, ScalarStyle, ScanError, StructureStyle};
use serde_json::{Map, Value};

use super::error::{is_about_brackets, offset, shown};
use super::scalar::Scalar;
use super::spans::{SpanTable, SpannedNode};
use super::{Document, Limits, YamlError, YamlErrorKind};
use crate::text::{FileId, Span};
use anchors::Anchored;
pub(super) use places::span_of;
use places::{dash_before, trimmed_end};
pub use scalars::comment_instead;

/// What the reader does after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    /// It goes on.
    Event,
    /// It gives up this document and goes on with the next.
    Document,
    /// It gives up the file.
    Stop,
}

/// A list or mapping that is still open.
struct NodeFrame {
    content: FrameContent,
    /// Its place in the span table.
    node: usize,
    /// The anchor in front of it, 0 for none.
    anchor: usize,
    /// Whether it is written in brackets.
    flow: bool,
    /// Where its last child ends.
    end: u32,
}

enum FrameContent {
    List(Vec<Value>),
    Mapping(Map<String, Value>, Option<PendingKey>),
}

/// A key whose value is still to come.
struct PendingKey {
    text: String,
    span: Span,
}

/// The documents of one file, as far as they are read.
pub(super) struct Builder<'t> {
    file: FileId,
    text: &'t str,
    limits: &'t Limits,
    documents: Vec<Document>,
    problems: Vec<YamlError>,
    errors: usize,
    /// The errors before the current document.
    errors_before: usize,
    started: usize,
    total_nodes: usize,
    copied: usize,
    frames: Vec<NodeFrame>,
    nodes: Vec<SpannedNode>,
    anchors: BTreeMap<usize, Anchored>,
    root: Option<Value>,
    /// The key by which it is known that a `---` is missing in the current document.
    joined: Option<String>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(file: FileId, text: &'t str, limits: &'t Limits) -> Self {
        Self {
            file,
            text,
            limits,
            documents: Vec::new(),
            problems: Vec::new(),
            errors: 0,
            errors_before: 0,
            started: 0,
            total_nodes: 0,
            copied: 0,
            frames: Vec::new(),
            nodes: Vec::new(),
            anchors: BTreeMap::new(),
            root: None,
            joined: None,
        }
    }

    /// Takes the next event.
    pub(super) fn event(&mut self, event: Event<'t>, at: &granit_parser::Span) -> NextStep {
        let span = span_of(at);
        let tag_span = || at.tag_span().map_or(span, |at| span_of(&at));
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let mut scalar = Scalar {
                    text,
                    plain: style == ScalarStyle::Plain,
                    anchor,
                    tag_span: if tag.is_some() { tag_span() } else { span },
                    tag,
                    span,
                };
                if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                    scalar.span.end = trimmed_end(self.text, span);
                }
                self.scalar(scalar)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "map", tag_span);
                let content = FrameContent::Mapping(Map::new(), None);
                self.open(content, style == StructureStyle::Flow, anchor, span)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "seq", tag_span);
                let flow = style == StructureStyle::Flow;
                let mut span = span;
                if !flow {
                    span.start = dash_before(self.text, span.start);
                }
                self.open(FrameContent::List(Vec::new()), flow, anchor, span)
            }
            Event::MappingEnd | Event::SequenceEnd => self.close(span),
            Event::Alias(id) => self.alias(id, span),
            Event::DocumentStart(..) => self.start_document(span),
            Event::DocumentEnd => self.end_document(),
            _ => NextStep::Event,
        }
    }

    /// Takes the parser's complaint.
    pub(super) fn syntax_error(&mut self, error: &ScanError) -> NextStep {
        let is_open = is_about_brackets(error.kind());
        let mut error = YamlError::scan(error, self.text, self.limits);
        if let Some(frame) = self.frames.last().filter(|frame| frame.flow) {
            let bracket = self.nodes[frame.node].value;
            let text = self.text;
            let first = bracket.start as usize;
            let line = text[first..]
                .find('\n')
                .map_or(text.len(), |end| first + end);
            let inside = text.get(first..line.max(error.span.start as usize));
            // Any other complaint has a reason of its own.
            let inside = inside.filter(|_| is_open);
            if let Some((at, comment)) = inside.and_then(comment_in) {
                let start = bracket.start + offset(at);
                let span = Span {
                    start,
                    end: start + offset(comment.len()),
                };
                let message = format!("`{}` is a comment, inside a bracket", shown(comment));
                error = YamlError::new(YamlErrorKind::Syntax, span, message)
                    .help("put a text that starts with `#` in quotes, and close the bracket");
            }
            error = error.label(bracket, "inside the bracket that opens here");
        }
        // What a warning says of the same place, the error says.
        let at = error.span.start;
        let quotes = YamlErrorKind::TypographicQuotes;
        self.problems
            .retain(|it| it.kind != quotes || it.span.start != at);
        if error.kind == YamlErrorKind::Limit {
            self.stop(error)
        } else {
            self.skip(error)
        }
    }

    /// The documents without an error, and everything that was found.
    pub(super) fn finish(mut self) -> (Vec<Document>, Vec<YamlError>) {
        self.problems.sort_by_key(|problem| problem.span);
        (self.documents, self.problems)
    }

    fn start_document(&mut self, span: Span) -> NextStep {
        self.started += 1;
        self.errors_before = self.errors;
        self.frames.clear();
        self.nodes.clear();
        self.anchors.clear();
        self.root = None;
        self.joined = None;
        if self.started > self.limits.documents {
            let message = format!(
                "the file holds more than {} documents",
                self.limits.documents
            );
            let error = YamlError::new(YamlErrorKind::Limit, span, message)
                .help("split the file: all files of a folder are read together");
            return self.stop(error);
        }
        NextStep::Event
    }

    fn end_document(&mut self) -> NextStep {
        let value = self.root.take();
        if self.errors == self.errors_before
            && let Some(value) = value
        {
            let spans = SpanTable::new(&self.nodes);
            self.documents.push(Document::new(self.file, value, spans));
        }
        NextStep::Event
    }
}

/// The first comment inside a bracket that swallows a part of it, with its place: it holds a bracket or looks like a
/// value. A remark at the end of a line does neither.
fn comment_in(text: &str) -> Option<(usize, &str)> {
    let comments = text.match_indices('#').filter_map(|(at, _)| {
        let is_comment = text[..at].ends_with([' ', '\t', '[', '{', ',']);
        let comment = text[at..].lines().next()?.trim_end();
        let is_remark = comment.starts_with("# ") && !comment.contains(['}', ']']);
        (is_comment && !is_remark).then_some((at, comment))
    });
    comments.into_iter().next()
}
