//! Sessions on stores that fail, and ledgers that cannot be read.

use std::path::PathBuf;
use std::sync::Arc;

use campaignctl::ledger::{
    Backend, Grant, Holder, LedgerError, StoreAnswer, Stored, StoredLedger, StoredWrite, Ticket,
    Version,
};
use serde_json::json;

use super::server::{Dialect, StateServer};
use super::sessions::{ACCOUNT, Computer, bound, lock};
use super::{Kind, Place};

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_left_alone() {
    let ledger = |format: &str, account: &str| {
        json!({ "format": format, "account": account, "lineage": "l", "serial": 1, "entries": {} })
            .to_string()
    };
    let texts = [
        ("{\"serial\":1".to_owned(), "it is not JSON"),
        (
            ledger("campaignctl.ledger/v9", ACCOUNT),
            "a later version of campaignctl: its format is `campaignctl.ledger/v9`",
        ),
        (
            ledger("campaignctl.ledger/v1", "20000002"),
            "belongs to account `20000002`",
        ),
        (
            "{\"version\":4,\"serial\":1}".to_owned(),
            "it has no `format`",
        ),
    ];
    for (text, complaint) in texts {
        for place in Place::every().await {
            let (backend, store) = (place.connect(), Computer::new().on(&place));
            let ticket = Ticket::new(&Holder {
                who: "x".into(),
                since: "y".into(),
            });
            let grant = backend.lock(&ticket, None).await.unwrap();
            if let Place::Http(server) = &place {
                server.put(&text);
            } else {
                let bytes = text.clone().into_bytes();
                backend.store(bytes, None, &grant).await.unwrap();
            }
            backend.unlock(grant, false).await.unwrap();
            for error in [
                store.load("l").await.map(drop).unwrap_err(),
                lock(&store, "ann").await.map(drop).unwrap_err(),
            ] {
                assert!(error.to_string().contains(complaint), "{error}");
            }
            assert_eq!(
                backend.load().await.unwrap().unwrap().bytes,
                text.as_bytes()
            );
            assert_eq!(
                backend.holder().await.unwrap(),
                None,
                "the lock is given back"
            );
        }
    }
}

/// A store that carries a write out and then fails, or fails without.
#[derive(Debug)]
struct Unlucky {
    inner: Arc<dyn Backend>,
    writes: bool,
}

impl Backend for Unlucky {
    fn place(&self) -> String {
        self.inner.place()
    }
    fn load(&self) -> StoreAnswer<'_, Option<Stored>> {
        self.inner.load()
    }
    fn store<'a>(
        &'a self,
        bytes: Vec<u8>,
        expected: Option<&'a Version>,
        grant: &'a Grant,
    ) -> StoreAnswer<'a, StoredWrite> {
        Box::pin(async move {
            if self.writes {
                self.inner.store(bytes, expected, grant).await?;
                return Ok(StoredWrite::Stale); // as a store says that repeats a write on its own
            }
            Err(LedgerError::Unavailable {
                ledger: self.place(),
                doing: "write",
                why: "the disk is full".to_owned(),
            })
        })
    }
    fn lock<'a>(&'a self, ticket: &'a Ticket, over: Option<&'a Ticket>) -> StoreAnswer<'a, Grant> {
        self.inner.lock(ticket, over)
    }
    fn keeps_journal(&self) -> bool {
        self.inner.keeps_journal()
    }
    fn read(&self) -> StoreAnswer<'_, StoredLedger> {
        self.inner.read()
    }
    fn keep<'a>(&'a self, grant: &'a mut Grant, lines: &'a [u8]) -> StoreAnswer<'a, StoredWrite> {
        self.inner.keep(grant, lines)
    }
    fn unlock(&self, grant: Grant, folded: bool) -> StoreAnswer<'_, ()> {
        self.inner.unlock(grant, folded)
    }
    fn holder(&self) -> StoreAnswer<'_, Option<Ticket>> {
        self.inner.holder()
    }
    fn break_lock<'a>(&'a self, held: &'a Ticket) -> StoreAnswer<'a, ()> {
        self.inner.break_lock(held)
    }
}

#[tokio::test]
async fn a_write_whose_answer_got_lost_is_a_write() {
    for place in Place::every().await {
        let computer = Computer::new();
        for writes in [false, true] {
            let inner = place.connect();
            let store = computer.store(Arc::new(Unlucky { inner, writes }));
            let mut session = lock(&store, "ann").await.unwrap();
            session.record(bound("a")).unwrap();
            let result = session.commit().await;
            assert_eq!(result.is_ok(), writes, "{result:?}");
            let loaded = store.load("x").await.unwrap();
            assert_eq!(loaded.has_journal(), !writes);
            assert!(!loaded.ledger.entries.is_empty(), "nothing is lost");
        }
        let inner = place.connect();
        let ledger = computer.store(inner).load("x").await.unwrap().ledger;
        assert_eq!(ledger.entries.len(), 1);
        assert!(ledger.serial == 1 || matches!(place, Place::Http(_)));
    }
    let place = Place::Http(StateServer::start(Dialect::GitLab).await);
    let Place::Http(server) = &place else {
        unreachable!()
    };
    let store = Computer::new().on(&place);
    let mut session = lock(&store, "ann").await.unwrap();
    session.record(bound("a")).unwrap();
    server.lose("POST");
    session.commit().await.unwrap();
    assert!(server.state().unwrap().contains("Goal/a"));

    let place = Kind::Bucket.start().await;
    let Place::Bucket(bucket) = &place else {
        unreachable!()
    };
    let store = Computer::new().on(&place);
    for (serial, name) in [(1, "a"), (2, "b")] {
        let mut session = lock(&store, "ann").await.unwrap();
        session.record(bound(name)).unwrap();
        bucket.lose(axum::http::Method::PUT);
        assert_eq!(session.commit().await.unwrap().serial, serial);
    }
}

#[tokio::test]
async fn what_a_server_says_it_stored_is_read_back() {
    for dialect in [Dialect::Plain, Dialect::GitLab] {
        let place = Place::Http(StateServer::start(dialect).await);
        let Place::Http(server) = &place else {
            unreachable!()
        };
        let store = Computer::new().on(&place);
        let mut session = lock(&store, "ann").await.unwrap();
        session.record(bound("a")).unwrap();
        server.forget();
        let error = session.commit().await.unwrap_err().to_string();
        assert!(error.contains("holds something else"), "{error}");
    }
}

#[tokio::test]
async fn a_page_to_sign_in_on_is_no_success() {
    for dialect in [Dialect::Plain, Dialect::GitLab] {
        let place = Place::Http(StateServer::start(dialect).await);
        let Place::Http(server) = &place else {
            unreachable!()
        };
        let store = Computer::new().on(&place);
        let mut session = lock(&store, "ann").await.unwrap();
        session.record(bound("a")).unwrap();
        server.sign_in();
        let page =
            |error: LedgerError| assert!(matches!(error, LedgerError::Page { .. }), "{error}");
        let error = session.durable().await.unwrap_err().to_string();
        assert!(
            error.ends_with("the server answered with a web page"),
            "{error}"
        );
        drop(session);
        page(lock(&store, "bob").await.map(drop).unwrap_err());
        page(store.load("l").await.map(drop).unwrap_err());
        page(store.holder().await.map(drop).unwrap_err());
    }
}

#[tokio::test]
async fn secrets_are_in_no_message() {
    let server = StateServer::start(Dialect::Plain).await;
    let mut settings = super::http_settings(&server);
    let secret = "ledger-password";
    assert!(!format!("{settings:?}").contains(secret));
    // The server repeats the password in its answer.
    settings.credentials = Some(("bob".to_owned(), campaignctl::name::Secret::new(secret)));
    let backend = campaignctl::ledger::HttpLedger::new(settings).unwrap();
    let error = backend.load().await.unwrap_err();
    assert!(matches!(error, LedgerError::Denied { .. }), "{error}");
    let text = format!("{error} {error:?} {backend:?}");
    assert!(text.contains("401") && !text.contains(secret), "{text}");

    for (address, complaint) in [
        (
            "https://ann:hunter2@git.example/state",
            "credentials are not allowed in",
        ),
        (
            "ftp://ann:hunter2@git.example/state",
            "credentials are not allowed in",
        ),
        (
            "ftp://git.example/state",
            "`ftp://` is not supported for a ledger",
        ),
        ("s3://bucket", "it needs a bucket and a key"),
        ("http://git.example/state", "over `https://` only"),
    ] {
        let location = campaignctl::ledger::LedgerLocation {
            address: address.to_owned(),
            root: PathBuf::new(),
            local: PathBuf::from("x"),
            account: ACCOUNT.to_owned(),
            options: vec![(
                "AWS_SECRET_ACCESS_KEY".into(),
                campaignctl::name::Secret::new("hunter2"),
            )],
            credentials: Some(("ann".into(), campaignctl::name::Secret::new("hunter2"))),
            lock: campaignctl::ledger::HttpLock::default(),
            terms: campaignctl::ledger::Terms::default(),
            who: "tester".to_owned(),
        };
        let error = campaignctl::ledger::open(&location).map(drop).unwrap_err();
        let text = format!("{error} {error:?} {location:?}").replace(address, "");
        assert!(text.contains(complaint), "{text}");
        assert!(
            !error.to_string().contains("hunter2") && !text.contains("hunter2"),
            "{text}"
        );
    }
}
