//! What an earlier run of a plan left of an object, in the words of the manifests: is it still as that run left it?
//!
//! A step that is done has written its values, so they must be there. A step that was begun and has no known result may have
//! taken effect or not: both are right. What the plan does not write must be as it was when the plan was made.

use std::collections::BTreeSet;

use serde_json::Value;

use super::moved::{moved, wire_key};
use super::{Action, Change, Plan, Step, StepVerb};
use crate::diff::{FieldChange, compare};
use crate::kinds::KindId;
use crate::kinds::field::Field;
use crate::kinds::mapping::{canonical, lift};
use crate::live::{Begun, LiveObject, References};
use crate::text::Pointer;

/// A change that an earlier run of its plan has begun.
pub(super) struct Resumed<'a> {
    pub(super) plan: &'a Plan,
    /// How far that run got.
    pub(super) begun: &'a Begun,
    /// What names mean by now.
    pub(super) references: &'a References,
    /// The position of the change.
    pub(super) index: usize,
    pub(super) change: &'a Change,
}

impl Resumed<'_> {
    /// Whether an object that the run created is not as it left it.
    pub(super) fn of_created(&self, live: &LiveObject) -> Option<String> {
        if live.display_name != self.change.display_name {
            return Some("`displayName` changed on the account".to_owned());
        }
        self.undone(live)
    }

    /// Whether an object that was there before is neither as it was nor as the run left it.
    pub(super) fn of_former(&self, live: &LiveObject, passed_on: &[&str]) -> Option<String> {
        // Of what is deleted, the run has at most taken back that it is published.
        let fields = self.written_places();
        let staged = self.change.kind.def().staged.as_ref();
        let staged = staged.map(|staged| Pointer::root().key(staged.field));
        let written: Vec<Pointer> = match self.change.action {
            Action::Update => fields,
            _ => staged.into_iter().collect(),
        };
        let written = written
            .iter()
            .filter_map(|at| wire_key(self.change.kind, at));
        let passed_on: Vec<&str> = passed_on.iter().copied().chain(written).collect();
        let moved = moved(self.plan, self.change, Some(live), &passed_on);
        moved.or_else(|| match self.change.action {
            Action::Update => self
                .undone(live)
                .or_else(|| self.strange(live))
                .or_else(|| self.beside(live)),
            _ => None,
        })
    }

    /// The places of the fields that the change writes, counted from `spec`.
    fn written_places(&self) -> Vec<Pointer> {
        let fields = self.change.fields.iter();
        fields
            .filter_map(|field| field.pointer.below_spec())
            .collect()
    }

    /// The steps of the change that write fields, and whether each is done.
    fn steps(&self) -> impl Iterator<Item = (&Step, bool)> {
        let steps = self.plan.steps.iter().enumerate();
        let steps = steps.filter(|(_, step)| step.change == self.index && writes_fields(step.verb));
        steps.map(|(at, step)| (step, self.begun.applied.contains(&at)))
    }

    /// What is not there any more of what the run is known to have written.
    fn undone(&self, live: &LiveObject) -> Option<String> {
        if !live.whole {
            return None;
        }
        let def = self.change.kind.def();
        let found = lift(def, &live.body.value(), self.references);
        let done = self
            .steps()
            .filter(|(_, is_done)| *is_done)
            .map(|(step, _)| step);
        let fields = done.flat_map(|step| {
            let written = canonical(def, &step.spec, self.references);
            let differences = compare(def.fields, &written, &found).differences;
            differences.into_iter().map(|it| it.pointer)
        });
        let fields = fields.filter(|at| is_compared(self.change.kind, at, &found));
        changed(fields.map(|at| at.path()))
    }

    /// What changed among the fields that the plan does not write, and that share a key of the wire with one that it does: the digest
    /// of that key says nothing.
    fn beside(&self, live: &LiveObject) -> Option<String> {
        if !live.whole {
            return None;
        }
        let def = self.change.kind.def();
        let written = self.written_places();
        let keys = written
            .iter()
            .filter_map(|at| wire_key(self.change.kind, at));
        let keys: BTreeSet<&str> = keys.collect();
        let found = lift(def, &live.body.value(), self.references);
        let declared = canonical(def, &self.change.declared, self.references);
        let differences = compare(def.fields, &declared, &found).differences;
        let fields = differences.into_iter().map(|it| it.pointer).filter(|at| {
            let key = wire_key(self.change.kind, at);
            key.is_some_and(|key| keys.contains(key))
                && !written
                    .iter()
                    .any(|it| it.starts_with(at) || at.starts_with(it))
                && is_compared(self.change.kind, at, &found)
        });
        changed(fields.map(|at| at.path()))
    }

    /// What is neither as it was nor as an open step writes it.
    fn strange(&self, live: &LiveObject) -> Option<String> {
        if !live.whole {
            return None;
        }
        let def = self.change.kind.def();
        // What was created since has a name by now, and what was there is spelled as it was then.
        let found = [&self.plan.references, self.references];
        let found = found.map(|names| lift(def, &live.body.value(), names));
        let is_done = |at: &Pointer| {
            let mut done = self.steps().filter(|(_, is_done)| *is_done);
            done.any(|(step, _)| writes(step, at))
        };
        let is_other = |field: &&FieldChange| {
            let Some(at) = field.pointer.below_spec() else {
                return false;
            };
            let mut values = found.iter().map(|it| at.get(it).unwrap_or(&Value::Null));
            let is_either = values.any(|value| *value == field.before || *value == field.after);
            !is_done(&at) && !is_either
        };
        let others = self.change.fields.iter().filter(is_other);
        changed(others.map(FieldChange::path))
    }
}

/// Whether a step writes what is at a pointer below `spec`.
pub(super) fn writes(step: &Step, at: &Pointer) -> bool {
    let name = at.steps().next().unwrap_or_default();
    writes_fields(step.verb) && step.spec.get(&name).is_some()
}

/// Whether fields are written by it.
fn writes_fields(verb: StepVerb) -> bool {
    matches!(
        verb,
        StepVerb::Create | StepVerb::Update | StepVerb::Publish | StepVerb::Unpublish
    )
}

/// Whether what was written must be there afterwards: the platform does not return every field, and what lies inside an object
/// is listed by other writes, too.
fn is_compared(kind: KindId, at: &Pointer, found: &Value) -> bool {
    let inside = kind.def().children.as_ref().map(|it| it.field);
    let is_inside = at.steps().next().as_deref() == inside;
    let is_returned = |field: &Field| !field.unreturned && !field.wire.is_empty();
    let is_there = at.get(found).is_some_and(|value| !value.is_null());
    !is_inside && (is_there || fields_at(kind, at).all(is_returned))
}

/// The fields of a kind in the same part of `spec`.
fn fields_at(kind: KindId, at: &Pointer) -> impl Iterator<Item = &'static Field> {
    let name = at.steps().next().unwrap_or_default();
    let fields = kind.def().fields.iter();
    fields.filter(move |field| field.spec.split('.').next() == Some(name.as_str()))
}

/// That some fields changed, where there are any.
fn changed(fields: impl Iterator<Item = String>) -> Option<String> {
    let fields: BTreeSet<String> = fields.map(|path| format!("`{path}`")).collect();
    let fields: Vec<String> = fields.into_iter().collect();
    (!fields.is_empty()).then(|| format!("{} changed on the account", fields.join(", ")))
}
