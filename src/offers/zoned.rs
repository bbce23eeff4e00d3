//! The engagements of a place with their zones in two worlds: who may compete with whom, without looking each one up.

use std::collections::{BTreeMap, BTreeSet};

use super::rivalry::{is_in_other_zone, is_one_zone, meets};
use super::world::World;
use crate::kinds::offering::{Place, Zone};
use crate::manifest::Key;

/// The zones of an engagement in two worlds; none where it is not in one.
pub(super) type BothZones<'a> = [Option<&'a Zone>; 2];

/// The zones of an engagement in two worlds.
pub(super) fn zones<'a>(worlds: [&'a World; 2], key: &Key) -> BothZones<'a> {
    worlds.map(|world| world.offering(key).map(|it| &it.zone))
}

/// An engagement with its zones.
pub(super) struct Zoned<'a> {
    pub(super) key: &'a Key,
    pub(super) zones: BothZones<'a>,
}

/// Whether two engagements may be in one zone in one of the worlds.
pub(super) fn may_be_one(own: BothZones<'_>, others: BothZones<'_>) -> bool {
    let mut both = own.into_iter().zip(others);
    both.any(|(one, other)| is_one_zone(one, other) != Some(false))
}

/// The engagements by place, in each of two worlds.
#[derive(Default)]
pub(super) struct ZonedPlaces<'a>([BTreeMap<Place, Vec<Zoned<'a>>>; 2]);

impl<'a> ZonedPlaces<'a> {
    /// The engagements of the places of some.
    pub(super) fn of(worlds: [&'a World; 2], keys: &BTreeSet<&Key>) -> Self {
        let zoned = |key: &'a Key| Zoned {
            key,
            zones: zones(worlds, key),
        };
        Self(worlds.map(|world| {
            let places = keys.iter().flat_map(|key| world.places_of(key));
            let places: BTreeSet<Place> = places.collect();
            let lists = places.into_iter().map(|place| {
                let all = world.shelves().all_of(&place).map(zoned).collect();
                (place, all)
            });
            lists.collect()
        }))
    }

    /// The engagements of a place in the first or the second world.
    pub(super) fn at(&self, world: usize, place: &Place) -> &[Zoned<'a>] {
        let places = self.0.get(world);
        let list = places.and_then(|places| places.get(place));
        list.map_or(&[], Vec::as_slice)
    }
}

/// Whether two compete in one of the worlds and not in the other, or that is not known of both of them.
pub(super) fn meets_otherwise(worlds: [&World; 2], key: &Key, rival: &Key) -> bool {
    // First whether one moved at all: this is asked of each pair.
    let meets = || worlds.map(|world| meets(world, key, rival));
    let is_otherwise = || match meets() {
        [Some(before), Some(after)] => before != after,
        _ => true,
    };
    is_in_other_zone(worlds, key) && is_otherwise()
}
