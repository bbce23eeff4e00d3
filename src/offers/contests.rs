//! Who competes with whom at a visit: those of one zone of the page, and the zones of which it is not known whether they are one.

use std::collections::{BTreeMap, BTreeSet};

use super::judgement::Eligibility;
use super::outcome::{Contest, VisitOutcome};
use super::truth::Truth;
use super::world::World;
use crate::kinds::offering::{Assumed, Zone};
use crate::manifest::Key;

/// Those that can be offered, by where they compete, each contest with its shares.
pub(super) fn contests(
    world: &World,
    eligibilities: &BTreeMap<Key, Eligibility>,
    assumed: &Assumed,
) -> Vec<Contest> {
    // One that certainly competes with nothing, or of which that is not known, is by itself.
    let mut grouped: BTreeMap<(&Zone, Option<&Key>), Contest> = BTreeMap::new();
    for (key, found) in eligibilities {
        let truth = found.whole.truth;
        if truth == Truth::No {
            continue;
        }
        let zone = zone_of(world, key);
        let alone = (zone.is_shared_with(zone) != Some(true)).then_some(key);
        let contest = grouped
            .entry((zone, alone))
            .or_insert_with(|| Contest::in_zone(zone.clone()));
        match truth {
            Truth::Yes => contest.sure.insert(key.clone()),
            _ => contest.maybe.insert(key.clone()),
        };
    }
    let open = open_zones(grouped.keys().map(|(zone, _)| *zone));
    let contests = grouped.into_iter().map(|((zone, _), mut contest)| {
        contest.is_zone_open = open.contains(zone);
        contest.with_shares(world, assumed)
    });
    contests.collect()
}

fn zone_of<'w>(world: &'w World, key: &Key) -> &'w Zone {
    world.offering(key).map_or(&Zone::App, |it| &it.zone)
}

/// The zones of some contests of which it is not known whether another contest is in the same one.
fn open_zones<'z>(zones: impl Iterator<Item = &'z Zone>) -> BTreeSet<&'z Zone> {
    let mut counts: BTreeMap<&Zone, usize> = BTreeMap::new();
    for zone in zones {
        *counts.entry(zone).or_default() += 1;
    }
    // Two that name no common zone are only compared where one of them does not say its name: a page has hundreds.
    let mut named: BTreeMap<&str, Vec<&Zone>> = BTreeMap::new();
    let mut unnamed = Vec::new();
    for zone in counts.keys() {
        if zone.is_unnamed() {
            unnamed.push(*zone);
        }
        for name in zone.names() {
            named.entry(name).or_default().push(zone);
        }
    }
    let is_open = |zone: &&Zone| {
        let may_be = |other: &&Zone| {
            let is_another = *other != *zone || counts.get(zone).is_some_and(|count| *count > 1);
            is_another && zone.is_shared_with(other).is_none()
        };
        let of_name = zone.names().filter_map(|name| named.get(name)).flatten();
        of_name.chain(&unnamed).any(may_be)
            || zone.is_unnamed() && counts.keys().copied().any(|other| may_be(&other))
    };
    counts.keys().copied().filter(is_open).collect()
}

impl VisitOutcome {
    /// Those of which it is not known whether they compete with those of a contest.
    #[must_use]
    pub fn perhaps_beside(&self, world: &World, contest: &Contest) -> BTreeSet<Key> {
        let mut found = BTreeSet::new();
        if !contest.is_zone_open {
            return found;
        }
        for key in contest.sure.iter().chain(&contest.maybe).take(1) {
            let rivals = self.rivals(world, key).into_iter();
            found.extend(rivals.filter(|(_, is_certain)| !is_certain).map(|it| it.0));
        }
        found
    }
}
