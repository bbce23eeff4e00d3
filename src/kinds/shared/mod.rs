//! Value types that several kinds use.

mod condition;
mod reference;
mod time_zone;

pub use condition::Condition;
pub(crate) use condition::{ConditionCodes, check_conditions};
pub use reference::{LiveReference, Reference};
pub(crate) use time_zone::unknown_zone;
