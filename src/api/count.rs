//! How many requests a run took.

use std::collections::BTreeMap;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

/// Requests by method and collection, tries that failed included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestCounts(BTreeMap<(&'static str, String), u64>);

impl RequestCounts {
    /// Counts a request.
    pub(super) fn add(&mut self, method: &'static str, collection: &str) {
        *self.0.entry((method, collection.to_owned())).or_default() += 1;
    }

    /// Method, collection and count, sorted. The method is the meant one, `PUT` for an overridden POST.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str, u64)> {
        self.0
            .iter()
            .map(|((method, collection), count)| (*method, collection.as_str(), *count))
    }

    /// All requests.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

impl Serialize for RequestCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            method: &'a str,
            collection: &'a str,
            count: u64,
        }
        let mut rows = serializer.serialize_seq(Some(self.0.len()))?;
        for (method, collection, count) in self.iter() {
            rows.serialize_element(&Row {
                method,
                collection,
                count,
            })?;
        }
        rows.end()
    }
}
