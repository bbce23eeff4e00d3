//! The difference of two random worlds against brute force over a larger universe of visits.
//!
//! `PROPTEST_CASES=1000 cargo test --lib offers::tests::impact` looks at more than the pairs of every run.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::worlds::{Draw, MOMENTS, Specs, answers, changed, draws, place, specs, visit, world_of};
use crate::kinds::offering::{Assumed, Fact, Place, SWITCHES};
use crate::manifest::Key;
use crate::offers::judgement::Judge;
use crate::offers::universe::Universe;
use crate::offers::{Difference, Truth, Visit, World, differences};
use crate::plan::Shift;

fn pairs(default: u32) -> Config {
    let usual = Config::default(); // reads PROPTEST_CASES
    let cases = if usual.cases == 256 {
        default
    } else {
        usual.cases
    };
    Config { cases, ..usual }
}

fn truth(world: &World, visit: &Visit, assumed: &Assumed, key: &Key) -> Truth {
    let judge = Judge {
        world,
        visit,
        assumed,
        opaque: None,
        noted: None,
        explains: false,
    };
    judge.whole(key).truth
}

/// Every visit of a universe that is larger than the one that is searched; nothing where it is too large to look at.
fn all_visits(worlds: [&World; 2], key: &Key) -> Option<Vec<Visit>> {
    let mut universe = Universe::default();
    for world in worlds {
        world.asked_by(key, &mut universe);
    }
    let places = [
        Place::Web,
        Place::App("Shop".to_owned()),
        Place::App("Other".to_owned()),
    ];
    let mut visits: Vec<Visit> = places.into_iter().map(Visit::new).collect();
    let times = if universe.moments().is_some_and(|it| !it.is_empty()) {
        &MOMENTS[..]
    } else {
        &MOMENTS[..1]
    };
    let more = |visits: Vec<Visit>, count: usize, make: &dyn Fn(&Visit, usize) -> Visit| {
        let all = visits
            .iter()
            .flat_map(|visit| (0..count).map(|at| make(visit, at)));
        all.collect::<Vec<Visit>>()
    };
    visits = more(visits, times.len(), &|visit, at| Visit {
        at: times[at].parse().ok(),
        ..visit.clone()
    });
    for (fact, values) in answers() {
        let matters = !universe.questions(fact).is_empty() || fact == Fact::SignedIn;
        let count = if matters { values.len() } else { 1 };
        if visits.len() * count > 1_500 {
            return None;
        }
        visits = more(visits, count, &|visit, at| {
            visit.clone().with(fact, values[at].clone())
        });
    }
    Some(visits)
}

fn turns(found: &[Difference], key: &Key) -> BTreeSet<Shift> {
    found
        .iter()
        .filter(|it| it.engagement == *key)
        .map(|it| it.turn)
        .collect()
}

/// What brute force finds.
fn brute(before: &World, after: &World, assumed: &Assumed, key: &Key) -> Option<BTreeSet<Shift>> {
    let mut found = BTreeSet::new();
    let mut is_kept = false;
    for visit in all_visits([before, after], key)? {
        match (
            truth(before, &visit, assumed, key),
            truth(after, &visit, assumed, key),
        ) {
            (Truth::No, Truth::Yes) => drop(found.insert(Shift::NowOffered)),
            (Truth::Yes, Truth::No) => drop(found.insert(Shift::NoLongerOffered)),
            (Truth::Yes, Truth::Yes) => is_kept = true,
            _ => {}
        }
    }
    let skill = |world: &World| world.offering(key).and_then(|it| it.skill.clone());
    if is_kept && skill(before) != skill(after) {
        found.insert(Shift::OtherSkill);
    }
    Some(found)
}

/// Whether a difference is there at its own example.
fn is_so([before, after]: [&World; 2], assumed: &Assumed, told: &Difference) -> bool {
    let Some(visit) = &told.example else {
        return false;
    };
    let truths = [before, after].map(|world| truth(world, visit, assumed, &told.engagement));
    let skill = |world: &World| {
        world
            .offering(&told.engagement)
            .and_then(|it| it.skill.clone())
    };
    match told.turn {
        Shift::NowOffered => truths == [Truth::No, Truth::Yes],
        Shift::NoLongerOffered => truths == [Truth::Yes, Truth::No],
        Shift::OtherSkill => truths == [Truth::Yes; 2] && skill(before) != skill(after),
        _ => false,
    }
}

fn worlds(draw: &mut Draw) -> (Specs, Specs) {
    let before = specs(draw);
    let after = changed(draw, &before);
    (before, after)
}

proptest! {
    #![proptest_config(pairs(24))]

    /// Where everything can be decided: all that brute force finds, and nothing that is not so.
    #[test]
    fn nothing_is_missed_and_nothing_made_up(mut draw in draws()) {
        draw.is_decidable = true;
        let (before, after) = worlds(&mut draw);
        let positions = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
        let assumed = Assumed(positions.collect());
        let keys: BTreeSet<Key> = before.keys().chain(after.keys()).cloned().collect();
        let specs = (before.clone(), after.clone());
        let (before, after) = (world_of(&before), world_of(&after));
        let found = differences(&before, &after, &assumed);
        for key in keys.iter().filter(|it| it.kind.name() == "Engagement") {
            let Some(expected) = brute(&before, &after, &assumed, key) else { continue };
            let mut told = turns(&found, key);
            told.retain(|turn| matches!(turn, Shift::NowOffered | Shift::NoLongerOffered | Shift::OtherSkill | Shift::MayChange));
            let said: Vec<_> = found.iter().filter(|it| it.engagement == *key).collect();
            prop_assert!(told.is_superset(&expected), "{} misses some of {:?}: {:?}\n{:#?}", key, expected, said, specs);
            // Texts that no visit of the larger universe holds: what is told of them has to be so at its example.
            for more in said.iter().filter(|it| told.contains(&it.turn) && !expected.contains(&it.turn)) {
                prop_assert!(is_so([&before, &after], &assumed, more), "{} {:?}\n{:#?}", key, more, specs);
            }
        }
    }

    /// Where much is open: a difference at any visit, in any position of what is open, is told, if only as one that may
    /// be; and what is told for certain is so at its example, whatever else is known.
    #[test]
    fn never_silent_and_never_too_sure(mut draw in draws()) {
        let (before, after) = worlds(&mut draw);
        let (before, after) = (world_of(&before), world_of(&after));
        let found = differences(&before, &after, &Assumed::default());
        for _ in 0..40 {
            let whole = visit(&mut draw);
            let positions = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
            let assumed = Assumed(positions.collect());
            for (key, ..) in before.offered().chain(after.offered()) {
                let turn = match (truth(&before, &whole, &assumed, key), truth(&after, &whole, &assumed, key)) {
                    (Truth::No, Truth::Yes) => Shift::NowOffered,
                    (Truth::Yes, Truth::No) => Shift::NoLongerOffered,
                    _ => continue,
                };
                let told = turns(&found, key);
                prop_assert!(told.contains(&turn) || told.contains(&Shift::MayChange), "{key} {turn:?} {told:?} {whole:?}");
            }
        }
        let sure = found.iter().filter(|it| matches!(it.turn, Shift::NowOffered | Shift::NoLongerOffered));
        for difference in sure {
            let example = difference.example.as_ref().unwrap();
            let mut whole = visit(&mut draw);
            whole.place = example.place.clone();
            whole.at = example.at.or(whole.at);
            whole.facts.extend(example.facts.clone());
            let positions = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
            let assumed = Assumed(positions.collect());
            let key = &difference.engagement;
            let truths = (truth(&before, &whole, &assumed, key), truth(&after, &whole, &assumed, key));
            let is_offered = difference.turn == Shift::NowOffered;
            // Conditions that no visit decides may be left open, in both worlds alike.
            let is_so = match truths {
                (Truth::Yes, Truth::No) => !is_offered,
                (Truth::No, Truth::Yes) => is_offered,
                (one, other) => one == Truth::Unknown || other == Truth::Unknown,
            };
            prop_assert!(is_so, "{difference:?} {truths:?}");
        }
    }

    /// A world is no different from itself.
    #[test]
    fn nothing_changes_where_nothing_does(mut draw in draws()) {
        let world = world_of(&specs(&mut draw));
        let _ = place(&mut draw);
        prop_assert_eq!(differences(&world, &world.clone(), &Assumed::default()), Vec::new());
    }
}
