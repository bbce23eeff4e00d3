//! Whether the scenarios of a project expect what a plan changes.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::assertion::DecidedAssertion;
use super::suite::{CaseResult, Suite, Verdict};
use super::truth::Truth;
use super::world::World;
use crate::kinds::offering::Assumed;
use crate::kinds::{key_uses, uses};
use crate::manifest::Key;
use crate::plan::{Impact, Shift};
use crate::resolve::{Desired, Resource};

/// What visitors are offered differently and no scenario expects: there is no case that names the engagement, passes
/// after the plan and not before it, and does so for an assertion about that difference.
#[must_use]
pub fn unexpected(
    impact: &Impact,
    (before, after): (&World, &World),
    desired: &Desired,
    assumed: &Assumed,
    now: Timestamp,
) -> Vec<(Key, Shift)> {
    let differences = impact.differences.iter();
    let mut unexpected: BTreeSet<(Key, Shift)> = differences
        .map(|it| (it.engagement.clone(), it.shift))
        .collect();
    let (before, after) = (before.with_personas(desired), after.with_personas(desired));
    for resource in desired.iter() {
        let Some(scenario) = (resource.key.kind.def().scenario)(&resource.spec) else {
            continue;
        };
        let named: BTreeSet<String> = named(resource);
        if !unexpected
            .iter()
            .any(|(key, _)| named.contains(key.name.as_str()))
        {
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
                let fields = changed_fields(old, &new);
                unexpected.retain(|(key, shift)| {
                    let is_expected = says(&new, key.name.as_str())
                        && fields.iter().any(|field| is_about(field, *shift));
                    !is_expected
                });
            }
        }
    }
    let sure = |key: &Key| {
        let sure = impact.differences.iter();
        sure.filter(|it| it.engagement == *key && it.shift != Shift::MayChange)
            .count()
    };
    // Who expects every sure difference of an engagement has looked at it.
    let open: BTreeSet<Key> = unexpected
        .iter()
        .filter(|(_, shift)| *shift != Shift::MayChange)
        .map(|(key, _)| key.clone())
        .collect();
    unexpected
        .retain(|(key, shift)| *shift != Shift::MayChange || sure(key) == 0 || open.contains(key));
    unexpected.into_iter().collect()
}

/// The fields of `then` with assertions that hold after a plan and not before it.
fn changed_fields<'c>(old: &CaseResult, new: &'c CaseResult) -> BTreeSet<&'c str> {
    let held = |check: &DecidedAssertion| {
        let before = old
            .checks
            .iter()
            .find(|it| it.at == check.at && it.what == check.what);
        before.is_some_and(|it| it.judged.truth == Truth::Yes)
    };
    let changed = new.checks.iter().filter(|check| !held(check));
    changed
        .filter_map(|check| check.what.split(':').next())
        .collect()
}

/// Whether an assertion is about a difference.
fn is_about(field: &str, shift: Shift) -> bool {
    let fields: &[&str] = match shift {
        Shift::NowOffered => &[
            "offered",
            "oneOf",
            "mayBeOffered",
            "eligible",
            "skills",
            "shares",
        ],
        Shift::NoLongerOffered => &["notOffered", "nothing", "because", "never offered"],
        Shift::OtherOdds => &["shares", "offered", "oneOf"],
        Shift::OtherSkill => &["skill", "skills"],
        Shift::OtherLanguage => &["language"],
        Shift::OtherWindow => &["window"],
        Shift::OtherConnector => &["connector"],
        // Nothing that a case says shows where on a page something competes.
        Shift::OtherZone => &[],
        Shift::MayChange => &["undecided"],
    };
    fields.contains(&field)
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
