//! What `validate` finds out without a test: engagements that no visitor can be offered, and conditions that cannot do what
//! they say. Only what is certain, whatever is open about the platform.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::codes::{NEVER_OFFERED, NOT_REPORTED};
use super::coverage::{each, is_served, places_of};
use super::explore::{Asking, Leaf, Matters, Next, Search, Searched};
use super::truth::Spot;
use super::universe::Universe;
use super::visit::Visit;
use super::world::World;
use crate::diag::{Diagnostic, Diags, DocId, Texts};
use crate::kinds::offering::{Assumed, Fact, Place, Question, Reading, Switch, Test};
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
    };
    let served: Vec<(&Key, &Reading)> = world
        .offered()
        .filter(|(key, reading, _)| is_served(&world, key, reading) && finder.is_sound(key))
        .map(|(key, reading, _)| (key, reading))
        .collect();
    let mut diags = Diags::default();
    let never: Vec<Diagnostic> = served
        .par_iter()
        .filter_map(|(key, reading)| {
            finder
                .never(key, reading)
                .or_else(|| finder.shadowed(key, reading))
        })
        .collect();
    diags.extend(never);
    finder.in_apps(&mut diags);
    diags
}

struct Finder<'a> {
    texts: &'a Texts,
    desired: &'a Desired,
    world: &'a World,
    broken: &'a BTreeSet<DocId>,
    /// What the project takes for granted of the platform.
    assumed: &'a Assumed,
}

impl Finder<'_> {
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

    /// An engagement that another one of its app always takes the place of, where the project takes for granted that the
    /// highest priority is chosen. In a lottery each has its chance.
    fn shadowed(&self, key: &Key, reading: &Reading) -> Option<Diagnostic> {
        if self.assumed.of(Switch::Contest) != Some(1) {
            return None;
        }
        let priority = |key: &Key| self.world.rank(key).map(|rank| rank.priority);
        let own = priority(key)?;
        let mut rival = None;
        for place in places_of(reading) {
            let covering = self.world.shelves().covering(self.world, (key, &place));
            let mut ahead = covering.into_iter().filter(|it| {
                priority(it).is_some_and(|priority| priority > own) && self.is_sound(it)
            });
            let is_app = matches!(place, Place::App(_));
            rival = Some(ahead.find(|rival| is_app && self.always_wins(rival, key, &place))?);
        }
        let rival = &rival?.name;
        let why = format!("whenever it could be, {rival} is, whose campaign has a higher priority");
        let help = format!("narrow {rival}, or raise the `priority` of the campaign");
        self.never_offered(key, &why, &help)
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

    /// Conditions on attributes that the platform does not take of the visitors of an app who have signed in.
    fn in_apps(&self, diags: &mut Diags) {
        let mut found: BTreeMap<Spot, BTreeSet<&Key>> = BTreeMap::new();
        for (key, reading, _) in self.world.offered() {
            let is_app = places_of(reading)
                .iter()
                .any(|it| matches!(it, Place::App(_)));
            if !is_app || !self.signs_in(key) || !self.is_sound(key) {
                continue;
            }
            for (object, reading) in self.world.around(key) {
                for requirement in &reading.requires {
                    each(&requirement.clause, &mut |clause| {
                        if matches!(&clause.test, Test::Is(question) if is_unsupported(question)) {
                            let spot = Spot {
                                key: object.clone(),
                                at: clause.at.clone(),
                            };
                            found.entry(spot).or_default().insert(key);
                        }
                    });
                }
            }
        }
        for (spot, keys) in found {
            diags.extend(self.in_app(&spot, &keys));
        }
    }

    fn in_app(&self, spot: &Spot, keys: &BTreeSet<&Key>) -> Option<Diagnostic> {
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
        let message = format!(
            "the platform does not take this attribute of visitors who are signed in, and {names} is for these only"
        );
        let help = "ask for another attribute, or set `allowUnauthenticated: true`";
        Some(Diagnostic::new(&NOT_REPORTED, at, message).help(help))
    }

    /// Whether only visitors who have signed in are offered an engagement.
    fn signs_in(&self, key: &Key) -> bool {
        let spec = self.desired.get(key).map(|it| &it.spec);
        let is = |field: &str| {
            spec.and_then(|spec| spec.get(field))
                .and_then(serde_json::Value::as_bool)
        };
        is("allowUnauthenticated") == Some(false)
    }
}

/// Whether the platform does not take the attribute of visitors who have signed in (platform.md#monitoring-rules).
fn is_unsupported(question: &Question) -> bool {
    question.fact().is_anonymous_only()
}
