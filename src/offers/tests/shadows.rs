//! Who stands in whose shadow: known visits spare a search, and change no answer.

use proptest::prelude::*;

use super::worlds::{Draw, changed, draws, key, place, specs, world_of};
use crate::kinds::offering::{Assumed, Place, SWITCHES};
use crate::manifest::Key;
use crate::offers::World;
use crate::offers::explore::{ComparedRequirements, Leaf, Matters, Search, SearchNext, Searched};
use crate::offers::shadows::{PlacedOffer, VisitSearch};
use crate::offers::visit::Visit;

/// Whether one can be offered at each visit that the other one can be, by looking at all of them.
fn always_loses(world: &World, assumed: &Assumed, pair: [&Key; 2], place: &Place) -> bool {
    let asking = pair.map(|key| ComparedRequirements { world, key });
    let mut search = Search::new(asking.to_vec(), assumed, Matters::First);
    let mut wins = false;
    let searched = search.run(&Visit::new(place.clone()), &mut |leaf: Leaf<'_>| {
        wins |= leaf.truths.contains([true, false].as_slice());
        if wins {
            SearchNext::Enough
        } else {
            SearchNext::More
        }
    });
    searched == Searched::Whole && !wins
}

fn assumed(draw: &mut Draw) -> Assumed {
    let some = SWITCHES.iter().filter_map(|switch| {
        let at = draw.below(2);
        (draw.below(3) == 0).then_some((*switch, at))
    });
    Assumed(some.collect())
}

/// Engagements that are nearly alike: few of others stand in each other's shadow.
fn alike(draw: &mut Draw) -> World {
    let mut specs = specs(draw);
    let first = specs[&key("Engagement", "a")].clone();
    for name in ["b", "c"] {
        specs.insert(key("Engagement", name), first.clone());
    }
    for _ in 0..3 {
        specs = changed(draw, &specs);
    }
    world_of(&specs)
}

proptest! {
    /// One after the other, so that what was learnt of one rival is used for the next.
    #[test]
    fn visits_that_are_known_change_no_answer(mut draw in draws()) {
        let (world, place) = (alike(&mut draw), place(&mut draw));
        let assumed = assumed(&mut draw);
        let keys: Vec<&Key> = world.offered().map(|(key, ..)| key).collect();
        for key in &keys {
            let mut offer = PlacedOffer::of(&world, &assumed, (key, &place));
            let is_offered = matches!(VisitSearch::of(&world, &assumed, (key, &place)), VisitSearch::Visit(_));
            let covering = world.shelves().covering(&world, &assumed, (key, &place));
            for rival in keys.iter().filter(|rival| *rival != key) {
                let all = always_loses(&world, &assumed, [key, rival], &place);
                // It is among those that are looked at.
                prop_assert!(!is_offered || !all || covering.contains(rival), "{} {}", key, rival);
                prop_assert_eq!(offer.always_loses_to(rival), all, "{} {}", key, rival);
            }
        }
    }
}
