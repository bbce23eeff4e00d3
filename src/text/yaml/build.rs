//! Parser events to documents: the JSON value and the span table grow together, without recursion.

use std::collections::BTreeMap;

use granit_parser::{Event, ScalarStyle, ScanError, StructureStyle, Tag};
use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::error::{offset, shown};
use super::scalar::{self, Scalar};
use super::spans::{Node, SpanTable, child_node};
use super::{Document, Limits, YamlError, YamlErrorKind};
use crate::text::{FileId, Span};

/// What the reader does after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It goes on.
    Event,
    /// It gives up this document and goes on with the next.
    Document,
    /// It gives up the file.
    Stop,
}

/// A list or mapping that is still open.
struct Frame {
    content: Content,
    /// Its place in the span table.
    node: usize,
    /// The anchor in front of it, 0 for none.
    anchor: usize,
    /// Whether it is written in brackets.
    flow: bool,
    /// Where its last child ends.
    end: u32,
}

enum Content {
    List(Vec<Value>),
    Mapping(Map<String, Value>, Option<Key>),
}

/// A key whose value is still to come.
struct Key {
    text: String,
    span: Span,
}

/// The content of an anchor, with what an alias to it costs.
struct Anchored {
    value: Value,
    weight: usize,
    height: usize,
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
    frames: Vec<Frame>,
    nodes: Vec<Node>,
    anchors: BTreeMap<usize, Anchored>,
    root: Option<Value>,
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
        }
    }

    /// Takes the next event.
    pub(super) fn event(&mut self, event: Event<'t>, at: &granit_parser::Span) -> Next {
        let span = span_of(at);
        let tag_span = || at.tag_span().map_or(span, |at| span_of(&at));
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let tag_span = if tag.is_some() { tag_span() } else { span };
                let mut scalar = Scalar {
                    text,
                    plain,
                    anchor,
                    tag,
                    tag_span,
                    span,
                };
                if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                    scalar.span.end = trimmed_end(self.text, span);
                }
                self.scalar(scalar)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "map", tag_span);
                let content = Content::Mapping(Map::new(), None);
                self.open(content, style == StructureStyle::Flow, anchor, span)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "seq", tag_span);
                let flow = style == StructureStyle::Flow;
                let start = if flow {
                    span.start
                } else {
                    dash_before(self.text, span.start)
                };
                self.open(
                    Content::List(Vec::new()),
                    flow,
                    anchor,
                    Span { start, ..span },
                )
            }
            Event::MappingEnd | Event::SequenceEnd => self.close(span),
            Event::Alias(id) => self.alias(id, span),
            Event::DocumentStart(..) => self.start_document(span),
            Event::DocumentEnd => self.end_document(),
            _ => Next::Event,
        }
    }

    /// Takes the parser's complaint.
    pub(super) fn syntax_error(&mut self, error: &ScanError) -> Next {
        let mut error = YamlError::scan(error, self.text, self.limits);
        if let Some(frame) = self.frames.last().filter(|frame| frame.flow) {
            error = error.label(
                self.nodes[frame.node].value,
                "inside the bracket that opens here",
            );
        }
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

    fn start_document(&mut self, span: Span) -> Next {
        self.started += 1;
        self.errors_before = self.errors;
        self.frames.clear();
        self.nodes.clear();
        self.anchors.clear();
        self.root = None;
        if self.started > self.limits.documents {
            let message = format!(
                "the file holds more than {} documents",
                self.limits.documents
            );
            let error = YamlError::new(YamlErrorKind::Limit, span, message)
                .help("split the file: all files of a folder are read together");
            return self.stop(error);
        }
        Next::Event
    }

    fn end_document(&mut self) -> Next {
        let value = self.root.take();
        if self.errors == self.errors_before
            && let Some(value) = value
        {
            let spans = SpanTable::new(&self.nodes);
            self.documents.push(Document {
                file: self.file,
                value,
                spans,
            });
        }
        Next::Event
    }

    /// Begins a list or mapping.
    fn open(&mut self, content: Content, flow: bool, anchor: usize, span: Span) -> Next {
        if self.expects_key() {
            return self.skip(
                YamlError::new(
                    YamlErrorKind::Key,
                    span,
                    "a key must be text, not a list or a mapping",
                )
                .help("quote a text that starts with `[` or `{`"),
            );
        }
        if self.frames.len() >= self.limits.depth {
            return self.stop(YamlError::too_deep(self.limits, span));
        }
        let node = self.nodes.len();
        let next = self.add_node(span);
        self.frames.push(Frame {
            content,
            node,
            anchor,
            flow,
            end: span.end,
        });
        next
    }

    /// Ends the innermost list or mapping.
    fn close(&mut self, span: Span) -> Next {
        let Some(frame) = self.frames.pop() else {
            return Next::Event;
        };
        // The end of a block is reported where the next token starts, lines below its last child.
        let end = if frame.flow {
            frame.end.max(span.end)
        } else {
            frame.end
        };
        let node = &mut self.nodes[frame.node];
        node.value.end = end;
        if node.key.start == node.value.start {
            node.key = node.value; // an item of a list, or the root
        }
        let value = match frame.content {
            Content::List(items) => Value::Array(items),
            Content::Mapping(fields, _) => Value::Object(fields),
        };
        self.complete(value, frame.node, frame.anchor)
    }

    fn scalar(&mut self, scalar: Scalar<'t>) -> Next {
        if self.expects_key() {
            return self.key(scalar);
        }
        // `key:` and an empty document have a scalar without text; complaints go to the key.
        let empty = scalar.plain && scalar.span.start == scalar.span.end;
        if empty && self.frames.is_empty() && scalar.tag.is_none() && scalar.anchor == 0 {
            return Next::Event;
        }
        let span = match self.pending_key() {
            Some(key) if empty => key.span,
            _ => scalar.span,
        };
        let (node, anchor) = (self.nodes.len(), scalar.anchor);
        if self.add_node(span) == Next::Stop {
            return Next::Stop;
        }
        let (value, problem) = scalar::value(scalar);
        if let Some(problem) = problem
            && self.report(problem) == Next::Stop
        {
            return Next::Stop;
        }
        self.complete(value, node, anchor)
    }

    /// Takes a scalar as a key.
    fn key(&mut self, scalar: Scalar<'t>) -> Next {
        let span = scalar.span;
        let error = scalar::key_error(&scalar);
        if let Some(error) = error
            && self.report(error) == Next::Stop
        {
            return Next::Stop;
        }
        let text = scalar.text.into_owned();
        if scalar.anchor != 0
            && self.keep_anchor(scalar.anchor, &Value::String(text.clone()), span) == Next::Stop
        {
            return Next::Stop;
        }
        self.set_key(Key { text, span })
    }

    /// Copies the content of an anchor.
    fn alias(&mut self, id: usize, span: Span) -> Next {
        let Some(anchored) = self.anchors.get(&id) else {
            let error = YamlError::new(
                YamlErrorKind::Alias,
                span,
                "the alias stands inside its own anchor",
            );
            return self.skip(error);
        };
        if self.expects_key() {
            let Value::String(text) = &anchored.value else {
                let message = "an alias that is a key must stand for text";
                return self.skip(YamlError::new(YamlErrorKind::Key, span, message));
            };
            let text = text.clone();
            let weight = anchored.weight;
            return match self.charge(weight, span) {
                Next::Event => self.set_key(Key { text, span }),
                next => next,
            };
        }
        if self.frames.len() + anchored.height > self.limits.depth {
            return self.stop(YamlError::too_deep(self.limits, span));
        }
        // Charged before the copy is made: a copy that breaks the limit must never exist.
        let weight = anchored.weight;
        if self.charge(weight, span) == Next::Stop {
            return Next::Stop;
        }
        let value = self
            .anchors
            .get(&id)
            .map(|anchored| anchored.value.clone())
            .unwrap_or_default();
        let node = self.nodes.len();
        match self.add_node(span) {
            Next::Event => self.complete(value, node, 0),
            next => next,
        }
    }

    /// Puts a finished value into the list or mapping around it.
    fn complete(&mut self, value: Value, node: usize, anchor: usize) -> Next {
        let next = offset(self.nodes.len());
        let done = &mut self.nodes[node];
        done.next = next;
        let (key, span) = (done.key, done.value);
        if anchor != 0 && self.keep_anchor(anchor, &value, span) == Next::Stop {
            return Next::Stop;
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(value);
            return Next::Event;
        };
        frame.end = frame.end.max(span.end).max(key.end);
        match &mut frame.content {
            Content::List(items) => items.push(value),
            Content::Mapping(fields, pending) => {
                let text = pending.take().map(|key| key.text).unwrap_or_default();
                // One hash look-up in the good case; the first key is searched for in the bad one only.
                let text = match fields.entry(text) {
                    Entry::Vacant(entry) => {
                        entry.insert(value);
                        return Next::Event;
                    }
                    Entry::Occupied(entry) => entry.key().clone(),
                };
                let position = fields.keys().position(|key| *key == text);
                return self.duplicate(&text, node, position.unwrap_or_default());
            }
        }
        Next::Event
    }

    fn duplicate(&mut self, text: &str, node: usize, position: usize) -> Next {
        let span = self.nodes[node].key;
        // Table and mapping must keep the same children, or the next duplicate gets a wrong label.
        self.nodes.truncate(node);
        let mut error = YamlError::new(
            YamlErrorKind::DuplicateKey,
            span,
            format!("the key `{}` stands twice", shown(text)),
        )
        .help("remove one of the two, or merge their content");
        let parent = self.frames.last().map_or(0, |frame| frame.node);
        if let Some(first) = child_node(&self.nodes, parent, position) {
            error = error.label(self.nodes[first].key, "first here");
        }
        self.report(error)
    }

    /// Adds a value to the span table, with the key in front of it.
    fn add_node(&mut self, span: Span) -> Next {
        self.total_nodes += 1;
        if self.total_nodes > self.limits.nodes {
            let message = format!("the file holds more than {} values", self.limits.nodes);
            return self.stop(YamlError::new(YamlErrorKind::Limit, span, message));
        }
        let key = self.pending_key().map_or(span, |key| key.span);
        self.nodes.push(Node {
            key,
            value: span,
            next: 0,
        });
        Next::Event
    }

    /// Keeps a copy of an anchor's content for its aliases.
    fn keep_anchor(&mut self, id: usize, value: &Value, span: Span) -> Next {
        let (weight, height) = weigh(value);
        if self.charge(weight, span) == Next::Stop {
            return Next::Stop;
        }
        self.anchors.insert(
            id,
            Anchored {
                value: value.clone(),
                weight,
                height,
            },
        );
        Next::Event
    }

    /// Counts values that are copied.
    fn charge(&mut self, weight: usize, span: Span) -> Next {
        self.copied = self.copied.saturating_add(weight);
        if self.copied > self.limits.alias_nodes {
            let message = format!(
                "anchors and aliases copy more than {} values",
                self.limits.alias_nodes
            );
            let error = YamlError::new(YamlErrorKind::Limit, span, message)
                .help("write the values out instead of copying them");
            return self.stop(error);
        }
        Next::Event
    }

    fn check_collection_tag(&mut self, tag: Option<&Tag>, core: &str, span: impl Fn() -> Span) {
        if let Some(tag) = tag
            && tag.core_suffix() != Some(core)
            && !scalar::is_bang(tag)
        {
            self.report(scalar::tag_error(tag, span()));
        }
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame {
                content: Content::Mapping(_, None),
                ..
            })
        )
    }

    fn pending_key(&self) -> Option<&Key> {
        match &self.frames.last()?.content {
            Content::Mapping(_, key) => key.as_ref(),
            Content::List(_) => None,
        }
    }

    fn set_key(&mut self, key: Key) -> Next {
        if let Some(Frame {
            content: Content::Mapping(_, pending),
            ..
        }) = self.frames.last_mut()
        {
            *pending = Some(key);
        }
        Next::Event
    }

    /// Keeps a problem; too many errors end the file.
    fn report(&mut self, problem: YamlError) -> Next {
        if problem.is_warning() {
            if self.problems.len() < self.limits.problems {
                self.problems.push(problem);
            }
            return Next::Event;
        }
        self.errors += 1;
        let span = problem.span;
        self.problems.push(problem);
        if self.errors > self.limits.problems {
            let message = "too many errors: the rest of the file is not read";
            let error = YamlError::new(YamlErrorKind::Limit, span, message)
                .help("mend the ones above first");
            return self.stop(error);
        }
        Next::Event
    }

    /// Reports an error after which the rest of the document means nothing.
    fn skip(&mut self, error: YamlError) -> Next {
        match self.report(error) {
            Next::Stop => Next::Stop,
            _ => Next::Document,
        }
    }

    fn stop(&mut self, error: YamlError) -> Next {
        self.errors += 1;
        self.problems.push(error);
        Next::Stop
    }
}

fn span_of(span: &granit_parser::Span) -> Span {
    let place = |marker: granit_parser::Marker| offset(marker.byte_offset().unwrap_or(0));
    Span {
        start: place(span.start),
        end: place(span.end),
    }
}

/// Where a block list starts: the parser reports its first item where the list is not indented.
fn dash_before(text: &str, start: u32) -> u32 {
    let (before, list) = text.split_at(start as usize);
    let before = before.trim_end();
    if before.ends_with('-') && !list.starts_with('-') {
        offset(before.len() - 1)
    } else {
        start
    }
}

/// The end of a block scalar without the blank lines behind it.
fn trimmed_end(text: &str, span: Span) -> u32 {
    let content = text
        .get(span.start as usize..span.end as usize)
        .unwrap_or_default();
    span.start + offset(content.trim_end().len())
}

/// What copying a value costs, and how deep it nests. The value is at most [`Limits::depth`] deep.
fn weigh(value: &Value) -> (usize, usize) {
    let add = |(weight, height): (usize, usize), (more, tall): (usize, usize)| {
        (weight + more, height.max(tall + 1))
    };
    match value {
        Value::Array(items) => items.iter().map(weigh).fold((1, 1), add),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (weigh(value), key.len() / 256))
            .map(|((weight, height), key)| (weight + key, height))
            .fold((1, 1), add),
        Value::String(text) => (1 + text.len() / 256, 0),
        _ => (1, 0),
    }
}
