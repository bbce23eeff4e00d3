//! Value types that several kinds use.

pub mod appearance;
mod attributes;
mod condition;
mod local_date_time;
pub mod means;
mod percentage;
mod reference;
mod serve;
mod time_zone;

pub use attributes::attribute;
pub(crate) use attributes::{AttributeCodes, WHY_KNOWN, WHY_SHAPED, check_attributes, day};
pub use condition::Condition;
pub(crate) use condition::{ConditionCodes, Known, check_conditions};
pub use local_date_time::LocalDateTime;
pub use percentage::Percentage;
pub use reference::{LiveReference, Reference, VendorReference};
pub(crate) use serve::derive_condition_box_types;
pub use time_zone::no_one_moment;
pub(crate) use time_zone::{instead_of_skipped, moments, said_at, unknown_zone};
