//! A plan against one that people reviewed: would the same be done?
//!
//! Compared is everything that decides what is written, and everything that a reviewer was shown of it. What
//! merely dates a plan is left out: its id and time, the version of the program, the state of the ledger, where
//! in a file something stands, how much does not change, and the digest of manifests that may differ elsewhere.
//! So are the fingerprints of live objects: `apply` compares them with the account itself.
//!
//! A run that died may have carried out a part of the reviewed plan. The next one may finish it: what is left must be in the
//! plan as it was reviewed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::consumers::effects;
use super::resumed::writes;
use super::{Action, Change, ConsumerTurn, Effect, Now, Plan, Refusal, StalePlan, Step};
use crate::diff::{ChangeReach, FieldChange};
use crate::kinds::KindId;
use crate::live::Begun;
use crate::manifest::Key;
use crate::name::{Name, RemoteId};
use crate::text::Pointer;

/// Everything in which `plan` is not the one that was reviewed; empty when the same would be done, but for what a run of it that
/// died has begun.
#[must_use]
pub fn differences(reviewed: &Plan, plan: &Plan, begun: Option<&Begun>) -> Vec<StalePlan> {
    // What dates a plan, and all that is compared: a new field has to be put on one of the two sides.
    let Plan {
        format: _,
        id: _,
        created_at: _,
        tool_version: _,
        vocabulary: _of_the_whole,
        manifest_digest: _,
        ledger: _,
        summary: _,
        environment: _,
        account: _,
        // The way from where the plan was made to the project: the ledger and the account say what the project is.
        project: _,
        project_name: _,
        changes: _by_key,
        steps: _of_the_rest,
        references: _,
        known_twins: _,
        reaches: _,
        dependencies: _shown_only,
        live: _,
        effects: _what_goes_live,
        impact: _,
        left_alone: _,
        unsettled: _at_that_moment,
        warnings: _shown_beside,
        refusals: _,
        selection: _,
        digest: _dates_it,
    } = plan;
    let mut found = of_the_whole(reviewed, plan);
    let (then, mut now) = (by_key(reviewed), by_key(plan));
    name_as_reviewed(reviewed, &then, &mut now);
    let keys: BTreeSet<&Key> = then.keys().chain(now.keys()).collect();
    let rest = RestOfPlan::of(reviewed, begun);
    for key in keys {
        let messages = match (then.get(key), now.get(key)) {
            (Some(then), Some(now)) if rest.begun.contains(key) => rest.of_a_change(then, now),
            (Some(then), Some(now)) => of_a_change(then, now),
            (Some(then), None) if rest.goes_on(then, &now) => Vec::new(),
            (None, Some(now)) if rest.has_replaced(now) => Vec::new(),
            (Some(_), None) => vec!["there is nothing left to do".to_owned()],
            (None, _) => vec!["no change of it was reviewed".to_owned()],
        };
        found.extend(messages.into_iter().map(|message| StalePlan {
            key: Some(key.clone()),
            message,
        }));
    }
    if found.is_empty() {
        let is_begun = !rest.begun.is_empty();
        found.extend(of_the_rest(reviewed, plan, is_begun));
    }
    found
}

/// What a run that died has left to do of the plan that was reviewed.
#[derive(Default)]
struct RestOfPlan<'p> {
    /// What a step of was begun.
    begun: BTreeSet<&'p Key>,
    /// What every step of was begun.
    ended: BTreeSet<&'p Key>,
    /// The steps that are done.
    done: Vec<&'p Step>,
    /// The objects that begun changes replace.
    replaced: BTreeSet<(KindId, &'p RemoteId)>,
}

impl<'p> RestOfPlan<'p> {
    fn of(plan: &'p Plan, begun: Option<&Begun>) -> Self {
        let Some(died) = begun else {
            return Self::default();
        };
        let (started, open): (Vec<_>, Vec<_>) = plan
            .steps
            .iter()
            .enumerate()
            .partition(|(at, _)| died.started.contains(at));
        let begun: BTreeSet<&Key> = started.iter().map(|(_, step)| &step.key).collect();
        let open: BTreeSet<&Key> = open.iter().map(|(_, step)| &step.key).collect();
        let is_done = |at: &usize| died.applied.contains(at);
        let done = started.into_iter().filter(|(at, _)| is_done(at));
        let replaces = plan
            .changes
            .iter()
            .filter(|change| change.action == Action::Replace && begun.contains(&change.key()));
        let replaced =
            replaces.filter_map(|change| Some((change.kind, change.remote_id.as_ref()?)));
        Self {
            replaced: replaced.collect(),
            ended: begun.difference(&open).copied().collect(),
            begun,
            done: done.map(|(_, step)| step).collect(),
        }
    }

    /// How what is left of a change differs from what was reviewed of it. What was created goes live last, and lists what lies
    /// inside it once that is there; any other field that is to be written was not reviewed like that.
    fn of_a_change(&self, then: &Change, now: &Change) -> Vec<String> {
        let is_ended = self.ended.contains(&then.key());
        // A lost answer: what was to be written is there, or gone, and only the ledger does not know it.
        let is_settled = match then.action {
            Action::Delete => now.action == Action::Forget,
            _ => now.action == Action::None,
        };
        if is_ended && is_settled {
            return Vec::new();
        }
        let again = now
            .fields
            .iter()
            .filter(|field| self.has_written(then, field));
        let again = again.map(|field| format!("`{}` changes again", field.path()));
        let again: Vec<String> = again.collect();
        if !again.is_empty() {
            return again;
        }
        let was_made = matches!(then.action, Action::Create | Action::Replace);
        if was_made && now.action == Action::Update {
            return of_what_was_made(then, now, is_ended);
        }
        let mut rest = then.clone();
        rest.fields.retain(|field| now.fields.contains(field));
        of_a_change(&rest, now)
    }

    /// Whether nothing is left of a change but the delete of what it has replaced.
    fn goes_on(&self, then: &Change, now: &BTreeMap<Key, Change>) -> bool {
        let is_replaced = |it: &Change| it.remote_id == then.remote_id && self.has_replaced(it);
        let is_half = then.action == Action::Replace && now.values().any(is_replaced);
        self.ended.contains(&then.key()) || is_half
    }

    /// Whether it is the delete, still to come, of what a reviewed change has replaced: the ledger keeps that under a name of its own.
    fn has_replaced(&self, now: &Change) -> bool {
        let is_it = |id| self.replaced.contains(&(now.kind, id));
        matches!(now.action, Action::Delete | Action::Forget)
            && now.remote_id.as_ref().is_some_and(is_it)
    }

    /// Whether a step that is done wrote the field. What lies inside an object is listed by other writes, too.
    fn has_written(&self, then: &Change, field: &FieldChange) -> bool {
        let Some(at) = field.pointer.below_spec() else {
            return false;
        };
        let inside = then.kind.def().children.as_ref().map(|it| it.field);
        let is_inside = at.steps().next().as_deref() == inside;
        let key = then.key();
        let mut done = self.done.iter().filter(|step| step.key == key);
        !is_inside && done.any(|step| writes(step, &at))
    }
}

/// How what is left of a create differs from it.
fn of_what_was_made(then: &Change, now: &Change, is_ended: bool) -> Vec<String> {
    if let Some(staged) = then.kind.def().staged.as_ref().filter(|_| !is_ended) {
        let at = Pointer::from("/spec").key(staged.field);
        let declared = then.declared.get(staged.field);
        let goes_live = declared.and_then(Value::as_str) == Some(staged.live);
        if goes_live && !now.fields.iter().any(|field| field.pointer == at) {
            return vec![format!("`{}` no longer changes", staged.field)];
        }
    }
    let others = now.fields.iter().filter(|field| !is_left_of(then, field));
    let others = others.map(|field| format!("`{}` changes, too", field.path()));
    others.collect()
}

fn whole(message: String) -> StalePlan {
    StalePlan { key: None, message }
}

/// What a plan says of itself.
fn of_the_whole(reviewed: &Plan, plan: &Plan) -> Vec<StalePlan> {
    let said = [
        ("environment", &reviewed.environment, &plan.environment),
        ("account", &reviewed.account, &plan.account),
    ];
    let said = said.into_iter().filter(|(_, then, now)| then != now);
    let said =
        said.map(|(what, then, now)| whole(format!("the {what} is `{now}`, and was `{then}`")));
    let words = (reviewed.vocabulary != plan.vocabulary).then(|| {
        whole("it maps words to other numbers of the platform than this version".to_owned())
    });
    said.chain(words).collect()
}

/// The changes as they are compared, by what they are about.
fn by_key(plan: &Plan) -> BTreeMap<Key, Change> {
    let changes = plan.changes.iter();
    changes
        .map(|change| (change.key(), essence(change)))
        .collect()
}

/// Lists of what lies inside name an object that was replaced since by the name that it had when the plan was reviewed: the
/// ledger keeps it under another one until it is deleted.
fn name_as_reviewed(
    reviewed: &Plan,
    then_changes: &BTreeMap<Key, Change>,
    now: &mut BTreeMap<Key, Change>,
) {
    let replaced = reviewed.changes.iter().filter_map(|change| {
        let id = change.remote_id.as_ref()?;
        let (kept, key) = (change.key().of_replaced(id), change.key());
        (change.action == Action::Replace).then(|| (kept, Value::from(key.name.to_string())))
    });
    let replaced: BTreeMap<Key, Value> = replaced.collect();
    for (key, change) in now {
        let Some(inside) = &change.kind.def().children else {
            continue;
        };
        let (kind, list) = (
            KindId::known(inside.kind),
            Pointer::from("/spec").key(inside.field),
        );
        let then = |name: &str| {
            let name = Name::new(name).ok()?;
            replaced.get(&Key { kind, name })
        };
        for field in change.fields.iter_mut().filter(|it| it.pointer == list) {
            let values = [Some(&mut field.before), field.last.as_mut()];
            let members = values.into_iter().flatten().filter_map(Value::as_array_mut);
            for member in members.flatten() {
                if let Some(name) = member.as_str().and_then(then) {
                    member.clone_from(name);
                }
            }
            // By its other name it looked as if somebody had put it there.
            let then = then_changes.get(key).into_iter().flat_map(|it| &it.fields);
            let mut then = then.filter(|it| it.pointer == field.pointer);
            if let Some(then) = then.find(|it| {
                (&it.before, &it.after, &it.last) == (&field.before, &field.after, &field.last)
            }) {
                field.cause = then.cause;
            }
        }
    }
}

/// A change without what does not matter, and without what a file does not keep.
fn essence(change: &Change) -> Change {
    let mut change = Change {
        patch: Value::Null,
        expected: Value::Null,
        refers_to: Vec::new(),
        unchanged: 0,
        was: Value::Null,
        source: None,
        fingerprint: BTreeMap::new(),
        ..change.clone()
    };
    for field in &mut change.fields {
        field.source = None;
    }
    change
}

/// Whether a field is written after the create that was reviewed, as that had it.
fn is_left_of(then: &Change, field: &FieldChange) -> bool {
    let def = then.kind.def();
    let staged = def.staged.as_ref().map(|it| it.field);
    let listed = def.children.as_ref().map(|it| it.field);
    let at = field.pointer.below_spec();
    let mut left = staged.into_iter().chain(listed);
    let is_left = left.any(|it| at == Some(Pointer::root().key(it)));
    let reviewed = at.and_then(|at| at.get(&then.declared));
    is_left && reviewed.is_none_or(|value| *value == field.after)
}

/// How two changes of one object differ.
fn of_a_change(then: &Change, now: &Change) -> Vec<String> {
    if then == now {
        return Vec::new();
    }
    if then.action != now.action {
        let (then, now) = (name_of(then), name_of(now));
        return vec![format!("it is `{now}` now, and was `{then}`")];
    }
    if then.remote_id != now.remote_id {
        return vec!["it is another object on the account".to_owned()];
    }
    let fields = |change: &Change| -> BTreeMap<String, Value> {
        let fields = change.fields.iter();
        fields
            .map(|field| (field.path(), serde_json::json!(field)))
            .collect()
    };
    let (then_fields, now_fields) = (fields(then), fields(now));
    let paths: BTreeSet<&String> = then_fields.keys().chain(now_fields.keys()).collect();
    let differs = paths
        .into_iter()
        .filter(|path| then_fields.get(*path) != now_fields.get(*path));
    let mut messages: Vec<String> = differs
        .map(|path| {
            match (
                then_fields.contains_key(path),
                now_fields.contains_key(path),
            ) {
                (true, true) => format!("`{path}` changes in another way"),
                (true, false) => format!("`{path}` no longer changes"),
                _ => format!("`{path}` changes, too"),
            }
        })
        .collect();
    if messages.is_empty() {
        messages.push("its manifest or its action changed".to_owned());
    }
    messages
}

/// The action as it is written in a plan.
fn name_of(change: &Change) -> String {
    let json = serde_json::json!(change.action);
    json.as_str().unwrap_or_default().to_owned()
}

/// What else decides a plan, where its changes are the same, or are what is left of those that were begun.
fn of_the_rest(reviewed: &Plan, plan: &Plan, is_begun: bool) -> Vec<StalePlan> {
    let mut found = live_only_now(reviewed, &plan.effects, is_begun);
    let mut compare = |is_same: bool, message: &str| {
        if !is_same {
            found.push(whole(message.to_owned()));
        }
    };
    if is_begun {
        let mut refusals = plan.refusals.iter();
        let is_held_alike = refusals.all(|it| is_left_of_a_guard(reviewed, it));
        // What is done leaves no change behind that could be compared.
        compare(
            reviewed.manifest_digest == plan.manifest_digest,
            "the manifests changed since a run of it was interrupted",
        );
        compare(is_held_alike, "other guards hold it back");
        compare(
            is_about(reviewed) == is_about(plan),
            "it covers another part of the manifests",
        );
        return found;
    }
    compare(
        reaches_no_more(&plan.reaches, &reviewed.reaches),
        "its changes reach other campaigns or engagements",
    );
    compare(
        reviewed.left_alone == plan.left_alone,
        "it leaves other objects alone",
    );
    compare(
        reviewed.refusals == plan.refusals,
        "other guards hold it back",
    );
    compare(
        reviewed.references == plan.references,
        "what its changes refer to has another id",
    );
    let same_steps = reviewed.steps == plan.steps && reviewed.known_twins == plan.known_twins;
    compare(same_steps, "the writes, or their order, are others");
    compare(
        is_about(reviewed) == is_about(plan),
        "it covers another part of the manifests",
    );
    found
}

/// What goes live by a saved plan although it writes nothing to it, and did not when the plan was made: a colleague enabled it
/// since, say. Of what it writes to, the fingerprints say so.
#[must_use]
pub fn listed_only_now(plan: &Plan, now: &Now<'_>) -> Vec<StalePlan> {
    let mut effects = effects(plan, now);
    effects.retain(|effect| effect.why.is_some());
    live_only_now(plan, &effects, false)
}

/// What goes live by these effects and did not by the plan that was reviewed: a colleague published what lies around it, say,
/// or enabled it. What a run that died has begun may be told at another object than before.
fn live_only_now(reviewed: &Plan, effects: &[Effect], is_begun: bool) -> Vec<StalePlan> {
    let was_told = |effect: &Effect| {
        let mut told = reviewed.effects.iter();
        let mut changes = reviewed.changes.iter();
        told.any(|it| it.key == effect.key && it.turn == ConsumerTurn::GoesLive)
            || is_begun && changes.any(|it| it.key() == effect.key)
    };
    let live = effects
        .iter()
        .filter(|it| it.turn == ConsumerTurn::GoesLive);
    let new = live.filter(|it| !was_told(it)).map(|effect| StalePlan {
        key: Some(effect.key.clone()),
        message: "it goes live, and did not when the plan was made".to_owned(),
    });
    new.collect()
}

/// Whether a plan reaches what the one that was reviewed reaches, and nothing that consumers see only now: what is over
/// meanwhile, such as a campaign, takes nothing from what was approved.
fn reaches_no_more(plan: &[ChangeReach], reviewed: &[ChangeReach]) -> bool {
    let mut plan = plan.to_vec();
    for (now, then) in plan.iter_mut().zip(reviewed) {
        for (now, then) in now.objects.iter_mut().zip(&then.objects) {
            now.live |= then.live;
        }
    }
    plan == reviewed
}

/// Whether a guard holds back what is left of what it held back in the plan that was reviewed: it names what is done no more.
fn is_left_of_a_guard(reviewed: &Plan, now: &Refusal) -> bool {
    reviewed.refusals.iter().any(|then| {
        let is_part = now.objects.iter().all(|key| then.objects.contains(key));
        let is_smaller = is_part && now.objects.len() < then.objects.len();
        then == now || (then.rule == now.rule && then.flag == now.flag && is_smaller)
    })
}

/// The flags that a plan was narrowed down with. A commit is no such flag: it moves on with the branch.
fn is_about(plan: &Plan) -> Option<(&[Key], &[String], &[Key])> {
    let narrowed = plan.selection.as_ref()?;
    Some((&narrowed.targets, &narrowed.selectors, &narrowed.excludes))
}
