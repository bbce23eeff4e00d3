//! Flags that one object of an account bears at most: who loses one when another object takes it.
//!
//! The platform takes the flag from its bearer without being asked to, so no other change of a plan says it.

use serde_json::Value;

use super::{Change, LosingObject};
use crate::kinds::mapping::{get_path, lift_whole};
use crate::kinds::{KindId, Lookup};
use crate::live::{Inventory, LiveObject, References};
use crate::resolve::reference_key;

/// The live objects that bear the flag of a kind.
pub fn bearers(kind: KindId, inventory: &Inventory) -> impl Iterator<Item = &LiveObject> {
    let flag = kind.def().exclusive_field();
    let bears = move |object: &&LiveObject| {
        let spec = lift_whole(kind.def(), object.body.value(), &References::default());
        flag.is_some_and(|flag| get_path(&spec, flag.spec) == Some(&Value::Bool(true)))
    };
    let objects = inventory.of_kind(kind).iter();
    objects.filter(move |_| flag.is_some()).filter(bears)
}

/// Who loses the flag that a change sets.
fn taken(change: &Change, inventory: &Inventory, references: &References) -> Vec<LosingObject> {
    let kind = change.kind;
    let Some(flag) = kind.def().exclusive_field().filter(|_| change.sets_flag()) else {
        return Vec::new();
    };
    let others = bearers(kind, inventory).filter(|it| Some(&it.id) != change.remote_id.as_ref());
    let taken = others.map(|object| LosingObject {
        field: flag.spec.to_owned(),
        key: reference_key(
            kind.name(),
            &references.to_ref(kind.name(), &object.id.to_wire()),
        ),
        display_name: object.display_name.clone(),
        remote_id: object.id.clone(),
    });
    taken.collect()
}

/// Says at each change who loses the flag that it sets.
pub(crate) fn say_who_loses(
    changes: &mut [Change],
    inventory: &Inventory,
    references: &References,
) {
    for change in changes {
        change.takes = taken(change, inventory, references);
        for taken in &change.takes {
            let LosingObject {
                field,
                key,
                display_name,
                remote_id,
            } = taken;
            let who = match key {
                Some(key) => format!("{key} ({remote_id})"),
                None => format!("the {} `{display_name}` ({remote_id})", change.kind),
            };
            change.reasons.push(format!(
                "it takes `{field}` from {who}; an account has one such {}",
                change.kind
            ));
        }
    }
}
