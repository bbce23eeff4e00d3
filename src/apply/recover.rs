//! What became of the creates of a run that died between sending one and writing its answer down.
//!
//! Only creates need it. Whether an update or a delete took effect shows in the account, and doing it once
//! more changes nothing.

use std::collections::BTreeSet;

use super::create::listed;
use super::twins::{TwinSearch, find};
use crate::api::{ApiError, Reader};
use crate::kinds::KindId;
use crate::ledger::JournalEvent;
use crate::live::{Draft, Entry, Ledger, Unfinished};
use crate::manifest::Key;
use crate::name::RemoteId;

/// Why it cannot be told what became of a create.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The account cannot be read.
    #[error("cannot find out what became of the creation of {key}")]
    Unread {
        /// The object.
        key: Key,
        /// Why.
        #[source]
        error: ApiError,
    },
    /// More than one object may be the one.
    #[error(transparent)]
    Ambiguous(#[from] Ambiguous),
}

/// More than one object may be the one that a run created before it died.
#[derive(Debug, thiserror::Error)]
#[error("a run died while it created {key}, and any of these may be its object: {}", listed(.ids))]
pub struct Ambiguous {
    /// The manifest.
    pub key: Key,
    /// The objects.
    pub ids: Vec<RemoteId>,
}

/// Finds out what became of the creates that the ledger knows as unfinished: the events that settle them, to be
/// recorded by the run that holds the lock.
///
/// # Errors
/// [`RecoverError`]: then nothing may be planned, because the plan might create the object again.
pub async fn recover<R: Reader>(
    reader: &R,
    ledger: &Ledger,
) -> Result<Vec<JournalEvent>, RecoverError> {
    let mut events = Vec::new();
    let mut claimed = Vec::new();
    for Unfinished { step, key, draft } in &ledger.unfinished {
        let applied = match draft {
            Some(draft) => match found(reader, ledger, key, draft, &claimed).await? {
                Some(id) => {
                    claimed.push((key.kind, id.clone()));
                    events.push(bound(key, draft, id));
                    true
                }
                None => false,
            },
            None => false,
        };
        events.push(JournalEvent::Finished {
            step: *step,
            applied,
        });
    }
    Ok(events)
}

async fn found<R: Reader>(
    reader: &R,
    ledger: &Ledger,
    key: &Key,
    draft: &Draft,
    claimed: &[(KindId, RemoteId)],
) -> Result<Option<RemoteId>, RecoverError> {
    let kind = key.kind;
    let known: BTreeSet<&RemoteId> = ledger
        .entries
        .iter()
        .filter(|(of, _)| of.kind == kind)
        .map(|(_, entry)| &entry.id)
        .chain(
            claimed
                .iter()
                .filter(|(of, _)| *of == kind)
                .map(|(_, id)| id),
        )
        .collect();
    let found = find(reader, kind, draft, &|id| known.contains(id)).await;
    let ambiguous = |ids| {
        Err(RecoverError::Ambiguous(Ambiguous {
            key: key.clone(),
            ids,
        }))
    };
    match found {
        Ok(TwinSearch::One(item)) => Ok(item.body.get("id").and_then(RemoteId::from_wire)),
        Ok(TwinSearch::Many(ids)) => ambiguous(ids),
        // An object that was to take the place of another one would be created again.
        Ok(TwinSearch::Other(ids)) if draft.replaces.is_some() => ambiguous(ids),
        // Any other one is adopted, and the plan shows how it differs.
        Ok(TwinSearch::None | TwinSearch::Other(_)) | Err(ApiError::NotFound(_)) => Ok(None),
        Err(error) => Err(RecoverError::Unread {
            key: key.clone(),
            error,
        }),
    }
}

fn bound(key: &Key, draft: &Draft, id: RemoteId) -> JournalEvent {
    JournalEvent::Bound {
        key: key.clone(),
        entry: Box::new(Entry {
            id,
            ..draft.entry.clone()
        }),
        kept: draft.replaces.clone().map(Box::new),
    }
}
