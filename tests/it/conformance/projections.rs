//! Summary and full lists, `fields` and `select` (platform.md#query-parameters).

use serde_json::{Value, json};

use super::client::World;

async fn with_goal() -> World {
    let world = World::new().await;
    let goal = json!({"name": "checkout", "description": "d", "type": 0,
        "indicatorValue": {"url": "/thanks", "matchType": 0}, "novelty": 1});
    world.post("le-goals/goals?v=3.0", &goal).await.expect(201);
    world
}

async fn checkout(world: &World, query: &str) -> Value {
    let list = world
        .get(&format!("le-goals/goals?v=3.0{query}"))
        .await
        .expect(200)
        .json();
    list.as_array().unwrap().last().unwrap().clone()
}

fn keys(row: &Value) -> Vec<&str> {
    row.as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn the_bare_list_is_a_summary() {
    let world = with_goal().await;
    for query in ["", "&field_set=summary", "&select=$summary"] {
        let row = checkout(&world, query).await;
        assert_eq!(keys(&row), ["id", "name", "deleted"]);
    }
    for query in ["&field_set=all", "&select=$all"] {
        let row = checkout(&world, query).await;
        assert_eq!(row["novelty"], 1);
        assert_eq!(row["indicatorValue"]["url"], "/thanks");
    }
}

#[tokio::test]
async fn fields_are_listed_or_repeated_and_must_exist() {
    let world = with_goal().await;
    for query in [
        "&fields=id,name,novelty",
        "&fields=id&fields=name&fields=novelty",
    ] {
        let row = checkout(&world, query).await;
        assert_eq!(keys(&row), ["id", "name", "novelty"]);
    }
    let refused = world
        .get("le-goals/goals?v=3.0&fields=id,bogus,worse")
        .await
        .expect(400)
        .json();
    assert_eq!(refused["message"], "unknown fields: `bogus`, `worse`");
    let goal = json!({"name": "slim"});
    let made = world.post("le-goals/goals?v=3.0&fields=id", &goal).await;
    assert_eq!(keys(&made.expect(201).json()), ["id"]);
}

#[tokio::test]
async fn select_looks_inside_and_forgives() {
    let world = with_goal().await;
    let row = checkout(&world, "&select=name,indicatorValue(url),bogus").await;
    assert_eq!(
        row,
        json!({"name": "checkout", "indicatorValue": {"url": "/thanks"}})
    );
    for broken in ["select=a(b", "field_set=some", "include_deleted=maybe"] {
        world
            .get(&format!("le-goals/goals?v=3.0&{broken}"))
            .await
            .expect(400);
    }
}
