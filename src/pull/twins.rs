//! Objects that no manifest can mean: a manifest finds its object by the display name, and others have that name, too.
//!
//! A manifest of such an object would end every plan with `ambiguous-binding`, or depend on the ledger for ever. The ledger
//! can say which object a manifest means, but a pull does not change it.

use super::fresh::{FreshObjects, PulledAccount, is_inside};
use super::{Left, LeftReason};
use crate::diff::Bindings;
use crate::live::LiveObject;
use crate::manifest::Key;
use crate::text::safe::line;

/// What is to be done about an object whose display name is not its own.
const HELP: &str = "give it a unique display name in the console and pull again, or write its manifest yourself and bind this to the object";

impl PulledAccount<'_> {
    /// The objects that get no manifest for this reason, and what lies inside them. `with` are the bindings as they would be
    /// with the new manifests.
    #[must_use]
    pub fn ambiguous(&self, fresh: &FreshObjects<'_>, with: &Bindings<'_>) -> Vec<Left> {
        let mut found: Vec<(&LiveObject, Left)> = Vec::new();
        for (object, key) in &fresh.objects {
            let message = self.why_ambiguous(object, key, with);
            let left = message.map(|message| {
                let help = format!("{HELP}: `campaignctl ledger bind {key} {}`", object.id);
                left(key, message, help)
            });
            found.extend(left.map(|left| (*object, left)));
        }
        let mut inside = Vec::new();
        for (object, key) in &fresh.objects {
            let around = found.iter().find(|(around, _)| is_inside(object, around));
            let is_new = !found.iter().any(|(_, left)| left.key == *key);
            if let Some((_, around)) = around.filter(|_| is_new) {
                let message = format!("it is inside {}, which is left", around.key);
                inside.push(left(key, message, around.help.clone()));
            }
        }
        let left = found.into_iter().map(|(_, left)| left);
        left.chain(inside).collect()
    }

    fn why_ambiguous(&self, object: &LiveObject, key: &Key, with: &Bindings<'_>) -> Option<String> {
        // What had a manifest is in the ledger, which says which one it is.
        if self.is_recorded(object) {
            return None;
        }
        let is_alike = |it: &&LiveObject| {
            let is_other_system = it.system && !object.system;
            !is_other_system && it.display_name == object.display_name && it.parent == object.parent
        };
        let name = line(&object.display_name);
        let is_bound_to_it = |bound: &Key| {
            let bound = with.bound.get(bound);
            bound.is_some_and(|bound| bound.object.id == object.id)
        };
        if object.is_unnamed() {
            let message =
                "the account shows no name of it, and holds another one with the same content";
            return (!is_bound_to_it(key)).then(|| message.to_owned());
        }
        let all = self.inventory.of_kind(object.kind);
        let twins: Vec<&LiveObject> = all.iter().filter(is_alike).collect();
        if twins.len() < 2 {
            return None;
        }
        let of_manifest = with.bound.iter().find(|(other, bound)| {
            *other != key
                && other.kind == key.kind
                && bound.object.id != object.id
                && twins.iter().any(|twin| twin.id == bound.object.id)
        });
        if let Some((other, _)) = of_manifest {
            return Some(format!("`{name}` is the display name of {other}, too"));
        }
        let mut ids: Vec<String> = twins.iter().map(|twin| twin.id.to_string()).collect();
        ids.sort();
        let message = format!(
            "the account holds {} {} objects named `{name}`: {}",
            ids.len(),
            object.kind,
            ids.join(", ")
        );
        (!is_bound_to_it(key)).then_some(message)
    }
}

fn left(key: &Key, message: String, help: String) -> Left {
    Left {
        key: key.clone(),
        pointer: None,
        path: None,
        declared: serde_json::Value::Null,
        live: serde_json::Value::Null,
        why: LeftReason::Ambiguous,
        message,
        help,
        file: None,
        line: None,
    }
}
