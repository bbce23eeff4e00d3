//! Going live as planned, and as this run left the object, or not at all.
//!
//! A publish writes the state alone, and would take live whatever somebody wrote between the plan, or an update of this run,
//! and it. So the rest is compared once more. The platform may return a value in another spelling than it was sent, at once
//! or only with the next read, which is no edit: two reads of one step are compared in full, what was written or planned only
//! in what it refers to, for ids have one spelling.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::compare::{self, LiveDifference, is_unreturned};
use super::job::Job;
use super::state::{SharedState, TouchedObject};
use crate::api::{Reader, Writer};
use crate::diff::fingerprint;
use crate::kinds::KindDef;
use crate::kinds::field::Field;
use crate::kinds::mapping::{get_path, join, set_path};
use crate::kinds::uses;
use crate::plan::StepVerb;

/// An object that is about to go live, as it was read.
#[derive(Clone, Copy)]
pub(super) struct ReadObject<'a> {
    /// What this run wrote of it.
    pub(super) touched: Option<&'a TouchedObject>,
    /// The object as this step read it first, once it reads it again, in spec terms and by ids.
    pub(super) first: Option<&'a Value>,
    /// Its body as it was read last.
    pub(super) body: &'a Value,
    /// The same in spec terms.
    pub(super) lifted: &'a Value,
}

impl<P: Reader + Writer> Job<'_, P> {
    /// What this run wrote of an object that is about to go live, or saw before, and that is not so any more.
    pub(super) fn not_as_written(
        &self,
        state: &SharedState<'_>,
        now: ReadObject<'_>,
    ) -> Vec<LiveDifference> {
        let written = now.touched.map(|touched| &touched.written);
        let expected = match (self.step.verb, now.first, now.touched) {
            (StepVerb::Publish, Some(first), _) => {
                let mut known = self.change.declared.clone();
                if let Some(written) = written {
                    join(&mut known, written);
                }
                of_the_same_fields(self.def(), first, &known)
            }
            (StepVerb::Publish, None, Some(touched)) => {
                // That what another run wrote is there was looked at before this one began.
                let held = touched.held.as_ref().unwrap_or(&touched.written);
                let named = self.named_fields(&touched.written);
                let mut expected = of_the_same_fields(self.def(), held, &touched.written);
                if let Value::Object(fields) = &mut expected {
                    fields.retain(|field, _| named.contains(field));
                }
                if let Some(held) = touched.held.as_ref().filter(|_| touched.created) {
                    // What the run left out of it is as empty as it was.
                    for field in referring(self.def()) {
                        let held = get_path(held, field.spec).cloned();
                        set_path(&mut expected, field.spec, held.unwrap_or_default());
                    }
                }
                expected
            }
            _ => return Vec::new(),
        };
        let expected = self.without_own(expected);
        let mut found = compare::unlike(self.def(), &expected, now.lifted, &state.references);
        found.retain(|difference| !is_unreturned(self.def(), difference));
        found
    }

    /// The fields of an object that is about to go live which are not as they were when the plan was made: those that refer to
    /// others, and all that are declared where this run has not written to the object. A write of ours may have the platform
    /// return others in another spelling.
    pub(super) fn not_as_planned(&self, now: ReadObject<'_>) -> Vec<&'static str> {
        let planned = &self.change.fingerprint;
        let is_new = now.touched.is_some_and(|touched| touched.created);
        if self.step.verb != StepVerb::Publish || planned.is_empty() || is_new {
            return Vec::new();
        }
        let is_own = |field: &&Field| {
            let written = now.touched.map(|touched| &touched.written);
            let specs = [Some(&self.step.spec), written].into_iter().flatten();
            specs
                .into_iter()
                .any(|spec| get_path(spec, field.spec).is_some())
        };
        let held = fingerprint(self.step.key.kind, now.body.clone());
        let is_declared = |field: &&Field| get_path(&self.change.declared, field.spec).is_some();
        let is_untouched = now.touched.is_none();
        let fields = self.def().fields.iter().filter(|field| !is_own(field));
        let fields = fields.filter(|field| refers(field) || (is_untouched && is_declared(field)));
        let key = |field: &Field| field.wire.split('.').next().unwrap_or_default();
        let moved = fields.filter(|field| held.get(key(field)) != planned.get(key(field)));
        moved.map(|field| field.spec).collect()
    }

    /// The fields at the top of a spec that hold references.
    fn named_fields(&self, spec: &Value) -> BTreeSet<String> {
        let named = uses(self.def().fields, spec);
        let named = named
            .iter()
            .filter_map(|found| found.pointer.steps().next());
        named.collect()
    }

    /// Without what the step itself is about, the state, and the list of what lies inside.
    fn without_own(&self, mut spec: Value) -> Value {
        let staged = self.def().staged.as_ref().map(|it| it.field);
        let inside = self.def().children.as_ref().map(|it| it.field);
        if let Value::Object(fields) = &mut spec {
            fields.retain(|field, _| {
                let is_other = ![staged, inside].contains(&Some(field.as_str()));
                is_other && self.step.spec.get(field).is_none()
            });
        }
        spec
    }
}

/// The fields with a key of the wire of their own that hold references.
fn referring(def: &'static KindDef) -> impl Iterator<Item = &'static Field> {
    def.fields.iter().filter(|field| refers(field))
}

fn refers(field: &Field) -> bool {
    field.codec.names() && !field.wire.is_empty() && !field.wire.contains('.')
}

/// The fields of `held` that another spec has; null for those that it lacks. What no table describes is left out.
fn of_the_same_fields(def: &KindDef, held: &Value, written: &Value) -> Value {
    let mut part = Value::Object(Map::new());
    for field in def.fields {
        if get_path(written, field.spec).is_some() {
            let held = get_path(held, field.spec).cloned().unwrap_or_default();
            set_path(&mut part, field.spec, held);
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of_the_same_fields;
    use crate::kinds::KindId;

    #[test]
    fn what_was_not_written_does_not_count() {
        let held = json!({
            "goal": { "id": 7 }, "description": "theirs", "schedule": { "start": 1, "end": 2 }, "extra": { "x": 1 },
        });
        let written = json!({
            "goal": { "system": true }, "schedule": { "start": 5 }, "priority": null, "extra": { "x": 2 },
        });
        let part = of_the_same_fields(KindId::known("Campaign").def(), &held, &written);
        assert_eq!(
            part,
            json!({ "goal": { "id": 7 }, "schedule": { "start": 1 }, "priority": null })
        );
    }
}
