//! Counts what some visits look at.
//!
//! What a visit shows of a condition is the same for all engagements that refer to it, so each condition is asked once
//! for each visit. Of the engagements, most certainly fail for their entry point and for something else: these are
//! counted without a look at the rest.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::coverage::{CoverageGoal, CoverageItem, SeenCount, each, places_of};
use super::judgement::{Eligibility, Judge, Noted};
use super::shown::{Deciding, Shown, ShownEngagement, bounds};
use super::truth::{Spot, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Aspect, Assumed, Place, Reading, Test};
use crate::manifest::Key;
use crate::text::Pointer;

/// What is counted of an item.
struct Count {
    what: String,
    seen: usize,
    /// Where its engagement is shown.
    places: BTreeSet<Place>,
    /// Why a visit did not tell.
    undecided: Option<String>,
}

pub(super) struct VisitTally<'a> {
    world: &'a World,
    items: BTreeMap<(Spot, CoverageGoal), Count>,
    visited: BTreeSet<&'a Place>,
    shown: BTreeMap<Place, Shown<'a>>,
}

impl<'a> VisitTally<'a> {
    pub(super) fn new(world: &'a World, visited: BTreeSet<&'a Place>) -> Self {
        Self {
            world,
            items: BTreeMap::new(),
            visited,
            shown: BTreeMap::new(),
        }
    }

    /// Adds what there is to see of an engagement.
    pub(super) fn expect(&mut self, key: &'a Key, reading: &'a Reading) {
        let places: BTreeSet<Place> = places_of(reading);
        let own = |at: Pointer| Spot {
            key: key.clone(),
            at,
        };
        let root = Pointer::root();
        let offered = format!("{key} is offered");
        self.add(own(root.clone()), CoverageGoal::Offered, offered, &places);
        let withheld = format!("{key} is withheld");
        self.add(own(root.clone()), CoverageGoal::Withheld, withheld, &places);
        let skill = reading.offer.as_ref().and_then(|it| it.skill.as_ref());
        if let Some(skill) = skill {
            let name = skill
                .as_str()
                .map_or_else(|| skill.to_string(), str::to_owned);
            let what = format!("a conversation is routed to {name} by {}", key.name);
            self.add(own(root.key("skill")), CoverageGoal::Skill, what, &places);
        }
        let around = self.world.around(key);
        for (object, reading) in &around {
            self.expect_of(object, reading, &places);
        }
        for place in places {
            let shown = self.shown.entry(place).or_default();
            for (object, reading) in &around {
                shown.place(object, reading);
            }
            let places = |keys: BTreeSet<Key>| {
                let places = keys.iter().map(|key| shown.places.get(key).copied());
                places.collect::<Option<Vec<usize>>>()
            };
            // A list with an object that no manifest defines says nothing.
            let lists = self.world.listed_by(key).into_iter();
            let lists = lists
                .filter_map(|(aspect, keys)| Some((aspect, places(keys)?)))
                .collect();
            shown.engagements.push(ShownEngagement {
                key,
                reading,
                lists,
                passed_over: 0,
            });
        }
    }

    /// Adds what there is to see of an object that an engagement refers to.
    fn expect_of(&mut self, object: &Key, reading: &Reading, places: &BTreeSet<Place>) {
        let spot = |at: &Pointer| Spot {
            key: object.clone(),
            at: at.clone(),
        };
        let is_library = reading.offer.is_none() && reading.rank.is_none();
        for requirement in &reading.requires {
            each(&requirement.clause, &mut |clause| match &clause.test {
                Test::Within(span) => {
                    for (field, time) in bounds(span) {
                        let at = clause.at.key(field);
                        let when =
                            |word: &str| format!("a visit {word} {time} ({field} of {object})");
                        self.add(spot(&at), CoverageGoal::Before, when("before"), places);
                        self.add(spot(&at), CoverageGoal::After, when("from"), places);
                    }
                }
                test if is_library && is_condition(test) => {
                    let what = |goal: &str| format!("{} of {object} {goal}", phrase(test));
                    for (goal, word) in [
                        (CoverageGoal::True, "is true"),
                        (CoverageGoal::False, "is false"),
                        (CoverageGoal::Deciding, "alone withholds an engagement"),
                    ] {
                        self.add(spot(&clause.at), goal, what(word), places);
                    }
                }
                _ => {}
            });
        }
    }

    fn add(&mut self, spot: Spot, goal: CoverageGoal, what: String, places: &BTreeSet<Place>) {
        let count = self.items.entry((spot, goal)).or_insert(Count {
            what,
            seen: 0,
            places: BTreeSet::new(),
            undecided: None,
        });
        count.places.extend(places.iter().cloned());
    }

    /// Counts what a visit shows of the engagements of its place.
    pub(super) fn visit(&mut self, visit: &Visit, assumed: &Assumed) {
        let Some(mut shown) = self.shown.remove(&visit.place) else {
            return;
        };
        let noted: Noted = RefCell::default();
        let judge = Judge::new(self.world, visit, assumed);
        let noting = judge.noting(&noted);
        let mut truths = BTreeMap::new();
        let mut failing = vec![false; shown.objects.len()];
        for ((key, reading), fails) in shown.objects.iter().zip(&mut failing) {
            if reading.offer.is_some() || reading.rank.is_some() {
                continue;
            }
            *fails = noting.object(key, reading).truth == Truth::No;
            // What it asks of other objects is theirs to say, and may be about an earlier page.
            let own = noted.take().into_iter();
            truths.extend(own.filter(|(spot, _)| spot.key == *key));
        }
        let mut deciding = Deciding::new(judge, &shown.objects, &truths);
        let candidates = self.world.shelves().candidates(visit);
        for engagement in &mut shown.engagements {
            let key = engagement.key;
            let fails =
                |(_, places): &&(Aspect, Vec<usize>)| places.iter().all(|place| failing[*place]);
            let failing_lists = engagement.lists.iter().filter(fails);
            if failing_lists.count() > 1 && !candidates.contains(key) {
                engagement.passed_over += 1;
                continue;
            }
            let found = judge.engagement(key, engagement.reading);
            self.engagement(key, &found);
            let mut failing = found.failing();
            let (Some(only), None) = (failing.next(), failing.next()) else {
                continue;
            };
            for spot in deciding.of(engagement, only) {
                self.see(spot, CoverageGoal::Deciding);
            }
        }
        for (spot, truth) in truths {
            match truth {
                Truth::Yes => self.see(spot, CoverageGoal::True),
                Truth::No => self.see(spot, CoverageGoal::False),
                Truth::Unknown => {}
            }
        }
        if let Some(now) = visit.at {
            shown.dates.iter_mut().for_each(|date| date.see(now));
        }
        self.shown.insert(visit.place.clone(), shown);
    }

    /// Whether an engagement is offered or withheld.
    fn engagement(&mut self, key: &Key, found: &Eligibility) {
        let root = Pointer::root();
        let own = |at: Pointer| Spot {
            key: key.clone(),
            at,
        };
        match found.whole.truth {
            Truth::Yes => {
                self.see(own(root.clone()), CoverageGoal::Offered);
                self.see(own(root.key("skill")), CoverageGoal::Skill);
            }
            Truth::No => self.see(own(root), CoverageGoal::Withheld),
            Truth::Unknown => {
                let why = found.whole.reasons.first().map(ToString::to_string);
                for goal in [CoverageGoal::Offered, CoverageGoal::Withheld] {
                    if let Some(count) = self.items.get_mut(&(own(root.clone()), goal)) {
                        count.undecided.clone_from(&why);
                    }
                }
            }
        }
    }

    fn see(&mut self, spot: Spot, goal: CoverageGoal) {
        if let Some(count) = self.items.get_mut(&(spot, goal)) {
            count.seen += 1;
        }
    }

    pub(super) fn finished(self) -> Vec<CoverageItem> {
        let Self {
            mut items,
            visited,
            shown,
            ..
        } = self;
        let mut add = |spot: Spot, goal: CoverageGoal, seen: usize| {
            if let Some(count) = items.get_mut(&(spot, goal)) {
                count.seen += seen;
            }
        };
        for shown in shown.into_values() {
            for engagement in shown.engagements {
                let at = Pointer::root();
                let key = engagement.key.clone();
                add(
                    Spot { key, at },
                    CoverageGoal::Withheld,
                    engagement.passed_over,
                );
            }
            for date in shown.dates {
                add(date.spot.clone(), CoverageGoal::Before, date.before);
                add(date.spot, CoverageGoal::After, date.after);
            }
        }
        let item = |((spot, goal), count): ((Spot, CoverageGoal), Count)| {
            let seen = if count.seen > 0 {
                SeenCount::By(count.seen)
            } else {
                SeenCount::Missing(why(&count, &visited))
            };
            CoverageItem {
                spot,
                goal,
                what: count.what,
                seen,
            }
        };
        items.into_iter().map(item).collect()
    }
}

/// Why no visit saw something.
fn why(count: &Count, visited: &BTreeSet<&Place>) -> String {
    if !count.places.iter().any(|place| visited.contains(place)) {
        let places: Vec<String> = count.places.iter().map(ToString::to_string).collect();
        return format!("no test visits {}", places.join(" or "));
    }
    match &count.undecided {
        Some(why) => format!("the visits that could show it are undecided: {why}"),
        None => "no visit of a test shows it".to_owned(),
    }
}

const fn is_condition(test: &Test) -> bool {
    matches!(
        test,
        Test::Is(_) | Test::Open(_) | Test::Earlier(_) | Test::Flow(_)
    )
}

fn phrase(test: &Test) -> String {
    match test {
        Test::Is(question) => question.phrase(),
        Test::Earlier(_) => "`visited`".to_owned(),
        Test::Flow(_) => "`flow`".to_owned(),
        _ => "a condition without `means`".to_owned(),
    }
}
