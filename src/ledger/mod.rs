//! F3: where the ledger of an environment is kept: a JSON file, a lock and a journal beside it.
//!
//! - Reading needs no lock: [`Store::load`] takes the file and replays a journal that is still there.
//! - Writing does: [`Store::lock`] gives a [`Session`], which appends each event to the journal and flushes
//!   it to the disk before the next write to the account. [`Session::commit`] folds the journal into the
//!   file once, by an atomic rename.
//! - A crash loses nothing: what was recorded is in the journal, and the next session replays it. Steps
//!   that were begun and not finished are told by [`Session::interrupted`].

mod error;
mod event;
mod file;
mod journal;
mod lock;
mod session;
mod store;

pub use error::Error;
pub use event::{Event, Unfinished};
pub use lock::Holder;
pub use session::Session;
pub use store::{Loaded, Store};

#[cfg(test)]
mod tests;
