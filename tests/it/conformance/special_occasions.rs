//! Special occasions and skills, the two documented families that differ from the others (platform.md#special-occasion).

use campaignctl::sandbox::{SandboxSettings, StaleAnswer};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{World, send};
use super::switches::world;

const OCCASIONS: &str = "ac-common/specialoccasion?v=1.0";
const SKILLS: &str = "le-users/skills?v=2.0";

fn occasion(name: &str) -> Value {
    json!({"name": name, "description": "closed", "isDefault": false, "events": [
        {"meta": {"working": false, "name": "day"}, "recurrence": [],
            "start": {"dateTime": "2026-12-25", "timeZone": "Europe/Paris"},
            "end": {"dateTime": "2026-12-25", "timeZone": "Europe/Paris"}}]})
}

fn item(ids: &str) -> String {
    format!("ac-common/specialoccasion/{ids}?v=1.0")
}

#[tokio::test]
async fn occasions_are_created_with_200_and_replaced_by_array() {
    let world = World::new().await;
    let made = world.post(OCCASIONS, &occasion("Christmas")).await;
    let made = made.expect(200);
    let mut body = made.json();
    body["description"] = json!("shut");
    world
        .put(&item(&made.id()), made.revision(), &body)
        .await
        .expect(405);
    let put = world
        .put(OCCASIONS, made.revision(), &json!([body]))
        .await
        .expect(200);
    assert_eq!(put.json()[0]["description"], "shut");
    world
        .put(OCCASIONS, made.revision(), &json!([body]))
        .await
        .expect(412);
    world
        .put(OCCASIONS, put.revision(), &json!([{"name": "idless"}]))
        .await
        .expect(400);
    let list = world.get(OCCASIONS).await.expect(200).json();
    assert_eq!(list[0].get("events"), None, "{list}");
    assert_eq!(list[0]["name"], "Christmas");
}

#[tokio::test]
async fn names_of_occasions_are_unique_among_the_living() {
    let world = World::new().await;
    let made = world.post(OCCASIONS, &occasion("Christmas")).await;
    world
        .post(OCCASIONS, &occasion("Christmas"))
        .await
        .expect(409);
    world
        .put(OCCASIONS, made.revision(), &json!([made.json()]))
        .await
        .expect(200);
    let current = world.get(OCCASIONS).await;
    world
        .delete(&item(&made.id()), current.revision())
        .await
        .expect(200);
    world
        .post(OCCASIONS, &occasion("Christmas"))
        .await
        .expect(200);
}

#[tokio::test]
async fn occasions_are_deleted_by_comma_list() {
    let world = World::new().await;
    let both = json!([occasion("a"), occasion("b")]);
    let made = world.post(OCCASIONS, &both).await.expect(200);
    let rows = made.json();
    let ids = format!("{},{}", rows[0]["id"], rows[1]["id"]);
    let unknown = item(&format!("{},4999999999", rows[0]["id"]));
    world.delete(&unknown, made.revision()).await.expect(404);
    let gone = world.delete(&item(&ids), made.revision()).await.expect(200);
    assert_eq!(gone.text, "");
    assert_eq!(world.get(OCCASIONS).await.json(), json!([]));
    let again = world.delete(&item(&ids), gone.revision()).await;
    assert_eq!(again.expect(404).json()["message"], "No data found");
}

#[tokio::test]
async fn current_copies_of_occasions_are_not_sent_again() {
    let world = World::with(SandboxSettings {
        stale: StaleAnswer::ConflictOnCommon,
        ..SandboxSettings::default()
    })
    .await;
    let made = world.post(OCCASIONS, &occasion("a")).await;
    let read = async |path: &str, revision: &str| {
        let request = world.config(Method::GET, path);
        send(request.header("If-Match", revision)).await
    };
    read(OCCASIONS, made.revision()).await.expect(304);
    read(&item(&made.id()), made.revision()).await.expect(304);
    read(OCCASIONS, "0").await.expect(200);
    world
        .put(OCCASIONS, "0", &json!([made.json()]))
        .await
        .expect(409);
}

#[tokio::test]
async fn the_newest_default_takes_over() {
    let world = World::new().await;
    let mut body = occasion("a");
    body["isDefault"] = json!(true);
    world.post(OCCASIONS, &body).await.expect(200);
    body["name"] = json!("b");
    world.post(OCCASIONS, &body).await.expect(200);
    let list = world.get(OCCASIONS).await.json();
    assert_eq!(list[0]["isDefault"], false);
    assert_eq!(list[1]["isDefault"], true);
}

#[tokio::test]
async fn skills_have_an_etag_and_bulk_deletes() {
    let world = World::new().await;
    let made = world.post(SKILLS, &json!({"name": "Orders"})).await;
    let made = made.expect(201);
    assert_eq!(made.etag, made.revision);
    world
        .post(SKILLS, &json!({"name": "Orders"}))
        .await
        .expect(409);
    assert_eq!(made.json()["dateUpdated"], "2026-01-02 03:04:05");
    let request = world
        .config(Method::DELETE, SKILLS)
        .header("If-Match", made.revision())
        .json(&json!([made.id()]));
    send(request).await.expect(200);
    assert_eq!(world.get(SKILLS).await.json(), json!([]));
}

#[tokio::test]
async fn one_occasion_can_be_replaced_on_its_own_if_the_platform_takes_it() {
    for (value, status) in [("refused", 405), ("served", 200)] {
        let world = world(&[&format!("item-put={value}")]).await;
        let made = world.post(OCCASIONS, &occasion("Christmas")).await;
        let put = world
            .put(&item(&made.id()), made.revision(), &made.json())
            .await;
        assert_eq!(put.status, status, "{value}");
    }
    // Of all other kinds, items are replaced one by one.
    let world = world(&["item-put=refused"]).await;
    let made = world.post(SKILLS, &json!({"name": "Orders"})).await;
    let path = format!("le-users/skills/{}?v=2.0", made.id());
    world
        .put(&path, made.revision(), &made.json())
        .await
        .expect(200);
}

#[tokio::test]
async fn an_array_of_one_can_be_answered_by_the_object() {
    for value in ["array", "object"] {
        let world = world(&[&format!("array-answer={value}")]).await;
        let made = world.post(OCCASIONS, &occasion("Christmas")).await;
        let put = world
            .put(OCCASIONS, made.revision(), &json!([made.json()]))
            .await;
        let body = put.expect(200).json();
        let row = if value == "array" { &body[0] } else { &body };
        assert_eq!(row["name"], "Christmas", "{body}");
    }
}

#[tokio::test]
async fn a_skill_in_use_is_not_deleted() {
    let world = World::new().await;
    let skill = world.post(SKILLS, &json!({"name": "Orders"})).await;
    let campaigns = "le-campaigns/campaigns?v=3.4";
    let body = json!({"name": "c", "status": 0, "timeZone": "UTC"});
    let campaign = world.post(campaigns, &body).await.expect(201).id();
    let engagements = format!("le-campaigns/campaigns/{campaign}/engagements?v=3.4");
    let body = json!({"name": "e", "skillId": skill.json()["id"]});
    let engagement = world.post(&engagements, &body).await.expect(201);
    let path = format!("le-users/skills/{}?v=2.0", skill.id());
    let refused = world
        .delete(&path, skill.revision())
        .await
        .expect(400)
        .json();
    let entity = format!("Engagement {}", engagement.id());
    let message = "skill cannot be deleted because it is assigned to the following entities:";
    assert_eq!(
        refused,
        json!({"type": "skill-dependencies", "message": format!("{message} {entity}")})
    );
    let path_of = format!(
        "le-campaigns/campaigns/{campaign}/engagements/{}?v=3.4",
        engagement.id()
    );
    world
        .delete(&path_of, engagement.revision())
        .await
        .expect(200);
    world.delete(&path, skill.revision()).await.expect(200);
}
