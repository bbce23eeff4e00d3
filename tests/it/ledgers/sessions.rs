//! Whole sessions on every store: crashes, and two runs at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use campaignctl::ledger::{
    Backend, Holder, JournalEvent, LedgerError, LedgerSession, LedgerStore, Terms,
};
use campaignctl::live::Entry;
use campaignctl::manifest::Key;
use campaignctl::name::RemoteId;
use campaignctl::plan::StepVerb;
use serde_json::json;

use super::Place;
use super::server::{Dialect, StateServer};

pub(super) const ACCOUNT: &str = "10000001";

/// A computer: where a journal is.
pub(super) struct Computer(Arc<tempfile::TempDir>);

/// A ledger as a computer has it. The computer is there for as long as it is: a lock would make its folder again, and nobody
/// would take that away.
pub(super) struct StoreOn {
    store: LedgerStore,
    computer: Arc<tempfile::TempDir>,
}

impl Computer {
    pub(super) fn new() -> Self {
        Self(Arc::new(tempfile::tempdir().unwrap()))
    }

    pub(super) fn store(&self, backend: Arc<dyn Backend>) -> StoreOn {
        let local = self.0.path().join("ledger/production.json");
        self.with(LedgerStore::remote(backend, local, ACCOUNT))
    }

    pub(super) fn on(&self, place: &Place) -> StoreOn {
        match place {
            Place::File(folder) => {
                let file = folder.path().join("ledger.json");
                self.with(LedgerStore::new(file, ACCOUNT))
            }
            place => self.store(place.connect()),
        }
    }

    fn with(&self, store: LedgerStore) -> StoreOn {
        StoreOn {
            store,
            computer: Arc::clone(&self.0),
        }
    }
}

impl StoreOn {
    pub(super) fn with_terms(self, terms: Terms) -> Self {
        Self {
            store: self.store.with_terms(terms),
            ..self
        }
    }
}

impl std::ops::Deref for StoreOn {
    type Target = LedgerStore;

    fn deref(&self) -> &LedgerStore {
        &self.store
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_computer_once_its_ledger_is_not_used_any_more() {
    let place = super::Kind::Memory.start().await;
    let store = Computer::new().on(&place);
    let folder = store.computer.path().to_owned();
    lock(&store, "ann").await.unwrap().release().await.unwrap();
    assert!(folder.join("ledger").is_dir());
    drop(store);
    assert!(!folder.exists());
}

pub(super) async fn lock(store: &LedgerStore, who: &str) -> Result<LedgerSession, LedgerError> {
    let holder = Holder {
        who: who.to_owned(),
        since: "2026-09-01T00:00:00Z".to_owned(),
    };
    store.lock(&holder, &format!("line of {who}")).await
}

fn key(name: &str) -> Key {
    format!("Goal/{name}").parse().unwrap()
}

pub(super) fn bound(name: &str) -> JournalEvent {
    JournalEvent::Bound {
        key: key(name),
        entry: Box::new(Entry {
            protect: false,
            observed: false,
            id: RemoteId::from("4100000101"),
            parent: None,
            display_name: name.to_owned(),
            applied: json!({}).into(),
            vocabulary: campaignctl::kinds::words::VOCABULARY,
            file: "goals.yaml".to_owned(),
            link: None,
            at: "2026-09-01T00:00:00Z".to_owned(),
            plan: "p1".to_owned(),
        }),
        kept: None,
    }
}

pub(super) fn started(name: &str) -> JournalEvent {
    JournalEvent::Started {
        step: 0,
        key: key(name),
        verb: StepVerb::Create,
        draft: None,
        target: None,
    }
}

pub(super) async fn names(store: &LedgerStore) -> Vec<String> {
    let ledger = store.load("unused").await.unwrap().ledger;
    ledger
        .entries
        .keys()
        .map(|key| key.name.to_string())
        .collect()
}

#[tokio::test]
async fn a_run_loads_once_and_stores_once() {
    let place = Place::Http(StateServer::start(Dialect::Plain).await);
    let Place::Http(server) = &place else {
        unreachable!()
    };
    let store = Computer::new().on(&place);
    let mut session = lock(&store, "ann").await.unwrap();
    assert!(!session.is_stored());
    for number in 0..50 {
        session.record(bound(&format!("goal-{number}"))).unwrap();
    }
    session.commit().await.unwrap();
    // The GET before each POST is the comparison that stands for the conditional write the protocol lacks; the one
    // behind it reads back what was stored. The first POST writes the journal, the second one folds it in.
    let requests = [
        "LOCK", "GET", "GET", "POST", "GET", "GET", "POST", "GET", "UNLOCK",
    ];
    assert_eq!(server.take_log(), requests);
    let session = lock(&store, "ann").await.unwrap();
    assert!(session.is_stored());
    session.commit().await.unwrap();
    assert_eq!(
        server.take_log(),
        ["LOCK", "GET", "UNLOCK"],
        "nothing changed"
    );
}

#[tokio::test]
async fn a_crash_between_two_steps_loses_nothing() {
    for place in Place::every().await {
        let computer = Computer::new();
        let store = computer.on(&place);
        let mut session = lock(&store, "ann").await.unwrap();
        session.record(bound("before")).unwrap();
        session.commit().await.unwrap();

        let mut session = lock(&store, "ann").await.unwrap();
        session
            .record(JournalEvent::PlanUsed { plan: "p2".into() })
            .unwrap();
        session.record(bound("done")).unwrap();
        session.record(started("begun")).unwrap();
        session.durable().await.unwrap(); // as before each write to the account
        drop(session); // the process is gone; a remote lock is not

        assert_eq!(
            names(&store).await,
            ["before", "done"],
            "a plan sees it, too"
        );
        if !place.is_local() {
            let error = lock(&store, "ann").await.unwrap_err();
            assert!(matches!(error, LedgerError::Locked { .. }), "{error}");
            let held = store.holder().await.unwrap().unwrap();
            store.break_lock(&held).await.unwrap();
        }
        let mut session = lock(&store, "ann").await.unwrap();
        let open: Vec<_> = session
            .ledger()
            .unfinished
            .iter()
            .map(|it| it.key.clone())
            .collect();
        assert_eq!(open, [key("begun")]);
        session.record(bound("begun")).unwrap();
        let serial = session.commit().await.unwrap().serial;
        assert!(serial == 2 || matches!(place, Place::Http(_)), "{serial}");
        assert!(!store.journal_path().exists());
        assert_eq!(
            names(&computer.on(&place)).await,
            ["before", "begun", "done"]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_never_both_write() {
    for place in Place::every().await {
        let computers: Vec<_> = (0..4).map(|_| Computer::new()).collect();
        let stored = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = computers
            .iter()
            .enumerate()
            .map(|(number, computer)| {
                let (store, stored) = (computer.on(&place), Arc::clone(&stored));
                tokio::spawn(async move {
                    for round in 0..5 {
                        match lock(&store, &format!("run {number}")).await {
                            Ok(mut session) => {
                                let name = format!("goal-{number}-{round}");
                                session.record(bound(&name)).unwrap();
                                tokio::task::yield_now().await;
                                session.commit().await.unwrap();
                                stored.fetch_add(1, Ordering::SeqCst);
                            }
                            // A store may be too busy with the others to say whose the lock is.
                            Err(
                                LedgerError::Locked { .. }
                                | LedgerError::Unavailable { doing: "lock", .. },
                            ) => {
                                tokio::task::yield_now().await;
                            }
                            Err(error) => panic!("{error}"),
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let ledger = computers[0].on(&place).load("x").await.unwrap().ledger;
        let count = stored.load(Ordering::SeqCst);
        assert!(count > 0);
        assert_eq!(ledger.entries.len(), count);
        let is_counted = ledger.serial == count as u64;
        assert!(
            is_counted || matches!(place, Place::Http(_)),
            "{}",
            ledger.serial
        );
    }
}

#[tokio::test]
async fn a_run_whose_lock_was_broken_does_not_write_over_the_next_one() {
    for place in Place::every().await {
        if place.is_local() {
            continue; // nobody can break it
        }
        let (slow, quick) = (Computer::new(), Computer::new());
        let (slow, quick) = (slow.on(&place), quick.on(&place));
        let mut late = lock(&slow, "slow").await.unwrap();
        late.record(bound("late")).unwrap();
        let held = quick.holder().await.unwrap().unwrap();
        quick.break_lock(&held).await.unwrap();
        let mut session = lock(&quick, "quick").await.unwrap();
        session.record(bound("quick")).unwrap();
        session.commit().await.unwrap();

        let error = late.commit().await.unwrap_err();
        assert_eq!(names(&quick).await, ["quick"]);
        assert!(matches!(error, LedgerError::Lost { .. }), "{error}");
        assert!(error.to_string().ends_with("it was removed"), "{error}");
        assert!(lock(&slow, "slow").await.is_ok());
    }
}

#[tokio::test]
async fn a_lost_ledger_is_a_new_one() {
    for place in Place::every().await {
        let store = Computer::new().on(&place);
        let loaded = store.load("line-1").await.unwrap();
        assert_eq!((loaded.is_stored(), loaded.ledger.serial), (false, 0));
    }
}
