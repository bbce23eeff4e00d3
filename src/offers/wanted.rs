//! What the requirements ask for that keep an engagement from a visit, as far as another visit of the place can do it.

use std::collections::{BTreeMap, BTreeSet};

use super::judgement::{Eligibility, Judgement, Noted, visit_in};
use super::truth::{Because, Spot, Truth};
use super::universe::Universe;
use super::world::World;
use crate::kinds::offering::{Aspect, Clause, Fact, Place, Reading, Test};
use crate::manifest::Key;
use crate::text::Pointer;

/// What the failing requirements of an engagement ask for.
pub(super) struct WantedChanges<'e> {
    pub(super) found: &'e Eligibility,
    /// The clauses that ask for what a visit can change.
    pub(super) of_visits: Vec<Spot>,
    /// Whether two of them ask for the same fact, so that a person cannot follow them one after the other.
    pub(super) is_entangled: bool,
    /// The other places that are asked for.
    pub(super) places: BTreeSet<Place>,
    /// What only a manifest or another session can change.
    pub(super) elsewhere: Vec<&'e Because>,
    /// The facts that a visit can change.
    pub(super) facts: BTreeSet<Fact>,
    /// The one of them that no change speaks of.
    pub(super) untold: Option<Fact>,
}

impl<'e> WantedChanges<'e> {
    /// What the requirements ask for that fail at a visit of a place.
    pub(super) fn of(world: &World, place: &Place, found: &'e Eligibility) -> Self {
        let around = world.around(&found.engagement);
        let mut wanted = Self {
            found,
            of_visits: Vec::new(),
            is_entangled: false,
            places: BTreeSet::new(),
            elsewhere: Vec::new(),
            facts: BTreeSet::new(),
            untold: None,
        };
        let places = world.places_of(&found.engagement);
        let mut told = BTreeSet::new();
        for failing in found.failing() {
            for because in &failing.judged.nearest {
                let (spot, facts) = if failing.aspect == Aspect::Call {
                    let both = BTreeSet::from([Fact::CustomerId, Fact::SignedIn]);
                    (because.spot.clone(), both)
                } else {
                    asked_at(&because.spot, place, &around)
                };
                let place = places.iter().find(|it| because.change == visit_in(it));
                if let Some(place) = place {
                    wanted.places.insert(place.clone());
                } else if facts.is_empty() {
                    wanted.elsewhere.push(because);
                } else if !wanted.of_visits.contains(&spot) {
                    wanted.of_visits.push(spot);
                    wanted.is_entangled |= !told.is_disjoint(&facts);
                    told.extend(facts);
                }
            }
        }
        // Of who has signed in, the platform does not take all that is reported.
        let is_anonymous = told.iter().any(|fact| fact.is_anonymous_only());
        let more = is_anonymous.then_some(Fact::SignedIn);
        wanted.untold = more.filter(|it| !told.contains(it));
        wanted.is_entangled |= is_anonymous && told.contains(&Fact::SignedIn);
        wanted.facts = told.into_iter().chain(more).collect();
        wanted
    }

    /// Whether a requirement that fails was one that no other visit of the place meets.
    pub(super) fn is_left_out(&self, failing: &Judgement) -> bool {
        let before = self.found.failing();
        let mut before = before.filter(|it| it.aspect == failing.aspect && it.spot == failing.spot);
        before.any(|it| {
            let nearest = &it.judged.nearest;
            nearest.is_empty() || nearest.iter().any(|it| self.elsewhere.contains(&it))
        })
    }

    /// Whether all of it holds at a visit.
    pub(super) fn holds(&self, judged: &Eligibility, noted: &Noted) -> bool {
        let noted = noted.borrow();
        self.of_visits.iter().all(|spot| {
            let is_call = spot.at == Pointer::root();
            let mut call = judged.failing().filter(|it| it.aspect == Aspect::Call);
            noted.get(spot) == Some(&Truth::Yes) || is_call && call.next().is_none()
        })
    }
}

/// The clause that states a place, and the facts that it asks for; none where a visit of the place cannot meet it.
fn asked_at(
    spot: &Spot,
    place: &Place,
    around: &BTreeMap<Key, &Reading>,
) -> (Spot, BTreeSet<Fact>) {
    let reading = around.get(&spot.key).into_iter();
    let requirements = reading.flat_map(|it| &it.requires);
    let clauses = requirements.filter_map(|it| clause_at(&it.clause, &spot.at));
    let mut asked = Universe::default();
    let mut at = spot.at.clone();
    for clause in clauses {
        let is_web_only = matches!(clause.test, Test::WebOnly(_));
        if !is_web_only || *place == Place::Web {
            asked.note(clause);
            at = clause.at.clone();
        }
    }
    let spot = Spot { at, ..spot.clone() };
    (spot, asked.facts().collect())
}

/// The clause that states a place: of those at the place, or nearest above it, the outermost.
fn clause_at<'c>(clause: &'c Clause, at: &Pointer) -> Option<&'c Clause> {
    let mut found = at.starts_with(&clause.at).then_some(clause);
    clause.test.inner(&mut |inner| {
        let depth = |it: &Clause| it.at.as_str().len();
        let inner = clause_at(inner, at);
        found = match (found, inner) {
            (Some(outer), Some(inner)) if depth(inner) <= depth(outer) => Some(outer),
            (outer, inner) => inner.or(outer),
        };
    });
    found
}
