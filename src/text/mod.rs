//! F0: source text. Files, spans, JSON pointers, numbers, packed JSON, and YAML read with a span for every node.

pub mod number;
mod packed;
mod pointer;
mod source;
pub mod yaml;

pub use packed::Packed;
pub use pointer::Pointer;
pub use source::{FileId, Position, Source, Sources, Span};
pub use yaml::{Document, Fill, Limits, Part, YamlError, YamlErrorKind};
