//! What a visitor may have closed before a rule is broken.
//!
//! An engagement that was closed is not offered again in the session, so that one behind it comes to the front. A rule is about
//! such visits as well. What it asserts of an engagement holds as long as that one itself was not closed, unless another one
//! takes its place.
//!
//! Closing others only helps an engagement. So it is enough to look at each one that would break the rule where all that can
//! be ahead of it is closed.

use std::collections::BTreeSet;

use super::assertion::{Assertion, Claim, not_offered, same};
use super::outcome::VisitOutcome;
use super::rivalry::meets;
use super::route::Route;
use super::switched_on::is_served;
use super::truth::Truth;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Place, Switch, Zone};
use crate::manifest::Key;

/// A rule about visits at which something was closed.
pub(super) struct Closing {
    pub(super) assertion: Assertion,
    pub(super) closed: BTreeSet<Key>,
}

/// What has to hold besides where something was closed; `visit` is what all visits have in common.
pub(super) fn closings(
    world: &World,
    visit: &Visit,
    assumed: &Assumed,
    assertion: &Assertion,
) -> Vec<Closing> {
    let at = || assertion.at.clone();
    // Without a priority one is behind another at no visit.
    let has_order = matches!(visit.place, Place::App(_)) && assumed.of(Switch::Contest) == Some(1);
    let of = |wrong: Vec<Key>| {
        let all = wrong.into_iter().map(|key| Closing {
            closed: ahead(world, &visit.place, &key),
            assertion: not_offered(key, at()),
        });
        all.filter(|it| !it.closed.is_empty()).collect()
    };
    let others = |is_right: &dyn Fn(&Key) -> bool| {
        let candidates = world.shelves().candidates(visit).into_iter();
        let zone = |key: &Key| world.offering(key).map(|it| &it.zone);
        let competes = |key: &&Key| zone(key) == Some(&Zone::App);
        let wrong = candidates.filter(competes).filter(|it| !is_right(it));
        wrong.cloned().collect::<Vec<Key>>()
    };
    match &assertion.claim {
        Claim::NotOffered(key) if has_order => of(vec![key.clone()]),
        Claim::Offered(key) if has_order => of(others(&|it| it == key)),
        Claim::OneOf(keys) if has_order => of(others(&|it| keys.contains(it))),
        Claim::Route(route, value) if has_order => {
            of(others(&|it| leads(world, it, *route, value)))
        }
        Claim::Share(key, _) => {
            let mut closed = beside(world, &visit.place, key);
            closed.remove(key);
            let assertion = assertion.clone();
            vec![Closing { assertion, closed }]
        }
        _ => Vec::new(),
    }
}

fn leads(world: &World, key: &Key, route: Route, value: &serde_json::Value) -> bool {
    let found = world.offering(key).and_then(|it| route.of(it));
    found.is_some_and(|found| same(&found, value))
}

/// All that shares a zone with an engagement, or may.
fn beside(world: &World, place: &Place, key: &Key) -> BTreeSet<Key> {
    let all = world.shelves().of_place(place).into_iter();
    all.filter(|it| meets(world, it, key) != Some(false))
        .cloned()
        .collect()
}

/// What can be ahead of an engagement by its priority.
fn ahead(world: &World, place: &Place, key: &Key) -> BTreeSet<Key> {
    let priority = |key: &Key| world.rank(key).map_or(0.0, |rank| rank.priority);
    let own = priority(key);
    let mut all = beside(world, place, key);
    all.retain(|it| priority(it) > own);
    all
}

/// Whether a visitor at a visit could close an engagement: it can be offered to one who closed all the rest.
pub(super) fn can_close(world: &World, visit: &Visit, assumed: &Assumed, key: &Key) -> bool {
    let mut before = visit.clone();
    before.closed.remove(key);
    let outcome = VisitOutcome::in_brief(world, &before, assumed);
    outcome.possible(world, key, assumed).truth != Truth::No
}

/// Whether visitors of each world could close an engagement: what one of them does not have, or does not serve, was not closed
/// there.
pub(super) fn is_closable(worlds: [&World; 2], key: &Key) -> bool {
    worlds.into_iter().all(|world| {
        let reading = world.reading(key).filter(|it| it.offer.is_some());
        reading.is_some_and(|reading| is_served(world, reading))
    })
}

/// The same visit, with no more closed than what would be offered there.
pub(super) fn least_closed(world: &World, visit: &Visit, assumed: &Assumed) -> Visit {
    let mut least = visit.clone();
    let closed = std::mem::take(&mut least.closed);
    let outcome = VisitOutcome::in_brief(world, &least, assumed);
    let offered: BTreeSet<&Key> = outcome.candidates().collect();
    least.closed = closed
        .into_iter()
        .filter(|it| offered.contains(it))
        .collect();
    least
}

/// The visit of one who closed some engagements.
pub(super) fn with_closed(visit: &Visit, closed: &BTreeSet<&Key>) -> Visit {
    Visit {
        closed: closed.iter().map(|it| (*it).clone()).collect(),
        ..visit.clone()
    }
}
