//! The order of the writes.
//!
//! - What refers to a new object waits for its create; so does what lies inside it.
//! - A publish waits for every create and update that it reaches, so that nothing goes live half built.
//! - Whatever is taken back is taken back first.
//! - A delete waits for the writes that let go of its kind, and for the deletes of the next later phase,
//!   which wait for those of the phases behind it.
//!
//! Steps that do not wait for each other are independent. The list is sorted so that every step stands
//! behind what it waits for; ties go by phase, kind and name, so the same changes give the same order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::{Step, Verb};
use crate::kinds::{KindId, uses};
use crate::manifest::Key;
use crate::resolve::reference_key;

/// The steps in order, each with the positions of the steps that it waits for.
pub(super) fn sorted(steps: Vec<Step>) -> Vec<Step> {
    let edges = Waits::new(&steps).edges();
    let order = topological(&steps, &edges);
    let mut position = vec![0; steps.len()];
    for (new, old) in order.iter().enumerate() {
        position[*old] = new;
    }
    let mut slots: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    let ordered = order.iter().filter_map(|old| {
        let mut step = slots[*old].take()?;
        step.after = edges[*old].iter().map(|before| position[*before]).collect();
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
    children: BTreeMap<Key, Vec<&'a Key>>,
    before_deletes: BTreeMap<KindId, BTreeSet<usize>>,
}

impl<'a> Waits<'a> {
    fn new(steps: &'a [Step]) -> Self {
        let mut by_key: BTreeMap<&Key, Vec<usize>> = BTreeMap::new();
        for (index, step) in steps.iter().enumerate() {
            by_key.entry(&step.key).or_default().push(index);
        }
        let references: Vec<Vec<Key>> = steps.iter().map(referenced).collect();
        let mut children: BTreeMap<Key, Vec<&Key>> = BTreeMap::new();
        for step in steps {
            if let Some(parent) = parent_of(step) {
                children.entry(parent).or_default().push(&step.key);
            }
        }
        let doomed: BTreeSet<KindId> = deletes(steps).map(|(_, step)| step.key.kind).collect();
        let before_deletes = doomed
            .into_iter()
            .map(|kind| (kind, before_deletes_of(steps, kind)))
            .collect();
        Self {
            steps,
            by_key,
            references,
            children,
            before_deletes,
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
            Verb::Create | Verb::Update | Verb::Publish | Verb::Manual => {
                for key in &self.references[index] {
                    waits.extend(self.of(key, |verb| verb == Verb::Create));
                }
                if let Some(parent) = parent_of(step) {
                    waits.extend(self.of(&parent, |verb| verb == Verb::Unpublish));
                }
                if step.verb == Verb::Publish {
                    waits.extend(self.reachable_writes(index));
                }
            }
            Verb::Delete => waits.extend(
                self.before_deletes
                    .get(&step.key.kind)
                    .into_iter()
                    .flatten(),
            ),
            Verb::Unpublish | Verb::Adopt | Verb::Forget | Verb::Record => {}
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

    fn of(&self, key: &Key, wanted: impl Fn(Verb) -> bool) -> impl Iterator<Item = usize> {
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
            writes.extend(self.of(&key, |verb| matches!(verb, Verb::Create | Verb::Update)));
            for own in self.by_key.get(&key).into_iter().flatten() {
                open.extend(self.references[*own].iter().cloned());
            }
            open.extend(
                self.children
                    .get(&key)
                    .into_iter()
                    .flatten()
                    .map(|child| (*child).clone()),
            );
        }
        writes
    }
}

fn deletes(steps: &[Step]) -> impl Iterator<Item = (usize, &Step)> {
    let steps = steps.iter().enumerate();
    steps.filter(|(_, step)| step.verb == Verb::Delete)
}

/// What every delete of an object of this kind waits for.
fn before_deletes_of(steps: &[Step], kind: KindId) -> BTreeSet<usize> {
    let next = deletes(steps)
        .map(|(_, step)| step.key.kind.def().phase)
        .filter(|phase| *phase > kind.def().phase)
        .min();
    let waited_for = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| match step.verb {
            Verb::Delete => Some(step.key.kind.def().phase) == next,
            Verb::Update | Verb::Publish => lets_go_of(step, kind),
            Verb::Unpublish => kind
                .def()
                .parent
                .as_ref()
                .is_some_and(|parent| parent.kind == step.key.kind.name()),
            _ => false,
        });
    waited_for.map(|(index, _)| index).collect()
}

/// Whether a write changes a field that referred to an object of this kind.
fn lets_go_of(step: &Step, kind: KindId) -> bool {
    uses(step.key.kind.def().fields, &step.before)
        .iter()
        .any(|found| found.kind == kind.name())
}

fn referenced(step: &Step) -> Vec<Key> {
    let found = uses(step.key.kind.def().fields, &step.spec);
    found
        .into_iter()
        .filter_map(|found| reference_key(found.kind, found.reference))
        .collect()
}

fn parent_of(step: &Step) -> Option<Key> {
    let parent = step.key.kind.def().parent.as_ref()?;
    reference_key(parent.kind, step.spec.get(parent.field)?)
}

/// Kahn's algorithm with a fixed order among steps that are free at the same time.
fn topological(steps: &[Step], edges: &[BTreeSet<usize>]) -> Vec<usize> {
    let rank = |index: usize| {
        let step = &steps[index];
        let phase = u16::from(step.key.kind.def().phase);
        let phase = match step.verb {
            Verb::Unpublish => 0,
            Verb::Delete => 1000 - phase,
            Verb::Publish => 500,
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
    order
}
