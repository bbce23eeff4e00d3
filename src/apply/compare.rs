//! What a write finds and leaves behind, judged by the one definition of what is the same. Pure.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::kinds::field::Codec;
use crate::kinds::mapping::{
    self, EXTRA, canonical, compare, counterpart, get_path, same, take_path,
};
use crate::kinds::{KindDef, Lookup};
use crate::text::Pointer;

/// The pointer of `spec` in a manifest.
const SPEC: &str = "/spec";

/// A field whose live value is not the expected one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveDifference {
    /// The field, from the root of the manifest: `/spec/weight`.
    #[schemars(with = "String")]
    pub pointer: Pointer,
    /// The expected value, null for none.
    pub expected: Value,
    /// The live value, null for none.
    pub live: Value,
}

impl LiveDifference {
    /// The field, counted from `spec`.
    pub(super) fn place(&self) -> Pointer {
        let pointer = self.pointer.as_str();
        Pointer::new(pointer.strip_prefix(SPEC).unwrap_or(pointer))
    }
}

/// The fields of `written` whose value in `live` (a lifted body) is another one. Fields without a place on the
/// wire cannot be lifted and do not count.
pub(super) fn unlike(
    def: &'static KindDef,
    written: &Value,
    live: &Value,
    lookup: &dyn Lookup,
) -> Vec<LiveDifference> {
    let written = comparable(def, written, live, lookup);
    let found = compare(def.fields, &written, live).differences;
    found.into_iter().map(LiveDifference::from).collect()
}

/// A spec as it is spelled now, as far as it can be seen in `live`: a reference may have got another spelling since
/// the plan was made.
fn comparable(def: &'static KindDef, spec: &Value, live: &Value, lookup: &dyn Lookup) -> Value {
    let mut spec = canonical(def, spec, lookup);
    for field in def.fields.iter().filter(|field| field.wire.is_empty()) {
        if get_path(live, field.spec).is_none() {
            take_path(&mut spec, field.spec);
        }
    }
    spec
}

/// What a write of `spec` would take away although the plan did not see it: the values in `live` that it replaces
/// and that are not those of `before`. What a write leaves alone may have changed.
pub(super) fn unseen(
    def: &'static KindDef,
    spec: &Value,
    before: &Value,
    live: &Value,
    lookup: &dyn Lookup,
) -> Vec<LiveDifference> {
    let spec = comparable(def, spec, live, lookup);
    let before = comparable(def, before, live, lookup);
    let mut found = Vec::new();
    for replaced in compare(def.fields, &spec, live).differences {
        let planned = counterpart(def.fields, &spec, &before, &replaced.pointer);
        let planned = planned.unwrap_or(&Value::Null);
        if !same(planned, &replaced.before) {
            found.push(LiveDifference {
                pointer: Pointer::new(SPEC).join(&replaced.pointer),
                expected: planned.clone(),
                live: replaced.before,
            });
        }
    }
    found.retain(|difference| !is_unreturned(def, difference));
    found.extend(unread(def, &spec, &before, live));
    found
}

/// The same for fields that the kind's hooks translate together: what goes as a whole takes the rest along, and what the
/// hooks cannot read is in `extra`.
fn unread(
    def: &'static KindDef,
    spec: &Value,
    before: &Value,
    live: &Value,
) -> Option<LiveDifference> {
    let hooked = def.fields.iter();
    let hooked = hooked.filter(|field| matches!(field.codec, Codec::Hook));
    let hooked: Vec<_> = hooked.collect();
    let mut wanted = hooked.iter().filter_map(|field| get_path(spec, field.spec));
    let something_goes = wanted.clone().any(Value::is_null);
    wanted.next()?;
    let rest = hooked
        .iter()
        .filter(|field| something_goes && get_path(spec, field.spec).is_none());
    let places = rest.map(|field| Pointer::root().key(field.spec));
    let extra = hooked
        .iter()
        .map(|field| Pointer::root().key(EXTRA).key(field.wire));
    places.chain(extra).find_map(|at| {
        let (planned, live) = (at.get(before), at.get(live)?);
        let is_planned = planned.is_some_and(|planned| same(planned, live));
        (!is_planned).then(|| LiveDifference {
            pointer: Pointer::new(SPEC).join(&at),
            expected: planned.cloned().unwrap_or(Value::Null),
            live: live.clone(),
        })
    })
}

impl From<mapping::Difference> for LiveDifference {
    fn from(found: mapping::Difference) -> Self {
        Self {
            pointer: Pointer::new(SPEC).join(&found.pointer),
            expected: found.after,
            live: found.before,
        }
    }
}

/// Whether a field is missing because the platform takes it and does not return it.
pub(super) fn is_unreturned(def: &KindDef, difference: &LiveDifference) -> bool {
    let mut fields = def.fields.iter().filter(|field| field.unreturned);
    let place = difference.place();
    difference.live.is_null()
        && fields.any(|field| place.as_str() == format!("/{}", field.spec.replace('.', "/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    use crate::kinds::KindId;
    use crate::live::References;

    #[test]
    fn two_spellings_of_a_reference_are_one() {
        let campaign = KindId::known("Campaign").def();
        let mut references = References::default();
        let goal = KindId::known("Goal");
        references.insert(goal, json!(7), None, "Twin".to_owned());
        let live = json!({ "goal": { "live": "Twin" } });
        for (id, count) in [(7, 0), (8, 1)] {
            let expected = json!({ "goal": { "id": id } });
            let found = unlike(campaign, &expected, &live, &references);
            assert_eq!(found.len(), count, "{id}");
        }
    }
}
