//! Guards: what a plan may not do without a flag that says it is intended.
//!
//! Each rule has a name, says which objects it is about, and names the flag that overrides it. The rules about
//! protected objects and about other people's work have no flag.
//!
//! A verdict is computed from the changes, the ledger, the manifests where there are some, and the account: when
//! the plan is made, and again right before the first write of each apply. The verdict in a
//! document is for people to read; no apply believes it. A flag is not part of a plan either: it is given again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::consumers::{ConsumerTurn, effects};
use super::guards::{
    FOREIGN_CHILDREN, FOREIGN_OBJECT, Guard, LIVE_OBJECT, MASS_DELETE, MASS_UPDATE, OBJECT_IN_USE,
    Overrides, PROTECTED_OBJECT, UNEXPECTED_IMPACT,
};
use super::impact::Shift;
use super::{Action, Change, FieldChange, Plan, around};
use crate::kinds::KindId;
use crate::kinds::mapping::get_path;
use crate::live::{Inventory, Ledger};
use crate::manifest::{Key, Lifecycle, Mode};
use crate::project::Guards;
use crate::resolve::Desired;
use crate::text::some_of;

/// A rule that the plan breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Refusal {
    /// The rule, `mass-delete`.
    pub rule: String,
    /// What is wrong.
    pub message: String,
    /// The objects that it is about.
    #[schemars(with = "Vec<String>")]
    pub objects: Vec<Key>,
    /// The flag that overrides it; absent when none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// What to do.
    pub help: String,
}

impl Guard {
    /// The refusal of a plan that breaks it.
    fn refusal(&self, objects: Vec<Key>, message: String) -> Refusal {
        let flag = self.flag.map(str::to_owned);
        let help = flag
            .as_ref()
            .map(|flag| format!("add `{flag}` if that is intended"));
        Refusal {
            rule: self.name.to_owned(),
            message,
            objects,
            help: help.unwrap_or_default(),
            flag,
        }
    }
}

/// How many differences of an impact a refusal names.
const NAMED: usize = 5;

/// What a plan is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Now<'a> {
    /// The limits of the environment.
    pub guards: Guards,
    /// The kinds of which foreign objects are deleted.
    pub exclusive: &'a [KindId],
    /// The ledger.
    pub ledger: &'a Ledger,
    /// The ledger as it was before the first write of the plan, of which an earlier run may have done some.
    pub before: &'a Ledger,
    /// What was read of the account: at least what [`judged_by`](super::judged_by) asks for.
    pub inventory: &'a Inventory,
    /// The manifests, where they were given or found.
    pub desired: Option<&'a Desired>,
    /// The moment: consumers see nothing of what is over. Without it, schedules are not looked at.
    pub now: Option<Timestamp>,
}

impl Now<'_> {
    /// What the manifest of an object says of its life.
    fn lifecycle(&self, key: &Key) -> Option<&Lifecycle> {
        Some(&self.desired?.get(key)?.lifecycle)
    }
}

impl Refusal {
    /// Other people's work inside an object that would be deleted.
    pub(super) fn of_child(key: Key, child: &str, is_ours: bool) -> Self {
        let (what, help) = if is_ours {
            (
                "this plan leaves alone",
                format!("let the same plan delete or move `{child}`, or do that first"),
            )
        } else {
            (
                "was made in the console",
                format!(
                    "move or delete `{child}` in the console first, or define it in a manifest"
                ),
            )
        };
        let message = format!("{key} would be deleted together with `{child}`, which {what}");
        Self {
            help,
            ..FOREIGN_CHILDREN.refusal(vec![key], message)
        }
    }

    /// Visitors are offered something else, and no scenario expects it; some of that no scenario can expect.
    #[must_use]
    pub fn of_impact(differences: &[(Key, Shift)], untestable: &[(Key, Shift)]) -> Self {
        let named = |differences: &[(Key, Shift)]| {
            let all = differences.iter();
            let all = all.map(|(key, shift)| format!("{} ({})", key.name, shift.words()));
            some_of(all, NAMED)
        };
        let mut objects: Vec<Key> = differences.iter().map(|(key, _)| key.clone()).collect();
        objects.dedup();
        let message = format!(
            "visitors are offered differently, and no scenario expects it: {}",
            named(differences)
        );
        // What may change is open before and after: no scenario of an example would pass only after the plan.
        let is_open = |(_, shift): &(Key, Shift)| *shift == Shift::MayChange;
        // Nothing that a case says shows where on a page something competes. Of another visit than the example, anything else
        // may be expected.
        let (never, examples): (Vec<_>, Vec<_>) =
            (untestable.iter().cloned()).partition(|(_, shift)| *shift == Shift::OtherZone);
        let is_all = untestable.len() >= differences.len();
        let help = if differences.iter().all(is_open) {
            "review what may change with `plan --impact`, which says what would decide it; then add `--allow-impact`".to_owned()
        } else if untestable.is_empty() {
            "review the impact, and keep it as tests with `plan --impact --write-scenarios FILE`; or add `--allow-impact`".to_owned()
        } else if is_all && examples.is_empty() {
            "review the impact with `plan --impact`; no test can expect it, so add `--allow-impact`"
                .to_owned()
        } else {
            let mut why = Vec::new();
            if !never.is_empty() {
                why.push(format!("no test can expect {}", named(&never)));
            }
            if !examples.is_empty() {
                why.push(format!(
                    "no test can be made of the example visit of {}; one of another visit counts",
                    named(&examples)
                ));
            }
            if !is_all {
                why.push("`--write-scenarios FILE` keeps the rest as tests".to_owned());
            }
            format!(
                "review the impact with `plan --impact`, and add `--allow-impact`: {}",
                why.join("; ")
            )
        };
        Self {
            help,
            ..UNEXPECTED_IMPACT.refusal(objects, message)
        }
    }

    /// Whether a flag of this run overrides it.
    #[must_use]
    pub fn is_overridden(&self, overrides: Overrides) -> bool {
        overrides.has(&self.rule)
    }
}

/// Every rule that a plan breaks.
#[must_use]
pub fn judge(plan: &Plan, now: &Now<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    protected(&plan.changes, now, &mut refusals);
    foreign_objects(&plan.changes, now, &mut refusals);
    foreign_children(plan, now, &mut refusals);
    in_use(plan, now, &mut refusals);
    masses(&plan.changes, now, &mut refusals);
    if now.guards.protect_published {
        live_objects(plan, now, &mut refusals);
    }
    // It takes the scenarios to judge, which are where the plan was made: what the document says counts.
    let unexpected = plan
        .refusals
        .iter()
        .filter(|it| it.rule == UNEXPECTED_IMPACT.name);
    refusals.extend(unexpected.cloned());
    refusals
}

fn protected(changes: &[Change], now: &Now<'_>, out: &mut Vec<Refusal>) {
    for change in changes {
        let word = match change.action {
            Action::Delete => "delete",
            Action::Replace => "replace",
            Action::Update if !change.is_rename_only() => "update",
            _ => continue,
        };
        let (why, help) = if word != "update" && is_protected(change, now) {
            ("protected", unprotect(change, now))
        } else if let Some(mode) = keeps_off(change, now) {
            (
                mode,
                "take `lifecycle.mode` out of the manifest, and plan again",
            )
        } else {
            continue;
        };
        out.push(Refusal {
            help: help.to_owned(),
            ..PROTECTED_OBJECT.refusal(
                vec![change.key()],
                format!("{} is {why}, and the plan would {word} it", change.key()),
            )
        });
    }
}

/// How to take a protection away: in the manifest, which has to be put back where it is gone.
fn unprotect(change: &Change, now: &Now<'_>) -> &'static str {
    if now.lifecycle(&change.key()).is_some_and(|it| it.protect) {
        "to let it go, apply its manifest with `lifecycle.protect: false` first"
    } else {
        "put the manifest back, or apply it once with `lifecycle.protect: false` first"
    }
}

/// Whether anybody says that the object must stay: the plan, the ledger, or the manifest by now.
fn is_protected(change: &Change, now: &Now<'_>) -> bool {
    let keys = [Some(change.key()), change.previous.clone()];
    let mut keys = keys.iter().flatten();
    let is_object = |id| Some(id) == change.remote_id.as_ref();
    change.protect
        || keys.any(|key| {
            let entry = now.ledger.entries.get(key);
            entry.is_some_and(|entry| entry.protect && is_object(&entry.id))
                || now.lifecycle(key).is_some_and(|it| it.protect)
        })
}

/// In which words a manifest says by now that the program keeps its hands off the object.
fn keeps_off(change: &Change, now: &Now<'_>) -> Option<&'static str> {
    match now.lifecycle(&change.key())?.mode {
        Mode::Observe => Some("only observed (`lifecycle.mode: observe`)"),
        Mode::CreateOnly if change.action != Action::Delete => {
            Some("left to people (`lifecycle.mode: createOnly`)")
        }
        Mode::CreateOnly | Mode::Enforce => None,
    }
}

/// Objects that people made are deleted where the project says so, and nothing else is done to them but to give
/// them a flag back that an object of ours took.
fn foreign_objects(changes: &[Change], now: &Now<'_>, out: &mut Vec<Refusal>) {
    for change in changes.iter().filter(|change| change.foreign) {
        let kind = change.kind;
        let is_meant = match change.action {
            Action::Delete => now.exclusive.contains(&kind),
            Action::Update => change.only_sets_flag(),
            _ => false,
        };
        if !is_meant {
            out.push(Refusal {
                help: format!(
                    "plan again; such objects are deleted only where `prune` is exclusive for {kind}"
                ),
                ..FOREIGN_OBJECT.refusal(vec![change.key()], format!(
                    "the plan would write to {}, which was made in the console",
                    change.key()
                ))
            });
        }
    }
}

fn foreign_children(plan: &Plan, now: &Now<'_>, out: &mut Vec<Refusal>) {
    let inside = around::foreign_children(plan, now.inventory).into_iter();
    let entries = now.ledger.entries.iter();
    let ours: BTreeSet<_> = entries.map(|(key, entry)| (key.kind, &entry.id)).collect();
    out.extend(inside.map(|(key, child)| {
        let is_ours = ours.contains(&(child.kind, &child.id));
        Refusal::of_child(key, &child.display_name, is_ours)
    }));
}

fn in_use(plan: &Plan, now: &Now<'_>, out: &mut Vec<Refusal>) {
    for (key, user) in around::users(plan, now) {
        out.push(Refusal {
            help: "put the manifest back, or remove the reference in the console first".to_owned(),
            ..OBJECT_IN_USE.refusal(
                vec![key.clone()],
                format!("{key} would be deleted, but {user}"),
            )
        });
    }
}

/// The share of a kind's owned objects that is deleted or updated.
fn masses(changes: &[Change], now: &Now<'_>, out: &mut Vec<Refusal>) {
    let guards = now.guards;
    let owned = around::owned(now.before);
    let limits = [
        (
            Action::Delete,
            guards.max_delete_percent,
            MASS_DELETE,
            "delete",
        ),
        (
            Action::Update,
            guards.max_update_percent,
            MASS_UPDATE,
            "update",
        ),
    ];
    for (action, percent, guard, word) in limits {
        for (kind, keys) in by_kind(changes, action) {
            let owned = owned.get(&kind).copied().unwrap_or_default();
            if owned < guards.minimum_objects || keys.len() * 100 <= owned * usize::from(percent) {
                continue;
            }
            let message = format!(
                "the plan would {word} {} of {owned} owned {kind} objects, more than {percent} %",
                keys.len()
            );
            out.push(guard.refusal(keys, message));
        }
    }
}

/// Whether all that an update does is to list more of what lies inside, and to publish it where it never was declared
/// otherwise: what a creation still has to do that was interrupted.
fn only_completes_creation(change: &Change) -> bool {
    let def = change.kind.def();
    let Some(inside) = &def.children else {
        return false;
    };
    let pointer = |field: &FieldChange| {
        let pointer = field.pointer.as_str().strip_prefix("/spec/");
        pointer.map(str::to_owned)
    };
    let is_late = |field: &FieldChange| {
        let staged = def.staged.as_ref();
        let staged = staged.filter(|it| pointer(field).as_deref() == Some(it.field));
        field.last.is_none() && staged.is_some_and(|it| field.after == it.live)
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let gains = |field: &FieldChange| {
        let mut after = list(&field.after).into_iter();
        let mut before = list(&field.before).into_iter();
        pointer(field).as_deref() == Some(inside.field)
            && before.all(|held| after.any(|listed| listed == held))
    };
    change.action == Action::Update
        && change.fields.iter().any(gains)
        && change
            .fields
            .iter()
            .all(|field| gains(field) || is_late(field))
}

/// Whether a delete is what a replacement still has to do that was interrupted: the new object is there.
fn is_left_of_a_replacement(change: &Change) -> bool {
    let key = change.key();
    let kept = change.remote_id.as_ref().map(|id| key.of_replaced(id));
    kept == Some(key)
}

fn by_kind(changes: &[Change], action: Action) -> BTreeMap<KindId, Vec<Key>> {
    let mut keys = BTreeMap::<KindId, Vec<Key>>::new();
    // What is adopted in this very plan was not owned before and is no part of the share; nor is what only gets
    // another name in the manifests.
    // A list that only grows by what is created inside is a part of that creation: an apply that was interrupted goes on.
    for change in changes.iter().filter(|change| {
        change.action == action
            && !change.adopted
            && !change.is_rename_only()
            && !only_completes_creation(change)
            && !is_left_of_a_replacement(change)
    }) {
        keys.entry(change.kind).or_default().push(change.key());
    }
    keys
}

/// Whatever takes away from consumers what they see.
fn live_objects(plan: &Plan, now: &Now<'_>, out: &mut Vec<Refusal>) {
    let effects = effects(plan, now);
    let changes: BTreeMap<Key, &Change> = plan.changes.iter().map(|it| (it.key(), it)).collect();
    let mut alike: Vec<(Loss<'_>, Vec<Key>)> = Vec::new();
    for effect in effects.iter().filter(|it| it.turn == ConsumerTurn::Leaves) {
        let loss = match changes.get(&effect.key) {
            Some(change) if matches!(change.action, Action::Delete | Action::Replace) => {
                Loss::Deleted
            }
            Some(change) if takes_back(change) => Loss::Unpublished,
            _ => Loss::Hidden(effect.why.as_deref().unwrap_or_default()),
        };
        match alike.iter_mut().find(|(of, _)| *of == loss) {
            Some((_, keys)) => keys.push(effect.key.clone()),
            None => alike.push((loss, vec![effect.key.clone()])),
        }
    }
    let refused = alike.into_iter().map(|(loss, objects)| {
        let message = format!("the plan would {}", loss.told(&objects));
        LIVE_OBJECT.refusal(objects, message)
    });
    out.extend(refused);
}

/// How consumers lose what is live. What they lose the same way is one refusal.
#[derive(PartialEq, Eq)]
enum Loss<'e> {
    Deleted,
    Unpublished,
    /// With the reason.
    Hidden(&'e str),
}

impl Loss<'_> {
    fn told(&self, objects: &[Key]) -> String {
        let count = objects.len();
        match (self, objects) {
            (Self::Deleted, [only]) => format!("delete {only}, which is live"),
            (Self::Deleted, _) => format!("delete {count} live objects"),
            (Self::Unpublished, [only]) => format!("unpublish {only}, which is live"),
            (Self::Unpublished, _) => format!("unpublish {count} live objects"),
            (Self::Hidden(why), [only]) => format!("take {only} away from consumers: {why}"),
            (Self::Hidden(why), _) => {
                format!("take {count} objects away from consumers, of each: {why}")
            }
        }
    }
}

/// Whether an update sets the field of the two-step publish to something that consumers see nothing of.
fn takes_back(change: &Change) -> bool {
    let staged = change.kind.def().staged.as_ref();
    staged.is_some_and(|staged| {
        get_path(&change.patch, staged.field)
            .is_some_and(|state| state.as_str() != Some(staged.live))
    })
}
