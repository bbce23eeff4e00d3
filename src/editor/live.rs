//! What is known of live objects without asking an account: the ledgers that are kept beside the manifests, and the newest
//! saved plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::snapshot::Snapshot;
use crate::diff::Change;
use crate::live::Ledger;
use crate::manifest::Key;
use crate::plan::Plan;

/// What is at hand.
#[derive(Clone, Debug, Default)]
pub struct LiveStates {
    /// The ledgers by environment.
    pub ledgers: BTreeMap<String, Arc<Ledger>>,
    /// The newest saved plan, with the name of its file.
    pub plan: Option<(String, Arc<Plan>)>,
}

/// Whether any ledger binds a live object to a manifest.
pub(super) fn bound(snapshot: &Snapshot, key: &Key) -> bool {
    let mut ledgers = snapshot.live.ledgers.values();
    ledgers.any(|ledger| ledger.entries.contains_key(key))
}

/// What is known of the live object of a manifest, a line each.
pub(super) fn states(snapshot: &Snapshot, key: &Key) -> Vec<String> {
    let bound = snapshot.live.ledgers.iter().filter_map(|(name, ledger)| {
        let entry = ledger.entries.get(key)?;
        Some(format!(
            "- {name}: live object {}, “{}”",
            entry.id, entry.display_name
        ))
    });
    let mut lines: Vec<String> = bound.collect();
    if let Some((file, plan)) = &snapshot.live.plan {
        let is_it = |change: &&Change| change.kind == key.kind && change.name == key.name;
        for change in plan.changes.iter().filter(is_it) {
            let action = serde_json::to_value(change.action).unwrap_or_default();
            let action = action.as_str().unwrap_or("none").to_owned();
            lines.push(format!(
                "- plan `{file}` for {}: {action}",
                plan.environment
            ));
        }
    }
    lines
}
