//! Anchors and aliases: content that is copied, and what the copies cost.

use serde_json::Value;

use super::{Builder, NextStep, PendingKey};
use crate::text::Span;
use crate::text::yaml::{YamlError, YamlErrorKind};

/// The content of an anchor, with what an alias to it costs.
pub(super) struct Anchored {
    value: Value,
    weight: usize,
    height: usize,
}

impl Builder<'_> {
    /// Copies the content of an anchor.
    pub(super) fn alias(&mut self, id: usize, span: Span) -> NextStep {
        let Some(anchored) = self.anchors.get(&id) else {
            let error = YamlError::new(
                YamlErrorKind::Alias,
                span,
                "the alias is inside its own anchor",
            );
            return self.skip(error);
        };
        if self.expects_key() {
            let Value::String(text) = &anchored.value else {
                let message = "an alias used as a key must refer to a text";
                return self.skip(YamlError::new(YamlErrorKind::Key, span, message));
            };
            let text = text.clone();
            let weight = anchored.weight;
            return match self.charge(weight, span) {
                NextStep::Event => self.set_key(PendingKey { text, span }),
                next => next,
            };
        }
        if self.frames.len() + anchored.height > self.limits.depth {
            return self.stop(YamlError::too_deep(self.limits, span));
        }
        // Charged before the copy is made: a copy that breaks the limit must never exist.
        let weight = anchored.weight;
        if self.charge(weight, span) == NextStep::Stop {
            return NextStep::Stop;
        }
        let value = self
            .anchors
            .get(&id)
            .map(|anchored| anchored.value.clone())
            .unwrap_or_default();
        let node = self.nodes.len();
        match self.add_node(span) {
            NextStep::Event => self.complete(value, node, 0),
            next => next,
        }
    }

    /// Keeps a copy of an anchor's content for its aliases.
    pub(super) fn keep_anchor(&mut self, id: usize, value: &Value, span: Span) -> NextStep {
        let (weight, height) = weigh(value);
        if self.charge(weight, span) == NextStep::Stop {
            return NextStep::Stop;
        }
        self.anchors.insert(
            id,
            Anchored {
                value: value.clone(),
                weight,
                height,
            },
        );
        NextStep::Event
    }

    /// Counts values that are copied.
    pub(super) fn charge(&mut self, weight: usize, span: Span) -> NextStep {
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
        NextStep::Event
    }
}

/// What copying a value costs, and how deep it nests. The value is at most [`depth`](crate::text::yaml::Limits::depth) deep.
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
