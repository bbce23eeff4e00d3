//! Which objects an export is about: all of some kinds, those that are named, or those that no manifest defines.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::did_you_mean;
use crate::diff::live_spec;
use crate::kinds::{KindId, Lookup, referenced_kinds, uses};
use crate::live::{Inventory, Ledger, LiveObject, References};
use crate::name::RemoteId;
use crate::select::UnknownSelection;
use crate::text::safe::line;

use super::{exportable, parent_key};

/// Live objects.
pub type ObjectIds = BTreeSet<(KindId, RemoteId)>;

/// What an export is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The kinds, all of whose objects are meant.
    pub kinds: &'a BTreeSet<KindId>,
    /// Objects by the name in the ledger, by display name or by id. What lies inside them comes along.
    pub named: &'a [(KindId, String)],
    /// Whether only objects are meant that neither the ledger nor a manifest holds.
    pub foreign: bool,
    /// The objects that manifests describe.
    pub described: &'a ObjectIds,
    /// Whether what the objects refer to is meant, too, directly and through others.
    pub with_references: bool,
}

/// The kinds that have to be read for a choice.
#[must_use]
pub fn kinds_of(choice: &Choice<'_>) -> BTreeSet<KindId> {
    let named = choice.named.iter().map(|(kind, _)| *kind);
    let inside = |kind: KindId| {
        let list = kind.def().children.as_ref();
        std::iter::once(kind).chain(list.map(|list| KindId::known(list.kind)))
    };
    let mut kinds: BTreeSet<KindId> = named.flat_map(inside).collect();
    kinds.extend(choice.kinds);
    let mut open: Vec<KindId> = kinds.iter().copied().collect();
    while let Some(kind) = open.pop().filter(|_| choice.with_references) {
        for other in referenced_kinds(kind.def().fields) {
            let other = KindId::known(other);
            if exportable().any(|kind| kind == other) && kinds.insert(other) {
                open.push(other);
            }
        }
    }
    kinds
}

/// The objects that a choice means.
///
/// # Errors
/// A name that no object has, or several have.
pub fn chosen(
    inventory: &Inventory,
    ledger: &Ledger,
    choice: &Choice<'_>,
) -> Result<ObjectIds, UnknownSelection> {
    let owned = ledger.entries.iter();
    let owned: ObjectIds = owned
        .map(|(key, entry)| (key.kind, entry.id.clone()))
        .collect();
    let of_kinds = inventory
        .iter()
        .filter(|object| choice.kinds.contains(&object.kind));
    let mut ids: ObjectIds = of_kinds.map(id).collect();
    for (kind, text) in choice.named {
        let named = id(named_object(inventory, ledger, *kind, text)?);
        let inside = inventory
            .iter()
            .filter(|object| parent_key(object).as_ref() == Some(&named));
        ids.extend(inside.map(id));
        ids.insert(named);
    }
    if choice.foreign {
        ids.retain(|id| !owned.contains(id) && !choice.described.contains(id));
    }
    if choice.with_references {
        add_referred(inventory, &mut ids);
    }
    Ok(ids)
}

fn id(object: &LiveObject) -> (KindId, RemoteId) {
    (object.kind, object.id.clone())
}

/// The object that a name in the ledger, a display name or an id means. The vendor's own rows are none of them.
///
/// # Errors
/// A name that no object has, or several have.
pub fn named_object<'i>(
    inventory: &'i Inventory,
    ledger: &Ledger,
    kind: KindId,
    text: &str,
) -> Result<&'i LiveObject, UnknownSelection> {
    let names: BTreeMap<&RemoteId, &str> = ledger
        .entries
        .iter()
        .filter(|(key, _)| key.kind == kind)
        .map(|(key, entry)| (&entry.id, key.name.as_str()))
        .collect();
    let objects = || {
        inventory
            .of_kind(kind)
            .iter()
            .filter(|object| !object.system)
    };
    let by_name = objects().find(|object| names.get(&object.id) == Some(&text));
    if let Some(object) = by_name {
        return Ok(object);
    }
    let found = objects().filter(|it| it.display_name == text || it.id.as_str() == text);
    match found.collect::<Vec<_>>().as_slice() {
        [only] => Ok(only),
        [] => {
            let shown = objects().map(|object| object.display_name.as_str());
            let near = did_you_mean(text, shown.chain(names.into_values()));
            let near = near.map(|near| line(&near).into_owned());
            Err(UnknownSelection {
                message: format!("the account holds no {kind} `{}`", line(text)),
                help: near.unwrap_or_else(|| {
                    format!("`campaignctl status --kind {kind}` lists what the account contains")
                }),
            })
        }
        several => {
            let ids = several.iter().map(|object| format!("{kind}/{}", object.id));
            let ids: Vec<String> = ids.collect();
            Err(UnknownSelection {
                message: format!(
                    "the account holds {} {kind} objects named `{}`",
                    several.len(),
                    line(text)
                ),
                help: format!("write {}", ids.join(" or ")),
            })
        }
    }
}

/// Adds what the objects refer to, as far as an export describes it.
fn add_referred(inventory: &Inventory, ids: &mut ObjectIds) {
    let mut table = References::default();
    let mut objects = BTreeMap::new();
    for object in inventory.iter() {
        table.insert_live(object, None);
        objects.insert(id(object), object);
    }
    let mut open: Vec<(KindId, RemoteId)> = ids.iter().cloned().collect();
    while let Some(object) = open.pop().and_then(|id| objects.get(&id)) {
        let def = object.kind.def();
        for found in uses(def.fields, &live_spec(def, &table, object)) {
            let wire = table.to_id(found.kind, found.reference);
            let Some(other) = RemoteId::from_wire(&wire) else {
                continue;
            };
            let other = (KindId::known(found.kind), other);
            let is_known = objects.get(&other).is_some_and(|it| !it.system);
            if is_known && exportable().any(|kind| kind == other.0) && ids.insert(other.clone()) {
                open.push(other);
            }
        }
    }
}
