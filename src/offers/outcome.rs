//! The set of possible offers of a visit.

use std::collections::{BTreeMap, BTreeSet};

use super::contests::contests;
use super::judgement::{Eligibility, Judge, judge};
use super::rivalry::{ChoiceRule, meets};
use super::truth::{Judged, Reason, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Switch, Zone};
use crate::manifest::Key;

/// What comes of a visit.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitOutcome {
    /// The engagements by name; those that are left out certainly fail.
    pub eligibilities: BTreeMap<Key, Eligibility>,
    /// Those that can be offered, by where they compete.
    pub contests: Vec<Contest>,
}

/// Engagements that compete for one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Contest {
    /// The place.
    pub zone: Zone,
    /// Those that certainly meet their requirements.
    pub sure: BTreeSet<Key>,
    /// Those of which it is not known.
    pub maybe: BTreeSet<Key>,
    /// Whether it is not known of another contest whether it is one with this: then no share is known.
    pub is_zone_open: bool,
    /// The share of each that can be drawn, from 0 to 1; none where that is not known.
    pub shares: BTreeMap<Key, f64>,
    /// The inferred fact on which the shares depend, where they are not known for that.
    pub depends: Option<Switch>,
    /// The assumptions without which the shares would be others.
    pub rests: BTreeSet<Switch>,
}

impl VisitOutcome {
    /// The outcome of a visit, with every engagement.
    #[must_use]
    pub fn whole(world: &World, visit: &Visit, assumed: &Assumed) -> Self {
        let eligibilities = judge(world, visit, assumed).into_iter();
        let eligibilities = eligibilities.map(|it| (it.engagement.clone(), it));
        Self::with(world, eligibilities.collect(), assumed)
    }

    /// The same, where what is open are inferred facts: who competes in all their positions, if that is one.
    #[must_use]
    pub fn agreed(world: &World, visit: &Visit, assumed: &Assumed) -> Self {
        let whole = Self::whole(world, visit, assumed);
        let open = whole.contests.iter().flat_map(|contest| &contest.maybe);
        let reasons: BTreeSet<Reason> = open.flat_map(|key| whole.eligible(key).reasons).collect();
        let switches: Option<Vec<Switch>> = reasons
            .iter()
            .map(|reason| match reason {
                Reason::Inferred(switch) => Some(*switch),
                _ => None,
            })
            .collect();
        let Some(switches) = switches.filter(|it| (1..=TRIED).contains(&it.len())) else {
            return whole;
        };
        let mut contests = positions(&switches, assumed)
            .map(|taken| Self::whole(world, visit, &taken).of_positions(world, assumed));
        let first = contests.next().unwrap_or_default();
        let is_same = first.iter().all(|it| it.maybe.is_empty()) && contests.all(|it| it == first);
        if is_same {
            Self {
                contests: first,
                ..whole
            }
        } else {
            whole
        }
    }

    /// The contests, chosen as an assumption has it, and not as a position that is only tried.
    fn of_positions(self, world: &World, assumed: &Assumed) -> Vec<Contest> {
        let contests = self.contests.into_iter();
        contests.map(|it| it.with_shares(world, assumed)).collect()
    }

    /// The outcome of a visit, without most engagements that certainly fail.
    #[must_use]
    pub fn of(world: &World, visit: &Visit, assumed: &Assumed) -> Self {
        Self::about(world, visit, assumed, &[])
    }

    /// The outcome of a visit, with some engagements whatever comes of them.
    pub(super) fn about(world: &World, visit: &Visit, assumed: &Assumed, keys: &[&Key]) -> Self {
        let judge = Judge::new(world, visit, assumed).explaining();
        let mut candidates = world.shelves().candidates(visit);
        candidates.extend(keys);
        let found = candidates.into_iter().filter_map(|key| {
            let reading = world.reading(key).filter(|it| it.offer.is_some())?;
            Some((key.clone(), judge.engagement(key, reading)))
        });
        Self::with(world, found.collect(), assumed)
    }

    /// The same without requirements and sentences, which cost more than the verdicts.
    pub(super) fn in_brief(world: &World, visit: &Visit, assumed: &Assumed) -> Self {
        let judge = Judge::new(world, visit, assumed);
        let candidates = world.shelves().candidates(visit).into_iter();
        let found = candidates.map(|key| {
            let eligibility = Eligibility {
                engagement: key.clone(),
                whole: judge.whole(key),
                requirements: Vec::new(),
            };
            (key.clone(), eligibility)
        });
        Self::with(world, found.collect(), assumed)
    }

    fn with(world: &World, eligibilities: BTreeMap<Key, Eligibility>, assumed: &Assumed) -> Self {
        Self {
            contests: contests(world, &eligibilities, assumed),
            eligibilities,
        }
    }

    /// Whether an engagement meets its requirements; one that is left out, or does not exist, meets none.
    pub(super) fn eligible(&self, key: &Key) -> Judged {
        let found = self.eligibilities.get(key);
        found.map_or_else(|| Judged::of(Truth::No), |it| it.whole.clone())
    }

    /// Whether nothing can take the place of an engagement: neither a sure rival nor a possible one.
    pub(super) fn alone(&self, world: &World, key: &Key, assumed: &Assumed) -> Judged {
        let rivals = self.rivals(world, key);
        let rivals = rivals.iter().map(|(rival, is_sure_rival)| {
            let lottery = self.eligible(rival).not();
            let priority = yields(world, rival, key, lottery.clone());
            let by_contest = if is_app(world, key) {
                Judged::depending(Switch::Contest, assumed, lottery, priority)
            } else {
                lottery
            };
            match (is_sure_rival, by_contest.truth) {
                (true, _) | (_, Truth::Yes) => by_contest,
                (false, _) => {
                    let mut open = Judged::unknown(Reason::Zone);
                    open.reasons.extend(by_contest.reasons);
                    open
                }
            }
        });
        Judged::all(rivals.chain(self.out_by_assumption(world, key)))
    }

    /// That those are out which would compete with an engagement, and fail by an assumption alone: what is said of the
    /// engagement rests on it, too.
    pub(super) fn out_by_assumption<'o>(
        &'o self,
        world: &'o World,
        key: &'o Key,
    ) -> impl Iterator<Item = Judged> + 'o {
        self.out_beside(world, key).map(|(_, out)| out)
    }

    /// The same, each with the one that is out.
    fn out_beside<'o>(
        &'o self,
        world: &'o World,
        key: &'o Key,
    ) -> impl Iterator<Item = (&'o Key, Judged)> + 'o {
        let out = self.eligibilities.iter().filter(move |(other, found)| {
            let is_out = found.whole.truth == Truth::No && !found.whole.rests.is_empty();
            is_out && *other != key && meets(world, key, other) != Some(false)
        });
        out.map(|(other, found)| (other, found.whole.clone().not()))
    }

    /// Those that compete with an engagement, and whether that is certain.
    pub(super) fn rivals(&self, world: &World, key: &Key) -> Vec<(Key, bool)> {
        let zone = |key: &Key| {
            world
                .offering(key)
                .map(|it| it.zone.clone())
                .unwrap_or_default()
        };
        let own = zone(key);
        let others = self
            .contests
            .iter()
            .flat_map(|contest| contest.sure.iter().chain(&contest.maybe));
        let rivals = others.filter(|other| *other != key).filter_map(|other| {
            let is_certain = match own.is_shared_with(&zone(other)) {
                Some(false) => return None,
                known => known.is_some(),
            };
            Some((other.clone(), is_certain))
        });
        rivals.collect()
    }

    /// Whether an engagement can be offered: it meets its requirements, and no sure rival of higher priority is ahead.
    pub(super) fn possible(&self, world: &World, key: &Key, assumed: &Assumed) -> Judged {
        let eligible = self.eligible(key);
        if eligible.truth == Truth::No || !is_app(world, key) {
            return eligible;
        }
        let priority = |key: &Key| world.rank(key).map_or(0.0, |rank| rank.priority);
        let ahead = self.rivals(world, key).into_iter();
        let ahead = ahead.filter(|(rival, _)| priority(rival) > priority(key));
        let behind = Judged::all(ahead.map(|(rival, _)| self.eligible(&rival).not()));
        let own = priority(key);
        let out = self.out_beside(world, key);
        let out = out.filter(|(other, _)| priority(other) > own);
        let out = out.map(|(_, out)| out);
        let by_priority = Judged::all([eligible.clone(), behind].into_iter().chain(out));
        Judged::depending(Switch::Contest, assumed, eligible, by_priority)
    }

    /// Whether an engagement is drawn with a share of so many percent, to the next whole number.
    pub(super) fn share(
        &self,
        world: &World,
        key: &Key,
        percent: f64,
        assumed: &Assumed,
    ) -> Judged {
        let contest = self.contests.iter();
        let mut contest = contest.filter(|it| it.sure.contains(key) || it.maybe.contains(key));
        let Some(contest) = contest.next() else {
            return self.eligible(key);
        };
        if !contest.maybe.is_empty() {
            return Judged::all(contest.maybe.iter().map(|key| self.eligible(key)));
        }
        let mut elsewhere = self.rivals(world, key).into_iter();
        if elsewhere
            .any(|(rival, is_certain)| !is_certain && self.eligible(&rival).truth != Truth::No)
        {
            return Judged::unknown(Reason::Zone);
        }
        let by = |keys: &BTreeSet<&Key>, weighing: Weighing| {
            let shares = shares_of(world, keys, weighing);
            let share = shares.get(key).copied().unwrap_or_default();
            let is_so = Judged::of(((share * 100.0 - percent).abs() <= 0.5 + 1e-9).into());
            let taking_part = contest.sure.iter().map(|it| self.eligible(it));
            let rests = Judged::all(taking_part.chain(self.out_by_assumption(world, key))).rests;
            Judged { rests, ..is_so }
        };
        let is_so = |keys: &BTreeSet<&Key>| {
            let [one, other] = Weighing::BOTH.map(|weighing| by(keys, weighing));
            Judged::depending(Switch::EngagementWeight, assumed, one, other)
        };
        let all: BTreeSet<&Key> = contest.sure.iter().collect();
        let lottery = is_so(&all);
        if !is_app(world, key) {
            return lottery;
        }
        let priority = |key: &Key| world.rank(key).map_or(0.0, |rank| rank.priority);
        let most = all.iter().map(|key| priority(key)).fold(f64::MIN, f64::max);
        let first = all
            .into_iter()
            .filter(|key| priority(key) >= most)
            .collect();
        Judged::depending(Switch::Contest, assumed, lottery, is_so(&first))
    }

    /// The share that an engagement is drawn with if the weights count in one way, where that is known.
    pub(super) fn drawn_by(
        &self,
        world: &World,
        key: &Key,
        weighing: Weighing,
        assumed: &Assumed,
    ) -> Option<f64> {
        let at = Weighing::BOTH.iter().position(|it| *it == weighing)?;
        let mut taken = assumed.clone();
        taken.0.insert(Switch::EngagementWeight, at);
        let mut contests = self.contests.iter();
        let contest = contests.find(|it| it.sure.contains(key))?;
        let contest = contest.clone().with_shares(world, &taken);
        contest.shares.get(key).copied()
    }

    /// What would decide who is offered.
    pub(super) fn open(&self, world: &World, assumed: &Assumed) -> BTreeSet<Reason> {
        let of = |key: &Key| {
            let alone = self.alone(world, key, assumed).reasons;
            self.eligible(key).reasons.into_iter().chain(alone)
        };
        self.candidates().flat_map(of).collect()
    }

    /// All that are sure, and all that are possible.
    pub(super) fn candidates(&self) -> impl Iterator<Item = &Key> {
        let contests = self.contests.iter();
        contests.flat_map(|contest| contest.sure.iter().chain(&contest.maybe))
    }
}

/// How many inferred facts are tried in all their positions: each doubles the work.
pub(super) const TRIED: usize = 6;

/// All positions of some switches, besides what is assumed.
pub(super) fn positions(switches: &[Switch], assumed: &Assumed) -> impl Iterator<Item = Assumed> {
    (0..1_usize << switches.len()).map(move |number| {
        let mut taken = assumed.clone();
        for (bit, switch) in switches.iter().enumerate() {
            taken.0.insert(*switch, number >> bit & 1);
        }
        taken
    })
}

impl Contest {
    /// One without anybody yet.
    pub(super) fn in_zone(zone: Zone) -> Self {
        Self {
            zone,
            sure: BTreeSet::new(),
            maybe: BTreeSet::new(),
            is_zone_open: false,
            shares: BTreeMap::new(),
            depends: None,
            rests: BTreeSet::new(),
        }
    }

    pub(super) fn with_shares(mut self, world: &World, assumed: &Assumed) -> Self {
        (self.depends, self.rests, self.shares) = Default::default();
        if self.is_zone_open {
            return self;
        }
        let choices = match (&self.zone, assumed.of(Switch::Contest)) {
            (Zone::App, None) => vec![ChoiceRule::Lottery, ChoiceRule::Priority],
            (Zone::App, Some(1)) => vec![ChoiceRule::Priority],
            _ => vec![ChoiceRule::Lottery],
        };
        let weighed = Weighing::BOTH.map(|weighing| {
            let shares = choices.iter().map(|it| self.drawn(world, *it, weighing));
            shares.collect::<Vec<_>>()
        });
        let is_weighed_alike = weighed[0] == weighed[1];
        let weight = assumed.of(Switch::EngagementWeight);
        if weight.is_none() && !is_weighed_alike {
            self.depends = Some(Switch::EngagementWeight);
            return self;
        }
        let rests = weight.filter(|_| !is_weighed_alike);
        self.rests.extend(rests.map(|_| Switch::EngagementWeight));
        let weighing = Weighing::BOTH[weight.unwrap_or_default()];
        let [campaigns, engagements] = weighed;
        let mut taken = match weighing {
            Weighing::Campaigns => campaigns,
            Weighing::Engagements => engagements,
        };
        if taken.iter().any(|it| *it != taken[0]) {
            self.depends = Some(Switch::Contest);
            return self;
        }
        if let (Zone::App, Some(at)) = (&self.zone, assumed.of(Switch::Contest)) {
            let other = [ChoiceRule::Priority, ChoiceRule::Lottery][at.min(1)];
            let other = self.drawn(world, other, weighing);
            self.rests
                .extend((other != taken[0]).then_some(Switch::Contest));
        }
        self.shares = taken.swap_remove(0).unwrap_or_default();
        self
    }

    /// What would decide who is drawn, besides who meets the requirements.
    pub fn reasons(&self) -> impl Iterator<Item = Reason> {
        let zone = self.is_zone_open.then_some(Reason::Zone);
        zone.into_iter().chain(self.depends.map(Reason::Inferred))
    }

    /// The shares in both positions of what they depend on, each where it is known.
    #[must_use]
    pub fn both(&self, world: &World) -> [Option<BTreeMap<Key, f64>>; 2] {
        match self.depends {
            Some(Switch::EngagementWeight) => {
                Weighing::BOTH.map(|weighing| self.drawn(world, ChoiceRule::Lottery, weighing))
            }
            _ => [ChoiceRule::Lottery, ChoiceRule::Priority]
                .map(|choice| self.drawn(world, choice, Weighing::Campaigns)),
        }
    }

    /// The shares; `None` where it is not known who takes part.
    fn drawn(
        &self,
        world: &World,
        choice: ChoiceRule,
        weighing: Weighing,
    ) -> Option<BTreeMap<Key, f64>> {
        let priority = |key: &Key| world.rank(key).map_or(0.0, |rank| rank.priority);
        let most = self.sure.iter().map(priority).fold(f64::MIN, f64::max);
        let is_in = |key: &&Key| choice == ChoiceRule::Lottery || priority(key) >= most;
        if self.maybe.iter().any(|key| is_in(&key)) {
            return None;
        }
        let keys = self.sure.iter().filter(is_in).collect();
        let drawn = shares_of(world, &keys, weighing).into_iter();
        Some(drawn.map(|(key, share)| (key.clone(), share)).collect())
    }
}

/// What counts in a lottery: the positions of [`Switch::EngagementWeight`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weighing {
    /// The weights of the campaigns alone.
    Campaigns,
    /// Those of the engagements as well.
    Engagements,
}

impl Weighing {
    pub(super) const BOTH: [Self; 2] = [Self::Campaigns, Self::Engagements];

    /// What an engagement counts among those of its campaign: 0.5 without a weight, as the console sends it.
    pub(super) fn of(self, world: &World, key: &Key) -> f64 {
        let own = || world.offering(key).and_then(|it| it.weight).unwrap_or(0.5);
        match self {
            Self::Campaigns => 1.0,
            Self::Engagements => own(),
        }
    }
}

/// The share of each in a lottery.
pub(super) fn shares_of<'k>(
    world: &World,
    keys: &BTreeSet<&'k Key>,
    weighing: Weighing,
) -> BTreeMap<&'k Key, f64> {
    let of_campaign = |key: &Key| world.rank(key).map_or(0.0, |rank| rank.weight);
    // Where all weigh the same, the numbers are the same to the last digit.
    let mut own = keys.iter().map(|key| weighing.of(world, key));
    let first = own.next().unwrap_or(1.0);
    let is_alike = own.all(|it| it.to_bits() == first.to_bits());
    let weight = |key: &Key| {
        let own = if is_alike {
            1.0
        } else {
            weighing.of(world, key)
        };
        of_campaign(key) * own
    };
    let sum: f64 = keys.iter().map(|key| weight(key)).sum();
    let count = f64::from(u32::try_from(keys.len()).unwrap_or(u32::MAX));
    let share = |weight: f64| if sum > 0.0 { weight / sum } else { 1.0 / count };
    keys.iter().map(|key| (*key, share(weight(key)))).collect()
}

/// Whether a rival stays behind by its priority, or does not take part.
fn yields(world: &World, rival: &Key, key: &Key, out: Judged) -> Judged {
    let priority = |key: &Key| world.rank(key).map(|rank| rank.priority);
    match (priority(rival), priority(key)) {
        (Some(rival), Some(own)) if rival < own => Judged::of(Truth::Yes),
        _ => out,
    }
}

fn is_app(world: &World, key: &Key) -> bool {
    world.offering(key).is_some_and(|it| it.zone == Zone::App)
}
