//! F0: source text. Files, spans, JSON pointers, and YAML read with a span for every node.

mod pointer;
mod source;
pub mod yaml;

pub use pointer::Pointer;
pub use source::{FileId, Position, Source, Sources, Span};
pub use yaml::{Document, Fill, Limits, Part, YamlError, YamlErrorKind};
