//! The send of the Proactive API, and what it leaves on the account (platform.md#proactive-sends).

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{ACCOUNT, Answer, World, send};

const CAMPAIGNS: &str = "le-campaigns/campaigns?v=3.4";

/// The template that every account has.
const GENERAL: &str = "1234567890";

async fn post(world: &World, body: &Value) -> Answer {
    let path = format!("/api/v2/account/{ACCOUNT}/campaign");
    let request = world.request(Method::POST, &path).bearer_auth("sandbox");
    send(request.json(body)).await
}

async fn handoff(world: &World, body: &Value) -> String {
    let path = format!("/_sandbox/account/{ACCOUNT}/handoffs");
    let request = world.request(Method::POST, &path).bearer_auth("sandbox");
    send(request.json(body)).await.id()
}

/// A send to these consumers.
fn to(template: &str, consumers: &Value) -> Value {
    json!({"campaignName": "Shipped", "skill": "Orders", "templateId": template, "consent": true,
        "consumers": consumers})
}

#[tokio::test]
async fn sends_add_engagements_to_one_campaign_of_the_platforms_own() {
    let world = World::new().await;
    let body = to(
        GENERAL,
        &json!([{"consumerContent": {"sms": "+15550100301"}}]),
    );
    let mut sent = Vec::new();
    for _ in 0..3 {
        let before = world.get(CAMPAIGNS).await;
        let answer = post(&world, &body).await.expect(200).json();
        let campaign = answer["leCampaignId"].as_str().unwrap().to_owned();
        let engagement = answer["leEngagementId"].as_str().unwrap().to_owned();
        sent.push((campaign, engagement));
        assert_ne!(world.get(CAMPAIGNS).await.revision(), before.revision());
    }
    let campaign = &sent[0].0;
    assert!(sent.iter().all(|(other, _)| other == campaign), "{sent:?}");
    let path = format!("le-campaigns/campaigns/{campaign}?v=3.4&field_set=all");
    let made = world.get(&path).await.expect(200);
    assert_eq!(made.json()["type"], 1);
    let listed: Vec<_> = made.json()["engagementIds"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    let engagements: Vec<_> = sent
        .iter()
        .map(|(_, engagement)| engagement.clone())
        .collect();
    assert_eq!(listed, engagements);
    for engagement in made.json()["engagements"].as_array().unwrap() {
        let name = engagement["name"].as_str().unwrap();
        let short = name.strip_prefix("prmsg ").unwrap();
        assert_eq!(short.len(), 8, "{name}");
    }
    let list = world.get(CAMPAIGNS).await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    let path = format!("le-campaigns/campaigns/{campaign}?v=3.4");
    world.delete(&path, made.revision()).await.expect(400);
}

#[tokio::test]
async fn templates_are_handoffs_or_the_general_one() {
    let world = World::new().await;
    let inapp =
        json!({"name": "orders", "channels": [{"type": "inapp", "appNames": ["com.example"]}]});
    let handoff = handoff(&world, &inapp).await;
    let consumers = json!([{"consumerContent": {"inapp": "one"}}, {}]);
    let sent = post(&world, &to(&handoff, &consumers))
        .await
        .expect(200)
        .json();
    assert_eq!(
        sent["acceptedConsumers"],
        json!([{"id": "1", "consumerContent": {"inapp": "one"}}])
    );
    assert_eq!(
        sent["failedConsumers"][0]["errorMessage"],
        "MISSING_CONSUMER_INFORMATION==INAPP"
    );
    let refused = post(&world, &to("H0", &consumers)).await.expect(400).json();
    let keys: Vec<_> = refused.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "requestTraceId", "message"]);
}

#[tokio::test]
async fn consumers_come_in_the_newer_and_the_older_form() {
    let world = World::new().await;
    let consumers = json!([
        {"consumerContent": {"sms": "+15550100301"}, "variables": {"1": "Doors at nine."}},
        {"consumerCountryCode": "1", "consumerPhoneNumber": "5550100302"},
        {"consumerCountryCode": "+1", "consumerPhoneNumber": "5550100301"},
        {"consumerCountryCode": "1"},
        {"consumerContent": {"sms": "+15550100303"}, "variables": {"1": 9}},
    ]);
    let sent = post(&world, &to(GENERAL, &consumers))
        .await
        .expect(200)
        .json();
    let of = |list: &str, key: &str| -> Vec<_> {
        let all = sent[list].as_array().unwrap();
        all.iter()
            .map(|consumer| consumer[key].as_str().unwrap_or("").to_owned())
            .collect()
    };
    assert_eq!(
        of("acceptedConsumers", "phoneNumber"),
        ["+15550100301", "+15550100302"]
    );
    assert_eq!(of("failedConsumers", "id"), ["3", "4", "5"]);
    assert_eq!(
        of("failedConsumers", "errorMessage"),
        [
            "DUPLICATE_NUMBER",
            "MISSING_CONSUMER_INFORMATION==SMS",
            "VARIABLE_NOT_STRING=1"
        ]
    );
}

#[tokio::test]
async fn a_send_can_have_windows_of_time() {
    let world = World::new().await;
    let time = |hour: &str| json!({"hour": hour, "minute": "31"});
    let window =
        |hour: &str, day: &str| json!({"startTime": time(hour), "endTime": time("20"), "day": day});
    for (windows, status) in [
        (
            json!([window("10", "TUESDAY"), window("11", "SUNDAY")]),
            200,
        ),
        (json!([window("24", "TUESDAY")]), 400),
        (json!([window("10", "Tuesday")]), 400),
        (json!([{"day": "MONDAY"}]), 400),
        (json!({}), 400),
    ] {
        let mut body = to(
            GENERAL,
            &json!([{"consumerContent": {"sms": "+15550100301"}}]),
        );
        body["schedulingMetrics"] = json!({ "windows": windows });
        let answer = post(&world, &body).await;
        assert_eq!(answer.status, status, "{windows}");
    }
}

#[tokio::test]
async fn incomplete_sends_are_refused() {
    let world = World::new().await;
    let refused = post(&world, &json!({"campaignName": "x", "consent": true}))
        .await
        .expect(400);
    assert_eq!(
        refused.json()["message"],
        "Fields missing in request: skill, templateId, consumers"
    );
    let mut body = to(
        GENERAL,
        &json!([{"consumerContent": {"sms": "+15550100301"}}]),
    );
    body["outboundNumber"] = json!("+1555010020099999");
    post(&world, &body).await.expect(400);
    let path = format!("/api/v2/account/{ACCOUNT}/campaign");
    send(world.request(Method::POST, &path).json(&body))
        .await
        .expect(401);
}

#[tokio::test]
async fn values_of_variables_have_a_length_and_older_consumers_count_like_newer_ones() {
    let world = World::new().await;
    for (length, status) in [(1550, 200), (1551, 400)] {
        let value = "ä".repeat(length);
        let consumers =
            json!([{"consumerContent": {"sms": "+15550100301"}, "variables": {"1": value}}]);
        post(&world, &to(GENERAL, &consumers)).await.expect(status);
    }
    for consumers in [
        json!([{"consumerContent": {"sms": "+15550100309"}}]),
        json!([{"consumerCountryCode": "1", "consumerPhoneNumber": "5550100309"}]),
    ] {
        post(&world, &to(GENERAL, &consumers)).await.expect(200);
    }
    let request = world.request(Method::GET, "/_sandbox/sends");
    let sends = send(request.bearer_auth("sandbox"))
        .await
        .expect(200)
        .json();
    let sends = sends.as_array().unwrap();
    assert_eq!(
        sends[1]["consumers"], sends[2]["consumers"],
        "the same digest"
    );
    assert_ne!(sends[0]["consumers"], sends[2]["consumers"]);
}
