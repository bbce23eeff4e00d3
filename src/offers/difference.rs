//! What visitors are offered differently in two worlds: the impact of a plan.
//!
//! Each engagement is asked of both worlds at once, at every visit that makes a difference to it in one of them. What is
//! the same in both worlds is not looked at. A difference that depends on an inferred fact of the platform, or on a
//! condition that no visit decides, is one that may be; so is one for which there are too many visits.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::explore::{Asking, Leaf, Matters, Next, Search, Searched};
use super::truth::Reason;
use super::universe::Universe;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Offering, Place, Rank, Switch, Zone};
use crate::manifest::Key;
use crate::plan::Shift;

/// A difference that some visitors see.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The engagement.
    pub engagement: Key,
    /// What is different.
    pub turn: Shift,
    /// A visit at which it is, with as little known as decides it; none where there were too many to look at.
    pub example: Option<Visit>,
    /// The value before and after, for what is routed otherwise.
    pub values: Option<(Value, Value)>,
    /// Why it only may be.
    pub reasons: BTreeSet<Reason>,
    /// The assumed facts of the platform without which it might be another.
    pub rests: BTreeSet<Switch>,
}

/// All that visitors are offered differently, by engagement.
#[must_use]
pub fn differences(before: &World, after: &World, assumed: &Assumed) -> Vec<Difference> {
    let keys: BTreeSet<&Key> = before
        .offered()
        .chain(after.offered())
        .map(|(key, ..)| key)
        .collect();
    differences_of(&keys, before, after, assumed)
}

/// What visitors are offered differently of some engagements.
pub(super) fn differences_of(
    keys: &BTreeSet<&Key>,
    before: &World,
    after: &World,
    assumed: &Assumed,
) -> Vec<Difference> {
    let pair = |key| Pair {
        before,
        after,
        key,
        assumed,
    };
    keys.iter()
        .flat_map(|key| pair(key).differences())
        .collect()
}

/// A visit at which an engagement competes with one that it is drawn more or less often against.
pub(super) fn meeting(
    key: &Key,
    before: &World,
    after: &World,
    assumed: &Assumed,
) -> Option<Visit> {
    let pair = Pair {
        before,
        after,
        key,
        assumed,
    };
    pair.rival().0
}

struct Pair<'a> {
    before: &'a World,
    after: &'a World,
    key: &'a Key,
    assumed: &'a Assumed,
}

/// A visit at which an engagement is offered in both worlds.
struct Kept {
    visit: Visit,
    /// Whether something else would have to be known to be sure.
    is_open: bool,
    rests: BTreeSet<Switch>,
}

impl Pair<'_> {
    fn differences(&self) -> Vec<Difference> {
        let is_same = self.before.around(self.key) == self.after.around(self.key);
        if is_same && self.before.says_the_same(self.after, self.key) {
            return Vec::new();
        }
        let mut found: BTreeMap<Shift, Difference> = BTreeMap::new();
        let mut kept = None;
        let mut is_whole = true;
        for place in self.places() {
            let asking = [self.before, self.after].map(|world| Asking {
                world,
                key: self.key,
            });
            let mut search = Search::new(asking.to_vec(), self.assumed, Matters::Any);
            let searched = search.run(&Visit::new(place), &mut |leaf: Leaf<'_>| {
                self.see(&leaf, &mut found, &mut kept);
                Next::More
            });
            is_whole &= searched != Searched::TooMany;
        }
        if !is_whole {
            let reasons = BTreeSet::from([Reason::TooMany]);
            let unknown = self.difference(Shift::MayChange, None, reasons, BTreeSet::new());
            found.entry(Shift::MayChange).or_insert(unknown);
        }
        if let Some(Kept { visit, rests, .. }) = kept {
            for (turn, values) in self.routed() {
                let mut difference =
                    self.difference(turn, Some(&visit), BTreeSet::new(), rests.clone());
                difference.values = Some(values);
                found.insert(turn, difference);
            }
            if let Some(odds) = self.odds(&visit, &rests) {
                found.insert(Shift::OtherOdds, odds);
            }
        }
        found.into_values().collect()
    }

    /// Takes in what is the case at a visit.
    fn see(
        &self,
        leaf: &Leaf<'_>,
        found: &mut BTreeMap<Shift, Difference>,
        kept: &mut Option<Kept>,
    ) {
        let turns: BTreeSet<Option<Shift>> = leaf
            .truths
            .iter()
            .map(|it| match it.as_slice() {
                [false, true] => Some(Shift::NowOffered),
                [true, false] => Some(Shift::NoLongerOffered),
                _ => None,
            })
            .collect();
        if leaf.truths.iter().any(|it| *it == [true, true]) {
            // One that is certain is a better example than one that may be.
            let rank = |is_open: bool, visit: &Visit| (is_open, size(visit));
            let is_open = leaf.truths.len() > 1;
            let is_better = kept
                .as_ref()
                .is_none_or(|it| rank(is_open, leaf.visit) < rank(it.is_open, &it.visit));
            if is_better {
                *kept = Some(Kept {
                    visit: leaf.visit.clone(),
                    is_open,
                    rests: leaf.rests.clone(),
                });
            }
        }
        let turn = match turns.into_iter().collect::<Vec<_>>().as_slice() {
            [only] => *only,
            _ => Some(Shift::MayChange),
        };
        let Some(turn) = turn else { return };
        let reasons = if turn == Shift::MayChange {
            leaf.reasons.clone()
        } else {
            BTreeSet::new()
        };
        let new = self.difference(turn, Some(leaf.visit), reasons, leaf.rests.clone());
        let known = found.entry(turn).or_insert_with(|| new.clone());
        let is_better = match (&known.example, &new.example) {
            (Some(known), Some(new)) => is_simpler(new, known),
            (known, _) => known.is_none(),
        };
        if is_better {
            *known = new;
        }
    }

    fn difference(
        &self,
        turn: Shift,
        example: Option<&Visit>,
        reasons: BTreeSet<Reason>,
        rests: BTreeSet<Switch>,
    ) -> Difference {
        Difference {
            engagement: self.key.clone(),
            turn,
            example: example.cloned(),
            values: None,
            reasons,
            rests,
        }
    }

    /// The places of the engagement.
    fn places(&self) -> BTreeSet<Place> {
        let mut universe = Universe::default();
        self.before.asked_by(self.key, &mut universe);
        self.after.asked_by(self.key, &mut universe);
        let mut places: BTreeSet<Place> = universe.places().cloned().collect();
        if places.is_empty() {
            places.insert(Place::Web);
        }
        places
    }

    /// What those who are offered it get otherwise.
    fn routed(&self) -> Vec<(Shift, (Value, Value))> {
        let (Some(before), Some(after)) = (
            self.before.offering(self.key),
            self.after.offering(self.key),
        ) else {
            return Vec::new();
        };
        let Offering {
            skill,
            language,
            window,
            connector,
            zone,
        } = before;
        let plain = |value: &Option<Value>| value.clone().unwrap_or_default();
        let text = |value: &Option<String>| value.clone().map_or(Value::Null, Value::from);
        let zone_of = |offering: &Offering| Value::from(format!("{:?}", offering.zone));
        let mut all = vec![
            (Shift::OtherSkill, (plain(skill), plain(&after.skill))),
            (
                Shift::OtherLanguage,
                (text(language), text(&after.language)),
            ),
            (Shift::OtherWindow, (plain(window), plain(&after.window))),
            (
                Shift::OtherConnector,
                (plain(connector), plain(&after.connector)),
            ),
        ];
        if *zone != after.zone {
            all.push((Shift::OtherZone, (zone_of(before), zone_of(after))));
        }
        all.retain(|(_, (before, after))| !super::assertion::same(before, after));
        all
    }

    /// Whether it is drawn more or less often against a rival, or its control group has another share.
    fn odds(&self, visit: &Visit, rests: &BTreeSet<Switch>) -> Option<Difference> {
        let (before, after) = (self.before.rank(self.key)?, self.after.rank(self.key)?);
        let Rank {
            weight,
            priority,
            control_group,
        } = before;
        let share = |share: f64| Value::from(format!("control group {share} %"));
        let mut odds = self.difference(
            Shift::OtherOdds,
            Some(visit),
            BTreeSet::new(),
            rests.clone(),
        );
        if control_group.to_bits() != after.control_group.to_bits() {
            odds.values = Some((share(control_group), share(after.control_group)));
            return Some(odds);
        }
        if (weight, priority) == (after.weight, after.priority) {
            return None;
        }
        let (example, is_whole) = self.rival();
        let told = |rank: Rank| {
            Value::from(format!(
                "weight {}, priority {}",
                rank.weight, rank.priority
            ))
        };
        odds.values = Some((told(before), told(after)));
        match example {
            Some(example) => odds.example = Some(example),
            None if is_whole => return None,
            None => {
                odds.example = None;
                odds.reasons.insert(Reason::TooMany);
            }
        }
        Some(odds)
    }

    /// Whether another engagement competes with it in both worlds, and the one is drawn more or less often against the
    /// other: two engagements of one campaign have the same weight, whatever it is.
    fn is_met_otherwise(&self, rival: &Key) -> bool {
        let zone = |key: &Key| self.after.offering(key).map(|it| &it.zone);
        let is_met = rival != self.key
            && zone(rival).is_some_and(|it| *it != Zone::Own)
            && zone(rival) == zone(self.key);
        let odds = |world: &World| {
            let (own, other) = (world.rank(self.key)?, world.rank(rival)?);
            Some((own, other))
        };
        let (Some((own, other)), Some((new, newer))) = (odds(self.before), odds(self.after)) else {
            return is_met;
        };
        let share = |one: f64, other: f64| (one / (one + other)).to_bits();
        let is_ahead = |one: Rank, other: Rank| one.priority.total_cmp(&other.priority);
        is_met
            && (share(own.weight, other.weight) != share(new.weight, newer.weight)
                || is_ahead(own, other) != is_ahead(new, newer))
    }

    /// A visit at which it competes with another engagement in both worlds, and whether all were looked at.
    fn rival(&self) -> (Option<Visit>, bool) {
        let mut is_whole = true;
        let places = self.places();
        let shelves = self.before.shelves();
        let rivals: BTreeSet<&Key> = places.iter().flat_map(|it| shelves.of_place(it)).collect();
        let mut rivals: Vec<&Key> = rivals
            .into_iter()
            .filter(|it| self.is_met_otherwise(it))
            .collect();
        // Those that ask for the same are met most easily.
        let own = self.before.around(self.key);
        rivals.sort_by_cached_key(|rival| {
            let asked = self.before.around(rival);
            let shared = asked.keys().filter(|it| own.contains_key(*it)).count();
            std::cmp::Reverse(shared)
        });
        for rival in rivals {
            let pairs = [
                (self.before, self.key),
                (self.after, self.key),
                (self.before, rival),
                (self.after, rival),
            ];
            let asking: Vec<Asking<'_>> = pairs
                .into_iter()
                .map(|(world, key)| Asking { world, key })
                .collect();
            for place in &places {
                let (mut sure, mut open) = (None, None);
                let search = Search::new(asking.clone(), self.assumed, Matters::All);
                let mut search = search.for_several();
                let searched = search.run(&Visit::new(place.clone()), &mut |leaf: Leaf<'_>| {
                    let mut meets = leaf.truths.iter().map(|it| it.iter().all(|holds| *holds));
                    if meets.clone().all(|it| it) {
                        sure = Some(leaf.visit.clone());
                        return Next::Enough;
                    }
                    if open.is_none() && meets.any(|it| it) {
                        open = Some(leaf.visit.clone());
                    }
                    Next::More
                });
                if sure.is_some() || open.is_some() {
                    return (sure.or(open), true);
                }
                is_whole &= searched != Searched::TooMany;
            }
        }
        (None, is_whole)
    }
}

/// Whether a visit says less than another one, or the same in simpler words.
fn is_simpler(one: &Visit, other: &Visit) -> bool {
    size(one) < size(other)
}

fn size(visit: &Visit) -> (usize, usize, Option<Timestamp>) {
    let text: usize = visit.facts.values().map(|it| format!("{it:?}").len()).sum();
    (visit.facts.len(), text, visit.at)
}
