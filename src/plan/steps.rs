//! The writes of each change: the two-step publish, and what a delete has to wait for.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::freeze::referenced_ids;
use super::{Action, Change, Step, StepVerb};
use crate::kinds::KindDef;
use crate::kinds::mapping::{get_path, set_path, take_path};
use crate::live::References;

/// The steps of all changes, not yet ordered; `after` is still empty.
pub(super) fn steps(changes: &[Change]) -> Vec<Step> {
    changes
        .iter()
        .enumerate()
        .flat_map(|(index, change)| Writes { index, change }.steps())
        .collect()
}

/// Kind and id of every object that the changes are about or refer to.
pub(super) fn spoken_of(changes: &[Change], references: &References) -> BTreeSet<(String, String)> {
    let mut ids = BTreeSet::new();
    for change in changes {
        if let Some(id) = &change.remote_id {
            ids.insert((change.kind.name().to_owned(), id.to_wire().to_string()));
        }
        for spec in [&change.declared, &change.patch, &change.expected] {
            ids.extend(referenced_ids(change.kind, spec, references));
        }
    }
    ids
}

/// The writes of one change.
struct Writes<'a> {
    index: usize,
    change: &'a Change,
}

impl Writes<'_> {
    fn steps(&self) -> Vec<Step> {
        let mut steps = self.writes();
        if self.change.forget {
            steps.push(self.step(StepVerb::Forget, Value::Null, Value::Null));
        }
        steps
    }

    fn writes(&self) -> Vec<Step> {
        match self.change.action {
            Action::Create => self.create(),
            Action::Update => self.update(),
            Action::Replace => {
                let mut steps = self.create();
                steps.push(self.step(StepVerb::Delete, Value::Null, Value::Null));
                steps
            }
            Action::Delete => self.delete(),
            Action::Adopt => vec![self.step(StepVerb::Adopt, Value::Null, Value::Null)],
            Action::Forget => vec![self.step(StepVerb::Forget, Value::Null, Value::Null)],
            Action::Manual => vec![self.step(
                StepVerb::Manual,
                self.change.patch.clone(),
                self.change.expected.clone(),
            )],
            Action::None if self.change.record => {
                vec![self.step(StepVerb::Record, Value::Null, Value::Null)]
            }
            Action::None => Vec::new(),
        }
    }

    /// Create hidden and without children; what makes it live comes last.
    fn create(&self) -> Vec<Step> {
        let def = self.def();
        let mut spec = self.change.declared.clone();
        let (mut late, mut verb) = (Value::Object(Map::new()), StepVerb::Update);
        if let Some(staged) = &def.staged
            && get_path(&spec, staged.field)
                .and_then(Value::as_str)
                .is_some_and(|value| value == staged.live)
        {
            take_path(&mut spec, staged.field);
            set_path(&mut late, staged.field, Value::from(staged.live));
            verb = StepVerb::Publish;
        }
        if let Some(children) = &def.children {
            take_path(&mut spec, children.field);
            if let Some(list) =
                get_path(&self.change.patch, children.field).filter(|list| !list.is_null())
            {
                set_path(&mut late, children.field, list.clone());
            }
        }
        let mut steps = vec![self.step(StepVerb::Create, spec, Value::Null)];
        if late.as_object().is_some_and(|late| !late.is_empty()) {
            steps.push(self.step(verb, late, Value::Null));
        }
        steps
    }

    /// Taking back comes first, going live and the list of children last.
    ///
    /// A list that loses members is written on its own before the object goes live: their deletes come in between, and
    /// must find it without them.
    fn update(&self) -> Vec<Step> {
        let def = self.def();
        let (mut patch, mut expected) = (self.change.patch.clone(), self.change.expected.clone());
        let mut steps = Vec::new();
        let (mut late, mut late_expected) = (Value::Object(Map::new()), Value::Object(Map::new()));
        let mut late_verb = StepVerb::Update;
        let mut list_first = None;
        if let Some(staged) = &def.staged
            && let Some(value) = take_path(&mut patch, staged.field)
        {
            let before = take_path(&mut expected, staged.field).unwrap_or(Value::Null);
            if value.as_str() == Some(staged.live) {
                late_verb = StepVerb::Publish;
                set_path(&mut late, staged.field, value);
                set_path(&mut late_expected, staged.field, before);
            } else {
                steps.push(self.step(
                    StepVerb::Unpublish,
                    object(staged.field, value),
                    object(staged.field, before),
                ));
            }
        }
        if let Some(children) = &def.children
            && let Some(list) = take_path(&mut patch, children.field)
        {
            let before = take_path(&mut expected, children.field).unwrap_or(Value::Null);
            let mut expected = before;
            if late_verb == StepVerb::Publish && loses(&expected, &list) {
                let before = object(children.field, expected);
                list_first = Some((object(children.field, list.clone()), before));
                // It goes live with that list or not at all: somebody may change it in between.
                expected = list.clone();
            }
            set_path(&mut late, children.field, list);
            set_path(&mut late_expected, children.field, expected);
        }
        if patch.as_object().is_some_and(|patch| !patch.is_empty()) {
            steps.push(self.step(StepVerb::Update, patch, expected));
        }
        if let Some((list, before)) = list_first {
            steps.push(self.step(StepVerb::Update, list, before));
        }
        if late.as_object().is_some_and(|late| !late.is_empty()) {
            steps.push(self.step(late_verb, late, late_expected));
        }
        if self.change.is_rename_only() {
            steps.push(self.step(StepVerb::Rename, Value::Null, Value::Null));
        }
        steps
    }

    /// A live object is taken back before it is deleted.
    fn delete(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(staged) = &self.def().staged
            && get_path(&self.change.expected, staged.field).and_then(Value::as_str)
                == Some(staged.live)
        {
            let hidden = object(staged.field, Value::from(staged.hidden));
            steps.push(self.step(
                StepVerb::Unpublish,
                hidden,
                object(staged.field, Value::from(staged.live)),
            ));
        }
        let inside = self.def().children.as_ref().and_then(|children| {
            let list = get_path(&self.change.expected, children.field)?;
            Some(object(children.field, list.clone()))
        });
        steps.push(self.step(StepVerb::Delete, Value::Null, inside.unwrap_or_default()));
        steps
    }

    fn def(&self) -> &'static KindDef {
        self.change.kind.def()
    }

    fn step(&self, verb: StepVerb, spec: Value, before: Value) -> Step {
        Step {
            key: self.change.key(),
            change: self.index,
            verb,
            spec,
            before,
            after: Vec::new(),
        }
    }
}

/// Whether a list holds less than before.
fn loses(before: &Value, after: &Value) -> bool {
    let after = after.as_array();
    let is_left = |member: &Value| after.is_some_and(|after| after.contains(member));
    before
        .as_array()
        .is_some_and(|before| !before.iter().all(is_left))
}

fn object(path: &str, value: Value) -> Value {
    let mut object = Value::Object(Map::new());
    set_path(&mut object, path, value);
    object
}
