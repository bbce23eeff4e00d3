//! F2: what became of messages that were sent once: from the messages that the platform reports to a row for each
//! launch, with its counts. No HTTP.
//!
//! ```text
//! pages of messages -> Tally -> Sent (one a launch of the ledger, one a handoff that others sent) -> totals by label
//! ```
//!
//! CleverTap counts by itself, so its [`ReportedCampaign`]s are rows as they are.
//!
//! A message has the id of its consumer, which is personal: nothing of a message is kept but what is counted, and reasons
//! are taken without what may name someone.

mod campaigns;
mod counts;
mod reasons;
mod rows;
mod tally;
#[cfg(test)]
mod tests;
mod windows;

pub use campaigns::{CLEVERTAP_LAG, CLEVERTAP_MOST, CLEVERTAP_WINDOW, ReportedCampaign};
pub use counts::MessageCounts;
pub use reasons::reason;
pub use rows::{LabelTotal, PROACTIVE, RecordedSends, Sent, WantedSends, by_label, label, sends};
pub use tally::{MessageTally, Page};
pub use windows::{ANALYTICS, LAG, MESSAGES, windows};
