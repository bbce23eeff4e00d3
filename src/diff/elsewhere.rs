//! Lists of what lies inside an object that name what lies elsewhere: the platform keeps such an id, and shows nothing for it.
//!
//! The rules of a kind know it offline where a manifest is named. The account says it of live objects, and of manifests that
//! name the object around them by its live name.

use std::collections::BTreeMap;

use super::codes::UNKNOWN_LIVE_REFERENCE;
use super::{Action, Bindings, Change, DiffInput};
use crate::diag::{Diagnostic, Diags};
use crate::kinds::mapping::get_path;
use crate::kinds::{Children, KindId, Lookup, Use};
use crate::live::LiveObject;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::{Resource, reference_key};
use crate::text::Pointer;
use crate::text::safe::line;

/// Complains about every declared member of a list that does not lie inside the object that lists it.
pub(super) fn check(input: &DiffInput<'_>, bindings: &Bindings<'_>, diags: &mut Diags) {
    let mut lying = Lying::default();
    for resource in input.desired.iter() {
        let Some(inside) = &resource.key.kind.def().children else {
            continue;
        };
        let list = Pointer::root().key(inside.field);
        for found in resource.uses() {
            if found.pointer.starts_with(&list)
                && let Some(why) = lying.elsewhere(input, bindings, (resource, inside), &found)
            {
                let at = resource.locate(input.texts, &found.pointer);
                let help = format!("take it off `{}`", inside.field);
                diags.push(Diagnostic::new(&UNKNOWN_LIVE_REFERENCE, at, why).help(help));
            }
        }
    }
}

/// Where the live objects of a kind lie, once that is asked.
#[derive(Default)]
struct Lying<'a>(BTreeMap<KindId, BTreeMap<&'a RemoteId, &'a LiveObject>>);

impl<'a> Lying<'a> {
    fn elsewhere(
        &mut self,
        input: &DiffInput<'a>,
        bindings: &Bindings<'_>,
        (resource, inside): (&Resource, &Children),
        found: &Use<'_>,
    ) -> Option<String> {
        let references = &bindings.references;
        let id = references.to_id(inside.kind, found.reference);
        let kind = KindId::known(inside.kind);
        let named = references.to_ref(inside.kind, &id);
        let child =
            reference_key(inside.kind, &named).filter(|key| input.desired.get(key).is_some());
        if let Some(child) = child {
            return is_elsewhere(input, bindings, resource, &child)
                .then(|| format!("{child} does not lie inside {}", resource.key));
        }
        let around = bindings.bound.get(&resource.key).map(|it| it.object);
        let id = RemoteId::from_wire(&id)?;
        let lying = self.0.entry(kind).or_insert_with(|| {
            let objects = input.inventory.of_kind(kind).iter();
            objects.map(|object| (&object.id, object)).collect()
        });
        let object = lying.get(&id);
        let is_inside =
            object.is_some_and(|object| object.parent.as_ref() == around.map(|around| &around.id));
        // What the account lists already stays: whoever put it there may see more than is read here.
        if is_inside || around.is_some_and(|around| around.lists(&id) == Some(true)) {
            return None;
        }
        let (kind, around) = (inside.kind, &resource.key);
        Some(match object {
            Some(it) => {
                let name = line(&it.display_name);
                format!("the {kind} `{name}` does not lie inside {around}")
            }
            None => format!("no {kind} with the id {id} lies inside {around}"),
        })
    }
}

fn is_elsewhere(
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
    resource: &Resource,
    child: &Key,
) -> bool {
    let Some(of_child) = input.desired.get(child) else {
        return false;
    };
    of_child.parent().as_ref() != Some(&resource.key)
        && !bindings.inside_by_live(&resource.key).contains(child)
}

/// Says of what is created inside an object of other people's that it is on no list yet: theirs is not changed.
pub(super) fn say_unlisted(input: &DiffInput<'_>, bindings: &Bindings<'_>, changes: &mut [Change]) {
    for change in changes {
        let Some(around) = &change.kind.def().parent else {
            continue;
        };
        if !matches!(change.action, Action::Create | Action::Replace) {
            continue;
        }
        let kind = KindId::known(around.kind);
        let reference = get_path(&change.declared, around.field);
        let Some(reference) = reference.filter(|_| kind.def().children.is_some()) else {
            continue;
        };
        let named = bindings.references.to_id(around.kind, reference);
        let named = bindings.references.to_ref(around.kind, &named);
        let is_ours =
            reference_key(around.kind, &named).is_some_and(|key| input.desired.get(&key).is_some());
        if !is_ours {
            change.reasons.push(format!(
                "no manifest defines the {} around it, so that its list does not change: list it there in the console",
                around.kind
            ));
        }
    }
}
