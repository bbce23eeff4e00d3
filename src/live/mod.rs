//! F2: what is known of the account, as plain data. No HTTP, no files.
//!
//! - [`Inventory`]: the live objects that were read.
//! - [`Ledger`]: which live object each manifest is bound to, and what was last applied to it.
//! - [`LaunchRecord`]: what was sent of a launch, and [`Messages`]: what the platform says became of it.
//! - [`References`]: names to ids and back, the one [`Lookup`](crate::kinds::Lookup) of all passes.
//! - [`Needs`]: what a run has to read.
//! - [`used_conditions`]: which conditions the live objects have.
//! - [`Cache`]: items that an earlier run read, for those that have not changed.

mod cache;
mod conditions;
mod inventory;
mod launches;
mod ledger;
mod messages;
mod needs;
mod references;

pub use cache::{CACHE_FORMAT, Cache, CacheOwner, Copied, Listed, Stamp};
pub use conditions::{UsedConditions, used_conditions};
pub use inventory::{Inventory, LiveObject};
pub use launches::{
    BatchRecord, BatchState, CLEVERTAP, FailedRecipient, LaunchRecord, ListRecord, SettledBatch,
};
pub use ledger::{
    Absence, Begun, Draft, Entry, FilePlace, Kept, LEDGER_FORMAT, Ledger, Unfinished,
};
pub use messages::{CandidateCampaign, Messages, Undelivered};
pub use needs::{Items, Needs, users_of};
pub use references::{ById, References};
