//! Scalars, as values and as keys.

use serde_json::Value;

use super::{Builder, Content, Frame, Key, Next};
use crate::text::yaml::scalar::{self, Scalar};

impl<'t> Builder<'t> {
    pub(super) fn scalar(&mut self, scalar: Scalar<'t>) -> Next {
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
        let (value, problem) = scalar::value(scalar, self.is_in_spec());
        if let Some(problem) = problem
            && self.report(problem) == Next::Stop
        {
            return Next::Stop;
        }
        self.complete(value, node, anchor)
    }

    /// Takes a scalar as a key.
    pub(super) fn key(&mut self, scalar: Scalar<'t>) -> Next {
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

    /// Whether this is below the `spec` of a manifest: what of it is open JSON keeps the digits of its numbers, and of the
    /// rest the check complains.
    fn is_in_spec(&self) -> bool {
        let root = self.frames.first().map(|frame| &frame.content);
        matches!(root, Some(Content::Mapping(_, Some(key))) if key.text == "spec")
    }

    pub(super) fn expects_key(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame {
                content: Content::Mapping(_, None),
                ..
            })
        )
    }

    pub(super) fn pending_key(&self) -> Option<&Key> {
        match &self.frames.last()?.content {
            Content::Mapping(_, key) => key.as_ref(),
            Content::List(_) => None,
        }
    }

    pub(super) fn set_key(&mut self, key: Key) -> Next {
        if let Some(Frame {
            content: Content::Mapping(_, pending),
            ..
        }) = self.frames.last_mut()
        {
            *pending = Some(key);
        }
        Next::Event
    }
}
