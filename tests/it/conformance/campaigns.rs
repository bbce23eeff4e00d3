//! The life of a campaign as public clients drive it: create, add engagements, publish, edit, take down
//! (platform.md#campaign).

use campaignctl::sandbox::{DeleteInUse, SandboxSettings};
use serde_json::{Value, json};

use super::client::{ACCOUNT, World};

const CAMPAIGNS: &str = "le-campaigns/campaigns?v=3.4";

fn campaign_path(id: &str) -> String {
    format!("le-campaigns/campaigns/{id}?v=3.4")
}

fn engagements_path(campaign: &str) -> String {
    format!("le-campaigns/campaigns/{campaign}/engagements?v=3.4")
}

fn engagement_path(campaign: &str, id: &str) -> String {
    format!("le-campaigns/campaigns/{campaign}/engagements/{id}?v=3.4")
}

fn campaign() -> Value {
    json!({"id": null, "name": "autumn-sale", "description": "", "type": 0,
        "startDate": "2026-09-01 00:00:00", "expirationDate": "2026-11-30 23:59:59",
        "timeZone": "Europe/Paris", "priority": 0.5, "weight": 0.2,
        "controlGroup": {"percentage": 0.0}, "status": 0, "goalId": 4_100_000_999_u64,
        "visitorProfiles": [4_100_000_998_u64], "engagementIds": [], "engagements": [],
        "engaged": 0, "conversion": 0})
}

fn engagement() -> Value {
    json!({"id": null, "name": "app-home", "description": "", "channel": 1, "type": 13,
        "subType": 34, "source": 12, "enabled": true, "language": "en-US",
        "onsiteLocations": [], "visitorBehaviors": [], "skillId": null,
        "displayInstances": [{"displayInstanceType": 5, "enabled": true,
            "presentation": {"size": {"width": "10", "height": "20"}, "x": null}}],
        "timeInQueue": 0, "isPopOut": false, "zones": [], "conversionType": 1})
}

/// What the platform does is not known (platform.md#campaign).
#[tokio::test]
async fn a_deleted_engagement_stays_in_the_list_of_its_campaign_or_leaves_it() {
    for (deleted_leaves_list, listed) in [(false, 1), (true, 0)] {
        let world = World::with(SandboxSettings {
            deleted_leaves_list,
            ..SandboxSettings::default()
        });
        let world = world.await;
        let made = world.post(CAMPAIGNS, &campaign()).await.expect(201);
        let inside = engagements_path(&made.id());
        let child = world.post(&inside, &engagement()).await.expect(201);
        let mut body = made.json();
        body["engagementIds"] = json!([child.json()["id"]]);
        let path = campaign_path(&made.id());
        let put = world.put(&path, made.revision(), &body).await.expect(200);
        let item = engagement_path(&made.id(), &child.id());
        world.delete(&item, child.revision()).await.expect(200);
        let after = world.get(&path).await;
        let ids = after.json()["engagementIds"].as_array().map(Vec::len);
        assert_eq!(
            (after.json()["engagements"].clone(), ids),
            (json!([]), Some(listed))
        );
        let is_moved = after.revision() != put.revision();
        assert_eq!(is_moved, deleted_leaves_list);
    }
}

#[tokio::test]
async fn the_publish_flow_of_public_clients() {
    let world = World::new().await;
    let made = world.post(CAMPAIGNS, &campaign()).await.expect(201);
    let id = made.id();
    assert_eq!(made.json()["engagements"], json!([]));
    let child = world.post(&engagements_path(&id), &engagement()).await;
    let child = child.expect(201);
    assert_eq!(child.json().get("skillId"), None, "nulls are not kept");
    assert_eq!(
        child.json()["displayInstances"],
        engagement()["displayInstances"]
    );

    // The revision of the campaigns has not moved: engagements have their own.
    let mut body = made.json();
    body["status"] = json!(1);
    body["engagementIds"] = json!([child.json()["id"]]);
    let path = campaign_path(&id);
    let published = world
        .tunnel("PUT", &path, made.revision(), Some(&body))
        .await;
    published.expect(200);

    let read = world.get(&path).await.expect(200).json();
    assert_eq!(read["status"], 1);
    assert_eq!(read["engagementIds"], json!([child.json()["id"]]));
    assert_eq!(read["engagements"][0]["name"], "app-home");
    assert_eq!(
        read["engagements"][0]["displayInstances"],
        engagement()["displayInstances"]
    );
    assert_eq!(
        read["engagementCollectionRevision"].to_string(),
        child.revision()
    );
    assert_eq!(read["accountId"], ACCOUNT);
    assert_eq!(read["startDateTimeZoneOffset"], 7_200_000);
    assert_eq!(read["expirationDateTimeZoneOffset"], 3_600_000);
}

#[tokio::test]
async fn volatile_fields_differ_at_every_read() {
    let world = World::new().await;
    let made = world.post(CAMPAIGNS, &campaign()).await.expect(201);
    let minutes = async || {
        let read = world.get(&campaign_path(&made.id())).await.json();
        read["expirationTimeInMinutes"].as_i64().unwrap()
    };
    let (first, second) = (minutes().await, minutes().await);
    assert_ne!(first, second);
    world.clock.advance_seconds(24 * 60 * 60);
    assert!((first - minutes().await - 24 * 60).abs() < 10);
    let put = world
        .put(
            &campaign_path(&made.id()),
            made.revision(),
            &json!({"name": "x", "startTimeInMinutes": 5}),
        )
        .await;
    assert_eq!(put.expect(200).json().get("startTimeInMinutes"), None);
}

#[tokio::test]
async fn the_list_embeds_engagements_only_on_demand() {
    let world = World::new().await;
    let (one, two) = (
        world.post(CAMPAIGNS, &campaign()).await.id(),
        world.post(CAMPAIGNS, &campaign()).await.id(),
    );
    for id in [&one, &two, &two] {
        let path = engagements_path(id);
        world.post(&path, &engagement()).await.expect(201);
    }
    let bare = world.get(CAMPAIGNS).await.json();
    assert_eq!(bare[0].get("engagements"), None);
    assert_eq!(bare[0]["name"], "autumn-sale");
    let query = "&fields=id&fields=engagements&fields=engagementIds";
    let list = world.get(&format!("{CAMPAIGNS}{query}")).await.json();
    let counts: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["engagements"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [1, 2]);
}

#[tokio::test]
async fn engagements_count_their_revision_by_campaign() {
    for account_wide in [false, true] {
        let world = World::with(SandboxSettings {
            account_wide_child_revision: account_wide,
            ..SandboxSettings::default()
        })
        .await;
        let (one, two) = (
            world.post(CAMPAIGNS, &campaign()).await.id(),
            world.post(CAMPAIGNS, &campaign()).await.id(),
        );
        let mine = world.post(&engagements_path(&one), &engagement()).await;
        let other = world.post(&engagements_path(&two), &engagement()).await;
        let path = engagement_path(&one, &mine.id());
        let changed = world.put(&path, mine.revision(), &engagement()).await;
        assert_eq!(changed.status, if account_wide { 412 } else { 200 });
        // The other campaign has no such engagement.
        let stray = engagement_path(&two, &mine.id());
        world.get(&stray).await.expect(404);
        world.delete(&stray, other.revision()).await.expect(404);
    }
}

#[tokio::test]
async fn deleted_engagements_and_those_of_deleted_campaigns_are_hidden() {
    let world = World::new().await;
    let made = world.post(CAMPAIGNS, &campaign()).await;
    let id = made.id();
    let gone = world.post(&engagements_path(&id), &engagement()).await;
    let stays = world.post(&engagements_path(&id), &engagement()).await;
    world
        .delete(&engagement_path(&id, &gone.id()), stays.revision())
        .await
        .expect(200);
    let read = world.get(&campaign_path(&id)).await.json();
    let embedded: Vec<_> = read["engagements"].as_array().unwrap().iter().collect();
    assert_eq!(embedded.len(), 1);
    assert_eq!(embedded[0]["id"], stays.json()["id"]);

    world
        .delete(&campaign_path(&id), made.revision())
        .await
        .expect(200);
    world.get(&engagements_path(&id)).await.expect(410);
    world
        .get(&engagement_path(&id, &stays.id()))
        .await
        .expect(410);
    let unknown = engagements_path("4999999999");
    world.post(&unknown, &engagement()).await.expect(404);
}

#[tokio::test]
async fn references_are_checked_on_demand() {
    let world = World::with(SandboxSettings {
        refuse_unknown_references: true,
        delete_in_use: DeleteInUse::Refused,
        ..SandboxSettings::default()
    })
    .await;
    world.post(CAMPAIGNS, &campaign()).await.expect(400);
    let goal = world
        .post("le-goals/goals?v=3.0", &json!({"name": "g"}))
        .await;
    let mut body = campaign();
    body["goalId"] = goal.json()["id"].clone();
    body["visitorProfiles"] = json!([]);
    let made = world.post(CAMPAIGNS, &body).await.expect(201);
    let path = format!("le-goals/goals/{}?v=3.0", goal.id());
    let refused = world.delete(&path, goal.revision()).await.expect(400);
    assert!(refused.text.contains("in use"), "{refused:?}");
    world
        .delete(&campaign_path(&made.id()), made.revision())
        .await
        .expect(200);
    world.delete(&path, goal.revision()).await.expect(200);
}
