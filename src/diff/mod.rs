//! F2, pass 6: the diff. Desired state against inventory, field by field, in spec terms.
//!
//! Reading order: `bind` says which live object a manifest is about, [`compare`] compares one pair,
//! this file puts the changes together. Pure: the same inputs give the same changes.

mod bind;
mod cause;
mod change;
mod children;
pub mod codes;
mod conditions;
mod depends;
mod elsewhere;
mod fingerprint;
mod kept;
mod live_names;
mod live_now;
mod matches;
mod object;
mod patch;
mod prune;
mod reach;
mod renames;
mod settle;
mod specs;
mod takes;
mod twins;
mod unconfirmed;
mod unknown_ids;
mod unnamed;

pub use bind::{Bindings, Bound, bind};
pub use change::{Action, Cause, Change, FieldChange, Fingerprint, LeftAlone, LosingObject};
pub(crate) use children::{ListChange, in_their_places};
pub use depends::Dependency;
pub(crate) use fingerprint::write_sorted;
pub use fingerprint::{digest_of_fields, fingerprint};
pub use matches::{MATCHES_FORMAT, Matches};
pub(crate) use patch::patch;
pub(crate) use prune::{refers_to, seen_before_delete};
pub use reach::{ChangeReach, ReachedObject};
pub(crate) use specs::{live_spec, manifest_spec, noted_spec, remembered_spec};
pub use takes::bearers;
pub(crate) use takes::say_who_loses;

pub use crate::kinds::mapping::{Comparison, Difference, compare};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::Timestamp;
use matches::Memory;

use crate::diag::{Diags, Texts};
use crate::kinds::{KindId, Role};
use crate::live::{Absence, Entry, FilePlace, Inventory, Ledger, References};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::{Desired, Resource};
use crate::select::{Narrowed, Selection};

/// What the diff is computed from.
#[derive(Clone, Copy)]
pub struct DiffInput<'a> {
    /// The files, for positions.
    pub texts: &'a Texts,
    /// What the manifests want.
    pub desired: &'a Desired,
    /// What the account holds.
    pub inventory: &'a Inventory,
    /// What was applied before.
    pub ledger: &'a Ledger,
    /// What the run may touch.
    pub scope: Scope<'a>,
    /// The moment: consumers see nothing of what is over. Without it, schedules are not looked at.
    pub now: Option<Timestamp>,
}

impl<'a> DiffInput<'a> {
    /// What a run compares that is about everything, at no moment.
    #[must_use]
    pub fn whole(
        (texts, desired): (&'a Texts, &'a Desired),
        inventory: &'a Inventory,
        ledger: &'a Ledger,
        environment: &'a str,
    ) -> Self {
        Self {
            texts,
            desired,
            inventory,
            ledger,
            scope: Scope::whole(environment),
            now: None,
        }
    }
}

/// What a run may touch.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Why a manifest of the ledger is not among the desired ones.
    pub absence: &'a dyn Fn(&Entry) -> Absence,
    /// The owned objects whose manifests are in files that the run does not read, with the file.
    pub unread: &'a BTreeMap<Key, String>,
    /// The identity of a manifest's file, from the path that positions show.
    pub place: &'a dyn Fn(&str) -> FilePlace,
    /// Whether owned objects without a manifest are deleted.
    pub prune: bool,
    /// The kinds of which foreign objects are deleted, too.
    pub exclusive: &'a [KindId],
    /// Whether fields that only the account changed are left as they are.
    pub ignores_drift: bool,
    /// Whether observed kinds can be written in this environment.
    pub writes_observed: bool,
    /// The objects that the run is about.
    pub selection: &'a Selection,
    /// The name of the environment, for commands that messages name.
    pub environment: &'a str,
}

impl<'a> Scope<'a> {
    /// The scope of a run that is about everything: what no manifest declares any more is deleted, and drift is undone.
    #[must_use]
    pub fn whole(environment: &'a str) -> Self {
        static NOTHING: BTreeMap<Key, String> = BTreeMap::new();
        static EVERYTHING: LazyLock<Selection> = LazyLock::new(Selection::default);
        Self {
            absence: &|_| Absence::Gone,
            unread: &NOTHING,
            place: &|file| FilePlace {
                file: file.to_owned(),
                link: None,
            },
            prune: true,
            exclusive: &[],
            ignores_drift: false,
            writes_observed: true,
            selection: &EVERYTHING,
            environment,
        }
    }

    /// Whether an owned object is deleted when no manifest declares it.
    fn prunes(&self, key: &Key, entry: &Entry) -> bool {
        self.prune && (self.absence)(entry) == Absence::Gone && !self.unread.contains_key(key)
    }
}

/// What the diff says.
#[derive(Debug, Default)]
pub struct Changes {
    /// One change per manifest with a live counterpart, and one per object to be deleted.
    pub changes: Vec<Change>,
    /// Names to ids.
    pub references: References,
    /// Live objects that bear the display name of something to be created, and are known to be others.
    pub known_twins: Vec<RemoteId>,
    /// The owned objects without a manifest that are left alone.
    pub left_alone: Vec<LeftAlone>,
    /// The fields that drifted and stay so, because the run ignores drift.
    pub ignored_drift: usize,
    /// What changes to shared objects and templates reach.
    pub reaches: Vec<ChangeReach>,
    /// What the changed objects and those that depend on them refer to.
    pub dependencies: Vec<Dependency>,
    /// The changed objects that consumers see on the account now.
    pub live: Vec<Key>,
    /// The part that the run is about; nothing when it was not narrowed down.
    pub narrowed: Option<Narrowed>,
}

/// The changes that make the account match, and complaints about what cannot be bound.
#[must_use]
pub fn diff(input: &DiffInput<'_>) -> (Changes, Diags) {
    let (changes, diags, _) = compared(input, None);
    (changes, diags)
}

/// The same, without comparing again what is known to match; and what is known by now, where that is something else.
#[must_use]
pub fn diff_with(input: &DiffInput<'_>, known: &Matches) -> (Changes, Diags, Option<Matches>) {
    compared(input, Some(known))
}

fn compared(input: &DiffInput<'_>, known: Option<&Matches>) -> (Changes, Diags, Option<Matches>) {
    let (mut bindings, mut diags) = bind(input.desired, input.inventory, input.ledger);
    live_names::check(input, &bindings.references, &mut diags);
    let selection = settle::settled(input, &bindings, &mut diags);
    let input = &input.about(&selection);
    let mut pruned = prune::pruned(input, &mut bindings);
    let mut changes = Changes {
        left_alone: std::mem::take(&mut pruned.left_alone),
        narrowed: selection.narrowed(),
        ..Changes::default()
    };
    for entry in &pruned.entries {
        changes.changes.push(prune::change(entry, input, &bindings));
    }
    let learned = compare_all(input, &bindings, &pruned, known, &mut changes);
    unconfirmed::check(input, &changes.changes, &mut diags);
    unknown_ids::check(input, &bindings.references, &changes.changes, &mut diags);
    elsewhere::check(input, &bindings, &mut diags);
    elsewhere::say_unlisted(input, &bindings, &mut changes.changes);
    kept::check(input, &bindings, &changes.changes, &mut diags);
    conditions::check(input, &bindings, &changes.changes, &mut diags);
    renames::check(input, &changes.changes, &mut diags);
    changes.reaches = reach::reaches(input, &bindings, &changes.changes);
    changes.dependencies = depends::dependencies(input.desired, &changes.changes);
    changes.live = live_now::live_now(input, &bindings, &changes.changes);
    settle::say_why(&selection, &mut changes.changes);
    say_who_loses(&mut changes.changes, input.inventory, &bindings.references);
    twins::check(input, &bindings, &changes.changes, &mut diags);
    changes.known_twins = known_twins(input.inventory, &changes.changes);
    changes.references = bindings.references;
    name_files(input, &mut changes.changes);
    (changes, diags, learned)
}

/// Compares every manifest that the run is about with its live object, and returns what is known to match afterwards, where
/// that is something else than before.
fn compare_all(
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
    pruned: &prune::Pruned<'_>,
    known: Option<&Matches>,
    changes: &mut Changes,
) -> Option<Matches> {
    let mut memory = known.map(|known| Memory::new(known, input, bindings, pruned));
    for resource in input.desired.iter().filter(|resource| {
        resource.key.kind.def().role != Role::Local && input.scope.selection.has(&resource.key)
    }) {
        let (change, drifted) = if let Some(memory) = &mut memory {
            memory.change(input, bindings, pruned, resource)
        } else {
            let lookup = &bindings.references;
            awake(resource, |it| {
                object::change(input, bindings, lookup, pruned, it)
            })
        };
        changes.changes.push(change);
        changes.ignored_drift += drifted;
    }
    memory.and_then(Memory::learned)
}

/// Looks at a resource closer: one at rest is awake for as long as that takes.
fn awake<T>(resource: &Resource, look: impl FnOnce(&Resource) -> T) -> T {
    if resource.spec.is_at_rest() {
        look(&resource.awake())
    } else {
        look(resource)
    }
}

/// The kinds of which every object has to be read whole before all is known of these changes: whom they reach, and
/// whether other objects have the like of their conditions.
#[must_use]
pub fn unread(inventory: &Inventory, changes: &[Change]) -> BTreeSet<KindId> {
    let mut kinds = reach::unread(inventory, changes);
    kinds.extend(conditions::unread(inventory, changes));
    kinds
}

impl DiffInput<'_> {
    /// The same for other objects.
    fn about<'b>(&'b self, selection: &'b Selection) -> DiffInput<'b> {
        let scope = Scope {
            selection,
            ..self.scope
        };
        DiffInput { scope, ..*self }
    }
}

/// Positions name files as the ledger does, whatever way led to the project.
fn name_files(input: &DiffInput<'_>, changes: &mut [Change]) {
    for change in changes {
        let fields = change.fields.iter_mut().map(|field| &mut field.source);
        for source in fields.chain([&mut change.source]).flatten() {
            source.file = (input.scope.place)(&source.file).file;
        }
    }
}

fn known_twins(inventory: &Inventory, changes: &[Change]) -> Vec<RemoteId> {
    let created = changes
        .iter()
        .filter(|change| change.action == Action::Create);
    let created: BTreeSet<_> = created
        .map(|change| (change.kind, change.display_name.as_str()))
        .collect();
    let twins = inventory
        .iter()
        .filter(|object| created.contains(&(object.kind, object.display_name.as_str())));
    twins.map(|object| object.id.clone()).collect()
}
