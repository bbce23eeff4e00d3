//! F3: where the ledger of an environment is kept: a local file, an object store, or a server that speaks the
//! Terraform HTTP state protocol. [`open`] chooses by the address.
//!
//! - Reading needs no lock: [`LedgerStore::load`] takes what is stored and replays a journal that is still here.
//! - Writing does: [`LedgerStore::lock`] gives a [`LedgerSession`], which appends each event to a journal that is flushed before the
//!   next write to the account: to the disk, or to where a remote ledger is. [`LedgerSession::commit`] folds the journal into
//!   the ledger once: one load and one store per run, wherever it is.
//! - A crash loses nothing: what was recorded is in the journal, and the next session replays it, on this computer or
//!   on another one that reaches a remote ledger. Steps that were begun and not finished are in the ledger as
//!   unfinished, until a run finds out what became of them; [`LedgerSession::begun`] tells how far the plan of the crashed
//!   run got.
//! - Two runs never both write. The lock keeps them apart; and when a run that still lives loses its lock, it finds out
//!   at its next flush, which is before its next write to the account.
//! - The lock of a local file goes with its process. A remote one outlives a crash for a [term](LockTerm), and is then
//!   taken by the next run. One without a term is removed by [`LedgerStore::break_lock`] only.

mod backend;
mod content;
mod error;
mod event;
mod file;
mod http;
mod journal;
mod keeper;
mod local;
mod location;
mod lock;
mod message;
mod objects;
mod session;
mod store;
mod term;

pub use backend::{Backend, Grant, StoreAnswer, Stored, StoredLedger, StoredWrite, Version};
pub use error::LedgerError;
pub use event::{JournalEvent, StepTarget, replayed};
pub use http::{HttpLedger, HttpSettings};
pub use keeper::Fence;
pub use local::LocalFile;
pub use location::{HttpLock, LedgerLocation, backend, open};
pub use lock::{Holder, Ticket};
pub use objects::ObjectLedger;
pub use session::LedgerSession;
pub use store::{LedgerStore, Loaded};
pub use term::{LockTerm, Terms, Watch};

#[cfg(test)]
mod tests;

/// Chooses `ring` for TLS, unless the process has chosen already.
fn install_crypto() {
    // An error means that the process has a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
