//! A search judges again only what a visit says more, and what is open. Over random worlds: it finds the same as judging all
//! anew at each visit that it shows. `PROPTEST_CASES=1000` tries more than the 64 of every run.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::impact::pairs;
use super::worlds::{changed, draws, place, specs, world_of};
use crate::kinds::offering::{Assumed, SWITCHES};
use crate::manifest::Key;
use crate::offers::explore::{ComparedRequirements, Leaf, Matters, Search, SearchNext};
use crate::offers::judgement::Judge;
use crate::offers::{Reason, Truth, Visit};

proptest! {
    #![proptest_config(pairs(64))]

    #[test]
    fn what_is_reused_is_what_judging_anew_says(mut draw in draws()) {
        let old = specs(&mut draw);
        let new = changed(&mut draw, &old);
        let worlds = [&old, &new].map(world_of);
        let switches = SWITCHES.iter().filter(|_| draw.once_in(2)).map(|it| (*it, 0)).collect();
        let assumed = Assumed(switches);
        let keys: BTreeSet<Key> = worlds.iter().flat_map(|it| it.offered().map(|(key, ..)| key.clone())).collect();
        let place = place(&mut draw);
        for key in &keys {
            let asking = worlds.each_ref().map(|world| ComparedRequirements { world, key });
            let mut problem = None;
            let mut see = |leaf: Leaf<'_>| {
                problem = problem.take().or_else(|| different(&asking, &leaf, &assumed));
                if problem.is_some() { SearchNext::Enough } else { SearchNext::More }
            };
            Search::new(asking.to_vec(), &assumed, Matters::Any).run(&Visit::new(place.clone()), &mut see);
            prop_assert!(problem.is_none(), "{key}: {}", problem.unwrap_or_default());
        }
    }
}

/// What a leaf says of an engagement in two worlds, and judging anew does not.
fn different(
    asking: &[ComparedRequirements<'_>; 2],
    leaf: &Leaf<'_>,
    assumed: &Assumed,
) -> Option<String> {
    let judge = |at: usize| {
        let ComparedRequirements { world, key } = asking[at];
        Judge::new(world, leaf.visit, assumed).whole(key)
    };
    let anew = [judge(0), judge(1)];
    let reasons: BTreeSet<Reason> = anew.iter().flat_map(|it| it.reasons.clone()).collect();
    let rests: BTreeSet<_> = anew.iter().flat_map(|it| it.rests.clone()).collect();
    let is_told = anew.iter().enumerate().all(|(at, anew)| {
        let found: BTreeSet<bool> = leaf.truths.iter().map(|it| it[at]).collect();
        match anew.truth {
            Truth::Yes => found == BTreeSet::from([true]),
            Truth::No => found == BTreeSet::from([false]),
            Truth::Unknown => !found.is_empty(),
        }
    });
    let is_same = is_told && (&reasons, &rests) == (&leaf.reasons, &leaf.rests);
    (!is_same).then(|| {
        let (visit, truths) = (leaf.visit, &leaf.truths);
        format!(
            "{visit:?}\n{truths:?} {:?} {:?}\n{anew:?}",
            leaf.reasons, leaf.rests
        )
    })
}
