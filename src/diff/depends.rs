//! What the objects that a plan speaks of refer to: its changes, and everything that depends on them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, Change};
use crate::manifest::Key;
use crate::resolve::Desired;
use crate::select::refers_to_itself;

/// What one object refers to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dependency {
    /// The object or template.
    #[schemars(with = "String")]
    pub of: Key,
    /// What it refers to or is inside of, according to its manifest; references of a template belong to the template.
    /// For an object that is deleted, according to the account.
    #[schemars(with = "Vec<String>")]
    pub on: Vec<Key>,
    /// Which of these it is inside of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub inside: Option<Key>,
}

/// The references among what changes, what depends on it, directly or through others, and what these lie in. Those to
/// anything else are left out.
pub(super) fn dependencies(desired: &Desired, changes: &[Change]) -> Vec<Dependency> {
    let changed: BTreeMap<Key, &Change> = changes
        .iter()
        .filter(|change| change.action != Action::None || !change.fields.is_empty())
        .map(|change| (change.key(), change))
        .collect();
    if changed.is_empty() {
        return Vec::new();
    }
    let mut on: BTreeMap<Key, BTreeSet<Key>> = desired
        .iter()
        .map(|resource| (resource.key.clone(), refers_to_itself(resource).collect()))
        .collect();
    for (key, change) in &changed {
        on.entry(key.clone())
            .or_insert_with(|| change.refers_to.iter().cloned().collect());
    }
    let inside = |key: &Key| {
        if let Some(resource) = desired.get(key) {
            return resource.parent();
        }
        // What is deleted lies in what the account says.
        let parent = key.kind.def().parent.as_ref()?;
        let mut on = changed.get(key)?.refers_to.iter();
        on.find(|it| it.kind.name() == parent.kind).cloned()
    };
    let mut spoken_of = with_users(&changed, &on);
    let around: Vec<Key> = spoken_of.iter().filter_map(inside).collect();
    spoken_of.extend(around);
    let dependencies = on
        .into_iter()
        .filter(|(key, _)| spoken_of.contains(key))
        .map(|(of, on)| Dependency {
            inside: inside(&of).filter(|parent| spoken_of.contains(parent)),
            on: on.intersection(&spoken_of).cloned().collect(),
            of,
        });
    dependencies.filter(|it| !it.on.is_empty()).collect()
}

/// The changed objects, the templates that changed them, and whatever refers to one of these.
fn with_users(
    changed: &BTreeMap<Key, &Change>,
    on: &BTreeMap<Key, BTreeSet<Key>>,
) -> BTreeSet<Key> {
    let mut users = BTreeMap::<&Key, Vec<&Key>>::new();
    for (user, used) in on {
        for key in used {
            users.entry(key).or_default().push(user);
        }
    }
    let fields = changed.values().flat_map(|change| &change.fields);
    let templates = fields.flat_map(|field| &field.by);
    let templates = templates.filter_map(|by| by.parse::<Key>().ok());
    let mut open: Vec<Key> = changed.keys().cloned().chain(templates).collect();
    let mut found = BTreeSet::new();
    while let Some(key) = open.pop() {
        if found.insert(key.clone()) {
            let users = users.get(&key).into_iter().flatten();
            open.extend(users.map(|user| (*user).clone()));
        }
    }
    found
}
