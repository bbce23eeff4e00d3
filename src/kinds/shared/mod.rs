//! Value types that several kinds use.

pub mod appearance;
mod local_date_time;
mod percentage;
mod reference;

pub use local_date_time::LocalDateTime;
pub use percentage::Percentage;
pub use reference::{LiveReference, Reference};
