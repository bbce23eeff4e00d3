//! What is shown in one place, as the count of coverage goes over it once for all visits that are alike.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use super::alike::AlikeVisits;
use super::judgement::{Judge, Judgement, Noted};
use super::stated::each;
use super::truth::{Judged, Spot, Truth};
use super::world::World;
use crate::kinds::offering::{Aspect, Reading, ScheduleSpan, Test};
use crate::manifest::Key;

/// What is shown in one place.
#[derive(Default)]
pub(super) struct Shown<'a> {
    pub(super) engagements: Vec<ShownEngagement<'a>>,
    /// What these refer to, and their campaigns.
    pub(super) objects: Vec<(Key, &'a Reading)>,
    /// The place of each object in the list of them.
    pub(super) places: BTreeMap<Key, usize>,
    /// How many engagements refer to each object.
    uses: Vec<usize>,
    /// The dates that these are about.
    pub(super) dates: Vec<Date>,
}

/// A date.
pub(super) struct Date {
    pub(super) spot: Spot,
    /// The same instant twice, but for the hour that clocks skip or repeat.
    bounds: (Timestamp, Timestamp),
}

impl Date {
    /// The dates that an object is about, but for those that are in no zone.
    fn all_of<'a>(object: &'a Key, reading: &'a Reading) -> Vec<Self> {
        let mut all = Vec::new();
        for requirement in &reading.requires {
            each(&requirement.clause, &mut |clause| {
                let Test::Within(span) = &clause.test else {
                    return;
                };
                all.extend(bounds(span).filter_map(|(field, time)| {
                    let spot = Spot {
                        key: object.clone(),
                        at: clause.at.key(field),
                    };
                    Some(Self {
                        spot,
                        bounds: instants(span, time)?,
                    })
                }));
            });
        }
        all
    }

    /// How many of some sorted times are before and after it; those in the hour that clocks skip or repeat are neither.
    pub(super) fn sides(&self, times: &[Timestamp]) -> (usize, usize) {
        let (first, last) = self.bounds;
        let before = times.partition_point(|now| *now < first);
        let after = times.len() - times.partition_point(|now| *now < last);
        (before, after)
    }
}

impl<'a> Shown<'a> {
    /// The place of an object in the list, at its end if it is new.
    pub(super) fn place(&mut self, key: &Key, reading: &'a Reading) -> usize {
        if let Some(place) = self.places.get(key) {
            self.uses[*place] += 1;
            return *place;
        }
        let place = self.objects.len();
        self.places.insert(key.clone(), place);
        self.dates.extend(Date::all_of(key, reading));
        self.objects.push((key.clone(), reading));
        self.uses.push(1);
        place
    }

    /// Whether some of the engagements have a higher priority than others.
    pub(super) fn has_order(&self, world: &World) -> bool {
        let all = self.engagements.iter();
        let mut all = all.map(|it| world.rank(it.key).map(|rank| rank.priority));
        let first = all.next();
        all.any(|it| Some(it) != first)
    }

    /// What engagements refer to: not their campaigns, and not themselves.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (&Key, &'a Reading)> {
        let objects = self.objects.iter().map(|(key, reading)| (key, *reading));
        objects.filter(|(_, reading)| is_condition(reading))
    }
}

fn is_condition(reading: &Reading) -> bool {
    reading.offer.is_none() && reading.rank.is_none()
}

pub(super) struct ShownEngagement<'a> {
    pub(super) key: &'a Key,
    pub(super) reading: &'a Reading,
    /// What it refers to, by place: one object of each list must hold at least.
    pub(super) lists: Vec<(Aspect, Vec<usize>)>,
}

impl ShownEngagement<'_> {
    /// The list of objects that is all that it asks for in some respect.
    pub(super) fn list_of(&self, aspect: Aspect) -> Option<&[usize]> {
        let own = self.reading.requires.iter();
        let is_all = own.filter(|it| it.aspect == aspect).count() <= 1;
        let mut lists = self.lists.iter().filter(|(of, _)| *of == aspect);
        let (_, first) = lists.next()?;
        (is_all && lists.next().is_none()).then_some(first)
    }
}

/// The conditions that are the only reason to withhold an engagement from visits of one place.
pub(super) struct Deciding<'a, 's> {
    world: &'a World,
    shown: &'s Shown<'a>,
    /// By visit and object: whether it fails.
    failing: BTreeMap<(usize, usize), bool>,
    /// By visit and list of objects: many engagements refer to the same ones, and what a visit shows of these is the same for
    /// all.
    known: BTreeMap<usize, BTreeMap<&'s [usize], BTreeSet<Spot>>>,
}

impl<'a, 's> Deciding<'a, 's> {
    pub(super) const fn new(world: &'a World, shown: &'s Shown<'a>) -> Self {
        Self {
            world,
            shown,
            failing: BTreeMap::new(),
            known: BTreeMap::new(),
        }
    }

    /// Whether all objects of a list certainly fail.
    pub(super) fn all_fail(&mut self, visits: &AlikeVisits<'a>, list: &[usize]) -> bool {
        list.iter().all(|place| self.fails(visits, *place))
    }

    fn fails(&mut self, visits: &AlikeVisits<'a>, place: usize) -> bool {
        let Some((key, reading)) = self.shown.objects.get(place) else {
            return false;
        };
        let judge = Judge::new(self.world, visits.visit, visits.assumed);
        let fails = || is_condition(reading) && judge.object(key, reading).truth == Truth::No;
        let is_shared = self.shown.uses.get(place).is_some_and(|uses| *uses > 1);
        if !is_shared {
            return fails();
        }
        let known = self.failing.entry((visits.last, place));
        *known.or_insert_with(fails)
    }

    /// Those of an engagement of which only one requirement fails.
    pub(super) fn of(
        &mut self,
        visits: &AlikeVisits<'a>,
        engagement: &'s ShownEngagement<'_>,
        only: &Judgement,
    ) -> BTreeSet<Spot> {
        let judge = Judge::new(self.world, visits.visit, visits.assumed);
        let explaining = judge.explaining();
        let Some(list) = engagement.list_of(only.aspect) else {
            let found = explaining.engagement(engagement.key, engagement.reading);
            return self.certain(judge, found.failing().map(|it| it.judged.clone()));
        };
        let known = self.known.get(&visits.last).and_then(|it| it.get(list));
        if let Some(known) = known {
            return known.clone();
        }
        let objects = list
            .iter()
            .filter_map(|place| self.shown.objects.get(*place));
        let judged = objects.map(|(key, reading)| explaining.object(key, reading));
        let spots = self.certain(judge, judged);
        let mut uses = list.iter().filter_map(|place| self.shown.uses.get(*place));
        if uses.all(|uses| *uses > 1) {
            let known = self.known.entry(visits.last).or_default();
            known.insert(list, spots.clone());
        }
        spots
    }

    /// The conditions that certainly fail, of those that decided.
    fn certain(&self, judge: Judge<'_>, judged: impl Iterator<Item = Judged>) -> BTreeSet<Spot> {
        let decided = judged.flat_map(|it| it.because).map(|it| it.spot);
        let mut truths: BTreeMap<Key, BTreeMap<Spot, Truth>> = BTreeMap::new();
        let fails = |spot: &Spot| {
            if !truths.contains_key(&spot.key) {
                truths.insert(spot.key.clone(), self.truths(judge, &spot.key));
            }
            truths.get(&spot.key).and_then(|it| it.get(spot)) == Some(&Truth::No)
        };
        decided.filter(fails).collect()
    }

    /// What a visit shows of each condition of an object.
    fn truths(&self, judge: Judge<'_>, key: &Key) -> BTreeMap<Spot, Truth> {
        let place = self.shown.places.get(key).copied();
        let object = place.and_then(|it| self.shown.objects.get(it));
        match object.filter(|(_, reading)| is_condition(reading)) {
            Some((key, reading)) => own_truths(judge, key, reading),
            None => BTreeMap::new(),
        }
    }
}

/// What a visit shows of each condition of an object. What it asks of other objects is theirs to say, and may be about an
/// earlier page.
pub(super) fn own_truths(judge: Judge<'_>, key: &Key, reading: &Reading) -> BTreeMap<Spot, Truth> {
    let noted: Noted = RefCell::default();
    judge.noting(&noted).object(key, reading);
    let mut truths = noted.take();
    truths.retain(|spot, _| spot.key == *key);
    truths
}

pub(super) fn bounds(
    span: &ScheduleSpan,
) -> impl Iterator<Item = (&'static str, jiff::civil::DateTime)> {
    let start = span.start.map(|time| ("start", time));
    start.into_iter().chain(span.end.map(|time| ("end", time)))
}

/// The first and the last instant at which clocks show a time; two only in the hour that they skip or repeat.
fn instants(span: &ScheduleSpan, time: jiff::civil::DateTime) -> Option<(Timestamp, Timestamp)> {
    let zones = TimeZoneDatabase::bundled();
    let zone = zones.get(span.time_zone.as_deref()?).ok()?;
    let found = zone.to_ambiguous_zoned(time);
    let (first, last) = (found.clone().earlier().ok()?, found.later().ok()?);
    Some((first.timestamp(), last.timestamp()))
}
