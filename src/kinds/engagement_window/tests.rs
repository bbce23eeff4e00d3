//! Tests of `EngagementWindow`.

use serde_json::{Value, json};

use super::EngagementWindowKind;
use crate::kinds::KindDef;
use crate::kinds::mapping::{canonical, create_body, lift, overlay};
use crate::kinds::testing::{TestWorld, kind_tests};

const DEF: KindDef = KindDef::of::<EngagementWindowKind>();

// The server assigns the style's id; a null name is as good as none, and one that repeats the window's as an empty one.
kind_tests!(EngagementWindowKind, |body| {
    let name = body.get("name").cloned();
    if let Some(style) = body.get_mut("json").and_then(Value::as_object_mut) {
        style.shift_remove("id");
        if style.get("name").is_some_and(Value::is_null) {
            style.shift_remove("name");
        }
        if style.contains_key("name") && style.get("name") == name.as_ref() {
            style.insert("name".to_owned(), Value::from(""));
        }
    }
});

#[test]
fn a_captured_style_has_an_id_and_a_name_that_say_nothing() {
    let live = json!({ "name": "Shop", "json": { "id": -1, "name": "", "sound": true } });
    let spec = json!({ "displayName": "Shop", "style": { "sound": true } });
    assert_eq!(lift(&DEF, &live, &TestWorld), spec);
    assert_eq!(overlaid(live.clone(), &spec), live);
    assert_eq!(
        create_body(&DEF, &spec, &TestWorld)["json"],
        json!({ "sound": true, "name": "" })
    );
}

fn overlaid(mut live: Value, spec: &Value) -> Value {
    overlay(&DEF, &mut live, spec, &TestWorld);
    live
}

#[test]
fn the_name_in_the_style_follows_the_display_name() {
    let live =
        json!({ "id": 7, "name": "Shop", "json": { "id": 7, "name": "Shop", "sound": true } });
    assert_eq!(
        lift(&DEF, &live, &TestWorld),
        json!({ "displayName": "Shop", "style": { "sound": true } })
    );
    assert_eq!(
        overlaid(live, &json!({ "displayName": "Store" })),
        json!({ "id": 7, "name": "Store", "json": { "id": 7, "name": "Store", "sound": true } })
    );
}

#[test]
fn a_name_of_the_style_s_own_stays() {
    let live = json!({ "id": 7, "name": "Shop", "json": { "id": 7, "name": "Other" } });
    assert_eq!(
        lift(&DEF, &live, &TestWorld),
        json!({ "displayName": "Shop", "style": { "name": "Other" } })
    );
    let renamed = overlaid(live.clone(), &json!({ "displayName": "Store" }));
    assert_eq!(renamed["json"]["name"], "Other");
    let followed = overlaid(live, &json!({ "style": { "name": "Shop" } }));
    assert_eq!(followed["json"]["name"], "Shop");
}

#[test]
fn a_style_without_a_name_stays_so() {
    let live = json!({ "id": 7, "name": "Shop", "json": { "sound": true } });
    assert_eq!(
        lift(&DEF, &live, &TestWorld),
        json!({ "displayName": "Shop", "style": { "sound": true, "name": null } })
    );
    let louder = overlaid(live, &json!({ "style": { "sound": false } }));
    assert_eq!(louder["json"], json!({ "sound": false }));
}

#[test]
fn a_style_without_a_display_name_declares_no_name() {
    let spec = json!({ "style": { "sound": true } });
    assert_eq!(canonical(&DEF, &spec, &TestWorld), spec);
}
