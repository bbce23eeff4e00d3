//! How templates merge into what names them.

use serde_json::{Value, json};

use super::EngagementTemplateKind;
use crate::kinds::KindDef;
use crate::kinds::mapping::merge_specs;

const DEF: KindDef = KindDef::of::<EngagementTemplateKind>();

fn merged(base: &Value, over: &Value) -> Value {
    merge_specs(DEF.fields, base, over)
}

#[test]
fn looks_merge_by_state_and_new_ones_follow() {
    let base = json!({ "displayInstances": [
        { "type": "online", "enabled": true, "presentation": { "size": { "width": "100", "height": "20" } } },
        { "type": "offline", "enabled": false },
    ] });
    // 1 is online: a raw number finds its word.
    let over = json!({ "displayInstances": [
        { "type": 1, "presentation": { "size": { "width": "200" } } },
        { "type": "busy", "enabled": true },
    ] });
    assert_eq!(
        merged(&base, &over),
        json!({ "displayInstances": [
            { "type": 1, "enabled": true, "presentation": { "size": { "width": "200", "height": "20" } } },
            { "type": "offline", "enabled": false },
            { "type": "busy", "enabled": true },
        ] })
    );
}

#[test]
fn one_way_to_name_an_object_replaces_another() {
    let ways = [
        json!({ "live": "Storefront" }),
        json!({ "id": 4_100_000_207_u64 }),
        json!({ "system": true }),
        json!("slim"),
    ];
    for below in &ways {
        for over in &ways {
            let (base, over) = (json!({ "window": below }), json!({ "window": over }));
            assert_eq!(merged(&base, &over), over, "over {base}");
        }
    }
}

#[test]
fn objects_merge_and_lists_without_a_key_replace() {
    let base = json!({ "position": { "left": 1, "top": 2 }, "zones": ["left"] });
    let over = json!({ "position": { "top": 3 }, "zones": ["right"] });
    assert_eq!(
        merged(&base, &over),
        json!({ "position": { "left": 1, "top": 3 }, "zones": ["right"] })
    );
}

#[test]
fn null_takes_away_what_the_template_says_and_stays_where_it_says_nothing() {
    let base = json!({ "window": "slim", "position": { "left": 1 } });
    let over = json!({ "window": null, "language": null, "position": { "left": null } });
    assert_eq!(
        merged(&base, &over),
        json!({ "language": null, "position": {} })
    );
    assert_eq!(merged(&json!({}), &over), over);
}
