//! What lies around the objects that a plan deletes: other people's work inside them, and who refers to them.
//!
//! Both are read off the account as it will be after the plan, so that it does not matter when the plan was made:
//! a live object counts with what the plan writes over it, and one that goes does not count. What the platform does
//! with a reference to an object that was deleted is not known (platform.md#objects-in-use), so the program refuses on its own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::consumers::may_take_away;
use super::{Action, Change, Now, Plan};
use super::{places, unlisted};
use crate::kinds::mapping::{get_path, lift_whole, merge};
use crate::kinds::{KindDef, KindId, Lookup, uses};
use crate::live::{Inventory, Items, Ledger, LiveObject, Needs, References, users_of};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::text::Pointer;

/// An object of the account.
pub(super) type LiveKey<'a> = (KindId, &'a RemoteId);

/// What has to be read of the account to judge a plan: what it deletes, what lies inside that, all that may refer to
/// it, and what it may take away from consumers. Nothing, for a plan that does neither.
#[must_use]
pub fn judged_by(plan: &Plan, now: Option<Timestamp>) -> Needs {
    let mut needs = Needs::every([]);
    let mut ids = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    for change in doomed(plan) {
        let kind = change.kind;
        needs.add_kind(kind);
        ids.extend(change.remote_id.clone().map(|id| (kind, id)));
        ids.extend(parents(plan, change));
        if let Some(inside) = &kind.def().children {
            needs.add_kind(KindId::known(inside.kind));
        }
        kinds.insert(kind);
    }
    for change in plan.changes.iter().filter(|it| may_take_away(it, now)) {
        needs.add_kind(change.kind);
        ids.extend(change.remote_id.clone().map(|id| (change.kind, id)));
        ids.extend(parents(plan, change));
    }
    for change in plan.changes.iter().filter(|it| unlisted::turns_inside(it)) {
        needs.add_kind(change.kind);
        ids.extend(change.remote_id.clone().map(|id| (change.kind, id)));
        ids.extend(unlisted::ids(change, &plan.references));
    }
    for (kind, _) in &ids {
        needs.add_kind(*kind);
    }
    let turned = plan.changes.iter().filter(|it| places::may_turn(it));
    let turned: BTreeSet<KindId> = turned.map(|change| change.kind).collect();
    needs.items = Items::Wanted {
        ids,
        display_names: BTreeSet::new(),
        kinds: BTreeSet::new(),
    };
    needs.add_whole(users_of(&kinds));
    needs.add_whole(users_of(&turned).chain(turned.iter().copied()));
    needs
}

/// What the object of a change lies in, and what it is to lie in, as far as that is there.
fn parents(plan: &Plan, change: &Change) -> Vec<(KindId, RemoteId)> {
    let Some(around) = &change.kind.def().parent else {
        return Vec::new();
    };
    let declared = get_path(&change.declared, around.field);
    let declared = declared.map(|it| plan.references.to_id(around.kind, it));
    let declared = declared.and_then(|id| RemoteId::from_wire(&id));
    let ids = change.remote_parent.iter().cloned().chain(declared);
    ids.map(|id| (KindId::known(around.kind), id)).collect()
}

/// How many objects of each kind a ledger binds.
pub(super) fn owned(ledger: &Ledger) -> BTreeMap<KindId, usize> {
    let mut owned = BTreeMap::new();
    for key in ledger.entries.keys() {
        *owned.entry(key.kind).or_default() += 1;
    }
    owned
}

/// The changes that take a live object from the account.
fn doomed(plan: &Plan) -> impl Iterator<Item = &Change> {
    let goes = |change: &&Change| matches!(change.action, Action::Delete | Action::Replace);
    plan.changes.iter().filter(goes)
}

fn ids<'a>(changes: impl Iterator<Item = &'a Change>) -> BTreeMap<LiveKey<'a>, &'a Change> {
    changes
        .filter_map(|change| Some(((change.kind, change.remote_id.as_ref()?), change)))
        .collect()
}

/// What stays inside the objects that a plan deletes, by the key of the latter.
pub(super) fn foreign_children<'i>(
    plan: &Plan,
    inventory: &'i Inventory,
) -> Vec<(Key, &'i LiveObject)> {
    let doomed = ids(doomed(plan));
    if doomed.is_empty() {
        return Vec::new();
    }
    let stays = inventory
        .iter()
        .filter(|object| !doomed.contains_key(&(object.kind, &object.id)));
    let inside = stays.filter_map(|object| {
        let around = object.kind.def().parent.as_ref()?;
        let change = doomed.get(&(KindId::known(around.kind), object.parent.as_ref()?))?;
        Some((change.key(), object))
    });
    let mut inside: Vec<_> = inside.collect();
    inside.sort_by_cached_key(|(key, object)| (key.clone(), object.display_name.clone()));
    inside
}

/// Each object that the plan deletes although something that stays refers to it, with that in words.
pub(super) fn users(plan: &Plan, now: &Now<'_>) -> Vec<(Key, String)> {
    let doomed = ids(doomed(plan));
    let live = now.inventory.iter();
    let is_there = live.map(|object| (object.kind, &object.id));
    let is_there: BTreeSet<LiveKey<'_>> = is_there.filter(|id| doomed.contains_key(id)).collect();
    if is_there.is_empty() {
        return Vec::new();
    }
    let names = LiveNames::new(&plan.changes, now);
    let written = ids(plan.changes.iter());
    let mut found = Vec::new();
    let mut look = |kind: KindId, spec: &Value, is_foreign: bool, user: &str| {
        for id in names.used(kind, spec, is_foreign) {
            let change = doomed.get(&(id.0, &id.1));
            if let Some(change) = change.filter(|_| is_there.contains(&(id.0, &id.1))) {
                found.push((change.key(), user.to_owned()));
            }
        }
    };
    let stays = now
        .inventory
        .iter()
        .filter(|object| !doomed.contains_key(&(object.kind, &object.id)));
    for object in stays {
        let change = written.get(&(object.kind, &object.id));
        let mut spec = lifted(object.kind.def(), object, &names.table);
        if let Some(change) = change.filter(|change| change.patch.is_object()) {
            merge(&mut spec, &change.patch);
        }
        let owner = change.map(|change| change.key());
        let owner = owner.or_else(|| {
            names
                .owners
                .get(&(object.kind, &object.id))
                .map(|it| (*it).clone())
        });
        let is_foreign = owner.is_none();
        let user = match owner {
            Some(key) => refers(&key),
            None => format!(
                "the {} `{}` refers to it, which no manifest defines",
                object.kind, object.display_name
            ),
        };
        look(object.kind, &spec, is_foreign, &user);
    }
    for change in plan.changes.iter().filter(|it| it.action == Action::Create) {
        look(change.kind, &change.declared, false, &refers(&change.key()));
    }
    found
}

fn refers(user: &Key) -> String {
    format!("the manifest {user} refers to it")
}

/// The live objects by their names, those of the manifests as the plan and the ledger have them.
pub(super) struct LiveNames<'a> {
    pub(super) table: References,
    owners: BTreeMap<LiveKey<'a>, &'a Key>,
}

impl<'a> LiveNames<'a> {
    pub(super) fn new(changes: &[Change], now: &Now<'a>) -> Self {
        let mut names = Self {
            table: table(now.inventory),
            owners: BTreeMap::new(),
        };
        for (key, entry) in &now.ledger.entries {
            names.owners.insert((key.kind, &entry.id), key);
        }
        let bound = changes.iter().filter(|change| !change.foreign);
        let bound = bound
            .filter_map(|change| Some(((change.kind, change.remote_id.as_ref()?), change.key())));
        let owned = names.owners.iter().map(|(id, key)| (*id, (*key).clone()));
        let keys: BTreeMap<LiveKey<'_>, Key> = owned.chain(bound).collect();
        for object in now.inventory.iter() {
            if let Some(key) = keys.get(&(object.kind, &object.id)) {
                let name = Some(key.name.to_string());
                let display_name = object.display_name.clone();
                let id = object.id.to_wire();
                names.table.insert(object.kind, id, name, display_name);
            }
        }
        names
    }

    /// The manifest that owns a live object, as the ledger has it.
    pub(super) fn owner(&self, kind: KindId, id: &RemoteId) -> Option<Key> {
        self.owners.get(&(kind, id)).map(|key| (*key).clone())
    }

    /// Whether the ledger has a live object under a name.
    pub(super) fn has_owned(&self, key: &Key) -> bool {
        self.owners.values().any(|owned| *owned == key)
    }

    /// The objects that a spec refers to. That an object lies inside another one of ours does not keep it from being deleted:
    /// the plan takes it off the list. It does not change the list of an object that is `foreign`.
    fn used(&self, kind: KindId, spec: &Value, foreign: bool) -> Vec<(KindId, RemoteId)> {
        let def = kind.def();
        let contains = def.children.as_ref().filter(|_| !foreign);
        let contains = contains.map(|list| Pointer::root().key(list.field));
        let found = uses(def.fields, spec).into_iter().filter(|found| {
            contains
                .as_ref()
                .is_none_or(|list| !found.pointer.starts_with(list))
        });
        let ids = found.filter_map(|found| {
            let id = self.table.to_id(found.kind, found.reference);
            Some((KindId::known(found.kind), RemoteId::from_wire(&id)?))
        });
        ids.collect()
    }
}

/// The live objects by their display names.
pub(super) fn table(inventory: &Inventory) -> References {
    let mut table = References::default();
    for object in inventory.iter() {
        let display_name = object.display_name.clone();
        table.insert(object.kind, object.id.to_wire(), None, display_name);
    }
    table
}

/// What a live object says of itself, without what lies around it.
pub(super) fn lifted(def: &KindDef, object: &LiveObject, table: &References) -> Value {
    lift_whole(def, object.body.value(), table)
}
