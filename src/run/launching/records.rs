//! What the ledger says of a launch, beside what a plan says of it.

use crate::diff::digest_of_fields;
use crate::launch::{LaunchPlan, SenderPlan};
use crate::live::{BatchState, LaunchRecord};
use crate::resolve::Resource;

/// The digest of the manifest of a launch.
pub(super) fn manifest_digest(resource: &Resource) -> String {
    digest_of_fields(std::iter::once(("spec".to_owned(), &*resource.spec)))
}

/// How many recipients of a plan are in batches that may be out.
pub(super) fn handed_over(record: &LaunchRecord, plan: &LaunchPlan) -> u32 {
    if record.recipients == plan.digest() {
        record.handed_over()
    } else {
        0
    }
}

/// Why a launch of which something was sent is not sent as planned.
pub(super) fn sent_before(record: &LaunchRecord, plan: &LaunchPlan) -> Option<String> {
    let name = &plan.launch;
    let at = &record.at;
    if let Some(stopped) = &record.stopped {
        Some(format!(
            "the launch `{name}` was stopped at {stopped}; give what is left another name"
        ))
    } else if record.recipients != plan.digest() {
        Some(format!(
            "the launch `{name}` was begun at {at} with other recipients or another message; a launch is sent once: give this one another name"
        ))
    } else if record.is_over() && !can_find_out(record, plan) {
        Some(format!(
            "the launch `{name}` was sent at {at}; a launch is sent once: give another send another name"
        ))
    } else {
        None
    }
}

/// Whether a send finds out what became of an earlier one, and sends nothing: a campaign whose answer was lost is in a list,
/// and a batch of a run that died is named as unknown.
fn can_find_out(record: &LaunchRecord, plan: &LaunchPlan) -> bool {
    let is_listed = matches!(plan.sender, SenderPlan::Clevertap(_));
    let mut batches = record.batches.values();
    batches.any(|it| match it.state {
        BatchState::Intent => true,
        BatchState::Unknown => is_listed,
        BatchState::Sent | BatchState::Refused => false,
    })
}

/// Whether a batch needs no request any more.
pub(super) fn is_settled(record: Option<&LaunchRecord>, batch: u32) -> bool {
    let batch = record.and_then(|record| record.batches.get(&batch));
    batch.is_some_and(|it| matches!(it.state, BatchState::Sent | BatchState::Unknown))
}
