//! Switches: each changes what its page says, over real HTTP.

use std::fmt::Write as _;

use campaignctl::sandbox::{SWITCHES, SandboxSettings};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{ACCOUNT, World, send};

const GOALS: &str = "le-goals/goals?v=3.0";

/// A world with these switches set.
pub(super) async fn world(assignments: &[&str]) -> World {
    let mut settings = SandboxSettings::default();
    for assignment in assignments {
        settings.set(assignment).unwrap();
    }
    World::with(settings).await
}

async fn token(world: &World, path: &str) -> Result<String, u16> {
    let form = [
        ("client_id", "sandbox"),
        ("client_secret", "sandbox"),
        ("grant_type", "client_credentials"),
    ];
    let request = world.request(Method::POST, &path.replace("{acct}", ACCOUNT));
    let answer = send(request.form(&form)).await;
    match answer.status {
        200 => Ok(answer.json()["access_token"].as_str().unwrap().to_owned()),
        status => Err(status),
    }
}

const V1: &str = "/sentinel/api/account/{acct}/app/token?v=1.0";
const V2: &str = "/sentinel/api/v2/account/{acct}/app/token";

#[tokio::test]
async fn a_stale_revision_is_412_or_409() {
    let occasions = "ac-common/specialoccasion?v=1.0";
    for (value, goal, occasion) in [
        ("412", 412, 412),
        ("409-common", 412, 409),
        ("409", 409, 409),
    ] {
        let world = world(&[&format!("stale={value}")]).await;
        let made = world.post(GOALS, &json!({"name": "g"})).await.expect(201);
        let path = format!("le-goals/goals/{}?v=3.0", made.id());
        world
            .put(&path, "999", &json!({"name": "h"}))
            .await
            .expect(goal);
        let body = json!({"name": "o", "description": "", "events": []});
        let made = world.post(occasions, &body).await.expect(200);
        let path = format!("ac-common/specialoccasion/{}?v=1.0", made.id());
        world.delete(&path, "999").await.expect(occasion);
    }
}

#[tokio::test]
async fn a_plain_post_on_an_item_is_405_or_404() {
    for value in [405, 404] {
        let world = world(&[&format!("post-on-item={value}")]).await;
        let made = world.post(GOALS, &json!({"name": "g"})).await.expect(201);
        let path = format!("le-goals/goals/{}?v=3.0", made.id());
        world.post(&path, &json!({"name": "h"})).await.expect(value);
    }
}

#[tokio::test]
async fn one_path_of_the_grant_can_be_missing() {
    for (value, first, second) in [
        ("both", true, true),
        ("v1", true, false),
        ("v2", false, true),
    ] {
        let world = world(&[&format!("oauth={value}")]).await;
        assert_eq!(token(&world, V1).await.is_ok(), first, "{value}");
        assert_eq!(token(&world, V2).await.is_ok(), second, "{value}");
        let refused = [token(&world, V1).await.err(), token(&world, V2).await.err()];
        assert!(
            refused.iter().flatten().all(|status| *status == 404),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn lifetimes_can_be_short() {
    let world = world(&["token-lifetime=5s", "session-lifetime=3s"]).await;
    let path = format!("/api/account/{ACCOUNT}/configuration/{GOALS}");
    let goals = async |bearer: &str| {
        let request = world.request(Method::GET, &path).bearer_auth(bearer);
        send(request).await.status
    };
    let login = world.request(Method::POST, &format!("/api/account/{ACCOUNT}/login?v=1.3"));
    let body = json!({"username": "sandbox", "password": "sandbox"});
    let session = send(login.json(&body)).await.expect(200).json();
    assert_eq!(session["sessionTTl"], "3000");
    let bearer = session["bearer"].as_str().unwrap();
    let token = token(&world, V2).await.unwrap();
    assert_eq!((goals(bearer).await, goals(&token).await), (200, 200));
    world.clock.advance_seconds(4);
    assert_eq!((goals(bearer).await, goals(&token).await), (401, 200));
    world.clock.advance_seconds(2);
    assert_eq!(goals(&token).await, 401);
}

#[tokio::test]
async fn a_login_can_lack_the_role() {
    for (value, read, write) in [
        ("manager", 200, 201),
        ("viewer", 200, 403),
        ("none", 403, 403),
    ] {
        let world = world(&[&format!("role={value}")]).await;
        let token = token(&world, V2).await.unwrap();
        let path = format!("/api/account/{ACCOUNT}/configuration/{GOALS}");
        let call = |method| world.request(method, &path).bearer_auth(&token);
        assert_eq!(send(call(Method::GET)).await.status, read, "{value}");
        let create = call(Method::POST).json(&json!({"name": "g"}));
        assert_eq!(send(create).await.status, write, "{value}");
        // The developer is no login.
        world.post(GOALS, &json!({"name": "h"})).await.expect(201);
    }
}

#[tokio::test]
async fn handoffs_are_listed_in_either_published_shape() {
    let handoff =
        json!({"name": "orders", "channels": [{"type": "inapp", "appNames": ["com.example"]}]});
    for (value, expected) in [
        ("handoffs", json!(["orders", Value::Null])),
        ("channels", json!([Value::Null, "inapp"])),
    ] {
        let world = world(&[&format!("handoff-list={value}"), "handoff-page=1"]).await;
        let admin = format!("/_sandbox/account/{ACCOUNT}/handoffs");
        for _ in 0..2 {
            let create = world.request(Method::POST, &admin).bearer_auth("sandbox");
            send(create.json(&handoff)).await;
        }
        let list = format!("/api/account/{ACCOUNT}/app/prmsg/handoffs/list?v=1");
        let list = send(world.request(Method::GET, &list).bearer_auth("sandbox")).await;
        let list = list.expect(200).json();
        assert_eq!(list.as_array().unwrap().len(), 1);
        assert_eq!(
            json!([list[0]["name"], list[0]["type"]]),
            expected,
            "{list}"
        );
    }
}

#[tokio::test]
async fn the_look_up_can_name_another_host_and_the_developer_can_go() {
    let world = world(&["base-uri=elsewhere.example:8443", "developer-bearer=off"]).await;
    let path = format!("/api/account/{ACCOUNT}/service/smt/baseURI.json?version=1.0");
    let answer = send(world.request(Method::GET, &path)).await.expect(200);
    assert_eq!(answer.json()["baseURI"], "elsewhere.example:8443");
    world.get(GOALS).await.expect(401);
}

#[tokio::test]
async fn the_look_up_writes_hosts_in_every_captured_form() {
    for (value, before, behind, is_below) in [
        ("captured", "", "", false),
        ("scheme", "http://", "", false),
        ("path", "", "/smt", true),
        ("folder", "http://", "/smt/", true),
    ] {
        let world = world(&[&format!("service-form={value}")]).await;
        let path = format!("/api/account/{ACCOUNT}/service/smt/baseURI.json?version=1.0");
        let answer = send(world.request(Method::GET, &path)).await.expect(200);
        let host = world.sandbox.address();
        assert_eq!(answer.json()["baseURI"], format!("{before}{host}{behind}"));
        if value == "captured" {
            let console = path.replace("/smt/", "/liveEngageUI/");
            let answer = send(world.request(Method::GET, &console)).await.expect(200);
            let uri = format!("http://{host}/liveEngageUI/");
            assert_eq!(answer.json()["baseURI"], uri);
        }
        // A service is served below its path alone: who drops it reaches another one.
        let goals = format!("/api/account/{ACCOUNT}/configuration/{GOALS}");
        let below = format!("/accountConfigReadWrite{goals}");
        for (path, is_served) in [(goals, !is_below), (below, is_below)] {
            let request = world.request(Method::GET, &path).bearer_auth("sandbox");
            let status = send(request).await.status;
            assert_eq!(status, if is_served { 200 } else { 404 }, "{value}: {path}");
        }
    }
}

#[tokio::test]
async fn a_rate_is_held_to_in_any_second() {
    let world = world(&["rate=3"]).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let response = world.config(Method::GET, GOALS).send().await.unwrap();
        let wait = response.headers().get("retry-after").cloned();
        statuses.push((response.status().as_u16(), wait));
    }
    // The first three are served at once; whether a second goes by before the last is not ours to say.
    assert!(
        statuses[..3].iter().all(|(status, _)| *status == 200),
        "{statuses:?}"
    );
    let statistics = world.sandbox.statistics();
    let refused: Vec<_> = statuses
        .iter()
        .filter(|(status, _)| *status == 429)
        .collect();
    assert!(
        refused
            .iter()
            .all(|(_, wait)| wait.as_ref().is_some_and(|wait| wait == "1"))
    );
    assert_eq!(statistics.throttled, refused.len() as u64);
    assert_eq!(statistics.requests, 5);
    // The back door is not held up.
    let stats = send(world.request(Method::GET, "/_sandbox/stats")).await;
    assert_eq!(stats.expect(200).json()["requests"], 5);
}

#[tokio::test]
async fn a_list_of_campaigns_says_what_changed_or_not() {
    let mut told = String::new();
    for value in ["shown", "undated", "unrevised", "ignored", "refused"] {
        let world = world(&[&format!("list-stamps={value}")]).await;
        let campaign = json!({"name": "c", "description": "d"});
        let campaign = world.post("le-campaigns/campaigns?v=3.4", &campaign).await;
        let path = format!("le-campaigns/campaigns/{}?v=3.4", campaign.expect(201).id());
        let keys = [
            "id",
            "description",
            "modifiedDate",
            "engagementCollectionRevision",
        ];
        let mut shown = Vec::new();
        for query in [
            "select=id,modifiedDate,engagementCollectionRevision",
            "field_set=all",
        ] {
            let list = world
                .get(&format!("le-campaigns/campaigns?v=3.4&{query}"))
                .await;
            shown.push(match list.status {
                200 => {
                    let row = list.json()[0].clone();
                    let keys = keys.iter().filter(|key| row.get(**key).is_some());
                    keys.map(|key| &key[..2]).collect::<Vec<_>>().join(" ")
                }
                status => status.to_string(),
            });
        }
        writeln!(told, "{value}: {}", shown.join("; ")).unwrap();
        // The item is the same in all of them.
        let item = world.get(&path).await.json();
        assert!(keys.iter().all(|key| item.get(*key).is_some()), "{item}");
    }
    insta::assert_snapshot!(told, @"
    shown: id mo en; id de mo en
    undated: id en; id de en
    unrevised: id mo; id de mo
    ignored: id de; id de mo en
    refused: 400; id de mo en
    ");
}

#[tokio::test]
async fn a_list_of_whole_campaigns_has_five_forms() {
    let mut forms = String::new();
    for value in ["whole", "shallow", "childless", "summary", "refused"] {
        let world = world(&[&format!("whole-list={value}")]).await;
        let campaign = json!({"name": "c", "controlGroup": {"percentage": 10}});
        let campaign = world.post("le-campaigns/campaigns?v=3.4", &campaign).await;
        let path = format!("le-campaigns/campaigns/{}", campaign.expect(201).id());
        let engagement = json!({"name": "e", "source": 0, "enabled": true});
        world
            .post(&format!("{path}/engagements?v=3.4"), &engagement)
            .await
            .expect(201);
        let list = world
            .get("le-campaigns/campaigns?v=3.4&field_set=all")
            .await;
        let shown = if list.status == 200 {
            let row = list.json()[0].clone();
            let inside = row["engagements"][0].as_object().map(serde_json::Map::len);
            let has = |key: &str| row.get(key).is_some();
            format!("{} {inside:?}", has("controlGroup"))
        } else {
            list.status.to_string()
        };
        writeln!(forms, "{value}: {shown}").unwrap();
        // The bare list and the item are the same in all of them.
        let bare = world.get("le-campaigns/campaigns?v=3.4").await.json();
        assert!(bare[0].get("engagements").is_none());
        let item = world.get(&format!("{path}?v=3.4")).await.json();
        assert_eq!(item["engagements"][0]["enabled"], true);
    }
    insta::assert_snapshot!(forms, @"
    whole: true Some(10)
    shallow: true Some(2)
    childless: true None
    summary: false None
    refused: 400
    ");
}

#[test]
fn no_switch_is_left_without_a_test() {
    let tests = [
        include_str!("switches.rs"),
        include_str!("monitoring.rs"),
        include_str!("reporting.rs"),
        include_str!("collections.rs"),
        include_str!("campaigns.rs"),
        include_str!("revisions.rs"),
        include_str!("special_occasions.rs"),
        include_str!("visits.rs"),
        include_str!("../agreement/platform.rs"),
        include_str!("../clevertap.rs"),
        include_str!("../client/pages.rs"),
        include_str!("../doctor.rs"),
        include_str!("../handoffs.rs"),
        include_str!("../launches.rs"),
        include_str!("../login.rs"),
    ];
    // Those that older tests turn as fields of the settings.
    let fields = [
        ("missing-if-match", "allow_missing_if_match"),
        ("missing-version", "allow_missing_version_on_read"),
        ("not-modified", "304"),
        ("deleted", "deleted_is_not_found"),
        ("engagement-revision", "account_wide_child_revision"),
        ("unknown-reference", "refuse_unknown_references"),
        ("handoff-service", "HandoffService::"),
        ("handoff-limit", "HandoffLimit::"),
        ("delete-in-use", "DeleteInUse::"),
        ("delete-inside", "deleted_leaves_list"),
        ("client-credentials", "ApplicationRights::"),
        ("code-lifetime", "code_lifetime"),
        ("refresh-token", "rotates_refresh_tokens"),
        ("refresh-token-lifetime", "refresh_token_lifetime"),
    ];
    for switch in SWITCHES {
        // Those of the facts that the evaluator has switches for are turned there, against the evaluator.
        if campaignctl::kinds::offering::Switch::named(switch.name).is_some() {
            continue;
        }
        let field = fields.iter().find(|(name, _)| *name == switch.name);
        let sign = field.map_or(format!("\"{}=", switch.name), |(_, field)| {
            (*field).to_owned()
        });
        assert!(
            tests.iter().any(|test| test.contains(&sign)),
            "no test turns the switch `{}`",
            switch.name
        );
    }
}

#[tokio::test]
async fn answers_hold_what_captured_ones_do() {
    for (value, shown) in [("captured", false), ("full", true)] {
        let world = world(&[&format!("rows={value}")]).await;
        let campaign = json!({"name": "c", "controlGroup": {"percentage": 10}});
        let campaign = world.post("le-campaigns/campaigns?v=3.4", &campaign).await;
        let campaign = campaign.expect(201).json();
        assert_eq!(campaign["controlGroup"]["percentage"].to_string(), "10.0");
        let path = format!("le-campaigns/campaigns/{}/engagements", campaign["id"]);
        let engagement = json!({"name": "e", "source": 0, "weight": 0.7});
        let made = world.post(&format!("{path}?v=3.4"), &engagement).await;
        let made = made.expect(201);
        let whole = world
            .get(&format!("le-campaigns/campaigns/{}?v=3.4", campaign["id"]))
            .await
            .json();
        for answer in [&made.json(), &whole["engagements"][0]] {
            assert_eq!(answer.get("weight").is_some(), shown, "{value}");
            assert_eq!(answer["availabilityPolicyForMessaging"], 1);
        }
        // Who could not read the weight does not lose it.
        let item = format!("{path}/{}?v=3.4", made.id());
        let renamed = json!({"name": "f", "source": 0});
        world
            .put(&item, made.revision(), &renamed)
            .await
            .expect(200);
        let kept = world.get(&item).await.json();
        assert_eq!(kept.get("weight").is_some(), shown, "{kept}");
        let window = json!({"name": "w", "type": "internal", "json": {"name": "", "sound": true}});
        let window = world
            .post("engagement-window/window-confs?v=2.0", &window)
            .await;
        let window = window.expect(201).json();
        assert_eq!(window["json"], json!({"name": "", "sound": true, "id": -1}));
        assert_eq!(window.get("createdDate").is_some(), shown, "{value}");
        let app = json!({"client_name": "a"});
        let app = world
            .post("app-install/installations?v=1.0", &app)
            .await
            .expect(201)
            .json();
        assert_eq!(app["client_id"], app["id"]);
        assert!(app["client_secret"].is_string());
        assert_eq!(app.get("modifiedDate").is_some(), shown, "{value}");
    }
}

#[tokio::test]
async fn bare_lists_of_targeting_have_neither_dates_nor_deleted() {
    let world = World::new().await;
    for path in [
        "le-targeting/visitor-profiles?v=2.0",
        "le-targeting/visitor-behaviors?v=2.0",
        "le-targeting/onsite-locations?v=3.0",
    ] {
        let rows = world.get(path).await.expect(200).json();
        let mut keys: Vec<_> = rows[0].as_object().unwrap().keys().cloned().collect();
        keys.sort();
        assert_eq!(
            keys,
            [
                "conditionBoxTypes",
                "description",
                "id",
                "isSystemDefault",
                "name",
                "systemDefault"
            ],
            "{path}"
        );
    }
}
