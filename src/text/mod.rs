//! F0: source text. Files, spans, JSON pointers, packed JSON, and YAML read with a span for every node.

mod alike;
mod packed;
mod pointer;
mod source;
pub mod yaml;

pub use alike::folded;
pub use packed::Packed;
pub use pointer::Pointer;
pub use source::{FileId, Position, Source, Sources, Span};
pub use yaml::{Document, Fill, Limits, Part, YamlError, YamlErrorKind};
