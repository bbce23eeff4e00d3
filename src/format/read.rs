//! Parser events to the tree. The text is known to be sound: [`crate::text::yaml::parse`] has read it.

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle};

use super::tree::{Comment, FormattedDocument, ListOrMapping, NodeContent, TreeEntry, TreeNode};

/// The documents of a text, and its comments in their order. No document has comments yet.
pub(super) fn read(
    text: &str,
) -> Result<(Vec<FormattedDocument<'_>>, Vec<Comment<'_>>), ScanError> {
    let mut events = Vec::new();
    let mut comments = Vec::new();
    for event in Parser::new_from_str_with_options(text, options()) {
        match event? {
            (Event::Comment(said, _), span) => comments.push(comment(text, &span, said.trim())),
            (Event::StreamStart | Event::StreamEnd, _) => {}
            event => events.push(event),
        }
    }
    let mut reader = EventReader {
        text,
        events: events.into_iter().peekable(),
    };
    let documents = reader.documents();
    Ok((documents, comments))
}

/// The comments of a text, as a reader without a mind of its own sees them.
pub(super) fn comments_of(text: &str) -> Result<Vec<String>, ScanError> {
    let mut comments = Vec::new();
    for event in Parser::new_from_str_with_options(text, options()) {
        if let (Event::Comment(comment, _), _) = event? {
            comments.push(comment.trim().to_owned());
        }
    }
    Ok(comments)
}

fn options() -> Options {
    let mut options = Options::default();
    options.emit_anchor_events = true;
    options.max_buffered_comment_events = usize::MAX; // the size of the file bounds them
    options
}

fn comment<'t>(text: &'t str, span: &Span, said: &str) -> Comment<'t> {
    let (start, end) = offsets(span);
    let line = line_start(text, start);
    Comment {
        text: text[start..end].trim_end(),
        said: said.to_owned(),
        start,
        column: start - line,
        own_line: text[line..start].trim().is_empty(),
        blank_before: has_blank_before(text, start),
    }
}

fn offsets(span: &Span) -> (usize, usize) {
    let offset = |marker: granit_parser::Marker| marker.byte_offset().unwrap_or_default();
    (offset(span.start), offset(span.end))
}

/// Where the line of an offset begins.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// Whether a blank line stands above what begins here.
fn has_blank_before(text: &str, start: usize) -> bool {
    let above = &text[..line_start(text, start)];
    above.ends_with('\n')
        && above[..above.len() - 1]
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.trim().is_empty())
}

/// The first thing at or behind an offset that is neither blank nor a comment.
pub(super) fn token_from(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start().len();
        if !text[at..].starts_with('#') {
            return at;
        }
        at += text[at..].find('\n').unwrap_or(text.len() - at);
    }
}

type Events<'t> = std::iter::Peekable<std::vec::IntoIter<(Event<'t>, Span)>>;

struct EventReader<'t> {
    text: &'t str,
    events: Events<'t>,
}

impl<'t> EventReader<'t> {
    fn documents(&mut self) -> Vec<FormattedDocument<'t>> {
        let mut documents = Vec::new();
        let mut above = 0;
        while let Some((event, span)) = self.events.next() {
            let Event::DocumentStart(is_explicit, _) = event else {
                continue; // the end of a document
            };
            let (start, end) = offsets(&span);
            let prolog = self.directives(above, start);
            let start = if is_explicit { end } else { start };
            let root = self.node(start);
            above = root.end;
            documents.push(FormattedDocument {
                has_directive: !prolog.is_empty(),
                prolog,
                is_explicit,
                start,
                marker_comment: None,
                root,
                tail: Vec::new(),
            });
        }
        documents
    }

    /// The lines of directives between two places.
    fn directives(&self, from: usize, to: usize) -> Vec<Comment<'t>> {
        let mut directives = Vec::new();
        let mut start = line_start(self.text, from);
        for line in self.text[start..to].split_inclusive('\n') {
            if line.starts_with('%') && start >= from {
                directives.push(Comment {
                    text: line.trim_end(),
                    said: String::new(),
                    start,
                    column: 0,
                    own_line: true,
                    blank_before: has_blank_before(self.text, start),
                });
            }
            start += line.len();
        }
        directives
    }

    /// The next node. `floor` is the end of what introduces it.
    fn node(&mut self, floor: usize) -> TreeNode<'t> {
        let Some((event, span)) = self.events.next() else {
            return TreeNode::empty(floor);
        };
        let (start, end) = offsets(&span);
        let properties = self.properties(&event, &span);
        let behind = properties
            .iter()
            .map(|(_, end)| *end)
            .fold(floor, usize::max);
        let mut node = TreeNode {
            start: properties
                .iter()
                .map(|(start, _)| *start)
                .fold(start, usize::min),
            has_anchors: properties
                .iter()
                .any(|(at, _)| self.text[*at..].starts_with('&')),
            properties: properties
                .iter()
                .map(|(start, end)| &self.text[*start..*end])
                .collect(),
            content_start: start,
            end,
            ..TreeNode::empty(floor)
        };
        match event {
            Event::Alias(_) => {
                node.content = NodeContent::Alias(&self.text[start..end]);
                node.has_anchors = true;
            }
            Event::Scalar(_, ScalarStyle::Plain, ..) if start == end => {
                (node.start, node.content_start, node.end) = (floor, behind, behind);
            }
            Event::Scalar(text, style, ..) => {
                if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                    node.content_start = token_from(self.text, behind);
                    node.start = node.start.min(node.content_start);
                }
                node.content = NodeContent::Scalar {
                    style,
                    raw: &self.text[node.content_start..end],
                    text: text.into_owned(),
                };
            }
            Event::SequenceStart(style, ..) => self.list(&mut node, style, behind),
            Event::MappingStart(style, ..) => self.mapping(&mut node, style, behind),
            _ => {}
        }
        node
    }

    /// Where the tag and the anchor of a node stand, in their order.
    fn properties(&mut self, event: &Event<'_>, span: &Span) -> Vec<(usize, usize)> {
        let mut properties = Vec::new();
        if !matches!(event, Event::Alias(_)) {
            properties.extend(span.tag_span().map(|span| offsets(&span)));
        }
        if let Some((Event::Anchor(..), span)) = self.events.peek() {
            properties.push(offsets(span));
            self.events.next();
        }
        properties.sort_unstable();
        properties
    }

    fn list(&mut self, node: &mut TreeNode<'t>, style: StructureStyle, floor: usize) {
        let is_flow = style == StructureStyle::Flow;
        let mut at = if is_flow { node.end } else { floor };
        let mut entries = Vec::new();
        while let Some((event, span)) = self.events.peek() {
            if matches!(event, Event::SequenceEnd) {
                at = if is_flow { offsets(span).1 } else { at };
                self.events.next();
                break;
            }
            let start = token_from(self.text, self.behind_comma(at, is_flow));
            let value = self.node(if is_flow { start } else { start + 1 });
            at = value.end;
            entries.push(self.entry(start, None, value));
        }
        self.collection(node, false, is_flow, entries, at);
    }

    fn mapping(&mut self, node: &mut TreeNode<'t>, style: StructureStyle, floor: usize) {
        let is_flow = style == StructureStyle::Flow;
        let has_braces = is_flow && self.text[node.content_start..].starts_with('{');
        let mut at = if has_braces { node.end } else { floor };
        let mut entries = Vec::new();
        while let Some((event, span)) = self.events.peek() {
            if matches!(event, Event::MappingEnd) {
                at = if has_braces { offsets(span).1 } else { at };
                self.events.next();
                break;
            }
            let start = token_from(self.text, self.behind_comma(at, is_flow));
            let key = self.node(start);
            let value = self.node(self.behind_colon(key.end));
            at = value.end;
            entries.push(self.entry(start, Some(key), value));
        }
        self.collection(node, true, is_flow, entries, at);
    }

    fn collection(
        &self,
        node: &mut TreeNode<'t>,
        is_mapping: bool,
        is_flow: bool,
        entries: Vec<TreeEntry<'t>>,
        end: usize,
    ) {
        if !is_flow && let Some(first) = entries.first() {
            node.content_start = first.start;
            node.start = node.start.min(first.start);
        }
        node.end = end;
        node.has_anchors |= entries.iter().any(TreeEntry::has_anchors);
        node.content = NodeContent::Collection(ListOrMapping {
            is_mapping,
            is_flow,
            column: node.content_start - line_start(self.text, node.content_start),
            open: None,
            entries,
            tail: Vec::new(),
        });
    }

    fn entry(&self, start: usize, key: Option<TreeNode<'t>>, value: TreeNode<'t>) -> TreeEntry<'t> {
        TreeEntry {
            start,
            blank_before: has_blank_before(self.text, start),
            before: Vec::new(),
            key,
            value,
        }
    }

    /// Behind the comma that follows, where there is one.
    fn behind_comma(&self, at: usize, is_flow: bool) -> usize {
        self.behind(at, ',').filter(|_| is_flow).unwrap_or(at)
    }

    /// Behind the colon that follows; a key without a value has none.
    fn behind_colon(&self, at: usize) -> usize {
        self.behind(at, ':').unwrap_or(at)
    }

    fn behind(&self, at: usize, sign: char) -> Option<usize> {
        let token = token_from(self.text, at);
        self.text[token..].starts_with(sign).then_some(token + 1)
    }
}

impl TreeNode<'_> {
    /// Nothing, at a place.
    fn empty(at: usize) -> Self {
        Self {
            properties: Vec::new(),
            start: at,
            content_start: at,
            end: at,
            content: NodeContent::Empty,
            gap: Vec::new(),
            right: None,
            has_anchors: false,
        }
    }
}

impl TreeEntry<'_> {
    /// Whether it contains an anchor or an alias.
    fn has_anchors(&self) -> bool {
        self.value.has_anchors || self.key.as_ref().is_some_and(|key| key.has_anchors)
    }
}
