//! The engagement call of the Monitoring API (platform.md#monitoring).

use std::time::Duration;

use campaignctl::api::{Client, ClientSettings, RetryPolicy, Secret, SignInSecrets, connect};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{ACCOUNT, Answer, World, send};
use super::switches::world;

pub(super) const APP: &str = "0b0f7c1e-52b6-4a6c-9a8e-6d0b1c7c2f11";
pub(super) const CAMPAIGNS: &str = "le-campaigns/campaigns?v=3.4";

/// An account with an app, and an engagement of it in the section `orders`.
pub(super) struct Shop {
    pub(super) world: World,
    pub(super) campaign: String,
    pub(super) engagement: String,
}

impl Shop {
    /// The clock stands at 2026-01-02 03:04:05 UTC.
    pub(super) async fn new(switches: &[&str]) -> Self {
        let world = world(switches).await;
        let seed =
            json!({"app-installations": [{"id": APP, "client_name": "shop", "enabled": true}]});
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seed.json");
        std::fs::write(&file, seed.to_string()).unwrap();
        world.sandbox.seed(&file).unwrap();
        let section = json!({"name": "orders", "appInstallationId": APP, "conditionBoxes": [{"type": 4,
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
    pub(super) async fn edit(&self, path: &str, changes: &Value) {
        let before = self.world.get(path).await.expect(200);
        let mut body = before.json();
        for (key, value) in changes.as_object().unwrap() {
            body[key] = value.clone();
        }
        let written = self.world.put(path, before.revision(), &body).await;
        written.expect(200);
    }

    pub(super) async fn edit_campaign(&self, changes: &Value) {
        let path = format!("le-campaigns/campaigns/{}?v=3.4", self.campaign);
        self.edit(&path, changes).await;
    }

    pub(super) async fn edit_engagement(&self, changes: &Value) {
        let Self {
            campaign,
            engagement,
            ..
        } = self;
        let path = format!("le-campaigns/campaigns/{campaign}/engagements/{engagement}?v=3.4");
        self.edit(&path, changes).await;
    }

    pub(super) async fn ask(&self, query: &str, places: &[&str]) -> Answer {
        let path = format!("/api/account/{ACCOUNT}/app/{APP}/engagement?{query}");
        let body =
            json!({"identities": [{"acr": "loa1", "sub": "visitor-1"}], "entryPoints": places});
        send(self.world.request(Method::POST, &path).json(&body)).await
    }

    /// The program's own client of this account.
    async fn client(&self) -> Client {
        let settings = ClientSettings {
            domain_api: self.world.sandbox.base_url(),
            retry: RetryPolicy {
                second: Duration::ZERO,
                ..RetryPolicy::default()
            },
            ..ClientSettings::new(ACCOUNT, SignInSecrets::Bearer(Secret::new("sandbox")))
        };
        connect(settings).await.unwrap()
    }

    /// Whether somebody in the section `orders` is shown the engagement.
    pub(super) async fn is_shown(&self) -> bool {
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
    let shop = Shop::new(&["contest=priority"]).await;
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
    let shop = Shop::new(&["monitoring-loading=3"]).await;
    let text = |visitor: &str| format!("Loading account: {ACCOUNT}, vid: {visitor}");
    let old = shop.ask("v=1.0&vid=V1", &[]).await.expect(500).json();
    let keys: Vec<_> = old.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["time", "message", "internalCode"]);
    assert_eq!(
        (&old["internalCode"], &old["message"]),
        (&json!(20), &json!(text("V1")))
    );
    let loading = shop.ask("v=1.1&vid=V1", &[]).await.expect(202).json();
    let found = (&loading["internalCode"], &loading["message"]);
    assert_eq!(found, (&json!(38), &json!(text("V1"))));
    assert_eq!(loading.get("vid"), None, "the id is in the text alone");
    let new = shop.ask("v=1.1", &[]).await.expect(202).json();
    let (_, visitor) = new["message"]
        .as_str()
        .unwrap()
        .split_once("vid: ")
        .unwrap();
    let served = shop
        .ask(&format!("v=1.1&vid={visitor}"), &["sec://orders"])
        .await;
    let served = served.expect(201).json();
    assert_eq!(served["visitorId"], visitor);
    assert!(served.get("engagementDetails").is_some());
}

/// The client of this program repeats the call as the visitor that the text names.
#[tokio::test]
async fn the_client_reads_the_visitor_out_of_the_text() {
    let shop = Shop::new(&["monitoring-loading=2"]).await;
    let client = shop.client().await;
    let body = json!({"identities": [{"acr": "loa1", "sub": "s"}], "entryPoints": "sec://orders"});
    let served = client.engagements_for(&APP.into(), &body).await.unwrap();
    assert_eq!(
        served["engagementDetails"][0]["engagementId"].to_string(),
        shop.engagement
    );
    let visitor = served["visitorId"].as_str().unwrap();
    let asked = shop.world.sandbox.statistics().by;
    assert_eq!(asked["monitoring"]["POST"], 3, "{visitor}");
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
async fn a_fault_says_what_the_page_says() {
    let shop = Shop::new(&[]).await;
    let fault = "POST */engagement loading x2";
    shop.world.sandbox.add_fault(fault.parse().unwrap());
    let loading = shop.ask("v=1.1&vid=V1", &[]).await.expect(202).json();
    let text = format!("Loading account: {ACCOUNT}, vid: V1");
    assert_eq!(loading["message"], text);
    let client = shop.client().await;
    let served = client
        .engagements_for(&APP.into(), &json!({}))
        .await
        .unwrap();
    assert_eq!(served["visitorId"], "visitor-of-a-fault");
}

/// A call with this body, or with a query of its own.
async fn refusal(shop: &Shop, query: &str, app: &str, body: &str) -> (u16, Value, Value) {
    let path = format!("/api/account/{ACCOUNT}/app/{app}/engagement?{query}");
    let request = shop
        .world
        .request(Method::POST, &path)
        .body(body.to_owned());
    let answer = send(request).await;
    let json = answer.json();
    let keys: Vec<_> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["time", "message", "internalCode"]);
    (
        answer.status,
        json["internalCode"].clone(),
        json["message"].clone(),
    )
}

#[tokio::test]
async fn calls_are_refused_with_the_published_codes() {
    let shop = Shop::new(&[]).await;
    for (query, app, body, status, code) in [
        ("", APP, "{}", 400, 33),
        ("v=2", APP, "{}", 400, 33),
        ("v=1.1", APP, "no json", 400, 5),
        ("v=1.1", APP, "[]", 400, 5),
        ("v=1.1&vid=no+id%3F", APP, "{}", 404, 37),
        ("v=1.1&vid=V1&sid=never-begun", APP, "{}", 404, 39),
        ("v=1.1", "unknown", "{}", 404, 18),
    ] {
        let (found, internal, _) = refusal(&shop, query, app, body).await;
        assert_eq!(
            (found, internal),
            (status, json!(code)),
            "{query} {app} {body}"
        );
    }
    let path = format!("/api/account/other/app/{APP}/engagement?v=1.1");
    let other = send(shop.world.request(Method::POST, &path).json(&json!({}))).await;
    assert_eq!(other.expect(404).json()["internalCode"], 18);
}

#[tokio::test]
async fn every_field_of_a_body_is_checked_as_documented() {
    let shop = Shop::new(&[]).await;
    let identity = |acr: &str| json!([{"iss": "Brand", "acr": acr, "sub": "s"}]);
    let customer = json!([{"type": "ctmrinfo", "info": {"customerId": "c"}}]);
    for (field, body) in [
        ("consumerId", json!({"consumerId": 1})),
        (
            "identities",
            json!({"identities": {"acr": "loa1", "sub": "s"}}),
        ),
        ("acr", json!({"identities": [{"sub": "s"}]})),
        ("acr", json!({"identities": identity("loa2")})),
        ("sub", json!({"identities": [{"acr": "0"}]})),
        ("clientProperties", json!({"clientProperties": "MOBILE"})),
        (
            "deviceFamily",
            json!({"clientProperties": {"deviceFamily": "mobile_phone"}}),
        ),
        ("os", json!({"clientProperties": {"os": "iOS 17"}})),
        ("osName", json!({"clientProperties": {"osName": "SOLARIS"}})),
        ("osVersion", json!({"clientProperties": {"osVersion": 17}})),
        (
            "ipAddress",
            json!({"clientProperties": {"ipAddress": "::1"}}),
        ),
        (
            "ipAddress",
            json!({"clientProperties": {"ipAddress": "1.2.3.256"}}),
        ),
        ("entryPoints", json!({"entryPoints": [1]})),
        (
            "engagementAttributes",
            json!({"engagementAttributes": {"type": "cart"}}),
        ),
        (
            "engagementAttributes",
            json!({"engagementAttributes": [{"total": 1}]}),
        ),
        (
            "engagementAttributes",
            json!({"engagementAttributes": [{"type": "impDisplay"}]}),
        ),
        (
            "engagementAttributes",
            json!({"engagementAttributes": [{"type": "personal", "personal": 1}]}),
        ),
        (
            "engagementAttributes",
            json!({"engagementAttributes": [{"type": "cart", "products": {}}]}),
        ),
        (
            "engagementAttributes",
            json!({"identities": identity("0"), "engagementAttributes": customer}),
        ),
    ] {
        let (status, code, message) = refusal(&shop, "v=1.1", APP, &body.to_string()).await;
        assert_eq!((status, code), (400, json!(5)), "{body}");
        assert_eq!(message, field, "{body}");
    }
    let samples = [
        json!({"identities": identity("loa1"), "engagementAttributes": customer}),
        json!({"consumerId": "c", "clientProperties": {"osName": "MAC_OSX", "osVersion": "1.2",
            "appVersion": "1.0", "deviceFamily": "MOBILE", "ipAddress": "192.168.5.2"},
            "engagementAttributes": [{"type": "personal", "personal": {"age": {"age": 30.0}}}]}),
        json!({"engagementAttributes": [{"type": "purchase", "total": 11.7}, {"type": "newer"}]}),
    ];
    for body in samples {
        let path = format!("/api/account/{ACCOUNT}/app/{APP}/engagement?v=1.0");
        send(shop.world.request(Method::POST, &path).json(&body))
            .await
            .expect(201);
    }
}

#[tokio::test]
async fn places_are_a_list_or_a_text_with_commas() {
    let shop = Shop::new(&[]).await;
    let shown = async |places: Value| {
        let path = format!("/api/account/{ACCOUNT}/app/{APP}/engagement?v=1.1");
        let body = json!({ "entryPoints": places });
        let answer = send(shop.world.request(Method::POST, &path).json(&body)).await;
        answer.expect(201).json().get("engagementDetails").is_some()
    };
    assert!(shown(json!(["lang://English", "sec://orders"])).await);
    assert!(shown(json!("lang://English, sec://orders")).await);
    assert!(!shown(json!("lang://English,sec://else")).await);
    assert!(!shown(json!("")).await);
}

#[tokio::test]
async fn a_session_lives_six_hours_and_thirty_idle_minutes() {
    let shop = Shop::new(&[]).await;
    let begun = shop.ask("v=1.1&vid=V1", &[]).await.expect(201).json();
    let session = begun["sessionId"].as_str().unwrap().to_owned();
    let query = format!("v=1.1&vid=V1&sid={session}");
    for _ in 0..12 {
        shop.world.clock.advance_seconds(29 * 60);
        assert_eq!(
            shop.ask(&query, &[]).await.expect(200).json()["sessionId"],
            session
        );
    }
    shop.world.clock.advance_seconds(29 * 60);
    let next = shop.ask(&query, &[]).await.expect(201).json();
    assert_ne!(next["sessionId"], session);
    assert_eq!(next["visitorId"], "V1");
    let query = format!("v=1.1&sid={}", next["sessionId"].as_str().unwrap());
    shop.world.clock.advance_seconds(31 * 60);
    let idle = shop.ask(&query, &[]).await.expect(201).json();
    assert_eq!(idle["visitorId"].as_str().unwrap().len(), 22);
}

#[tokio::test]
async fn ids_that_are_not_valid_can_begin_a_new_session() {
    let shop = Shop::new(&["monitoring-ids=201"]).await;
    for query in ["v=1.1&vid=no+id%3F", "v=1.1&vid=V1&sid=never-begun"] {
        let begun = shop.ask(query, &[]).await.expect(201).json();
        assert_ne!(begun["visitorId"], "no id?");
        assert_ne!(begun["sessionId"], "never-begun");
    }
}
