//! What `validate` finds out without a test: engagements that no visitor can be offered, and conditions that cannot do what
//! they say. Only what is certain, whatever is open about the platform.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::Value;

use super::assertion::target;
use super::codes::{CUSTOMER_ID, NEVER_OFFERED, NOT_REPORTED};
use super::reported::names_customer;
use super::shadows::{Shadow, VisitSearch, each_pair_once};
use super::stated::{each, places_of};
use super::switched_on::is_served;
use super::truth::Spot;
use super::universe::Universe;
use super::world::World;
use crate::diag::{Diagnostic, Diags, DocId, Texts};
use crate::kinds::offering::{Aspect, Assumed, Fact, Place, Question, Reading, Test};
use crate::kinds::shared::Reference;
use crate::kinds::{Scenario, Then, When};
use crate::manifest::Key;
use crate::resolve::Desired;
use crate::text::{Pointer, some_of};

/// What is certainly wrong with what visitors are offered. What has to do with a document of `broken` is passed over.
#[must_use]
pub fn findings(
    texts: &Texts,
    desired: &Desired,
    broken: &BTreeSet<DocId>,
    assumed: &Assumed,
) -> Diags {
    let world = World::of(desired);
    let finder = Finder {
        texts,
        desired,
        world: &world,
        broken,
        assumed,
        meant: meant(&world, desired),
    };
    let served: Vec<(&Key, &Reading)> = world
        .offered()
        .filter(|(key, reading, _)| is_served(&world, reading) && finder.is_sound(key))
        .map(|(key, reading, _)| (key, reading))
        .collect();
    let mut diags = Diags::default();
    let shadows: Vec<Shadow<'_>> = served
        .par_iter()
        .filter_map(|(key, reading)| match finder.never(key, reading) {
            Some(never) => Some(Shadow::alone(never)),
            None => finder.shadowed(key, reading),
        })
        .collect();
    diags.extend(each_pair_once(shadows));
    finder.in_apps(&mut diags);
    finder.refused(&mut diags);
    diags
}

/// The engagements that a test of the project expects to be chosen from: what competes there is meant to.
fn meant(world: &World, desired: &Desired) -> Vec<BTreeSet<Key>> {
    let scenarios = desired
        .iter()
        .filter_map(|it| (it.key.kind.def().scenario)(&it.spec));
    let thens = scenarios.flat_map(|scenario| {
        let cases = scenario.cases.unwrap_or_default().into_iter();
        cases.flat_map(|case| {
            let steps = case.journey.unwrap_or_default().into_iter();
            case.then.into_iter().chain(steps.filter_map(|it| it.then))
        })
    });
    let lists = thens.map(|then| {
        let one_of = then.one_of.unwrap_or_default().into_iter();
        let shares = then.shares.unwrap_or_default().into_keys();
        let all = one_of.chain(shares.map(Reference::Name));
        all.filter_map(|it| target(world, &it).ok()).collect()
    });
    lists.filter(|it: &BTreeSet<Key>| it.len() > 1).collect()
}

/// Why the list of the campaign keeps an engagement from being shown, and what would change that.
fn left_out(reading: &Reading) -> Option<(&str, &str)> {
    let mut own = reading.requires.iter();
    own.find_map(|it| match (&it.aspect, &it.clause.test) {
        (Aspect::Campaign, Test::Known(false, why, change)) => {
            Some((why.as_str(), change.as_str()))
        }
        _ => None,
    })
}

pub(super) struct Finder<'a> {
    pub(super) texts: &'a Texts,
    pub(super) desired: &'a Desired,
    pub(super) world: &'a World,
    pub(super) broken: &'a BTreeSet<DocId>,
    /// What the project takes for granted of the platform.
    pub(super) assumed: &'a Assumed,
    /// Engagements that tests expect to be chosen from.
    pub(super) meant: Vec<BTreeSet<Key>>,
}

impl Finder<'_> {
    /// Whether nothing is wrong with an engagement and all that it refers to.
    pub(super) fn is_sound(&self, key: &Key) -> bool {
        if self.broken.is_empty() {
            return true;
        }
        let around = self.world.around(key);
        let mut docs = around
            .keys()
            .filter_map(|key| Some(self.desired.get(key)?.doc));
        !docs.any(|doc| self.broken.contains(&doc))
    }

    /// An engagement that no visit can be offered, however all that is open is decided.
    fn never(&self, key: &Key, reading: &Reading) -> Option<Diagnostic> {
        if let Some((why, change)) = left_out(reading) {
            return self.never_offered(key, why, change);
        }
        let is_likely =
            |place: &Place| VisitSearch::likely(self.world, self.assumed, (key, place)).is_some();
        let places = places_of(reading);
        if places.iter().any(is_likely) || !self.may_contradict(key) {
            return None;
        }
        let is_never = |place: &Place| {
            matches!(
                VisitSearch::of(self.world, self.assumed, (key, place)),
                VisitSearch::Never
            )
        };
        if !places.iter().all(is_never) {
            return None;
        }
        let campaign = self.world.campaign_of(key);
        let campaign = campaign.and_then(|key| self.world.reading(&key));
        let requirements = campaign.into_iter().flat_map(|it| &it.requires);
        let mut failing = requirements.filter_map(|it| match &it.clause.test {
            Test::Known(false, why, change) => Some((why, change)),
            _ => None,
        });
        if let Some((why, change)) = failing.next() {
            return self.never_offered(key, why, change);
        }
        let why = "its conditions exclude each other";
        let help = "`campaignctl visit` shows which condition decides; widen one of them, or disable the engagement";
        self.never_offered(key, why, help)
    }

    pub(super) fn never_offered(&self, key: &Key, why: &str, help: &str) -> Option<Diagnostic> {
        let resource = self.desired.get(key)?;
        let at = resource.locate(self.texts, &Pointer::root());
        let message = format!("no visit can be offered {}: {why}", key.name);
        Some(Diagnostic::new(&NEVER_OFFERED, at, message).help(help))
    }

    /// Whether two conditions ask for the same fact, or something certainly fails: nothing else can contradict.
    fn may_contradict(&self, key: &Key) -> bool {
        let mut universe = Universe::default();
        self.world.asked_by(key, &mut universe);
        let asks_twice = |fact: &Fact| universe.questions(*fact).len() > 1;
        let mut is_open = Fact::ALL.iter().any(asks_twice) || universe.places().count() > 1;
        for reading in self.world.around(key).values() {
            for requirement in &reading.requires {
                each(&requirement.clause, &mut |clause| {
                    is_open |= matches!(clause.test, Test::Known(false, ..) | Test::Not(_));
                });
            }
        }
        is_open
    }

    /// Conditions on attributes that the platform does not take of all visitors of an app that an engagement is for.
    fn in_apps(&self, diags: &mut Diags) {
        let mut found: BTreeMap<Spot, (bool, BTreeSet<&Key>)> = BTreeMap::new();
        for (key, reading, _) in self.world.offered() {
            let is_app = places_of(reading)
                .iter()
                .any(|it| matches!(it, Place::App(_)));
            let Some(is_signed_in) = self.signs_in(key).filter(|_| is_app && self.is_sound(key))
            else {
                continue;
            };
            for (object, reading) in self.world.around(key) {
                for requirement in &reading.requires {
                    each(&requirement.clause, &mut |clause| {
                        if matches!(&clause.test, Test::Is(question) if is_unsupported(question, is_signed_in))
                        {
                            let spot = Spot {
                                key: object.clone(),
                                at: clause.at.clone(),
                            };
                            let (_, keys) =
                                found.entry(spot).or_insert((is_signed_in, BTreeSet::new()));
                            keys.insert(key);
                        }
                    });
                }
            }
        }
        for (spot, (is_signed_in, keys)) in found {
            diags.extend(self.in_app(&spot, is_signed_in, &keys));
        }
    }

    fn in_app(&self, spot: &Spot, is_signed_in: bool, keys: &BTreeSet<&Key>) -> Option<Diagnostic> {
        let resource = self.desired.get(&spot.key)?;
        let at = resource.locate(self.texts, &spot.at);
        let names = some_of(keys.iter().map(|key| format!("`{}`", key.name)), 3);
        let (code, message, help) = if is_signed_in {
            (
                &NOT_REPORTED,
                format!(
                    "the platform does not take this attribute of visitors who are signed in, and {names} is for these only"
                ),
                "ask for another attribute, or set `allowUnauthenticated: true`",
            )
        } else {
            (
                &CUSTOMER_ID,
                format!(
                    "the platform refuses calls with the `customerId` of visitors who are not signed in, and {names} is for these, too"
                ),
                "ask for another attribute, or set `allowUnauthenticated: false`",
            )
        };
        Some(Diagnostic::new(code, at, message).help(help))
    }

    /// Scenarios in which an app reports the `customerId` of a visitor who is not signed in, and something is offered.
    fn refused(&self, diags: &mut Diags) {
        for resource in self.desired.iter() {
            let scenario = (resource.key.kind.def().scenario)(&resource.spec);
            let Some(scenario) = scenario.filter(|_| !self.broken.contains(&resource.doc)) else {
                continue;
            };
            let signed_in = scenario.given.as_ref().and_then(|it| it.signed_in);
            if scenario.app.is_none() || signed_in != Some(false) {
                continue;
            }
            for (at, attributes, is_offered) in self.reported(&scenario) {
                if is_offered && names_customer(&attributes) {
                    let message = "the platform refuses the call: the visitor is not signed in, and `customerId` is reported";
                    let help = "say `signedIn: true` in `given`, or leave `customerId` out";
                    let at = resource.locate(self.texts, &at);
                    diags.extend(Some(
                        Diagnostic::new(&CUSTOMER_ID, at, message.to_owned()).help(help),
                    ));
                }
            }
        }
    }

    /// What the visits of a scenario report, each with its place and whether something is to be offered.
    fn reported(&self, scenario: &Scenario) -> Vec<(Pointer, Vec<Value>, bool)> {
        let of = |at: Pointer, when: &When, then: Option<&Then>| {
            let persona = match &when.persona {
                Some(Reference::Name(name)) => self.world.persona(name).unwrap_or_default(),
                _ => &[],
            };
            let own = when.attributes.as_deref().unwrap_or_default();
            let all = persona.iter().chain(own).cloned().collect();
            (at, all, then.is_none_or(|it| !it.is_of_nothing()))
        };
        let at = Pointer::root().key("cases");
        let mut all = Vec::new();
        for (index, case) in scenario.cases.iter().flatten().enumerate() {
            let at = at.index(index);
            if let Some(when) = &case.when {
                all.push(of(at.key("when"), when, case.then.as_ref()));
            }
            for (index, step) in case.journey.iter().flatten().enumerate() {
                let at = at.key("journey").index(index);
                let report = step.report.clone().unwrap_or_default();
                all.push((at.key("report"), report, true));
                if let Some(when) = &step.when {
                    all.push(of(at.key("when"), when, step.then.as_ref()));
                }
            }
        }
        all
    }

    /// Whether only visitors who have signed in are offered an engagement; `None` where the manifest does not say.
    fn signs_in(&self, key: &Key) -> Option<bool> {
        let spec = self.desired.get(key).map(|it| &it.spec);
        let is = |field: &str| {
            spec.and_then(|spec| spec.get(field))
                .and_then(serde_json::Value::as_bool)
        };
        is("allowUnauthenticated").map(|allows| !allows)
    }
}

/// Whether the platform does not take the attribute of visitors who have signed in, or of those who have not
/// (platform.md#monitoring-rules).
fn is_unsupported(question: &Question, is_signed_in: bool) -> bool {
    let fact = question.fact();
    if is_signed_in {
        fact.is_anonymous_only()
    } else {
        fact == Fact::CustomerId
    }
}
