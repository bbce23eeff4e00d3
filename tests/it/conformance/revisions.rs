//! Collection-wide revisions and `If-Match` (platform.md#revisions).

use campaignctl::sandbox::SandboxSettings;
use reqwest::Method;
use serde_json::json;

use super::client::{World, send};

const GOALS: &str = "le-goals/goals?v=3.0";

#[tokio::test]
async fn a_change_of_any_row_makes_a_revision_stale() {
    let world = World::new().await;
    let mine = world.post(GOALS, &json!({"name": "mine"})).await;
    let other = world.post(GOALS, &json!({"name": "other"})).await;
    assert_ne!(mine.revision(), other.revision());
    let path = format!("le-goals/goals/{}?v=3.0", mine.id());
    let body = json!({"name": "changed"});
    world.put(&path, mine.revision(), &body).await.expect(412);
    world.delete(&path, mine.revision()).await.expect(412);
    let current = world.get(&path).await;
    assert_eq!(current.revision, other.revision);
    assert_eq!(current.json()["name"], "mine");
    world
        .put(&path, current.revision(), &body)
        .await
        .expect(200);
}

#[tokio::test]
async fn if_match_is_required_and_bare() {
    let world = World::new().await;
    let made = world.post(GOALS, &json!({"name": "mine"})).await;
    let path = format!("le-goals/goals/{}?v=3.0", made.id());
    let body = json!({"name": "changed"});
    send(world.config(Method::PUT, &path).json(&body))
        .await
        .expect(412);
    send(world.config(Method::DELETE, &path)).await.expect(412);
    let quoted = format!("\"{}\"", made.revision());
    world.put(&path, &quoted, &body).await.expect(412);

    let lenient = World::with(SandboxSettings {
        allow_missing_if_match: true,
        ..SandboxSettings::default()
    })
    .await;
    let made = lenient.post(GOALS, &json!({"name": "mine"})).await;
    let path = format!("le-goals/goals/{}?v=3.0", made.id());
    send(lenient.config(Method::PUT, &path).json(&body))
        .await
        .expect(200);
    lenient.put(&path, made.revision(), &body).await.expect(412);
}

#[tokio::test]
async fn one_of_two_racing_writers_loses() {
    let world = World::new().await;
    let made = world.post(GOALS, &json!({"name": "mine"})).await;
    let path = format!("le-goals/goals/{}?v=3.0", made.id());
    let (left, right) = (json!({"name": "left"}), json!({"name": "right"}));
    let (left, right) = tokio::join!(
        world.put(&path, made.revision(), &left),
        world.put(&path, made.revision(), &right)
    );
    let mut statuses = [left.status, right.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}
