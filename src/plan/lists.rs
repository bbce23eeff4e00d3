//! The list of what lies inside an object, when a run of the plan has begun: other writes of that run change it as well, so what
//! these bring and take does not count.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Action, Change, Plan};
use crate::diff::{fingerprint, live_spec};
use crate::kinds::mapping::get_path;
use crate::kinds::{Children, KindId, Lookup};
use crate::live::{Begun, Ledger, LiveObject, References};
use crate::name::RemoteId;
use crate::text::Pointer;

/// A plan of which a run has begun, for its lists.
pub(super) struct Lists<'a> {
    pub(super) plan: &'a Plan,
    pub(super) ledger: &'a Ledger,
    pub(super) begun: &'a Begun,
    /// What names mean by now.
    pub(super) references: &'a References,
}

impl Lists<'_> {
    /// Whether a list is neither as it was nor as the plan writes it; where a step that is done has written it, whether it is
    /// not like that.
    pub(super) fn moved(&self, index: usize, live: &LiveObject) -> Option<String> {
        let change = self.plan.changes.get(index)?;
        let inside = change.kind.def().children.as_ref().filter(|_| live.whole)?;
        let passing = self.passing(inside);
        let held = self.ids(inside, &live_list(inside, live), &passing);
        let is_moved = match versions(inside, change) {
            Some((before, after)) => {
                let mut either = vec![after];
                if !self.has_written(index, inside) {
                    either.push(before);
                }
                let mut either = either.iter();
                either.all(|list| self.ids(inside, list, &passing) != held)
            }
            None => self.is_other(change, inside, live),
        };
        is_moved.then(|| format!("`{}` changed on the account", inside.field))
    }

    /// Whether other objects lie inside one that goes than the plan says.
    pub(super) fn is_unlike_inside(&self, change: &Change, live: &LiveObject) -> bool {
        let Some(inside) = &change.kind.def().children else {
            return false;
        };
        let passing = self.passing(inside);
        let set = |list: &Value| -> BTreeSet<RemoteId> {
            self.ids(inside, list, &passing).into_iter().collect()
        };
        let told = get_path(&change.expected, inside.field).cloned();
        set(&told.unwrap_or_default()) != set(&live_list(inside, live))
    }

    /// Of a list that the plan does not write: whether it has another value than when the plan was made, and the run does not
    /// touch what lies inside.
    fn is_other(&self, change: &Change, inside: &Children, live: &LiveObject) -> bool {
        let kind = KindId::known(inside.kind);
        let mut changes = self.plan.changes.iter().filter(|it| passes(it, kind));
        if changes.any(|it| it.remote_parent == change.remote_id) {
            return false;
        }
        let fields = change.kind.def().fields.iter();
        let mut keys = fields.filter(|field| field.spec == inside.field);
        let Some(key) = keys.next().and_then(|field| field.wire.split('.').next()) else {
            return false;
        };
        let now = fingerprint(change.kind, live.body.value());
        !change.fingerprint.is_empty() && now.get(key) != change.fingerprint.get(key)
    }

    /// Whether a step that is done wrote the list.
    fn has_written(&self, index: usize, inside: &Children) -> bool {
        let mut done = self.begun.applied.iter();
        done.any(|at| {
            let step = self.plan.steps.get(*at).filter(|step| step.change == index);
            step.is_some_and(|step| get_path(&step.spec, inside.field).is_some())
        })
    }

    /// What the plan creates, replaces or deletes, before and after.
    fn passing(&self, inside: &Children) -> BTreeSet<RemoteId> {
        let kind = KindId::known(inside.kind);
        let changes = self.plan.changes.iter().filter(|it| passes(it, kind));
        let ids = changes.flat_map(|change| {
            let now = self.ledger.entries.get(&change.key());
            let now = now.map(|entry| entry.id.clone());
            change.remote_id.clone().into_iter().chain(now)
        });
        ids.collect()
    }

    /// The ids in a list, without what passes and what is still to be created.
    fn ids(&self, inside: &Children, list: &Value, passing: &BTreeSet<RemoteId>) -> Vec<RemoteId> {
        let members = list.as_array().into_iter().flatten();
        let ids = members.filter_map(|member| {
            let ids = [self.references, &self.plan.references];
            let mut ids = ids
                .map(|it| RemoteId::from_wire(&it.to_id(inside.kind, member)))
                .into_iter();
            ids.find_map(|id| id)
        });
        ids.filter(|id| !passing.contains(id)).collect()
    }
}

fn passes(change: &Change, kind: KindId) -> bool {
    let goes_or_comes = matches!(
        change.action,
        Action::Create | Action::Replace | Action::Delete
    );
    change.kind == kind && goes_or_comes
}

/// The list that a change finds and the one that it writes; `None` where it writes none.
fn versions(inside: &Children, change: &Change) -> Option<(Value, Value)> {
    let at = Pointer::from("/spec").key(inside.field);
    if let Some(field) = change.fields.iter().find(|field| field.pointer == at) {
        return Some((field.before.clone(), field.after.clone()));
    }
    let written = get_path(&change.patch, inside.field)?;
    Some((json!([]), written.clone()))
}

/// The list that a live object has, by ids.
fn live_list(inside: &Children, live: &LiveObject) -> Value {
    let held = live_spec(live.kind.def(), &References::default(), live);
    get_path(&held, inside.field).cloned().unwrap_or_default()
}
