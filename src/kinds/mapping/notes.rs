//! Notes: what a manifest says for our own use beside what goes to the platform, such as what a condition means.
//!
//! A note never reaches the wire, and the comparison passes over it, so that a change of it writes nothing. The ledger
//! keeps it with what was applied; from there an export gives it back.

use serde_json::Value;

use super::items::partners;
use super::shape::ListItems;
use super::{get_path, same};
use crate::kinds::field::{Codec, Field};
use crate::text::Pointer;

/// The notes of a spec, each with its place.
#[must_use]
pub fn notes<'v>(fields: &'static [Field], spec: &'v Value) -> Vec<(Pointer, &'v Value)> {
    let mut found = Vec::new();
    walk(fields, spec, &Pointer::root(), &mut found);
    found
}

/// The notes that bear on a place: those in it, and those beside it in the same item of a list.
#[must_use]
pub fn notes_at<'v>(
    fields: &'static [Field],
    spec: &'v Value,
    place: &Pointer,
) -> Vec<(Pointer, &'v Value)> {
    let mut found = notes(fields, spec);
    found.retain(|(at, _)| {
        let item = at.parent();
        at.starts_with(place) || item.is_some_and(|item| place.starts_with(&item))
    });
    found
}

/// A spec in canonical spelling, which has no notes, with those of the spec that it was made of.
#[must_use]
pub fn with_notes(fields: &'static [Field], written: &Value, mut spec: Value) -> Value {
    for (at, note) in notes(fields, written) {
        let key = at.steps().last();
        let item = at.parent().and_then(|item| spec.pointer_mut(item.as_str()));
        if let (Some(key), Some(Value::Object(item))) = (key, item) {
            item.insert(key, note.clone());
        }
    }
    spec
}

/// A spec without its notes.
#[must_use]
pub fn without_notes(fields: &'static [Field], spec: &Value) -> Value {
    let places: Vec<Pointer> = notes(fields, spec).into_iter().map(|(at, _)| at).collect();
    let mut bare = spec.clone();
    for at in places {
        let item = at.parent().and_then(|item| bare.pointer_mut(item.as_str()));
        if let (Some(key), Some(Value::Object(item))) = (at.steps().last(), item) {
            item.shift_remove(&key);
        }
    }
    bare
}

/// Puts the notes of one spec beside what is still the same in another one, and returns how many are left over: what
/// they were written beside is another thing by now.
pub fn carry_notes(fields: &'static [Field], from: &Value, to: &mut Value) -> usize {
    let mut left = 0;
    for field in fields {
        let Codec::List { fields, key } = field.codec else {
            continue;
        };
        let list = |spec| {
            get_path(spec, field.spec)
                .and_then(Value::as_array)
                .cloned()
        };
        let (Some(theirs), Some(mut ours)) = (list(from), list(to)) else {
            continue;
        };
        let noted = theirs.iter().filter(|item| has_notes(fields, item)).count();
        if noted == 0 {
            continue;
        }
        let mut carried = 0;
        let pairs = partners(ListItems { fields, key }, &ours, &theirs);
        for (item, partner) in ours.iter_mut().zip(pairs) {
            let theirs = partner.and_then(|at| theirs.get(at));
            let theirs = theirs.filter(|theirs| has_notes(fields, theirs));
            if let Some(theirs) = theirs.filter(|theirs| same(&without_notes(fields, theirs), item))
            {
                *item = with_notes(fields, theirs, item.clone());
                carried += 1;
            }
        }
        left += noted - carried;
        super::set_path(to, field.spec, Value::Array(ours));
    }
    left
}

/// Puts the notes of one spec beside what is the same in another one, in the place of those that are there: a spec that has none
/// says that nothing is known.
pub fn renew_notes(fields: &'static [Field], from: &Value, to: &mut Value) {
    for field in fields {
        let Codec::List { fields, key } = field.codec else {
            continue;
        };
        let list = |spec| get_path(spec, field.spec).and_then(Value::as_array);
        let (Some(theirs), Some(ours)) = (list(from), list(to)) else {
            continue;
        };
        if !ours.iter().chain(theirs).any(|it| has_notes(fields, it)) {
            continue;
        }
        let bare: Vec<Value> = ours.iter().map(|it| without_notes(fields, it)).collect();
        let pairs = partners(ListItems { fields, key }, &bare, theirs);
        let renewed = ours
            .iter()
            .zip(bare)
            .zip(pairs)
            .map(|((item, bare), partner)| {
                let theirs = partner.and_then(|at| theirs.get(at));
                match theirs.filter(|theirs| same(&without_notes(fields, theirs), &bare)) {
                    Some(theirs) => with_notes(fields, theirs, bare),
                    None => item.clone(),
                }
            });
        let renewed = Value::Array(renewed.collect());
        super::set_path(to, field.spec, renewed);
    }
}

fn has_notes(fields: &'static [Field], item: &Value) -> bool {
    !notes(fields, item).is_empty()
}

fn walk<'v>(
    fields: &'static [Field],
    spec: &'v Value,
    at: &Pointer,
    found: &mut Vec<(Pointer, &'v Value)>,
) {
    for field in fields {
        let Some(value) = get_path(spec, field.spec).filter(|value| !value.is_null()) else {
            continue;
        };
        let here = field
            .spec
            .split('.')
            .fold(at.clone(), |at, key| at.key(key));
        match &field.codec {
            Codec::Note(_) => found.push((here, value)),
            Codec::Object(inner) => walk(inner, value, &here, found),
            Codec::List { fields, .. } => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    walk(fields, item, &here.index(index), found);
                }
            }
            _ => {}
        }
    }
}
