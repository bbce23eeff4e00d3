//! F0: source text. Files, spans, JSON pointers, numbers, packed and exact JSON, and YAML read with a span for every node; lists that are named in part; and text
//! from outside, made safe for where it is shown; secrets by their looks, and addresses
//! without theirs.

pub mod address;
mod alike;
pub mod color;
mod content;
pub mod edit;
mod emptied;
pub mod exact;
mod fitted;
pub mod looks;
pub mod number;
mod packed;
mod pointer;
pub mod safe;
mod selector;
mod some;
mod source;
mod trail;
pub mod yaml;

pub use alike::folded;
pub use content::{Content, Look};
pub use emptied::{holds_nothing, is_blank, is_emptied};
pub use fitted::{fitted, fitted_through};
pub use packed::Packed;
pub use pointer::Pointer;
pub use selector::{Selector, SelectorTerm};
pub use some::some_of;
pub use source::{FileId, Position, Source, Sources, Span};
pub use trail::Trail;
pub use yaml::{
    Document, EntryHalf, Fill, Limits, ScalarToken, YamlError, YamlErrorKind, merges,
    stands_for_a_value, walk,
};

/// How many cases a property is tried on: what `PROPTEST_CASES` says, or else `default`.
#[cfg(test)]
pub(crate) fn cases(default: u32) -> proptest::test_runner::Config {
    let usual = proptest::test_runner::Config::default(); // reads it; 256 without it
    let cases = if usual.cases == 256 {
        default
    } else {
        usual.cases
    };
    proptest::test_runner::Config { cases, ..usual }
}
