//! What is shown in one place, as the count of coverage goes over it once for each visit.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use super::coverage::each;
use super::judgement::{Judge, Judgement};
use super::truth::{Judged, Spot, Truth};
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
    /// The dates that these are about.
    pub(super) dates: Vec<Date>,
}

/// A date, and how many visits are on each side of it.
pub(super) struct Date {
    pub(super) spot: Spot,
    /// The same instant twice, but for the hour that clocks skip or repeat.
    pub(super) bounds: (Timestamp, Timestamp),
    pub(super) before: usize,
    pub(super) after: usize,
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
                        before: 0,
                        after: 0,
                    })
                }));
            });
        }
        all
    }

    /// Counts a visit, unless it is in the hour that clocks skip or repeat.
    pub(super) fn see(&mut self, now: Timestamp) {
        let (first, last) = self.bounds;
        if now < first {
            self.before += 1;
        } else if now >= last {
            self.after += 1;
        }
    }
}

impl<'a> Shown<'a> {
    /// The place of an object in the list, at its end if it is new.
    pub(super) fn place(&mut self, key: &Key, reading: &'a Reading) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let place = self.objects.len();
        self.places.insert(key.clone(), place);
        self.dates.extend(Date::all_of(key, reading));
        self.objects.push((key.clone(), reading));
        place
    }
}

pub(super) struct ShownEngagement<'a> {
    pub(super) key: &'a Key,
    pub(super) reading: &'a Reading,
    /// What it refers to, by place: one object of each list must hold at least.
    pub(super) lists: Vec<(Aspect, Vec<usize>)>,
    /// How many visits it was withheld from without a look at the rest.
    pub(super) passed_over: usize,
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

/// The conditions that are the only reason to withhold an engagement from a visit.
pub(super) struct Deciding<'a> {
    judge: Judge<'a>,
    objects: &'a [(Key, &'a Reading)],
    truths: &'a BTreeMap<Spot, Truth>,
    /// By list of objects: many engagements refer to the same ones, and what a visit shows of these is the same for all.
    known: BTreeMap<Vec<usize>, BTreeSet<Spot>>,
}

impl<'a> Deciding<'a> {
    /// For one visit, with what it shows of each condition of the objects.
    pub(super) fn new(
        judge: Judge<'a>,
        objects: &'a [(Key, &'a Reading)],
        truths: &'a BTreeMap<Spot, Truth>,
    ) -> Self {
        Self {
            judge: judge.explaining(),
            objects,
            truths,
            known: BTreeMap::new(),
        }
    }

    /// Those of an engagement of which only one requirement fails.
    pub(super) fn of(
        &mut self,
        engagement: &ShownEngagement<'_>,
        only: &Judgement,
    ) -> BTreeSet<Spot> {
        let Some(list) = engagement.list_of(only.aspect) else {
            let found = self.judge.engagement(engagement.key, engagement.reading);
            return self.failing(found.failing().map(|it| it.judged.clone()));
        };
        if let Some(known) = self.known.get(list) {
            return known.clone();
        }
        let objects = list.iter().filter_map(|place| self.objects.get(*place));
        let spots = self.failing(objects.map(|(key, reading)| self.judge.object(key, reading)));
        self.known.insert(list.to_vec(), spots.clone());
        spots
    }

    /// The conditions that certainly fail, of those that decided.
    fn failing(&self, judged: impl Iterator<Item = Judged>) -> BTreeSet<Spot> {
        let spots = judged.flat_map(|it| it.because).map(|it| it.spot);
        let failing = spots.filter(|spot| self.truths.get(spot) == Some(&Truth::No));
        failing.collect()
    }
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
