//! Whether the scenarios of a project expect what a plan changes.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::suite::{CaseResult, Suite, Verdict};
use super::world::World;
use crate::kinds::offering::Assumed;
use crate::kinds::{key_uses, uses};
use crate::manifest::Key;
use crate::plan::Impact;
use crate::resolve::{Desired, Resource};

/// The engagements that visitors are offered differently and that no scenario expects: none of the cases that name one
/// passes after the plan and does not pass before it.
#[must_use]
pub fn unexpected(
    impact: &Impact,
    (before, after): (&World, &World),
    desired: &Desired,
    assumed: &Assumed,
    now: Timestamp,
) -> Vec<Key> {
    let changed: BTreeSet<&Key> = impact.differences.iter().map(|it| &it.engagement).collect();
    let mut expected = BTreeSet::new();
    let (before, after) = (before.with_personas(desired), after.with_personas(desired));
    for resource in desired.iter() {
        let Some(scenario) = (resource.key.kind.def().scenario)(&resource.spec) else {
            continue;
        };
        let named: BTreeSet<String> = named(resource);
        if !changed.iter().any(|key| named.contains(key.name.as_str())) {
            continue;
        }
        let run = |world: &World| {
            let suite = Suite {
                world,
                key: &resource.key,
                scenario: &scenario,
                now,
                assumed,
            };
            suite.run()
        };
        for (old, new) in run(&before).iter().zip(run(&after)) {
            if new.verdict() == Verdict::Passed && old.verdict() != Verdict::Passed {
                let is_named = |key: &&&Key| says(&new, key.name.as_str());
                expected.extend(changed.iter().filter(is_named).copied().cloned());
            }
        }
    }
    changed
        .into_iter()
        .filter(|key| !expected.contains(*key))
        .cloned()
        .collect()
}

/// The names that a scenario refers to.
fn named(resource: &Resource) -> BTreeSet<String> {
    let fields = resource.key.kind.def().fields;
    let keys = key_uses(fields, &resource.spec)
        .into_iter()
        .map(|it| it.name.to_owned());
    let references = uses(fields, &resource.spec).into_iter();
    keys.chain(references.filter_map(|it| Some(it.reference.as_str()?.to_owned())))
        .collect()
}

/// Whether a case asserts something of an engagement.
fn says(result: &CaseResult, name: &str) -> bool {
    let mut words = result
        .checks
        .iter()
        .flat_map(|check| check.what.split([' ', ',', '[', ']', ':']));
    words.any(|word| word == name)
}
