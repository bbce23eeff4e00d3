//! What the tests of a project look at, of all that there is to look at.
//!
//! There is to look at, whatever the tests name: every enabled engagement of a published campaign, once offered and once
//! withheld; each condition that it refers to, once true, once false, and once as the only reason to withhold it; both
//! sides of each date; and each skill that conversations are routed to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use super::judgement::{Eligibility, Judge, Noted};
use super::truth::{Spot, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Aspect, Assumed, Clause, Place, Reading, Span, Test};
use crate::manifest::Key;
use crate::text::Pointer;

/// What there is to see of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// The engagement is offered.
    Offered,
    /// The engagement is not offered.
    Withheld,
    /// The condition holds.
    True,
    /// The condition does not hold.
    False,
    /// The condition is the only reason to withhold an engagement.
    Deciding,
    /// A visit before the date.
    Before,
    /// A visit at the date, or after it.
    After,
    /// A conversation is routed to the skill.
    Skill,
}

impl Goal {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Offered,
        Self::Withheld,
        Self::True,
        Self::False,
        Self::Deciding,
        Self::Before,
        Self::After,
        Self::Skill,
    ];

    /// The word in data.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Withheld => "withheld",
            Self::True => "true",
            Self::False => "false",
            Self::Deciding => "deciding",
            Self::Before => "before",
            Self::After => "after",
            Self::Skill => "skill",
        }
    }
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Where it is written.
    pub spot: Spot,
    /// What there is to see.
    pub goal: Goal,
    /// What it is, in a phrase.
    pub what: String,
    /// How many visits saw it.
    pub seen: Seen,
}

/// How many visits saw something.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// So many did.
    By(usize),
    /// None did, and why.
    Missing(String),
}

/// What was looked at, of all that there is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// Everything that there is to look at.
    pub items: Vec<Item>,
    /// How many engagements there are.
    pub engagements: usize,
}

impl Coverage {
    /// What some visits look at. Each has the assumptions that it is judged with.
    #[must_use]
    pub fn of(world: &World, visits: &[(Visit, Assumed)]) -> Self {
        let mut tally = Tally {
            world,
            items: BTreeMap::new(),
            visited: visits.iter().map(|(visit, _)| &visit.place).collect(),
        };
        let served: Vec<(&Key, &Reading)> = world
            .offered()
            .filter(|(key, reading, _)| is_served(world, key, reading))
            .map(|(key, reading, _)| (key, reading))
            .collect();
        for (key, reading) in &served {
            tally.expect(key, reading);
        }
        for (visit, assumed) in visits {
            for (key, reading) in &served {
                tally.visit(visit, assumed, key, reading);
            }
        }
        Self {
            items: tally.finished(),
            engagements: served.len(),
        }
    }

    /// How many of some items were seen, and how many there are.
    pub fn count(&self, goal: Option<Goal>) -> (usize, usize) {
        let all = self
            .items
            .iter()
            .filter(|it| goal.is_none_or(|goal| it.goal == goal));
        let seen = all.clone().filter(|it| matches!(it.seen, Seen::By(_)));
        (seen.count(), all.count())
    }

    /// The share of what was seen in percent; all of nothing.
    #[must_use]
    pub fn percent(&self) -> f64 {
        let (seen, all) = self.count(None);
        let number = |it: usize| f64::from(u32::try_from(it).unwrap_or(u32::MAX));
        if all == 0 {
            100.0
        } else {
            number(seen) * 100.0 / number(all)
        }
    }
}

/// Whether an engagement is enabled, in a published campaign: what the manifest alone decides does not withhold it.
pub(super) fn is_served(world: &World, key: &Key, reading: &Reading) -> bool {
    let around = reading.around.as_ref().and_then(|it| world.object(it));
    let Some((_, campaign)) = around else {
        return false;
    };
    let is_off = |reading: &Reading| {
        let aspects = [Aspect::State, Aspect::Type, Aspect::Enabled];
        let mut off = reading
            .requires
            .iter()
            .filter(|it| aspects.contains(&it.aspect));
        off.any(|it| matches!(it.clause.test, Test::Known(false, ..)))
    };
    let _ = key;
    !is_off(reading) && !is_off(campaign)
}

/// What is counted of an item.
struct Count {
    what: String,
    seen: usize,
    /// Where its engagement is shown.
    places: BTreeSet<Place>,
    /// Why a visit did not tell.
    undecided: Option<String>,
}

struct Tally<'a> {
    world: &'a World,
    items: BTreeMap<(Spot, Goal), Count>,
    visited: BTreeSet<&'a Place>,
}

impl Tally<'_> {
    /// Adds what there is to see of an engagement.
    fn expect(&mut self, key: &Key, reading: &Reading) {
        let places: BTreeSet<Place> = places_of(reading);
        let mut add = |spot: Spot, goal: Goal, what: String| {
            let count = self.items.entry((spot, goal)).or_insert(Count {
                what,
                seen: 0,
                places: BTreeSet::new(),
                undecided: None,
            });
            count.places.extend(places.iter().cloned());
        };
        let spot = |key: &Key, at: &Pointer| Spot {
            key: key.clone(),
            at: at.clone(),
        };
        let root = Pointer::root();
        add(spot(key, &root), Goal::Offered, format!("{key} is offered"));
        add(
            spot(key, &root),
            Goal::Withheld,
            format!("{key} is withheld"),
        );
        let skill = reading.offer.as_ref().and_then(|it| it.skill.as_ref());
        if let Some(skill) = skill {
            let name = skill
                .as_str()
                .map_or_else(|| skill.to_string(), str::to_owned);
            let what = format!("a conversation is routed to {name} by {}", key.name);
            add(spot(key, &root.key("skill")), Goal::Skill, what);
        }
        for (object, reading) in self.world.around(key) {
            for requirement in &reading.requires {
                each(&requirement.clause, &mut |clause| match &clause.test {
                    Test::Within(span) => {
                        for (field, time) in bounds(span) {
                            let at = clause.at.key(field);
                            let when =
                                |word: &str| format!("a visit {word} {time} ({field} of {object})");
                            add(spot(&object, &at), Goal::Before, when("before"));
                            add(spot(&object, &at), Goal::After, when("from"));
                        }
                    }
                    test if is_condition(test)
                        && reading.offer.is_none()
                        && reading.rank.is_none() =>
                    {
                        let what = |goal: &str| format!("{} of {object} is {goal}", phrase(test));
                        add(spot(&object, &clause.at), Goal::True, what("true"));
                        add(spot(&object, &clause.at), Goal::False, what("false"));
                        let alone =
                            format!("{} of {object} alone withholds an engagement", phrase(test));
                        add(spot(&object, &clause.at), Goal::Deciding, alone);
                    }
                    _ => {}
                });
            }
        }
    }

    /// Counts what a visit shows of an engagement, if it is in its place.
    fn visit(&mut self, visit: &Visit, assumed: &Assumed, key: &Key, reading: &Reading) {
        if !places_of(reading).contains(&visit.place) {
            return;
        }
        let noted: Noted = RefCell::default();
        let judge = Judge {
            world: self.world,
            visit,
            assumed,
            opaque: None,
            noted: Some(&noted),
        };
        let found = judge.engagement(key, reading);
        let noted = noted.into_inner();
        let root = Pointer::root();
        let own = |at: Pointer| Spot {
            key: key.clone(),
            at,
        };
        match found.whole.truth {
            Truth::Yes => {
                self.see(own(root.clone()), Goal::Offered);
                self.see(own(root.key("skill")), Goal::Skill);
            }
            Truth::No => self.see(own(root), Goal::Withheld),
            Truth::Unknown => {
                let why = found.whole.reasons.first().map(ToString::to_string);
                for goal in [Goal::Offered, Goal::Withheld] {
                    if let Some(count) = self.items.get_mut(&(own(root.clone()), goal)) {
                        count.undecided.clone_from(&why);
                    }
                }
            }
        }
        self.conditions(&found, noted);
        self.dates(visit, key);
    }

    fn conditions(&mut self, found: &Eligibility, noted: BTreeMap<Spot, Truth>) {
        let mut failing = found.failing();
        let only = failing.next().filter(|_| failing.next().is_none());
        let deciding = only.into_iter().flat_map(|it| &it.judged.because);
        let deciding: BTreeSet<&Spot> = deciding.map(|it| &it.spot).collect();
        for (spot, truth) in noted {
            match truth {
                Truth::Yes => self.see(spot, Goal::True),
                Truth::No => {
                    if deciding.contains(&spot) {
                        self.see(spot.clone(), Goal::Deciding);
                    }
                    self.see(spot, Goal::False);
                }
                Truth::Unknown => {}
            }
        }
    }

    fn dates(&mut self, visit: &Visit, key: &Key) {
        let Some(now) = visit.at else { return };
        let around = self.world.around(key);
        let mut seen = Vec::new();
        for (object, reading) in around {
            for requirement in &reading.requires {
                each(&requirement.clause, &mut |clause| {
                    let Test::Within(span) = &clause.test else {
                        return;
                    };
                    for (field, time) in bounds(span) {
                        let spot = Spot {
                            key: object.clone(),
                            at: clause.at.key(field),
                        };
                        seen.extend(side(span, time, now).map(|goal| (spot, goal)));
                    }
                });
            }
        }
        for (spot, goal) in seen {
            self.see(spot, goal);
        }
    }

    fn see(&mut self, spot: Spot, goal: Goal) {
        if let Some(count) = self.items.get_mut(&(spot, goal)) {
            count.seen += 1;
        }
    }

    fn finished(self) -> Vec<Item> {
        let Self { items, visited, .. } = self;
        let item = |((spot, goal), count): ((Spot, Goal), Count)| {
            let seen = if count.seen > 0 {
                Seen::By(count.seen)
            } else {
                Seen::Missing(why(&count, &visited))
            };
            Item {
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

pub(super) fn places_of(reading: &Reading) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for requirement in reading
        .requires
        .iter()
        .filter(|it| it.aspect == Aspect::Place)
    {
        if let Test::In(place) = &requirement.clause.test {
            places.insert(place.clone());
        }
    }
    places
}

/// A clause and all clauses inside of it.
pub(super) fn each<'c>(clause: &'c Clause, work: &mut impl FnMut(&'c Clause)) {
    work(clause);
    let mut inside = Vec::new();
    if matches!(clause.test, Test::Earlier(_) | Test::Flow(_)) {
        return; // what was earlier is one condition
    }
    clause.test.inner(&mut |inner| inside.push(inner));
    for inner in inside {
        each(inner, work);
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

fn bounds(span: &Span) -> impl Iterator<Item = (&'static str, jiff::civil::DateTime)> {
    let start = span.start.map(|time| ("start", time));
    start.into_iter().chain(span.end.map(|time| ("end", time)))
}

/// On which side of a date an instant is; on none in the hour that clocks skip or repeat.
fn side(span: &Span, time: jiff::civil::DateTime, now: Timestamp) -> Option<Goal> {
    let zones = TimeZoneDatabase::bundled();
    let found = zones
        .get(span.time_zone.as_deref()?)
        .ok()?
        .to_ambiguous_zoned(time);
    let (first, last) = (found.clone().earlier().ok()?, found.later().ok()?);
    if now < first.timestamp() {
        Some(Goal::Before)
    } else {
        (now >= last.timestamp()).then_some(Goal::After)
    }
}
