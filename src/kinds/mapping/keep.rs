//! Values that stay as the account has them, `{ $keep: survey }`: what an export writes for an id that no name
//! expresses where leaving it out would make the object wider.
//!
//! On an object that exists they are as good as not declared. Inside a list of open JSON, which is written whole, the
//! account's value takes their place. An object or an item of a list that is to be made has nothing to keep: that is
//! [`Missing`], and nothing is sent in its place.

use std::borrow::Cow;

use serde_json::Value;

use super::items::partners;
use super::open::{KEEP_KEY, kept};
use super::same;
use super::shape::{KeyScope, ListItems, ValueShape};
use crate::kinds::field::Field;
use crate::text::Pointer;

/// A value that was to be kept, and is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The place below `spec`.
    pub pointer: Pointer,
    /// What it is, in the words of the manifest.
    pub what: String,
}

/// Whether a manifest keeps any value of the account.
#[must_use]
pub fn keeps(spec: &Value) -> bool {
    match spec {
        Value::Object(map) => map.contains_key(KEEP_KEY) || map.values().any(keeps),
        Value::Array(items) => items.iter().any(keeps),
        _ => false,
    }
}

/// A spec with the account's values in the place of those that are kept, and what the account does not have. `held` is
/// the live object in spec terms.
#[must_use]
pub fn with_kept<'s>(
    fields: &'static [Field],
    spec: &'s Value,
    held: Option<&Value>,
) -> (Cow<'s, Value>, Vec<Missing>) {
    if !keeps(spec) {
        return (Cow::Borrowed(spec), Vec::new());
    }
    let mut spec = spec.clone();
    let mut filling = Filling::default();
    let table = ValueShape::Object(KeyScope::table(fields));
    filling.value(table, &mut spec, held, &Pointer::root());
    (Cow::Owned(spec), filling.missing)
}

/// Takes out of what was applied whatever a manifest keeps: it is declared still, though nothing is said of its value.
pub fn drop_kept(fields: &'static [Field], manifest: &Value, applied: &mut Value) {
    if keeps(manifest) {
        drop_kept_at(
            ValueShape::Object(KeyScope::table(fields)),
            manifest,
            applied,
        );
    }
}

fn drop_kept_at(shape: ValueShape<'_>, manifest: &Value, applied: &mut Value) {
    match (shape, manifest, applied) {
        (ValueShape::Object(scope), Value::Object(manifest), Value::Object(applied)) => {
            for (key, value) in manifest {
                if kept(value).is_some() {
                    applied.shift_remove(key);
                } else if let Some(applied) = applied.get_mut(key).filter(|_| keeps(value)) {
                    drop_kept_at(scope.shape(key), value, applied);
                }
            }
        }
        (ValueShape::List(items), Value::Array(manifest), Value::Array(applied)) => {
            let said: Vec<Value> = manifest.iter().map(without_kept).collect();
            let partners = partners(items, &said, applied);
            for (item, partner) in manifest.iter().zip(partners) {
                if let Some(applied) = partner.and_then(|at| applied.get_mut(at)) {
                    drop_kept_at(
                        ValueShape::Object(KeyScope::table(items.fields)),
                        item,
                        applied,
                    );
                }
            }
        }
        _ => {}
    }
}

#[derive(Default)]
struct Filling {
    missing: Vec<Missing>,
}

impl Filling {
    fn value(
        &mut self,
        shape: ValueShape<'_>,
        spec: &mut Value,
        held: Option<&Value>,
        at: &Pointer,
    ) {
        match (shape, &mut *spec) {
            (ValueShape::Object(scope), Value::Object(_)) => self.object(scope, spec, held, at),
            (ValueShape::Object(_), Value::Array(_)) => self.open_list(spec, held, at),
            (ValueShape::List(items), Value::Array(_)) => self.items(items, spec, held, at),
            (ValueShape::Whole, Value::Array(_)) => self.references(spec, held, at),
            _ => {}
        }
    }

    /// What an object that exists holds stays when it is not declared.
    fn object(
        &mut self,
        scope: KeyScope<'_>,
        spec: &mut Value,
        held: Option<&Value>,
        at: &Pointer,
    ) {
        let Value::Object(map) = spec else { return };
        let mut missing = Vec::new();
        map.retain(|key, value| match kept(value) {
            Some(what) => {
                missing.push((at.key(key), what.to_owned()));
                false
            }
            None => true,
        });
        if held.is_none() {
            self.miss(missing);
        }
        for (key, value) in map.iter_mut().filter(|(_, value)| keeps(value)) {
            let inner = held.and_then(|held| held.get(key));
            let inner = inner.filter(|inner| !inner.is_null());
            self.value(scope.shape(key), value, inner, &at.key(key));
        }
    }

    fn items(&mut self, items: ListItems, spec: &mut Value, held: Option<&Value>, at: &Pointer) {
        let Value::Array(list) = spec else { return };
        let held = held
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let said: Vec<Value> = list.iter().map(without_kept).collect();
        let partners = partners(items, &said, held);
        for (index, (item, partner)) in list.iter_mut().zip(partners).enumerate() {
            let partner = partner.and_then(|partner| held.get(partner));
            let table = ValueShape::Object(KeyScope::table(items.fields));
            self.value(table, item, partner, &at.index(index));
        }
    }

    /// A list of references keeps those that no name expresses.
    fn references(&mut self, spec: &mut Value, held: Option<&Value>, at: &Pointer) {
        let Value::Array(list) = spec else { return };
        let mut rest = Vec::new();
        let mut missing = Vec::new();
        for (index, item) in std::mem::take(list).into_iter().enumerate() {
            match kept(&item) {
                Some(what) => missing.push((at.index(index), what.to_owned())),
                None => rest.push(item),
            }
        }
        let held = held.and_then(Value::as_array);
        if held.is_none() {
            self.miss(missing);
        }
        let unnamed = held
            .into_iter()
            .flatten()
            .filter(|it| it.get("id").is_some());
        rest.extend(unnamed.cloned());
        // Nothing of the list is declared where nothing is left: it stays as it is.
        let stays = held.cloned().filter(|_| rest.is_empty());
        *spec = Value::from(stays.unwrap_or(rest));
    }

    /// A list of open JSON is written whole, so what is kept in it is filled in.
    fn open_list(&mut self, spec: &mut Value, held: Option<&Value>, at: &Pointer) {
        let Value::Array(list) = spec else { return };
        let held = held
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let partners = open_partners(list, held);
        let mut filled = Vec::with_capacity(list.len());
        for (index, (mut item, partner)) in
            std::mem::take(list).into_iter().zip(partners).enumerate()
        {
            let partner = partner.and_then(|partner| held.get(partner));
            if self.fill(&mut item, partner, &at.index(index)) {
                filled.push(item);
            }
        }
        *list = filled;
    }

    /// Fills in a value inside a list of open JSON; says whether anything is left of it.
    fn fill(&mut self, value: &mut Value, held: Option<&Value>, at: &Pointer) -> bool {
        if let Some(what) = kept(value) {
            let what = what.to_owned();
            let Some(held) = held else {
                self.miss([(at.clone(), what)]);
                return false;
            };
            value.clone_from(held);
            return true;
        }
        match value {
            Value::Array(_) if keeps(value) => self.open_list(value, held, at),
            Value::Object(map) => {
                let mut gone = Vec::new();
                for (key, inner) in map.iter_mut().filter(|(_, inner)| keeps(inner)) {
                    let is_kept = kept(inner).is_some();
                    let found = held.and_then(|held| held.get(key));
                    // An item that exists without it has nothing to lose.
                    let is_absent = is_kept && found.is_none() && held.is_some();
                    if is_absent || !self.fill(inner, found, &at.key(key)) {
                        gone.push(key.clone());
                    }
                }
                for key in gone {
                    map.shift_remove(&key);
                }
            }
            _ => {}
        }
        true
    }

    fn miss(&mut self, missing: impl IntoIterator<Item = (Pointer, String)>) {
        let missing = missing.into_iter();
        let missing = missing.map(|(pointer, what)| Missing { pointer, what });
        self.missing.extend(missing);
    }
}

/// What a value says beside what it keeps.
fn without_kept(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let said = map.iter().filter(|(_, value)| kept(value).is_none());
            said.map(|(key, value)| (key.clone(), without_kept(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(without_kept).collect(),
        other => other.clone(),
    }
}

/// For every item of a list of open JSON, the position of its partner: one that is the same but for what is kept, at
/// its own place first; else, in a list of the same length, the one at its place.
fn open_partners(list: &[Value], held: &[Value]) -> Vec<Option<usize>> {
    let mut of = vec![None; list.len()];
    let mut is_free = vec![true; held.len()];
    // At its own place, then anywhere, and last at its own place though it is another one by now.
    for (at_own_place, must_match) in [(true, true), (false, true), (true, false)] {
        if !must_match && list.len() != held.len() {
            break;
        }
        for (at, item) in list.iter().enumerate().filter(|(_, item)| keeps(item)) {
            // A value of which nothing is said is known by its place alone.
            let is_blank = kept(item).is_some();
            if of[at].is_some() || (must_match && is_blank) {
                continue;
            }
            let fits = |other: &usize| {
                is_free[*other]
                    && (!at_own_place || at == *other)
                    && (!must_match || is_same_but_kept(item, &held[*other]))
            };
            if let Some(other) = (0..held.len()).find(fits) {
                of[at] = Some(other);
                is_free[other] = false;
            }
        }
    }
    of
}

/// Whether two values are the same but for what the first one keeps.
fn is_same_but_kept(spec: &Value, held: &Value) -> bool {
    if kept(spec).is_some() {
        return true;
    }
    match (spec, held) {
        (Value::Object(spec), Value::Object(held)) => {
            let said = spec.iter().filter(|(_, value)| kept(value).is_none());
            let mut said = said.map(|(key, value)| (value, held.get(key)));
            held.keys().all(|key| spec.contains_key(key))
                && said.all(|(value, held)| held.is_some_and(|held| is_same_but_kept(value, held)))
        }
        (Value::Array(spec), Value::Array(held)) => {
            let mut pairs = spec.iter().zip(held);
            spec.len() == held.len() && pairs.all(|(spec, held)| is_same_but_kept(spec, held))
        }
        _ => same(spec, held),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KindId;

    fn filled(kind: &'static str, spec: &Value, held: Option<&Value>) -> (Value, Vec<String>) {
        let (spec, missing) = with_kept(KindId::known(kind).def().fields, spec, held);
        let missing = missing.into_iter();
        let missing = missing.map(|it| format!("{}: {}", it.pointer, it.what));
        (spec.into_owned(), missing.collect())
    }

    #[test]
    fn what_is_kept_of_an_object_that_exists_is_not_declared() {
        let keep = json!({ "$keep": "skill" });
        let spec = json!({ "conditions": [
            { "type": 7, "data": { "x": 1 } }, { "type": 9, "data": { "skillId": keep, "y": 2 } },
        ] });
        let held = json!({ "conditions": [{ "type": 9, "data": { "skillId": 5, "y": 2 } }] });
        let said = json!({ "conditions": [
            { "type": 7, "data": { "x": 1 } }, { "type": 9, "data": { "y": 2 } },
        ] });
        assert_eq!(
            filled("TargetAudience", &spec, Some(&held)),
            (said.clone(), vec![])
        );
        let lost = vec!["/conditions/1/data/skillId: skill".to_owned()];
        assert_eq!(
            filled("TargetAudience", &spec, None),
            (said.clone(), lost.clone())
        );
        let other = json!({ "conditions": [{ "type": 8, "data": { "skillId": 5 } }] });
        assert_eq!(filled("TargetAudience", &spec, Some(&other)), (said, lost));
    }

    #[test]
    fn lists_of_open_json_are_filled_in_where_the_rest_is_the_same() {
        let keep = json!({ "$keep": "form" });
        let replies = |items: Value| json!({ "style": { "quickReplies": items } });
        let a = |form: &Value| json!({ "text": "A", "formId": form });
        let b = |form: &Value| json!({ "text": "B", "formId": form });
        let held = replies(json!([a(&json!(1)), { "text": "C" }, b(&json!(2))]));
        let check = |spec: Value, expected: Value, missing: &[&str]| {
            let found = filled("EngagementWindow", &replies(spec), Some(&held));
            assert_eq!(found.0, replies(expected));
            assert_eq!(found.1, missing);
        };
        let (one, two) = (json!(1), json!(2));
        check(
            json!([a(&keep), { "text": "C" }, b(&keep)]),
            json!([a(&one), { "text": "C" }, b(&two)]),
            &[],
        );
        check(json!([b(&keep), a(&keep)]), json!([b(&two), a(&one)]), &[]);
        check(
            json!([{ "text": "A2", "formId": keep }, { "text": "C" }, b(&keep)]),
            json!([{ "text": "A2", "formId": 1 }, { "text": "C" }, b(&two)]),
            &[],
        );
        check(
            json!([{ "text": "New", "formId": keep }]),
            json!([{ "text": "New" }]),
            &["/style/quickReplies/0/formId: form"],
        );
    }

    #[test]
    fn references_that_no_name_expresses_stay_beside_those_by_name() {
        let spec = json!({ "entryPoints": ["a", { "$keep": "entry point" }], "skill": { "$keep": "skill" } });
        let held = json!({ "entryPoints": ["a", { "id": 5 }, { "id": 6 }], "skill": { "id": 7 } });
        let kept = json!({ "entryPoints": ["a", { "id": 5 }, { "id": 6 }] });
        assert_eq!(filled("Engagement", &spec, Some(&held)), (kept, vec![]));
        let lost = ["/skill: skill", "/entryPoints/1: entry point"].map(str::to_owned);
        assert_eq!(
            filled("Engagement", &spec, None),
            (json!({ "entryPoints": ["a"] }), lost.to_vec())
        );
        let only = json!({ "targetAudiences": [{ "$keep": "target audience" }] });
        let held = json!({ "targetAudiences": ["b"] });
        assert_eq!(
            filled("Campaign", &only, Some(&held)),
            (held.clone(), vec![])
        );
    }
}
