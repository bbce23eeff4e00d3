//! Counts what some visits look at.
//!
//! What a visit shows of a condition is the same for all engagements that refer to it, and for all visits that are alike
//! to it, so each condition is asked once for these. Of the engagements, most certainly fail for their entry point and for
//! something else: these are counted without a look at the rest.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::alike::{AlikeVisits, AskedFacts, SortedVisits};
use super::coverage::{CoverageGoal, CoverageItem, SeenCount};
use super::judgement::{Eligibility, Judge};
use super::outcome::VisitOutcome;
use super::precedence::FirstPriority;
use super::shown::{Deciding, Shown, ShownEngagement, bounds, own_truths};
use super::stated::{each, places_of};
use super::truth::{Spot, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Place, Reading, Test};
use crate::manifest::Key;
use crate::text::Pointer;

/// What is counted of an item.
struct ItemCount {
    what: String,
    seen: usize,
    /// Where its engagement is shown.
    places: BTreeSet<Place>,
    /// The last visit that did not tell, and why.
    undecided: Option<(usize, Option<String>)>,
}

impl ItemCount {
    /// Notes a visit that does not tell.
    fn leave_open(&mut self, visit: usize, why: Option<&str>) {
        if self
            .undecided
            .as_ref()
            .is_none_or(|(last, _)| *last < visit)
        {
            self.undecided = Some((visit, why.map(str::to_owned)));
        }
    }
}

pub(super) struct VisitTally<'a> {
    world: &'a World,
    items: BTreeMap<(Spot, CoverageGoal), ItemCount>,
    visited: BTreeSet<&'a Place>,
    shown: BTreeMap<Place, Shown<'a>>,
    /// How often something was judged.
    judged: usize,
}

impl<'a> VisitTally<'a> {
    pub(super) fn new(world: &'a World, visited: BTreeSet<&'a Place>) -> Self {
        Self {
            world,
            items: BTreeMap::new(),
            visited,
            shown: BTreeMap::new(),
            judged: 0,
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
        let count = self.items.entry((spot, goal)).or_insert(ItemCount {
            what,
            seen: 0,
            places: BTreeSet::new(),
            undecided: None,
        });
        count.places.extend(places.iter().cloned());
    }

    /// Counts what the visits show of the engagements of their places.
    pub(super) fn count(&mut self, visits: &'a [(Visit, Assumed)]) {
        let mut places: BTreeMap<&Place, Vec<usize>> = BTreeMap::new();
        for (at, (visit, _)) in visits.iter().enumerate() {
            places.entry(&visit.place).or_default().push(at);
        }
        for (place, here) in places {
            let Some(shown) = self.shown.remove(place) else {
                continue;
            };
            let times = here.iter().filter_map(|at| visits.get(*at)?.0.at);
            let mut times: Vec<Timestamp> = times.collect();
            times.sort_unstable();
            for date in &shown.dates {
                let (before, after) = date.sides(&times);
                self.see(date.spot.clone(), CoverageGoal::Before, before);
                self.see(date.spot.clone(), CoverageGoal::After, after);
            }
            let here = here
                .into_iter()
                .filter_map(|at| Some((at, visits.get(at)?)));
            // Where all have the same priority, it has no say.
            let has_order = shown.has_order(self.world);
            let mut sorted = SortedVisits::of(here, |visit, assumed| {
                let first = has_order.then(|| FirstPriority::at(self.world, visit, assumed));
                first.unwrap_or_default()
            });
            self.objects(&shown, &mut sorted);
            self.engagements(&shown, &mut sorted);
        }
    }

    /// Counts what visits of a place show of the conditions of what its engagements refer to.
    fn objects(&mut self, shown: &Shown<'a>, visits: &mut SortedVisits<'a>) {
        for (key, reading) in shown.conditions() {
            let asked = AskedFacts::by(self.world, key);
            for alike in visits.alike(&asked) {
                let judge = Judge::new(self.world, alike.visit, alike.assumed);
                for (spot, truth) in own_truths(judge, key, reading) {
                    match truth {
                        Truth::Yes => self.see(spot, CoverageGoal::True, alike.count),
                        Truth::No => self.see(spot, CoverageGoal::False, alike.count),
                        Truth::Unknown => {}
                    }
                }
                self.judged += 1;
            }
        }
    }

    /// Counts which engagements are offered and withheld by visits of their place, and by which condition alone.
    fn engagements(&mut self, shown: &Shown<'a>, visits: &mut SortedVisits<'a>) {
        let mut deciding = Deciding::new(self.world, shown);
        for engagement in &shown.engagements {
            let key = engagement.key;
            let asked = AskedFacts::by(self.world, key);
            for alike in visits.alike(&asked) {
                let count = alike.count;
                let failing = engagement.lists.iter();
                let failing = failing.filter(|(_, places)| deciding.all_fail(&alike, places));
                let shelves = self.world.shelves();
                if failing.count() > 1 && !shelves.is_candidate(alike.visit, key) {
                    let at = Pointer::root();
                    let key = key.clone();
                    self.see(Spot { key, at }, CoverageGoal::Withheld, count);
                    continue;
                }
                let judge = Judge::new(self.world, alike.visit, alike.assumed);
                let found = judge.engagement(key, engagement.reading);
                self.judged += 1;
                self.engagement(&found, &alike);
                let mut failing = found.failing();
                let (Some(only), None) = (failing.next(), failing.next()) else {
                    continue;
                };
                for spot in deciding.of(&alike, engagement, only) {
                    self.see(spot, CoverageGoal::Deciding, count);
                }
            }
        }
    }

    /// Whether an engagement is offered or withheld.
    fn engagement(&mut self, found: &Eligibility, alike: &AlikeVisits<'_>) {
        let root = Pointer::root();
        let own = |at: Pointer| Spot {
            key: found.engagement.clone(),
            at,
        };
        let is_behind = alike.first.is_before(self.world, &found.engagement);
        let judged = if is_behind && found.whole.truth != Truth::No {
            let outcome = VisitOutcome::in_brief(self.world, alike.visit, alike.assumed);
            outcome.possible(self.world, &found.engagement, alike.assumed)
        } else {
            found.whole.clone()
        };
        match judged.truth {
            Truth::Yes => {
                self.see(own(root.clone()), CoverageGoal::Offered, alike.count);
                self.see(own(root.key("skill")), CoverageGoal::Skill, alike.count);
            }
            Truth::No => self.see(own(root), CoverageGoal::Withheld, alike.count),
            Truth::Unknown => {
                let why = judged.reasons.first().map(ToString::to_string);
                for goal in [CoverageGoal::Offered, CoverageGoal::Withheld] {
                    if let Some(count) = self.items.get_mut(&(own(root.clone()), goal)) {
                        count.leave_open(alike.last, why.as_deref());
                    }
                }
            }
        }
    }

    fn see(&mut self, spot: Spot, goal: CoverageGoal, visits: usize) {
        if let Some(count) = self.items.get_mut(&(spot, goal)) {
            count.seen += visits;
        }
    }

    /// How often something was judged.
    #[cfg(test)]
    pub(super) const fn judged(&self) -> usize {
        self.judged
    }

    pub(super) fn finished(self) -> Vec<CoverageItem> {
        let Self { items, visited, .. } = self;
        let item = |((spot, goal), count): ((Spot, CoverageGoal), ItemCount)| {
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
fn why(count: &ItemCount, visited: &BTreeSet<&Place>) -> String {
    if !count.places.iter().any(|place| visited.contains(place)) {
        let places: Vec<String> = count.places.iter().map(ToString::to_string).collect();
        return format!("no test visits {}", places.join(" or "));
    }
    match &count.undecided {
        Some((_, Some(why))) => format!("the visits that could show it are undecided: {why}"),
        _ => "no visit of a test shows it".to_owned(),
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
