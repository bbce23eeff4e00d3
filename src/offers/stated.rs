//! What readings state: the places that they belong to, and their clauses.

use std::collections::BTreeSet;

use crate::kinds::offering::{Aspect, Clause, Place, Reading, Test};

/// The places that an engagement itself belongs to.
pub(super) fn places_of(reading: &Reading) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for requirement in reading
        .requires
        .iter()
        .filter(|it| it.aspect == Aspect::Place)
    {
        if let Test::In(place) = &requirement.clause.test {
            places.insert(place.clone());
        }
    }
    places
}

/// A clause and all clauses inside of it.
pub(super) fn each<'c>(clause: &'c Clause, work: &mut impl FnMut(&'c Clause)) {
    work(clause);
    let mut inside = Vec::new();
    if matches!(clause.test, Test::Earlier(_) | Test::Flow(_)) {
        return; // what was earlier is one condition
    }
    clause.test.inner(&mut |inner| inside.push(inner));
    for inner in inside {
        each(inner, work);
    }
}
