//! Where each engagement can be offered at all: by place and section.
//!
//! A visit at a section certainly misses every engagement whose entry points list other sections only. In a large
//! project that is nearly all of them, so what a visit is offered is looked for among the few that are left.
//!
//! ```text
//! entryPoints: [orders]      spec.conditions: section is `"orders"`     ->  (the app Shop, orders)
//! entryPoints: [everywhere]                                             ->  (the app Shop, any section)
//! ```
//!
//! It never leaves out an engagement that some position of an inferred fact would offer: names are compared without
//! regard to case here, and what is not a list of whole names counts as any section.

use std::collections::{BTreeMap, BTreeSet};

use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{
    Aspect, Assumed, Clause, Datum, Fact, FactAnswer, Place, Question, Reading, Test,
};
use crate::manifest::Key;

/// How deep a reference leads to another one at most: an engagement to an entry point, and nothing beyond.
const DEEPEST: usize = 3;

/// How many lists of sections of one engagement are looked at: each entry point with several conditions can double them.
const MOST_LISTS: usize = 8;

/// The engagements by where they can be offered.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelves {
    places: BTreeMap<Place, Shelf>,
    /// Those of which the place is not known.
    anywhere: Shelf,
}

#[derive(Clone, Debug, Default)]
struct Shelf {
    /// By section, in lower case.
    sections: BTreeMap<String, BTreeSet<Key>>,
    /// Those that can be offered at any section.
    always: BTreeSet<Key>,
    /// All of them, those included that can be offered nowhere.
    all: BTreeSet<Key>,
}

impl Shelves {
    /// Those of a world.
    pub(super) fn of(world: &World) -> Self {
        let mut shelves = Self::default();
        for (key, reading, _) in world.offered() {
            let sections = sections(world, reading);
            match places(reading) {
                Some(places) => {
                    for place in places {
                        let shelf = shelves.places.entry(place).or_default();
                        shelf.add(key, sections.as_ref());
                    }
                }
                None => shelves.anywhere.add(key, sections.as_ref()),
            }
        }
        shelves
    }

    /// The engagements that a visit may be offered: every other one certainly fails.
    pub(super) fn candidates<'s>(&'s self, visit: &Visit) -> BTreeSet<&'s Key> {
        let mut found = BTreeSet::new();
        let sections = known_sections(visit);
        for shelf in self.at(&visit.place) {
            shelf.at(sections.as_ref(), &mut found);
        }
        found
    }

    /// Whether an engagement is one of these.
    pub(super) fn is_candidate(&self, visit: &Visit, key: &Key) -> bool {
        let sections = known_sections(visit);
        self.at(&visit.place)
            .any(|shelf| shelf.has(sections.as_ref(), key))
    }

    /// All engagements of a place, one after the other.
    pub(super) fn all_of<'s>(&'s self, place: &Place) -> impl Iterator<Item = &'s Key> {
        self.at(place).flat_map(|shelf| &shelf.all)
    }

    /// How many engagements a place has.
    pub(super) fn count(&self, place: &Place) -> usize {
        self.at(place).map(|shelf| shelf.all.len()).sum()
    }

    /// All engagements of a place.
    pub(super) fn of_place<'s>(&'s self, place: &Place) -> BTreeSet<&'s Key> {
        self.at(place).flat_map(|shelf| &shelf.all).collect()
    }

    /// The engagements of a place that may be offered wherever this one is. One that asks for `orders` and for `help` is only
    /// offered to visitors who are at both at once: all that belongs to `orders` may be offered there, and all that belongs to `help`.
    pub(super) fn covering<'s>(
        &'s self,
        world: &World,
        assumed: &Assumed,
        (key, place): (&Key, &Place),
    ) -> BTreeSet<&'s Key> {
        let needed = world.reading(key).map(|reading| {
            let lists = SectionLists { world, assumed };
            lists.of_reading(reading, DEEPEST)
        });
        let covers = |shelf: &'s Shelf| {
            let mut found: BTreeSet<&'s Key> = shelf.always.iter().collect();
            found.extend(needed.iter().flatten().flat_map(|list| shelf.at_all(list)));
            found
        };
        self.at(place).flat_map(covers).collect()
    }

    /// The engagements of a place that may be offered at one of the sections at which this one may be.
    pub(super) fn beside<'s>(
        &'s self,
        world: &World,
        (key, place): (&Key, &Place),
    ) -> BTreeSet<&'s Key> {
        let own = world.reading(key).and_then(|it| sections(world, it));
        let mut found = BTreeSet::new();
        for shelf in self.at(place) {
            shelf.at(own.as_ref(), &mut found);
        }
        found
    }

    fn at(&self, place: &Place) -> impl Iterator<Item = &Shelf> {
        self.places.get(place).into_iter().chain([&self.anywhere])
    }
}

impl Shelf {
    /// Those that are at each section of a list.
    fn at_all(&self, list: &BTreeSet<String>) -> BTreeSet<&Key> {
        let shelves = list.iter().map(|section| self.sections.get(section));
        let Some(mut shelves) = shelves.collect::<Option<Vec<_>>>() else {
            return BTreeSet::new();
        };
        // Some sections are those of nearly all: the few of the others are looked for there.
        shelves.sort_by_key(|it| it.len());
        let Some((few, others)) = shelves.split_first() else {
            return BTreeSet::new();
        };
        let is_at_all = |key: &&Key| others.iter().all(|it| it.contains(*key));
        few.iter().filter(is_at_all).collect()
    }

    fn add(&mut self, key: &Key, sections: Option<&BTreeSet<String>>) {
        self.all.insert(key.clone());
        match sections {
            None => drop(self.always.insert(key.clone())),
            Some(sections) => {
                for section in sections {
                    let shelf = self.sections.entry(section.clone()).or_default();
                    shelf.insert(key.clone());
                }
            }
        }
    }

    /// Whether an engagement is at one of some sections.
    fn has(&self, sections: Option<&BTreeSet<String>>, key: &Key) -> bool {
        let Some(sections) = sections else {
            return self.all.contains(key);
        };
        let mut shelves = sections.iter().filter_map(|it| self.sections.get(it));
        self.always.contains(key) || shelves.any(|shelf| shelf.contains(key))
    }

    fn at<'s>(&'s self, sections: Option<&BTreeSet<String>>, found: &mut BTreeSet<&'s Key>) {
        let Some(sections) = sections else {
            found.extend(&self.all);
            return;
        };
        found.extend(&self.always);
        for section in sections {
            found.extend(self.sections.get(section).into_iter().flatten());
        }
    }
}

/// The sections of a visit in lower case, where they are known.
fn known_sections(visit: &Visit) -> Option<BTreeSet<String>> {
    let FactAnswer::Known(data) = visit.facts.get(&Fact::Sections)? else {
        return None;
    };
    let lower = |datum: &Datum| match datum {
        Datum::Text(text) => Some(text.to_lowercase()),
        _ => None,
    };
    data.iter().map(lower).collect()
}

/// The places that an engagement can be in; `None` where that is open.
fn places(reading: &Reading) -> Option<BTreeSet<Place>> {
    let own = reading
        .requires
        .iter()
        .find(|it| it.aspect == Aspect::Place)?;
    match &own.clause.test {
        Test::In(place) => Some(BTreeSet::from([place.clone()])),
        _ => None,
    }
}

/// The sections that an engagement can be offered at; `None` where it can be any.
fn sections(world: &World, reading: &Reading) -> Option<BTreeSet<String>> {
    let lists = reading.requires.iter();
    let lists = lists.map(|it| sections_of(world, &it.clause, DEEPEST));
    narrowest(lists)
}

/// All must hold: the shortest list is enough.
fn narrowest(lists: impl Iterator<Item = Option<BTreeSet<String>>>) -> Option<BTreeSet<String>> {
    lists.flatten().min_by_key(BTreeSet::len)
}

/// The sections without one of which a clause certainly fails; `None` where there is no such list.
fn sections_of(world: &World, clause: &Clause, deepest: usize) -> Option<BTreeSet<String>> {
    let of = |clause: &Clause| sections_of(world, clause, deepest);
    let union = |mut lists: Box<dyn Iterator<Item = Option<BTreeSet<String>>> + '_>| {
        lists.try_fold(BTreeSet::new(), |mut all, list| {
            all.extend(list?);
            Some(all)
        })
    };
    match &clause.test {
        Test::Known(false, ..) => Some(BTreeSet::new()),
        Test::Is(Question::Text {
            fact: Fact::Sections,
            any,
            ..
        }) => any
            .iter()
            .map(|it| Some(it.is.as_ref()?.to_lowercase()))
            .collect(),
        Test::All(list) => narrowest(list.iter().map(of)),
        Test::Any(list) => union(Box::new(list.iter().map(of))),
        Test::Either(_, first, second) => {
            union(Box::new([first, second].into_iter().map(|it| of(it))))
        }
        Test::Object(target) if deepest > 0 => {
            let (_, reading) = world.object(target)?;
            let lists = reading.requires.iter();
            narrowest(lists.map(|it| sections_of(world, &it.clause, deepest - 1)))
        }
        _ => None,
    }
}

/// The lists of sections that an engagement needs one of each of, as far as that is known.
#[derive(Clone, Copy)]
struct SectionLists<'a> {
    world: &'a World,
    assumed: &'a Assumed,
}

/// Short lists first: the rivals at all sections of a short list are many.
fn shortest(mut lists: Vec<BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    lists.sort_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
    lists.dedup();
    lists.truncate(MOST_LISTS);
    lists
}

impl SectionLists<'_> {
    fn of_reading(self, reading: &Reading, deepest: usize) -> Vec<BTreeSet<String>> {
        let all = reading.requires.iter();
        shortest(all.flat_map(|it| self.of(&it.clause, deepest)).collect())
    }

    fn of(self, clause: &Clause, deepest: usize) -> Vec<BTreeSet<String>> {
        let of = |clause: &Clause| self.of(clause, deepest);
        match &clause.test {
            Test::All(list) => shortest(list.iter().flat_map(of).collect()),
            Test::Any(list) => one_of(list.iter().map(of)),
            Test::Either(switch, first, second) => match self.assumed.of(*switch) {
                Some(0) => of(first),
                Some(_) => of(second),
                None => one_of([first, second].into_iter().map(|it| of(it))),
            },
            Test::Object(target) if deepest > 0 => match self.world.object(target) {
                Some((_, reading)) => self.of_reading(reading, deepest - 1),
                None => Vec::new(),
            },
            _ => sections_of(self.world, clause, 0).into_iter().collect(),
        }
    }
}

/// What is needed where one of several holds: a list of each of them, put together.
fn one_of(all: impl Iterator<Item = Vec<BTreeSet<String>>>) -> Vec<BTreeSet<String>> {
    let joined = all.reduce(|ones, others| {
        let both = ones
            .iter()
            .flat_map(|one| others.iter().map(move |other| one | other));
        shortest(both.collect())
    });
    joined.unwrap_or_default()
}
