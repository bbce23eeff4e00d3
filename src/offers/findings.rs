//! What `validate` finds out without a test: engagements that no visitor can be offered, and conditions that cannot do what
//! they say. Only what is certain, whatever is open about the platform.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::Value;

use super::assertion::target;
use super::codes::{COMPETING, CUSTOMER_ID, NEVER_OFFERED, NOT_REPORTED};
use super::coverage::{each, is_served, places_of};
use super::explore::{Asking, Leaf, Matters, Next, Search, Searched};
use super::truth::Spot;
use super::universe::Universe;
use super::visit::{Visit, names_customer};
use super::world::World;
use crate::diag::{Diagnostic, Diags, DocId, Texts};
use crate::kinds::offering::{Assumed, Fact, Place, Question, Reading, Switch, Test, Zone};
use crate::kinds::shared::Reference;
use crate::kinds::{Scenario, Then, When};
use crate::manifest::Key;
use crate::resolve::Desired;
use crate::text::Pointer;

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
        .filter(|(key, reading, _)| is_served(&world, key, reading) && finder.is_sound(key))
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

/// How many rivals of an engagement are looked at.
const MOST_RIVALS: usize = 8;

fn priority_differs(own: f64, other: Option<f64>) -> bool {
    other.is_none_or(|other| other.total_cmp(&own).is_ne())
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

struct Finder<'a> {
    texts: &'a Texts,
    desired: &'a Desired,
    world: &'a World,
    broken: &'a BTreeSet<DocId>,
    /// What the project takes for granted of the platform.
    assumed: &'a Assumed,
    /// Engagements that tests expect to be chosen from.
    meant: Vec<BTreeSet<Key>>,
}

/// What is wrong with an engagement because of others.
struct Shadow<'a> {
    diagnostic: Diagnostic,
    /// The engagement and the one that it competes with, where they do; and whether it would always lose by priority.
    pair: Option<(&'a Key, &'a Key, bool)>,
}

impl Shadow<'_> {
    fn alone(diagnostic: Diagnostic) -> Self {
        Self {
            diagnostic,
            pair: None,
        }
    }
}

/// Two engagements that could always be offered together are told once: from the side that would lose by priority, else
/// from the first.
fn each_pair_once(shadows: Vec<Shadow<'_>>) -> Vec<Diagnostic> {
    let mut pairs: BTreeMap<(&Key, &Key), bool> = BTreeMap::new();
    for (key, rival, is_behind) in shadows.iter().filter_map(|it| it.pair) {
        pairs.insert((key, rival), is_behind);
    }
    let is_told = |shadow: &Shadow<'_>| {
        let Some((key, rival, is_behind)) = shadow.pair else {
            return true;
        };
        match pairs.get(&(rival, key)) {
            None => true,
            Some(is_other_behind) if *is_other_behind == is_behind => key < rival,
            Some(_) => is_behind,
        }
    };
    let told = shadows.into_iter().filter(is_told);
    told.map(|it| it.diagnostic).collect()
}

impl<'a> Finder<'a> {
    /// Whether nothing is wrong with an engagement and all that it refers to.
    fn is_sound(&self, key: &Key) -> bool {
        let around = self.world.around(key);
        let mut docs = around
            .keys()
            .filter_map(|key| Some(self.desired.get(key)?.doc));
        !docs.any(|doc| self.broken.contains(&doc))
    }

    /// An engagement that no visit can be offered, however all that is open is decided.
    fn never(&self, key: &Key, reading: &Reading) -> Option<Diagnostic> {
        if !self.may_contradict(key) {
            return None;
        }
        for place in places_of(reading) {
            let asking = vec![Asking {
                world: self.world,
                key,
            }];
            let mut search = Search::new(asking, self.assumed, Matters::All);
            let searched = search.run(&Visit::new(place), &mut |leaf: Leaf<'_>| {
                let is_possible = leaf.truths.iter().any(|it| it.contains(&true));
                if is_possible {
                    Next::Enough
                } else {
                    Next::More
                }
            });
            if searched != Searched::Whole {
                return None;
            }
        }
        let why = "its conditions exclude each other";
        let help = "`campaignctl visit` shows which condition decides; widen one of them, or disable the engagement";
        self.never_offered(key, why, help)
    }

    fn never_offered(&self, key: &Key, why: &str, help: &str) -> Option<Diagnostic> {
        let resource = self.desired.get(key)?;
        let at = resource.locate(self.texts, &Pointer::root());
        let message = format!("no visit can be offered {}: {why}", key.name);
        Some(Diagnostic::new(&NEVER_OFFERED, at, message).help(help))
    }

    /// An engagement that has a rival at every one of its visits. Where the project takes for granted that the highest
    /// priority is chosen, one with a higher priority always takes its place.
    fn shadowed(&self, key: &'a Key, reading: &Reading) -> Option<Shadow<'a>> {
        let priority = |key: &Key| self.world.rank(key).map(|rank| rank.priority);
        let own = priority(key)?;
        let mut found = None;
        for place in places_of(reading) {
            let covering = self.world.shelves().covering(self.world, (key, &place));
            let mut rivals: Vec<&'a Key> = covering.into_iter().collect();
            rivals.retain(|rival| *rival != key && self.competes(rival, key));
            // Those that are ahead come first: they leave the least.
            let is_ahead = |rival: &&Key| priority(rival).is_some_and(|it| it > own);
            rivals.sort_by_key(|rival| !is_ahead(rival));
            let mut rivals = rivals.into_iter().take(MOST_RIVALS);
            let rival = rivals.find(|rival| self.always_wins(rival, key, &place))?;
            found = Some((rival, is_ahead(&rival) && matches!(place, Place::App(_))));
        }
        let (rival, is_ahead) = found?;
        let name = &rival.name;
        match (is_ahead, self.assumed.of(Switch::Contest)) {
            (true, Some(1)) => {
                let why = format!(
                    "whenever it could be, {name} is, whose campaign has a higher priority"
                );
                let help = format!("narrow {name}, or raise the `priority` of the campaign");
                Some(Shadow::alone(self.never_offered(key, &why, &help)?))
            }
            (false, Some(1)) if priority_differs(own, found.and_then(|it| priority(it.0))) => None,
            (is_ahead, contest) => {
                let is_behind = is_ahead && contest.is_none();
                Some(Shadow {
                    diagnostic: self.competing(key, name.as_str(), is_behind)?,
                    pair: Some((key, rival, is_behind)),
                })
            }
        }
    }

    fn competing(&self, key: &Key, rival: &str, is_behind: bool) -> Option<Diagnostic> {
        let resource = self.desired.get(key)?;
        let at = resource.locate(self.texts, &Pointer::root());
        let more = if is_behind {
            format!("; if the highest priority is chosen, {} never is", key.name)
        } else {
            String::new()
        };
        let message = format!(
            "whenever {} could be offered, {rival} could be, too: one of them is chosen{more}",
            key.name
        );
        let help = format!(
            "narrow one of them, or test the choice with `oneOf: [{}, {rival}]`",
            key.name
        );
        Some(Diagnostic::new(&COMPETING, at, message).help(help))
    }

    /// Whether two engagements certainly share one place, and no test says that this is meant.
    fn competes(&self, rival: &Key, key: &Key) -> bool {
        let zone = |key: &Key| self.world.offering(key).map(|it| &it.zone);
        let is_known = |zone: &Zone| !matches!(zone, Zone::Own | Zone::Unknown);
        let is_served = |key: &Key| {
            let reading = self.world.reading(key);
            reading.is_some_and(|reading| is_served(self.world, key, reading))
        };
        zone(key).is_some_and(is_known)
            && zone(rival) == zone(key)
            && self.is_sound(rival)
            && is_served(rival)
            && !self
                .meant
                .iter()
                .any(|all| all.contains(rival) && all.contains(key))
    }

    /// Whether one engagement can be offered at every visit that another one can be.
    fn always_wins(&self, rival: &Key, key: &Key, place: &Place) -> bool {
        let asking = [key, rival].map(|key| Asking {
            world: self.world,
            key,
        });
        let mut search = Search::new(asking.to_vec(), self.assumed, Matters::First);
        let mut loses = false;
        let searched = search.run(&Visit::new(place.clone()), &mut |leaf: Leaf<'_>| {
            loses |= leaf.truths.contains([true, false].as_slice());
            if loses { Next::Enough } else { Next::More }
        });
        searched == Searched::Whole && !loses
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
        let names: Vec<&str> = keys.iter().take(3).map(|key| key.name.as_str()).collect();
        let more = keys.len().saturating_sub(names.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let names = format!("`{}`{more}", names.join("`, `"));
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
