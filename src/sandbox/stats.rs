//! Counts since the start, for tests that hold a client to its number of requests and to its rate.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::Method;
use serde::Serialize;
use serde_json::{Value, json};

/// What a sandbox has counted since its start, or since it was told to forget. Calls below `/_sandbox/`
/// are not counted, the handoff write path aside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// All requests.
    pub requests: u64,
    /// Requests that would write to a collection or a handoff, whatever came of them.
    pub writes: u64,
    /// Writes that took effect.
    pub commits: u64,
    /// Requests that were refused because the switch `rate` allows no more.
    pub throttled: u64,
    /// The most requests that arrived within any one second.
    pub peak_per_second: u64,
    /// The most requests that were under way at once.
    pub peak_concurrent: u64,
    /// Sessions that the Monitoring API began.
    pub sessions: u64,
    /// What was reported that counts in the reports of a brand, by type: impressions, purchases, leads, services.
    pub counted: BTreeMap<String, u64>,
    /// Requests by what they are about and by their method as meant.
    pub by: BTreeMap<String, BTreeMap<String, u64>>,
    /// How many objects were created, by the path of their collection and by their name.
    pub creates: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Statistics {
    /// The counts as the back door shows them.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!(self)
    }

    /// The objects that were created more than once: path of the collection, and name.
    pub fn created_twice(&self) -> impl Iterator<Item = (&str, &str)> {
        self.creates.iter().flat_map(|(path, names)| {
            let twice = names.iter().filter(|(_, count)| **count > 1);
            twice.map(move |(name, _)| (path.as_str(), name.as_str()))
        })
    }
}

/// The counts of a running sandbox.
#[derive(Debug)]
pub(super) struct Stats {
    started: Instant,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    statistics: Statistics,
    /// When the requests of the last second arrived.
    window: VecDeque<Duration>,
    concurrent: u64,
    /// When the last requests were let in that the rate allows.
    admitted: VecDeque<Duration>,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            counts: Mutex::default(),
        }
    }
}

/// A request that is under way, until it is dropped.
#[derive(Debug)]
pub(super) struct OpenRequest<'s>(&'s Stats);

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        let mut counts = self.0.lock();
        counts.concurrent = counts.concurrent.saturating_sub(1);
    }
}

impl Stats {
    /// Counts a request by what it means, not by how it was tunnelled.
    pub(super) fn arrive(&self, method: &Method, subject: &str) -> OpenRequest<'_> {
        self.lock().arrive(self.started.elapsed(), method, subject);
        OpenRequest(self)
    }

    /// Whether a request may be served, when so many may be within one second.
    pub(super) fn admit(&self, rate: NonZeroU32) -> bool {
        self.lock().admit(self.started.elapsed(), rate)
    }

    /// Counts a write that took effect.
    pub(super) fn commit(&self) {
        self.lock().statistics.commits += 1;
    }

    /// Counts a session that began.
    pub(super) fn began_session(&self) {
        self.lock().statistics.sessions += 1;
    }

    /// Counts something that counts in the reports of a brand.
    pub(super) fn counted(&self, kind: &str) {
        let counted = &mut self.lock().statistics.counted;
        *counted.entry(kind.to_owned()).or_default() += 1;
    }

    /// Counts an object that was created.
    pub(super) fn created(&self, collection: &str, name: &str) {
        let creates = &mut self.lock().statistics.creates;
        let names = creates.entry(collection.to_owned()).or_default();
        *names.entry(name.to_owned()).or_default() += 1;
    }

    /// Starts again from nothing; what is under way is still under way.
    pub(super) fn clear(&self) {
        let mut counts = self.lock();
        counts.statistics = Statistics::default();
        counts.window.clear();
    }

    /// The counts.
    pub(super) fn report(&self) -> Statistics {
        self.lock().statistics.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn admit(&mut self, at: Duration, rate: NonZeroU32) -> bool {
        forget_before(&mut self.admitted, at);
        let is_free = self.admitted.len() < rate.get() as usize;
        if is_free {
            self.admitted.push_back(at);
        } else {
            self.statistics.throttled += 1;
        }
        is_free
    }

    fn arrive(&mut self, at: Duration, method: &Method, subject: &str) {
        let Self {
            statistics,
            window,
            concurrent,
            admitted: _,
        } = self;
        statistics.requests += 1;
        if *method != Method::GET && !AUTH.contains(&subject) {
            statistics.writes += 1;
        }
        let methods = statistics.by.entry(subject.to_owned()).or_default();
        *methods.entry(method.to_string()).or_default() += 1;
        forget_before(window, at);
        window.push_back(at);
        let in_window = u64::try_from(window.len()).unwrap_or(u64::MAX);
        statistics.peak_per_second = statistics.peak_per_second.max(in_window);
        *concurrent += 1;
        statistics.peak_concurrent = statistics.peak_concurrent.max(*concurrent);
    }
}

/// Drops what is a second old or older.
fn forget_before(moments: &mut VecDeque<Duration>, now: Duration) {
    let second = Duration::from_secs(1);
    while (moments.front()).is_some_and(|first| now.saturating_sub(*first) >= second) {
        moments.pop_front();
    }
}

/// The subjects whose POSTs write nothing that a plan is about.
const AUTH: [&str; 6] = [
    "login",
    "refresh",
    "logout",
    "token",
    "monitoring",
    "report",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_that_of_any_second() {
        let mut counts = Counts::default();
        // Six requests around the turn of a second, then a slow series.
        for millis in [0, 700, 800, 900, 1000, 1100, 1200, 3000, 3400, 3800, 4200] {
            counts.arrive(Duration::from_millis(millis), &Method::GET, "goals");
        }
        assert_eq!(counts.statistics.peak_per_second, 6);
        assert_eq!(counts.statistics.requests, 11);
        assert_eq!(counts.concurrent, 11);
    }

    #[test]
    fn the_rate_holds_in_any_second() {
        let mut counts = Counts::default();
        let rate = NonZeroU32::new(2).unwrap();
        let admitted = [0, 900, 950, 1000, 1100, 1850, 1900, 2000]
            .map(|millis| counts.admit(Duration::from_millis(millis), rate));
        assert_eq!(
            admitted,
            [true, true, false, true, false, false, true, true]
        );
        assert_eq!(counts.statistics.throttled, 3);
    }
}
