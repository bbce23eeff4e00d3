//! The names in a saved plan: do they still mean the objects that they meant?
//!
//! A plan carries the ids of what its fields refer to. A name of a manifest means what the ledger or the plan itself
//! binds it to, any other name the live object that bears it; an id that nothing confirms is not written.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Change, Plan, StalePlan};
use crate::kinds::{KindId, Lookup, uses};
use crate::live::{Inventory, Ledger, LiveObject};
use crate::manifest::Key;
use crate::name::{Name, RemoteId};
use crate::resolve::reference_key;

/// Every name that means another object than when the plan was made, or none. What an earlier run of the plan has
/// touched is left out.
pub(super) fn moved_references(
    plan: &Plan,
    inventory: &Inventory,
    ledger: &Ledger,
    touched: &BTreeSet<usize>,
) -> Vec<StalePlan> {
    let live: BTreeMap<(KindId, &RemoteId), &LiveObject> = inventory
        .iter()
        .map(|object| ((object.kind, &object.id), object))
        .collect();
    let changes = plan.changes.iter().enumerate();
    let begun = changes.filter(|(index, _)| touched.contains(index));
    let begun: BTreeSet<(KindId, &RemoteId)> = begun
        .filter_map(|(_, change)| Some((change.kind, change.remote_id.as_ref()?)))
        .collect();
    let mut found = unknown_names(plan);
    let bound = BoundObjects::new(plan, ledger);
    let rows = plan.references.rows();
    let rows = rows.filter(|(kind, id, ..)| !begun.contains(&(*kind, id)));
    let moved = rows.filter_map(|(kind, id, name, display_name)| {
        let object = live.get(&(kind, &id)).copied();
        let key = name.and_then(|name| {
            Some(Key {
                kind,
                name: Name::new(name).ok()?,
            })
        });
        let message = match key.as_ref().and_then(|key| bound.id_of(key)) {
            Some(now) if *now == id => object.is_none().then_some(GONE.to_owned())?,
            Some(now) => format!("it is {now} now, and was {id}"),
            None => unconfirmed(object, display_name)?,
        };
        let told = match key {
            Some(key) => format!("{key}, to which it refers: {message}"),
            None => format!("the {kind} `{display_name}`, to which it refers: {message}"),
        };
        Some(StalePlan {
            key: None,
            message: told,
        })
    });
    found.extend(moved);
    found
}

/// Every name that a step would write and that nothing stands behind: neither a row of the table nor an object that the
/// plan itself creates.
fn unknown_names(plan: &Plan) -> Vec<StalePlan> {
    let creates = |change: &&Change| matches!(change.action, Action::Create | Action::Replace);
    let created: BTreeSet<Key> = plan
        .changes
        .iter()
        .filter(creates)
        .map(Change::key)
        .collect();
    let mut unknown = BTreeSet::new();
    for step in &plan.steps {
        for found in uses(step.key.kind.def().fields, &step.spec) {
            let id = plan.references.to_id(found.kind, found.reference);
            let key = reference_key(found.kind, found.reference);
            let is_known =
                RemoteId::from_wire(&id).is_some() || key.is_some_and(|key| created.contains(&key));
            if !is_known {
                unknown.insert((
                    step.key.clone(),
                    format!("the {} {}", found.kind, found.reference),
                ));
            }
        }
    }
    let unknown = unknown.into_iter().map(|(key, what)| StalePlan {
        key: Some(key),
        message: format!("it refers to {what}, and the plan does not identify that object"),
    });
    unknown.collect()
}

/// What is said of an object that is not there any more.
const GONE: &str = "it is gone from the account";

/// Why the live object is not known as the one that bears the name.
fn unconfirmed(object: Option<&LiveObject>, display_name: &str) -> Option<String> {
    match object {
        None => Some(GONE.to_owned()),
        Some(object) if object.display_name != display_name => {
            Some(format!("its object is named `{}` now", object.display_name))
        }
        Some(_) => None,
    }
}

/// The live object of each manifest, by the plan where that speaks of it, else by the ledger.
struct BoundObjects<'a> {
    plan: BTreeMap<Key, &'a RemoteId>,
    ledger: &'a Ledger,
}

impl<'a> BoundObjects<'a> {
    fn new(plan: &'a Plan, ledger: &'a Ledger) -> Self {
        let changes = plan.changes.iter();
        let bound = changes.filter_map(|change| Some((change.key(), change.remote_id.as_ref()?)));
        Self {
            plan: bound.collect(),
            ledger,
        }
    }

    fn id_of(&self, key: &Key) -> Option<&RemoteId> {
        let entry = || self.ledger.entries.get(key).map(|entry| &entry.id);
        self.plan.get(key).copied().or_else(entry)
    }
}
