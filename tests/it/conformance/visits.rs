//! Sessions, reports and the reasons of the Monitoring API (platform.md#monitoring-reports,
//! platform.md#visit-information).

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{ACCOUNT, Answer, send};
use super::monitoring::{APP, CAMPAIGNS, Shop};

impl Shop {
    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let path = format!("/api/account/{ACCOUNT}/{path}");
        let request = self.world.request(method, &path).bearer_auth("sandbox");
        send(request.json(body)).await
    }

    /// The answer to one who is in the section `orders`.
    async fn visit(&self, query: &str, body: Value) -> Value {
        let mut body = body;
        body["entryPoints"] = json!(["sec://orders"]);
        let path = format!("app/{APP}/engagement?v=1.1{query}");
        self.call(Method::POST, &path, &body).await.json()
    }

    async fn report(&self, query: &str, attributes: &Value) -> Answer {
        let body = json!({ "engagementAttributes": attributes });
        let path = format!("app/{APP}/report?v=1.0{query}");
        self.call(Method::PUT, &path, &body).await
    }

    async fn state(&self, answer: &Value) -> Answer {
        let id = |key: &str| answer[key].as_str().unwrap().to_owned();
        let (visitor, session) = (id("visitorId"), id("sessionId"));
        let path = format!("monitoring/visitors/{visitor}/visits/current/state?v=1&sid={session}");
        self.call(Method::GET, &path, &Value::Null).await
    }

    async fn set(&self, body: &Value) {
        let request = self.world.request(Method::POST, "/_sandbox/monitoring");
        send(request.bearer_auth("sandbox").json(body))
            .await
            .expect(200);
    }
}

fn query_of(answer: &Value) -> String {
    let id = |key: &str| answer[key].as_str().unwrap().to_owned();
    format!("&vid={}&sid={}", id("visitorId"), id("sessionId"))
}

fn is_shown(answer: &Value) -> bool {
    answer["engagementDetails"][0]["status"] == "expose"
}

#[tokio::test]
async fn impressions_belong_to_the_session_that_was_shown_the_engagement() {
    let shop = Shop::new(&[]).await;
    let number = |id: &str| id.parse::<i64>().unwrap();
    let seen = json!([{ "type": "impDisplay", "campaign": number(&shop.campaign), "engId": number(&shop.engagement),
        "revision": 3, "eContext": [{ "type": "engagementContext", "id": "1" }] }]);
    let first = shop.visit("", json!({})).await;
    let other = shop.visit("&vid=other", json!({})).await;
    assert!(is_shown(&first) && is_shown(&other));
    shop.report(&query_of(&first), &seen).await.expect(200);
    let refused = shop.report("&vid=new", &seen).await.expect(400).json();
    assert_eq!(
        (&refused["internalCode"], &refused["message"]),
        (&json!(5), &json!("engagementAttributes"))
    );
    shop.report(
        &query_of(&other),
        &json!([{ "type": "purchase", "total": 1 }, { "type": "lead" }, { "type": "error" }]),
    )
    .await
    .expect(200);
    let statistics = shop.world.sandbox.statistics();
    let counted: Vec<(&str, u64)> = statistics
        .counted
        .iter()
        .map(|(kind, count)| (kind.as_str(), *count))
        .collect();
    assert_eq!(counted, [("impDisplay", 1), ("lead", 1), ("purchase", 1)]);
    assert_eq!(statistics.sessions, 3);
}

#[tokio::test]
async fn a_report_is_refused_with_the_published_codes() {
    let shop = Shop::new(&[]).await;
    let attributes = json!([{ "type": "error" }]);
    for (path, body, status, code) in [
        (
            format!("app/{APP}/report?v=1.1&vid=V"),
            json!({ "engagementAttributes": attributes }),
            400,
            33,
        ),
        (format!("app/{APP}/report?v=1.0&vid=V"), json!({}), 400, 5),
        (
            format!("app/{APP}/report?v=1.0"),
            json!({ "engagementAttributes": attributes }),
            400,
            5,
        ),
        (
            format!("app/{APP}/report?v=1.0&vid=V"),
            json!({ "identities": [{ "acr": "0", "sub": "s" }], "engagementAttributes": attributes }),
            400,
            5,
        ),
        (
            "app/none/report?v=1.0&vid=V".to_owned(),
            json!({ "engagementAttributes": attributes }),
            404,
            18,
        ),
        (
            format!("app/{APP}/report?v=1.0&vid=V&sid=none"),
            json!({ "engagementAttributes": attributes }),
            404,
            39,
        ),
    ] {
        let answer = shop.call(Method::PUT, &path, &body).await.expect(status);
        assert_eq!(answer.json()["internalCode"], code, "{path} {body}");
    }
}

#[tokio::test]
async fn the_back_door_moves_time_agents_and_conversations() {
    let shop = Shop::new(&[]).await;
    let first = shop.visit("", json!({})).await;
    shop.set(&json!({ "advance": "31m" })).await;
    shop.state(&first).await.expect(404);
    let next = shop.visit(&query_of(&first), json!({})).await;
    assert_ne!(next["sessionId"], first["sessionId"]);
    assert_eq!(next["visitorId"], first["visitorId"]);

    shop.set(&json!({ "agents": "none" })).await;
    assert!(!is_shown(&shop.visit("", json!({})).await));
    shop.edit_engagement(&json!({ "availabilityPolicy": 1 }))
        .await;
    assert!(is_shown(&shop.visit("", json!({})).await));

    shop.set(&json!({ "conversations": [{ "sub": "me", "conversationId": "c-1" }] }))
        .await;
    let identity = |sub: &str| json!({ "identities": [{ "acr": "loa1", "sub": sub }] });
    let path = format!("app/{APP}/engagement?v=1.1");
    let mine = shop
        .call(Method::POST, &path, &identity("me"))
        .await
        .expect(200)
        .json();
    let details = &mine["engagementDetails"][0];
    assert_eq!(
        (&details["status"], &details["conversationId"]),
        (&json!("conversation"), &json!("c-1"))
    );
    assert!(is_shown(&shop.visit("", identity("else")).await));
}

#[tokio::test]
async fn the_visit_says_what_is_active() {
    let shop = Shop::new(&[]).await;
    let shown = shop.visit("", json!({})).await;
    let state = shop.state(&shown).await.expect(200).json();
    let session = &state["appSessions"][0];
    let count = |value: &Value| value.as_object().unwrap().len();
    // The vendor's own rows hold for everybody.
    assert_eq!(
        (
            count(&session["revActiveVPs"]),
            count(&session["revActiveVBs"])
        ),
        (1, 1)
    );
    assert_eq!(
        (
            count(&session["revAllOSLs"]),
            count(&session["pages"][0]["revActiveOSLs"])
        ),
        (2, 2)
    );
    let engagement = &session["engagements"][0]["engagement"];
    assert_eq!(engagement["campaignControl"], "TEST");
    assert_eq!(
        engagement["engagementEntity"]["id"].to_string(),
        shop.engagement
    );
    assert_eq!(count(&engagement["engagementEntity"]["activeOSLs"]), 1);
    assert_eq!(session["siteControlGroup"], "NA");
    let gone = json!({ "visitorId": "nobody", "sessionId": "none" });
    assert_eq!(
        shop.state(&gone).await.expect(404).json()["internalCode"],
        12
    );
    let path = format!("/api/account/{ACCOUNT}/monitoring/visitors/v/visits/current/state?v=1");
    send(shop.world.request(Method::GET, &path))
        .await
        .expect(401);
}

#[tokio::test]
async fn control_groups_are_kept_from_seeing() {
    let shop = Shop::new(&["account-control-group=100"]).await;
    let withheld = shop.visit("", json!({})).await;
    assert!(!is_shown(&withheld));
    let state = shop.state(&withheld).await.json();
    assert_eq!(state["appSessions"][0]["siteControlGroup"], "CONTROL");

    let shop = Shop::new(&[]).await;
    shop.edit_campaign(&json!({ "controlGroup": { "percentage": 100.0 } }))
        .await;
    let withheld = shop.visit("", json!({})).await;
    assert!(!is_shown(&withheld));
    let state = shop.state(&withheld).await.json();
    let engagement = &state["appSessions"][0]["engagements"][0]["engagement"];
    assert_eq!(engagement["campaignControl"], "CONTROL");
}

/// The same seed draws the same series; weights decide how often each is drawn.
#[tokio::test]
async fn one_of_several_is_drawn_by_weight() {
    let mut series = Vec::new();
    for _ in 0..2 {
        let shop = Shop::new(&["seed=7"]).await;
        shop.edit_campaign(&json!({ "weight": 0.7 })).await;
        let body = json!({ "name": "other", "status": 1, "timeZone": "UTC", "weight": 0.1 });
        let other = shop.world.post(CAMPAIGNS, &body).await.expect(201).id();
        let path = format!("le-campaigns/campaigns/{other}/engagements?v=3.4");
        let body =
            json!({ "name": "rare", "enabled": true, "source": 12, "appInstallationId": APP });
        let rare = shop.world.post(&path, &body).await.expect(201).id();
        let ids = json!({ "engagementIds": [rare.parse::<i64>().unwrap()] });
        shop.edit(&format!("le-campaigns/campaigns/{other}?v=3.4"), &ids)
            .await;
        let mut drawn = Vec::new();
        let rare: i64 = rare.parse().unwrap();
        for _ in 0..40 {
            let answer = shop.visit("", json!({})).await;
            drawn.push(answer["engagementDetails"][0]["engagementId"] == rare);
        }
        series.push(drawn);
    }
    let rare = series[0].iter().filter(|it| **it).count();
    assert!(
        (1..=12).contains(&rare),
        "{rare} of 40, where 5 are expected"
    );
    assert_eq!(series[0], series[1]);
}

#[tokio::test]
async fn a_change_can_take_a_while_to_reach_visitors() {
    let shop = Shop::new(&["monitoring-cache=1m"]).await;
    assert!(is_shown(&shop.visit("", json!({})).await));
    shop.edit_engagement(&json!({ "enabled": false })).await;
    assert!(is_shown(&shop.visit("", json!({})).await));
    shop.set(&json!({ "advance": "61s" })).await;
    assert!(!is_shown(&shop.visit("", json!({})).await));
}

#[tokio::test]
async fn a_condition_that_is_not_explained_admits_all_or_none() {
    for (value, shows) in [("nobody", false), ("everybody", true)] {
        let shop = Shop::new(&[&format!("unknown-conditions={value}")]).await;
        let audience =
            json!({ "name": "club", "conditionBoxes": [{ "type": 9, "data": { "x": 1 } }] });
        let path = "le-targeting/visitor-profiles?v=2.0";
        let audience = shop.world.post(path, &audience).await.expect(201).id();
        shop.edit_campaign(&json!({ "visitorProfiles": [audience.parse::<i64>().unwrap()] }))
            .await;
        let answer = shop.visit("", json!({})).await;
        assert_eq!(is_shown(&answer), shows, "{value}");
        let state = shop.state(&answer).await.json();
        let active = state["appSessions"][0]["revActiveVPs"]
            .get(&audience)
            .is_some();
        assert_eq!(active, shows, "{value}");
    }
}
