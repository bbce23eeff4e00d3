//! Locks that outlive their process for a term: who may take them, and that of two runs only one ever writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use campaignctl::ledger::{
    Backend, Holder, JournalEvent, LedgerError, LedgerSession, LedgerStore, LockTerm, ObjectLedger,
    StoredWrite, Terms, Ticket, Watch,
};
use object_store::ObjectStore as _;
use object_store::path::Path;

use super::jittery::Jittery;
use super::server::Dialect;
use super::sessions::{Computer, bound, lock, names, started};
use super::{Kind, Place};

/// Rounds of takers, over a store in memory.
const ROUNDS: u64 = 1_000;

/// The shortest term that there is.
const SHORT: Terms = Terms {
    seconds: 1,
    clock: jiff::Timestamp::now,
};

fn ticket(who: &str) -> Ticket {
    let ticket = Ticket::new(&holder(who));
    ticket.lasting(LockTerm {
        seconds: 60,
        until: "2026-09-01T00:01:00Z".to_owned(),
        renewals: 0,
    })
}

fn holder(who: &str) -> Holder {
    Holder {
        who: who.to_owned(),
        since: "2026-09-01T00:00:00Z".to_owned(),
    }
}

/// Every kind of place that a lock outlives its process in.
async fn remote_places() -> Vec<Place> {
    let mut places = Place::every().await;
    places.retain(|place| !place.is_local());
    places
}

/// Takes what is held, as it is held at this moment, whoever holds it.
async fn take(place: &Place, store: &LedgerStore, who: &str) -> LedgerSession {
    let held = place.connect().holder().await.unwrap().unwrap();
    let lineage = format!("line of {who}");
    // Watched for long enough already.
    let mut watch = Watch::default();
    let before = Instant::now().checked_sub(Duration::from_hours(1));
    assert!(!watch.is_over(&held, before.unwrap(), jiff::Timestamp::now()));
    let holder = holder(who);
    let locked = store.lock_watching(&holder, &lineage, &mut watch);
    locked.await.unwrap()
}

/// What became of a round.
#[derive(Default)]
struct Tally {
    taken: u64,
    kept: u64,
}

#[tokio::test(start_paused = true)]
async fn of_two_that_take_a_lock_and_the_one_who_had_it_one_writes() {
    let mut tally = Tally::default();
    for seed in 0..ROUNDS {
        round(seed, &mut tally).await;
    }
    // Both ends of the race occur, or it would be none.
    assert!(tally.taken > ROUNDS / 10, "{}", tally.taken);
    assert!(tally.kept > ROUNDS / 10, "{}", tally.kept);
}

/// A run that stood still wakes up while two others take its lock.
async fn round(seed: u64, tally: &mut Tally) {
    let store = Jittery::new(seed);
    let connect = || {
        let memory = Arc::clone(&store) as Arc<dyn object_store::ObjectStore>;
        ObjectLedger::new(memory, Path::from("ledger.json"), "memory")
    };
    let slow = connect();
    let mut grant = slow.lock(&ticket("slow"), None).await.unwrap();
    let wakes = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            let mut renewals = 0;
            for turns in 0..seed % 5 {
                for _ in 0..turns {
                    store.turn().await;
                }
                if let Some(term) = &mut grant.ticket.term {
                    term.renewals += 1;
                }
                match slow.keep(&mut grant, b"line\n").await.unwrap() {
                    StoredWrite::Done => renewals += 1,
                    StoredWrite::Stale => break,
                }
            }
            renewals
        }
    });
    let takers: Vec<_> = ["ann", "bob"]
        .into_iter()
        .map(|who| {
            let (backend, store) = (connect(), Arc::clone(&store));
            tokio::spawn(async move {
                store.turn().await;
                let held = backend.holder().await.unwrap().unwrap();
                if held.holder.who != "slow" {
                    return false; // the other one was quicker
                }
                let mut grant = match backend.lock(&ticket(who), Some(&held)).await {
                    Ok(grant) => grant,
                    Err(LedgerError::Locked { .. }) => return false,
                    Err(error) => panic!("{error}"),
                };
                for _ in 0..3 {
                    let kept = backend.keep(&mut grant, b"line\n").await.unwrap();
                    assert_eq!(kept, StoredWrite::Done, "nobody takes the lock of {who}");
                }
                true
            })
        })
        .collect();
    let mut winners = 0;
    for taker in takers {
        winners += u64::from(taker.await.unwrap());
    }
    let renewals: u64 = wakes.await.unwrap();
    assert!(winners <= 1, "round {seed}: {winners} have the lock");
    tally.taken += winners;
    tally.kept += u64::from(renewals > 0 && winners == 0);
    one_after_the_other(seed, &store);
}

/// In the order in which the store took them, the writes of one run follow those of the other: none comes back.
fn one_after_the_other(seed: u64, store: &Jittery) {
    let puts = store.puts.lock().unwrap();
    let of_lock = puts
        .iter()
        .filter(|(key, _)| key.as_ref() == "ledger.json.lock");
    let mut runs: Vec<Ticket> = of_lock
        .map(|(_, first)| serde_json::from_str(first).unwrap())
        .collect();
    runs.dedup_by(|a, b| a.id == b.id);
    assert!(runs.len() <= 2, "round {seed}: {runs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_take_a_lock_one_gets_it() {
    for place in remote_places().await {
        for _ in 0..10 {
            let backend = place.connect();
            drop(backend.lock(&ticket("dead"), None).await.unwrap());
            let held = backend.holder().await.unwrap().unwrap();
            let got = Arc::new(AtomicU64::new(0));
            let takers: Vec<_> = (0..4)
                .map(|number| {
                    let (backend, held, got) = (place.connect(), held.clone(), Arc::clone(&got));
                    tokio::spawn(async move {
                        let taker = ticket(&format!("run {number}"));
                        match backend.lock(&taker, Some(&held)).await {
                            Ok(_) => drop(got.fetch_add(1, Ordering::SeqCst)),
                            Err(LedgerError::Locked { .. } | LedgerError::Unavailable { .. }) => {}
                            Err(error) => panic!("{error}"),
                        }
                    })
                })
                .collect();
            for taker in takers {
                taker.await.unwrap();
            }
            assert_eq!(got.load(Ordering::SeqCst), 1, "{backend:?}");
            let held = backend.holder().await.unwrap().unwrap();
            backend.break_lock(&held).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_run_that_lost_its_lock_finds_out_before_it_writes() {
    for place in remote_places().await {
        let (slow, next) = (Computer::new().on(&place), Computer::new().on(&place));
        let mut late = lock(&slow, "slow").await.unwrap();
        let fence = late.fence().unwrap();
        late.record(bound("done")).unwrap();
        late.durable().await.unwrap();
        fence.pass().await.unwrap();
        let mut session = take(&place, &next, "next").await;
        late.record(started("late")).unwrap();
        let error = late.durable().await.unwrap_err();
        assert!(matches!(error, LedgerError::Lost { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("it was taken by next since"), "{text}");
        assert!(fence.pass().await.is_err());
        assert!(late.commit().await.is_err());
        // What was durable is taken up, what was not is not.
        session.record(bound("next")).unwrap();
        session.commit().await.unwrap();
        assert_eq!(names(&next).await, ["done", "next"]);
        assert_eq!(next.holder().await.unwrap(), None);
    }
}

/// Locks as a run does that waits.
async fn lock_within(
    store: &LedgerStore,
    who: &str,
    patience: Duration,
) -> Result<LedgerSession, LedgerError> {
    let until = Instant::now() + patience;
    let mut watch = Watch::default();
    loop {
        match store.lock_watching(&holder(who), "line", &mut watch).await {
            Err(LedgerError::Locked { .. }) if Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            result => return result,
        }
    }
}

#[tokio::test]
async fn a_run_that_died_is_gone_on_with_on_a_computer_that_knows_nothing() {
    for place in remote_places().await {
        let store = Computer::new().on(&place).with_terms(SHORT);
        let mut session = lock(&store, "dead").await.unwrap();
        let plan = || "p1".to_owned();
        session
            .record(JournalEvent::PlanUsed { plan: plan() })
            .unwrap();
        session.record(bound("done")).unwrap();
        session.record(started("begun")).unwrap();
        session.durable().await.unwrap();
        drop(session);
        let next = Computer::new().on(&place);
        let loaded = next.load("x").await.unwrap();
        assert!(loaded.has_journal(), "whoever only looks is told, too");
        let session = lock_within(&next, "next", Duration::from_secs(30)).await;
        let session = session.unwrap();
        assert_eq!(session.begun().plan, Some(plan()));
        assert_eq!(session.ledger().unfinished.len(), 1);
        session.commit().await.unwrap();
        assert_eq!(names(&next).await, ["done"]);
        assert!(!next.load("x").await.unwrap().has_journal());
    }
}

#[tokio::test]
async fn a_lock_that_is_renewed_is_never_over() {
    let mut watched = tokio::task::JoinSet::new(); // each waits for some seconds
    for place in remote_places().await {
        watched.spawn(a_renewed_lock_is_kept(place));
    }
    watched.join_all().await;
}

async fn a_renewed_lock_is_kept(place: Place) {
    let store = Computer::new().on(&place).with_terms(SHORT);
    let session = lock(&store, "ann").await.unwrap();
    let next = Computer::new().on(&place);
    let error = lock_within(&next, "next", Duration::from_millis(2_500)).await;
    assert!(
        matches!(error, Err(LedgerError::Locked { .. })),
        "{error:?}"
    );
    session.durable().await.unwrap();
    session.release().await.unwrap();
    assert!(lock(&next, "next").await.is_ok());
}

#[tokio::test]
async fn what_a_run_stores_in_the_moment_it_loses_its_lock_is_kept() {
    let (place, twin) = (Kind::Memory.start().await, Kind::Memory.start().await);
    // What the slow run is about to store, made where nobody disturbs it.
    let mut session = lock(&Computer::new().on(&twin), "slow").await.unwrap();
    session.record(bound("done")).unwrap();
    session.record(bound("late")).unwrap();
    session.commit().await.unwrap();
    let bytes = twin.connect().load().await.unwrap().unwrap().bytes;

    let slow = Computer::new().on(&place);
    let mut session = lock(&slow, "slow").await.unwrap();
    session.record(bound("done")).unwrap();
    session.durable().await.unwrap();
    drop(session);
    let next = Computer::new().on(&place);
    let mut session = take(&place, &next, "next").await;
    session.record(bound("next")).unwrap();
    session.durable().await.unwrap();
    let other = Kind::Memory.start().await.connect();
    let any = other.lock(&ticket("slow"), None).await.unwrap();
    let written = place.connect().store(bytes, None, &any).await.unwrap();
    assert_eq!(written, StoredWrite::Done);
    // Also for whoever looks before the next run is done.
    assert_eq!(names(&next).await, ["done", "late", "next"]);
    assert_eq!(session.commit().await.unwrap().serial, 2);
    assert_eq!(names(&next).await, ["done", "late", "next"]);
}

#[tokio::test]
async fn a_long_journal_is_whole_and_goes_when_it_is_folded_in() {
    let place = Kind::Memory.start().await;
    let Place::Memory(memory) = &place else {
        unreachable!()
    };
    let store = Computer::new().on(&place);
    let mut session = lock(&store, "dead").await.unwrap();
    let name = |number: usize| format!("goal-{number:04}-{}", "x".repeat(40));
    for number in 0..2_000 {
        session.record(bound(&name(number))).unwrap();
        if number % 100 == 99 {
            session.durable().await.unwrap();
        }
    }
    drop(session);
    let segments = async || {
        let folder = Path::from("folder/ledger.json.journal");
        let found = memory.list_with_delimiter(Some(&folder)).await.unwrap();
        found.objects.len()
    };
    assert!(segments().await >= 2, "{}", segments().await);
    let next = Computer::new().on(&place);
    assert_eq!(names(&next).await.len(), 2_000);
    take(&place, &next, "next").await.commit().await.unwrap();
    assert_eq!(names(&next).await.len(), 2_000);
    assert_eq!(segments().await, 0);
}

#[tokio::test]
async fn what_is_durable_is_so_although_answers_get_lost() {
    for dialect in [Dialect::Plain, Dialect::GitLab] {
        let place = Kind::Http(dialect).start().await;
        let Place::Http(server) = &place else {
            unreachable!()
        };
        let store = Computer::new().on(&place);
        let mut session = lock(&store, "ann").await.unwrap();
        for name in ["a", "b", "c"] {
            session.record(bound(name)).unwrap();
            server.lose("POST");
            session.durable().await.unwrap();
        }
        assert_eq!(names(&Computer::new().on(&place)).await, ["a", "b", "c"]);
        session.commit().await.unwrap();
        assert_eq!(names(&store).await, ["a", "b", "c"]);
    }
    let place = Kind::Bucket.start().await;
    let Place::Bucket(bucket) = &place else {
        unreachable!()
    };
    let store = Computer::new().on(&place);
    let mut session = lock(&store, "ann").await.unwrap();
    for name in ["a", "b", "c"] {
        session.record(bound(name)).unwrap();
        bucket.lose(axum::http::Method::PUT);
        bucket.conflict(1);
        session.durable().await.unwrap();
    }
    drop(session);
    assert_eq!(names(&Computer::new().on(&place)).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_lock_whose_removal_went_unanswered_is_gone() {
    for dialect in [Dialect::Plain, Dialect::GitLab] {
        let place = Kind::Http(dialect).start().await;
        let Place::Http(server) = &place else {
            unreachable!()
        };
        server.be_strict();
        let backend = place.connect();
        // Looked at, given back, removed by hand, and taken over.
        server.lose("UNLOCK");
        assert_eq!(backend.holder().await.unwrap(), None);
        let grant = backend.lock(&ticket("ann"), None).await.unwrap();
        server.lose("UNLOCK");
        backend.unlock(grant, false).await.unwrap();
        drop(backend.lock(&ticket("dead"), None).await.unwrap());
        let held = backend.holder().await.unwrap().unwrap();
        server.lose("UNLOCK");
        backend.break_lock(&held).await.unwrap();
        let grant = backend.lock(&ticket("dead"), None).await.unwrap();
        server.lose("UNLOCK");
        let next = ticket("next");
        let taken = backend.lock(&next, Some(&grant.ticket)).await.unwrap();
        assert_eq!(backend.holder().await.unwrap().unwrap().id, next.id);
        backend.unlock(taken, false).await.unwrap();
        assert_eq!(backend.holder().await.unwrap(), None);
        // What is not locked cannot be given back by whoever never had it.
        assert!(backend.break_lock(&ticket("nobody")).await.is_err());
    }
}

#[tokio::test]
async fn a_look_at_a_lock_is_waited_for_and_dies_with_its_term() {
    for dialect in [Dialect::Plain, Dialect::GitLab] {
        let place = Kind::Http(dialect).start().await;
        let backend = place.connect();
        let check = ticket("a check for a lock");
        let checking = backend.lock(&check, None).await.unwrap();
        let other = place.connect();
        let ann = ticket("ann");
        let (granted, freed) = tokio::join!(other.lock(&ann, None), async {
            tokio::task::yield_now().await;
            backend.unlock(checking, false).await
        });
        freed.unwrap();
        other.unlock(granted.unwrap(), false).await.unwrap();
        // One that died in the middle of it has a term like any other lock.
        drop(backend.lock(&check, None).await.unwrap());
        let held = place.connect().lock(&ann, None).await.unwrap_err();
        let LedgerError::Locked { ticket: held, .. } = held else {
            panic!("{held}");
        };
        assert!(held.term.is_some());
        other.lock(&ann, Some(&held)).await.unwrap();
    }
}
