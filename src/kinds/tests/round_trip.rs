//! Nothing of a captured body is lost between spec and wire.

use std::fs;

use serde_json::{Value, json};

use super::{Ids, ManifestWorld, folder, remote_kinds};
use crate::kinds::field::Codec;
use crate::kinds::mapping::{
    canonical, create_body, drop_server_assigned, lift, overlay, same, take_path, without_defaults,
};
use crate::kinds::{Findings, KindDef};
use crate::text::number::natural;

/// The captured body of a kind; reference kinds need none.
pub(super) fn live_fixture(def: &KindDef) -> Option<Value> {
    let text = fs::read_to_string(folder(def, "fixtures/live.json")).ok()?;
    Some(serde_json::from_str(&text).expect("live.json is JSON"))
}

/// A body as far as a round trip keeps it: no server-assigned keys, no top-level nulls, id sets sorted.
fn kept(def: &KindDef, body: &Value) -> Value {
    let mut body = body.clone();
    drop_server_assigned(def, &mut body);
    // A null name in the style of a window is as good as none, and one that repeats the window's as an empty one.
    let name = body.get("name").cloned();
    if def.name == "EngagementWindow"
        && let Some(Value::Object(style)) = body.get_mut("json")
    {
        style.retain(|key, value| !(key == "name" && value.is_null()));
        if style.contains_key("name") && style.get("name") == name.as_ref() {
            style.insert("name".to_owned(), Value::from(""));
        }
    }
    for field in def.fields {
        if matches!(field.codec, Codec::RefSet(_))
            && let Some(Value::Array(ids)) = body.get_mut(field.wire)
            && ids.iter().all(|id| natural(id).is_some() || id.is_string())
        {
            for id in ids.iter_mut() {
                *id = natural(id).map_or_else(|| id.clone(), Value::from);
            }
            ids.sort_by_cached_key(Value::to_string);
            ids.dedup();
        }
    }
    body
}

/// What a create from the export of `body` would send.
fn round_trip(def: &KindDef, body: &Value) -> Value {
    let exported = without_defaults(def, &lift(def, body, &Ids));
    create_body(def, &exported, &Ids)
}

/// What is lost of a body on its way to a spec and back.
pub(super) fn check_kept(def: &KindDef, body: &Value) -> Result<(), String> {
    let (before, mut after) = (kept(def, body), kept(def, &round_trip(def, body)));
    // What the platform does not return is not known to be missing: a create sends its default.
    for key in def
        .collection
        .map_or(&[][..], |collection| collection.unreturned)
    {
        if before.get(key).is_none() {
            take_path(&mut after, key);
        }
    }
    if same(&before, &after) {
        return Ok(());
    }
    let export = without_defaults(def, &lift(def, body, &Ids));
    let name = def.name;
    Err(format!(
        "{name}\nlive:     {before}\nexport:   {export}\ncreated:  {after}"
    ))
}

fn assert_kept(def: &KindDef, body: &Value) {
    if let Err(lost) = check_kept(def, body) {
        panic!("{lost}");
    }
}

#[test]
fn live_fixtures_lift_to_typed_specs_and_come_back() {
    for def in remote_kinds() {
        let live = live_fixture(def).unwrap_or_else(|| panic!("{}: no live.json", def.name));
        for spec in [
            lift(def, &live, &Ids),
            without_defaults(def, &lift(def, &live, &Ids)),
        ] {
            let checked = (def.check)(
                &spec,
                "live",
                &ManifestWorld::default(),
                &mut Findings::default(),
            );
            assert_eq!(checked, Ok(()), "{}: {spec}", def.name);
            assert_eq!(
                spec.get("extra"),
                None,
                "{}: live.json is all known",
                def.name
            );
        }
        assert_kept(def, &live);
    }
}

#[test]
fn unknown_keys_survive_everywhere() {
    fn sprinkle(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.values_mut().for_each(sprinkle);
                map.insert(
                    "fromTheFuture".to_owned(),
                    json!({ "a": [null, 1.5], "b": null }),
                );
            }
            Value::Array(items) => items.iter_mut().for_each(sprinkle),
            _ => {}
        }
    }
    for def in remote_kinds() {
        if let Some(mut live) = live_fixture(def) {
            sprinkle(&mut live);
            assert_kept(def, &live);
        }
    }
}

#[test]
fn an_update_with_the_lifted_spec_changes_nothing() {
    for def in remote_kinds() {
        if let Some(live) = live_fixture(def) {
            let mut body = live.clone();
            overlay(def, &mut body, &lift(def, &live, &Ids), &Ids);
            assert!(
                same(&kept(def, &live), &kept(def, &body)),
                "{}: {body}",
                def.name
            );
        }
    }
}

#[test]
fn canonical_spelling_is_stable_and_adds_nothing() {
    for def in remote_kinds() {
        if let Some(live) = live_fixture(def) {
            let lifted = lift(def, &live, &Ids);
            assert_eq!(canonical(def, &lifted, &Ids), lifted, "{}", def.name);
            for (key, value) in lifted.as_object().expect("specs are objects") {
                let alone = json!({ key: value });
                assert_eq!(canonical(def, &alone, &Ids), alone, "{}", def.name);
            }
        }
    }
}
