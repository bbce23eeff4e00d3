//! Which item of one list is which of another one.
//!
//! Items that share a key are the same one; where several do, or the table names no key, they are taken in their
//! order, those first that agree when the lists are not of one length. An item that got another name, and nothing
//! else, is still the same. Of items that agree with one element, the item that declares more takes it: what declares less
//! may agree with another element as well, and would leave the other item without any.

use std::cmp::Reverse;
use std::fmt::Write as _;

use serde_json::Value;

use super::compare::agrees;
use super::lift::lift_word;
use super::lower::lower_word;
use super::paths::get_path;
use super::same;
use super::shape::ListItems;
use crate::kinds::field::{Codec, Field};

/// Which of two items of the two lists agree in all that the first one declares, the key aside or not.
pub(super) type Agree<'f> = &'f dyn Fn(usize, usize, WithKey) -> bool;

/// How many values an item of a spec declares. A null declares none: no agreement looks at it.
fn declares(item: &Value) -> usize {
    match item {
        Value::Null => 0,
        Value::Object(map) => map.values().map(declares).sum(),
        Value::Array(items) => 1 + items.iter().map(declares).sum::<usize>(),
        _ => 1,
    }
}

/// Whether the key counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WithKey {
    Yes,
    No,
}

/// For every item of a spec's list, the position of its partner in another spec's.
pub(super) fn partners(items: ListItems, ours: &[Value], theirs: &[Value]) -> Vec<Option<usize>> {
    let Some(key) = key_field(items.fields, items.key) else {
        return pair(
            None,
            (ours, theirs.len()),
            false,
            &|ours_at, theirs_at, _| agrees(items.fields, &ours[ours_at], &theirs[theirs_at]),
        );
    };
    let keys = |list: &[Value]| list.iter().map(|item| spec_key(key, item)).collect();
    let keys: (Vec<_>, Vec<_>) = (keys(ours), keys(theirs));
    let agree = |at: usize, other: usize, with_key: WithKey| match with_key {
        WithKey::Yes => agrees(items.fields, &ours[at], &theirs[other]),
        WithKey::No => agrees(items.fields, &without(key, &ours[at]), &theirs[other]),
    };
    let is_name = matches!(key.codec, Codec::Text);
    pair(
        Some((&keys.0, &keys.1)),
        (ours, theirs.len()),
        is_name,
        &agree,
    )
}

/// The position of the partner of one item; see [`partners`].
pub(in crate::kinds) fn partner(
    fields: &'static [Field],
    key: Option<&'static str>,
    at: usize,
    ours: &[Value],
    theirs: &[Value],
) -> Option<usize> {
    let items = ListItems { fields, key };
    partners(items, ours, theirs).get(at).copied().flatten()
}

/// A place below `spec` as people name it: dotted, items of lists by what tells them apart where that is said.
#[must_use]
pub fn named_in(fields: &'static [Field], spec: &Value, at: &crate::text::Pointer) -> String {
    let (mut fields, mut key) = (fields, None);
    let mut value = Some(spec);
    let mut out = String::new();
    for step in at.steps() {
        let item = value
            .and_then(Value::as_array)
            .and_then(|items| items.get(step.parse::<usize>().ok()?));
        if let Some(item) = item {
            let name = key_field(fields, key).and_then(|key| get_path(item, key.spec)?.as_str());
            let _ = write!(out, "[{}]", name.unwrap_or(&step));
            value = Some(item);
            continue;
        }
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(&step);
        value = value.and_then(|value| value.get(&step));
        key = None;
        let field = fields.iter().find(|field| field.spec == step);
        match field.map(|field| &field.codec) {
            Some(Codec::List {
                fields: inner,
                key: name,
            }) => (fields, key) = (*inner, *name),
            Some(Codec::Object(inner)) => fields = *inner,
            _ => fields = &[],
        }
    }
    out
}

/// The field that tells the items of a list apart.
pub(super) fn key_field<'f>(fields: &'f [Field], key: Option<&str>) -> Option<&'f Field> {
    let key = key?;
    fields.iter().find(|field| field.spec == key)
}

/// An item without the field that tells it apart.
pub(super) fn without(key: &Field, item: &Value) -> Value {
    let mut item = item.clone();
    super::take_path(&mut item, key.spec);
    item
}

/// What tells an item of a spec's list from the others, however its word is spelled.
pub(in crate::kinds) fn spec_key(key: &Field, item: &Value) -> Option<Value> {
    let value = get_path(item, key.spec)?;
    match key.codec {
        Codec::Word(words) => lift_word(words, &lower_word(words, value)),
        _ => value.is_string().then(|| value.clone()),
    }
}

/// The same of an item on the wire.
pub(super) fn wire_key(key: &Field, item: &Value) -> Option<Value> {
    let value = get_path(item, key.wire)?;
    match key.codec {
        Codec::Word(words) => lift_word(words, value),
        _ => value.is_string().then(|| value.clone()),
    }
}

/// The keys of two lists.
pub(super) type Keys<'k> = (&'k [Option<Value>], &'k [Option<Value>]);

/// For every item of a spec's list, the position of its partner in the second one, of which the length is given.
pub(super) fn pair(
    keys: Option<Keys<'_>>,
    (declared, theirs): (&[Value], usize),
    is_name: bool,
    agree: Agree<'_>,
) -> Vec<Option<usize>> {
    let ours = declared.len();
    let by_choice = |mut items: Vec<usize>| {
        items.sort_by_key(|at| Reverse(declares(&declared[*at])));
        items
    };
    let alike = |at: usize, other: usize| match keys {
        Some((ours, theirs)) => is_same_key(ours[at].as_ref(), theirs[other].as_ref()),
        None => true,
    };
    if ours == theirs && (0..ours).all(|at| alike(at, at)) {
        return (0..ours).map(Some).collect();
    }
    let mut pairs = Pairs {
        of: vec![None; ours],
        is_free: vec![true; theirs],
    };
    for at in 0..ours {
        if pairs.of[at].is_some() {
            continue;
        }
        let Some(other) = (0..theirs).find(|other| alike(at, *other)) else {
            continue;
        };
        let ours: Vec<usize> = (at..ours).filter(|at| alike(*at, other)).collect();
        let theirs: Vec<usize> = (other..theirs).filter(|other| alike(at, *other)).collect();
        if ours.len() != theirs.len() {
            let choosing = by_choice(ours.clone());
            pairs.take(&choosing, &theirs, |at, other| {
                agree(at, other, WithKey::Yes)
            });
        }
        pairs.take(&ours, &theirs, |_, _| true);
    }
    if is_name {
        let (ours, theirs) = (
            by_choice((0..ours).collect()),
            (0..theirs).collect::<Vec<_>>(),
        );
        pairs.take(&ours, &theirs, |at, other| agree(at, other, WithKey::No));
    }
    pairs.of
}

fn is_same_key(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// The pairs found so far.
struct Pairs {
    of: Vec<Option<usize>>,
    is_free: Vec<bool>,
}

impl Pairs {
    /// Pairs those of the one side with the first of the other that is free and fits.
    fn take(&mut self, ours: &[usize], theirs: &[usize], fits: impl Fn(usize, usize) -> bool) {
        for at in ours {
            if self.of[*at].is_some() {
                continue;
            }
            let mut free = theirs.iter().filter(|other| self.is_free[**other]);
            if let Some(other) = free.find(|other| fits(*at, **other)) {
                self.is_free[*other] = false;
                self.of[*at] = Some(*other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KindId;
    use crate::text::Pointer;

    #[test]
    fn a_field_of_a_list_is_named_by_what_tells_its_items_apart() {
        let fields = KindId::known("Engagement").def().fields;
        let spec = json!({
            "entryPoints": ["home", "cart"],
            "displayInstances": [
                { "type": "online", "presentation": { "elements": { "labels": [{ "text": "Hi" }] } } },
                { "type": 77 },
                { "enabled": true },
            ],
        });
        for (at, name) in [
            ("/language", "language"),
            ("/position/left", "position.left"),
            (
                "/displayInstances/0/enabled",
                "displayInstances[online].enabled",
            ),
            // A number without a word and an item without a key are counted.
            ("/displayInstances/1/enabled", "displayInstances[1].enabled"),
            ("/displayInstances/2/enabled", "displayInstances[2].enabled"),
            // A list without keys is counted, in open JSON as well.
            ("/entryPoints/1", "entryPoints[1]"),
            (
                "/displayInstances/0/presentation/elements/labels/0/text",
                "displayInstances[online].presentation.elements.labels[0].text",
            ),
            // What the spec does not have is a key like any other.
            ("/displayInstances/9/enabled", "displayInstances.9.enabled"),
        ] {
            assert_eq!(named_in(fields, &spec, &Pointer::from(at)), name, "{at}");
        }
    }
}
