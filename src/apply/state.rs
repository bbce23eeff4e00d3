//! What the steps of a run share: references, what was written so far, and the recorder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::record::{RecordError, Recorder, SendingStep, StepEnd};
use super::twins::Listing;
use crate::kinds::mapping::join;
use crate::kinds::{KindId, Lookup};
use crate::ledger::JournalEvent;
use crate::live::{Ledger, References};
use crate::manifest::Key;
use crate::name::RemoteId;

/// What the steps of a run share. Never locked across an await.
pub(super) struct Shared<'a> {
    state: Mutex<SharedState<'a>>,
    listings: Mutex<Listings>,
}

type Listings = BTreeMap<(KindId, Option<RemoteId>), Arc<Listing>>;

/// The content of [`Shared`].
pub(super) struct SharedState<'a> {
    /// Names to ids, objects created in this run included.
    pub(super) references: References,
    recorder: &'a mut (dyn Recorder + Send),
    touched: BTreeMap<Key, TouchedObject>,
    known_ids: BTreeSet<(KindId, RemoteId)>,
    passing: BTreeMap<KindId, Vec<Value>>,
    broken: Option<String>,
}

/// What this run knows of an object that it wrote.
#[derive(Clone, Debug)]
pub(super) struct TouchedObject {
    /// Its id.
    pub(super) id: RemoteId,
    /// The id of the object around it.
    pub(super) parent: Option<RemoteId>,
    /// Whether this run created it.
    pub(super) created: bool,
    /// The fields that this run wrote, in spec terms.
    pub(super) written: Value,
    /// The object as the answer to the last write has it, in spec terms and by ids; none where another run wrote it.
    pub(super) held: Option<Value>,
}

impl<'a> Shared<'a> {
    /// The state before the first step.
    pub(super) fn new(
        references: References,
        ledger: &Ledger,
        recorder: &'a mut (dyn Recorder + Send),
    ) -> Self {
        let known_ids = ledger
            .entries
            .iter()
            .map(|(key, entry)| (key.kind, entry.id.clone()));
        Self {
            state: Mutex::new(SharedState {
                references,
                recorder,
                touched: BTreeMap::new(),
                known_ids: known_ids.collect(),
                passing: BTreeMap::new(),
                broken: None,
            }),
            listings: Mutex::default(),
        }
    }

    /// The rows of a collection, listed once for all steps that ask for them at about the same time.
    pub(super) fn listing(&self, kind: KindId, parent: Option<&RemoteId>) -> Arc<Listing> {
        let key = (kind, parent.cloned());
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        let listing = listings
            .entry(key)
            .or_insert_with(|| Arc::new(Listing::new(kind, parent.cloned())));
        Arc::clone(listing)
    }

    /// Waits until everything that was recorded survives a crash. After a failure the run has to stop.
    pub(super) async fn durable(&self) -> Result<(), RecordError> {
        let durable = self.lock().recorder.durable();
        let result = durable.await;
        self.lock().noticed(result)
    }

    /// The state.
    pub(super) fn lock(&self) -> MutexGuard<'_, SharedState<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SharedState<'_> {
    /// Records an event. After a failure every further call fails: the run has to stop.
    pub(super) fn record(&mut self, event: JournalEvent) -> Result<(), RecordError> {
        let result = self.recorder.record(event);
        self.noticed(result)
    }

    /// Notes that a step is about to send its first write. A failure is one of every further call.
    pub(super) fn sending(&mut self, write: &SendingStep<'_>) -> Result<(), RecordError> {
        let result = self.recorder.sending(write);
        self.noticed(result)
    }

    /// Notes what became of a step. A failure is one of every further call.
    pub(super) fn ended(&mut self, end: &StepEnd<'_>) -> Result<(), RecordError> {
        let result = self.recorder.ended(end);
        self.noticed(result)
    }

    fn noticed(&mut self, result: Result<(), RecordError>) -> Result<(), RecordError> {
        if let Err(error) = &result {
            self.broken = Some(describe(error));
        }
        result
    }

    /// Why the run has to stop, if it has to.
    pub(super) fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// The objects that this run wrote and that are still there.
    pub(super) fn all_touched(&self) -> impl Iterator<Item = (&Key, &TouchedObject)> {
        self.touched.iter()
    }

    /// What this run wrote of an object.
    pub(super) fn touched(&self, key: &Key) -> Option<&TouchedObject> {
        self.touched.get(key)
    }

    /// Notes a write of `written` to an object.
    pub(super) fn touch(&mut self, key: &Key, now: TouchedObject) {
        let known = self
            .touched
            .entry(key.clone())
            .or_insert_with(|| TouchedObject {
                written: Value::Object(Map::new()),
                ..now.clone()
            });
        join(&mut known.written, &now.written);
        known.created |= now.created;
        known.id = now.id;
        known.held = now.held;
        known.parent = now.parent;
    }

    /// Notes which live object a name stands for.
    pub(super) fn bound(&mut self, key: &Key, id: &RemoteId, display_name: String) {
        self.known_ids.insert((key.kind, id.clone()));
        let name = Some(key.name.to_string());
        self.references
            .insert(key.kind, id.to_wire(), name, display_name);
    }

    /// Notes that the object of a name came into being in this run, in the place of `replaced`.
    pub(super) fn appeared(&mut self, key: &Key, replaced: Option<&RemoteId>) {
        let name = Value::from(key.name.to_string());
        self.passing.entry(key.kind).or_default().push(name);
        if let Some(replaced) = replaced {
            self.pass(key.kind, replaced);
        }
    }

    /// Notes that an object is gone: its name is free for another one.
    pub(super) fn deleted(&mut self, key: &Key, id: &RemoteId, display_name: &str) {
        self.pass(key.kind, id);
        if self.touched.get(key).is_some_and(|now| now.id == *id) {
            self.touched.remove(key);
        }
        self.references
            .insert(key.kind, id.to_wire(), None, display_name.to_owned());
        self.pass(key.kind, id); // without its name it is spelt otherwise
    }

    /// Notes every spelling of a reference to an object that comes or goes.
    fn pass(&mut self, kind: KindId, id: &RemoteId) {
        let reference = self.references.to_ref(kind.name(), &id.to_wire());
        let spellings = [reference, serde_json::json!({ "id": id.to_wire() })];
        self.passing.entry(kind).or_default().extend(spellings);
    }

    /// Whether an id was known before the create that looks for its row.
    pub(super) fn knows(&self, kind: KindId, id: &RemoteId) -> bool {
        self.known_ids.contains(&(kind, id.clone()))
            || self
                .references
                .display_name(kind.name(), &id.to_wire())
                .is_some()
    }

    /// References to objects of a kind that this run created or deleted.
    pub(super) fn passing(&self, kind: KindId) -> &[Value] {
        self.passing.get(&kind).map_or(&[], Vec::as_slice)
    }
}

/// An error with its causes.
pub(super) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
