//! Over random worlds and visits: no missing fact leads to a confident answer. `PROPTEST_CASES=10000` tries more than the
//! 256 of every run.

use proptest::prelude::*;

use super::worlds::{Draw, MOMENTS, answers, draws, specs, visit, world_of};
use crate::kinds::offering::{Assumed, Fact, SWITCHES};
use crate::offers::{Eligibility, Reason, Truth, Visit, World, judge};

/// The same visit with some facts left out.
fn without(draw: &mut Draw, whole: &Visit) -> Visit {
    let mut part = whole.clone();
    part.facts.retain(|_, _| draw.below(2) == 0);
    if draw.once_in(3) {
        part.at = None;
    }
    part
}

fn lacks(found: &Eligibility, fact: Fact) -> bool {
    found.whole.reasons.contains(&Reason::Missing(fact))
}

proptest! {
    /// What is decided without some facts is decided alike with them; what is not names one of them.
    #[test]
    fn no_confident_wrong_answer(mut draw in draws()) {
        let world = world_of(&specs(&mut draw));
        let whole = visit(&mut draw);
        let part = without(&mut draw, &whole);
        let assumed = Assumed::default();
        let (known, open) = (judge(&world, &whole, &assumed), judge(&world, &part, &assumed));
        for (known, open) in known.iter().zip(&open) {
            match (known.whole.truth, open.whole.truth) {
                (_, Truth::Unknown) => {
                    let names_one = open.whole.reasons.iter().any(|reason| match reason {
                        Reason::Missing(Fact::Time) => part.at.is_none(),
                        Reason::Missing(fact) => !part.facts.contains_key(fact),
                        _ => false,
                    });
                    prop_assert!(names_one || known.whole.truth == Truth::Unknown, "{open:?}");
                }
                (known, open) => prop_assert_eq!(known, open),
            }
        }
    }

    /// A fact that is needed, and only that, is left out: undecided, and the fact is named.
    #[test]
    fn a_needed_fact_is_named(mut draw in draws()) {
        let world = world_of(&specs(&mut draw));
        let whole = visit(&mut draw);
        let facts = answers();
        let at = draw.below(facts.len() + 1);
        let (fact, visits): (Fact, Vec<Visit>) = match facts.get(at) {
            Some((fact, values)) => {
                (*fact, values.iter().map(|value| whole.clone().with(*fact, value.clone())).collect())
            }
            None => (Fact::Time, MOMENTS.iter().map(|at| Visit { at: at.parse().ok(), ..whole.clone() }).collect()),
        };
        let mut part = whole;
        part.facts.remove(&fact);
        if fact == Fact::Time {
            part.at = None;
        }
        let open = judge(&world, &part, &Assumed::default());
        let known: Vec<Vec<Eligibility>> = visits.iter().map(|visit| judge(&world, visit, &Assumed::default())).collect();
        for (index, open) in open.iter().enumerate() {
            let truths = known.iter().map(|known| known[index].whole.truth);
            let has = |truth: Truth| truths.clone().any(|it| it == truth);
            if has(Truth::Yes) && has(Truth::No) {
                prop_assert!(open.whole.truth == Truth::Unknown && lacks(open, fact), "{fact:?}: {open:?}");
            }
            if open.whole.truth != Truth::Unknown {
                prop_assert!(truths.clone().all(|truth| truth == open.whole.truth), "{fact:?}: {open:?}");
            }
        }
    }

    /// A position that is assumed never contradicts what is decided without it.
    #[test]
    fn an_assumption_only_decides(mut draw in draws()) {
        let world: World = world_of(&specs(&mut draw));
        let visit = visit(&mut draw);
        let switches = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
        let assumed = Assumed(switches.collect());
        let (open, closed) = (judge(&world, &visit, &Assumed::default()), judge(&world, &visit, &assumed));
        for (open, closed) in open.iter().zip(&closed) {
            if open.whole.truth != Truth::Unknown {
                prop_assert_eq!(open.whole.truth, closed.whole.truth);
                prop_assert!(closed.whole.rests.is_empty(), "{closed:?}");
            }
        }
    }
}
