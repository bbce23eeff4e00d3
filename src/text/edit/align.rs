//! Which item of a list became which of another one.
//!
//! Equal items come first, then those that have something in common: an item that people changed keeps its place and its
//! comments. An item that only stands elsewhere has moved, and takes its comments along. What has nothing in common with what
//! was in its place is another item.

use serde_json::Value;

/// What is done, in the order of the new list; what goes stands where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlignmentStep {
    /// An item stays, maybe changed: its place in the old list and in the new one.
    Keep(usize, usize),
    /// An item comes to stand behind others or in front of them, maybe changed.
    Move(usize, usize),
    /// Another item comes in the place of one that goes.
    Replace(usize, usize),
    /// An item of the old list goes.
    Remove(usize),
    /// An item of the new list comes.
    Add(usize),
}

/// Longer lists are compared place by place: the table of their pairs would have too many cells.
const CELLS: usize = 1_000_000;

/// What two equal items are worth; more than any two that are merely alike.
const EQUAL: u64 = 1_000_000;

/// What two equal entries of mappings are worth; more than any two that are merely alike.
const EQUAL_ENTRY: u64 = 1_000;

/// How an old list becomes a new one.
#[must_use]
pub fn steps(old: &[Value], new: &[Value]) -> Vec<AlignmentStep> {
    let pairs = || old.iter().zip(new);
    let head = pairs().take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = tail.take_while(|(a, b)| a == b).count();
    let (olds, news) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let inner = if olds.len().saturating_mul(news.len()) > CELLS {
        by_place(olds, news)
    } else {
        in_pairs(olds, news, &moved(olds, news, &best(olds, news)))
    };
    let shifted = inner.into_iter().map(|step| match step {
        AlignmentStep::Keep(at, other) => AlignmentStep::Keep(at + head, other + head),
        AlignmentStep::Move(at, other) => AlignmentStep::Move(at + head, other + head),
        AlignmentStep::Replace(at, other) => AlignmentStep::Replace(at + head, other + head),
        AlignmentStep::Remove(at) => AlignmentStep::Remove(at + head),
        AlignmentStep::Add(other) => AlignmentStep::Add(other + head),
    });
    let first = (0..head).map(|at| AlignmentStep::Keep(at, at));
    let last = (0..tail)
        .rev()
        .map(|back| AlignmentStep::Keep(old.len() - 1 - back, new.len() - 1 - back));
    first.chain(shifted).chain(last).collect()
}

fn by_place(old: &[Value], new: &[Value]) -> Vec<AlignmentStep> {
    let kept = old.len().min(new.len());
    let steps = (0..kept).map(|at| in_place((old, at), (new, at)));
    let gone = (kept..old.len()).map(AlignmentStep::Remove);
    steps
        .chain(gone)
        .chain((kept..new.len()).map(AlignmentStep::Add))
        .collect()
}

/// What became of an item in the place of which there is one now: they are the same where they have something in common.
/// Of lists, of mappings of one entry and of a mapping that became a text nobody can tell; they count as the same, since a
/// comment is easier to correct than to write again.
fn in_place((old, at): (&[Value], usize), (new, other): (&[Value], usize)) -> AlignmentStep {
    let may_be_same = match (&old[at], &new[other]) {
        (Value::Object(old), Value::Object(new)) => {
            old.len() == 1 && old.keys().all(|key| new.contains_key(key))
        }
        (Value::Object(_), Value::String(_)) | (Value::Array(_), Value::Array(_)) => true,
        _ => false,
    };
    if may_be_same || likeness(&old[at], &new[other]) > 0 {
        AlignmentStep::Keep(at, other)
    } else {
        AlignmentStep::Replace(at, other)
    }
}

/// The alignment of the highest worth.
fn best(old: &[Value], new: &[Value]) -> Vec<AlignmentStep> {
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
        let steps = (0..old.len()).flat_map(|at| match likeness(&old[at], &new[at]) {
            0 => vec![AlignmentStep::Remove(at), AlignmentStep::Add(at)],
            _ => vec![AlignmentStep::Keep(at, at)],
        });
        return steps.collect();
    }
    let (mut at, mut other, mut steps) = (0, 0, Vec::new());
    while at < old.len() || other < new.len() {
        let here = at * width + other;
        let is_pair = at < old.len() && other < new.len() && {
            let alike = likeness(&old[at], &new[other]);
            alike > 0 && worth[here] == alike + worth[here + width + 1]
        };
        if is_pair {
            steps.push(AlignmentStep::Keep(at, other));
            (at, other) = (at + 1, other + 1);
        } else if at < old.len() && worth[here] == worth[here + width] {
            steps.push(AlignmentStep::Remove(at));
            at += 1;
        } else {
            steps.push(AlignmentStep::Add(other));
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
    alike(old, new).min(EQUAL - 1)
}

fn alike(old: &Value, new: &Value) -> u64 {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let shared = old
                .iter()
                .filter_map(|(key, old)| Some((old, new.get(key)?)));
            shared
                .map(|(old, new)| {
                    if old == new {
                        EQUAL_ENTRY
                    } else {
                        alike(old, new).min(EQUAL_ENTRY - 1)
                    }
                })
                .sum()
        }
        // In their order: each with each would take too long.
        (Value::Array(old), Value::Array(new)) => {
            let both = old.iter().zip(new);
            both.map(|(old, new)| u64::from(old == new) + alike(old, new))
                .sum()
        }
        _ => 0,
    }
}

/// An item that goes and one that comes are the same one where they are equal, or mappings that begin alike and have
/// something in common.
fn moved(old: &[Value], new: &[Value], steps: &[AlignmentStep]) -> Vec<AlignmentStep> {
    let mut gone: Vec<usize> = steps.iter().filter_map(|step| removed(*step)).collect();
    let mut come: Vec<usize> = steps.iter().filter_map(|step| added(*step)).collect();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let is_first = |at: usize, other: usize| {
        let first = old[at].as_object().and_then(|fields| fields.iter().next());
        let is_plain = |value: &Value| !value.is_object() && !value.is_array();
        first.is_some_and(|(key, it)| is_plain(it) && new[other].get(key) == Some(it))
    };
    for is_it in [
        &|at: usize, other: usize| old[at] == new[other],
        &is_first as &dyn Fn(usize, usize) -> bool,
    ] {
        come.retain(
            |other| match gone.iter().position(|at| is_it(*at, *other)) {
                Some(place) => {
                    pairs.push((gone.remove(place), *other));
                    false
                }
                None => true,
            },
        );
    }
    let of = |other: usize| pairs.iter().find(|(_, it)| *it == other);
    let steps = steps.iter().filter_map(|step| match *step {
        AlignmentStep::Remove(at) => {
            (!pairs.iter().any(|(it, _)| *it == at)).then_some(AlignmentStep::Remove(at))
        }
        AlignmentStep::Add(other) => {
            Some(of(other).map_or(AlignmentStep::Add(other), |(at, _)| {
                AlignmentStep::Move(*at, other)
            }))
        }
        step => Some(step),
    });
    steps.collect()
}

/// As many items that go as come in one place: one in the place of the other.
fn in_pairs(old: &[Value], new: &[Value], steps: &[AlignmentStep]) -> Vec<AlignmentStep> {
    let is_kept =
        |step: AlignmentStep| matches!(step, AlignmentStep::Keep(..) | AlignmentStep::Move(..));
    let mut paired = Vec::with_capacity(steps.len());
    for run in steps.chunk_by(|a, b| is_kept(*a) == is_kept(*b)) {
        let gone: Vec<usize> = run.iter().filter_map(|step| removed(*step)).collect();
        let come: Vec<usize> = run.iter().filter_map(|step| added(*step)).collect();
        if !gone.is_empty() && gone.len() == come.len() {
            let pairs = gone.into_iter().zip(come);
            paired.extend(pairs.map(|(at, other)| in_place((old, at), (new, other))));
        } else {
            paired.extend(run);
        }
    }
    paired
}

fn removed(step: AlignmentStep) -> Option<usize> {
    match step {
        AlignmentStep::Remove(at) => Some(at),
        _ => None,
    }
}

fn added(step: AlignmentStep) -> Option<usize> {
    match step {
        AlignmentStep::Add(at) => Some(at),
        _ => None,
    }
}
