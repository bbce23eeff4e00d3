//! F3: the client of the platform's APIs. Reads and writes are two traits, so that a plan, which gets
//! only a [`Reader`], cannot write.
//!
//! - [`connect`] looks the account's hosts up and signs in; nothing of it is stored. What expires or moves in
//!   the middle of a run is renewed and followed.
//! - Every request waits for its turn at the governor of the account, and is tried again by its class.
//! - [`ApiError::fate`] says what a write that failed did to the account.
//! - [`observe()`] reads what a run needs into an inventory, each collection once; an [`Observer`] does it in parts, and takes what has
//!   not changed from a cache.
//! - An answer that has not the documented shape is an error, never an empty account.
//! - No secret is in an error, in `Debug` output or in a URL, and no redirect is followed.

mod answer;
mod auth;
mod budget;
mod clevertap;
mod client;
mod count;
mod error;
mod exchange;
mod failed;
mod governor;
mod handoffs;
mod hosts;
mod http;
mod log;
mod message;
mod monitoring;
mod observe;
mod pace;
pub(crate) mod pool;
mod proactive;
mod reach;
mod read;
mod refresh;
mod refusals;
mod reporting;
mod request;
mod retry;
mod rows;
mod secrets;
mod services;
mod settings;
mod sign_in;
mod tokens;
mod tries;
mod urls;
mod whole;
mod write;

use std::future::Future;

use serde_json::Value;
use tokio::time::Instant;

use crate::kinds::KindId;
use crate::name::{RemoteId, Revision};

pub use clevertap::{CLEVERTAP, ClevertapClient, ClevertapSettings};
pub use client::{Client, connect, reach};
pub use count::RequestCounts;
pub use error::{ApiError, WriteFate};
pub use governor::Rate;
pub use hosts::Override;
pub use http::WriteFence;
pub(crate) use http::install_crypto;
pub use observe::{Clock, Observer, observe};
pub use proactive::PROACTIVE;
pub use reach::{AllowedHosts, HostPattern};
pub use refresh::{Application, GivenToken, HeldRefreshToken, Refresh, TokenKeeper};
pub use reporting::REPORTING;
pub use retry::Policy as RetryPolicy;
pub use settings::{ClientSettings, DOMAIN_API, Secret, SignInSecrets, Timeouts, Verbs};
pub use sign_in::random_state;
pub(crate) use urls::{is_loopback, is_loopback_address};

/// An item with the revision of its collection at the time of reading.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiItem {
    /// The wire body, secrets removed.
    pub body: Value,
    /// The revision to send with the next write.
    pub revision: Revision,
}

/// The rows of a list, with the revision of the collection when it was answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// The rows, secrets removed.
    pub rows: Vec<Value>,
    /// The revision, where the answer bore one.
    pub revision: Option<Revision>,
}

/// Where an item lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The kind.
    pub kind: KindId,
    /// The id of the object around it, for kinds with a parent.
    pub parent: Option<RemoteId>,
    /// The id.
    pub id: RemoteId,
}

/// What a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteVerb {
    /// Creates.
    Create,
    /// Replaces.
    Update,
    /// Deletes.
    Delete,
}

/// The request that a write is, without host and query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The method that is meant, also where another one carries it.
    pub method: &'static str,
    /// The path.
    pub path: String,
}

/// Reads an account.
pub trait Reader: Send + Sync {
    /// Every row of a collection that is not deleted, as whole as the platform's list gives it.
    fn list(
        &self,
        kind: KindId,
        parent: Option<&RemoteId>,
    ) -> impl Future<Output = Result<Vec<Value>, ApiError>> + Send;

    /// Every row of a collection without a parent, asked for whole where the platform usually lists a summary and items are
    /// read one by one. Rows may be summaries all the same: the account decides what it answers.
    fn list_whole(&self, kind: KindId) -> impl Future<Output = Result<List, ApiError>> + Send {
        async move {
            Ok(List {
                rows: self.list(kind, None).await?,
                revision: None,
            })
        }
    }

    /// Of every row of a collection without a parent, its id and what tells whether it changed. Rows may lack the latter, and an
    /// account that does not answer such a question lists none.
    fn list_stamps(&self, _kind: KindId) -> impl Future<Output = Result<List, ApiError>> + Send {
        async { Ok(List::default()) }
    }

    /// The same as [`list`](Self::list), and when the account was asked: what people did before is in it. That may be
    /// long after the call, which waits for its turn and tries again.
    fn list_at(
        &self,
        kind: KindId,
        parent: Option<&RemoteId>,
    ) -> impl Future<Output = Result<(Vec<Value>, Instant), ApiError>> + Send {
        async move {
            let asked = Instant::now();
            Ok((self.list(kind, parent).await?, asked))
        }
    }

    /// One item with its revision.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] when it does not exist or was deleted.
    fn get(&self, address: &Address) -> impl Future<Output = Result<ApiItem, ApiError>> + Send;
}

/// Writes to an account.
pub trait Writer: Send + Sync {
    /// Creates an item and returns it as stored.
    fn create(
        &self,
        kind: KindId,
        parent: Option<&RemoteId>,
        body: &Value,
    ) -> impl Future<Output = Result<ApiItem, ApiError>> + Send;

    /// Replaces an item whole and returns it as stored.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] when the revision is stale.
    fn update(
        &self,
        address: &Address,
        revision: &Revision,
        body: &Value,
    ) -> impl Future<Output = Result<ApiItem, ApiError>> + Send;

    /// Deletes an item.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] when the revision is stale, [`ApiError::NotFound`] when it is gone already.
    fn delete(
        &self,
        address: &Address,
        revision: &Revision,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// The request that a write would be, for the record of it; `None` when it is none.
    fn call(
        &self,
        _verb: WriteVerb,
        _kind: KindId,
        _parent: Option<&RemoteId>,
        _id: Option<&RemoteId>,
    ) -> Option<Call> {
        None
    }
}
