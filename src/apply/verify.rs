//! After the writes: reads the touched objects again, and finds what the account holds differently.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{self, LiveDifference, is_unreturned};
use super::state::{SharedState, TouchedObject};
use crate::api::{Reader, observe};
use crate::diff::live_spec;
use crate::kinds::KindId;
use crate::live::{Inventory, Items, LiveObject, Needs};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::{Plan, StepVerb};

/// What has to be read: what was touched, and whatever bears the name of what was created.
fn needs(state: &SharedState<'_>, plan: &Plan) -> Needs {
    let mut needs = Needs::every([]);
    let mut ids = BTreeSet::new();
    for (key, touched) in state.all_touched() {
        needs.add_kind(key.kind);
        ids.insert((key.kind, touched.id.clone()));
        let around = key.kind.def().parent.as_ref();
        let around = around.map(|around| KindId::known(around.kind));
        ids.extend(around.zip(touched.parent.clone()));
    }
    needs.items = Items::Wanted {
        ids,
        display_names: created(state, plan)
            .map(|(key, _, name)| (key.kind, name.to_owned()))
            .collect(),
        kinds: BTreeSet::new(),
    };
    needs
}

/// The touched objects as the account holds them now, `None` when it cannot be read.
pub(super) async fn reread<R: Reader>(
    reader: &R,
    shared: &super::state::Shared<'_>,
    plan: &Plan,
    parallelism: usize,
) -> Option<Inventory> {
    let needs = needs(&shared.lock(), plan);
    observe(reader, &needs, parallelism).await.ok()
}

/// The objects that this run created, each with its display name.
fn created<'a>(
    state: &'a SharedState<'_>,
    plan: &'a Plan,
) -> impl Iterator<Item = (&'a Key, &'a TouchedObject, &'a str)> {
    let creates = plan
        .steps
        .iter()
        .filter(|step| step.verb == StepVerb::Create);
    creates.filter_map(|step| {
        let change = plan.changes.get(step.change)?;
        let touched = state.touched(&step.key).filter(|touched| touched.created)?;
        Some((&step.key, touched, change.display_name.as_str()))
    })
}

/// The objects that have the name of one that was created, and are new to this run. The account has no create that fails
/// where the object exists, so another run may have made the same one between our look and our create. Of two such runs, the
/// one whose create came last sees the other's.
pub(super) fn twins(
    state: &SharedState<'_>,
    plan: &Plan,
    seen: &Inventory,
) -> BTreeMap<Key, Vec<RemoteId>> {
    let mut twins: BTreeMap<Key, Vec<RemoteId>> = BTreeMap::new();
    for (key, touched, name) in created(state, plan) {
        let alike = seen.of_kind(key.kind).iter().filter(|object| {
            object.display_name == name
                && object.parent == touched.parent
                && object.id != touched.id
                && !state.knows(key.kind, &object.id)
                && !plan.known_twins.contains(&object.id)
        });
        let ids: Vec<RemoteId> = alike.map(|object| object.id.clone()).collect();
        if !ids.is_empty() {
            twins.insert(key.clone(), ids);
        }
    }
    twins
}

/// The written fields that the account holds differently, per object.
pub(super) fn unlike(
    state: &SharedState<'_>,
    seen: &Inventory,
) -> BTreeMap<Key, Vec<LiveDifference>> {
    let live: BTreeMap<_, &LiveObject> = seen
        .iter()
        .map(|object| ((object.kind, &object.id), object))
        .collect();
    let found = state.all_touched().filter_map(|(key, touched)| {
        let object = live.get(&(key.kind, &touched.id))?;
        let def = key.kind.def();
        let spec = live_spec(def, &state.references, object);
        let mut found = compare::unlike(def, &touched.written, &spec, &state.references);
        found.retain(|difference| !is_unreturned(def, difference));
        Some((key.clone(), found))
    });
    found.collect()
}
