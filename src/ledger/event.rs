//! What the journal records, and what each event does to a ledger.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::live::{BatchRecord, Begun, Draft, Entry, Kept, LaunchRecord, Ledger, Unfinished};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::StepVerb;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum JournalEvent {
    /// A plan is being applied; it cannot be used again, unless the run that it was used in left some of it undone.
    PlanUsed {
        /// The plan.
        plan: String,
    },
    /// A run of a plan came to its end.
    PlanEnded {
        /// How far the plan got, where not all of it is done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<Box<Begun>>,
    },
    /// A step is about to write.
    Started {
        /// Its position in the plan.
        step: usize,
        /// The object.
        key: Key,
        /// What it writes.
        verb: StepVerb,
        /// What is to be created, if it is a create.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        draft: Option<Box<Draft>>,
        /// What the write changes, if it is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<Box<StepTarget>>,
    },
    /// A manifest is bound to a live object.
    Bound {
        /// The manifest.
        key: Key,
        /// The entry, which replaces an older one.
        entry: Box<Entry>,
        /// The older one, when its object is still to be deleted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<Box<Kept>>,
    },
    /// A manifest is not bound any more.
    Unbound {
        /// The manifest.
        key: Key,
        /// When its object was deleted, if that is why, RFC 3339 in UTC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<String>,
    },
    /// A step has ended, well or not; what became of it is known.
    Finished {
        /// Its position in the plan.
        step: usize,
        /// Whether it was done.
        #[serde(default)]
        applied: bool,
    },
    /// A launch is being sent, or goes on.
    LaunchBegun {
        /// Its name.
        launch: String,
        /// What is known of it, without batches.
        record: Box<LaunchRecord>,
    },
    /// A batch of a launch has another state.
    LaunchBatch {
        /// The name of the launch.
        launch: String,
        /// The number of the batch, from 1.
        batch: u32,
        /// What is known of the batch.
        record: Box<BatchRecord>,
    },
    /// A run that sent a launch came to its end, whatever is left of the launch.
    LaunchEnded {
        /// The name of the launch.
        launch: String,
    },
    /// No further batch of a launch is sent.
    LaunchStopped {
        /// The name of the launch.
        launch: String,
        /// When, RFC 3339 in UTC.
        at: String,
    },
}

/// The object that a step is about to change or delete, as it was before: what a rollback needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StepTarget {
    /// Its id.
    pub id: RemoteId,
    /// The id of the object around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RemoteId>,
    /// Its wire body.
    pub body: Value,
    /// The fields that are written, in spec terms.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub written: Value,
}

/// A ledger with events applied, for reading only.
#[must_use]
pub fn replayed(mut ledger: Ledger, events: impl IntoIterator<Item = JournalEvent>) -> Ledger {
    for event in events {
        replay(&mut ledger, event);
    }
    ledger
}

/// Applies an event to a ledger.
pub(super) fn replay(ledger: &mut Ledger, event: JournalEvent) {
    match event {
        JournalEvent::PlanUsed { plan } => {
            ledger.unfinished.clear(); // steps are counted per plan
            ledger.begun.take_if(|begun| begun.of(&plan).is_none());
            if !ledger.used_plans.contains(&plan) {
                ledger.used_plans.push(plan);
            }
        }
        JournalEvent::Started {
            step,
            key,
            verb: _,
            draft,
            target: _,
        } => {
            ledger.unfinished.retain(|open| open.step != step); // tried once more
            ledger.unfinished.push(Unfinished { step, key, draft });
        }
        JournalEvent::Bound { key, entry, kept } => {
            if let Some(kept) = kept {
                ledger.entries.insert(kept.key, kept.entry);
            }
            // Whatever became of its creation, it is known now.
            let is_known = |open: &Unfinished| open.key == key && open.draft.is_some();
            ledger.unfinished.retain(|open| !is_known(open));
            ledger.entries.insert(key, *entry);
        }
        JournalEvent::Unbound { key, at } => {
            ledger.entries.remove(&key);
            if at.is_some() {
                ledger.deleted_at = at;
            }
        }
        JournalEvent::PlanEnded { left } => ledger.begun = left.map(|it| *it),
        JournalEvent::Finished { step, applied } => {
            // Of a create whose answer was lost, a later run finds out.
            if let Some(begun) = ledger.begun.as_mut().filter(|_| applied) {
                begun.applied.insert(step);
            }
            ledger.unfinished.retain(|open| open.step != step);
        }
        JournalEvent::LaunchBegun { launch, record } => begin_launch(ledger, launch, *record),
        JournalEvent::LaunchBatch {
            launch,
            batch,
            record,
        } => {
            let known = ledger.launches.entry(launch).or_default();
            known.batches.insert(batch, *record);
        }
        JournalEvent::LaunchEnded { launch } => {
            ledger.launches.entry(launch).or_default().open = None;
        }
        JournalEvent::LaunchStopped { launch, at } => {
            ledger.launches.entry(launch).or_default().stopped = Some(at);
        }
    }
}

/// A launch that begins, or that another run resumes.
fn begin_launch(ledger: &mut Ledger, launch: String, record: LaunchRecord) {
    match ledger.launches.get_mut(&launch) {
        Some(known) => {
            let plans = record.plans.into_iter();
            let new: Vec<_> = plans.filter(|plan| !known.plans.contains(plan)).collect();
            known.plans.extend(new);
            known.open = record.open;
            known.list = record.list.or(known.list.take());
            known.count = record.count; // of an audience, it is another one in each run
        }
        None => {
            ledger.launches.insert(launch, record);
        }
    }
}
