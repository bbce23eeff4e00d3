//! Raw wire JSON as the first content of an account.

use std::fs;
use std::path::Path;

use campaignctl::sandbox::SeedError;
use serde_json::{Value, json};

use super::client::World;

fn write(folder: &Path, name: &str, body: &Value) {
    fs::write(folder.join(name), body.to_string()).unwrap();
}

async fn goals(world: &World) -> Value {
    let path = "le-goals/goals?v=3.0&field_set=all&include_deleted=true";
    world.get(path).await.expect(200).json()
}

#[tokio::test]
async fn a_folder_is_loaded_as_it_stands() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "goals.json",
        &json!([
            {"id": 4_100_000_101_u64, "name": "kept", "novelty": {"a": null},
                "createdDate": "2020-01-01 00:00:00", "deleted": true},
            {"name": "numbered"},
            {"id": 77, "name": "Interact with visitors", "systemDefault": true},
        ]),
    );
    fs::write(folder.path().join("README.md"), "not a seed").unwrap();
    let seeded = world.sandbox.seed(folder.path()).unwrap();
    assert_eq!(seeded.0["goals"], 3);
    let rows = goals(&world).await;
    assert_eq!(rows.as_array().unwrap().len(), 3, "{rows}");
    assert_eq!(rows[0]["createdDate"], "2020-01-01 00:00:00");
    assert_eq!(rows[0]["novelty"], json!({"a": null}));
    assert_eq!(rows[0]["deleted"], true);
    assert_ne!(rows[1]["id"], rows[0]["id"]);
    assert_eq!(rows[2]["id"], 77);
    assert_eq!(rows[2]["systemDefault"], true);
}

#[tokio::test]
async fn a_file_is_loaded_once_into_an_empty_account() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "all.json",
        &json!({"goals": [{"name": "a"}]}),
    );
    let file = folder.path().join("all.json");
    assert!(world.sandbox.seed_if_empty(&file).unwrap().is_some());
    let before = goals(&world).await;
    assert!(world.sandbox.seed_if_empty(&file).unwrap().is_none());
    assert_eq!(goals(&world).await, before);
    world.sandbox.reset().unwrap();
    assert_eq!(goals(&world).await.as_array().unwrap().len(), 1);
    assert!(world.sandbox.seed_if_empty(&file).unwrap().is_some());
}

#[tokio::test]
async fn a_bad_seed_names_its_place_and_changes_nothing() {
    let world = World::new().await;
    let before = goals(&world).await;
    let folder = tempfile::tempdir().unwrap();
    let refuse = |text: &str| {
        fs::write(folder.path().join("seed.json"), text).unwrap();
        let error = world.sandbox.seed(&folder.path().join("seed.json"));
        error.unwrap_err()
    };
    for (text, place) in [
        (r#"{"goals": [{"name": "fine"}, {"name": 1}]}"#, "/goals/1"),
        (r#"{"goals": [{"id": {}, "name": "x"}]}"#, "/goals/0"),
        (
            r#"{"goals": [{"id": 1, "name": "x"}, {"id": 1, "name": "y"}]}"#,
            "/goals/1",
        ),
        (r#"{"goals": [1]}"#, "/goals/0"),
        (r#"{"goals": {}}"#, "/goals"),
        (r#"{"goats": []}"#, "/goats"),
        ("[]", ""),
    ] {
        match refuse(text) {
            SeedError::Content { pointer, .. } => assert_eq!(pointer, place, "{text}"),
            other => panic!("{other}"),
        }
    }
    let syntax = refuse("{\n  \"goals\": [,]}").to_string();
    assert!(syntax.contains("seed.json:2:13"), "{syntax}");
    let missing = world.sandbox.seed(&folder.path().join("nothing.json"));
    assert!(matches!(missing, Err(SeedError::Read { .. })));
    assert_eq!(goals(&world).await, before);
}

#[tokio::test]
async fn engagements_find_their_campaign() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "campaigns.json",
        &json!([{"id": 5, "name": "one", "engagements": [{"id": 50, "name": "embedded"}]},
            {"name": "two"}]),
    );
    write(
        folder.path(),
        "engagements.json",
        &json!([{"name": "by id", "campaignId": 5}, {"name": "by name", "campaignId": "two"}]),
    );
    world.sandbox.seed(folder.path()).unwrap();
    let list = "le-campaigns/campaigns?v=3.4&fields=name&fields=engagements";
    let rows = world.get(list).await.expect(200).json();
    let names: Vec<Vec<_>> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let members = row["engagements"].as_array().unwrap();
            members.iter().map(|member| &member["name"]).collect()
        })
        .collect();
    assert_eq!(names, [vec!["embedded", "by id"], vec!["by name"]]);
    write(
        folder.path(),
        "engagements.json",
        &json!([{"name": "stray", "campaignId": 6}]),
    );
    world.sandbox.reset().unwrap();
    let error = world.sandbox.seed(folder.path()).unwrap_err();
    assert!(error.to_string().contains("engagements.json"), "{error}");
}
