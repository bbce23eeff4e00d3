//! Whether the scenarios of a project expect what a plan changes.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::assertion::DecidedAssertion;
use super::outcome::VisitOutcome;
use super::suite::{CaseResult, Suite, Verdict};
use super::truth::Truth;
use super::world::World;
use crate::kinds::offering::Assumed;
use crate::kinds::{Scenario, key_uses, uses};
use crate::manifest::Key;
use crate::plan::{Impact, Shift};
use crate::resolve::{Desired, Resource};

/// What visitors are offered differently and no scenario expects: there is no case that names the engagement, passes
/// after the plan and not before it, and does so for an assertion about that difference. No case can name an engagement that the
/// plan deletes: one counts that says what is offered instead, at a visit where it could be offered before.
#[must_use]
pub fn unexpected(
    impact: &Impact,
    (before, after): (&World, &World),
    desired: &Desired,
    unwritten: &[(Key, Scenario)],
    (assumed, now): (&Assumed, Timestamp),
) -> Vec<(Key, Shift)> {
    let differences = impact.differences.iter();
    let mut unexpected: BTreeSet<(Key, Shift)> = differences
        .map(|it| (it.engagement.clone(), it.shift))
        .collect();
    let (before, after) = (before.with_personas(desired), after.with_personas(desired));
    let is_gone = |key: &Key| after.offering(key).is_none();
    let written = desired.iter().filter_map(|resource| {
        let scenario = (resource.key.kind.def().scenario)(&resource.spec)?;
        let named = named(resource);
        let is_about = |(key, _): &(Key, Shift)| is_gone(key) || named.contains(key.name.as_str());
        let is_used = unexpected.iter().any(is_about);
        is_used.then(|| (resource.key.clone(), scenario))
    });
    let scenarios: Vec<(Key, Scenario)> = written.chain(unwritten.iter().cloned()).collect();
    for (key, scenario) in &scenarios {
        let run = |world: &World| {
            let suite = Suite {
                world,
                key,
                scenario,
                now,
                assumed,
            };
            suite.run()
        };
        for (old, new) in run(&before).iter().zip(run(&after)) {
            if new.verdict() == Verdict::Passed && old.verdict() != Verdict::Passed {
                let fields = changed_fields(old, &new);
                unexpected.retain(|(key, shift)| {
                    let is_named = says(&new, key.name.as_str())
                        && fields.iter().any(|field| is_about(field, *shift));
                    let is_replaced = *shift == Shift::NoLongerOffered
                        && is_gone(key)
                        && fields.iter().any(|field| EXACT.contains(field))
                        && could_be_offered(&before, old, key);
                    !is_named && !is_replaced
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

/// The fields of `then` that leave room for nothing else.
const EXACT: [&str; 3] = ["offered", "oneOf", "nothing"];

/// Whether an engagement could be offered at a visit of a case.
fn could_be_offered(world: &World, case: &CaseResult, key: &Key) -> bool {
    case.visits.iter().any(|(visit, assumed)| {
        let outcome = VisitOutcome::about(world, visit, assumed, &[key]);
        outcome.possible(world, key, assumed).truth != Truth::No
    })
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
