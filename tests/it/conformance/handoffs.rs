//! The handoff list and the sandbox's own write path (platform.md#handoffs).

use campaignctl::sandbox::{HandoffBodies, SandboxSettings};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{ACCOUNT, Answer, World, send};

fn handoff(name: &str, channel: &str) -> Value {
    json!({"name": name, "lookbackPeriodDay": 2, "lookbackPeriodHour": 0,
        "routeAllWithinLookback": false,
        "channels": [{"type": channel, "appNames": ["com.example.shop"], "language": "en",
            "messageComponents": [{"type": "text", "messageText": "Hi ${{1}}", "variables": ["1"]}]}]})
}

async fn list(world: &World, tail: &str) -> Answer {
    let path = format!("/api/account/{ACCOUNT}/app/prmsg/handoffs/list{tail}");
    let request = world.request(Method::GET, &path).bearer_auth("sandbox");
    send(request.header("Content-Type", "application/json")).await
}

async fn admin(
    world: &World,
    method: Method,
    tail: &str,
    revision: Option<&str>,
    body: &Value,
) -> Answer {
    let path = format!("/_sandbox/account/{ACCOUNT}/handoffs{tail}?v=1");
    let mut request = world.request(method, &path).bearer_auth("sandbox");
    if let Some(revision) = revision {
        request = request.header("If-Match", revision);
    }
    if !body.is_null() {
        request = request.json(body);
    }
    send(request).await
}

async fn names(world: &World, tail: &str) -> Vec<String> {
    let rows = list(world, tail).await.expect(200).json();
    let rows = rows.as_array().unwrap();
    rows.iter()
        .map(|row| row["name"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn handoffs_are_written_by_the_back_door_and_read_by_the_list() {
    let world = World::new().await;
    let made = admin(&world, Method::POST, "", None, &handoff("orders", "inapp"))
        .await
        .expect(201);
    let id = made.id();
    assert!(id.starts_with('H') && id.len() == 16, "{id}");
    let location = made.location.as_deref().unwrap();
    assert!(location.ends_with(&format!("/handoffs/{id}")));
    assert_eq!(made.json()["createdAt"], made.json()["updatedAt"]);
    assert_eq!(list(&world, "?v=1").await.json(), json!([made.json()]));

    let tail = format!("/{id}");
    let renamed = handoff("renamed", "inapp");
    let stale = admin(&world, Method::PUT, &tail, Some("0"), &renamed);
    stale.await.expect(412);
    let put = admin(&world, Method::PUT, &tail, Some(made.revision()), &renamed);
    assert_eq!(put.await.expect(200).json()["name"], "renamed");
    let gone = admin(&world, Method::DELETE, &tail, None, &Value::Null);
    gone.await.expect(200);
    assert_eq!(names(&world, "?v=1").await, Vec::<String>::new());
}

#[tokio::test]
async fn the_list_is_read_only_and_wants_its_version() {
    let world = World::new().await;
    list(&world, "").await.expect(400);
    let path = format!("/api/account/{ACCOUNT}/app/prmsg/handoffs/list?v=1");
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let request = world.request(method, &path).bearer_auth("sandbox");
        let refused = send(request).await.expect(405).json();
        assert!(refused["requestTraceId"].is_string());
        assert!(refused["code"].is_number());
    }
    send(world.request(Method::GET, &path)).await.expect(401);
}

#[tokio::test]
async fn pages_are_full_until_the_last() {
    let world = World::new().await;
    for index in 0..33 {
        let channel = if index < 3 { "wa" } else { "inapp" };
        let body = handoff(&format!("h{index}"), channel);
        admin(&world, Method::POST, "", None, &body)
            .await
            .expect(201);
    }
    assert_eq!(names(&world, "?v=1").await.len(), 30);
    let last = names(&world, "?v=1&offset=30&limit=30").await;
    assert_eq!(last, ["h30", "h31", "h32"]);
    assert_eq!(names(&world, "/channel/wa?v=1").await, ["h0", "h1", "h2"]);
    list(&world, "?v=1&limit=x").await.expect(400);
}

#[tokio::test]
async fn the_other_published_body_holds_bare_channels() {
    let world = World::with(SandboxSettings {
        handoff_bodies: HandoffBodies::Channels,
        ..SandboxSettings::default()
    })
    .await;
    let body = handoff("orders", "inapp");
    admin(&world, Method::POST, "", None, &body)
        .await
        .expect(201);
    assert_eq!(list(&world, "?v=1").await.json(), body["channels"]);
}
