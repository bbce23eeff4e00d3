//! The lines that end what a run had begun before it died.

use std::collections::BTreeMap;

use crate::audit::{Act, AuditLine, WriteOutcome};
use crate::ledger::JournalEvent;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::StepVerb;

/// The lines for the steps that the journal `before` began and never ended, with what was `found` out since.
pub(super) fn lines(
    head: &AuditLine,
    before: &[JournalEvent],
    found: &[JournalEvent],
) -> Vec<AuditLine> {
    let left = left_open(before, found).into_iter();
    left.map(|(step, left)| left.line(step, head)).collect()
}

/// A write that a run had begun before it died.
struct LeftWrite {
    plan: Option<String>,
    key: Key,
    verb: StepVerb,
    id: Option<RemoteId>,
    display_name: String,
    is_found: bool,
}

impl LeftWrite {
    fn line(self, step: usize, head: &AuditLine) -> AuditLine {
        let (outcome, reason) = match (self.verb, self.is_found) {
            (StepVerb::Create, true) => (WriteOutcome::Found, None),
            (StepVerb::Create, false) => (
                WriteOutcome::Failed,
                Some("the run died, and it was not created".to_owned()),
            ),
            _ => (
                WriteOutcome::Unknown,
                Some("the run died; the next plan shows the state of the object".to_owned()),
            ),
        };
        let line = AuditLine {
            action: Act::of(self.verb).unwrap_or(Act::Update),
            plan: self.plan,
            step: Some(step),
            remote_id: self.id.map(|id| id.to_string()),
            outcome,
            reason,
            ..head.clone()
        };
        line.about(&self.key, &self.display_name)
    }
}

/// The steps that a journal began and never ended, with what was found out about them since.
fn left_open(before: &[JournalEvent], found: &[JournalEvent]) -> BTreeMap<usize, LeftWrite> {
    let mut left: BTreeMap<usize, LeftWrite> = BTreeMap::new();
    let mut plan = None;
    for event in before {
        match event {
            JournalEvent::PlanUsed { plan: used } => {
                left.clear();
                plan = Some(used.clone());
            }
            JournalEvent::Started {
                step,
                key,
                verb,
                draft,
                target,
            } => {
                let line = LeftWrite {
                    plan: plan.clone(),
                    key: key.clone(),
                    verb: *verb,
                    id: target.as_ref().map(|target| target.id.clone()),
                    display_name: draft
                        .as_ref()
                        .map(|draft| draft.entry.display_name.clone())
                        .unwrap_or_default(),
                    is_found: false,
                };
                left.insert(*step, line);
            }
            JournalEvent::Finished { step, .. } => drop(left.remove(step)),
            JournalEvent::Bound { key, entry, .. } => note_found(&mut left, key, &entry.id),
            JournalEvent::Unbound { .. }
            | JournalEvent::LaunchBegun { .. }
            | JournalEvent::LaunchBatch { .. }
            | JournalEvent::LaunchEnded { .. }
            | JournalEvent::LaunchStopped { .. }
            | JournalEvent::PlanEnded { .. } => {}
        }
    }
    for event in found {
        if let JournalEvent::Bound { key, entry, .. } = event {
            note_found(&mut left, key, &entry.id);
        }
    }
    left
}

fn note_found(left: &mut BTreeMap<usize, LeftWrite>, key: &Key, id: &RemoteId) {
    let creates = left
        .values_mut()
        .filter(|left| left.verb == StepVerb::Create);
    for left in creates.filter(|left| left.key == *key) {
        left.id = Some(id.clone());
        left.is_found = true;
    }
}
