//! No key of the platform below `extra` stands beside the field that owns it, in any kind, at any depth; and whatever an
//! export puts there, it may put there.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::made_up::{any_edit, any_json, body_of, edit, right_type, run};
use super::round_trip::live_fixture;
use super::{Ids, manifest_kinds, remote_kinds};
use crate::kinds::field::{Codec, Field};
use crate::kinds::mapping::{
    EXTRA, canonical, compare, create_body, let_go, lift, lift_once, set_path, without_defaults,
};
use crate::kinds::{KeyOwner, KindDef, owned_in_extra};
use crate::text::Pointer;

/// The tables of a kind, each with the path to an object that has it.
fn tables(fields: &'static [Field], at: &Pointer, found: &mut Vec<(Pointer, &'static [Field])>) {
    found.push((at.clone(), fields));
    for field in fields {
        let here = field
            .spec
            .split('.')
            .fold(at.clone(), |at, step| at.key(step));
        match field.codec {
            Codec::Object(inner) => tables(inner, &here, found),
            Codec::List { fields, .. } => tables(fields, &here.index(0), found),
            _ => {}
        }
    }
}

/// A spec that is nothing but an `extra` at a place.
fn spec_with(at: &Pointer, extra: &Value) -> Value {
    let steps: Vec<String> = at.steps().collect();
    let inner = json!({ EXTRA: extra });
    steps
        .iter()
        .rev()
        .fold(inner, |inner, step| match step.as_str() {
            "0" => json!([inner]),
            key => json!({ key: inner }),
        })
}

fn readable(field: &Field) -> BoxedStrategy<Value> {
    match field.codec {
        // What only hooks read has a shape that only they know: see the test of each kind.
        Codec::Hook => Just(Value::Null).boxed(),
        Codec::JsonObject => Just(json!({ "a": 1 })).boxed(),
        Codec::Json | Codec::JsonWithRefs(_) => Just(json!([1])).boxed(),
        codec => right_type(codec),
    }
}

#[test]
fn what_a_field_writes_extra_does_not() {
    let mut count = 0;
    for def in manifest_kinds() {
        let mut found = Vec::new();
        tables(def.fields, &Pointer::root(), &mut found);
        for (at, fields) in found {
            let wired = fields.iter().filter(|field| !field.wire.is_empty());
            for field in wired.filter(|field| !matches!(field.codec, Codec::Hook | Codec::Note(_)))
            {
                count += 1;
                run(&readable(field), |value| refused(def, &at, field, value));
            }
        }
    }
    assert!(count > 70, "{count}");
}

/// Whether a value of a field below `extra` is refused, with the name of the field.
fn refused(
    def: &'static KindDef,
    at: &Pointer,
    field: &Field,
    value: &Value,
) -> Result<(), String> {
    let mut extra = Value::Object(Map::new());
    set_path(&mut extra, field.wire, value.clone());
    let spec = spec_with(at, &extra);
    let steps = field.wire.split('.');
    let place = steps.fold(at.key(EXTRA), |at, step| at.key(step));
    let owned = owned_in_extra(def, &spec);
    let is_empty = !has_value(value);
    let named = owned
        .iter()
        .find(|it| it.pointer.starts_with(&place) || place.starts_with(&it.pointer));
    match named.map(|it| &it.owner) {
        Some(KeyOwner::Fields(names, _)) if names.iter().any(|it| it == field.spec) => Ok(()),
        None if is_empty => Ok(()),
        other => Err(format!("{}: {spec}: {other:?} of {owned:?}", def.name)),
    }
}

/// Whether there is anything in a value but empty objects.
fn has_value(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().any(has_value),
        _ => true,
    }
}

#[test]
fn a_declared_field_has_no_double_in_extra() {
    let campaign = manifest_kinds().find(|def| def.name == "Campaign").unwrap();
    for extra in [
        json!({ "status": 1 }),
        json!({ "status": 1.0 }),
        json!({ "status": "1" }),
        json!({ "status": null }),
        json!({ "id": 5 }),
        json!({ "engagementIds": [5] }),
        json!({ "controlGroup": { "percentage": 100 } }),
        json!({ "controlGroup": null }),
        json!({ "expirationDate": "2020-01-01 00:00:00" }),
    ] {
        for spec in [
            json!({ EXTRA: extra }),
            json!({ "state": "unpublished", EXTRA: extra }),
        ] {
            assert_eq!(owned_in_extra(campaign, &spec).len(), 1, "{spec}");
        }
    }
    let template = manifest_kinds()
        .find(|def| def.name == "EngagementTemplate")
        .unwrap();
    for extra in [
        json!({ "enabled": true }),
        json!({ "name": "a" }),
        json!({ "skillId": 5 }),
        json!({ "id": 5 }),
        json!({ "Id": 5 }),
    ] {
        let spec = json!({ EXTRA: extra });
        assert_eq!(owned_in_extra(template, &spec).len(), 1, "{spec}");
    }
    let unread = json!({ EXTRA: { "status": "soon", "ours": 1, "gone": null, "controlGroup": { "of": 2 } } });
    assert_eq!(owned_in_extra(campaign, &unread), []);
}

#[test]
fn what_the_platform_assigns_is_not_written() {
    for def in remote_kinds() {
        let assigned = def.collection.map_or(&[][..], |it| it.server_assigned);
        assert!(!assigned.is_empty(), "{}", def.name);
        for path in assigned {
            let mut extra = Value::Object(Map::new());
            set_path(&mut extra, path, json!(5));
            let owned = owned_in_extra(def, &json!({ EXTRA: extra }));
            assert_eq!(owned.len(), 1, "{}: {path}", def.name);
            assert_eq!(owned[0].owner, KeyOwner::Platform, "{}: {path}", def.name);
        }
    }
}

/// Whatever the account holds, its export passes, but for values of another type that mean what a field says.
fn check_export(def: &'static KindDef, body: &Value) -> Result<(), String> {
    let export = without_defaults(def, &lift_once(def, body.clone(), &Ids));
    let owned = owned_in_extra(def, &export).into_iter();
    let mut odd = owned.filter(|it| {
        let value = export.pointer(it.pointer.as_str()).unwrap_or(&Value::Null);
        let text = value.as_str().unwrap_or_default().trim();
        let is_loose = text.parse::<f64>().is_ok() || text == "true" || text == "false";
        !is_loose || it.owner == KeyOwner::Platform
    });
    match odd.next() {
        None => Ok(()),
        Some(it) => Err(format!("{}: {it:?} of {export}", def.name)),
    }
}

#[test]
fn exports_pass() {
    for def in remote_kinds() {
        run(&body_of(def.fields), |body| check_export(def, body));
        let Some(live) = live_fixture(def) else {
            continue;
        };
        let bodies = prop::collection::vec(any_edit(), 1..5).prop_map(move |edits| {
            let mut body = live.clone();
            edit(&mut body, edits);
            body
        });
        run(&bodies, |body| check_export(def, body));
    }
}

/// What no field says, and what looks like something else.
fn odd() -> impl Strategy<Value = Value> + Clone {
    let looks = [
        json!("012"),
        json!("1e3"),
        json!(" 7 "),
        json!(1.0),
        json!(-0.0),
        json!(1e300),
        json!(""),
        json!("a\r\nb"),
        json!([[1, null], []]),
        json!([{ "a": null }]),
        json!({ "id": 5 }),
    ];
    prop_oneof![prop::sample::select(looks.to_vec()), any_json()]
}

/// What is left to do right after a create of a spec that nothing but a name and an `extra` says.
fn settles(def: &'static KindDef, at: &Pointer, path: &str, value: &Value) -> Result<(), String> {
    let mut extra = Value::Object(Map::new());
    set_path(&mut extra, path, value.clone());
    let mut spec = spec_with(at, &extra);
    spec["displayName"] = json!("A");
    if !owned_in_extra(def, &spec).is_empty() {
        return Ok(());
    }
    let body = create_body(def, &spec, &Ids);
    let (declared, held) = (canonical(def, &spec, &Ids), lift(def, &body, &Ids));
    let mut wanted = declared.clone();
    let_go(def, &declared, &mut wanted, &held);
    let left = compare(def.fields, &wanted, &held).differences;
    if left.is_empty() {
        Ok(())
    } else {
        let name = def.name;
        Err(format!(
            "{name}: {spec}\nwritten: {body}\nheld: {held}\nleft: {left:#?}"
        ))
    }
}

#[test]
fn what_extra_says_is_refused_or_settles_with_the_first_write() {
    let mut count = 0;
    for def in remote_kinds() {
        let mut found = Vec::new();
        tables(def.fields, &Pointer::root(), &mut found);
        for (at, fields) in found {
            let wired = fields.iter().filter(|field| !field.wire.is_empty());
            let paths = wired.flat_map(|field| {
                let top = field.wire.split('.').next().unwrap_or(field.wire);
                [field.wire, top]
            });
            let paths: Vec<&'static str> = paths.chain(["zz", "zz.a.b"]).collect();
            count += 1;
            run(&(prop::sample::select(paths), odd()), |(path, value)| {
                settles(def, &at, path, value)
            });
        }
    }
    assert!(count > 15, "{count}");
}
