//! What the journal records, and what each event does to a ledger.

use serde::{Deserialize, Serialize};

use crate::live::{Entry, Ledger};
use crate::manifest::Key;
use crate::plan::Verb;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Event {
    /// A plan is being applied; it cannot be used again.
    PlanUsed {
        /// The plan.
        plan: String,
    },
    /// A step is about to write.
    Started {
        /// Its position in the plan.
        step: usize,
        /// The object.
        key: Key,
        /// What it writes.
        verb: Verb,
    },
    /// A manifest is bound to a live object.
    Bound {
        /// The manifest.
        key: Key,
        /// The entry, which replaces an older one.
        entry: Box<Entry>,
    },
    /// A manifest is not bound any more.
    Unbound {
        /// The manifest.
        key: Key,
    },
    /// A step has ended, well or not; what became of it is known.
    Finished {
        /// Its position in the plan.
        step: usize,
    },
}

/// A step that was begun and never ended: nobody knows whether the platform carried it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unfinished {
    /// Its position in the plan.
    pub step: usize,
    /// The object.
    pub key: Key,
    /// What it was to write.
    pub verb: Verb,
}

/// Applies an event to a ledger and to the list of unfinished steps.
pub(super) fn replay(ledger: &mut Ledger, unfinished: &mut Vec<Unfinished>, event: Event) {
    match event {
        Event::PlanUsed { plan } => {
            unfinished.clear(); // steps are counted per plan
            if !ledger.used_plans.contains(&plan) {
                ledger.used_plans.push(plan);
            }
        }
        Event::Started { step, key, verb } => unfinished.push(Unfinished { step, key, verb }),
        Event::Bound { key, entry } => {
            ledger.entries.insert(key, *entry);
        }
        Event::Unbound { key } => {
            ledger.entries.remove(&key);
        }
        Event::Finished { step } => unfinished.retain(|open| open.step != step),
    }
}
