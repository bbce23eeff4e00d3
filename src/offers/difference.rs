//! What visitors are offered differently in two worlds: the impact of a plan.
//!
//! Each engagement is asked of both worlds at once, at every visit that makes a difference to it in one of them, with the
//! rivals that count otherwise ([`Changed`]). What is the same in both worlds is not looked at. A difference that depends on
//! an inferred fact of the platform, or on a condition that no visit decides, is one that may be; so is one for which there
//! are too many visits.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::explore::{Asking, Leaf, Matters, Next, Search, Searched};
use super::outcome::Outcome;
use super::rivalry::{Changed, Choice, Rivalry, TOGETHER, Told, choices};
use super::truth::{Reason, Spot, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Offering, Place, Rank, Switch, Unclear};
use crate::manifest::Key;
use crate::plan::Shift;
use crate::text::Pointer;

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
    let changed = Changed::new(before, after);
    differences_of(&changed.affected(), &changed, assumed)
}

/// What visitors are offered differently of some engagements.
pub(super) fn differences_of(
    keys: &BTreeSet<&Key>,
    changed: &Changed<'_>,
    assumed: &Assumed,
) -> Vec<Difference> {
    let affected = changed.affected();
    let pair = |key| Pair {
        before: changed.before,
        after: changed.after,
        changed,
        key,
        assumed,
    };
    let keys = keys.iter().filter(|key| affected.contains(*key));
    keys.flat_map(|key| pair(key).differences()).collect()
}

/// A visit at which an engagement is drawn more or less often, or another one is in its place.
pub(super) fn meeting(key: &Key, changed: &Changed<'_>, assumed: &Assumed) -> Option<Visit> {
    let found = differences_of(&BTreeSet::from([key]), changed, assumed);
    let of_contest = [Shift::OtherOdds, Shift::NoLongerOffered, Shift::NowOffered];
    let mut sure = of_contest.iter().filter_map(|turn| {
        let found = found.iter().find(|it| it.turn == *turn)?;
        found.example.clone()
    });
    sure.next()
}

struct Pair<'a> {
    before: &'a World,
    after: &'a World,
    changed: &'a Changed<'a>,
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

/// What was found of an engagement.
#[derive(Default)]
struct Found {
    rows: BTreeMap<Shift, Difference>,
    kept: Option<Kept>,
    /// Whether some visits were not looked at.
    is_partial: bool,
}

impl<'a> Pair<'a> {
    fn differences(&self) -> Vec<Difference> {
        let mut found = Found::default();
        let is_changed = self.changed.keys.contains(self.key);
        for place in self.places() {
            let choices = choices(&place, self.assumed);
            let rivals = self.changed.rivals(self.key, &choices);
            let mut together = if choices.contains(&Choice::Priority) {
                self.changed.ahead(self.key)
            } else {
                Vec::new()
            };
            if !together.is_empty() {
                together.extend(
                    rivals
                        .iter()
                        .filter(|it| !together.contains(it))
                        .copied()
                        .collect::<Vec<_>>(),
                );
            }
            if together.len() > TOGETHER {
                found.is_partial = true;
                together.clear();
            }
            if is_changed || !together.is_empty() {
                let matters = if is_changed {
                    Matters::Leading
                } else {
                    Matters::Contested
                };
                self.search(&place, &together, matters, &mut found);
            }
            if together.is_empty() {
                self.odds_of(&place, &rivals, &mut found);
            }
        }
        if found.is_partial {
            let reasons = BTreeSet::from([Reason::TooMany]);
            let unknown = self.difference(Shift::MayChange, None, reasons, BTreeSet::new());
            found.rows.entry(Shift::MayChange).or_insert(unknown);
        }
        if let Some(Kept { visit, rests, .. }) = &found.kept {
            for (turn, values) in self.routed() {
                let mut difference =
                    self.difference(turn, Some(visit), BTreeSet::new(), rests.clone());
                difference.values = Some(values);
                found.rows.insert(turn, difference);
            }
            if let Some(odds) = self.control_group(visit, rests) {
                found.rows.insert(Shift::OtherOdds, odds);
            }
            if let Some(raw) = self.payload(visit) {
                found.rows.entry(Shift::MayChange).or_insert(raw);
            }
        }
        found.rows.into_values().collect()
    }

    /// Looks at all visits of a place that matter.
    fn search(&self, place: &Place, rivals: &[&'a Key], matters: Matters, found: &mut Found) {
        let searched = self.run(place, rivals, matters, &mut |leaf, told| {
            self.see(leaf, &told, rivals, found);
            Next::More
        });
        found.is_partial |= searched == Searched::TooMany;
    }

    /// Looks for one visit at which a rival that counts otherwise takes part.
    fn odds_of(&self, place: &Place, rivals: &[&'a Key], found: &mut Found) {
        for rival in rivals {
            let mut is_sure = false;
            let some = [*rival];
            let searched = self.run(place, &some, Matters::KeptContested, &mut |leaf, told| {
                if !self.is_made_up_for(leaf.visit) {
                    self.see(leaf, &told, &some, found);
                }
                is_sure = found.rows.contains_key(&Shift::OtherOdds);
                if is_sure { Next::Enough } else { Next::More }
            });
            found.is_partial |= searched == Searched::TooMany;
            if is_sure {
                return;
            }
        }
    }

    /// Whether other rivals make up for one at a visit, so that the share is the same.
    fn is_made_up_for(&self, visit: &Visit) -> bool {
        let share = |world: &World| {
            let outcome = Outcome::about(world, visit, self.assumed, &[]);
            let mut contests = outcome.contests.into_iter();
            contests.find_map(|it| it.shares.get(self.key).copied())
        };
        let shares = [self.before, self.after].map(share);
        matches!(shares, [Some(one), Some(other)] if (one - other).abs() < 1e-9)
    }

    fn run(
        &self,
        place: &Place,
        rivals: &[&'a Key],
        matters: Matters,
        see: &mut dyn FnMut(&Leaf<'_>, Told) -> Next,
    ) -> Searched {
        let keys = [self.key].into_iter().chain(rivals.iter().copied());
        let asking =
            keys.flat_map(|key| [self.before, self.after].map(|world| Asking { world, key }));
        let search = Search::new(asking.collect(), self.assumed, matters);
        let mut search = if rivals.is_empty() {
            search
        } else {
            search.for_several()
        };
        let rivalry = Rivalry {
            before: self.before,
            after: self.after,
            key: self.key,
            rivals,
        };
        search.run(&Visit::new(place.clone()), &mut |leaf: Leaf<'_>| {
            let told = rivalry.told(&leaf, self.assumed);
            see(&leaf, told)
        })
    }

    /// Takes in what is the case at a visit.
    fn see(&self, leaf: &Leaf<'_>, told: &Told, rivals: &[&Key], found: &mut Found) {
        if leaf.truths.iter().any(|it| it.starts_with(&[true, true])) {
            // One that is certain is a better example than one that may be.
            let rank = |is_open: bool, visit: &Visit| (is_open, size(visit));
            let is_open = !told.is_kept;
            let is_better = found
                .kept
                .as_ref()
                .is_none_or(|it| rank(is_open, leaf.visit) < rank(it.is_open, &it.visit));
            let is_possible = told
                .turns
                .iter()
                .any(|it| !matches!(it, Some(Shift::NowOffered | Shift::NoLongerOffered)));
            if is_better && is_possible {
                found.kept = Some(Kept {
                    visit: leaf.visit.clone(),
                    is_open,
                    rests: leaf.rests.iter().copied().chain(told.rests).collect(),
                });
            }
        }
        let turn = match told.turns.iter().collect::<Vec<_>>().as_slice() {
            [only] => **only,
            _ => Some(Shift::MayChange),
        };
        let Some(turn) = turn else { return };
        let reasons = if turn == Shift::MayChange {
            leaf.reasons.union(&told.reasons).cloned().collect()
        } else {
            BTreeSet::new()
        };
        let rests = leaf.rests.iter().copied().chain(told.rests).collect();
        let mut new = self.difference(turn, Some(leaf.visit), reasons, rests);
        if turn == Shift::OtherOdds {
            new.values = self.shares(leaf.visit, rivals);
        }
        let known = found.rows.entry(turn).or_insert_with(|| new.clone());
        let is_better = match (&known.example, &new.example) {
            (Some(known), Some(new)) => is_simpler(new, known),
            (known, _) => known.is_none(),
        };
        if is_better {
            *known = new;
        }
    }

    /// What changes of its share: its weight and priority, or who takes part.
    fn shares(&self, visit: &Visit, rivals: &[&Key]) -> Option<(Value, Value)> {
        let rank = |world: &World| world.rank(self.key);
        let (before, after) = (rank(self.before)?, rank(self.after)?);
        if (before.weight, before.priority) != (after.weight, after.priority) {
            let told = |rank: Rank| {
                Value::from(format!(
                    "weight {}, priority {}",
                    rank.weight, rank.priority
                ))
            };
            return Some((told(before), told(after)));
        }
        let told = |world: &World| {
            let outcome = Outcome::about(world, visit, self.assumed, &[]);
            let against = rivals
                .iter()
                .filter(|it| outcome.eligible(it).truth != Truth::No);
            let names: Vec<&str> = against.map(|it| it.name.as_str()).collect();
            Value::from(if names.is_empty() {
                "without these rivals".to_owned()
            } else {
                format!("with {}", names.join(", "))
            })
        };
        Some((told(self.before), told(self.after)))
    }

    /// Whether the payload of a condition is another, and what it is said to mean is not.
    fn payload(&self, visit: &Visit) -> Option<Difference> {
        let (before, after) = (self.before.around(self.key), self.after.around(self.key));
        let spot = before.iter().find_map(|(key, old)| {
            let new = after.get(key)?;
            let is_same = |(one, other): &(&(Pointer, String), &(Pointer, String))| one == other;
            let mut pairs = old.payloads.iter().zip(&new.payloads);
            let other = pairs.find(|pair| !is_same(pair))?;
            Some(Spot {
                key: key.clone(),
                at: other.1.0.clone(),
            })
        })?;
        let reasons = BTreeSet::from([Reason::Unclear(Unclear::Payload, spot)]);
        Some(self.difference(Shift::MayChange, Some(visit), reasons, BTreeSet::new()))
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
        let mut places = self.before.places_of(self.key);
        places.extend(self.after.places_of(self.key));
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

    /// Whether its control group has another share.
    fn control_group(&self, visit: &Visit, rests: &BTreeSet<Switch>) -> Option<Difference> {
        let share = |world: &World| world.rank(self.key).map(|it| it.control_group);
        let (before, after) = (share(self.before)?, share(self.after)?);
        if before.to_bits() == after.to_bits() {
            return None;
        }
        let told = |share: f64| Value::from(format!("control group {share} %"));
        let nothing = BTreeSet::new();
        let mut odds = self.difference(Shift::OtherOdds, Some(visit), nothing, rests.clone());
        odds.values = Some((told(before), told(after)));
        Some(odds)
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
