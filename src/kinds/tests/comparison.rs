//! What is compared, what is written and what is checked afterwards are the same thing, for any two specs.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::made_up::{any_edit, body_of, edit, run};
use super::round_trip::live_fixture;
use super::{Ids, remote_kinds};
use crate::kinds::KindDef;
use crate::kinds::field::Codec;
use crate::kinds::mapping::{
    EXTRA, canonical, compare, let_go, lift, overlay, restored, same, tells_apart, without_defaults,
};
use crate::text::Pointer;

/// A body without what says nothing: null equals absent, and so does an object with nothing in it.
fn said(body: &Value) -> Value {
    match body {
        Value::Object(map) => {
            let said = map.iter().filter_map(|(key, value)| {
                let said = said(value);
                let is_empty = said.as_object().is_some_and(Map::is_empty);
                (!said.is_null() && !is_empty).then(|| (key.clone(), said))
            });
            said.collect()
        }
        Value::Array(items) => items.iter().map(said).collect(),
        other => other.clone(),
    }
}

/// Takes some nodes out of a spec, as somebody does who declares only a part, and asks for some to go.
fn sketch(spec: &Value, chances: &mut impl Iterator<Item = u8>) -> Value {
    match spec {
        Value::Object(map) => {
            let kept = map.iter().filter_map(|(key, value)| match chances.next() {
                Some(0) if key != "type" && key != "name" => None,
                Some(1) if key != "type" && key != "name" => Some((key.clone(), Value::Null)),
                _ => Some((key.clone(), sketch(value, chances))),
            });
            kept.collect()
        }
        Value::Array(items) => items.iter().map(|item| sketch(item, chances)).collect(),
        other => other.clone(),
    }
}

/// A live body, and what is wanted of it.
fn pairs(def: &'static KindDef) -> BoxedStrategy<(Value, Value)> {
    let edits = || prop::collection::vec(any_edit(), 0..4);
    let live = live_fixture(def).unwrap();
    let alike = (edits(), edits()).prop_map(move |(ours, theirs)| {
        let (mut wanted, mut held) = (live.clone(), live.clone());
        edit(&mut wanted, ours);
        edit(&mut held, theirs);
        (held, wanted)
    });
    let strange = (body_of(def.fields), body_of(def.fields));
    let chances = prop::collection::vec(0u8..12, 0..60);
    (prop_oneof![3 => alike, 1 => strange], chances)
        .prop_map(|((held, wanted), chances)| {
            let wanted = lift(def, &wanted, &Ids);
            let mut wanted = sketch(&wanted, &mut chances.into_iter());
            if let Some(Value::Object(style)) = wanted.get_mut("style") {
                style.retain(|key, _| key != "name");
            }
            wanted["displayName"] = name_of(&wanted, "displayName")
                .or(name_of(&held, "name"))
                .unwrap_or("New".into());
            (held, canonical(def, &wanted, &Ids))
        })
        .boxed()
}

/// Whether open JSON declares a null, or an object of nothing but nulls, where a field could be. No manifest is meant that way.
fn says_nothing_in_extra(value: &Value) -> bool {
    let says_nothing = |value: &Value| {
        let is_empty = |said: &Value| said.as_object().is_some_and(Map::is_empty);
        value.is_null() || value.is_object() && *value != json!({}) && is_empty(&said(value))
    };
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| {
            let inside = value.as_object().into_iter().flatten();
            let deeper = inside.flat_map(|(_, value)| {
                [value]
                    .into_iter()
                    .chain(value.as_object().into_iter().flat_map(Map::values))
            });
            let is_open = key == "extra" || key == "style";
            (is_open
                && (says_nothing(value) && value.is_object()
                    || deeper.into_iter().any(says_nothing)))
                || says_nothing_in_extra(value)
        }),
        Value::Array(items) => items.iter().any(says_nothing_in_extra),
        _ => false,
    }
}

/// Whether an item of a list declares nothing at all: it cannot be told from any other, and no kind takes it.
fn has_item_of_nothing(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().any(has_item_of_nothing),
        Value::Array(items) => items
            .iter()
            .any(|item| said(item) == json!({}) || has_item_of_nothing(item)),
        _ => false,
    }
}

/// The display name, which every manifest has.
fn name_of(value: &Value, key: &str) -> Option<Value> {
    value.get(key).filter(|name| name.is_string()).cloned()
}

/// What the hooks of a kind make of a body beside the table: a friendly form says all or nothing, copies follow the
/// field that they repeat, and a section of nothing is no section.
fn is_beside_a_hook(def: &KindDef, spec: &Value) -> bool {
    fn is_empty(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Object(map) => map.is_empty() || map.values().any(is_empty),
            _ => false,
        }
    }
    let is_hooked = |key: &str| {
        let mut fields = def.fields.iter();
        fields.any(|field| field.spec == key && matches!(field.codec, Codec::Hook))
    };
    let copies = [
        "skillName",
        "channels",
        "lookbackPeriodDay",
        "lookbackPeriodHour",
    ];
    let extra = spec.get("extra");
    let has_copy = copies
        .iter()
        .any(|key| extra.and_then(|extra| extra.get(key)).is_some());
    let fields = spec.as_object().into_iter().flatten();
    let mut hooked = fields.filter(|(key, _)| is_hooked(key));
    has_copy || hooked.any(|(_, value)| is_empty(value) || value.get("extra").is_some())
}

/// Whether `extra` declares the wire key of a field that is declared to go.
fn asks_both_ways(def: &KindDef, wanted: &Value) -> bool {
    let first = |path: &'static str| path.split('.').next().unwrap_or(path);
    def.fields.iter().any(|field| {
        let in_extra = wanted
            .get("extra")
            .and_then(|extra| extra.get(first(field.wire)));
        in_extra.is_some() && wanted.get(first(field.spec)).is_some_and(Value::is_null)
    })
}

fn check(def: &'static KindDef, live: &Value, wanted: &Value) -> Result<(), String> {
    if says_nothing_in_extra(wanted) || has_item_of_nothing(wanted) {
        return Ok(());
    }
    if asks_both_ways(def, wanted) {
        return Ok(());
    }
    let held = lift(def, live, &Ids);
    if is_beside_a_hook(def, &held) || is_beside_a_hook(def, wanted) {
        return Ok(());
    }
    let planned = compare(def.fields, wanted, &held).differences;
    let mut written = live.clone();
    overlay(def, &mut written, wanted, &Ids);
    let told = || {
        let name = def.name;
        format!(
            "{name}\nlive:    {live}\nheld:    {held}\nwanted:  {wanted}\nwritten: {written}\nplanned: {planned:#?}"
        )
    };
    let is_wrong = if planned.is_empty() {
        !same(&said(live), &said(&written))
    } else {
        *live == written
    };
    if is_wrong {
        return Err(format!("planned is not what is written\n{}", told()));
    }
    let left = compare(def.fields, wanted, &lift(def, &written, &Ids)).differences;
    if !left.is_empty() {
        return Err(format!("left after the write: {left:#?}\n{}", told()));
    }
    Ok(())
}

#[test]
fn nothing_planned_is_nothing_to_write_is_nothing_left() {
    for def in remote_kinds() {
        run(&pairs(def), |(live, wanted)| check(def, live, wanted));
    }
}

/// Two events that have no name, of which one declares more: it takes the element that both agree with, since the other
/// one agrees with another element too. Taken in their order, the list differed after every write.
#[test]
fn of_two_items_that_agree_with_one_element_the_item_that_declares_more_takes_it() {
    let def = crate::kinds::KindId::known("SpecialOccasion").def();
    let live = live_fixture(def).unwrap();
    let zone = json!({ "timeZone": "Europe/Paris" });
    let less = json!({ "start": zone });
    let more = json!({ "start": zone, "extra": { "meta": { "name": [] } } });
    for events in [[&less, &more], [&more, &less]] {
        let wanted = json!({ "displayName": "Christmas", "events": events });
        check(def, &live, &canonical(def, &wanted, &Ids)).unwrap();
    }
}

/// Puts a key of other people into every object of a body that is not inside a plain list.
fn sprinkle(value: &mut Value) -> usize {
    const TYPED: &[&str] = &[
        "zones",
        "displayInstances",
        "conditionBoxes",
        "events",
        "channels",
        "messageComponents",
    ];
    let Value::Object(map) = value else { return 0 };
    let mut count = 1;
    for (key, value) in map.iter_mut() {
        match value {
            Value::Array(items) if TYPED.contains(&key.as_str()) => {
                count += items.iter_mut().map(sprinkle).sum::<usize>();
            }
            value => count += sprinkle(value),
        }
    }
    map.insert("people".to_owned(), json!("put this here"));
    count
}

fn count_people(value: &Value) -> usize {
    match value {
        Value::Object(map) => {
            usize::from(map.contains_key("people")) + map.values().map(count_people).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(count_people).sum(),
        _ => 0,
    }
}

/// Whether all that a value says was added by other people.
fn is_of_people(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().all(is_of_people),
        other => other.is_null() || *other == json!("put this here"),
    }
}

/// Every place of a spec that a manifest can stop to declare: keys of objects, not of what is in plain lists.
fn places(def: &'static KindDef, value: &Value, at: &Pointer, out: &mut Vec<Pointer>) {
    let Value::Object(map) = value else { return };
    for (key, value) in map {
        let at = at.key(key);
        if tells_apart(def.fields, &at) || key == EXTRA {
            continue;
        }
        match value {
            Value::Array(items) if is_typed(def, key) && at.steps().count() == 1 => {
                for (index, item) in items.iter().enumerate() {
                    places(def, item, &at.index(index), out);
                }
            }
            value => places(def, value, &at, out),
        }
        out.push(at);
    }
}

fn is_typed(def: &KindDef, key: &str) -> bool {
    let mut fields = def.fields.iter();
    fields.any(|field| field.spec == key && matches!(field.codec, Codec::List { .. }))
}

fn take(spec: &mut Value, at: &Pointer) {
    let (around, key) = (at.parent().unwrap(), at.steps().last().unwrap());
    let around = spec.pointer_mut(around.as_str()).unwrap();
    around.as_object_mut().unwrap().shift_remove(&key);
}

#[test]
fn what_is_no_longer_declared_goes_and_what_people_added_stays_and_it_can_be_taken_back() {
    let (mut dropped, mut kept, mut wrong) = (0, 0, Vec::new());
    for def in remote_kinds() {
        let fixture = live_fixture(def).unwrap();
        let applied = canonical(def, &lift(def, &fixture, &Ids), &Ids);
        let mut live = fixture.clone();
        sprinkle(&mut live);
        let held = lift(def, &live, &Ids);
        let mut all = Vec::new();
        places(def, &applied, &Pointer::root(), &mut all);
        // A handoff without a channel has none of its parts; a list of children is maintained.
        let needed = ["/displayName", "/channel", "/engagements"];
        all.retain(|at| !needed.contains(&at.as_str()));
        assert!(all.len() > 3, "{}", def.name);
        for at in all {
            let mut declared = applied.clone();
            take(&mut declared, &at);
            let mut wanted = declared.clone();
            let_go(def, &applied, &mut wanted, &held);
            let mut written = live.clone();
            overlay(def, &mut written, &wanted, &Ids);
            let context = format!("{} {at}: {wanted}\n{live}\n{written}", def.name);
            let now = lift(def, &written, &Ids);
            assert_eq!(
                compare(def.fields, &wanted, &now).differences,
                [],
                "{context}"
            );
            // It is gone, or back at its default.
            let tidy = without_defaults(def, &now);
            let left = at.get(&tidy).unwrap_or(&Value::Null);
            let mut keys = left.as_object().into_iter().flatten();
            let is_theirs = |(_, value): (&String, &Value)| value.is_null() || is_of_people(value);
            if !(left.is_null() || left.is_object() && keys.all(is_theirs)) {
                wrong.push(format!("left: {left} {context}"));
            }
            // All that people added is still there, and so is all that is still declared.
            let was = at.get(&applied).unwrap_or(&Value::Null);
            let is_list = was.is_array() && at.steps().count() == 1;
            if !is_list && count_people(&written) != count_people(&live) {
                wrong.push(format!("lost what people added: {context}"));
            }
            if !compare(def.fields, &declared, &now).differences.is_empty() {
                wrong.push(format!("lost what is declared: {context}"));
            }
            // The way back.
            let back = restored(def.fields, &held, &wanted, &now);
            let mut again = written.clone();
            overlay(def, &mut again, &back, &Ids);
            if !same(&said(&again), &said(&live)) {
                wrong.push(format!("not taken back: {context}\n{back}\n{again}"));
            }
            (dropped, kept) = (dropped + 1, kept + count_people(&written));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(dropped > 100 && kept > 1000, "{dropped} {kept}");
}

/// The way back out of an item of a list is what was written of it, and nothing that a colleague changed beside that.
#[test]
fn what_is_taken_back_inside_a_list_says_nothing_of_the_rest() {
    let def = crate::kinds::KindId::known("Engagement").def();
    let instances = |enabled: bool, looks: &Value| json!({ "displayInstances": [{ "type": "online", "enabled": enabled, "presentation": looks }] });
    let then = instances(true, &json!({ "label": "Chat" }));
    let written = json!({ "displayInstances": [{ "type": "online", "enabled": false }] });
    let held = instances(false, &json!({ "label": "by a colleague" }));
    let back = json!({ "displayInstances": [{ "type": "online", "enabled": true }] });
    assert_eq!(restored(def.fields, &then, &written, &held), back);
}
