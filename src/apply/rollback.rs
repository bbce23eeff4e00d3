//! What the journal says of what was there before, for the plan that takes an apply back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::api::{ApiError, Reader, observe};
use crate::kinds::KindId;
use crate::kinds::mapping::{get_path, join, overlay};
use crate::ledger::{JournalEvent, LedgerSession, StepTarget};
use crate::live::{Inventory, Items, LiveObject, Needs, References};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::{Action, AppliedPlan, Change, Guards, Header, Plan, StepVerb, Was};

/// What a run knows that is to be taken back.
#[derive(Clone, Copy, Debug)]
pub struct RunToUndo<'a> {
    /// The touched objects as the run saw them after its writes.
    pub seen: Option<&'a Inventory>,
    /// The plan.
    pub plan: &'a Plan,
    /// The limits of the environment.
    pub guards: Guards,
}

/// The plan that takes back all that the journal of a session holds; `None` when that is nothing.
///
/// # Errors
/// An account that cannot be read.
pub async fn rollback<R: Reader>(
    reader: &R,
    session: &LedgerSession,
    asked: RunToUndo<'_>,
    header: Header,
) -> Result<Option<Plan>, ApiError> {
    let mut trail = JournalObjects::of(session.events());
    let seen = match asked.seen {
        Some(seen) if trail.is_covered_by(seen) => seen.clone(),
        // An earlier run, which died, touched others.
        _ => observe(reader, &trail.needs(), 4).await?,
    };
    trail.find_gone(&seen);
    let mut was: Vec<Was> = trail.was.into_values().collect();
    let (changes, references) = (&asked.plan.changes, &asked.plan.references);
    for was in was.iter_mut().filter(|was| was.deleted) {
        put_back_inside(was, changes, references);
    }
    let taken = changes.iter();
    let taken = taken.flat_map(|it| it.takes.iter().map(|taken| (it.kind, taken.clone())));
    let taken: Vec<_> = taken.collect();
    Ok(crate::plan::rollback(
        header,
        &AppliedPlan {
            references,
            taken: &taken,
            guards: asked.guards,
            before: session.stored(),
            now: session.ledger(),
            seen: &seen,
            created: &trail.created,
            was: &was,
        },
    ))
}

/// The objects that a journal speaks of.
#[derive(Default)]
struct JournalObjects {
    created: Vec<(Key, RemoteId)>,
    parents: BTreeMap<(KindId, RemoteId), Option<RemoteId>>,
    was: BTreeMap<(KindId, RemoteId), Was>,
    /// What a delete was sent for.
    doomed: BTreeSet<(KindId, RemoteId)>,
}

impl JournalObjects {
    fn of(events: &[JournalEvent]) -> Self {
        let mut trail = Self::default();
        let mut creating = BTreeSet::new();
        let mut deleting = BTreeMap::new();
        for event in events {
            match event {
                JournalEvent::PlanUsed { .. } => deleting.clear(),
                JournalEvent::Started {
                    key,
                    draft: Some(_),
                    ..
                } => {
                    creating.insert(key.clone());
                }
                JournalEvent::Started {
                    step,
                    key,
                    verb,
                    target: Some(target),
                    ..
                } => {
                    if *verb == StepVerb::Delete {
                        let id = (key.kind, target.id.clone());
                        trail.doomed.insert(id.clone());
                        deleting.insert(*step, id);
                    }
                    trail.note(key, target);
                }
                JournalEvent::Started { .. }
                | JournalEvent::Unbound { .. }
                | JournalEvent::LaunchBegun { .. }
                | JournalEvent::LaunchBatch { .. }
                | JournalEvent::LaunchEnded { .. }
                | JournalEvent::LaunchStopped { .. }
                | JournalEvent::PlanEnded { .. } => {}
                JournalEvent::Bound { key, entry, .. } => {
                    if creating.remove(key) {
                        let id = (key.kind, entry.id.clone());
                        trail.parents.insert(id, entry.parent.clone());
                        trail.created.push((key.clone(), entry.id.clone()));
                    }
                }
                JournalEvent::Finished { step, applied } => {
                    if let Some(id) = deleting.remove(step).filter(|_| *applied)
                        && let Some(was) = trail.was.get_mut(&id)
                    {
                        was.deleted = true;
                    }
                }
            }
        }
        trail
    }

    /// Notes what an object was, unless it was created by the same journal or is known already.
    fn note(&mut self, key: &Key, target: &StepTarget) {
        let id = (key.kind, target.id.clone());
        if self.parents.contains_key(&id) && !self.was.contains_key(&id) {
            return;
        }
        self.parents.insert(id.clone(), target.parent.clone());
        let was = self.was.entry(id).or_insert_with(|| Was {
            object: object(key.kind, target),
            key: key.clone(),
            written: Value::Object(serde_json::Map::new()),
            deleted: false,
        });
        if target.written.is_object() {
            join(&mut was.written, &target.written);
        }
    }

    /// Takes what a delete was sent for and what is not there for deleted: a run that died after it sent one does not
    /// know what became of it, and the next run finds nothing left to delete.
    fn find_gone(&mut self, seen: &Inventory) {
        let seen: BTreeSet<_> = seen.iter().map(|it| (it.kind, it.id.clone())).collect();
        for id in self.doomed.difference(&seen) {
            if let Some(was) = self.was.get_mut(id) {
                was.deleted = true;
            }
        }
    }

    fn is_covered_by(&self, seen: &Inventory) -> bool {
        // What is known of a row in a list is less than the plan is compared with.
        let whole = seen.iter().filter(|object| object.whole);
        let seen: BTreeSet<_> = whole.map(|object| (object.kind, &object.id)).collect();
        self.parents.keys().all(|(kind, id)| {
            let is_gone = self
                .was
                .get(&(*kind, id.clone()))
                .is_some_and(|was| was.deleted);
            is_gone || seen.contains(&(*kind, id))
        })
    }

    fn needs(&self) -> Needs {
        let mut needs = Needs::every([]);
        let mut ids = BTreeSet::new();
        for ((kind, id), parent) in &self.parents {
            needs.add_kind(*kind);
            ids.insert((*kind, id.clone()));
            let around = kind.def().parent.as_ref();
            let around = around.map(|around| KindId::known(around.kind));
            ids.extend(around.zip(parent.clone()));
        }
        needs.items = Items::Wanted {
            ids,
            display_names: BTreeSet::new(),
            kinds: BTreeSet::new(),
        };
        needs
    }
}

/// Puts what was deleted inside an object, before it was deleted itself, back into its list. Where the platform takes
/// what is deleted off the list, the list was shorter by then: the plan knows what it was.
fn put_back_inside(was: &mut Was, changes: &[Change], references: &References) {
    let def = was.object.kind.def();
    let is_it = |change: &&Change| {
        change.action == Action::Delete && change.remote_id.as_ref() == Some(&was.object.id)
    };
    let Some(inside) = &def.children else { return };
    let Some(change) = changes
        .iter()
        .filter(is_it)
        .find(|it| it.kind == was.object.kind)
    else {
        return;
    };
    if let Some(list) = get_path(&change.expected, inside.field) {
        let spec = serde_json::json!({ inside.field: list });
        let mut body = was.object.body.value().clone();
        overlay(def, &mut body, &spec, references);
        was.object.body = body.into();
    }
}

fn object(kind: KindId, target: &StepTarget) -> LiveObject {
    let collection = kind.def().collection;
    let key = collection.map_or("name", |collection| collection.name_key);
    let name = target.body.get(key).and_then(Value::as_str);
    let mut body = target.body.clone();
    if let Some(embeds) = collection.and_then(|collection| collection.embeds) {
        crate::kinds::mapping::take_path(&mut body, embeds); // objects of their own
    }
    LiveObject {
        kind,
        id: target.id.clone(),
        parent: target.parent.clone(),
        display_name: name.unwrap_or_default().to_owned(),
        body: body.into(),
        whole: true,
        system: false,
    }
}
