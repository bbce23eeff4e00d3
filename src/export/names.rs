//! Which live objects an export describes, and under which names.

use std::collections::{BTreeMap, BTreeSet};

use super::{ExportedNames, ObjectIds, parent_key};
use crate::kinds::KindId;
use crate::live::{Inventory, Ledger, LiveObject};
use crate::manifest::Key;
use crate::name::Name;

/// The objects to be written, in a fixed order, with their names.
pub(super) struct Exported<'a> {
    pub(super) objects: Vec<&'a LiveObject>,
    pub(super) names: ExportedNames,
    pub(super) notes: Vec<String>,
}

/// The wanted objects but system rows and what lies inside them. Bound objects keep the names of their manifests.
pub(super) fn exported<'a>(
    inventory: &'a Inventory,
    ledger: &Ledger,
    ids: &ObjectIds,
    taken: &BTreeSet<Key>,
) -> Exported<'a> {
    let system: BTreeSet<_> = inventory
        .iter()
        .filter(|object| object.system)
        .map(|object| (object.kind, object.id.clone()))
        .collect();
    let mut objects: Vec<&LiveObject> = inventory
        .iter()
        .filter(|object| ids.contains(&(object.kind, object.id.clone())) && !object.system)
        .filter(|object| parent_key(object).is_none_or(|parent| !system.contains(&parent)))
        .collect();
    objects.sort_by(|a, b| (a.kind, &a.display_name, &a.id).cmp(&(b.kind, &b.display_name, &b.id)));
    let bound: BTreeMap<_, _> = ledger
        .entries
        .iter()
        .map(|(key, entry)| ((key.kind, &entry.id), &key.name))
        .collect();
    let mut taken: BTreeSet<(KindId, Name)> = ledger
        .entries
        .keys()
        .chain(taken)
        .map(|key| (key.kind, key.name.clone()))
        .collect();
    let mut names = ExportedNames::new();
    for object in &objects {
        let name = match bound.get(&(object.kind, &object.id)) {
            Some(name) => (*name).clone(),
            None => free_name(object, &mut taken),
        };
        names.insert((object.kind, object.id.clone()), name);
    }
    let notes = twins(&objects);
    Exported {
        objects,
        names,
        notes,
    }
}

/// The names that Windows keeps for devices, whatever is behind the first dot.
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions>
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// What the project file is called: a file of this name is not read as a manifest.
const PROJECT: &str = "campaignctl";

/// The name of a file without its ending. A name has lower-case letters, so no two files differ by case alone; and an
/// underscore is in no name, so none gets the file of another one.
pub(crate) fn stem(name: &Name) -> String {
    let name = name.as_str();
    let (first, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
    let device = first.trim_end_matches(|ch: char| ch.is_ascii_digit());
    let is_numbered = ["com", "lpt"].contains(&device);
    let digits = first.len() - device.len();
    if name == PROJECT {
        return format!("{name}_");
    }
    if DEVICES.contains(&device) && digits == usize::from(is_numbered) {
        format!("{first}_{rest}")
    } else {
        name.to_owned()
    }
}

/// A name of its own for an object, made of its display name.
pub(crate) fn free_name(object: &LiveObject, taken: &mut BTreeSet<(KindId, Name)>) -> Name {
    let wanted = Name::from_display_name(&object.display_name, &object.kind.name().to_lowercase());
    let candidates =
        std::iter::once(wanted.clone()).chain((2..).map(|number| wanted.with_suffix(number)));
    let mut free = candidates.filter(|name| taken.insert((object.kind, name.clone())));
    free.next().unwrap_or(wanted)
}

/// Two objects with one display name cannot be told apart by a first plan.
fn twins(objects: &[&LiveObject]) -> Vec<String> {
    let mut seen = BTreeMap::<_, Vec<String>>::new();
    for object in objects {
        seen.entry((object.kind, &object.parent, &object.display_name))
            .or_default()
            .push(object.id.to_string());
    }
    let twins = seen.into_iter().filter(|(_, ids)| ids.len() > 1);
    twins
        .map(|((kind, _, display_name), ids)| {
            format!("{} {kind} objects are named `{display_name}` ({}): a plan without a ledger cannot distinguish them", ids.len(), ids.join(", "))
        })
        .collect()
}
