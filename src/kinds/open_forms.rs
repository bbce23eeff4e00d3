//! `$ref` and `$keep` in open JSON that are of no form: they would reach the platform as they are written.

use serde_json::Value;

use super::field::{Codec, Field};
use super::mapping::{EXTRA, KEEP_KEY, REF_KEY, get_path, kept, open_reference};
use super::shared::Reference;
use crate::text::Pointer;

/// What is wrong with an object of open JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// A `$ref` that names no object of a kind.
    Reference,
    /// A `$ref` where none is read.
    Place,
    /// A key that is nearly `$ref` or `$keep`: `$ref:checkout` without a blank, `$Ref`.
    Misspelt,
    /// A `$keep` in a field that the account does not hold, such as the object around.
    Nothing,
    /// A `$keep` that does not say what it keeps, or has other keys beside it.
    Keep,
}

/// Every `$ref` and `$keep` of a spec that is of no form, with its place. Those of a field that refers to one kind are
/// judged by the rules of its own kind.
#[must_use]
pub fn malformed(fields: &'static [Field], spec: &Value) -> Vec<(Pointer, Malformed)> {
    let mut found = Vec::new();
    object(fields, spec, &Pointer::root(), &mut found);
    found
}

type MalformedPlaces = Vec<(Pointer, Malformed)>;

fn object(fields: &'static [Field], spec: &Value, at: &Pointer, found: &mut MalformedPlaces) {
    for field in fields {
        let Some(value) = get_path(spec, field.spec) else {
            continue;
        };
        let steps = field.spec.split('.');
        let here = steps.fold(at.clone(), |pointer, step| pointer.key(step));
        match &field.codec {
            Codec::Ref(_) if field.wire.is_empty() && kept(value).is_some() => {
                found.push((here, Malformed::Nothing));
            }
            Codec::Object(fields) => object(fields, value, &here, found),
            Codec::List { fields, .. } => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    object(fields, item, &here.index(index), found);
                }
            }
            Codec::Json | Codec::JsonObject | Codec::Hook => {
                open(value, &here, &|it| is_reference(it).then_some(()), found);
            }
            Codec::JsonWithRefs(_) => open(value, &here, &|_| Some(()), found),
            _ => {}
        }
    }
    if let Some(extra) = spec.get(EXTRA) {
        let before = found.len();
        open(extra, &at.key(EXTRA), &|_| None, found);
        for (_, what) in found.iter_mut().skip(before) {
            if *what == Malformed::Reference {
                *what = Malformed::Place;
            }
        }
    }
}

fn open(
    value: &Value,
    at: &Pointer,
    reads: &dyn Fn(&Value) -> Option<()>,
    found: &mut MalformedPlaces,
) {
    match value {
        Value::Object(map) => {
            let what = if map.keys().any(|key| is_misspelt(key)) {
                Some(Malformed::Misspelt)
            } else if map.contains_key(REF_KEY) && reads(value).is_none() {
                Some(Malformed::Reference)
            } else if map.contains_key(KEEP_KEY) && kept(value).is_none() {
                Some(Malformed::Keep)
            } else {
                None
            };
            match what {
                Some(what) => found.push((at.clone(), what)),
                None => map
                    .iter()
                    .for_each(|(key, value)| open(value, &at.key(key), reads, found)),
            }
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| open(item, &at.index(index), reads, found));
        }
        _ => {}
    }
}

fn is_misspelt(key: &str) -> bool {
    [REF_KEY, KEEP_KEY].into_iter().any(|word| {
        let (written, rest) = key.split_at_checked(word.len()).unwrap_or((key, ""));
        let is_whole = rest.is_empty() || rest.trim_start().starts_with(':');
        key != word && is_whole && written.eq_ignore_ascii_case(word)
    })
}

fn is_reference(value: &Value) -> bool {
    let map = value.as_object();
    map.and_then(|map| open_reference(map, None))
        .is_some_and(|found| serde_json::from_value::<Reference>(found.reference.clone()).is_ok())
}
