//! Crashes at every point, and the lock.

use serde_json::json;

use super::*;
use crate::live::{Entry, LEDGER_FORMAT};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::StepVerb;

fn key(name: &str) -> Key {
    format!("Goal/{name}").parse().unwrap()
}

fn bound(name: &str, id: &str) -> JournalEvent {
    JournalEvent::Bound {
        key: key(name),
        entry: Box::new(Entry {
            protect: false,
            observed: false,
            id: RemoteId::from(id),
            parent: None,
            display_name: name.to_owned(),
            applied: json!({ "displayName": name }).into(),
            vocabulary: crate::kinds::words::VOCABULARY,
            file: "goals.yaml".to_owned(),
            link: None,
            at: "2026-09-01T00:00:00Z".to_owned(),
            plan: "p1".to_owned(),
        }),
        kept: None,
    }
}

fn started(step: usize, name: &str) -> JournalEvent {
    JournalEvent::Started {
        step,
        key: key(name),
        verb: StepVerb::Create,
        draft: None,
        target: None,
    }
}

fn holder(who: &str) -> Holder {
    Holder {
        who: who.to_owned(),
        since: "2026-09-01T00:00:00Z".to_owned(),
    }
}

struct Fixture {
    _directory: tempfile::TempDir,
    store: LedgerStore,
    path: std::path::PathBuf,
}

impl Fixture {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger/sandbox.json");
        Self {
            _directory: directory,
            store: LedgerStore::new(&path, "10000001"),
            path,
        }
    }

    fn path(&self) -> &std::path::Path {
        &self.path
    }

    async fn lock(&self) -> LedgerSession {
        let holder = holder("ann@here");
        self.store.lock(&holder, "line-1").await.unwrap()
    }

    fn journal(&self) -> std::path::PathBuf {
        self.store.journal_path().to_owned()
    }
}

#[tokio::test]
async fn a_missing_ledger_is_a_new_one_and_reading_writes_nothing() {
    let fixture = Fixture::new();
    let loaded = fixture.store.load("line-1").await.unwrap();
    assert_eq!(
        (loaded.ledger.serial, loaded.ledger.lineage.as_str()),
        (0, "line-1")
    );
    assert!(!fixture.path().parent().unwrap().exists());
}

#[tokio::test]
async fn a_commit_folds_the_journal_and_counts() {
    let fixture = Fixture::new();
    let mut session = fixture.lock().await;
    session
        .record(JournalEvent::PlanUsed { plan: "p1".into() })
        .unwrap();
    session.record(bound("a", "1")).unwrap();
    session.record(bound("b", "2")).unwrap();
    session
        .record(JournalEvent::Unbound {
            key: key("a"),
            at: None,
        })
        .unwrap();
    let ledger = session.commit().await.unwrap();
    assert_eq!(ledger.serial, 1);
    assert!(!fixture.journal().exists());
    let loaded = fixture.store.load("other").await.unwrap();
    assert_eq!(loaded.ledger, ledger);
    assert_eq!(
        loaded.ledger.entries.keys().collect::<Vec<_>>(),
        [&key("b")]
    );
    assert_eq!(loaded.ledger.used_plans, ["p1"]);
    assert_eq!(
        fixture.lock().await.commit().await.unwrap().serial,
        1,
        "nothing changed"
    );
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_recorded() {
    let fixture = Fixture::new();
    let mut session = fixture.lock().await;
    session
        .record(JournalEvent::PlanUsed { plan: "p1".into() })
        .unwrap();
    session.record(started(0, "a")).unwrap();
    session.record(bound("a", "1")).unwrap();
    session
        .record(JournalEvent::Finished {
            step: 0,
            applied: true,
        })
        .unwrap();
    session.record(started(1, "b")).unwrap();
    drop(session);

    let loaded = fixture.store.load("unused").await.unwrap();
    assert_eq!(
        loaded.ledger.lineage, "line-1",
        "the journal knows its lineage"
    );
    assert!(loaded.ledger.entries.contains_key(&key("a")));

    let mut session = fixture.lock().await;
    let open: Vec<_> = session
        .ledger()
        .unfinished
        .iter()
        .map(|open| &open.key)
        .collect();
    assert_eq!(open, [&key("b")]);
    session.record(bound("b", "2")).unwrap();
    drop(session); // a second crash
    let ledger = fixture.lock().await.commit().await.unwrap();
    assert_eq!((ledger.serial, ledger.entries.len()), (1, 2));
    assert!(!fixture.journal().exists());
}

#[tokio::test]
async fn a_journal_may_be_torn_at_any_byte() {
    let fixture = Fixture::new();
    let mut session = fixture.lock().await;
    session.record(bound("a", "1")).unwrap();
    session.record(bound("b", "2")).unwrap();
    drop(session);
    let whole = std::fs::read(fixture.journal()).unwrap();
    for end in 0..=whole.len() {
        std::fs::write(fixture.journal(), &whole[..end]).unwrap();
        let lines = whole[..end].split(|byte| *byte == b'\n').count() - 1;
        let loaded = fixture.store.load("line-1").await.unwrap();
        assert_eq!(
            loaded.ledger.entries.len(),
            lines.saturating_sub(1),
            "{end}"
        );
    }
    // Writing goes on behind the last whole line.
    std::fs::write(fixture.journal(), &whole[..whole.len() - 3]).unwrap();
    let mut session = fixture.lock().await;
    session.record(bound("c", "3")).unwrap();
    drop(session);
    let entries = fixture.store.load("line-1").await.unwrap().ledger.entries;
    assert_eq!(
        entries.into_keys().collect::<Vec<_>>(),
        [key("a"), key("c")]
    );
}

#[tokio::test]
async fn a_journal_that_was_folded_in_is_ignored() {
    for plan in [None, Some(JournalEvent::PlanUsed { plan: "p1".into() })] {
        let fixture = Fixture::new();
        let mut session = fixture.lock().await;
        for event in plan.into_iter().chain([bound("a", "1")]) {
            session.record(event).unwrap();
        }
        let journal = std::fs::read(fixture.journal()).unwrap();
        session.commit().await.unwrap();
        std::fs::write(fixture.journal(), journal).unwrap(); // as if the removal had not happened
        let loaded = fixture.store.load("x").await.unwrap();
        assert_eq!(
            (loaded.ledger.serial, !loaded.events.is_empty()),
            (1, false)
        );
        let mut session = fixture.lock().await;
        session.record(bound("b", "2")).unwrap();
        drop(session);
        let ledger = fixture.lock().await.commit().await.unwrap();
        assert_eq!((ledger.serial, ledger.entries.len()), (2, 2));
    }
}

#[tokio::test]
async fn a_journal_that_the_ledger_left_behind_is_no_silent_loss() {
    for plan in [None, Some(JournalEvent::PlanUsed { plan: "p1".into() })] {
        let fixture = Fixture::new();
        let mut session = fixture.lock().await;
        for event in plan.into_iter().chain([bound("a", "1")]) {
            session.record(event).unwrap();
        }
        let journal = std::fs::read(fixture.journal()).unwrap();
        drop(session);
        std::fs::remove_file(fixture.journal()).unwrap();
        let mut session = fixture.lock().await; // somebody elsewhere, who has not that journal
        session.record(bound("b", "2")).unwrap();
        session.commit().await.unwrap();
        std::fs::write(fixture.journal(), journal).unwrap();
        for error in [
            fixture.store.load("x").await.unwrap_err(),
            fixture.store.lock(&holder("ann"), "x").await.unwrap_err(),
        ] {
            assert!(matches!(error, LedgerError::Diverged { .. }), "{error}");
            let text = error.to_string();
            assert!(
                text.ends_with("it continues serial 0, and serial 1 is stored"),
                "{text}"
            );
        }
        assert!(fixture.journal().exists());
    }
}

#[tokio::test]
async fn a_ledger_that_got_lost_leaves_its_journal_behind() {
    let fixture = Fixture::new();
    let mut session = fixture.lock().await;
    session.record(bound("a", "1")).unwrap();
    session.commit().await.unwrap();
    let mut session = fixture.lock().await;
    session.record(bound("b", "2")).unwrap();
    drop(session);
    std::fs::remove_file(fixture.path()).unwrap();
    let error = fixture.store.load("x").await.unwrap_err().to_string();
    assert!(
        error.ends_with("it continues serial 1, which does not exist"),
        "{error}"
    );
    std::fs::remove_file(fixture.journal()).unwrap();
    assert!(
        fixture
            .store
            .load("x")
            .await
            .unwrap()
            .ledger
            .entries
            .is_empty()
    );
}

#[tokio::test]
async fn what_is_not_our_ledger_is_refused() {
    let fixture = Fixture::new();
    let path = fixture.path();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let ledger = |format: &str, account: &str| {
        json!({ "format": format, "account": account, "lineage": "l", "serial": 0, "entries": {} })
            .to_string()
    };
    for (text, complaint) in [
        ("{".to_owned(), "it is not JSON"),
        ("{}".to_owned(), "it has no `format`"),
        (
            ledger("campaignctl.ledger/v9", "10000001"),
            "its format is `campaignctl.ledger/v9`",
        ),
        (
            ledger(LEDGER_FORMAT, "20000002"),
            "belongs to account `20000002`",
        ),
    ] {
        std::fs::write(path, text).unwrap();
        let error = fixture.store.load("l").await.unwrap_err().to_string();
        assert!(error.contains(complaint), "{error}");
    }
}

#[tokio::test]
async fn a_second_writer_is_told_who_the_first_one_is() {
    let fixture = Fixture::new();
    let first = fixture.lock().await;
    let error = fixture
        .store
        .lock(&holder("bob@there"), "x")
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.ends_with("is locked by ann@here since 2026-09-01T00:00:00Z"),
        "{text}"
    );
    assert!(
        fixture.store.load("x").await.is_ok(),
        "reading needs no lock"
    );
    drop(first);
    assert!(fixture.store.lock(&holder("bob@there"), "x").await.is_ok());
}
