//! Value types that several kinds use.

mod reference;

pub use reference::{LiveReference, Reference};
