//! What those get otherwise who are offered an engagement before and after: another skill, language, window or share.

use std::collections::BTreeSet;

use serde_json::Value;

use super::difference::{EngagementDifference, Pair};
use super::explore::SearchNext;
use super::outcome::{VisitOutcome, Weighing};
use super::truth::{Reason, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Offering, Rank, Switch, Zone};
use crate::manifest::Key;
use crate::plan::Shift;

/// A visit at which an engagement is offered in both worlds.
pub(super) struct ReroutedVisit {
    pub(super) visit: Visit,
    /// What that depends on besides its own conditions.
    pub(super) only_if: BTreeSet<Reason>,
    pub(super) rests: BTreeSet<Switch>,
}

impl Pair<'_> {
    /// Whether a visit at which it is open in both worlds whether the engagement can be offered can tell more than is known. It
    /// tells at most that something may change, or that the engagement may be kept; a smaller example of both is enough.
    pub(super) fn peek(&self, visit: &Visit, found: &EngagementDifference) -> SearchNext {
        let row = found.rows.get(&Shift::MayChange);
        let example = row.and_then(|it| it.example.as_ref());
        let is_told = example.is_some_and(|it| self.by_size(it, visit).is_le());
        let is_kept = found.kept.as_ref().is_some_and(|kept| {
            kept.only_if.is_empty() || self.by_size(&kept.visit, visit).is_le()
        });
        if is_told && is_kept {
            SearchNext::Skip
        } else {
            SearchNext::More
        }
    }

    /// What those who are offered it before and after get otherwise.
    pub(super) fn of_kept(&self, kept: &ReroutedVisit, found: &mut EngagementDifference) {
        let ReroutedVisit {
            visit,
            only_if,
            rests,
        } = kept;
        let mut put = |turn: Shift, values: Option<(Value, Value)>| {
            // Who is offered it in both worlds has to be sure.
            let turn = if only_if.is_empty() {
                turn
            } else {
                Shift::MayChange
            };
            let mut new = self.difference(turn, Some(visit), only_if.clone(), rests.clone());
            new.values = values;
            if turn == Shift::MayChange {
                found.rows.entry(turn).or_insert(new);
            } else {
                found.rows.insert(turn, new);
            }
        };
        for (turn, values) in self.routed() {
            put(turn, Some(values));
        }
        if let Some(values) = self.control_group() {
            put(Shift::OtherOdds, Some(values));
        }
    }

    /// What changes of its share: its weight and priority, or who takes part.
    pub(super) fn shares(&self, visit: &Visit, rivals: &[&Key]) -> Option<(Value, Value)> {
        if let Some(told) = self.ranks() {
            return Some(told);
        }
        let outcomes =
            [self.before, self.after].map(|it| VisitOutcome::in_brief(it, visit, self.assumed));
        let changed = |outcome: &VisitOutcome| {
            let takes_part = |it: &&&Key| outcome.eligible(it).truth != Truth::No;
            rivals
                .iter()
                .filter(takes_part)
                .map(|it| (*it).clone())
                .collect::<Vec<Key>>()
        };
        let all = |outcome: &VisitOutcome, world: &World| {
            let rivals = outcome.rivals(world, self.key).into_iter();
            rivals.map(|(key, _)| key).collect::<Vec<Key>>()
        };
        let [mut before, mut after] = outcomes.each_ref().map(changed);
        if before == after
            && after.iter().all(|it| visit.closed.contains(it))
            && !visit.closed.is_empty()
        {
            let [one, other] = &outcomes;
            (before, after) = (all(one, self.before), all(other, self.after));
        }
        // Who takes part is the same: it is the shares that are others.
        let percent = |outcome: &VisitOutcome| {
            let mut all = outcome.contests.iter();
            let share = all.find_map(|it| it.shares.get(self.key).copied())?;
            Some(Value::from(format!("{:.0} %", share * 100.0)))
        };
        if before == after {
            return match outcomes.each_ref().map(percent) {
                [Some(one), Some(other)] if one != other => Some((one, other)),
                _ => None,
            };
        }
        let told = |keys: &[Key]| {
            let names: Vec<&str> = keys.iter().map(|it| it.name.as_str()).collect();
            Value::from(if names.is_empty() {
                "without these rivals".to_owned()
            } else {
                format!("with {}", names.join(", "))
            })
        };
        Some((told(&before), told(&after)))
    }

    /// What it counts among its rivals, where that is another: by its campaign, by itself, or both.
    fn ranks(&self) -> Option<(Value, Value)> {
        let rank = |world: &World| {
            let Rank {
                weight, priority, ..
            } = world.rank(self.key)?;
            let own = Weighing::Engagements.of(world, self.key);
            Some((
                format!("weight {weight}, priority {priority}"),
                format!("engagement weight {own}"),
            ))
        };
        let (before, after) = (rank(self.before)?, rank(self.after)?);
        let told = |(campaign, own): &(String, String)| {
            let is_other = [(campaign, before.0 != after.0), (own, before.1 != after.1)];
            let all = is_other.iter().filter(|(_, is_other)| *is_other);
            let all: Vec<&str> = all.map(|(text, _)| text.as_str()).collect();
            all.join(", ")
        };
        let (old, new) = (told(&before), told(&after));
        (old != new).then(|| (Value::from(old), Value::from(new)))
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
            weight: _,
        } = before;
        let plain = |value: &Option<Value>| value.clone().unwrap_or_default();
        let text = |value: &Option<String>| value.clone().map_or(Value::Null, Value::from);
        let zone_of = |offering: &Offering| {
            Value::from(match &offering.zone {
                Zone::App => "the app".to_owned(),
                Zone::Named(name) => name.clone(),
                Zone::OfFormat(name) => format!("{name} (by its format)"),
                Zone::Own { names, ids } => {
                    let ids = ids.iter().map(|id| format!("id {id}"));
                    let all: Vec<String> = names.iter().cloned().chain(ids).collect();
                    if all.is_empty() {
                        "an element of its own".to_owned()
                    } else {
                        format!("an element of its own ({})", all.join(", "))
                    }
                }
                Zone::Unknown => "a place that is not known".to_owned(),
            })
        };
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

    /// The shares of its control group, where the one is another.
    fn control_group(&self) -> Option<(Value, Value)> {
        let share = |world: &World| world.rank(self.key).map(|it| it.control_group);
        let (before, after) = (share(self.before)?, share(self.after)?);
        let told = |share: f64| Value::from(format!("control group {share} %"));
        (before.to_bits() != after.to_bits()).then(|| (told(before), told(after)))
    }
}
