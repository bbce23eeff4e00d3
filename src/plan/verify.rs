//! A saved plan against the account and the ledger of today: may it still be applied?
//!
//! It may not when an object that it touches changed, appeared or went away, or when the ledger binds one
//! of its manifests to another object. What the plan does not touch may change.

use std::collections::{BTreeMap, BTreeSet};

use super::moved::moved;
use super::{Action, Change, PLAN_FORMAT, Plan, Verb};
use crate::kinds::words::VOCABULARY;
use crate::kinds::{KindId, Lookup};
use crate::live::{Inventory, Items, Ledger, LiveObject, Needs};
use crate::manifest::Key;
use crate::name::RemoteId;

/// Why a plan may not be applied any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The object; `None` when it is about the plan as a whole.
    pub key: Option<Key>,
    /// What changed, the fields named.
    pub message: String,
}

/// What has to be read to find out.
#[must_use]
pub fn needs(plan: &Plan) -> Needs {
    let mut needs = Needs::every([]);
    let (mut ids, mut display_names) = (BTreeSet::new(), BTreeSet::new());
    for change in &plan.changes {
        needs.add_kind(change.kind);
        if let Some(id) = change.remote_id.clone() {
            let parent = change.remote_parent.clone();
            needs.bound.insert((change.kind, parent, id.clone()));
            ids.insert((change.kind, id));
        }
        display_names.insert((change.kind, change.display_name.clone()));
        let around = change
            .kind
            .def()
            .parent
            .as_ref()
            .map(|parent| KindId::known(parent.kind));
        ids.extend(around.zip(change.remote_parent.clone()));
    }
    needs.items = Items::Wanted {
        ids,
        display_names,
        kinds: BTreeSet::new(),
    };
    needs
}

/// The ledger of today, as far as a saved plan is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Today<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// Whether there was one already.
    pub is_stored: bool,
    /// The steps that a run of this very plan began before it died: it may go on. What it wrote changed since
    /// the plan was made, of course; each write is still compared with what was planned.
    pub begun: Option<&'a BTreeSet<usize>>,
}

/// Every reason why the plan may not be applied to this account any more.
#[must_use]
pub fn stale(plan: &Plan, inventory: &Inventory, today: Today<'_>) -> Vec<Stale> {
    let Today {
        ledger,
        is_stored,
        begun,
    } = today;
    let whole = |message: &str| Stale {
        key: None,
        message: message.to_owned(),
    };
    if begun.is_none() && ledger.used_plans.contains(&plan.id) {
        return vec![whole("it was applied already: a plan is used once")];
    }
    if plan.vocabulary != VOCABULARY {
        return vec![whole(
            "it was made by a version of campaignctl whose words stand for other numbers of the platform: plan again",
        )];
    }
    let mut found = Vec::new();
    if let Some(then) = &plan.ledger
        && is_stored
        && then.lineage != ledger.lineage
    {
        found.push(whole("the ledger is another one than when it was made"));
    }
    let live: BTreeMap<(KindId, &RemoteId), &LiveObject> = inventory
        .iter()
        .map(|object| ((object.kind, &object.id), object))
        .collect();
    let touched = touched(plan, begun);
    for (index, change) in plan.changes.iter().enumerate() {
        if change.action == Action::None || touched.contains(&index) {
            continue;
        }
        let bound = bound_elsewhere(change, ledger);
        let moved = match &change.remote_id {
            Some(id) => moved(plan, change, live.get(&(change.kind, id)).copied()),
            None => appeared(plan, change, inventory),
        };
        let messages = bound.into_iter().chain(moved);
        found.extend(messages.map(|message| Stale {
            key: Some(change.key()),
            message,
        }));
    }
    found
}

/// The changes that a run of the plan may have touched before it died: those of its steps, and what the objects
/// of other steps lie inside.
fn touched(plan: &Plan, begun: Option<&BTreeSet<usize>>) -> BTreeSet<usize> {
    let Some(begun) = begun else {
        return BTreeSet::new();
    };
    let steps = begun.iter().filter_map(|step| plan.steps.get(*step));
    let around = plan.changes.iter().enumerate();
    let around = around.filter(|(_, change)| change.kind.def().children.is_some());
    steps
        .map(|step| step.change)
        .chain(around.map(|(index, _)| index))
        .collect()
}

/// Whether the ledger says something else about the manifest than it did.
fn bound_elsewhere(change: &Change, ledger: &Ledger) -> Option<String> {
    let key = change.previous.clone().unwrap_or_else(|| change.key());
    let taken = ledger.entries.get(&change.key());
    if let Some(taken) = taken.filter(|_| change.previous.is_some()) {
        return Some(format!("the ledger binds it to {} now", taken.id));
    }
    let now = ledger.entries.get(&key).map(|entry| &entry.id);
    // A create whose object had vanished still has its old entry.
    let then = change.remote_id.as_ref().filter(|_| !change.adopted);
    match (then, now) {
        (Some(then), Some(now)) if then != now => {
            Some(format!("the ledger binds it to {now} now, not to {then}"))
        }
        (Some(then), None) => Some(format!("the ledger does not bind it to {then} any more")),
        (None, Some(now)) if change.adopted && change.remote_id.as_ref() != Some(now) => {
            Some(format!("the ledger binds it to {now} now"))
        }
        _ => None,
    }
}

/// Whether an object that would be created is there by now.
fn appeared(plan: &Plan, change: &Change, inventory: &Inventory) -> Option<String> {
    if !matches!(change.action, Action::Create | Action::Manual) {
        return None;
    }
    let parent = change.kind.def().parent.as_ref().and_then(|parent| {
        let reference = change.declared.get(parent.field)?;
        RemoteId::from_wire(&plan.references.to_id(parent.kind, reference))
    });
    let twins = inventory.of_kind(change.kind).iter().filter(|object| {
        object.display_name == change.display_name
            && (change.kind.def().parent.is_none() || object.parent == parent)
    });
    let known = |object: &&LiveObject| plan.known_twins.contains(&object.id);
    let twin = twins
        .filter(|object| !known(object))
        .map(|object| &object.id)
        .next()?;
    Some(format!(
        "the account holds an object of that name now ({twin})"
    ))
}

/// The plan in the text of a file.
///
/// # Errors
/// Why the text is no plan that can be shown or applied.
pub fn read(text: &str) -> Result<Plan, String> {
    let plan: Plan = serde_json::from_str(text).map_err(|error| error.to_string())?;
    damage(&plan).map_or(Ok(plan), Err)
}

/// What is wrong with a plan that was read from a file, so that nothing in it can lead apply astray.
fn damage(plan: &Plan) -> Option<String> {
    if plan.format != PLAN_FORMAT {
        return Some(format!(
            "its format is `{}`, and this program reads `{PLAN_FORMAT}`",
            plan.format
        ));
    }
    for (index, step) in plan.steps.iter().enumerate() {
        let change = plan.changes.get(step.change);
        if change.is_none_or(|change| change.key() != step.key) {
            return Some(format!("step {index} belongs to no change"));
        }
        if step.after.iter().any(|before| *before >= index) {
            return Some(format!("step {index} waits for a later one"));
        }
        if change.is_some_and(|change| !is_step_of(change.action, step.verb)) {
            return Some(format!("step {index} does not fit its change"));
        }
    }
    None
}

/// Whether a change of this action can have a step of this verb.
fn is_step_of(action: Action, verb: Verb) -> bool {
    match action {
        Action::Create => matches!(verb, Verb::Create | Verb::Update | Verb::Publish),
        Action::Update => matches!(
            verb,
            Verb::Unpublish | Verb::Update | Verb::Publish | Verb::Forget | Verb::Rename
        ),
        Action::Replace => matches!(
            verb,
            Verb::Create | Verb::Update | Verb::Publish | Verb::Delete
        ),
        Action::Delete => matches!(verb, Verb::Unpublish | Verb::Delete),
        Action::Adopt => verb == Verb::Adopt,
        Action::Forget => verb == Verb::Forget,
        Action::Manual => verb == Verb::Manual,
        Action::None => verb == Verb::Record,
    }
}
