//! Value types that several kinds use.

pub mod appearance;
mod local_date_time;
mod percentage;

pub use local_date_time::LocalDateTime;
pub use percentage::Percentage;
mod condition;
mod reference;
mod time_zone;

pub use condition::Condition;
pub(crate) use condition::{ConditionCodes, check_conditions};
pub use reference::{LiveReference, Reference};
pub(crate) use time_zone::unknown_zone;
