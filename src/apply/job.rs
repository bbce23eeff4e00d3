//! One step on its way: what all verbs share.

use serde_json::Value;
use tokio::sync::RwLock;

use super::compare::{Difference, differences};
use super::outcome::StepResult;
use super::record::RecordError;
use super::run::Input;
use super::state::{Shared, State, Touched, describe};
use crate::api::{Address, Error, Item, Reader, Writer};
use crate::kinds::mapping::{PENDING_KEY, lift};
use crate::kinds::{Collection, KindDef, Lookup};
use crate::ledger::Event;
use crate::live::Entry;
use crate::name::{RemoteId, Revision};
use crate::plan::{Change, Step, Verb};
use crate::text::Packed;

/// One step on its way.
pub(super) struct Job<'a, P> {
    /// The run.
    pub(super) input: &'a Input<'a, P>,
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

/// Why a step was not done.
pub(super) enum Failure {
    /// The live object moved since it was planned.
    Stale(String),
    /// Anything else.
    Failed(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(describe(&error))
    }
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        Self::Failed(describe(&error))
    }
}

/// What was done.
#[derive(Default)]
pub(super) struct Done {
    /// The live object.
    pub(super) id: Option<RemoteId>,
    /// The revision that the write named.
    pub(super) before: Option<Revision>,
    /// The revision after the write.
    pub(super) after: Option<Revision>,
    /// What the server changed.
    pub(super) normalized: Vec<Difference>,
}

impl<P: Reader + Writer> Job<'_, P> {
    /// Does the step.
    pub(super) async fn execute(&self) -> StepResult {
        let done = match self.step.verb {
            Verb::Create => self.create().await,
            Verb::Update | Verb::Publish | Verb::Unpublish => self.update().await,
            Verb::Delete => self.delete().await,
            Verb::Adopt | Verb::Record => self.adopt(),
            Verb::Forget => self.forget(),
            Verb::Manual => return StepResult::Manual,
        };
        let finished = self.record(Event::Finished { step: self.index });
        match done.and_then(|done| finished.map(|()| done)) {
            Ok(done) => StepResult::Applied {
                id: done.id,
                revision_before: done.before.filter(|revision| !revision.0.is_empty()),
                revision_after: done.after.filter(|revision| !revision.0.is_empty()),
                normalized: done.normalized,
            },
            Err(Failure::Stale(message)) => StepResult::Failed {
                message,
                stale: true,
            },
            Err(Failure::Failed(message)) => StepResult::Failed {
                message,
                stale: false,
            },
        }
    }

    fn adopt(&self) -> Result<Done, Failure> {
        let address = self.address()?;
        let name = self.change.display_name.clone();
        self.shared
            .lock()
            .bound(&self.step.key, &address.id, name.clone());
        self.bind(&address, name)?;
        Ok(Done {
            id: Some(address.id),
            ..Done::default()
        })
    }

    fn forget(&self) -> Result<Done, Failure> {
        let key = self.step.key.clone();
        self.record(Event::Unbound { key })?;
        Ok(Done {
            id: self.change.remote_id.clone(),
            ..Done::default()
        })
    }

    /// The contract of the kind.
    pub(super) fn def(&self) -> &'static KindDef {
        self.step.key.kind.def()
    }

    /// Where the kind lives.
    pub(super) fn collection(&self) -> Result<&'static Collection, Failure> {
        self.def()
            .collection
            .ok_or_else(|| Failure::Failed(format!("the platform has no {}", self.step.key.kind)))
    }

    /// Where the object of the step is: what this run knows, then what the plan says.
    pub(super) fn address(&self) -> Result<Address, Failure> {
        let state = self.shared.lock();
        let kind = self.step.key.kind;
        // The delete of a replacement is about the old object, not about the one that this run created.
        if self.step.verb != Verb::Delete
            && let Some(touched) = state.touched(&self.step.key)
        {
            return Ok(Address {
                kind,
                parent: touched.parent.clone(),
                id: touched.id.clone(),
            });
        }
        let id = self.change.remote_id.clone().ok_or_else(|| {
            Failure::Failed("the plan does not say which live object this is".to_owned())
        })?;
        let parent = match (&self.def().parent, &self.change.remote_parent) {
            (Some(_), None) => Some(self.parent(&state, &self.change.declared)?),
            (_, known) => known.clone(),
        };
        Ok(Address { kind, parent, id })
    }

    /// The id of the object around the one that `spec` describes.
    pub(super) fn parent(&self, state: &State<'_>, spec: &Value) -> Result<RemoteId, Failure> {
        let found = self.def().parent.as_ref().and_then(|parent| {
            let reference = spec.get(parent.field)?;
            RemoteId::from_wire(&state.references.to_id(parent.kind, reference))
        });
        found.ok_or_else(|| {
            Failure::Failed("the object around it is not known on the account".to_owned())
        })
    }

    /// Records an event.
    pub(super) fn record(&self, event: Event) -> Result<(), Failure> {
        Ok(self.shared.lock().record(event)?)
    }

    /// Records that the step is about to write.
    pub(super) fn begin(&self) -> Result<(), Failure> {
        self.record(Event::Started {
            step: self.index,
            key: self.step.key.clone(),
            verb: self.step.verb,
        })
    }

    /// Records which live object the manifest is bound to.
    pub(super) fn bind(&self, address: &Address, display_name: String) -> Result<(), Failure> {
        let key = self.step.key.clone();
        let old = self.input.ledger.entries.get(&key);
        let entry = Entry {
            id: address.id.clone(),
            parent: address.parent.clone(),
            display_name,
            applied: Packed::of(&self.applied()),
            protect: self.change.protect,
            file: self
                .change
                .file
                .clone()
                .or_else(|| old.map(|old| old.file.clone()))
                .unwrap_or_default(),
            at: (self.input.clock)().to_string(),
            plan: self.input.plan_id.to_owned(),
        };
        let bound = self.record(Event::Bound {
            key,
            entry: Box::new(entry),
        });
        let renamed = self.change.previous.clone();
        let unbound = renamed.map_or(Ok(()), |key| self.record(Event::Unbound { key }));
        bound.and(unbound).map_err(|failure| match failure {
            Failure::Failed(why) | Failure::Stale(why) => Failure::Failed(format!(
                "the account was changed (id {}), but {why}",
                address.id
            )),
        })
    }

    /// The declared spec, its staged field as far as the steps up to this one brought it.
    fn applied(&self) -> Value {
        let mut applied = self.change.declared.clone();
        let (Some(staged), Value::Object(fields)) = (&self.def().staged, &mut applied) else {
            return applied;
        };
        if let Some(value) = self.step.spec.get(staged.field) {
            fields.insert(staged.field.to_owned(), value.clone());
        } else if self.is_still_to_be_staged(staged.field) {
            let old = self.input.ledger.entries.get(&self.step.key);
            let old = old.map(|old| old.applied.value());
            match old.as_ref().and_then(|old| old.get(staged.field)) {
                Some(old) => fields.insert(staged.field.to_owned(), old.clone()),
                None => fields.shift_remove(staged.field),
            };
        }
        applied
    }

    /// Whether a later step of the same object brings the staged field.
    fn is_still_to_be_staged(&self, field: &str) -> bool {
        let later = self.input.plan.steps.iter().skip(self.index + 1);
        later
            .filter(|step| step.key == self.step.key)
            .any(|step| step.spec.get(field).is_some())
    }

    /// After a write: notes it, records the binding, and finds what the server changed.
    pub(super) async fn settle(
        &self,
        address: &Address,
        item: &Item,
        created: bool,
    ) -> Result<Vec<Difference>, Failure> {
        let name = self.name_of(&item.body);
        {
            let mut state = self.shared.lock();
            state.bound(&self.step.key, &address.id, name.clone());
            if created {
                state.appeared(&self.step.key, self.change.remote_id.as_ref());
            }
            let touched = Touched {
                id: address.id.clone(),
                parent: address.parent.clone(),
                created,
                written: self.step.spec.clone(),
            };
            state.touch(&self.step.key, touched);
        }
        self.bind(address, name)?;
        let found = self.unlike(&item.body);
        if found.is_empty() {
            return Ok(found);
        }
        // The answer to a write may be less than the item: only a read is proof.
        match self.input.platform.get(address).await {
            Ok(item) => Ok(self.unlike(&item.body)),
            Err(_) => Ok(found),
        }
    }

    /// The declared fields of the step that a body holds differently.
    pub(super) fn unlike(&self, body: &Value) -> Vec<Difference> {
        let state = self.shared.lock();
        let lifted = lift(self.def(), body, &state.references);
        differences(self.def(), &self.step.spec, &lifted, &state.references)
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
pub(super) fn refuse_pending(body: &Value) -> Result<(), Failure> {
    match pending(body) {
        None => Ok(()),
        Some(reference) => Err(Failure::Failed(format!(
            "{reference} is not known on the account"
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
