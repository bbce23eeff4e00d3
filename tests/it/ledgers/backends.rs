//! What every store of ledgers must do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::Method;
use campaignctl::ledger::{Backend, Holder, LedgerError, ObjectLedger, StoredWrite, Ticket};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;

use super::server::{Dialect, StateServer};
use super::{Kind, Place};

fn ticket(who: &str) -> Ticket {
    Ticket::new(&Holder {
        who: who.to_owned(),
        since: "2026-09-01T00:00:00Z".to_owned(),
    })
}

/// A ledger with this serial, as GitLab wants to see one.
fn text(serial: u64) -> Vec<u8> {
    format!("{{\"serial\":{serial}}}").into_bytes()
}

#[tokio::test]
async fn what_is_stored_is_loaded_and_replaces_only_what_was_loaded() {
    for place in Place::every().await {
        let backend = place.connect();
        assert_eq!(backend.load().await.unwrap(), None, "{backend:?}");
        let grant = backend.lock(&ticket("ann"), None).await.unwrap();
        let write = backend.store(text(1), None, &grant).await.unwrap();
        assert_eq!(write, StoredWrite::Done);
        let first = place.connect().load().await.unwrap().unwrap();
        assert_eq!(first.bytes, text(1));

        let again = backend.store(text(2), None, &grant).await.unwrap();
        assert_eq!(
            again,
            StoredWrite::Stale,
            "{backend:?}: there is one already"
        );
        let write = backend.store(text(2), Some(&first.version), &grant);
        assert_eq!(write.await.unwrap(), StoredWrite::Done);
        let write = backend.store(text(3), Some(&first.version), &grant);
        assert_eq!(write.await.unwrap(), StoredWrite::Stale, "{backend:?}");
        assert_eq!(backend.load().await.unwrap().unwrap().bytes, text(2));
        backend.unlock(grant, false).await.unwrap();
    }
}

#[tokio::test]
async fn one_holds_the_lock_and_the_others_are_told_who() {
    for place in Place::every().await {
        let (ann, bob) = (place.connect(), place.connect());
        assert_eq!(ann.holder().await.unwrap(), None);
        let grant = ann.lock(&ticket("ann"), None).await.unwrap();
        let LedgerError::Locked {
            ledger,
            ticket: held,
        } = bob.lock(&ticket("bob"), None).await.unwrap_err()
        else {
            panic!("{bob:?}");
        };
        assert_eq!((ledger, held.holder.who.as_str()), (bob.place(), "ann"));
        assert_eq!(held.holder.since, "2026-09-01T00:00:00Z");
        assert_eq!(bob.holder().await.unwrap().as_ref(), Some(&held));
        assert!(bob.load().await.is_ok(), "reading needs no lock");
        ann.unlock(grant, false).await.unwrap();
        assert_eq!(bob.holder().await.unwrap(), None);
        let grant = bob.lock(&ticket("bob"), None).await.unwrap();
        bob.unlock(grant, false).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_gets_the_lock() {
    for place in Place::every().await {
        let got = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let (backend, got) = (place.connect(), Arc::clone(&got));
                tokio::spawn(async move {
                    match backend.lock(&ticket(&format!("run {number}")), None).await {
                        Ok(grant) => {
                            got.fetch_add(1, Ordering::SeqCst);
                            Some(grant)
                        }
                        Err(LedgerError::Locked { .. }) => None,
                        Err(error) => panic!("{error}"),
                    }
                })
            })
            .collect();
        let mut grants = Vec::new(); // held until all have asked
        for task in tasks {
            grants.extend(task.await.unwrap());
        }
        assert_eq!(got.load(Ordering::SeqCst), 1, "{:?}", place.connect());
        for grant in grants {
            place.connect().unlock(grant, false).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_lock_that_was_left_behind_is_broken_by_hand_only() {
    for place in Place::every().await {
        let backend = place.connect();
        let grant = backend.lock(&ticket("dead"), None).await.unwrap();
        let held = backend.holder().await.unwrap().unwrap();
        if place.is_local() {
            let error = backend.break_lock(&held).await.unwrap_err();
            assert!(matches!(error, LedgerError::Unbreakable { .. }), "{error}");
            drop(grant); // as the operating system does for a dead process
            backend.break_lock(&held).await.unwrap();
            continue;
        }
        drop(grant); // a remote lock outlives its process
        assert!(backend.lock(&ticket("next"), None).await.is_err());
        backend.break_lock(&held).await.unwrap();
        assert_eq!(backend.holder().await.unwrap(), None);

        // Somebody took it meanwhile: breaking the old one must not hit the new one.
        let next = backend.lock(&ticket("next"), None).await.unwrap();
        let error = backend.break_lock(&held).await.unwrap_err();
        assert!(matches!(error, LedgerError::Locked { .. }), "{error}");
        assert_eq!(backend.holder().await.unwrap().unwrap().holder.who, "next");
        backend.unlock(next, false).await.unwrap();
    }
}

#[tokio::test]
async fn giving_back_a_lock_that_was_broken_leaves_the_next_one_alone() {
    for place in Place::every().await {
        if place.is_local() {
            continue; // nobody can break it
        }
        let backend = place.connect();
        let grant = backend.lock(&ticket("slow"), None).await.unwrap();
        backend.break_lock(&grant.ticket).await.unwrap();
        let next = backend.lock(&ticket("next"), None).await.unwrap();
        backend.unlock(grant, false).await.unwrap();
        assert_eq!(backend.holder().await.unwrap().unwrap().holder.who, "next");
        backend.unlock(next, false).await.unwrap();
    }
}

/// The library's store on the local file system has no conditional update: that must be found out before
/// anything is written, and leave no lock behind.
#[tokio::test]
async fn a_store_without_conditional_writes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    let backend = ObjectLedger::new(store, Path::from("a/ledger.json"), "file store");
    assert_eq!(backend.load().await.unwrap(), None);
    let error = backend.lock(&ticket("ann"), None).await.unwrap_err();
    assert!(matches!(error, LedgerError::Unsupported { .. }), "{error}");
    assert_eq!(backend.holder().await.unwrap(), None);
}

#[tokio::test]
async fn an_answer_that_got_lost_is_no_second_lock() {
    for dialect in [Dialect::Plain, Dialect::GitLab] {
        let place = Place::Http(StateServer::start(dialect).await);
        let Place::Http(server) = &place else {
            unreachable!()
        };
        let backend = place.connect();
        server.lose("LOCK");
        let grant = backend.lock(&ticket("ann"), None).await.unwrap();
        server.lose("UNLOCK");
        backend.unlock(grant, false).await.unwrap();
        assert!(server.lock().is_none());
    }
    let place = Kind::Bucket.start().await;
    let Place::Bucket(bucket) = &place else {
        unreachable!()
    };
    let backend = place.connect();
    bucket.lose(Method::PUT);
    let grant = backend.lock(&ticket("ann"), None).await.unwrap();
    bucket.lose(Method::PUT);
    backend.unlock(grant, false).await.unwrap();
    assert_eq!(backend.holder().await.unwrap(), None);
}

#[tokio::test]
async fn a_conflict_is_nobodys_lock() {
    let place = Kind::Bucket.start().await;
    let Place::Bucket(bucket) = &place else {
        unreachable!()
    };
    let backend = place.connect();
    bucket.conflict(2);
    let grant = backend.lock(&ticket("ann"), None).await.unwrap();
    bucket.conflict(2);
    let written = backend.store(b"{}".to_vec(), None, &grant).await.unwrap();
    assert_eq!(written, StoredWrite::Done);
    bucket.conflict(2);
    backend.unlock(grant, false).await.unwrap();
    assert_eq!(backend.holder().await.unwrap(), None);
    // Of two that met, the one that comes second is told who was first.
    let other = serde_json::to_string(&ticket("bob")).unwrap();
    bucket.meanwhile(&other);
    bucket.conflict(1);
    let error = backend
        .lock(&ticket("ann"), None)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("is locked by bob since"), "{error}");
}

#[tokio::test]
async fn a_store_that_never_accepts_is_no_lock_either() {
    let place = Kind::Bucket.start().await;
    let Place::Bucket(bucket) = &place else {
        unreachable!()
    };
    bucket.conflict(usize::MAX);
    let error = place
        .connect()
        .lock(&ticket("ann"), None)
        .await
        .unwrap_err();
    insta::assert_snapshot!(error, @"cannot lock the ledger `s3://ledgers/shop/production.json`: the store kept refusing a write whose condition is met: others may be writing at this moment, try again");
}

#[tokio::test]
async fn a_lock_that_somebody_took_in_the_last_moment_stays() {
    let place = Kind::Bucket.start().await;
    let Place::Bucket(bucket) = &place else {
        unreachable!()
    };
    let (backend, bob) = (place.connect(), ticket("bob"));
    let other = serde_json::to_string(&bob).unwrap();
    let grant = backend.lock(&ticket("ann"), None).await.unwrap();
    // It was read as ours, and is another one when it is written over.
    bucket.meanwhile(&other);
    backend.unlock(grant, false).await.unwrap();
    assert_eq!(backend.holder().await.unwrap().as_ref(), Some(&bob));
    let carol = ticket("carol");
    bucket.meanwhile(&serde_json::to_string(&carol).unwrap());
    let error = backend.break_lock(&bob).await.unwrap_err().to_string();
    assert!(error.contains("is locked by carol since"), "{error}");
    assert_eq!(backend.holder().await.unwrap(), Some(carol));
}

#[tokio::test]
async fn a_lock_of_unknown_make_is_somebodys() {
    let memory = Arc::new(InMemory::new());
    let place = Place::Memory(Arc::clone(&memory));
    let lock = Path::from("folder/ledger.json.lock");
    object_store::ObjectStoreExt::put(&*memory, &lock, "?".into())
        .await
        .unwrap();
    let error = place
        .connect()
        .lock(&ticket("ann"), None)
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.ends_with("is locked by an unknown user since an unknown time"),
        "{text}"
    );
    let held = place.connect().holder().await.unwrap().unwrap();
    place.connect().break_lock(&held).await.unwrap();
    assert_eq!(place.connect().holder().await.unwrap(), None);
}
