//! Where a node of one spec is in another one that it was merged from or into.
//!
//! Lists that merge by a key number their items each in their own way; everything else keeps its place.

use serde_json::Value;

use super::field::{Codec, Field};
use super::mapping::partner;
use crate::text::Pointer;

/// The place in `to` of the node that `pointer` names in `from`; `None` when `to` does not have it.
#[must_use]
pub fn place_in(
    fields: &'static [Field],
    from: &Value,
    to: &Value,
    pointer: &Pointer,
) -> Option<Pointer> {
    let (mut from, mut to, mut fields) = (from, to, fields);
    let (mut found, mut path) = (Pointer::root(), String::new());
    let mut list = None;
    for step in pointer.steps() {
        if let (Value::Array(here), Value::Array(there)) = (from, to) {
            let index: usize = step.parse().ok()?;
            let at = match list.take() {
                Some((inner, key)) => {
                    (fields, path) = (inner, String::new());
                    partner(inner, Some(key), index, here, there)?
                }
                None => index,
            };
            (from, to, found) = (here.get(index)?, there.get(at)?, found.index(at));
            continue;
        }
        (from, to, found) = (from.get(&step)?, to.get(&step)?, found.key(&step));
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(&step);
        let field = fields.iter().find(|field| field.spec == path);
        match field.map(|field| field.codec) {
            Some(Codec::Object(inner)) => (fields, path) = (inner, String::new()),
            Some(Codec::List {
                fields: inner,
                key: Some(key),
            }) => list = Some((inner, key)),
            _ => {}
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KindId;

    #[test]
    fn items_are_found_by_their_key_and_the_rest_by_its_place() {
        let fields = KindId::known("Engagement").def().fields;
        let merged = json!({
            "language": "en",
            "displayInstances": [{"type": "online", "a": 1}, {"type": "offline", "b": [1, 2]}],
        });
        let own = json!({"displayInstances": [{"type": "offline", "b": [1, 2]}]});
        let told = |pointer: &str| {
            place_in(fields, &merged, &own, &Pointer::from(pointer)).map(|it| it.to_string())
        };
        assert_eq!(told("/language"), None);
        assert_eq!(told("/displayInstances/0/a"), None);
        assert_eq!(
            told("/displayInstances/1/b/1").as_deref(),
            Some("/displayInstances/0/b/1")
        );
        let back = place_in(
            fields,
            &own,
            &merged,
            &Pointer::from("/displayInstances/0/b"),
        );
        assert_eq!(back, Some(Pointer::from("/displayInstances/1/b")));
    }
}
