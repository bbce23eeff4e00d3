//! Objects that bear the display name of one that is, or was, to be created.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::compare::{is_unreturned, unlike};
use crate::api::{Address, ApiError, ApiItem, Reader};
use crate::kinds::KindId;
use crate::kinds::mapping::lift;
use crate::live::{Draft, References};
use crate::name::RemoteId;

/// The ids of a collection by display name.
pub(super) type IdsByName = Arc<BTreeMap<String, Vec<RemoteId>>>;

/// The rows of one collection, listed when they are asked for.
///
/// Whoever asks gets a list for which the account was asked after the question, however fresh the one before it is:
/// people may have made the same object a moment ago. Those who ask before the request of a list is sent share it, so that
/// creates side by side cost a list per round, and creates that wait for their turn on a throttled account few lists more.
pub(super) struct Listing {
    kind: KindId,
    parent: Option<RemoteId>,
    last: Mutex<Option<(Instant, IdsByName)>>,
}

impl Listing {
    /// Nothing is listed yet.
    pub(super) fn new(kind: KindId, parent: Option<RemoteId>) -> Self {
        Self {
            kind,
            parent,
            last: Mutex::default(),
        }
    }

    /// The rows by display name, as they are now.
    pub(super) async fn rows<R: Reader>(&self, reader: &R) -> Result<IdsByName, ApiError> {
        let question = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((asked, names)) = &*last
            && *asked > question
        {
            return Ok(Arc::clone(names));
        }
        let (rows, asked) = named(reader, self.kind, self.parent.as_ref()).await?;
        let mut names: BTreeMap<String, Vec<RemoteId>> = BTreeMap::new();
        for (name, id) in rows {
            names.entry(name).or_default().push(id);
        }
        let names = Arc::new(names);
        *last = Some((asked, Arc::clone(&names)));
        Ok(names)
    }
}

/// The rows of a collection, each with its display name, and when the account was asked for them.
async fn named<R: Reader>(
    reader: &R,
    kind: KindId,
    parent: Option<&RemoteId>,
) -> Result<(Vec<(String, RemoteId)>, Instant), ApiError> {
    let key = kind.def().collection.map_or("name", |it| it.name_key);
    let (rows, asked) = reader.list_at(kind, parent).await?;
    let named = rows.iter().filter_map(|row| {
        let name = row.get(key)?.as_str()?.to_owned();
        Some((name, RemoteId::from_wire(row.get("id")?)?))
    });
    Ok((named.collect(), asked))
}

/// What a look for the object of a create came to.
pub(super) enum TwinSearch {
    /// It was not created.
    None,
    /// This is it.
    One(Box<ApiItem>),
    /// Any of these may be it.
    Many(Vec<RemoteId>),
    /// These bear its name, and hold something else than what was sent.
    Other(Vec<RemoteId>),
}

/// Looks for the object of a create whose answer was lost: one that bears its display name inside the same
/// object, that was not there before, and that is not known as another one. The rows that were there before are
/// known one by one, which is better evidence than the date of creation. Of several, the one that holds what was sent.
pub(super) async fn find<R: Reader>(
    reader: &R,
    kind: KindId,
    draft: &Draft,
    is_known: &(dyn Fn(&RemoteId) -> bool + Sync),
) -> Result<TwinSearch, ApiError> {
    let parent = draft.entry.parent.as_ref();
    let (mut exact, mut other) = (Vec::new(), Vec::new());
    for (name, id) in named(reader, kind, parent).await?.0 {
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
            Err(ApiError::NotFound(_)) => {} // deleted between the two reads
            Err(error) => return Err(error),
        }
    }
    Ok(match (exact.len(), exact.pop()) {
        (1, Some((_, item))) => TwinSearch::One(Box::new(item)),
        (0, _) if other.is_empty() => TwinSearch::None,
        (0, _) => TwinSearch::Other(other),
        (_, last) => TwinSearch::Many(exact.into_iter().chain(last).map(|(id, _)| id).collect()),
    })
}

/// Whether an object holds what was sent, as far as the platform returns it.
fn holds(kind: KindId, sent: &Value, live: &Value) -> bool {
    let (def, by_id) = (kind.def(), References::default());
    let (sent, live) = (lift(def, sent, &by_id), lift(def, live, &by_id));
    let mut unlike = unlike(def, &sent, &live, &by_id);
    unlike.retain(|difference| !is_unreturned(def, difference));
    unlike.is_empty()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;
    use tokio::sync::Semaphore;
    use tokio::task::{JoinSet, yield_now};

    use super::*;

    #[test]
    fn an_object_is_the_one_that_was_sent_without_what_is_not_returned() {
        let kind = KindId::known("Engagement");
        let sent = json!({ "name": "a", "type": 1, "weight": 0.5, "timeInQueue": 3 });
        assert!(holds(
            kind,
            &sent,
            &json!({ "name": "a", "type": 1, "timeInQueue": 3 })
        ));
        assert!(!holds(
            kind,
            &sent,
            &json!({ "name": "a", "type": 1, "timeInQueue": 4 })
        ));
        assert!(!holds(
            kind,
            &sent,
            &json!({ "name": "a", "type": 1, "timeInQueue": 3, "weight": 0.4 })
        ));
    }

    /// An account whose lists end when a test says so.
    struct Gated {
        begun: AtomicUsize,
        gate: Semaphore,
    }

    impl Reader for Gated {
        async fn list(&self, _: KindId, _: Option<&RemoteId>) -> Result<Vec<Value>, ApiError> {
            self.begun.fetch_add(1, Ordering::SeqCst);
            self.gate
                .acquire()
                .await
                .map(tokio::sync::SemaphorePermit::forget)
                .unwrap_or_default();
            Ok(Vec::new())
        }

        async fn get(&self, _: &Address) -> Result<ApiItem, ApiError> {
            Err(ApiError::NotFound("nothing".to_owned()))
        }
    }

    /// Asks for the rows, and notes that it did.
    async fn ask(listing: Arc<Listing>, account: Arc<Gated>, questions: Arc<AtomicUsize>) -> bool {
        questions.fetch_add(1, Ordering::SeqCst);
        listing.rows(account.as_ref()).await.is_ok()
    }

    #[tokio::test]
    async fn a_list_is_begun_after_the_question_and_shared_by_those_who_wait() {
        let account = Arc::new(Gated {
            begun: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        });
        let listing = Arc::new(Listing::new(KindId::known("Goal"), None));
        let questions = Arc::<AtomicUsize>::default();
        let mut asking = JoinSet::new();
        for (more, all) in [(1, 1), (10, 11)] {
            for _ in 0..more {
                let (listing, account) = (Arc::clone(&listing), Arc::clone(&account));
                asking.spawn(ask(listing, account, Arc::clone(&questions)));
            }
            while questions.load(Ordering::SeqCst) < all {
                yield_now().await;
            }
        }
        account.gate.add_permits(2);
        assert!(asking.join_all().await.into_iter().all(|is_ok| is_ok));
        let begun = || account.begun.load(Ordering::SeqCst);
        assert_eq!(begun(), 2, "ten share the second list");
        account.gate.add_permits(1);
        assert!(listing.rows(account.as_ref()).await.is_ok());
        assert_eq!(begun(), 3, "an old list is no answer");
    }
}
