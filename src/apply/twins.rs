//! Objects that bear the display name of one that is, or was, to be created.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use tokio::sync::Mutex;

use super::compare::unlike;
use crate::api::{Address, Error, Item, Reader};
use crate::kinds::KindId;
use crate::kinds::mapping::lift;
use crate::live::{Draft, References};
use crate::name::RemoteId;

/// The ids of a collection by display name.
pub(super) type Names = Arc<BTreeMap<String, Vec<RemoteId>>>;

/// The rows of one collection, listed when they are asked for.
///
/// Whoever asks gets a list that was begun after the question, however fresh the one before it is: people may have
/// made the same object a moment ago. Those who ask while a list is under way share the next one, so that creates side
/// by side cost a list per round, not one each.
pub(super) struct Listing {
    kind: KindId,
    parent: Option<RemoteId>,
    asked: AtomicU64,
    rows: Mutex<Served>,
}

/// The last list, and how many questions had been asked when it was begun.
#[derive(Default)]
struct Served {
    asked: u64,
    names: Names,
}

impl Listing {
    /// Nothing is listed yet.
    pub(super) fn new(kind: KindId, parent: Option<RemoteId>) -> Self {
        Self {
            kind,
            parent,
            asked: AtomicU64::new(0),
            rows: Mutex::default(),
        }
    }

    /// The rows by display name, as they are now.
    pub(super) async fn rows<R: Reader>(&self, reader: &R) -> Result<Names, Error> {
        let own = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut rows = self.rows.lock().await;
        if rows.asked >= own {
            return Ok(Arc::clone(&rows.names));
        }
        let asked = self.asked.load(Ordering::SeqCst);
        let mut names: BTreeMap<String, Vec<RemoteId>> = BTreeMap::new();
        for (name, id) in named(reader, self.kind, self.parent.as_ref()).await? {
            names.entry(name).or_default().push(id);
        }
        let names = Arc::new(names);
        *rows = Served {
            asked,
            names: Arc::clone(&names),
        };
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Semaphore;
    use tokio::task::{JoinSet, yield_now};

    use super::*;

    /// An account whose lists end when a test says so.
    struct Gated {
        begun: AtomicUsize,
        gate: Semaphore,
    }

    impl Reader for Gated {
        async fn list(&self, _: KindId, _: Option<&RemoteId>) -> Result<Vec<Value>, Error> {
            self.begun.fetch_add(1, Ordering::SeqCst);
            self.gate
                .acquire()
                .await
                .map(tokio::sync::SemaphorePermit::forget)
                .unwrap_or_default();
            Ok(Vec::new())
        }

        async fn get(&self, _: &Address) -> Result<Item, Error> {
            Err(Error::NotFound("nothing".to_owned()))
        }
    }

    #[tokio::test]
    async fn a_list_is_begun_after_the_question_and_shared_by_those_who_wait() {
        let account = Arc::new(Gated {
            begun: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        });
        let listing = Arc::new(Listing::new(KindId::known("Goal"), None));
        let mut asking = JoinSet::new();
        let ask = |asking: &mut JoinSet<bool>| {
            let (listing, account) = (Arc::clone(&listing), Arc::clone(&account));
            asking.spawn(async move { listing.rows(account.as_ref()).await.is_ok() });
        };
        ask(&mut asking);
        while account.begun.load(Ordering::SeqCst) == 0 {
            yield_now().await;
        }
        for _ in 0..10 {
            ask(&mut asking);
        }
        while listing.asked.load(Ordering::SeqCst) < 11 {
            yield_now().await;
        }
        account.gate.add_permits(2);
        assert!(asking.join_all().await.into_iter().all(|is_ok| is_ok));
        assert_eq!(
            account.begun.load(Ordering::SeqCst),
            2,
            "ten share the second list"
        );
        account.gate.add_permits(1);
        assert!(listing.rows(account.as_ref()).await.is_ok());
        assert_eq!(
            account.begun.load(Ordering::SeqCst),
            3,
            "an old list is no answer"
        );
    }
}
