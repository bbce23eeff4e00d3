//! Create, read, replace and delete, the same for every collection (platform.md#writes).

use std::collections::BTreeSet;
use std::sync::Arc;

use campaignctl::sandbox::SandboxSettings;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{World, send};

const GOALS: &str = "le-goals/goals?v=3.0";

fn goal(id: &str) -> String {
    format!("le-goals/goals/{id}?v=3.0")
}

fn captured_goal() -> Value {
    json!({"id": null, "name": "checkout-done", "description": "", "type": 0, "indicatorType": 0,
        "indicatorValue": {"url": "/thanks", "matchType": 0, "reachedCounter": 1},
        "zNewKey": {"b": 0.25, "a": [1, null]}})
}

#[tokio::test]
async fn a_create_assigns_what_is_the_servers() {
    let world = World::new().await;
    let made = world.post(GOALS, &captured_goal()).await.expect(201);
    assert_eq!(made.id().len(), 10);
    assert!(made.location.as_ref().unwrap().ends_with(&made.id()));
    let body = made.json();
    assert_eq!(body["deleted"], false);
    assert_eq!(body["systemDefault"], false);
    assert_eq!(body["createdDate"], "2026-01-02 03:04:05");
    assert_eq!(body["zNewKey"], captured_goal()["zNewKey"]);
    let read = world.get(&goal(&made.id())).await.expect(200);
    assert_eq!(read.text, made.text);
    assert_eq!(read.revision, made.revision);
}

#[tokio::test]
async fn a_replace_is_whole_in_both_forms() {
    let world = World::new().await;
    let made = world.post(GOALS, &captured_goal()).await;
    let path = goal(&made.id());
    let body = json!({"name": "renamed", "description": null, "createdDate": "1999", "id": 1});
    let put = world.put(&path, made.revision(), &body).await.expect(200);
    let stored = put.json();
    assert_eq!(stored["name"], "renamed");
    assert_eq!(stored["id"], made.json()["id"]);
    assert_eq!(stored["createdDate"], made.json()["createdDate"]);
    for gone in ["description", "type", "indicatorValue", "zNewKey"] {
        assert_eq!(stored.get(gone), None);
    }
    let again = json!({"name": "tunnelled"});
    let tunnelled = world
        .tunnel("PUT", &path, put.revision(), Some(&again))
        .await;
    assert_eq!(tunnelled.expect(200).json()["name"], "tunnelled");
}

#[tokio::test]
async fn a_delete_is_soft_and_happens_once() {
    let world = World::new().await;
    let made = world.post(GOALS, &captured_goal()).await;
    let path = goal(&made.id());
    let deleted = world
        .tunnel("DELETE", &path, made.revision(), None)
        .await
        .expect(200);
    assert_eq!(deleted.text, "");
    let again = world
        .delete(&path, deleted.revision())
        .await
        .expect(404)
        .json();
    assert_eq!(
        again,
        json!({"type": "goals", "internalCode": 12, "message": "No data found"})
    );
    world.get(&path).await.expect(410);
    world
        .put(&path, deleted.revision(), &json!({"name": "x"}))
        .await
        .expect(410);
    world.get(&goal("4999999999")).await.expect(404);
    let kept = world.get(&format!("{path}&include_deleted=true")).await;
    assert_eq!(kept.expect(200).json()["deleted"], true);

    let ids = async |query: &str| {
        let list = world
            .get(&format!("{GOALS}{query}"))
            .await
            .expect(200)
            .json();
        let rows = list.as_array().unwrap();
        rows.iter().any(|row| row["id"] == made.json()["id"])
    };
    assert!(!ids("").await);
    assert!(ids("&include_deleted=true").await);
    assert!(ids("&select=$summaryDeleted").await);
}

#[tokio::test]
async fn deleted_items_may_be_plainly_unknown() {
    let world = World::with(SandboxSettings {
        deleted_is_not_found: true,
        ..SandboxSettings::default()
    })
    .await;
    let made = world.post(GOALS, &captured_goal()).await;
    world
        .delete(&goal(&made.id()), made.revision())
        .await
        .expect(200);
    world.get(&goal(&made.id())).await.expect(404);
}

#[tokio::test]
async fn versions_and_media_types_are_checked() {
    let world = World::new().await;
    for path in [
        "le-goals/goals",
        "le-goals/goals?v=",
        "le-goals/goals?v=x",
        "le-goals/goals?v=99",
    ] {
        world.get(path).await.expect(400);
        world.post(path, &captured_goal()).await.expect(400);
    }
    let accept = world
        .config(Method::GET, GOALS)
        .header("Accept", "text/html");
    send(accept).await.expect(406);
    let text = world.config(Method::POST, GOALS).body("{}");
    send(text.header("Content-Type", "text/plain"))
        .await
        .expect(415);
    let broken = world.config(Method::POST, GOALS).body("{\"name\":");
    send(broken.header("Content-Type", "application/json"))
        .await
        .expect(400);
    for body in [
        json!(1),
        json!([]),
        json!([1]),
        json!({}),
        json!({"name": ""}),
    ] {
        world.post(GOALS, &body).await.expect(400);
    }
    let lenient = World::with(SandboxSettings {
        allow_missing_version_on_read: true,
        ..SandboxSettings::default()
    })
    .await;
    lenient.get("le-goals/goals").await.expect(200);
}

#[tokio::test]
async fn odd_verbs_and_paths_are_refused() {
    let world = World::new().await;
    let made = world.post(GOALS, &captured_goal()).await;
    world
        .post(&goal(&made.id()), &captured_goal())
        .await
        .expect(405);
    world.put(GOALS, "1", &json!([])).await.expect(405);
    world
        .tunnel("PATCH", GOALS, "1", Some(&json!({})))
        .await
        .expect(400);
    world.get("le-goals/nope?v=3.0").await.expect(404);
    world.get("le-goals/goals/1/2?v=3.0").await.expect(404);
}

#[tokio::test]
async fn an_array_is_created_whole_or_not_at_all() {
    let world = World::new().await;
    let both = json!([{"name": "a"}, {"name": "b"}]);
    let made = world.post(GOALS, &both).await.expect(201).json();
    assert_eq!(made.as_array().unwrap().len(), 2);
    assert_ne!(made[0]["id"], made[1]["id"]);
    let before = world.get(GOALS).await;
    world
        .post(GOALS, &json!([{"name": "c"}, {"nameless": 1}]))
        .await
        .expect(400);
    let after = world.get(GOALS).await;
    assert_eq!(before.text, after.text);
    assert_eq!(before.revision, after.revision);
}

#[tokio::test]
async fn rows_of_the_vendor_are_there_and_stay() {
    let world = World::new().await;
    let list = world.get("le-goals/goals?v=3.0&field_set=all").await;
    let system = &list.json()[0];
    assert_eq!(system["name"], "Interact with visitors");
    assert_eq!(system["systemDefault"], true);
    let path = goal(&system["id"].to_string());
    world.delete(&path, list.revision()).await.expect(400);
    let renamed = world
        .put(
            &path,
            list.revision(),
            &json!({"name": "Ours", "systemDefault": false}),
        )
        .await;
    assert_eq!(renamed.expect(200).json()["systemDefault"], true);
}

#[tokio::test]
async fn requests_are_counted_and_a_reset_makes_the_account_new() {
    let world = World::new().await;
    let made = world.post(GOALS, &captured_goal()).await;
    world
        .tunnel("DELETE", &goal(&made.id()), made.revision(), None)
        .await
        .expect(200);
    world.get(GOALS).await.expect(200);
    let stats = send(world.request(Method::GET, "/_sandbox/stats")).await;
    let stats = stats.expect(200).json();
    assert_eq!(
        (&stats["requests"], &stats["writes"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(
        stats["by"],
        json!({"le-goals/goals": {"DELETE": 1, "GET": 1, "POST": 1}})
    );
    world.post(GOALS, &captured_goal()).await.expect(201);
    let reset = world.request(Method::POST, "/_sandbox/reset");
    send(reset.bearer_auth("sandbox")).await.expect(200);
    let stats = send(world.request(Method::GET, "/_sandbox/stats")).await;
    assert_eq!(stats.json()["requests"], 0);
    let list = world.get(GOALS).await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn parallel_creates_lose_nothing() {
    let world = Arc::new(World::new().await);
    let before: i64 = world.get(GOALS).await.revision().parse().unwrap();
    let mut creates = tokio::task::JoinSet::new();
    for index in 0..40 {
        let world = Arc::clone(&world);
        creates.spawn(async move {
            let goal = json!({"name": format!("g{index}")});
            world.post(GOALS, &goal).await.expect(201).id()
        });
    }
    let ids: BTreeSet<_> = creates.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 40);
    let after: i64 = world.get(GOALS).await.revision().parse().unwrap();
    assert_eq!(after - before, 40);
}
