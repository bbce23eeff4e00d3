//! What a run has to read: the collections that the manifests need, and the items of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Entry, Ledger};
use crate::kinds::mapping::get_path;
use crate::kinds::{KindId, Role};
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

impl Needs {
    /// Everything of these kinds, and what they refer to.
    #[must_use]
    pub fn every(kinds: impl IntoIterator<Item = KindId>) -> Self {
        let mut needs = Self {
            kinds: BTreeSet::new(),
            items: Items::Every,
            bound: BTreeSet::new(),
        };
        for kind in kinds {
            needs.add_kind(kind);
            for field in crate::kinds::referenced_kinds(kind.def().fields) {
                needs.add_kind(KindId::known(field));
            }
        }
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
        for (key, entry) in &ledger.entries {
            if desired.get(key).is_some() || covers(entry) {
                wanted.kinds.insert(key.kind);
                wanted.ids.insert((key.kind, entry.id.clone()));
                // What may be deleted may have other people's objects inside.
                if let Some(inside) = &key.kind.def().children
                    && desired.get(key).is_none()
                {
                    wanted.kinds.insert(KindId::known(inside.kind));
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
        };
        for kind in kinds {
            needs.add_kind(kind);
        }
        needs
    }

    /// Adds every object of these kinds, for a plan that deletes what no manifest describes; and every object
    /// that may refer to one of them, since what is in use stays.
    #[must_use]
    pub fn with_every(mut self, exclusive: &[KindId]) -> Self {
        let refers = |user: &KindId| {
            crate::kinds::referenced_kinds(user.def().fields)
                .into_iter()
                .any(|kind| exclusive.contains(&KindId::known(kind)))
        };
        let users = KindId::manifests().filter(refers);
        for kind in exclusive.iter().copied().chain(users) {
            self.add_kind(kind);
            let parent = kind.def().parent.as_ref();
            if let Items::Wanted { kinds, .. } = &mut self.items {
                kinds.insert(kind);
                // The items of the kind around it list what lies inside.
                kinds.extend(parent.map(|parent| KindId::known(parent.kind)));
            }
        }
        self
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

    fn live(&mut self, kind: KindId, reference: &Value) {
        if let Some(name) = get_path(reference, "live").and_then(Value::as_str) {
            self.display_names.insert((kind, name.to_owned()));
        }
        if let Some(id) = reference.get("id").and_then(RemoteId::from_wire) {
            self.ids.insert((kind, id));
        }
    }
}
