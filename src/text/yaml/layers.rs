//! Documents that are laid over each other: which text wrote which node of the merged one.
//!
//! A merged document keeps the texts that it was made of, lowest first. A node is looked up by walking all of
//! them side by side under the rules of JSON Merge Patch (RFC 7396): mappings merge, anything else replaces, a
//! null removes. A mapping that several texts write to belongs to the lowest of them.

use serde_json::{Map, Value};

use super::spans::SpanTable;
use super::{Document, EntryHalf};
use crate::text::{Content, FileId, Pointer, Span};

/// One text of a merged document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextLayer {
    file: FileId,
    value: Content,
    spans: SpanTable,
}

impl TextLayer {
    fn place(&self, pointer: &Pointer, part: EntryHalf) -> (FileId, Span) {
        let value = self.value.look();
        (self.file, self.spans.find(&value, pointer, part))
    }
}

impl Document {
    /// This document with another one laid over it. `value` is the merged content.
    #[must_use]
    pub fn under(self, upper: Self, value: Value) -> Self {
        let (file, added) = (self.file, self.added);
        let mut layers = self.into_layers();
        layers.extend(upper.into_layers());
        Self {
            added,
            layers,
            ..Self::synthetic(file, value)
        }
    }

    /// Whether it was made of several texts.
    #[must_use]
    pub fn is_merged(&self) -> bool {
        !self.layers.is_empty()
    }

    /// The files that it was made of, lowest first.
    #[must_use]
    pub fn files(&self) -> Vec<FileId> {
        if self.is_merged() {
            return self.layers.iter().map(|layer| layer.file).collect();
        }
        vec![self.file]
    }

    pub(super) fn rest_layers(&mut self) {
        for layer in &mut self.layers {
            layer.value = layer.value.at_rest();
        }
    }

    fn into_layers(self) -> Vec<TextLayer> {
        if self.is_merged() {
            return self.layers;
        }
        let Self {
            file, value, spans, ..
        } = self;
        vec![TextLayer { file, value, spans }]
    }

    /// The place of a node of a merged document. For a node that is not there, the null that removed it, or
    /// else the nearest node around it.
    pub(super) fn merged_place(&self, pointer: &Pointer, part: EntryHalf) -> (FileId, Span) {
        if pointer.get(&self.value).is_none()
            && let Some(layer) = self.remover(pointer)
        {
            return layer.place(pointer, EntryHalf::Key);
        }
        let mut around = Some(pointer.clone());
        while let Some(candidate) = around {
            if candidate.get(&self.value).is_some()
                && let Some(layer) = self.writer(&candidate)
            {
                return layer.place(pointer, part);
            }
            around = candidate.parent();
        }
        (self.file, Span::default())
    }

    /// The topmost text that removes a node by a null.
    fn remover(&self, pointer: &Pointer) -> Option<&TextLayer> {
        let mut overlays = self.layers.iter().skip(1);
        overlays.rfind(|layer| pointer.get(&layer.value).is_some_and(Value::is_null))
    }

    /// The lowest text among those that a node is merged of.
    fn writer(&self, pointer: &Pointer) -> Option<&TextLayer> {
        let all = self.layers.iter().map(|layer| (layer, &*layer.value));
        let mut writers: Vec<(&TextLayer, &Value)> = merged_of(all);
        for step in pointer.steps() {
            let children = writers
                .iter()
                .filter_map(|(layer, value)| Some((*layer, child(value, &step)?)));
            let below = merged_of(children);
            if below.is_empty() {
                break; // below a value that a variable was filled with
            }
            writers = below;
        }
        writers.first().map(|(layer, _)| *layer)
    }
}

/// Whether one value is merged into the one below it, key by key; else it replaces it.
///
/// Two mappings are, by RFC 7396. But `{ live: Storefront }` over `{ system: true }` names another object: merged, the
/// two would name none. So it is with `{ $ref: Orders, kind: Skill }` over `{ $keep: skill }`.
#[must_use]
pub fn merges(below: &Value, over: &Value) -> bool {
    match (below, over) {
        (Value::Object(below), Value::Object(over)) => {
            let replaces = (names_object(below) && names_object(over))
                || stands_for_a_value(below)
                || stands_for_a_value(over);
            below.keys().eq(over.keys()) || !replaces
        }
        _ => false,
    }
}

/// Whether a mapping stands for one value of open JSON: a reference, or what the account has. Its keys mean nothing apart.
#[must_use]
pub fn stands_for_a_value(mapping: &Map<String, Value>) -> bool {
    mapping.contains_key("$ref") || mapping.contains_key("$keep")
}

/// Whether a mapping is one of the ways to say which object is meant: `live`, `id` or `system`, alone.
fn names_object(mapping: &Map<String, Value>) -> bool {
    let mut entries = mapping.iter();
    match (entries.next(), entries.next()) {
        (Some((key, value)), None) => match key.as_str() {
            "live" => value.is_string(),
            "id" => value.is_string() || value.is_number(),
            "system" => value.as_bool() == Some(true),
            _ => false,
        },
        _ => false,
    }
}

/// Of the values that texts give one node, lowest first, those that its content is merged of.
fn merged_of<'a>(
    values: impl Iterator<Item = (&'a TextLayer, &'a Value)>,
) -> Vec<(&'a TextLayer, &'a Value)> {
    let mut writers: Vec<(&TextLayer, &Value)> = Vec::new();
    for (layer, value) in values {
        let is_merged = writers
            .last()
            .is_some_and(|(_, below)| merges(below, value));
        if !is_merged {
            writers.clear();
        }
        writers.push((layer, value));
    }
    writers
}

fn child<'a>(value: &'a Value, step: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Limits, yaml};

    fn document(file: u32, text: &str) -> Document {
        let (mut documents, errors) = yaml::parse(FileId(file), text, &Limits::default());
        assert!(errors.is_empty(), "{errors:?}");
        documents.remove(0)
    }

    #[test]
    fn what_stands_for_a_value_is_replaced() {
        let keep = serde_json::json!({ "$keep": "skill" });
        for (over, is_merged) in [
            (
                serde_json::json!({ "$ref": "Orders", "kind": "Skill" }),
                false,
            ),
            (serde_json::json!({ "a": 1 }), false),
            (serde_json::json!({ "$keep": "survey" }), true),
            (serde_json::json!(5), false),
        ] {
            assert_eq!(merges(&keep, &over), is_merged, "{over}");
        }
        assert!(merges(
            &serde_json::json!({ "a": 1 }),
            &serde_json::json!({ "b": 1 })
        ));
    }

    #[test]
    fn every_node_is_found_in_the_text_that_wrote_it() {
        let base = document(
            0,
            "{a: {b: 1, c: 2, d: 3}, list: [{x: 1}, {x: 2}], gone: 1}",
        );
        let middle = document(1, "{a: {c: 4}, list: [{x: 3}], new: {e: 5}}");
        let top = document(2, "{a: {d: 6}, gone: null, new: {f: 7}}");
        let value = serde_json::json!({
            "a": { "b": 1, "c": 4, "d": 6 }, "list": [{ "x": 3 }], "new": { "e": 5, "f": 7 }
        });
        let merged = base.under(middle, Value::Null).under(top, value);
        let file = |pointer: &str| merged.place(&Pointer::from(pointer), EntryHalf::Value).0.0;
        let files = ["", "/a", "/a/b", "/a/c", "/a/d", "/a/missing"].map(file);
        assert_eq!(files, [0, 0, 0, 1, 2, 0]);
        let files = [
            "/list",
            "/list/0",
            "/list/0/x",
            "/list/1",
            "/new",
            "/new/e",
            "/new/f",
        ]
        .map(file);
        assert_eq!(files, [1, 1, 1, 1, 1, 1, 2]);
        assert_eq!(file("/gone"), 2);
    }
}
