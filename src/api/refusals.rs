//! What a 401 is about: the token, or the credentials.
//!
//! A token that ended is renewed, and the request sent again. Where the new token is refused as well, signing in does
//! not help: these credentials may not do that. The platform is not asked for one more token by each such request, only
//! by those that it has served before in this run, which shows that they may.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::request::Request;

/// What requests were served in a run, and whether a new token was refused.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<SeenRequests>);

#[derive(Debug, Default)]
struct SeenRequests {
    /// Method and collection.
    served: BTreeSet<(&'static str, String)>,
    /// A token that was fetched because of a refusal was refused, too.
    in_vain: bool,
}

impl Refusals {
    /// Notes that a request was served.
    pub(super) fn served(&self, request: &Request) {
        self.with(|seen| seen.served.insert(kind_of(request)));
    }

    /// Notes that a request was refused with a token that was fetched for it.
    pub(super) fn in_vain(&self) {
        self.with(|seen| seen.in_vain = true);
    }

    /// Whether a new token may help a request that was refused.
    pub(super) fn may_be_about_the_token(&self, request: &Request) -> bool {
        self.with(|seen| !seen.in_vain || seen.served.contains(&kind_of(request)))
    }

    fn with<T>(&self, change: impl FnOnce(&mut SeenRequests) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn kind_of(request: &Request) -> (&'static str, String) {
    (request.verb(), request.subject.clone())
}
