//! Crashes at every point, and the lock.

use serde_json::json;

use super::*;
use crate::live::{Entry, LEDGER_FORMAT};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::Verb;

fn key(name: &str) -> Key {
    format!("Goal/{name}").parse().unwrap()
}

fn bound(name: &str, id: &str) -> Event {
    Event::Bound {
        key: key(name),
        entry: Box::new(Entry {
            protect: false,
            id: RemoteId::from(id),
            parent: None,
            display_name: name.to_owned(),
            applied: json!({ "displayName": name }),
            file: "goals.yaml".to_owned(),
            at: "2026-09-01T00:00:00Z".to_owned(),
            plan: "p1".to_owned(),
        }),
    }
}

fn started(step: usize, name: &str) -> Event {
    Event::Started {
        step,
        key: key(name),
        verb: Verb::Create,
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
    store: Store,
}

impl Fixture {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger/sandbox.json");
        Self {
            _directory: directory,
            store: Store::new(path, "10000001"),
        }
    }

    fn lock(&self) -> Session {
        self.store.lock(&holder("ann@here"), "line-1").unwrap()
    }

    fn journal(&self) -> std::path::PathBuf {
        self.store.journal_path()
    }
}

#[test]
fn a_missing_ledger_is_a_new_one_and_reading_writes_nothing() {
    let fixture = Fixture::new();
    let loaded = fixture.store.load("line-1").unwrap();
    assert_eq!(
        (loaded.ledger.serial, loaded.ledger.lineage.as_str()),
        (0, "line-1")
    );
    assert!(!fixture.store.path().parent().unwrap().exists());
}

#[test]
fn a_commit_folds_the_journal_and_counts() {
    let fixture = Fixture::new();
    let mut session = fixture.lock();
    session
        .record(Event::PlanUsed { plan: "p1".into() })
        .unwrap();
    session.record(bound("a", "1")).unwrap();
    session.record(bound("b", "2")).unwrap();
    session.record(Event::Unbound { key: key("a") }).unwrap();
    let ledger = session.commit().unwrap();
    assert_eq!(ledger.serial, 1);
    assert!(!fixture.journal().exists());
    let loaded = fixture.store.load("other").unwrap();
    assert_eq!(loaded.ledger, ledger);
    assert_eq!(
        loaded.ledger.entries.keys().collect::<Vec<_>>(),
        [&key("b")]
    );
    assert_eq!(loaded.ledger.used_plans, ["p1"]);
    assert_eq!(
        fixture.lock().commit().unwrap().serial,
        1,
        "nothing changed"
    );
}

#[test]
fn a_crash_loses_nothing_that_was_recorded() {
    let fixture = Fixture::new();
    let mut session = fixture.lock();
    session
        .record(Event::PlanUsed { plan: "p1".into() })
        .unwrap();
    session.record(started(0, "a")).unwrap();
    session.record(bound("a", "1")).unwrap();
    session.record(Event::Finished { step: 0 }).unwrap();
    session.record(started(1, "b")).unwrap();
    drop(session);

    let loaded = fixture.store.load("unused").unwrap();
    assert_eq!(
        loaded.ledger.lineage, "line-1",
        "the journal knows its lineage"
    );
    assert!(loaded.ledger.entries.contains_key(&key("a")));

    let mut session = fixture.lock();
    let open: Vec<_> = session.interrupted().iter().map(|open| &open.key).collect();
    assert_eq!(open, [&key("b")]);
    session.record(bound("b", "2")).unwrap();
    drop(session); // a second crash
    let ledger = fixture.lock().commit().unwrap();
    assert_eq!((ledger.serial, ledger.entries.len()), (1, 2));
    assert!(!fixture.journal().exists());
}

#[test]
fn a_journal_may_be_torn_at_any_byte() {
    let fixture = Fixture::new();
    let mut session = fixture.lock();
    session.record(bound("a", "1")).unwrap();
    session.record(bound("b", "2")).unwrap();
    drop(session);
    let whole = std::fs::read(fixture.journal()).unwrap();
    for end in 0..=whole.len() {
        std::fs::write(fixture.journal(), &whole[..end]).unwrap();
        let lines = whole[..end].split(|byte| *byte == b'\n').count() - 1;
        let loaded = fixture.store.load("line-1").unwrap();
        assert_eq!(
            loaded.ledger.entries.len(),
            lines.saturating_sub(1),
            "{end}"
        );
    }
    // Writing goes on behind the last whole line.
    std::fs::write(fixture.journal(), &whole[..whole.len() - 3]).unwrap();
    let mut session = fixture.lock();
    session.record(bound("c", "3")).unwrap();
    drop(session);
    let entries = fixture.store.load("line-1").unwrap().ledger.entries;
    assert_eq!(
        entries.into_keys().collect::<Vec<_>>(),
        [key("a"), key("c")]
    );
}

#[test]
fn a_journal_that_was_folded_in_is_ignored() {
    let fixture = Fixture::new();
    let mut session = fixture.lock();
    session.record(bound("a", "1")).unwrap();
    drop(session);
    let journal = std::fs::read(fixture.journal()).unwrap();
    let mut session = fixture.lock();
    session.record(Event::Unbound { key: key("a") }).unwrap();
    session.commit().unwrap();
    std::fs::write(fixture.journal(), journal).unwrap(); // as if the removal had not happened
    assert!(fixture.store.load("x").unwrap().ledger.entries.is_empty());
    let mut session = fixture.lock();
    session.record(bound("b", "2")).unwrap();
    drop(session);
    let ledger = fixture.lock().commit().unwrap();
    assert_eq!(ledger.entries.into_keys().collect::<Vec<_>>(), [key("b")]);
}

#[test]
fn what_is_not_our_ledger_is_refused() {
    let fixture = Fixture::new();
    let path = fixture.store.path();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let ledger = |format: &str, account: &str| {
        json!({ "format": format, "account": account, "lineage": "l", "serial": 0, "entries": {} })
            .to_string()
    };
    for (text, complaint) in [
        ("{".to_owned(), "it is not JSON"),
        ("{}".to_owned(), "its format is none"),
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
        let error = fixture.store.load("l").unwrap_err().to_string();
        assert!(error.contains(complaint), "{error}");
    }
}

#[test]
fn a_second_writer_is_told_who_the_first_one_is() {
    let fixture = Fixture::new();
    let first = fixture.lock();
    let error = fixture.store.lock(&holder("bob@there"), "x").unwrap_err();
    let text = error.to_string();
    assert!(
        text.ends_with("is locked by ann@here since 2026-09-01T00:00:00Z"),
        "{text}"
    );
    assert!(fixture.store.load("x").is_ok(), "reading needs no lock");
    drop(first);
    assert!(fixture.store.lock(&holder("bob@there"), "x").is_ok());
}
