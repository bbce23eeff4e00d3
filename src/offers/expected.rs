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

/// An engagement, and what is different about it.
type EngagementShift = (Key, Shift);

/// What a plan changes, beside what scenarios are run on.
pub struct Expecting<'a> {
    impact: &'a Impact,
    before: World,
    after: World,
    assumed: &'a Assumed,
    now: Timestamp,
}

impl<'a> Expecting<'a> {
    /// The scenarios have the personas of the manifests on both sides.
    #[must_use]
    pub fn new(
        impact: &'a Impact,
        (before, after): (&World, &World),
        desired: &Desired,
        (assumed, now): (&'a Assumed, Timestamp),
    ) -> Self {
        Self {
            impact,
            before: before.with_personas(desired),
            after: after.with_personas(desired),
            assumed,
            now,
        }
    }

    /// What visitors are offered differently and no scenario expects: there is no case that names the engagement, passes after the
    /// plan and not before it, and does so for an assertion about that difference. No case can name an engagement that the plan
    /// deletes: one counts that says what is offered instead, at a visit where it could be offered before.
    #[must_use]
    pub fn unexpected(&self, desired: &Desired) -> BTreeSet<EngagementShift> {
        let differences = self.impact.differences.iter();
        let all: BTreeSet<EngagementShift> = differences
            .map(|it| (it.engagement.clone(), it.shift))
            .collect();
        let scenarios = desired.iter().filter_map(|resource| {
            let scenario = (resource.key.kind.def().scenario)(&resource.spec)?;
            let named = named(resource);
            let is_about =
                |(key, _): &EngagementShift| self.is_gone(key) || named.contains(key.name.as_str());
            let is_used = all.iter().any(is_about);
            is_used.then(|| (resource.key.clone(), scenario))
        });
        let scenarios: Vec<(Key, Scenario)> = scenarios.collect();
        self.left(all, &scenarios)
    }

    /// What of some differences these scenarios do not expect either.
    #[must_use]
    pub fn left(
        &self,
        mut left: BTreeSet<EngagementShift>,
        scenarios: &[(Key, Scenario)],
    ) -> BTreeSet<EngagementShift> {
        for (key, scenario) in scenarios {
            let cases = self.run(&self.before, key, scenario).into_iter();
            for (old, new) in cases.zip(self.run(&self.after, key, scenario)) {
                if new.verdict() == Verdict::Passed && old.verdict() != Verdict::Passed {
                    left.retain(|difference| !self.expects((&old, &new), difference));
                }
            }
        }
        // Who expects every sure difference of an engagement has looked at it.
        let is_sure = |shift: Shift| shift != Shift::MayChange;
        let open = left.iter().filter(|(_, shift)| is_sure(*shift));
        let open: BTreeSet<Key> = open.map(|(key, _)| key.clone()).collect();
        let has_sure = |key: &Key| {
            let mut all = self.impact.differences.iter();
            all.any(|it| it.engagement == *key && is_sure(it.shift))
        };
        left.retain(|(key, shift)| is_sure(*shift) || !has_sure(key) || open.contains(key));
        left
    }

    fn run(&self, world: &World, key: &Key, scenario: &Scenario) -> Vec<CaseResult> {
        let suite = Suite {
            world,
            key,
            scenario,
            now: self.now,
            assumed: self.assumed,
        };
        suite.run()
    }

    /// Whether a case that passes only after the plan expects a difference.
    fn expects(
        &self,
        (old, new): (&CaseResult, &CaseResult),
        (key, shift): &EngagementShift,
    ) -> bool {
        let fields = changed_fields(old, new);
        let is_named =
            says(new, key.name.as_str()) && fields.iter().any(|field| is_about(field, *shift));
        let is_replaced = *shift == Shift::NoLongerOffered
            && self.is_gone(key)
            && fields.iter().any(|field| EXACT.contains(field))
            && could_be_offered(&self.before, old, key);
        is_named || is_replaced
    }

    /// Whether the plan deletes an engagement, or gives it another name.
    fn is_gone(&self, key: &Key) -> bool {
        self.after.offering(key).is_none()
    }
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
