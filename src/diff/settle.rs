//! What a run of a part cannot do without.
//!
//! - What refers to an object that the account does not hold yet needs that object's create.
//! - What is created, moved or deleted inside another object needs that one, which lists it.
//! - What goes live needs everything inside it: nobody may see half of it.
//! - A delete needs everything of ours that still refers to the object, and what is left inside it.
//!
//! All that comes along, and what it needs in turn; it is a complaint where a flag keeps it out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::bind::{at_name, parent_id};
use super::codes::SELECTION_INCOMPLETE;
use super::{Bindings, Change, DiffInput, live_spec};
use crate::diag::{Diagnostic, Diags, Location};
use crate::kinds::mapping::get_path;
use crate::kinds::{KindId, Lookup, Role, uses};
use crate::live::{LiveObject, References};
use crate::manifest::{Key, Mode};
use crate::name::RemoteId;
use crate::resolve::{Resource, reference_key};
use crate::select::{Selection, SelectionFlag, refers_to};
use crate::text::Pointer;

/// Why one object needs another one.
#[derive(Clone, Copy)]
enum Need {
    /// The account does not hold it.
    Missing,
    /// It lists what is inside it.
    Around,
    /// It goes live with what is around it.
    Inside,
    /// It still uses, or lies inside, what is to be deleted.
    Uses,
}

/// The selection with all that its objects need.
pub(super) fn settled(
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
    diags: &mut Diags,
) -> Selection {
    let mut selection = input.scope.selection.clone();
    if !selection.is_partial() {
        return selection;
    }
    let account = SettledAccount::new(input, bindings);
    let mut open: BTreeSet<Key> = account
        .keys()
        .filter(|key| selection.has(key))
        .cloned()
        .collect();
    while let Some(user) = open.pop_first() {
        for (key, need) in account.needs(&user) {
            if selection.has(&key) {
                continue;
            }
            match selection.take_in(&key, &user) {
                Ok(()) => {
                    open.insert(key);
                }
                Err(flag) => diags.push(incomplete(input, &user, &key, need, flag)),
            }
        }
    }
    selection
}

/// Notes at each object that came along what needs it.
pub(super) fn say_why(selection: &Selection, changes: &mut [Change]) {
    for change in changes {
        if let Some(user) = selection.needed_by(&change.key()) {
            let why = format!("it is included, because {user} needs it");
            change.reasons.push(why);
        }
    }
}

fn incomplete(
    input: &DiffInput<'_>,
    user: &Key,
    key: &Key,
    need: Need,
    flag: SelectionFlag,
) -> Diagnostic {
    let resource = input.desired.get(user);
    let at = resource.map_or(Location::Run, |resource| at_reference(input, resource, key));
    let why = match need {
        Need::Missing => format!("{user} refers to {key}, which the account does not hold yet"),
        Need::Around => format!("{user} is inside {key}, which must list it"),
        Need::Inside => format!("{user} goes live with {key} inside it"),
        Need::Uses => format!("{user} would be deleted, and {key} still holds on to it"),
    };
    let message = format!("{why}, and `{flag}` leaves {key} out");
    let help = match (flag, need) {
        (SelectionFlag::Exclude, _) => {
            format!("take `--exclude {key}` back, or exclude {user}, too")
        }
        (_, Need::Missing) => {
            format!("give {key} the labels, or apply it first: `campaignctl apply --target {key}`")
        }
        _ => format!("give {key} the labels, or apply with `--target {user}` instead"),
    };
    Diagnostic::new(&SELECTION_INCOMPLETE, at, message).help(help)
}

/// Where a manifest refers to another one; its name where it does not.
fn at_reference(input: &DiffInput<'_>, resource: &Resource, key: &Key) -> Location {
    let found = resource.uses().into_iter().find(|found| {
        reference_key(found.kind, found.reference).is_some_and(|found| found == *key)
    });
    match found {
        Some(found) => resource.locate(input.texts, &found.pointer),
        None => at_name(resource),
    }
}

/// The account as far as the needs of objects go.
struct SettledAccount<'a> {
    input: &'a DiffInput<'a>,
    bindings: &'a Bindings<'a>,
    /// The key of each live object that is bound or owned.
    keys: BTreeMap<(KindId, &'a RemoteId), &'a Key>,
    /// Owned live objects without a manifest.
    gone: BTreeMap<&'a Key, &'a LiveObject>,
    /// What holds on to one of those.
    users: BTreeMap<Key, Vec<Key>>,
}

impl<'a> SettledAccount<'a> {
    fn new(input: &'a DiffInput<'a>, bindings: &'a Bindings<'a>) -> Self {
        let bound = bindings.bound.iter();
        let mut keys: BTreeMap<_, _> = bound
            .map(|(key, bound)| ((bound.object.kind, &bound.object.id), key))
            .collect();
        let live: BTreeMap<_, _> = input
            .inventory
            .iter()
            .map(|object| ((object.kind, &object.id), object))
            .collect();
        let mut gone = BTreeMap::new();
        for (key, entry) in &input.ledger.entries {
            let place = (key.kind, &entry.id);
            let is_pruned = input.scope.prunes(key, entry) && !entry.observed;
            if is_pruned
                && input.desired.get(key).is_none()
                && !keys.contains_key(&place)
                && let Some(object) = live.get(&place)
            {
                keys.insert(place, key);
                gone.insert(key, *object);
            }
        }
        let mut account = Self {
            input,
            bindings,
            keys,
            gone,
            users: BTreeMap::new(),
        };
        account.users = account.users_of_gone();
        account
    }

    /// Everything that the run may be about.
    fn keys(&self) -> impl Iterator<Item = &Key> {
        let declared = self.input.desired.iter();
        let declared = declared.filter(|resource| resource.key.kind.def().role != Role::Local);
        declared
            .map(|resource| &resource.key)
            .chain(self.gone.keys().copied())
    }

    /// What a change of an object needs.
    fn needs(&self, user: &Key) -> Vec<(Key, Need)> {
        match (self.input.desired.get(user), self.gone.get(user)) {
            (Some(resource), _) => self.needs_of_manifest(resource),
            (None, Some(object)) => self.needs_of_gone(user, object),
            (None, None) => Vec::new(),
        }
    }

    fn needs_of_manifest(&self, resource: &Resource) -> Vec<(Key, Need)> {
        let bound = self.bindings.bound.get(&resource.key);
        let is_left_alone = match resource.lifecycle.mode {
            Mode::Enforce => false,
            Mode::CreateOnly => bound.is_some(),
            Mode::Observe => true,
        };
        if is_left_alone {
            return Vec::new();
        }
        let used: BTreeSet<Key> = refers_to(resource).chain(listed(resource)).collect();
        let missing = used
            .into_iter()
            .filter(|key| self.is_missing(key, resource))
            .map(|key| (key, Need::Missing));
        let mut needs: Vec<_> = missing.collect();
        if self.goes_live(resource) {
            let inside = self.input.desired.children_of(&resource.key);
            needs.extend(inside.iter().map(|key| (key.clone(), Need::Inside)));
        }
        if resource.key.kind.def().parent.is_some() {
            let wanted = parent_id(resource, &self.bindings.references);
            let held = bound.and_then(|bound| bound.object.parent.as_ref());
            if bound.is_none() || held != wanted.as_ref() {
                let around = resource.parent().into_iter();
                let around = around.chain(held.and_then(|id| self.around(resource.key.kind, id)));
                let is_told = |key: &Key| needs.iter().any(|(told, _)| told == key);
                let around: Vec<Key> = around.filter(|key| !is_told(key)).collect();
                needs.extend(around.into_iter().map(|key| (key, Need::Around)));
            }
        }
        needs
    }

    /// Whether a manifest wants to be seen, and its live object is not.
    fn goes_live(&self, resource: &Resource) -> bool {
        let def = resource.key.kind.def();
        let Some(staged) = &def.staged else {
            return false;
        };
        let is_live = |spec: &Value| {
            get_path(spec, staged.field).and_then(Value::as_str) == Some(staged.live)
        };
        let held = self.bindings.bound.get(&resource.key);
        let held = held.map(|bound| live_spec(def, &self.bindings.references, bound.object));
        is_live(&resource.spec) && !held.as_ref().is_some_and(is_live)
    }

    /// Whether a manifest is not on the account, or not inside the object that lists it.
    fn is_missing(&self, key: &Key, user: &Resource) -> bool {
        let is_local = key.kind.def().role == Role::Local;
        let Some(bound) = self.bindings.bound.get(key) else {
            return !is_local && self.input.desired.get(key).is_some();
        };
        let child = self.input.desired.get(key);
        let lists = child.and_then(Resource::parent).as_ref() == Some(&user.key);
        let holder = self.bindings.bound.get(&user.key);
        lists && bound.object.parent.as_ref() != holder.map(|holder| &holder.object.id)
    }

    fn needs_of_gone(&self, key: &Key, object: &LiveObject) -> Vec<(Key, Need)> {
        let around = object.parent.as_ref();
        let around = around.and_then(|id| self.around(key.kind, id));
        let users = self.users.get(key).into_iter().flatten().cloned();
        around
            .map(|key| (key, Need::Around))
            .into_iter()
            .chain(users.map(|key| (key, Need::Uses)))
            .collect()
    }

    /// The manifest, or the owned object without one, around an object of this kind.
    fn around(&self, kind: KindId, id: &RemoteId) -> Option<Key> {
        let parent = KindId::known(kind.def().parent.as_ref()?.kind);
        self.keys.get(&(parent, id)).map(|key| (*key).clone())
    }

    /// By owned object without a manifest: what of ours refers to it, and what lies inside it.
    fn users_of_gone(&self) -> BTreeMap<Key, Vec<Key>> {
        let mut users = BTreeMap::<Key, Vec<Key>>::new();
        if self.gone.is_empty() {
            return users;
        }
        for object in self.input.inventory.iter() {
            let Some(user) = self.keys.get(&(object.kind, &object.id)) else {
                continue;
            };
            let references = &self.bindings.references;
            let spec = live_spec(object.kind.def(), references, object);
            for key in self.held_by(object.kind, &spec, references) {
                users.entry(key).or_default().push((*user).clone());
            }
        }
        users
    }

    /// The owned objects without a manifest that a live object refers to or lies inside.
    fn held_by(&self, kind: KindId, spec: &Value, references: &References) -> Vec<Key> {
        let inside = kind.def().children.as_ref();
        let inside = inside.map(|list| Pointer::root().key(list.field));
        let found = uses(kind.def().fields, spec).into_iter().filter(|found| {
            inside
                .as_ref()
                .is_none_or(|list| !found.pointer.starts_with(list))
        });
        let ids = found.filter_map(|found| {
            let id = RemoteId::from_wire(&references.to_id(found.kind, found.reference))?;
            let key = self.keys.get(&(KindId::known(found.kind), &id))?;
            self.gone.contains_key(*key).then(|| (*key).clone())
        });
        ids.collect()
    }
}

/// What a manifest itself lists as lying inside it.
fn listed(resource: &Resource) -> impl Iterator<Item = Key> {
    let inside = resource.key.kind.def().children.as_ref();
    let inside = inside.map(|list| Pointer::root().key(list.field));
    resource
        .uses()
        .into_iter()
        .filter(move |found| {
            inside
                .as_ref()
                .is_some_and(|list| found.pointer.starts_with(list))
        })
        .filter_map(|found| reference_key(found.kind, found.reference))
}
