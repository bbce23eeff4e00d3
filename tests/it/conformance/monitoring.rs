//! The engagement call of the Monitoring API, and the send of the Proactive API (wire sections 6 and 8).

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{ACCOUNT, Answer, World, send};
use super::switches::world;

const APP: &str = "0b0f7c1e-52b6-4a6c-9a8e-6d0b1c7c2f11";
const CAMPAIGNS: &str = "le-campaigns/campaigns?v=3.4";

/// An account with an app, and an engagement of it in the section `orders`.
struct Shop {
    world: World,
    campaign: String,
    engagement: String,
}

impl Shop {
    /// The clock stands at 2026-01-02 03:04:05 UTC.
    async fn new(switches: &[&str]) -> Self {
        let world = world(switches).await;
        let seed =
            json!({"app-installations": [{"id": APP, "client_name": "shop", "enabled": true}]});
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seed.json");
        std::fs::write(&file, seed.to_string()).unwrap();
        world.sandbox.seed(&file).unwrap();
        let section = json!({"name": "orders", "conditionBoxes": [{"type": 4,
            "data": {"include": [{"sections": [{"name": "\"orders\""}]}], "exclude": []}}]});
        let entry_points = "le-targeting/onsite-locations?v=3.0";
        let entry_point = world.post(entry_points, &section).await.expect(201).id();
        let body = json!({"name": "help", "status": 0, "timeZone": "Europe/Paris"});
        let campaign = world.post(CAMPAIGNS, &body).await.expect(201).id();
        let engagement = json!({"name": "app", "enabled": true, "type": 13, "source": 12,
            "language": "en-US", "appInstallationId": APP,
            "onsiteLocations": [entry_point.parse::<i64>().unwrap()]});
        let path = format!("le-campaigns/campaigns/{campaign}/engagements?v=3.4");
        let engagement = world.post(&path, &engagement).await.expect(201).id();
        let shop = Self {
            world,
            campaign,
            engagement,
        };
        let ids = json!([shop.engagement.parse::<i64>().unwrap()]);
        shop.edit_campaign(&json!({"status": 1, "engagementIds": ids}))
            .await;
        shop
    }

    /// Changes an object as the console does.
    async fn edit(&self, path: &str, changes: &Value) {
        let before = self.world.get(path).await.expect(200);
        let mut body = before.json();
        for (key, value) in changes.as_object().unwrap() {
            body[key] = value.clone();
        }
        let written = self.world.put(path, before.revision(), &body).await;
        written.expect(200);
    }

    async fn edit_campaign(&self, changes: &Value) {
        let path = format!("le-campaigns/campaigns/{}?v=3.4", self.campaign);
        self.edit(&path, changes).await;
    }

    async fn edit_engagement(&self, changes: &Value) {
        let Self {
            campaign,
            engagement,
            ..
        } = self;
        let path = format!("le-campaigns/campaigns/{campaign}/engagements/{engagement}?v=3.4");
        self.edit(&path, changes).await;
    }

    async fn ask(&self, query: &str, places: &[&str]) -> Answer {
        let path = format!("/api/account/{ACCOUNT}/app/{APP}/engagement?{query}");
        let body = json!({"identities": [{"sub": "somebody"}], "entryPoints": places});
        send(self.world.request(Method::POST, &path).json(&body)).await
    }

    /// Whether somebody in the section `orders` is shown the engagement.
    async fn is_shown(&self) -> bool {
        let reply = self.ask("v=1.1", &["sec://orders", "lang://English"]).await;
        reply.expect(201).json().get("engagementDetails").is_some()
    }
}

#[tokio::test]
async fn a_visitor_of_the_section_is_shown_the_engagement() {
    let shop = Shop::new(&[]).await;
    let reply = shop
        .ask("v=1.1", &["sec://orders"])
        .await
        .expect(201)
        .json();
    let details = &reply["engagementDetails"][0];
    assert_eq!(details["campaignId"].to_string(), shop.campaign);
    assert_eq!(details["engagementId"].to_string(), shop.engagement);
    assert_eq!(
        (&details["status"], &details["language"]),
        (&json!("expose"), &json!("en-US"))
    );

    let (vid, sid) = (
        reply["visitorId"].as_str().unwrap(),
        reply["sessionId"].as_str().unwrap(),
    );
    let again = shop
        .ask(&format!("v=1.1&vid={vid}&sid={sid}"), &["sec://else"])
        .await;
    let again = again.expect(200).json();
    assert_eq!(again["visitorId"], vid);
    assert_eq!(again.get("engagementDetails"), None);

    let before = details["engagementRevision"].as_i64().unwrap();
    shop.edit_engagement(&json!({"description": "new"})).await;
    let reply = shop.ask("v=1.1", &["sec://orders"]).await.json();
    assert!(
        reply["engagementDetails"][0]["engagementRevision"]
            .as_i64()
            .unwrap()
            > before
    );
}

#[tokio::test]
async fn what_is_not_live_is_not_shown() {
    let shop = Shop::new(&[]).await;
    assert!(shop.is_shown().await);
    for (hides, shows) in [
        (json!({"status": 0}), json!({"status": 1})),
        (
            json!({"startDate": "2026-01-02 05:00:00"}),
            json!({"startDate": "2026-01-02 04:00:00"}),
        ),
        (
            json!({"expirationDate": "2026-01-02 04:00:00"}),
            json!({"expirationDate": "2026-01-02 05:00:00"}),
        ),
    ] {
        shop.edit_campaign(&hides).await;
        assert!(!shop.is_shown().await, "{hides}");
        shop.edit_campaign(&shows).await;
        assert!(shop.is_shown().await, "{shows}");
    }
    for (hides, shows) in [
        (json!({"enabled": false}), json!({"enabled": true})),
        (json!({"source": 0}), json!({"source": 12})),
    ] {
        shop.edit_engagement(&hides).await;
        assert!(!shop.is_shown().await, "{hides}");
        shop.edit_engagement(&shows).await;
        assert!(shop.is_shown().await, "{shows}");
    }
    shop.edit_campaign(&json!({"engagementIds": []})).await;
    assert!(!shop.is_shown().await, "the campaign does not list it");
}

#[tokio::test]
async fn among_two_campaigns_priority_decides() {
    let shop = Shop::new(&[]).await;
    let world = &shop.world;
    let body = json!({"name": "other", "status": 1, "timeZone": "UTC", "priority": 0.9});
    let other = world.post(CAMPAIGNS, &body).await.expect(201).id();
    let path = format!("le-campaigns/campaigns/{other}/engagements?v=3.4");
    let body =
        json!({"name": "everywhere", "enabled": true, "source": 12, "appInstallationId": APP});
    let wins = world.post(&path, &body).await.expect(201).id();
    let ids = json!({"engagementIds": [wins.parse::<i64>().unwrap()]});
    shop.edit(&format!("le-campaigns/campaigns/{other}?v=3.4"), &ids)
        .await;
    let shown = async || {
        let reply = shop
            .ask("v=1.1", &["sec://orders"])
            .await
            .expect(201)
            .json();
        reply["engagementDetails"][0]["engagementId"].to_string()
    };
    assert_eq!(shown().await, wins);
    shop.edit_campaign(&json!({"priority": 1})).await;
    assert_eq!(shown().await, shop.engagement);
}

#[tokio::test]
async fn an_account_can_be_loading_at_first() {
    let shop = Shop::new(&["monitoring-loading=2"]).await;
    let old = shop.ask("v=1.0", &[]).await.expect(500).json();
    assert_eq!(old["internalCode"], 20);
    let loading = shop.ask("v=1.1&vid=V1", &[]).await.expect(202).json();
    assert_eq!(
        (&loading["internalCode"], &loading["vid"]),
        (&json!(38), &json!("V1"))
    );
    assert!(shop.is_shown().await);
}

#[tokio::test]
async fn json_can_come_as_an_octet_stream() {
    for (value, media_type) in [
        ("json", "application/json;charset=UTF-8"),
        ("octet-stream", "application/octet-stream"),
    ] {
        let shop = Shop::new(&[&format!("monitoring-type={value}")]).await;
        let path = format!("/api/account/{ACCOUNT}/app/{APP}/engagement?v=1.1");
        let request = shop.world.request(Method::POST, &path).json(&json!({}));
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], media_type);
        assert!(response.text().await.unwrap().starts_with("{\"sessionId\""));
    }
}

#[tokio::test]
async fn bad_calls_are_refused_in_the_words_of_the_service() {
    let shop = Shop::new(&[]).await;
    let refused = shop.ask("v=2", &[]).await.expect(400).json();
    let keys: Vec<_> = refused.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["time", "message", "internalCode"]);
    let post = async |path: &str, body: &str| {
        let request = shop.world.request(Method::POST, path).body(body.to_owned());
        send(request).await.status
    };
    let path = format!("/api/account/{ACCOUNT}/app/{APP}/engagement?v=1.1");
    assert_eq!(post(&path, "no json").await, 400);
    assert_eq!(post(&path.replace(APP, "unknown"), "{}").await, 404);
    assert_eq!(post(&path.replace(ACCOUNT, "other"), "{}").await, 404);
}

#[tokio::test]
async fn a_proactive_send_makes_a_campaign_of_the_platforms_own() {
    let world = World::new().await;
    let handoffs = format!("/_sandbox/account/{ACCOUNT}/handoffs");
    let handoff = world
        .request(Method::POST, &handoffs)
        .bearer_auth("sandbox");
    let handoff = send(handoff.json(&json!({"name": "orders"}))).await.id();
    let before = world.get(CAMPAIGNS).await;
    let mut body = json!({"campaignName": "Shipped", "skill": "Orders", "templateId": handoff,
        "consent": true, "consumers": [{"consumerContent": {"inapp": "one"}}, {}]});
    let path = format!("/api/v2/account/{ACCOUNT}/campaign");
    let post = async |body: &Value| {
        let request = world.request(Method::POST, &path).bearer_auth("sandbox");
        send(request.json(body)).await
    };
    let sent = post(&body).await.expect(200).json();
    let accepted = sent["acceptedConsumers"].as_array().unwrap().len();
    let failed = &sent["failedConsumers"];
    assert_eq!((accepted, &failed[0]["id"]), (1, &json!("2")));
    let id = sent["leCampaignId"].as_str().unwrap();
    let path_of = format!("le-campaigns/campaigns/{id}?v=3.4");
    let made = world.get(&path_of).await.expect(200);
    assert_ne!(made.revision(), before.revision());
    let campaign = made.json();
    assert_eq!(
        (&campaign["name"], &campaign["type"]),
        (&json!("Shipped"), &json!(1))
    );
    let engagement = sent["leEngagementId"].as_str().unwrap();
    assert_eq!(campaign["engagementIds"][0].to_string(), engagement);
    assert_eq!(campaign["engagements"][0]["id"].to_string(), engagement);
    world.delete(&path_of, made.revision()).await.expect(400);

    body["templateId"] = json!("H0");
    let refused = post(&body).await.expect(400).json();
    let keys: Vec<_> = refused.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "requestTraceId", "message"]);
    let refused = post(&json!({"campaignName": "x", "consent": true}))
        .await
        .expect(400);
    assert_eq!(
        refused.json()["message"],
        "Fields missing in request: skill, templateId, consumers"
    );
    send(world.request(Method::POST, &path).json(&body))
        .await
        .expect(401);
}
