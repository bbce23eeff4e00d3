//! Who competes otherwise in two worlds: visitors who lose an engagement to another one, or are drawn it more or less often.
//!
//! An engagement that did not change is offered otherwise where what competes with it is: a rival that is new, gone, or
//! offered to other visits, one with another weight or priority. So all that takes part is looked at together, at visits where
//! the engagement and one of the changed rivals can be. Rivals that are the same in both worlds and take part at the same
//! visits change no share; where the priority decides, they count if they are ahead.

use std::collections::{BTreeMap, BTreeSet};

use super::explore::Leaf;
use super::outcome::shares_of;
use super::truth::Reason;
use super::world::World;
use crate::kinds::offering::{Assumed, Place, Switch, Zone};
use crate::manifest::Key;
use crate::plan::Shift;

/// How many rivals of one engagement are looked at together.
pub(super) const TOGETHER: usize = 6;

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
        };
        for key in changed.keys.clone() {
            for rival in changed.beside_of(key) {
                changed.beside.entry(rival).or_default().insert(key);
            }
        }
        changed
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
    /// met most easily.
    pub(super) fn rivals(&self, key: &Key, choices: &[Choice]) -> Vec<&'a Key> {
        let rank = |world: &World| world.rank(key).map(|it| (it.weight, it.priority));
        let candidates = if rank(self.before) == rank(self.after) {
            self.beside.get(key).cloned().unwrap_or_default()
        } else {
            self.beside_of(key)
        };
        let counts = |rival: &&Key| {
            self.may_meet(key, rival)
                && (self.moved.contains(rival) || self.is_drawn_otherwise(key, rival, choices))
        };
        let mut rivals: Vec<&Key> = candidates.into_iter().filter(counts).collect();
        let own = self.after.around(key);
        rivals.sort_by_cached_key(|rival| {
            let asked = self.after.around(rival);
            std::cmp::Reverse(asked.keys().filter(|it| own.contains_key(*it)).count())
        });
        rivals
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

    /// The rivals that are ahead of an engagement in one of the worlds, where the priority decides.
    pub(super) fn ahead(&self, key: &Key) -> Vec<&'a Key> {
        let is_ahead = |rival: &Key| {
            [self.before, self.after].into_iter().any(|world| {
                let of = |key: &Key| world.rank(key).map(|it| it.priority);
                matches!((of(rival), of(key)), (Some(one), Some(other)) if one > other)
            })
        };
        let beside = self.beside_of(key).into_iter();
        beside
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
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) turns: BTreeSet<Option<Shift>>,
    /// What it takes to decide between several.
    pub(super) reasons: BTreeSet<Reason>,
    /// The assumption without which it would be another.
    pub(super) rests: Option<Switch>,
    /// Whether it can be offered in both worlds, in all that is open.
    pub(super) is_kept: bool,
}

impl Rivalry<'_> {
    /// What is different for the visitors of a leaf.
    pub(super) fn told(&self, leaf: &Leaf<'_>, assumed: &Assumed) -> Told {
        let place = &leaf.visit.place;
        let turns = |choice: Choice| {
            let mut turns = BTreeSet::new();
            let mut is_zone_open = false;
            for truths in &leaf.truths {
                let [one, other] = [false, true].map(|meets| self.turn(truths, choice, meets));
                is_zone_open |= one != other;
                turns.extend([one.0, other.0]);
            }
            (turns, is_zone_open)
        };
        let chosen = choices(place, assumed);
        let mut told = Told {
            is_kept: true,
            ..Told::default()
        };
        for choice in &chosen {
            let (found, is_zone_open) = turns(*choice);
            if !told.turns.is_empty() && told.turns != found {
                told.reasons.insert(Reason::Inferred(Switch::Contest));
            }
            if is_zone_open {
                told.reasons.insert(Reason::Zone);
            }
            told.turns.extend(found);
            let kept = leaf
                .truths
                .iter()
                .flat_map(|truths| [false, true].map(|meets| self.turn(truths, *choice, meets).1));
            told.is_kept &= kept.into_iter().all(|it| it);
        }
        if let ([only], Place::App(_)) = (chosen.as_slice(), place) {
            let other = match only {
                Choice::Lottery => Choice::Priority,
                Choice::Priority => Choice::Lottery,
            };
            if turns(other).0 != told.turns {
                told.rests = Some(Switch::Contest);
            }
        }
        told
    }

    /// What is different in one combination of what is open, and whether it can be offered in both worlds. Where it is not
    /// known whether two share a zone, they meet or not.
    fn turn(&self, truths: &[bool], choice: Choice, unknown_meet: bool) -> (Option<Shift>, bool) {
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
                holds && meets(world, self.key, rival).unwrap_or(unknown_meet)
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
