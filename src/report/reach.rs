//! What a change to something shared reaches, in a line: how many campaigns and engagements, and which are live.

use std::collections::BTreeMap;

use crate::kinds::KindId;
use crate::manifest::Key;
use crate::plan::{ChangeReach, Plan, ReachedObject};
use crate::text::safe::line;

/// How many live objects are named.
const NAMED: usize = 3;

/// What the change of an object reaches.
pub(super) fn of<'p>(plan: &'p Plan, key: &Key) -> Option<&'p ChangeReach> {
    plan.reaches.iter().find(|reach| reach.of == *key)
}

/// What changes to templates reach, which are no objects of the account and so have no change of their own.
pub(super) fn without_change(plan: &Plan) -> impl Iterator<Item = &ChangeReach> {
    let has_change = |reach: &&ChangeReach| plan.changes.iter().any(|it| it.key() == reach.of);
    plan.reaches.iter().filter(move |reach| !has_change(reach))
}

/// `used by 2 campaigns, 5 engagements; live: Campaign/sale "Autumn sale", 4 more`, or `used by 1 campaign (none live)`.
pub(super) fn told(reach: &ChangeReach) -> String {
    let mut counts = BTreeMap::<KindId, usize>::new();
    for object in &reach.objects {
        *counts.entry(object.kind).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(kind, count)| counted(kind, count))
        .collect();
    let live: Vec<&ReachedObject> = reach.objects.iter().filter(|object| object.live).collect();
    let mut names: Vec<String> = live.iter().take(NAMED).map(|it| named(it)).collect();
    let counts = counts.join(", ");
    if names.is_empty() {
        return format!("used by {counts} (none live)");
    }
    if live.len() > NAMED {
        names.push(format!("{} more", live.len() - NAMED));
    }
    format!("used by {counts}; live: {}", names.join(", "))
}

/// `1 campaign`, `2 campaigns`.
pub(super) fn counted(kind: KindId, count: usize) -> String {
    kind.def().counted(count)
}

fn named(object: &ReachedObject) -> String {
    match &object.key {
        Some(key) if key.name.as_str() == object.display_name => key.to_string(),
        Some(key) => format!("{key} \"{}\"", line(&object.display_name)),
        None => format!("{} \"{}\"", object.kind, line(&object.display_name)),
    }
}
