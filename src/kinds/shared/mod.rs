//! Value types that several kinds use.

pub mod appearance;
mod local_date_time;
mod percentage;
mod reference;
mod serve;

pub use local_date_time::LocalDateTime;
pub use percentage::Percentage;
pub use reference::{LiveReference, Reference};
pub(crate) use serve::derive_condition_box_types;
