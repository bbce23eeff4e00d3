//! What is particular to engagements; the generic tests of kinds do the rest.

use serde_json::{Value, json};

use super::EngagementKind;
use crate::kinds::KindDef;
use crate::kinds::mapping::{create_body, lift, overlay, without_defaults};
use crate::kinds::tests::Ids;

const DEF: KindDef = KindDef::of::<EngagementKind>();

#[test]
fn a_minimal_app_engagement_sends_what_the_console_sends() {
    let spec = json!({
        "displayName": "app-home", "campaign": "autumn-sale", "type": "app", "language": "en-US",
        "entryPoints": [{ "id": 4_100_000_301_u64 }], "behaviors": [{ "id": 4_100_000_401_u64 }],
        "appInstallation": { "id": "00000000-1111-4222-8333-444444444444" },
        "connector": { "id": 4_100_000_501_u64 },
    });
    assert_eq!(
        create_body(&DEF, &spec, &Ids),
        json!({
            "name": "app-home", "description": "", "channel": 1, "type": 13, "subType": 34,
            "source": 12, "enabled": true, "language": "en-US",
            "onsiteLocations": [4_100_000_301_u64], "visitorBehaviors": [4_100_000_401_u64],
            "displayInstances": [{ "displayInstanceType": 5, "enabled": true }], "timeInQueue": 0,
            "isPopOut": false, "isUnifiedWindow": false, "useSystemRouting": false,
            "allowUnauthMsg": false, "zones": [],
            "appInstallationId": "00000000-1111-4222-8333-444444444444",
            "connectorId": 4_100_000_501_u64, "availabilityPolicy": 0, "renderingType": 0,
            "conversationType": 1,
        })
    );
}

#[test]
fn an_export_leaves_out_what_follows_from_the_format() {
    let live = create_body(
        &DEF,
        &json!({ "displayName": "a", "type": "overlay" }),
        &Ids,
    );
    assert_eq!(
        without_defaults(&DEF, &lift(&DEF, &live, &Ids)),
        json!({ "displayName": "a", "type": "overlay" })
    );
}

#[test]
fn an_update_does_not_touch_what_follows_from_the_format() {
    let mut body = json!({ "type": 13, "subType": 35, "source": 3 });
    overlay(
        &DEF,
        &mut body,
        &json!({ "type": "app", "enabled": true }),
        &Ids,
    );
    assert_eq!(
        body,
        json!({ "type": 13, "subType": 35, "source": 3, "enabled": true })
    );
}

fn updated(body: &Value, spec: &Value) -> Value {
    let mut body = body.clone();
    overlay(&DEF, &mut body, spec, &Ids);
    body
}

#[test]
fn the_name_of_the_skill_follows_its_id() {
    let live = json!({ "skillId": 17, "skillName": "Name 17" });
    assert_eq!(
        updated(&live, &json!({ "skill": { "id": 27 } })),
        json!({ "skillId": 27, "skillName": "Name 27" })
    );
    assert_eq!(updated(&live, &json!({ "skill": null })), json!({}));
    assert_eq!(
        updated(&live, &json!({ "enabled": true }))["skillName"],
        "Name 17"
    );
    let own = json!({ "skill": { "id": 27 }, "extra": { "skillName": "Mine" } });
    assert_eq!(updated(&live, &own)["skillName"], "Mine");
}

#[test]
fn a_stale_name_of_a_skill_is_exported_as_it_is() {
    let lifted = |name: Value| lift(&DEF, &json!({ "skillId": 17, "skillName": name }), &Ids);
    assert_eq!(lifted(json!("Name 17")), json!({ "skill": { "id": 17 } }));
    assert_eq!(lifted(json!("Old"))["extra"], json!({ "skillName": "Old" }));
    assert_eq!(lifted(json!(null))["extra"], json!({ "skillName": null }));
}

#[test]
fn looks_are_matched_by_state() {
    let live = json!({ "displayInstances": [
        { "displayInstanceType": 2, "enabled": false, "future": 1 },
        { "displayInstanceType": 1, "enabled": true, "presentation": { "alt": "x", "size": { "width": "1" } } },
    ] });
    let spec = json!({ "displayInstances": [
        { "type": "online", "presentation": { "size": { "width": "2" } } },
        { "type": "offline" },
    ] });
    assert_eq!(
        updated(&live, &spec),
        json!({ "displayInstances": [
            { "displayInstanceType": 2, "enabled": false, "future": 1 },
            { "displayInstanceType": 1, "enabled": true, "presentation": { "alt": "x", "size": { "width": "2" } } },
        ] }),
        "the order of states means nothing, so it stays"
    );
}

#[test]
fn zones_are_read_in_both_forms_and_written_as_ids() {
    let zones = json!({ "zones": [{ "id": 1 }, { "id": 2 }] });
    // The order of zones means nothing, so it stays.
    for (body, written) in [
        (json!({ "zones": [2, 1] }), [2, 1]),
        (
            json!({ "zones": [{ "zoneId": 1, "zoneType": 0 }, { "zoneId": 2 }] }),
            [1, 2],
        ),
    ] {
        assert_eq!(lift(&DEF, &body, &Ids), zones);
        assert_eq!(updated(&body, &zones), json!({ "zones": written }));
    }
    let odd = json!({ "zones": [{ "zoneType": 0 }] });
    assert_eq!(lift(&DEF, &odd, &Ids), json!({ "extra": odd }));
}

fn created(spec: &Value) -> Value {
    create_body(&DEF, spec, &Ids)
}

#[test]
fn formats_bring_along_what_captures_show() {
    let body = |spec: Value| {
        let body = created(&spec);
        json!([
            body["type"],
            body["subType"],
            body["position"],
            body["renderingType"]
        ])
    };
    assert_eq!(
        body(json!({ "type": "embedded" })),
        json!([5, null, null, 0])
    );
    assert_eq!(
        body(json!({ "type": "overlay" })),
        json!([1, 5, { "left": 0, "top": 0, "type": 5 }, 0])
    );
    let sticky = json!({ "type": "stickyButton", "position": { "top": 200, "type": "rightEdge" } });
    assert_eq!(body(sticky), json!([6, 24, { "top": 200, "type": 6 }, 0]));
    let floats = json!({ "type": "stickyButton", "position": { "type": "floating" } });
    assert_eq!(body(floats), json!([6, 27, { "type": 9 }, 0]));
    let floats = json!({ "type": "stickyButton", "subType": "floatingStickyButton" });
    assert_eq!(body(floats), json!([6, 27, { "type": 9 }, 0]));
    let html = json!({ "type": "embedded",
        "displayInstances": [{ "type": "online", "presentation": { "html": "<b>Help</b>" } }] });
    assert_eq!(body(html), json!([5, null, null, 1]));
    let no_html = json!({ "type": "embedded",
        "displayInstances": [{ "type": "online", "presentation": { "html": null } }] });
    assert_eq!(body(no_html), json!([5, null, null, 0]));
    // The variants of toasters and slide-outs are guesses.
    assert_eq!(
        body(json!({ "type": "toaster" })),
        json!([2, null, null, 0])
    );
    assert_eq!(body(json!({ "type": 77 })), json!([77, null, null, 0]));
}

#[test]
fn the_numbers_of_the_states_are_those_of_the_platform() {
    let states = json!({ "displayInstances": [
        { "type": "online" }, { "type": "offline" }, { "type": "busy" }, { "type": "app" },
    ] });
    let numbers: Vec<_> = created(&states)["displayInstances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|state| state["displayInstanceType"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2, 4, 5]);
}
