//! After the writes: reads the touched objects again, and finds what the account holds differently.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{self, Difference, is_unreturned};
use super::state::State;
use crate::api::{Reader, observe};
use crate::diff::live_spec;
use crate::kinds::KindId;
use crate::live::{Inventory, Items, LiveObject, Needs};
use crate::manifest::Key;

/// What has to be read.
fn needs(state: &State<'_>) -> Needs {
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
        display_names: BTreeSet::new(),
        kinds: BTreeSet::new(),
    };
    needs
}

/// The touched objects as the account holds them now, `None` when it cannot be read.
pub(super) async fn reread<R: Reader>(
    reader: &R,
    shared: &super::state::Shared<'_>,
    parallelism: usize,
) -> Option<Inventory> {
    let needs = needs(&shared.lock());
    observe(reader, &needs, parallelism).await.ok()
}

/// The written fields that the account holds differently, per object.
pub(super) fn unlike(state: &State<'_>, seen: &Inventory) -> BTreeMap<Key, Vec<Difference>> {
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
