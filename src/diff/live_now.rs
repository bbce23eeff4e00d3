//! Which of the changed objects consumers see on the account now: published and enabled, and what lies around
//! them is and lists them.

use std::collections::BTreeMap;

use super::{Action, Bindings, Change, DiffInput, live_spec};
use crate::kinds::mapping::get_path;
use crate::kinds::{KindDef, KindId};
use crate::live::LiveObject;
use crate::manifest::Key;
use crate::name::RemoteId;

/// The changed objects that consumers see, in the order of the changes.
pub(super) fn live_now(
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
    changes: &[Change],
) -> Vec<Key> {
    let met = |change: &&Change| {
        change.kind.def().is_shown()
            && change.remote_id.is_some()
            && (change.action != Action::None || !change.fields.is_empty())
    };
    if !changes.iter().any(|change| met(&change)) {
        return Vec::new();
    }
    let objects = input.inventory.iter();
    let objects = objects.filter(|object| object.kind.def().is_shown());
    let objects: BTreeMap<(KindId, &RemoteId), &LiveObject> = objects
        .map(|object| ((object.kind, &object.id), object))
        .collect();
    let is_seen = |object: &LiveObject| {
        let def = object.kind.def();
        let spec = live_spec(def, &bindings.references, object);
        let is_published = def.staged.as_ref().is_none_or(|staged| {
            get_path(&spec, staged.field).and_then(serde_json::Value::as_str) == Some(staged.live)
        });
        is_published && (def.is_enabled)(&spec)
    };
    let is_live = |change: &&Change| {
        let id = change.remote_id.as_ref();
        let object = id.and_then(|id| objects.get(&(change.kind, id)));
        object.is_some_and(|object| {
            let around = around(change.kind.def(), object, &objects);
            let is_listed = |around: &LiveObject| around.lists(&object.id) != Some(false);
            is_seen(object) && around.is_none_or(|around| is_listed(around) && is_seen(around))
        })
    };
    let live = changes.iter().filter(met).filter(is_live);
    live.map(Change::key).collect()
}

/// The live object that another one lies inside of.
fn around<'a>(
    def: &KindDef,
    object: &LiveObject,
    objects: &BTreeMap<(KindId, &RemoteId), &'a LiveObject>,
) -> Option<&'a LiveObject> {
    let kind = KindId::known(def.parent.as_ref()?.kind);
    objects.get(&(kind, object.parent.as_ref()?)).copied()
}
