//! One step on its way: what all verbs share.

use std::sync::atomic::Ordering;

use serde_json::Value;
use tokio::sync::RwLock;

use super::compare::{self, LiveDifference, is_unreturned};
use super::failure::StepFailure;
use super::outcome::{Class, StepResult};
use super::record::{SendingStep, StepEnd};
use super::run::ApplyInput;
use super::state::{Shared, SharedState, TouchedObject};
use crate::api::{Address, ApiItem, Call, Reader, WriteVerb as Sent, Writer};
use crate::kinds::field::Field;
use crate::kinds::mapping::{PENDING_KEY, canonical, lift};
use crate::kinds::words::VOCABULARY;
use crate::kinds::{Collection, KindDef, Lookup};
use crate::ledger::{JournalEvent, StepTarget};
use crate::live::{ById, Entry, Kept};
use crate::name::{RemoteId, Revision};
use crate::plan::{Action, Change, Step, StepVerb};
use crate::text::Packed;

/// One step on its way.
pub(super) struct Job<'a, P> {
    /// The run.
    pub(super) input: &'a ApplyInput<'a, P>,
    /// What the steps share.
    pub(super) shared: &'a Shared<'a>,
    /// Held shared by creates, and alone by updates and deletes of the collection.
    pub(super) gate: &'a RwLock<()>,
    /// Its position.
    pub(super) index: usize,
    /// The step.
    pub(super) step: &'a Step,
    /// The change that it is part of.
    pub(super) change: &'a Change,
}

/// What was done.
#[derive(Default)]
pub(super) struct StepDone {
    /// The live object.
    pub(super) id: Option<RemoteId>,
    /// The revision that the write named.
    pub(super) before: Option<Revision>,
    /// The revision after the write.
    pub(super) after: Option<Revision>,
    /// What the server changed.
    pub(super) normalized: Vec<LiveDifference>,
    /// Whether the answer to the write was lost, and it was found done.
    pub(super) found: bool,
}

impl StepDone {
    fn into_result(self) -> StepResult {
        let told = |revision: Option<Revision>| revision.filter(|it| !it.0.is_empty());
        StepResult::Applied {
            id: self.id,
            revision_before: told(self.before),
            revision_after: told(self.after),
            earlier: false,
            normalized: self.normalized,
            twins: Vec::new(),
        }
    }
}

impl<P: Reader + Writer> Job<'_, P> {
    /// Does the step, and says whether the run has to stop.
    pub(super) async fn execute(&self) -> (StepResult, bool) {
        let done = match self.step.verb {
            StepVerb::Create => self.create().await,
            StepVerb::Update | StepVerb::Publish | StepVerb::Unpublish => self.update().await,
            StepVerb::Delete => self.delete().await,
            StepVerb::Adopt | StepVerb::Record | StepVerb::Rename => self.adopt(),
            StepVerb::Forget => self.forget(),
            StepVerb::Manual => return (StepResult::Manual, false),
        };
        let applied = done.is_ok();
        // A create of which nothing is known stays open, so that the next run looks for its object.
        let is_open = done.as_ref().is_err_and(|it| it.class == Class::Unknown)
            && self.step.verb == StepVerb::Create;
        let (found, end) = match done {
            Ok(done) => (done.found, (done.into_result(), false)),
            Err(failure) => (false, failure.into_end()),
        };
        let told = self.ended(&end.0, found);
        let finished = if is_open {
            Ok(())
        } else {
            let step = self.index;
            self.record(JournalEvent::Finished { step, applied })
        };
        match told.and(finished) {
            Ok(()) => end,
            Err(failure) => failure.after(&end.0).into_end(),
        }
    }

    /// Tells the recorder how the step ended.
    fn ended(&self, result: &StepResult, found: bool) -> Result<(), StepFailure> {
        Ok(self.shared.lock().ended(&StepEnd {
            index: self.index,
            step: self.step,
            change: self.change,
            result,
            found,
        })?)
    }

    /// Tells the recorder that the step is about to send its first write.
    pub(super) fn sending(
        &self,
        call: Option<&Call>,
        id: Option<&RemoteId>,
        revision: Option<&Revision>,
    ) -> Result<(), StepFailure> {
        Ok(self.shared.lock().sending(&SendingStep {
            index: self.index,
            step: self.step,
            change: self.change,
            id,
            call,
            revision,
        })?)
    }

    fn adopt(&self) -> Result<StepDone, StepFailure> {
        let address = self.address()?;
        let name = self.change.display_name.clone();
        self.shared
            .lock()
            .bound(&self.step.key, &address.id, name.clone());
        self.bind(&address, name)?;
        Ok(StepDone {
            id: Some(address.id),
            ..StepDone::default()
        })
    }

    fn forget(&self) -> Result<StepDone, StepFailure> {
        let key = self.step.key.clone();
        self.record(JournalEvent::Unbound { key, at: None })?;
        Ok(StepDone {
            id: self.change.remote_id.clone(),
            ..StepDone::default()
        })
    }

    /// Whether the run was asked to stop: a write that failed is then not sent again.
    pub(super) fn is_to_stop(&self) -> bool {
        self.input.cancelled.load(Ordering::SeqCst)
    }

    /// The contract of the kind.
    pub(super) fn def(&self) -> &'static KindDef {
        self.step.key.kind.def()
    }

    /// Where the kind lives.
    pub(super) fn collection(&self) -> Result<&'static Collection, StepFailure> {
        self.def().collection.ok_or_else(|| {
            StepFailure::refused(format!("the platform has no {}", self.step.key.kind))
        })
    }

    /// The flag that the object may have lost to another one of the plan by now.
    pub(super) fn lost_flag(&self, id: &RemoteId) -> Option<&'static Field> {
        let kind = self.step.key.kind;
        let others = self.input.plan.changes.iter();
        let mut others = others.filter(|change| change.kind == kind);
        let is_taken = others.any(|change| change.takes.iter().any(|it| it.remote_id == *id));
        self.def().exclusive_field().filter(|_| is_taken)
    }

    /// Where the object of the step is: what this run knows, then what the plan says.
    pub(super) fn address(&self) -> Result<Address, StepFailure> {
        let state = self.shared.lock();
        let kind = self.step.key.kind;
        // The delete of a replacement is about the old object, not about the one that this run created.
        if self.step.verb != StepVerb::Delete
            && let Some(touched) = state.touched(&self.step.key)
        {
            return Ok(Address {
                kind,
                parent: touched.parent.clone(),
                id: touched.id.clone(),
            });
        }
        let id = self.change.remote_id.clone().ok_or_else(|| {
            StepFailure::refused("the plan does not say which live object this is".to_owned())
        })?;
        let parent = match (&self.def().parent, &self.change.remote_parent) {
            (Some(_), None) => Some(self.parent(&state, &self.change.declared)?),
            (_, known) => known.clone(),
        };
        Ok(Address { kind, parent, id })
    }

    /// The id of the object around the one that `spec` describes.
    pub(super) fn parent(
        &self,
        state: &SharedState<'_>,
        spec: &Value,
    ) -> Result<RemoteId, StepFailure> {
        let found = self.def().parent.as_ref().and_then(|parent| {
            let reference = spec.get(parent.field)?;
            RemoteId::from_wire(&state.references.to_id(parent.kind, reference))
        });
        found.ok_or_else(|| {
            StepFailure::refused("its parent does not exist in the account".to_owned())
        })
    }

    /// Records an event.
    pub(super) fn record(&self, event: JournalEvent) -> Result<(), StepFailure> {
        Ok(self.shared.lock().record(event)?)
    }

    /// Records that the step is about to change or delete an object. When this ends well, that survives a crash.
    pub(super) async fn begin(&self, address: &Address, item: &ApiItem) -> Result<(), StepFailure> {
        let sent = match self.step.verb {
            StepVerb::Delete => Sent::Delete,
            _ => Sent::Update,
        };
        let (parent, id) = (address.parent.as_ref(), Some(&address.id));
        let call = self.input.platform.call(sent, address.kind, parent, id);
        self.sending(call.as_ref(), id, Some(&item.revision))?;
        self.record(JournalEvent::Started {
            step: self.index,
            key: self.step.key.clone(),
            verb: self.step.verb,
            draft: None,
            target: Some(Box::new(StepTarget {
                id: address.id.clone(),
                parent: address.parent.clone(),
                body: item.body.clone(),
                written: self.written_by_id(),
            })),
        })?;
        Ok(self.shared.durable().await?)
    }

    /// What the step writes, for the journal. Another run may read it, by whose plan things have other names.
    fn written_by_id(&self) -> Value {
        let spec = &self.step.spec;
        if spec.is_null() {
            return Value::Null;
        }
        let state = self.shared.lock();
        canonical(self.def(), spec, &ById(&state.references))
    }

    /// What the ledger said of the object before the run, maybe under an earlier name.
    fn old_entry(&self) -> Option<&Entry> {
        let entries = &self.input.ledger.entries;
        let old = entries.get(&self.step.key);
        old.or_else(|| entries.get(self.change.previous.as_ref()?))
    }

    /// What the ledger is to say of the object.
    pub(super) fn entry(&self, address: &Address, display_name: String) -> Entry {
        let old = self.old_entry();
        let file = self.change.file.clone();
        let link = match &file {
            Some(_) => self.change.link.clone(),
            None => old.and_then(|old| old.link.clone()),
        };
        Entry {
            id: address.id.clone(),
            parent: address.parent.clone(),
            display_name,
            applied: Packed::of(&self.applied()),
            vocabulary: VOCABULARY,
            protect: self.change.protect,
            observed: self.change.observed,
            file: file
                .or_else(|| old.map(|old| old.file.clone()))
                .unwrap_or_default(),
            link,
            at: (self.input.clock)().to_string(),
            plan: self.input.plan_id.to_owned(),
        }
    }

    /// Records which live object the manifest is bound to.
    pub(super) fn bind(&self, address: &Address, display_name: String) -> Result<(), StepFailure> {
        if self.change.foreign {
            return Ok(()); // it stays theirs
        }
        let key = self.step.key.clone();
        let bound = self.record(JournalEvent::Bound {
            entry: Box::new(self.entry(address, display_name)),
            kept: self
                .replaced()
                .filter(|_| self.step.verb == StepVerb::Create)
                .map(Box::new),
            key,
        });
        let renamed = self.change.previous.clone();
        let unbound = renamed.map_or(Ok(()), |key| {
            self.record(JournalEvent::Unbound { key, at: None })
        });
        bound.and(unbound).map_err(|failure| StepFailure {
            message: format!(
                "the account was changed (id {}), but {}",
                address.id, failure.message
            ),
            ..failure
        })
    }

    /// The object whose place a new one takes: it stays ours, under a key of its own, until it is deleted.
    pub(super) fn replaced(&self) -> Option<Kept> {
        let id = self.change.remote_id.as_ref()?;
        if self.change.action != Action::Replace {
            return None;
        }
        let entries = &self.input.ledger.entries;
        let known = [Some(&self.step.key), self.change.previous.as_ref()];
        let known = known
            .into_iter()
            .flatten()
            .filter_map(|key| entries.get(key))
            .find(|entry| entry.id == *id);
        Some(Kept {
            key: self.step.key.of_replaced(id),
            entry: known.cloned().unwrap_or_else(|| Entry {
                id: id.clone(),
                parent: self.change.remote_parent.clone(),
                display_name: self.change.display_name.clone(),
                applied: Packed::of(&Value::Object(serde_json::Map::new())),
                vocabulary: VOCABULARY,
                protect: false,
                observed: false,
                file: self.change.file.clone().unwrap_or_default(),
                link: self.change.link.clone(),
                at: (self.input.clock)().to_string(),
                plan: self.input.plan_id.to_owned(),
            }),
        })
    }

    /// The declared spec as far as the steps up to this one brought it. What a later step of the same object is still
    /// to write is no part of it: were that step to fail, the next plan would call its fields drift.
    fn applied(&self) -> Value {
        let mut applied = match &self.change.recorded {
            Value::Null => self.change.declared.clone(),
            recorded => recorded.clone(),
        };
        let KindDef {
            staged, children, ..
        } = self.def();
        let Value::Object(fields) = &mut applied else {
            return applied;
        };
        if staged.is_none() && children.is_none() {
            return applied; // All of it is one write.
        }
        let old = self.old_entry();
        // A new object holds nothing of what another one under this name did.
        let old = old.filter(|_| self.change.action == Action::Update);
        let old = old.map(|old| old.spec(self.def()));
        for field in self.still_to_come() {
            match old.as_ref().and_then(|old| old.get(field)) {
                Some(old) => fields.insert(field.clone(), old.clone()),
                None => fields.shift_remove(field),
            };
        }
        if let Some(staged) = staged
            && let Some(value) = self.step.spec.get(staged.field)
        {
            fields.insert(staged.field.to_owned(), value.clone());
        }
        applied
    }

    /// The fields that later steps of the same object bring.
    fn still_to_come(&self) -> impl Iterator<Item = &String> {
        let later = self.input.plan.steps.iter().skip(self.index + 1);
        later
            .filter(|step| step.key == self.step.key)
            .filter_map(|step| step.spec.as_object())
            .flat_map(|spec| spec.keys())
    }

    /// After a write: notes it, records the binding, and finds what the server changed.
    pub(super) fn settle(
        &self,
        address: &Address,
        item: &ApiItem,
        created: bool,
    ) -> Result<Vec<LiveDifference>, StepFailure> {
        let name = self.name_of(&item.body);
        {
            let mut state = self.shared.lock();
            state.bound(&self.step.key, &address.id, name.clone());
            if created {
                state.appeared(&self.step.key, self.change.remote_id.as_ref());
            }
            let touched = TouchedObject {
                id: address.id.clone(),
                parent: address.parent.clone(),
                created,
                written: self.step.spec.clone(),
                held: Some(lift(self.def(), &item.body, &ById(&state.references))),
            };
            state.touch(&self.step.key, touched);
        }
        self.bind(address, name)?;
        let mut unlike = self.unlike(&item.body);
        unlike.retain(|difference| !is_unreturned(self.def(), difference));
        Ok(unlike)
    }

    /// The declared fields of the step that a body holds differently.
    pub(super) fn unlike(&self, body: &Value) -> Vec<LiveDifference> {
        let state = self.shared.lock();
        let lifted = lift(self.def(), body, &state.references);
        compare::unlike(self.def(), &self.step.spec, &lifted, &state.references)
    }

    /// The display name in a body, or else the planned one.
    pub(super) fn name_of(&self, body: &Value) -> String {
        let key = self.def().collection.map_or("name", |it| it.name_key);
        body.get(key)
            .and_then(Value::as_str)
            .unwrap_or(&self.change.display_name)
            .to_owned()
    }
}

/// Refuses a body that still holds the marker of an object that was to be created before.
pub(super) fn refuse_pending(body: &Value) -> Result<(), StepFailure> {
    match pending(body) {
        None => Ok(()),
        Some(reference) => Err(StepFailure::refused(format!(
            "{reference} does not exist in the account"
        ))),
    }
}

fn pending(body: &Value) -> Option<&Value> {
    match body {
        Value::Object(map) => map
            .get(PENDING_KEY)
            .or_else(|| map.values().find_map(pending)),
        Value::Array(items) => items.iter().find_map(pending),
        _ => None,
    }
}
