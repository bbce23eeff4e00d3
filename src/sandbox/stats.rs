//! Counts of requests since the start, for tests that hold a plan to its number of requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::http::Method;
use serde_json::{Value, json};

/// The counts. Calls below `/_sandbox/` are not counted, the handoff write path aside.
#[derive(Debug, Default)]
pub(super) struct Stats(Mutex<BTreeMap<(String, String), u64>>);

impl Stats {
    /// Counts a request by what it means, not by how it was tunnelled.
    pub(super) fn count(&self, method: &Method, subject: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts
            .entry((subject.to_owned(), method.to_string()))
            .or_default() += 1;
    }

    /// Starts again from nothing.
    pub(super) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// `requests`, `writes` (to collections and handoffs), and `by`: collection, method, count.
    pub(super) fn report(&self) -> Value {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut by = BTreeMap::<&str, BTreeMap<&str, u64>>::new();
        let (mut requests, mut writes) = (0, 0);
        for ((subject, method), count) in counts.iter() {
            by.entry(subject).or_default().insert(method, *count);
            requests += count;
            if method != "GET" && !AUTH.contains(&subject.as_str()) {
                writes += count;
            }
        }
        json!({ "requests": requests, "writes": writes, "by": by })
    }
}

/// The subjects whose POSTs write nothing that a plan is about.
const AUTH: [&str; 4] = ["login", "refresh", "logout", "token"];
