//! What is answered is on disk: across restarts, across processes, and never in a damaged store.

use std::collections::BTreeSet;
use std::path::Path;

use campaignctl::sandbox::{
    Sandbox, SandboxError, SandboxOptions, SandboxSettings, StoreError, StorePlace,
};
use reqwest::Method;
use serde_json::json;

use super::client::{ACCOUNT, World, send};
use crate::program::Server;

const GOALS: &str = "le-goals/goals?v=3.0";

async fn open(path: &Path) -> World {
    World::at(
        StorePlace::File(path.to_owned()),
        SandboxSettings::default(),
    )
    .await
}

fn refusal(path: &Path) -> StoreError {
    let options = SandboxOptions {
        store: StorePlace::File(path.to_owned()),
        ..SandboxOptions::in_memory(ACCOUNT, std::sync::Arc::new(|| jiff::Timestamp::UNIX_EPOCH))
    };
    match Sandbox::open(options) {
        Err(SandboxError::Store(error)) => error,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the store opened"),
    }
}

#[tokio::test]
async fn rows_revisions_and_tokens_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.db");
    let world = open(&path).await;
    let made = world
        .post(GOALS, &json!({"name": "kept"}))
        .await
        .expect(201);
    let login = world.request(Method::POST, &format!("/api/account/{ACCOUNT}/login?v=1.3"));
    let login = send(login.json(&json!({"username": "sandbox", "password": "sandbox"}))).await;
    let bearer = login.json()["bearer"].as_str().unwrap().to_owned();
    world.sandbox.shutdown().await;

    let world = open(&path).await;
    let request = world
        .request(
            Method::GET,
            &format!(
                "/api/account/{ACCOUNT}/configuration/le-goals/goals/{}?v=3.0",
                made.id()
            ),
        )
        .bearer_auth(bearer);
    let read = send(request).await.expect(200);
    assert_eq!(read.text, made.text);
    assert_eq!(read.revision, made.revision);
}

/// A copy of the files behind a running sandbox is what a killed one leaves.
#[tokio::test]
async fn an_answered_write_is_on_disk_already() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("live.db");
    let world = open(&path).await;
    let made = world
        .post(GOALS, &json!({"name": "kept"}))
        .await
        .expect(201);
    let killed = folder.path().join("killed.db");
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", path.display());
        std::fs::copy(from, format!("{}{suffix}", killed.display())).unwrap();
    }
    let after = open(&killed).await;
    let read = after
        .get(&format!("le-goals/goals/{}?v=3.0", made.id()))
        .await;
    assert_eq!(read.expect(200).text, made.text);
}

/// Several clients write at once; the process is killed as soon as so many writes were answered.
async fn killed_after(answers: usize) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let base = format!("{}/api/account/{ACCOUNT}/configuration", server.address);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (answered, mut all) = tokio::sync::mpsc::channel(100);
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..4 {
        let (base, answered) = (base.clone(), answered.clone());
        clients.spawn(async move {
            let http = crate::support::client();
            for number in 0.. {
                let name = format!("{client}-{number}");
                let request = http.post(format!("{base}/{GOALS}")).bearer_auth("sandbox");
                let Ok(response) = request.json(&json!({"name": name})).send().await else {
                    break;
                };
                assert_eq!(response.status(), 201);
                let revision = response.headers()["ac-revision"].to_str().unwrap();
                let revision: u64 = revision.parse().unwrap();
                if answered.send((name, revision)).await.is_err() {
                    break;
                }
            }
        });
    }
    drop(answered);
    let mut kept = Vec::new();
    let mut server = Some(server);
    while let Some(answer) = all.recv().await {
        kept.push(answer);
        if kept.len() == answers {
            drop(server.take());
        }
    }
    clients.join_all().await;
    assert!(kept.len() >= answers);

    let after = open(&folder.path().join(".campaignctl/sandbox.sqlite")).await;
    let list = after.get(GOALS).await.expect(200);
    let rows = list.json();
    let rows = rows.as_array().unwrap();
    let named = |name: &str| rows.iter().filter(|row| row["name"] == name).count();
    for (name, _) in &kept {
        assert_eq!(named(name), 1, "{name} was answered");
    }
    let ids: BTreeSet<_> = rows.iter().map(|row| row["id"].to_string()).collect();
    assert_eq!(ids.len(), rows.len());
    // No revision is given out twice, before and after.
    let newest = kept.iter().map(|(_, revision)| *revision).max().unwrap();
    assert!(list.revision().parse::<u64>().unwrap() >= newest);
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_has_answered() {
    for answers in [1, 2, 5, 20] {
        killed_after(answers).await;
    }
}

#[tokio::test]
async fn two_servers_share_one_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.db");
    let (left, right) = (open(&path).await, open(&path).await);
    let body = json!({"name": "x"});
    let (one, two) = tokio::join!(left.post(GOALS, &body), right.post(GOALS, &body));
    assert_ne!(one.expect(201).id(), two.expect(201).id());
    assert_eq!(left.get(GOALS).await.text, right.get(GOALS).await.text);
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(
        &text,
        "not a database, but long enough to be looked at ".repeat(40),
    )
    .unwrap();
    let before = std::fs::read(&text).unwrap();
    assert!(matches!(refusal(&text), StoreError::Corrupt { .. }));
    assert_eq!(std::fs::read(&text).unwrap(), before);

    let foreign = folder.path().join("foreign.db");
    let connection = rusqlite::Connection::open(&foreign).unwrap();
    connection.execute_batch("CREATE TABLE mine (a)").unwrap();
    assert!(matches!(refusal(&foreign), StoreError::Corrupt { .. }));

    let newer = folder.path().join("newer.db");
    open(&newer).await.sandbox.shutdown().await;
    let connection = rusqlite::Connection::open(&newer).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(
        refusal(&newer),
        StoreError::Newer { found: 99, .. }
    ));

    let missing = folder.path().join("no/such/folder/sandbox.db");
    assert!(matches!(refusal(&missing), StoreError::Open { .. }));
}
