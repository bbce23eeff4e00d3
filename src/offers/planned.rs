//! The account before a plan and after it, as two worlds.
//!
//! Before: every live object that has a say, as it would be exported; what its conditions mean is what the manifests say
//! of the same conditions, or what the ledger says. After: the same with what the plan creates, changes and deletes.
//! Objects that people made are in both, so that what competes with them is seen.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::assertion::offered_for_certain;
use super::closing::can_close;
use super::difference::differences;
use super::example::{example, is_sayable};
use super::judgement::Judge;
use super::outcome::VisitOutcome;
use super::reported::reported;
use super::truth::Truth;
use super::visit::Visit;
use super::world::World;
use crate::diff::{Changes, remembered_spec};
use crate::export::free_name;
use crate::kinds::mapping::{canonical, carry_notes, renew_notes, with_defaults, with_notes};
use crate::kinds::offering::Assumed;
use crate::kinds::{KindDef, KindId, Lookup as _};
use crate::live::{Inventory, Ledger, LiveObject, References};
use crate::manifest::Key;
use crate::name::{Name, RemoteId};
use crate::plan::{Action, Impact, Shifted};
use crate::resolve::Desired;

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct ImpactInput<'a> {
    /// What was read of the account: the kinds of [`kinds_with_a_say`] whole.
    pub inventory: &'a Inventory,
    /// What was applied before.
    pub ledger: &'a Ledger,
    /// What is wanted.
    pub desired: &'a Desired,
    /// What the plan changes.
    pub changes: &'a Changes,
}

/// The kinds of objects that have a say in who is offered what.
pub fn kinds_with_a_say() -> impl Iterator<Item = KindId> {
    KindId::manifests().filter(|kind| {
        let def = kind.def();
        let nothing = Value::Object(Map::new());
        def.collection.is_some() && (def.reading)(&with_defaults(def, &nothing)).is_some()
    })
}

/// For so many differences it is said what competes with them: that takes a look at all engagements each.
const TOLD_WITH_RIVALS: usize = 200;

/// The same visit, at which nothing else is reported than it says: so a test takes it.
fn with_nothing_more(visit: &Visit) -> Visit {
    let mut whole = visit.clone();
    for (fact, nothing) in reported(&[]) {
        whole.facts.entry(fact).or_insert(nothing);
    }
    whole
}

/// Whether nothing can be offered in the place of an engagement, and what else can be, where nothing more is reported.
fn rivals(world: &World, visit: &Visit, key: &Key, assumed: &Assumed) -> (bool, Vec<Key>) {
    let own = Judge::new(world, visit, assumed).whole(key);
    if own.truth != Truth::Yes {
        return (false, Vec::new());
    }
    let outcome = VisitOutcome::in_brief(world, &with_nothing_more(visit), assumed);
    let alone = outcome.alone(world, key, assumed).truth == Truth::Yes;
    let may_be = |key: &Key| outcome.possible(world, key, assumed).truth != Truth::No;
    let others = outcome
        .rivals(world, key)
        .into_iter()
        .map(|(rival, _)| rival);
    (alone, others.filter(may_be).collect())
}

/// The share of an engagement at a visit in percent, to the next whole number, where it is known who takes part.
fn percent(world: &World, visit: &Visit, key: &Key, assumed: &Assumed) -> Option<f64> {
    let outcome = VisitOutcome::in_brief(world, visit, assumed);
    let mut contests = outcome.contests.into_iter();
    let share = contests.find_map(|it| it.shares.get(key).copied())?;
    Some((share * 100.0).round())
}

/// What visitors are offered differently in two worlds, from a time on.
#[must_use]
pub fn impact(before: &World, after: &World, assumed: &Assumed, now: Timestamp) -> Impact {
    let rows = differences(before, after, assumed, Some(now));
    let rows = rows.into_iter().enumerate();
    let rows = rows.map(|(index, found)| {
        let visit = found.example.as_ref().filter(|_| index < TOLD_WITH_RIVALS);
        let (alone, with) = visit.map_or((false, Vec::new()), |visit| {
            rivals(after, visit, &found.engagement, assumed)
        });
        let share = visit.and_then(|visit| {
            let percent = |world: &World| percent(world, visit, &found.engagement, assumed);
            let new = percent(after)?;
            percent(before)
                .is_some_and(|old| (old - new).abs() > 0.5)
                .then_some(new)
        });
        let closes = visit.map_or_else(Vec::new, |visit| {
            let closed = visit.closed.iter();
            let closed = closed.filter(|key| can_close(after, visit, assumed, key));
            closed.cloned().collect()
        });
        let instead = visit.and_then(|visit| {
            let is_gone = after.offering(&found.engagement).is_none();
            is_gone.then(|| offered_for_certain(after, visit, assumed))?
        });
        let (before, after) = found.values.unwrap_or_default();
        Shifted {
            instead,
            share,
            engagement: found.engagement,
            shift: found.turn,
            before,
            after,
            visit: found
                .example
                .as_ref()
                .filter(|it| is_sayable(it))
                .map(example),
            closes,
            alone,
            with,
            reasons: found.reasons.iter().map(ToString::to_string).collect(),
            rests_on: found.rests.iter().map(|it| it.word().to_owned()).collect(),
        }
    });
    Impact {
        differences: rows.collect(),
    }
}

/// The account before a plan and after it.
#[must_use]
pub fn worlds(planned: &ImpactInput<'_>) -> (World, World) {
    let say: BTreeSet<KindId> = kinds_with_a_say().collect();
    let objects: Vec<&LiveObject> = planned
        .inventory
        .iter()
        .filter(|it| say.contains(&it.kind))
        .collect();
    let keys = keys(planned, &objects);
    let mut references = planned.changes.references.clone();
    for object in objects.iter().filter(|it| !it.system) {
        let key = &keys[&(object.kind, object.id.clone())];
        references.insert_live(object, Some(key.name.to_string()));
    }
    let told = HeldMeanings {
        planned,
        references: &references,
    };
    let (mut before, mut after) = (World::default(), World::default());
    let changes: BTreeMap<Key, &crate::diff::Change> = planned
        .changes
        .changes
        .iter()
        .map(|change| (change.key(), change))
        .collect();
    for object in &objects {
        let key = &keys[&(object.kind, object.id.clone())];
        let spec = told.held(key, object);
        before.add(key, &spec);
        match changes.get(key) {
            Some(change) if matches!(change.action, Action::Delete | Action::Replace) => {}
            Some(change) => after.add(key, &told.changed(key, spec, &change.patch)),
            None => after.add(key, &spec),
        }
    }
    for change in planned
        .changes
        .changes
        .iter()
        .filter(|it| say.contains(&it.kind))
    {
        if matches!(change.action, Action::Create | Action::Replace) {
            let key = change.key();
            if let Some(spec) = told.wanted(&key) {
                after.add(&key, &spec);
            }
        }
    }
    before.leave_out_unlisted();
    after.leave_out_unlisted();
    (before, after)
}

/// A name for each live object: of its manifest, of the ledger, or one made of what people see.
fn keys(planned: &ImpactInput<'_>, objects: &[&LiveObject]) -> BTreeMap<(KindId, RemoteId), Key> {
    let mut keys = BTreeMap::new();
    for change in &planned.changes.changes {
        if let Some(id) = &change.remote_id {
            keys.insert((change.kind, id.clone()), change.key());
        }
    }
    for (key, entry) in &planned.ledger.entries {
        keys.entry((key.kind, entry.id.clone()))
            .or_insert_with(|| key.clone());
    }
    let mut taken: BTreeSet<(KindId, Name)> = keys
        .values()
        .map(|key| (key.kind, key.name.clone()))
        .collect();
    taken.extend(
        planned
            .desired
            .iter()
            .map(|it| (it.key.kind, it.key.name.clone())),
    );
    for object in objects {
        keys.entry((object.kind, object.id.clone()))
            .or_insert_with(|| Key {
                kind: object.kind,
                name: free_name(object, &mut taken),
            });
    }
    keys
}

struct HeldMeanings<'a> {
    planned: &'a ImpactInput<'a>,
    references: &'a References,
}

impl HeldMeanings<'_> {
    /// What the account holds, with what its conditions mean.
    fn held(&self, key: &Key, object: &LiveObject) -> Value {
        let def = key.kind.def();
        let entry = self.planned.ledger.entries.get(key);
        let mut spec = remembered_spec(def, self.references, object, entry);
        if let Some(entry) = entry {
            carry_notes(def.fields, &self.noted(def, &entry.spec(def)), &mut spec);
        }
        // A note that was corrected is about what the account holds as well.
        if let Some(wanted) = self.wanted(key) {
            renew_notes(def.fields, &wanted, &mut spec);
        }
        spec
    }

    /// What the manifest wants, in the words of the account.
    fn wanted(&self, key: &Key) -> Option<Value> {
        let resource = self.planned.desired.get(key)?;
        Some(self.noted(key.kind.def(), &resource.spec))
    }

    fn noted(&self, def: &'static KindDef, spec: &Value) -> Value {
        with_notes(def.fields, spec, canonical(def, spec, self.references))
    }

    /// Puts names for the members of a list of what lies inside: a patch refers to those of other people by what they are called
    /// on the account.
    fn name_listed(&self, def: &KindDef, spec: &mut Value) {
        let Some(children) = &def.children else {
            return;
        };
        let list = spec.get_mut(children.field).and_then(Value::as_array_mut);
        for member in list.into_iter().flatten() {
            let id = self.references.to_id(children.kind, member);
            *member = self.references.to_ref(children.kind, &id);
        }
    }

    /// What the account will hold: what a plan does not write stays.
    fn changed(&self, key: &Key, mut spec: Value, patch: &Value) -> Value {
        merge(&mut spec, patch);
        self.name_listed(key.kind.def(), &mut spec);
        let is_written = patch.as_object().is_some_and(|it| !it.is_empty());
        if let Some(wanted) = self.wanted(key).filter(|_| is_written) {
            renew_notes(key.kind.def().fields, &wanted, &mut spec);
        }
        spec
    }
}

/// Puts a patch over a spec: a null takes a field out, a list takes the place of a list.
fn merge(spec: &mut Value, patch: &Value) {
    let (Value::Object(spec), Value::Object(patch)) = (spec, patch) else {
        return;
    };
    for (key, new) in patch {
        match (spec.get_mut(key), new) {
            (_, Value::Null) => drop(spec.shift_remove(key)),
            (Some(known @ Value::Object(_)), Value::Object(_)) => merge(known, new),
            _ => drop(spec.insert(key.clone(), without_nulls(new))),
        }
    }
}

/// The same without what a patch takes out of the items of its lists.
fn without_nulls(patch: &Value) -> Value {
    match patch {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            let kept = kept.map(|(key, value)| (key.clone(), without_nulls(value)));
            Value::Object(kept.collect())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        value => value.clone(),
    }
}
