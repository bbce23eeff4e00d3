//! Meanings that repeat what `data` says. Where the account says something else there by now, they say that as well: a
//! person would have to type the same value a second time.

use serde_json::Value;

use crate::kinds::mapping::{REF_KEY, same};
use crate::text::Pointer;

/// What of the payload of a condition of a type is public, and where `means` repeats it.
const REPEATED: [(&str, &str, &str); 3] = [
    ("timeOnPage", "/data/seconds", "/means/timeOnPage/atLeast"),
    ("timeOnPage", "/data/location", "/means/timeOnPage/location"),
    ("cart", "/data/minimumValue", "/means/cart/value/atLeast"),
];

/// The places of a changed spec at which `means` still repeats what the one before said, and what it would repeat now; null
/// where that is nothing.
pub(super) fn restated(before: &Value, after: &Value) -> Vec<(Pointer, Value)> {
    let former = conditions(before);
    let mut found = Vec::new();
    for (index, condition) in conditions(after).iter().enumerate() {
        let Some(means) = condition.get("means") else {
            continue;
        };
        let mut former = former.iter();
        let Some(former) = former.find(|it| it.get("means").is_some_and(|it| same(it, means)))
        else {
            continue;
        };
        let at = Pointer::root().key("conditions").index(index);
        for (word, data, repeats) in REPEATED {
            let is_of_type = |it: &Value| it.get("type").and_then(Value::as_str) == Some(word);
            let (was, now) = (said(former, data), said(condition, data));
            let is_repeated = is_of_type(former)
                && is_of_type(condition)
                && is_alike(was, condition.pointer(repeats));
            if is_repeated && !is_alike(was, now) {
                let now = now.cloned().unwrap_or_default();
                found.push((at.join(&Pointer::from(repeats)), now));
            }
        }
    }
    found
}

fn conditions(spec: &Value) -> &[Value] {
    let list = spec.get("conditions").and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// What `data` says at a place, in the form that `means` has: a reference without its `$ref`.
fn said<'v>(condition: &'v Value, at: &str) -> Option<&'v Value> {
    let value = condition.pointer(at).filter(|it| !it.is_null())?;
    Some(value.get(REF_KEY).unwrap_or(value))
}

fn is_alike(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => same(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}
