//! The Outbound Reporting API (platform.md#outbound-reporting).

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{ACCOUNT, Answer, World, send};
use super::switches::world;

/// The start of the clock of a world, in milliseconds.
const START: i64 = 1_767_323_045_000;

/// The template that every account has.
const GENERAL: &str = "1234567890";

/// A send of text messages.
async fn text(world: &World, skill: &str, count: u32) -> String {
    let consumers: Vec<Value> = (0..count)
        .map(|number| json!({ "consumerContent": { "sms": format!("+1555010030{number}") } }))
        .collect();
    let body = json!({ "campaignName": "Shipped", "skill": skill, "templateId": GENERAL, "consent": true, "consumers": consumers });
    let path = format!("/api/v2/account/{ACCOUNT}/campaign");
    let request = world.request(Method::POST, &path).bearer_auth("sandbox");
    let answer = send(request.json(&body)).await.expect(200).json();
    answer["proactiveCampaignId"].as_str().unwrap().to_owned()
}

/// A read of this many hours from the start of the clock on.
async fn read(world: &World, what: &str, hours: i64, more: &str) -> Answer {
    let end = START + hours * 3_600_000;
    let time = format!("attemptedStartTime={START}&attemptedEndTime={end}{more}");
    let path = format!("/api/account/{ACCOUNT}/app/{what}?{time}");
    send(world.request(Method::GET, &path).bearer_auth("sandbox")).await
}

#[tokio::test]
async fn messages_are_paged_and_counted() {
    let world = world(&["report-page=2"]).await;
    let campaign = text(&world, "Orders", 3).await;
    text(&world, "Returns", 2).await;
    let (mut offset, mut seen) = (0, Vec::new());
    while offset >= 0 {
        let more = format!("&offset={offset}");
        let page = read(&world, "prmsg/transactions/", 24, &more)
            .await
            .expect(200)
            .json();
        assert_eq!(page["page"]["currentOffset"], offset);
        let rows = page["transactions"].as_array().unwrap().clone();
        assert_eq!(page["page"]["count"], rows.len());
        offset = page["page"]["nextOffset"].as_i64().unwrap();
        seen.extend(rows);
    }
    assert_eq!(seen.len(), 5);
    assert_eq!(seen[0]["proactiveCampaignId"], campaign);
    assert_eq!(
        (&seen[0]["channel"], &seen[0]["handOffId"]),
        (&json!("sms"), &json!(GENERAL))
    );
    let counts = read(&world, "prmsg/analytics/", 24 * 60, "")
        .await
        .expect(200)
        .json();
    let rows = counts["analytics"].as_array().unwrap();
    let rows: Vec<_> = rows
        .iter()
        .map(|it| {
            (
                it["skill"].as_str().unwrap(),
                it["delivered"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(rows, [("Orders", 3), ("Returns", 2)]);
    assert_eq!(counts["analytics"][0]["transactionday"], "01-02-2026");
    for (what, list) in [("", "consumersReport"), ("/analytics", "analytics")] {
        let path = format!("/api/account/{ACCOUNT}/app/prmsg/campaigns/{campaign}{what}/");
        let answer = send(world.request(Method::GET, &path).bearer_auth("sandbox"))
            .await
            .expect(200);
        assert!(
            !answer.json()[list].as_array().unwrap().is_empty(),
            "{list}"
        );
    }
    let other = read(&world, "c2m/transactions/", 24, "")
        .await
        .expect(200)
        .json();
    assert_eq!(other["transactions"], json!([]));
}

#[tokio::test]
async fn counts_can_be_filtered() {
    let world = World::new().await;
    text(&world, "Orders", 3).await;
    text(&world, "Returns", 2).await;
    let end = START + 3_600_000;
    let path = format!(
        "/api/account/{ACCOUNT}/app/prmsg/analytics/?attemptedStartTime={START}&attemptedEndTime={end}"
    );
    let attempted = async |filters: Value| {
        let request = world.request(Method::POST, &path).bearer_auth("sandbox");
        let answer = send(request.json(&json!({ "filters": filters })))
            .await
            .expect(200)
            .json();
        let rows = answer["analytics"].as_array().unwrap().clone();
        rows.iter()
            .map(|it| it["attempted"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(attempted(json!({ "skills": ["Returns"] })).await, 2);
    assert_eq!(attempted(json!({ "channels": ["wa"] })).await, 0);
    assert_eq!(attempted(json!({ "channels": ["sms"] })).await, 5);
}

#[tokio::test]
async fn times_have_a_limit_and_messages_are_late() {
    let world = world(&["report-lag=20m"]).await;
    text(&world, "Orders", 1).await;
    for (what, hours, status) in [
        ("prmsg/transactions/", 24, 200),
        ("prmsg/transactions/", 25, 400),
        ("prmsg/transactions/", 0, 400),
        ("prmsg/analytics/", 24 * 60, 200),
        ("prmsg/analytics/", 24 * 60 + 1, 400),
        ("other/analytics/", 1, 404),
    ] {
        let answer = read(&world, what, hours, "").await;
        assert_eq!(answer.status, status, "{what} {hours}");
        if status == 400 {
            let body = answer.json();
            let keys: Vec<_> = body.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["code", "requestTraceId", "message"]);
        }
    }
    let count = async || {
        let page = read(&world, "prmsg/transactions/", 24, "")
            .await
            .expect(200)
            .json();
        page["transactions"].as_array().unwrap().len()
    };
    assert_eq!(count().await, 0);
    world.clock.advance_seconds(20 * 60);
    assert_eq!(count().await, 1);
    let path = format!("/api/account/{ACCOUNT}/app/prmsg/campaigns/none/");
    send(world.request(Method::GET, &path).bearer_auth("sandbox"))
        .await
        .expect(404);
    send(world.request(Method::GET, &path)).await.expect(401);
}
