//! What stands around an engagement, kept by engagement: searches ask for it again and again, for each pair of engagements that
//! may meet.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use indexmap::IndexMap;

use crate::kinds::offering::Place;
use crate::manifest::Key;

/// What stands around an engagement.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// It, its campaign, and all that both refer to, in their order.
    pub(super) keys: Vec<Key>,
    /// The places that the conditions of these name; web pages where they name none.
    pub(super) places: BTreeSet<Place>,
}

/// What stands around each engagement that was asked for. Copies of a world share it until one of them is changed.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownSurroundings(Arc<Mutex<IndexMap<Key, Arc<Surroundings>>>>);

impl KnownSurroundings {
    /// What stands around an engagement, worked out where it was not asked for yet.
    pub(super) fn of(
        &self,
        key: &Key,
        work_out: impl FnOnce() -> Surroundings,
    ) -> Arc<Surroundings> {
        let known = self.0.lock().ok().and_then(|all| all.get(key).cloned());
        known.unwrap_or_else(|| {
            let new = Arc::new(work_out());
            if let Ok(mut all) = self.0.lock() {
                all.insert(key.clone(), Arc::clone(&new));
            }
            new
        })
    }
}
