//! What a run has to read: the collections that the manifests need, and the items of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Entry, Ledger};
use crate::kinds::mapping::{REF_KEY, get_path};
use crate::kinds::{KindId, Role, kinds_of_declared, referenced_kinds, uses};
use crate::name::RemoteId;
use crate::resolve::{Desired, Resource, reference_key};

/// The collections to list and the items to read one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The collections. A kind with a parent is read through its parents.
    pub kinds: BTreeSet<KindId>,
    /// The items, of those kinds whose list holds only summaries.
    pub items: Items,
    /// Objects that the ledger or a plan knows, each with the one around it. One that no list shows is asked for by
    /// its id: a list that was cut short must not pass for a smaller account.
    pub bound: BTreeSet<(KindId, Option<RemoteId>, RemoteId)>,
    /// Kinds that may stay unread where the account has no service for them, or keeps it from these credentials: nothing
    /// that is planned depends on them.
    pub optional: BTreeSet<KindId>,
}

/// Which items of a summary list are read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Items {
    /// Every one, for an export.
    Every,
    /// The bound ones, and those with the display name of a manifest.
    Wanted {
        /// By id.
        ids: BTreeSet<(KindId, RemoteId)>,
        /// By display name.
        display_names: BTreeSet<(KindId, String)>,
        /// Every item of these kinds.
        kinds: BTreeSet<KindId>,
    },
}

impl Items {
    /// Whether a row of a summary list must be read whole.
    #[must_use]
    pub fn wants(&self, kind: KindId, id: &RemoteId, display_name: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Wanted {
                ids,
                display_names,
                kinds,
            } => {
                kinds.contains(&kind)
                    || ids.contains(&(kind, id.clone()))
                    || display_names.contains(&(kind, display_name.to_owned()))
            }
        }
    }
}

impl Items {
    /// How many rows of a kind can be wanted at most; `None` where there is no limit.
    #[must_use]
    pub fn at_most(&self, kind: KindId) -> Option<usize> {
        match self {
            Self::Every => None,
            Self::Wanted { kinds, .. } if kinds.contains(&kind) => None,
            Self::Wanted {
                ids, display_names, ..
            } => {
                let by_id = ids.iter().filter(|(of, _)| *of == kind).count();
                Some(by_id + display_names.iter().filter(|(of, _)| *of == kind).count())
            }
        }
    }

    /// Adds other items to these.
    pub fn extend(&mut self, other: Self) {
        match (&mut *self, other) {
            (
                Self::Wanted {
                    ids,
                    display_names,
                    kinds,
                },
                Self::Wanted {
                    ids: more_ids,
                    display_names: more_names,
                    kinds: more_kinds,
                },
            ) => {
                ids.extend(more_ids);
                display_names.extend(more_names);
                kinds.extend(more_kinds);
            }
            (_, other @ Self::Every) => *self = other,
            (Self::Every, _) => {}
        }
    }
}

impl Needs {
    /// Everything of these kinds, and what they refer to.
    #[must_use]
    pub fn every(kinds: impl IntoIterator<Item = KindId>) -> Self {
        let mut needs = Self {
            kinds: BTreeSet::new(),
            items: Items::Every,
            bound: BTreeSet::new(),
            optional: BTreeSet::new(),
        };
        for kind in kinds {
            needs.add_kind(kind);
            for field in crate::kinds::referenced_kinds(kind.def().fields) {
                needs.add_kind(KindId::known(field));
            }
        }
        needs
    }

    /// Adds every other kind, since open JSON and `extra` may hold ids of them: which value is an id of the account, only its rows say. Those
    /// that the account keeps from these credentials are left out.
    #[must_use]
    pub fn with_named(mut self) -> Self {
        let before = self.kinds.clone();
        let named = KindId::all().filter(|kind| kind.def().role == Role::Reference);
        named.for_each(|kind| self.add_kind(kind));
        let more = KindId::manifests().filter(|kind| !before.contains(kind));
        let more = more.filter(|kind| kind.def().collection.is_some());
        for kind in more.collect::<Vec<_>>() {
            // What lies inside others is seen only in the items of these.
            if kind.def().parent.is_some() {
                self.add_whole([kind]);
            }
            self.add_kind(kind);
            self.optional.insert(kind);
        }
        self
    }

    /// The same, where the account may lack the kinds that programs only observe. Not every account has them.
    #[must_use]
    pub fn or_without_observed(mut self) -> Self {
        let observed = |kind: &&KindId| kind.def().role == Role::Observed;
        self.optional.extend(self.kinds.iter().filter(observed));
        self
    }

    /// Every object of these kinds, and nothing else.
    #[must_use]
    pub fn whole(kinds: impl IntoIterator<Item = KindId>) -> Self {
        let mut needs = Self::every([]);
        kinds.into_iter().for_each(|kind| needs.add_kind(kind));
        needs
    }

    /// What a plan of these manifests has to read. `covers` says which ledger entries count as pruned
    /// when no manifest declares them.
    #[must_use]
    pub fn of(desired: &Desired, ledger: &Ledger, covers: &dyn Fn(&Entry) -> bool) -> Self {
        let mut wanted = Wanted::default();
        for resource in desired
            .iter()
            .filter(|resource| resource.key.kind.def().role != Role::Local)
        {
            wanted.resource(resource);
        }
        wanted.recorded(ledger);
        let mut gone = BTreeSet::new();
        for (key, entry) in &ledger.entries {
            if desired.get(key).is_some() || covers(entry) {
                wanted.kinds.insert(key.kind);
                wanted.ids.insert((key.kind, entry.id.clone()));
                if desired.get(key).is_none() {
                    gone.insert(key.kind);
                    // What may be deleted may have other people's objects inside.
                    let inside = key.kind.def().children.as_ref();
                    let inside = inside.map(|inside| KindId::known(inside.kind));
                    wanted.kinds.extend(inside);
                }
                wanted
                    .bound
                    .insert((key.kind, entry.parent.clone(), entry.id.clone()));
                if let (Some(parent), Some(around)) = (&entry.parent, &key.kind.def().parent) {
                    wanted
                        .ids
                        .insert((KindId::known(around.kind), parent.clone()));
                }
            }
        }
        let Wanted {
            kinds,
            ids,
            display_names,
            bound,
        } = wanted;
        let mut needs = Self {
            kinds: BTreeSet::new(),
            items: Items::Wanted {
                ids,
                display_names,
                kinds: BTreeSet::new(),
            },
            bound,
            optional: BTreeSet::new(),
        };
        for kind in kinds {
            needs.add_kind(kind);
        }
        // What may be deleted may be in use.
        needs.add_whole(users_of(&gone));
        needs
    }

    /// Adds every object of these kinds, for a plan that deletes what no manifest defines; and every object
    /// that may refer to one of them, since what is in use stays.
    #[must_use]
    pub fn with_every(mut self, exclusive: &[KindId]) -> Self {
        let exclusive: BTreeSet<KindId> = exclusive.iter().copied().collect();
        let users: Vec<KindId> = users_of(&exclusive).collect();
        self.add_whole(exclusive.into_iter().chain(users));
        self
    }

    /// Adds every object of these kinds, read whole.
    pub fn add_whole(&mut self, kinds: impl IntoIterator<Item = KindId>) {
        for kind in kinds {
            self.add_kind(kind);
            let parent = kind.def().parent.as_ref();
            if let Items::Wanted { kinds, .. } = &mut self.items {
                kinds.insert(kind);
                // The items of the kind around it list what lies inside.
                kinds.extend(parent.map(|parent| KindId::known(parent.kind)));
            }
        }
    }

    /// Adds a kind and the kinds around it; local kinds have nothing to read.
    pub fn add_kind(&mut self, kind: KindId) {
        if kind.def().collection.is_none() || !self.kinds.insert(kind) {
            return;
        }
        if let Some(parent) = &kind.def().parent {
            self.add_kind(KindId::known(parent.kind));
        }
    }
}

/// The kinds whose objects may refer to some of these. That an object lists what lies inside it is no reference, and
/// what lies inside another one goes with it.
pub fn users_of(kinds: &BTreeSet<KindId>) -> impl Iterator<Item = KindId> {
    KindId::manifests().filter(move |user| {
        let def = user.def();
        let inside = def.children.as_ref().map(|list| list.field);
        let refers = |field: &str| Some(field) != inside;
        let mut referenced = kinds_of_declared(def.fields, refers).map(KindId::known);
        referenced.any(|kind| kinds.contains(&kind))
    })
}

#[derive(Default)]
struct Wanted {
    kinds: BTreeSet<KindId>,
    ids: BTreeSet<(KindId, RemoteId)>,
    display_names: BTreeSet<(KindId, String)>,
    bound: BTreeSet<(KindId, Option<RemoteId>, RemoteId)>,
}

impl Wanted {
    fn resource(&mut self, resource: &Resource) {
        let kind = resource.key.kind;
        self.kinds.insert(kind);
        self.display_names
            .insert((kind, resource.display_name().to_owned()));
        let declared = resource.declared_kinds().into_iter();
        self.kinds.extend(declared.map(KindId::known));
        for found in resource.uses() {
            let target = KindId::known(found.kind);
            self.kinds.insert(target);
            // A reference to a manifest is read for that manifest's own sake; only an object that no
            // manifest describes, and that others lie inside, has to be read here.
            if reference_key(found.kind, found.reference).is_none()
                && target.def().children.is_some()
            {
                self.live(target, found.reference);
            }
        }
    }

    /// The kinds that the ledger's records refer to, also where no manifest does any more: else what was recorded by
    /// name would be read by id, and differ.
    fn recorded(&mut self, ledger: &Ledger) {
        for (key, entry) in &ledger.entries {
            if entry.applied.may_hold(REF_KEY) {
                let applied = entry.applied.value();
                let found = uses(key.kind.def().fields, &applied).into_iter();
                self.kinds
                    .extend(found.map(|found| KindId::known(found.kind)));
            }
            let fields = key.kind.def().fields.iter();
            for field in fields.filter(|field| field.codec.refers()) {
                let kinds = referenced_kinds(std::slice::from_ref(field));
                let kinds = kinds.into_iter().map(KindId::known);
                let unread: Vec<_> = kinds.filter(|kind| !self.kinds.contains(kind)).collect();
                let key = field.spec.split('.').next().unwrap_or(field.spec);
                if !unread.is_empty() && entry.applied.may_hold(key) {
                    self.kinds.extend(unread);
                }
            }
        }
    }

    fn live(&mut self, kind: KindId, reference: &Value) {
        if let Some(name) = get_path(reference, "live").and_then(Value::as_str) {
            self.display_names.insert((kind, name.to_owned()));
        }
        if let Some(id) = reference.get("id").and_then(RemoteId::from_wire) {
            self.ids.insert((kind, id));
        }
    }
}
