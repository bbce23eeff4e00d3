//! Objects that bear the display name of one that is, or was, to be created.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::Mutex;

use super::compare::unlike;
use crate::api::{Address, Error, Item, Reader};
use crate::kinds::KindId;
use crate::kinds::mapping::lift;
use crate::live::{Draft, References};
use crate::name::RemoteId;

/// How long a list may be relied on for what it does not hold. Shorter, and a thousand creates would cost a
/// thousand lists; longer, and people have time to create the same by hand.
const FRESH: SignedDuration = SignedDuration::from_secs(30);

/// The ids of a collection by display name.
pub(super) type Names = Arc<BTreeMap<String, Vec<RemoteId>>>;

/// The rows of one collection, listed when they are asked for.
pub(super) struct Listing {
    kind: KindId,
    parent: Option<RemoteId>,
    rows: Mutex<Option<(Timestamp, Names)>>,
}

impl Listing {
    /// Nothing is listed yet.
    pub(super) fn new(kind: KindId, parent: Option<RemoteId>) -> Self {
        Self {
            kind,
            parent,
            rows: Mutex::new(None),
        }
    }

    /// The rows by display name, as they were lately.
    pub(super) async fn rows<R: Reader>(&self, reader: &R, now: Timestamp) -> Result<Names, Error> {
        let mut rows = self.rows.lock().await;
        if let Some((at, names)) = &*rows
            && now.duration_since(*at) < FRESH
        {
            return Ok(Arc::clone(names));
        }
        let mut names: BTreeMap<String, Vec<RemoteId>> = BTreeMap::new();
        for (name, id) in named(reader, self.kind, self.parent.as_ref()).await? {
            names.entry(name).or_default().push(id);
        }
        let names = Arc::new(names);
        *rows = Some((now, Arc::clone(&names)));
        Ok(names)
    }
}

/// The rows of a collection, each with its display name.
async fn named<R: Reader>(
    reader: &R,
    kind: KindId,
    parent: Option<&RemoteId>,
) -> Result<Vec<(String, RemoteId)>, Error> {
    let key = kind.def().collection.map_or("name", |it| it.name_key);
    let rows = reader.list(kind, parent).await?;
    let named = rows.iter().filter_map(|row| {
        let name = row.get(key)?.as_str()?.to_owned();
        Some((name, RemoteId::from_wire(row.get("id")?)?))
    });
    Ok(named.collect())
}

/// What a look for the object of a create came to.
pub(super) enum Found {
    /// It was not created.
    None,
    /// This is it.
    One(Box<Item>),
    /// Any of these may be it.
    Many(Vec<RemoteId>),
    /// These bear its name, and hold something else than what was sent.
    Other(Vec<RemoteId>),
}

/// Looks for the object of a create whose answer was lost: one that bears its display name inside the same
/// object, that was not there before, and that nobody knows as another one. The rows that were there before are
/// known one by one, which tells more than the date of creation. Of several, the one that holds what was sent.
pub(super) async fn find<R: Reader>(
    reader: &R,
    kind: KindId,
    draft: &Draft,
    is_known: &(dyn Fn(&RemoteId) -> bool + Sync),
) -> Result<Found, Error> {
    let parent = draft.entry.parent.as_ref();
    let (mut exact, mut other) = (Vec::new(), Vec::new());
    for (name, id) in named(reader, kind, parent).await? {
        if name != draft.entry.display_name || draft.twins.contains(&id) || is_known(&id) {
            continue;
        }
        let address = Address {
            kind,
            parent: parent.cloned(),
            id,
        };
        match reader.get(&address).await {
            Ok(item) if holds(kind, &draft.body, &item.body) => exact.push((address.id, item)),
            Ok(_) => other.push(address.id),
            Err(Error::NotFound(_)) => {} // deleted between the two reads
            Err(error) => return Err(error),
        }
    }
    Ok(match (exact.len(), exact.pop()) {
        (1, Some((_, item))) => Found::One(Box::new(item)),
        (0, _) if other.is_empty() => Found::None,
        (0, _) => Found::Other(other),
        (_, last) => Found::Many(exact.into_iter().chain(last).map(|(id, _)| id).collect()),
    })
}

/// Whether an object holds what was sent.
fn holds(kind: KindId, sent: &Value, live: &Value) -> bool {
    let (def, by_id) = (kind.def(), References::default());
    let (sent, live) = (lift(def, sent, &by_id), lift(def, live, &by_id));
    unlike(def, &sent, &live, &by_id).is_empty()
}
