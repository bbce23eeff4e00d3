//! Whose a message is: the platform names the position in a request, and the file of recipients has the line.

use std::collections::{BTreeMap, BTreeSet};

use super::key::key;
use super::reading_of;
use crate::launch::{Batches, Columns, Recipient, RecipientForm, survey};
use crate::live::LaunchRecord;
use crate::run::Workspace;

/// A recipient by the number of its batch and its position there, from 0.
pub(super) type BatchPlace = (u32, usize);

/// The recipients at these places; none where the file is not the one that was sent to any more.
pub(super) fn whose(
    workspace: &Workspace,
    record: &LaunchRecord,
    places: &BTreeSet<BatchPlace>,
) -> BTreeMap<BatchPlace, Recipient> {
    found(workspace, record, places).unwrap_or_default()
}

fn found(
    workspace: &Workspace,
    record: &LaunchRecord,
    places: &BTreeSet<BatchPlace>,
) -> Option<BTreeMap<BatchPlace, Recipient>> {
    let list = record.list.as_ref().filter(|_| !places.is_empty())?;
    let key = key(workspace).ok()?;
    let read = || {
        let columns = Columns {
            consumer: list.consumer.clone(),
            variables: list.variables.clone(),
        };
        reading_of(
            workspace,
            &list.file,
            (RecipientForm::of(&list.file)?, columns),
        )
        .ok()
    };
    if survey(read()?, &key, list.batch_size).digest != record.recipients {
        return None;
    }
    let mut found = BTreeMap::new();
    for (number, batch) in (1_u32..).zip(Batches::new(read()?, key, list.batch_size)) {
        let (recipients, _) = batch.ok()?;
        for (position, recipient) in recipients.into_iter().enumerate() {
            if places.contains(&(number, position)) {
                found.insert((number, position), recipient);
            }
        }
    }
    Some(found)
}
