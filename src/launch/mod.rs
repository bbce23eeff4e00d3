//! F2: what a launch sends, to whom, and in which requests. No HTTP and no files.
//!
//! - [`RecipientReading`] goes through a file of recipients row by row, and [`survey()`] says what is wrong with it, how many there
//!   are, and digests of them. Memory does not grow with the values.
//! - [`LaunchPlan`] is a launch, frozen: nothing is decided when it is sent.
//! - [`request`] makes the body of a batch, and [`Answered`] reads the answer to it. [`clevertap_request`] and [`Created`]
//!   do the same for a campaign of CleverTap, whose [`Estimate`] stands for a list of recipients.
//! - Recipients and their values are in no plan, record, message or error. What has to be known again is a keyed digest
//!   ([`DigestKey`]); what a person has to find is a line of the file.

mod answer;
mod clevertap;
pub mod codes;
mod document;
mod keyed;
mod keys;
mod masked;
mod message;
mod reading;
mod rows;
mod survey;
#[cfg(test)]
mod tests;

pub use answer::{Answered, body as request, published, without_personal, without_recipient};
pub use clevertap::{Created, Estimate, request as clevertap_request};
pub use document::{
    ClevertapPlan, FORMAT, HandoffSeen, LaunchPlan, ProactivePlan, RecipientsPlan, SenderPlan,
    is_expired, read, schema, seal, text,
};
pub use keyed::{DigestKey, Mac};
pub use message::{SaidMessage, filled, page};
pub use reading::{Columns, Recipient, RecipientForm, RecipientReading, RowFault};
pub use survey::{BATCH, Batches, MOST, RecipientSurvey, complaints, survey};
