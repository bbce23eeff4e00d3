//! Lists and mappings, and the values in them.

use serde_json::Value;
use serde_json::map::Entry;

use super::{Builder, FrameContent, NextStep, NodeFrame};
use crate::text::yaml::error::{offset, shown};
use crate::text::yaml::spans::{SpannedNode, child_node};
use crate::text::yaml::{YamlError, YamlErrorKind};
use crate::text::{Span, fitted};

impl Builder<'_> {
    /// Begins a list or mapping.
    pub(super) fn open(
        &mut self,
        content: FrameContent,
        flow: bool,
        anchor: usize,
        span: Span,
    ) -> NextStep {
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
        self.frames.push(NodeFrame {
            content,
            node,
            anchor,
            flow,
            end: span.end,
        });
        next
    }

    /// Ends the innermost list or mapping.
    pub(super) fn close(&mut self, span: Span) -> NextStep {
        let Some(frame) = self.frames.pop() else {
            return NextStep::Event;
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
            FrameContent::List(items) => Value::Array(items),
            FrameContent::Mapping(fields, _) => Value::Object(fields),
        };
        let value = fitted(value);
        self.complete(value, frame.node, frame.anchor)
    }

    /// Puts a finished value into the list or mapping around it.
    pub(super) fn complete(&mut self, value: Value, node: usize, anchor: usize) -> NextStep {
        let next = offset(self.nodes.len());
        let done = &mut self.nodes[node];
        done.next = next;
        let (key, span) = (done.key, done.value);
        if anchor != 0 && self.keep_anchor(anchor, &value, span) == NextStep::Stop {
            return NextStep::Stop;
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(value);
            return NextStep::Event;
        };
        frame.end = frame.end.max(span.end).max(key.end);
        match &mut frame.content {
            FrameContent::List(items) => items.push(value),
            FrameContent::Mapping(fields, pending) => {
                let text = pending.take().map(|key| key.text).unwrap_or_default();
                // One hash look-up in the good case; the first key is searched for in the bad one only.
                let text = match fields.entry(text) {
                    Entry::Vacant(entry) => {
                        entry.insert(value);
                        return NextStep::Event;
                    }
                    Entry::Occupied(entry) => entry.key().clone(),
                };
                let position = fields.keys().position(|key| *key == text);
                return self.duplicate(&text, node, position.unwrap_or_default());
            }
        }
        NextStep::Event
    }

    pub(super) fn duplicate(&mut self, text: &str, node: usize, position: usize) -> NextStep {
        let span = self.nodes[node].key;
        let is_joined = self.joins(text);
        // Table and mapping must keep the same children, or the next duplicate gets a wrong label.
        self.nodes.truncate(node);
        if self.joined.is_some() && is_joined == Some(false) {
            return NextStep::Event; // the missing `---` was spoken of
        }
        let mut error = YamlError::new(
            YamlErrorKind::DuplicateKey,
            span,
            format!("the key `{}` is defined twice", shown(text)),
        )
        .help("remove one of the two, or merge their content");
        if is_joined == Some(true) {
            error = YamlError::new(
                YamlErrorKind::Separator,
                span,
                "a `---` is missing before this line: a second manifest starts here",
            )
            .help("write `---` on a separate line between two manifests");
        }
        let parent = self.frames.last().map_or(0, |frame| frame.node);
        if let Some(first) = child_node(&self.nodes, parent, position) {
            error = error.label(self.nodes[first].key, "first here");
        }
        self.report(error)
    }

    /// Whether a key that is defined twice at the root begins a second manifest (`true`), or is a further key of one
    /// that was spoken of (`false`).
    fn joins(&mut self, text: &str) -> Option<bool> {
        if self.frames.len() != 1 || !["apiVersion", "kind", "metadata", "spec"].contains(&text) {
            return None;
        }
        let is_first = self.joined.is_none() && matches!(text, "apiVersion" | "kind");
        if is_first {
            self.joined = Some(text.to_owned());
        }
        let joined = self.joined.as_deref()?;
        Some(joined == text)
    }

    /// Adds a value to the span table, with the key in front of it.
    pub(super) fn add_node(&mut self, span: Span) -> NextStep {
        self.total_nodes += 1;
        if self.total_nodes > self.limits.nodes {
            let message = format!("the file holds more than {} values", self.limits.nodes);
            return self.stop(YamlError::new(YamlErrorKind::Limit, span, message));
        }
        let key = self.pending_key().map_or(span, |key| key.span);
        self.nodes.push(SpannedNode {
            key,
            value: span,
            next: 0,
        });
        NextStep::Event
    }
}
