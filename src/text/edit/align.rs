//! Which item of a list became which of another one.
//!
//! Equal items come first, then mappings that have entries in common: an item that people changed keeps its place and
//! its comments. Order is kept, so an item that moved is one that went and one that came.

use serde_json::Value;

/// What is done, in the order of the new list; what goes stands where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An item stays, maybe changed: its place in the old list and in the new one.
    Keep(usize, usize),
    /// An item of the old list goes.
    Remove(usize),
    /// An item of the new list comes.
    Add(usize),
}

/// Longer lists are compared place by place: the table of their pairs would have too many cells.
const CELLS: usize = 1_000_000;

/// What two equal items are worth; more than any two that are merely alike.
const EQUAL: u64 = 1_000_000;

/// How an old list becomes a new one.
#[must_use]
pub fn steps(old: &[Value], new: &[Value]) -> Vec<Step> {
    let steps = if old.len().saturating_mul(new.len()) > CELLS {
        by_place(old.len(), new.len())
    } else {
        best(old, new)
    };
    let keeps = |step: &Step| matches!(step, Step::Keep(..));
    if steps.iter().any(keeps) {
        in_pairs(&steps)
    } else {
        // Something has to stay, or there would be no place for what comes.
        by_place(old.len(), new.len())
    }
}

fn by_place(old: usize, new: usize) -> Vec<Step> {
    let kept = old.min(new);
    let steps = (0..kept).map(|at| Step::Keep(at, at));
    let gone = (kept..old).map(Step::Remove);
    steps
        .chain(gone)
        .chain((kept..new).map(Step::Add))
        .collect()
}

/// The alignment of the highest worth.
fn best(old: &[Value], new: &[Value]) -> Vec<Step> {
    let width = new.len() + 1;
    let mut worth = vec![0_u64; (old.len() + 1) * width];
    for (at, item) in old.iter().enumerate().rev() {
        for (other, wanted) in new.iter().enumerate().rev() {
            let here = at * width + other;
            let alike = match likeness(item, wanted) {
                0 => 0,
                alike => alike + worth[here + width + 1],
            };
            worth[here] = alike.max(worth[here + width]).max(worth[here + 1]);
        }
    }
    let pairs = old.iter().zip(new);
    if old.len() == new.len() && pairs.map(|(a, b)| likeness(a, b)).sum::<u64>() == worth[0] {
        return by_place(old.len(), new.len());
    }
    let (mut at, mut other, mut steps) = (0, 0, Vec::new());
    while at < old.len() || other < new.len() {
        let here = at * width + other;
        let is_pair = at < old.len() && other < new.len() && {
            let alike = likeness(&old[at], &new[other]);
            alike > 0 && worth[here] == alike + worth[here + width + 1]
        };
        if is_pair {
            steps.push(Step::Keep(at, other));
            (at, other) = (at + 1, other + 1);
        } else if at < old.len() && worth[here] == worth[here + width] {
            steps.push(Step::Remove(at));
            at += 1;
        } else {
            steps.push(Step::Add(other));
            other += 1;
        }
    }
    steps
}

/// How much two items have in common.
fn likeness(old: &Value, new: &Value) -> u64 {
    if old == new {
        return EQUAL;
    }
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return 0;
    };
    let same = old
        .iter()
        .filter(|(key, value)| new.get(*key) == Some(*value));
    (same.count() as u64).min(EQUAL - 1)
}

/// As many items that go as come in one place are the same ones, changed.
fn in_pairs(steps: &[Step]) -> Vec<Step> {
    let mut paired = Vec::with_capacity(steps.len());
    for run in steps.chunk_by(|a, b| is_kept(*a) == is_kept(*b)) {
        let gone: Vec<usize> = run.iter().filter_map(|step| removed(*step)).collect();
        let come: Vec<usize> = run.iter().filter_map(|step| added(*step)).collect();
        if !gone.is_empty() && gone.len() == come.len() {
            paired.extend(
                gone.into_iter()
                    .zip(come)
                    .map(|(at, other)| Step::Keep(at, other)),
            );
        } else {
            paired.extend(run);
        }
    }
    paired
}

const fn is_kept(step: Step) -> bool {
    matches!(step, Step::Keep(..))
}

fn removed(step: Step) -> Option<usize> {
    match step {
        Step::Remove(at) => Some(at),
        _ => None,
    }
}

fn added(step: Step) -> Option<usize> {
    match step {
        Step::Add(at) => Some(at),
        _ => None,
    }
}
