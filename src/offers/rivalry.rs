//! Who competes otherwise in two worlds: visitors who lose an engagement to another one, or are drawn it more or less often.
//!
//! An engagement that did not change is offered otherwise where what competes with it is: a rival that is new, gone, or
//! offered to other visits, one with another weight or priority. So all that takes part is looked at together, at visits where
//! the engagement and one of the changed rivals can be. Rivals that are the same in both worlds and take part at the same
//! visits change no share; where the priority decides, they count if they are ahead.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::explore::Leaf;
use super::judgement::Judge;
use super::outcome::shares_of;
use super::truth::{Reason, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Place, Switch, Zone};
use crate::manifest::Key;
use crate::plan::Shift;

/// How many rivals of one engagement are looked at together.
pub(super) const TOGETHER: usize = 6;

/// How many rivals of one engagement are looked at that share no section with it.
const ACROSS: usize = 16;

/// How many pairs of engagements that only meet at several sections are looked at.
const PAIRS: usize = 400;

/// How one of several is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Lottery,
    Priority,
}

/// How one of several is chosen in a place; two where that is open.
pub(super) fn choices(place: &Place, assumed: &Assumed) -> Vec<Choice> {
    match (place, assumed.of(Switch::Contest)) {
        (Place::Web, _) | (_, Some(0)) => vec![Choice::Lottery],
        (_, Some(_)) => vec![Choice::Priority],
        (_, None) => vec![Choice::Lottery, Choice::Priority],
    }
}

/// What is different between two worlds.
pub(super) struct Changed<'a> {
    pub(super) before: &'a World,
    pub(super) after: &'a World,
    /// The engagements that are written otherwise in one of the worlds, with all that they refer to.
    pub(super) keys: BTreeSet<&'a Key>,
    /// Those of these that other visits may be offered, or in another zone.
    moved: BTreeSet<&'a Key>,
    /// By engagement: those of the changed ones that can take part at one of its visits.
    beside: BTreeMap<&'a Key, BTreeSet<&'a Key>>,
    /// The changed ones that meet too many others at several sections to look at.
    pub(super) crowded: BTreeSet<&'a Key>,
    /// The highest priority in each world.
    highest: [f64; 2],
    /// The first moment that counts, where earlier ones do not.
    pub(super) since: Option<Timestamp>,
}

impl<'a> Changed<'a> {
    pub(super) fn new(before: &'a World, after: &'a World) -> Self {
        let all: BTreeSet<&Key> = before
            .offered()
            .chain(after.offered())
            .map(|(key, ..)| key)
            .collect();
        let is_same = |key: &&Key| {
            before.around(key) == after.around(key) && before.says_the_same(after, key)
        };
        let keys: BTreeSet<&Key> = all.into_iter().filter(|key| !is_same(key)).collect();
        let is_moved = |key: &&Key| !is_offered_alike(before, after, key);
        let mut changed = Self {
            before,
            after,
            moved: keys.iter().copied().filter(is_moved).collect(),
            keys,
            beside: BTreeMap::new(),
            crowded: BTreeSet::new(),
            highest: [before, after].map(highest),
            since: None,
        };
        for key in changed.keys.clone() {
            for rival in changed.beside_of(key) {
                changed.beside.entry(rival).or_default().insert(key);
            }
        }
        changed.join_across();
        changed
    }

    /// Who is at several sections at once is offered what belongs to any of them: two engagements that share no section meet
    /// there.
    fn join_across(&mut self) {
        let counts = |key: &&Key| self.moved.contains(key) || self.is_ranked_otherwise(key);
        let counting: Vec<&'a Key> = self.keys.iter().copied().filter(counts).collect();
        let sizes = counting.iter().map(|key| self.neighbours(key));
        if sizes.sum::<usize>() > PAIRS {
            let meets_any = |key: &&Key| self.across(key, 1).next().is_some();
            self.crowded = counting.into_iter().filter(meets_any).collect();
            return;
        }
        for key in counting {
            let across: BTreeSet<&'a Key> = self.across(key, usize::MAX).collect();
            for rival in across {
                self.beside.entry(rival).or_default().insert(key);
            }
        }
    }

    /// How many engagements the places of one have.
    fn neighbours(&self, key: &Key) -> usize {
        let worlds = [self.before, self.after].into_iter();
        let counts = worlds.flat_map(|world| {
            let places = world.places_of(key).into_iter();
            places.map(|place| world.shelves().count(&place))
        });
        counts.max().unwrap_or_default()
    }

    /// Those of the same place that share no section with an engagement, so many at most in each world.
    fn across(&self, key: &'a Key, most: usize) -> impl Iterator<Item = &'a Key> {
        let near = self.beside_of(key);
        let worlds = [self.before, self.after].into_iter();
        let found = worlds.flat_map(|world: &'a World| {
            let near = near.clone();
            let places = world.places_of(key).into_iter();
            let all = places.flat_map(|place| world.shelves().all_of(&place).collect::<Vec<_>>());
            let apart = all.filter(move |it| *it != key && !near.contains(it));
            let apart = apart.filter(|it| self.may_meet(key, it));
            apart.take(most).collect::<Vec<&'a Key>>()
        });
        found.collect::<Vec<_>>().into_iter()
    }

    fn is_ranked_otherwise(&self, key: &Key) -> bool {
        let rank = |world: &World| world.rank(key).map(|it| (it.weight, it.priority));
        rank(self.before) != rank(self.after)
    }

    /// Whether two engagements may be in another order than before, where the priority decides.
    pub(super) fn is_ordered_otherwise(&self, key: &Key, rival: &Key) -> bool {
        let order = |world: &World| {
            let (own, other) = (world.rank(key)?, world.rank(rival)?);
            Some(own.priority.total_cmp(&other.priority))
        };
        self.moved.contains(rival) || order(self.before) != order(self.after)
    }

    /// What else is ahead of an engagement at a visit, where the priority decides: neither it nor one of these.
    pub(super) fn hidden_by(
        &self,
        (key, rivals): (&Key, &[&Key]),
        visit: &Visit,
        assumed: &Assumed,
    ) -> BTreeSet<&'a Key> {
        let mut hidden = BTreeSet::new();
        for (world, highest) in [self.before, self.after].into_iter().zip(self.highest) {
            let priority = |key: &Key| world.rank(key).map(|it| it.priority);
            let Some(own) = priority(key).filter(|own| *own < highest) else {
                continue;
            };
            let judge = Judge {
                world,
                visit,
                assumed,
                opaque: None,
                noted: None,
                explains: false,
            };
            let others = world.shelves().candidates(visit).into_iter();
            hidden.extend(others.filter(|it| {
                *it != key
                    && !rivals.contains(it)
                    && priority(it).is_some_and(|it| it > own)
                    && meets(world, key, it) != Some(false)
                    && judge.whole(it).truth != Truth::No
            }));
        }
        hidden
    }

    /// The engagements that an impact is to be asked of.
    pub(super) fn affected(&self) -> BTreeSet<&'a Key> {
        self.keys
            .iter()
            .chain(self.beside.keys())
            .copied()
            .collect()
    }

    /// All that can take part at one of the visits of an engagement in one of the worlds.
    pub(super) fn beside_of(&self, key: &Key) -> BTreeSet<&'a Key> {
        let mut found = BTreeSet::new();
        for world in [self.before, self.after] {
            for place in world.places_of(key) {
                found.extend(world.shelves().beside(world, (key, &place)));
            }
        }
        found.retain(|rival| *rival != key);
        found
    }

    /// The rivals that count otherwise at one of the visits of an engagement: those that ask for the same first, since they are
    /// met most easily. And whether there are more of them.
    pub(super) fn rivals(&self, key: &'a Key, choices: &[Choice]) -> (Vec<&'a Key>, bool) {
        let counts = |rival: &&Key| {
            self.may_meet(key, rival)
                && (self.moved.contains(rival) || self.is_drawn_otherwise(key, rival, choices))
        };
        let mut rivals: Vec<&Key> = self
            .beside
            .get(key)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        rivals.retain(counts);
        let mut is_cut = false;
        if self.is_ranked_otherwise(key) {
            let known: BTreeSet<&Key> = rivals.iter().copied().collect();
            let near = self.beside_of(key).into_iter();
            rivals.extend(near.filter(|it| !known.contains(it)).filter(counts));
            let across = self.across(key, ACROSS + 1).collect::<BTreeSet<_>>();
            is_cut = across.len() > ACROSS;
            let across = across.into_iter().filter(|it| !known.contains(it));
            rivals.extend(across.filter(counts).take(ACROSS));
        }
        let own = self.after.around(key);
        rivals.sort_by_cached_key(|rival| {
            let asked = self.after.around(rival);
            std::cmp::Reverse(asked.keys().filter(|it| own.contains_key(*it)).count())
        });
        (rivals, is_cut)
    }

    /// Whether the one is drawn more or less often against the other: two engagements of one campaign have the same weight,
    /// whatever it is.
    fn is_drawn_otherwise(&self, key: &Key, rival: &Key, choices: &[Choice]) -> bool {
        let odds = |world: &World| {
            let (own, other) = (world.rank(key)?, world.rank(rival)?);
            let share = (own.weight / (own.weight + other.weight)).to_bits();
            let order = own.priority.total_cmp(&other.priority);
            Some((share, choices.contains(&Choice::Priority).then_some(order)))
        };
        odds(self.before) != odds(self.after)
    }

    /// The rivals that are ahead of an engagement in one of the worlds, where the priority decides: those of its sections, and
    /// some others.
    pub(super) fn ahead(&self, key: &Key, others: &[&'a Key]) -> Vec<&'a Key> {
        let is_ahead = |rival: &Key| {
            [self.before, self.after].into_iter().any(|world| {
                let of = |key: &Key| world.rank(key).map(|it| it.priority);
                matches!((of(rival), of(key)), (Some(one), Some(other)) if one > other)
            })
        };
        let mut beside = self.beside_of(key);
        beside.extend(others);
        beside
            .into_iter()
            .filter(|rival| is_ahead(rival) && self.may_meet(key, rival))
            .collect()
    }

    /// Whether the two may be in one zone of one place in one of the worlds.
    fn may_meet(&self, key: &Key, rival: &Key) -> bool {
        let worlds = [self.before, self.after];
        worlds
            .into_iter()
            .any(|world| meets(world, key, rival) != Some(false))
    }
}

/// The highest priority of a world.
fn highest(world: &World) -> f64 {
    let ranks = world.offered().filter_map(|(key, ..)| world.rank(key));
    ranks.map(|it| it.priority).fold(f64::MIN, f64::max)
}

/// Whether the same visits may be offered an engagement in two worlds, in the same zone.
fn is_offered_alike(before: &World, after: &World, key: &Key) -> bool {
    let zone = |world: &World| world.offering(key).map(|it| it.zone.clone());
    let (old, new) = (before.around(key), after.around(key));
    let alike = old.len() == new.len()
        && old.iter().all(|(key, one)| {
            let other = new.get(key);
            other.is_some_and(|other| one.requires == other.requires && one.around == other.around)
        });
    alike && zone(before) == zone(after) && before.says_the_same(after, key)
}

/// Whether two engagements compete in a world, where that is known.
fn meets(world: &World, key: &Key, rival: &Key) -> Option<bool> {
    let zone = |key: &Key| world.offering(key).map(|it| &it.zone);
    match (zone(key), zone(rival)) {
        (None | Some(Zone::Own), _) | (_, None | Some(Zone::Own)) => Some(false),
        (Some(Zone::Unknown), _) | (_, Some(Zone::Unknown)) => None,
        (one, other) => Some(one == other),
    }
}

/// What an engagement gets of a visit in one world.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Portion {
    is_offered: bool,
    share: f64,
}

/// An engagement among others in two worlds, at a visit where it is decided which of them can be offered.
pub(super) struct Rivalry<'a> {
    pub(super) before: &'a World,
    pub(super) after: &'a World,
    pub(super) key: &'a Key,
    /// In the order in which they are asked, each before and after, behind the engagement itself.
    pub(super) rivals: &'a [&'a Key],
}

/// What comes of a visit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) turns: BTreeSet<Option<Shift>>,
    /// What it takes to decide between several.
    pub(super) reasons: BTreeSet<Reason>,
    /// The assumptions without which it would be another.
    pub(super) rests: BTreeSet<Switch>,
    /// Whether it can be offered in both worlds.
    pub(super) can_be_kept: bool,
    /// What that depends on besides its own conditions.
    pub(super) kept_if: BTreeSet<Reason>,
}

impl Told {
    /// The same, where it is open whether it is so or something else.
    pub(super) fn open(&mut self, otherwise: &Self, reason: Reason) {
        if self.turns != otherwise.turns {
            self.turns.extend(otherwise.turns.iter().copied().chain(
                // Nothing is known of what is the case otherwise.
                otherwise.turns.is_empty().then_some(None),
            ));
            self.reasons.insert(reason.clone());
        }
        let is_kept = |told: &Self| (told.can_be_kept, told.kept_if.is_empty());
        if is_kept(self) != is_kept(otherwise) {
            self.kept_if.insert(reason);
        }
    }

    /// The one thing that is different, or that it may be.
    pub(super) fn turn(&self) -> Option<Shift> {
        match self.turns.iter().collect::<Vec<_>>().as_slice() {
            [only] => **only,
            _ => Some(Shift::MayChange),
        }
    }
}

/// What comes of a visit where one of several is chosen in one way.
#[derive(PartialEq)]
struct Chosen {
    turns: BTreeSet<Option<Shift>>,
    is_zone_open: bool,
    /// Whether it is offered in both worlds, in each combination of what is open in which it meets its requirements.
    kept: BTreeSet<bool>,
}

impl Rivalry<'_> {
    fn chosen(&self, leaf: &Leaf<'_>, choice: Choice, closed: &BTreeSet<&Key>) -> Chosen {
        let mut chosen = Chosen {
            turns: BTreeSet::new(),
            is_zone_open: false,
            kept: BTreeSet::new(),
        };
        for truths in &leaf.truths {
            let [one, other] =
                [false, true].map(|meets| self.turn(truths, choice, (meets, closed)));
            chosen.is_zone_open |= one != other;
            chosen.turns.extend([one.0, other.0]);
            if truths.starts_with(&[true, true]) {
                chosen.kept.extend([one.1, other.1]);
            }
        }
        chosen
    }

    /// What is different for the visitors of a leaf who closed some rivals.
    pub(super) fn told(&self, leaf: &Leaf<'_>, assumed: &Assumed, closed: &BTreeSet<&Key>) -> Told {
        let place = &leaf.visit.place;
        let choices = choices(place, assumed);
        let mut told = Told::default();
        let mut kept = BTreeSet::new();
        for choice in &choices {
            let found = self.chosen(leaf, *choice, closed);
            if !told.turns.is_empty() && told.turns != found.turns {
                told.reasons.insert(Reason::Inferred(Switch::Contest));
            }
            if found.is_zone_open {
                told.reasons.insert(Reason::Zone);
            }
            if found.kept.len() > 1 {
                told.kept_if.extend(leaf.reasons.iter().cloned());
                told.kept_if
                    .extend(found.is_zone_open.then_some(Reason::Zone));
            }
            told.turns.extend(found.turns);
            kept.insert(found.kept);
        }
        told.can_be_kept = kept.iter().any(|it| it.contains(&true));
        if kept.len() > 1 {
            told.kept_if.insert(Reason::Inferred(Switch::Contest));
        }
        if let ([only], Place::App(_)) = (choices.as_slice(), place) {
            let other = match only {
                Choice::Lottery => Choice::Priority,
                Choice::Priority => Choice::Lottery,
            };
            if self.chosen(leaf, other, closed) != self.chosen(leaf, *only, closed) {
                told.rests.insert(Switch::Contest);
            }
        }
        told
    }

    /// The sets of rivals that a visitor can have closed so that it makes a difference, the empty one first.
    pub(super) fn closings(&self, leaf: &Leaf<'_>, assumed: &Assumed) -> Vec<BTreeSet<&Key>> {
        let mut all = vec![BTreeSet::new()];
        if !choices(&leaf.visit.place, assumed).contains(&Choice::Priority) {
            return all;
        }
        for (index, rival) in self.rivals.iter().enumerate() {
            let takes_part = |truths: &Vec<bool>| {
                let own = truths.iter().skip(2 + 2 * index).take(2);
                own.into_iter().any(|it| *it)
            };
            let is_behind = [self.before, self.after].into_iter().all(|world| {
                let of = |key: &Key| world.rank(key).map(|it| it.priority);
                matches!((of(rival), of(self.key)), (Some(one), Some(other)) if one < other)
            });
            if is_behind || !leaf.truths.iter().any(takes_part) {
                continue;
            }
            let more = all.iter().map(|set| {
                let mut set = set.clone();
                set.insert(*rival);
                set
            });
            all = all.iter().cloned().chain(more).collect();
        }
        all
    }

    /// What is different in one combination of what is open, and whether it can be offered in both worlds. Where it is not
    /// known whether two share a zone, they meet or not.
    fn turn(
        &self,
        truths: &[bool],
        choice: Choice,
        (unknown_meet, closed): (bool, &BTreeSet<&Key>),
    ) -> (Option<Shift>, bool) {
        let portion = |world: &World, at: usize| {
            let own = truths.get(at).copied().unwrap_or_default();
            if !own {
                return Portion {
                    is_offered: false,
                    share: 0.0,
                };
            }
            let others = self.rivals.iter().enumerate().filter(|(index, rival)| {
                let holds = truths.get(2 + 2 * index + at).copied().unwrap_or_default();
                holds
                    && !closed.contains(*rival)
                    && meets(world, self.key, rival).unwrap_or(unknown_meet)
            });
            let all: BTreeSet<&Key> = others.map(|(_, rival)| *rival).chain([self.key]).collect();
            let priority = |key: &Key| world.rank(key).map_or(0.0, |rank| rank.priority);
            let first = all.iter().copied().filter(|key| {
                choice == Choice::Lottery
                    || all.iter().all(|other| priority(other) <= priority(key))
            });
            let first: BTreeSet<&Key> = first.collect();
            Portion {
                is_offered: first.contains(self.key),
                share: shares_of(world, &first)
                    .get(self.key)
                    .copied()
                    .unwrap_or_default(),
            }
        };
        let (before, after) = (portion(self.before, 0), portion(self.after, 1));
        let turn = match (before.is_offered, after.is_offered) {
            (false, true) => Some(Shift::NowOffered),
            (true, false) => Some(Shift::NoLongerOffered),
            (true, true) if (before.share - after.share).abs() > 1e-9 => Some(Shift::OtherOdds),
            _ => None,
        };
        (turn, before.is_offered && after.is_offered)
    }
}
