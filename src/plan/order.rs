//! The order of the writes.
//!
//! - What refers to a new object waits for its create; so does what lies inside it.
//! - A publish waits for every create and update that it reaches, also through objects that do not change, so that nothing goes
//!   live half built; and for the deletes inside it, so that nothing goes live that is to go.
//! - Whatever is taken back is taken back first.
//! - A delete waits for the writes and deletes that let go of its object.
//!
//! Steps that do not wait for each other are independent. The list is sorted so that every step stands
//! behind what it waits for; ties go by phase, kind and name, so the same changes give the same order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use serde_json::Value;

use super::{Change, Dependency, Step, StepVerb};
use crate::kinds::{KindId, uses};
use crate::manifest::Key;
use crate::resolve::reference_key;

/// The steps in order, each with the positions of the steps that it waits for.
pub(super) fn sorted(
    steps: Vec<Step>,
    changes: &[Change],
    dependencies: &[Dependency],
) -> Vec<Step> {
    let edges = Waits::new(&steps, changes, dependencies).edges();
    let order = topological(&steps, &edges);
    let mut position = vec![0; steps.len()];
    for (new, old) in order.iter().enumerate() {
        position[*old] = new;
    }
    let mut slots: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    let ordered = order.iter().filter_map(|old| {
        let mut step = slots[*old].take()?;
        let own = position[*old];
        let after = edges[*old].iter().map(|before| position[*before]);
        step.after = after.filter(|before| *before < own).collect();
        step.after.sort_unstable();
        Some(step)
    });
    ordered.collect()
}

/// Who waits for whom.
struct Waits<'a> {
    steps: &'a [Step],
    by_key: BTreeMap<&'a Key, Vec<usize>>,
    references: Vec<Vec<Key>>,
    reach: Reach,
    /// The steps after which nothing of ours refers to an object any more.
    letting_go: BTreeMap<Key, Vec<usize>>,
    changes: &'a [Change],
}

impl<'a> Waits<'a> {
    fn new(steps: &'a [Step], changes: &'a [Change], dependencies: &[Dependency]) -> Self {
        let mut by_key: BTreeMap<&Key, Vec<usize>> = BTreeMap::new();
        for (index, step) in steps.iter().enumerate() {
            by_key.entry(&step.key).or_default().push(index);
        }
        let references: Vec<Vec<Key>> = steps.iter().map(referenced).collect();
        let mut letting_go: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (index, step) in steps.iter().enumerate() {
            for key in lets_go_of(step, changes) {
                letting_go.entry(key).or_default().push(index);
            }
        }
        Self {
            steps,
            by_key,
            references,
            reach: Reach::new(changes, dependencies),
            letting_go,
            changes,
        }
    }

    fn edges(&self) -> Vec<BTreeSet<usize>> {
        (0..self.steps.len())
            .map(|index| self.waits_for(index))
            .collect()
    }

    fn waits_for(&self, index: usize) -> BTreeSet<usize> {
        let step = &self.steps[index];
        let mut waits = self.own_earlier(index);
        match step.verb {
            StepVerb::Create | StepVerb::Update | StepVerb::Publish | StepVerb::Manual => {
                for key in &self.references[index] {
                    waits.extend(self.of(key, |verb| verb == StepVerb::Create));
                }
                if let Some(parent) = parent_of(step) {
                    waits.extend(self.of(&parent, |verb| verb == StepVerb::Unpublish));
                }
                if step.verb == StepVerb::Publish {
                    waits.extend(self.reachable_writes(index));
                    waits.extend(self.deletes_inside(index));
                }
            }
            StepVerb::Delete => {
                waits.extend(self.letting_go.get(&step.key).into_iter().flatten());
                for around in &self.changes[step.change].refers_to {
                    waits.extend(self.of(around, |verb| verb == StepVerb::Unpublish));
                }
            }
            // Only the ledger knows which id in a list was ours and is gone.
            StepVerb::Forget => waits.extend(self.letting_go.get(&step.key).into_iter().flatten()),
            StepVerb::Unpublish | StepVerb::Adopt | StepVerb::Record | StepVerb::Rename => {}
        }
        waits.remove(&index);
        waits
    }

    /// The earlier steps of the same object, which were made in their order.
    fn own_earlier(&self, index: usize) -> BTreeSet<usize> {
        let own = self
            .by_key
            .get(&self.steps[index].key)
            .into_iter()
            .flatten();
        own.copied().filter(|other| *other < index).collect()
    }

    fn of(&self, key: &Key, wanted: impl Fn(StepVerb) -> bool) -> impl Iterator<Item = usize> {
        let found = self.by_key.get(key).into_iter().flatten().copied();
        found.filter(move |index| wanted(self.steps[*index].verb))
    }

    /// The creates and updates of everything that a publish makes visible.
    fn reachable_writes(&self, index: usize) -> BTreeSet<usize> {
        let mut writes = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![self.steps[index].key.clone()];
        while let Some(key) = open.pop() {
            if !seen.insert(key.clone()) {
                continue;
            }
            writes.extend(self.of(&key, |verb| {
                matches!(verb, StepVerb::Create | StepVerb::Update)
            }));
            for own in self.by_key.get(&key).into_iter().flatten() {
                open.extend(self.references[*own].iter().cloned());
            }
            open.extend(self.reach.of(&key).cloned());
        }
        writes
    }

    /// The deletes of what lies inside the object that a publish makes visible.
    fn deletes_inside(&self, publish: usize) -> impl Iterator<Item = usize> {
        let steps = 0..self.steps.len();
        steps.filter(move |delete| self.goes_live_after(publish, *delete))
    }

    /// Whether a step publishes the object that another one deletes something inside of: what goes must not be shown for a
    /// moment.
    fn goes_live_after(&self, publish: usize, delete: usize) -> bool {
        let (publish, delete) = (&self.steps[publish], &self.steps[delete]);
        if publish.verb != StepVerb::Publish || delete.verb != StepVerb::Delete {
            return false;
        }
        let Some(around) = delete.key.kind.def().parent.as_ref() else {
            return false;
        };
        let (outer, inner) = (&self.changes[publish.change], &self.changes[delete.change]);
        let is_in = |id| outer.remote_id.as_ref() == Some(id);
        publish.key.kind.name() == around.kind && inner.remote_parent.as_ref().is_some_and(is_in)
    }
}

/// What is visible with an object: what it refers to, and what lies inside it. A write of a part of it does not say, so this is
/// by what is declared, also of objects in between that do not change.
struct Reach(BTreeMap<Key, BTreeSet<Key>>);

impl Reach {
    fn new(changes: &[Change], dependencies: &[Dependency]) -> Self {
        let mut reach = BTreeMap::<Key, BTreeSet<Key>>::new();
        let mut add = |of: &Key, on: Key, inside: bool| {
            let (from, to) = if inside {
                (on, of.clone())
            } else {
                (of.clone(), on)
            };
            reach.entry(from).or_default().insert(to);
        };
        for change in changes {
            let key = change.key();
            let inside = inside(change.kind, &change.declared);
            for on in keys_of(change.kind, &change.declared) {
                let is_inside = inside.as_ref() == Some(&on);
                add(&key, on, is_inside);
            }
        }
        for dependency in dependencies {
            for on in &dependency.on {
                let is_inside = dependency.inside.as_ref() == Some(on);
                add(&dependency.of, on.clone(), is_inside);
            }
        }
        Self(reach)
    }

    fn of(&self, key: &Key) -> impl Iterator<Item = &Key> {
        self.0.get(key).into_iter().flatten()
    }
}

/// The objects that a step lets go of: a delete of what its object refers to, a write of what its fields
/// referred to before.
fn lets_go_of(step: &Step, changes: &[Change]) -> Vec<Key> {
    match step.verb {
        StepVerb::Delete => changes[step.change].refers_to.clone(),
        StepVerb::Update | StepVerb::Publish => keys_of(step.key.kind, &step.before),
        _ => Vec::new(),
    }
}

/// The objects that a spec refers to.
fn keys_of(kind: KindId, spec: &Value) -> Vec<Key> {
    let found = uses(kind.def().fields, spec).into_iter();
    found
        .filter_map(|found| reference_key(found.kind, found.reference))
        .collect()
}

fn referenced(step: &Step) -> Vec<Key> {
    keys_of(step.key.kind, &step.spec)
}

fn parent_of(step: &Step) -> Option<Key> {
    inside(step.key.kind, &step.spec)
}

/// What an object is declared to lie inside of.
fn inside(kind: KindId, spec: &Value) -> Option<Key> {
    let parent = kind.def().parent.as_ref()?;
    reference_key(parent.kind, spec.get(parent.field)?)
}

/// Kahn's algorithm with a fixed order among steps that are free at the same time.
fn topological(steps: &[Step], edges: &[BTreeSet<usize>]) -> Vec<usize> {
    let rank = |index: usize| {
        let step = &steps[index];
        let phase = u16::from(step.key.kind.def().phase);
        let phase = match step.verb {
            StepVerb::Unpublish => 0,
            StepVerb::Delete => 1000 - phase,
            StepVerb::Publish => 500,
            _ => 1 + phase,
        };
        (phase, &step.key, step.verb, index)
    };
    let mut waiting: Vec<usize> = edges.iter().map(BTreeSet::len).collect();
    let mut dependants: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for (index, before) in edges.iter().enumerate() {
        for before in before {
            dependants[*before].push(index);
        }
    }
    let mut free: BinaryHeap<_> = (0..steps.len())
        .filter(|index| waiting[*index] == 0)
        .map(|index| Reverse(rank(index)))
        .collect();
    let mut order = Vec::with_capacity(steps.len());
    while let Some(Reverse((_, _, _, index))) = free.pop() {
        order.push(index);
        for next in &dependants[index] {
            waiting[*next] -= 1;
            if waiting[*next] == 0 {
                free.push(Reverse(rank(*next)));
            }
        }
    }
    // Nothing of ours makes a circle; should one come about, no write may get lost in it.
    let placed: BTreeSet<usize> = order.iter().copied().collect();
    let mut left: Vec<usize> = (0..steps.len())
        .filter(|index| !placed.contains(index))
        .collect();
    left.sort_by_key(|index| rank(*index));
    order.extend(left);
    order
}
