//! Notes are ours alone: nothing of them reaches the wire, and none is a difference.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::made_up::{body_of, run};
use super::{Ids, remote_kinds};
use crate::kinds::KindDef;
use crate::kinds::field::Codec;
use crate::kinds::mapping::{
    canonical, carry_notes, compare, create_body, lift, notes, overlay, same, with_notes,
    without_notes,
};

/// The kinds whose conditions say what they mean.
fn noted_kinds() -> Vec<&'static KindDef> {
    let has_notes = |def: &&KindDef| {
        def.fields.iter().any(|field| {
            matches!(field.codec, Codec::List { fields, .. }
                if fields.iter().any(|field| matches!(field.codec, Codec::Note(_))))
        })
    };
    remote_kinds().filter(has_notes).collect()
}

/// A spec with a note in each item of its list, some of them odd.
fn noted(def: &KindDef, body: &Value, means: &[Value]) -> Value {
    let mut spec = lift(def, body, &Ids);
    let items = spec.get_mut("conditions").and_then(Value::as_array_mut);
    for (item, means) in items.into_iter().flatten().zip(means.iter().cycle()) {
        item["means"] = means.clone();
    }
    spec
}

fn check(def: &'static KindDef, body: &Value, means: &[Value]) -> Result<(), String> {
    let noted = noted(def, body, means);
    let bare = without_notes(def.fields, &noted);
    let says = |what: &str| Err(format!("{what}: {noted}"));
    if !notes(def.fields, &bare).is_empty() {
        return says("a note is left");
    }
    if !same(
        &create_body(def, &noted, &Ids),
        &create_body(def, &bare, &Ids),
    ) {
        return says("a note is created");
    }
    let (mut with, mut without) = (body.clone(), body.clone());
    overlay(def, &mut with, &noted, &Ids);
    overlay(def, &mut without, &bare, &Ids);
    if !same(&with, &without) {
        return says("a note is written");
    }
    let spelled = canonical(def, &noted, &Ids);
    if !same(&spelled, &canonical(def, &bare, &Ids)) {
        return says("a note has a canonical spelling");
    }
    if !compare(def.fields, &noted, &bare).differences.is_empty() {
        return says("a note differs");
    }
    let again = with_notes(def.fields, &noted, spelled.clone());
    let mut carried = spelled;
    let left = carry_notes(def.fields, &again, &mut carried);
    if left > 0 || notes(def.fields, &carried).len() != notes(def.fields, &noted).len() {
        return says("a note is lost");
    }
    Ok(())
}

#[test]
fn no_note_reaches_the_wire_or_is_a_difference() {
    let kinds = noted_kinds();
    assert_eq!(kinds.len(), 3);
    let means = prop::sample::subsequence(
        vec![
            json!({ "platform": "mobile" }),
            json!({ "except": { "returning": null } }),
            json!([1, { "$ref": "checkout" }]),
            json!(null),
        ],
        1..4,
    );
    for def in kinds {
        run(&(body_of(def.fields), means.clone()), |(body, means)| {
            check(def, body, means)
        });
    }
}
