//! Engagements that stand in the shadow of another one: whenever they could be offered, it could be, too.
//!
//! That takes a search through all visits ([`Search`]), and nearly always the answer is no. So one visit at which the
//! engagement can be offered is looked for first, once. A rival that is certainly not offered there needs no search, and the
//! visit that refutes another one refutes the next as well.

use std::collections::BTreeMap;

use super::codes::COMPETING;
use super::explore::{ComparedRequirements, Leaf, Matters, Search, SearchNext, Searched};
use super::findings::Finder;
use super::judgement::Judge;
use super::rivalry::meets;
use super::stated::places_of;
use super::switched_on::is_served;
use super::truth::Truth;
use super::universe::Universe;
use super::visit::Visit;
use super::world::World;
use crate::diag::Diagnostic;
use crate::kinds::offering::{Assumed, Fact, FactAnswer, Place, Reading, Switch};
use crate::manifest::Key;
use crate::text::Pointer;

/// How many rivals of an engagement are looked at.
const MOST_RIVALS: usize = 8;

fn priority_differs(own: f64, other: Option<f64>) -> bool {
    other.is_none_or(|other| other.total_cmp(&own).is_ne())
}

/// What is wrong with an engagement because of others.
pub(super) struct Shadow<'a> {
    pub(super) diagnostic: Diagnostic,
    /// The engagement and the one that it competes with, where they do; and whether it would always lose by priority.
    pair: Option<(&'a Key, &'a Key, bool)>,
}

impl Shadow<'_> {
    pub(super) fn alone(diagnostic: Diagnostic) -> Self {
        Self {
            diagnostic,
            pair: None,
        }
    }
}

/// Two engagements that could always be offered together are told once: from the side that would lose by priority, else
/// from the first.
pub(super) fn each_pair_once(shadows: Vec<Shadow<'_>>) -> Vec<Diagnostic> {
    let mut pairs: BTreeMap<(&Key, &Key), bool> = BTreeMap::new();
    for (key, rival, is_behind) in shadows.iter().filter_map(|it| it.pair) {
        pairs.insert((key, rival), is_behind);
    }
    let is_told = |shadow: &Shadow<'_>| {
        let Some((key, rival, is_behind)) = shadow.pair else {
            return true;
        };
        match pairs.get(&(rival, key)) {
            None => true,
            Some(is_other_behind) if *is_other_behind == is_behind => key < rival,
            Some(_) => is_behind,
        }
    };
    let told = shadows.into_iter().filter(is_told);
    told.map(|it| it.diagnostic).collect()
}

impl<'a> Finder<'a> {
    /// An engagement that has a rival at every one of its visits. Where the project takes for granted that the highest
    /// priority is chosen, one with a higher priority always takes its place.
    pub(super) fn shadowed(&self, key: &'a Key, reading: &Reading) -> Option<Shadow<'a>> {
        let priority = |key: &Key| self.world.rank(key).map(|rank| rank.priority);
        let own = priority(key)?;
        let mut found = None;
        for place in places_of(reading) {
            let shelves = self.world.shelves();
            let covering = shelves.covering(self.world, self.assumed, (key, &place));
            let mut rivals: Vec<&'a Key> = covering.into_iter().collect();
            // Those that are ahead come first: they leave the least.
            let is_ahead = |rival: &&Key| priority(rival).is_some_and(|it| it > own);
            rivals.sort_by_key(|rival| !is_ahead(rival));
            let rivals = rivals.into_iter();
            let rivals = rivals.filter(|rival| *rival != key && self.competes(rival, key));
            let mut offer = None;
            let rival = rivals.take(MOST_RIVALS).find(|rival| {
                let offer = offer.get_or_insert_with(|| {
                    PlacedOffer::of(self.world, self.assumed, (key, &place))
                });
                offer.always_loses_to(rival)
            })?;
            found = Some((rival, is_ahead(&rival) && matches!(place, Place::App(_))));
        }
        let (rival, is_ahead) = found?;
        let name = &rival.name;
        // One that closes what is ahead is offered what is behind, unless apps offer it again; so is one from whom it is withheld.
        let is_withheld = self.world.may_withhold(rival, key);
        let is_closed = self.assumed.of(Switch::ClosedInApp) != Some(1);
        match (is_ahead, self.assumed.of(Switch::Contest)) {
            (true, Some(1)) if is_closed || is_withheld => Some(Shadow {
                diagnostic: self.behind(key, name.as_str(), (is_closed, is_withheld))?,
                pair: None,
            }),
            (true, Some(1)) => {
                let why = format!(
                    "whenever it could be, {name} is, whose campaign has a higher priority"
                );
                let help = format!("narrow {name}, or raise the `priority` of the campaign");
                Some(Shadow::alone(self.never_offered(key, &why, &help)?))
            }
            (false, Some(1)) if priority_differs(own, found.and_then(|it| priority(it.0))) => None,
            (is_ahead, contest) => {
                let is_behind = is_ahead && contest.is_none();
                Some(Shadow {
                    diagnostic: self.competing(key, name.as_str(), is_behind)?,
                    pair: Some((key, rival, is_behind)),
                })
            }
        }
    }

    /// One that nobody is offered but who closed the one ahead of it, or is in the control group of its campaign.
    fn behind(
        &self,
        key: &Key,
        rival: &str,
        (is_closed, is_withheld): (bool, bool),
    ) -> Option<Diagnostic> {
        let resource = self.desired.get(key)?;
        let at = resource.locate(self.texts, &Pointer::root());
        let who = match (is_closed, is_withheld) {
            (true, true) => format!("closed {rival} or are in its control group"),
            (true, false) => format!("closed {rival}"),
            (false, _) => format!("are in the control group of {rival}"),
        };
        let message = format!(
            "whenever {} could be offered, {rival} is, whose campaign has a higher priority: only visitors who {who} are offered {}",
            key.name, key.name
        );
        let help = format!("narrow {rival}, or raise the `priority` of the campaign");
        Some(Diagnostic::new(&COMPETING, at, message).help(help))
    }

    fn competing(&self, key: &Key, rival: &str, is_behind: bool) -> Option<Diagnostic> {
        let resource = self.desired.get(key)?;
        let at = resource.locate(self.texts, &Pointer::root());
        let more = if is_behind {
            format!("; if the highest priority is chosen, {} never is", key.name)
        } else {
            String::new()
        };
        let message = format!(
            "whenever {} could be offered, {rival} could be, too: one of them is chosen{more}",
            key.name
        );
        // The same for all of them: a large account has hundreds, and what is alike is shown together.
        let help = "narrow one of them, or test the choice: `oneOf` with both names";
        Some(Diagnostic::new(&COMPETING, at, message).help(help))
    }

    /// Whether two engagements certainly share one place, and no test says that this is meant.
    fn competes(&self, rival: &Key, key: &Key) -> bool {
        let is_served = |key: &Key| {
            let reading = self.world.reading(key);
            reading.is_some_and(|reading| is_served(self.world, reading))
        };
        meets(self.world, key, rival) == Some(true)
            && self.is_sound(rival)
            && is_served(rival)
            && !self
                .meant
                .iter()
                .any(|all| all.contains(rival) && all.contains(key))
    }
}

/// What came of looking for a visit at which an engagement can be offered.
pub(super) enum VisitSearch {
    /// Such a visit.
    Visit(Visit),
    /// There is none.
    Never,
    /// There are too many visits to look at.
    TooMany,
}

impl VisitSearch {
    /// A visit that was guessed, or knows more than the guess, at which something is offered if what is open is so.
    pub(super) fn likely(
        world: &World,
        assumed: &Assumed,
        (key, place): (&Key, &Place),
    ) -> Option<Visit> {
        let visit = Visit::likely(world, key, place);
        match Judge::new(world, &visit, assumed).whole(key).truth {
            Truth::Yes => Some(visit),
            Truth::No => None,
            Truth::Unknown => match Self::from(world, assumed, key, &visit) {
                Self::Visit(visit) => Some(visit),
                Self::Never | Self::TooMany => None,
            },
        }
    }

    /// Looks for one at a place.
    pub(super) fn of(world: &World, assumed: &Assumed, (key, place): (&Key, &Place)) -> Self {
        match Self::likely(world, assumed, (key, place)) {
            Some(visit) => Self::Visit(visit),
            None => Self::from(world, assumed, key, &outside(place)),
        }
    }

    /// Looks among the visits that know at least what one does: something is offered if what is open is so.
    fn from(world: &World, assumed: &Assumed, key: &Key, from: &Visit) -> Self {
        let mut search = Search::new(
            vec![ComparedRequirements { world, key }],
            assumed,
            Matters::All,
        );
        let mut found = None;
        let searched = search.run(from, &mut |leaf: Leaf<'_>| {
            if leaf.truths.iter().any(|it| it.contains(&true)) {
                found = Some(leaf.visit.clone());
                SearchNext::Enough
            } else {
                SearchNext::More
            }
        });
        match found {
            Some(visit) => Self::Visit(visit),
            None if searched == Searched::Whole => Self::Never,
            None => Self::TooMany,
        }
    }
}

/// An engagement at a place, and visits at which it can be offered.
pub(super) struct PlacedOffer<'k> {
    world: &'k World,
    assumed: &'k Assumed,
    key: &'k Key,
    place: &'k Place,
    /// What its conditions ask for.
    asked: Universe,
    /// Such visits, at which nothing was reported or done but what it takes.
    examples: Vec<Visit>,
}

impl<'k> PlacedOffer<'k> {
    pub(super) fn of(
        world: &'k World,
        assumed: &'k Assumed,
        (key, place): (&'k Key, &'k Place),
    ) -> Self {
        let mut offer = Self {
            world,
            assumed,
            key,
            place,
            asked: Universe::default(),
            examples: Vec::new(),
        };
        world.asked_by(key, &mut offer.asked);
        if let VisitSearch::Visit(visit) = VisitSearch::of(world, assumed, (key, place)) {
            offer.learn(visit);
        }
        offer
    }

    /// Whether a rival can be offered at every visit that this engagement can be.
    pub(super) fn always_loses_to(&mut self, rival: &Key) -> bool {
        let judge = |visit| Judge::new(self.world, visit, self.assumed);
        let is_out = |visit| judge(visit).whole(rival).truth == Truth::No;
        if self.examples.iter().any(is_out) {
            return false;
        }
        let asking = [self.key, rival].map(|key| ComparedRequirements {
            world: self.world,
            key,
        });
        let mut search = Search::new(asking.to_vec(), self.assumed, Matters::First);
        let mut refuted = self.variations(&search).into_iter();
        let refuted = refuted.find_map(|from| won(&mut search, &from).ok().flatten());
        let refuted = match refuted {
            Some(visit) => Ok(Some(visit)),
            None => won(&mut search, &outside(self.place)),
        };
        match refuted {
            Ok(None) => true,
            Ok(Some(visit)) => {
                self.learn(visit);
                false
            }
            Err(TooMany) => false,
        }
    }

    /// The first example, each time with one fact open that a condition asks for.
    fn variations(&self, search: &Search<'_>) -> Vec<Visit> {
        let example = self.examples.iter().take(1);
        let all = example.flat_map(|example| {
            let asked = example.facts.keys().filter(|fact| search.asks(**fact));
            let asked = asked.filter(|fact| **fact != Fact::ControlGroup);
            let facts = asked.map(|fact| {
                let mut visit = example.clone();
                visit.facts.remove(fact);
                visit
            });
            let time = example.at.map(|_| Visit {
                at: None,
                ..example.clone()
            });
            time.into_iter().chain(facts)
        });
        all.collect()
    }

    /// Whether nothing was asked about a fact that a visit need not have.
    fn is_free(&self, fact: Fact) -> bool {
        fact.can_be_absent() && self.asked.questions(fact).is_empty()
    }

    /// Keeps a visit at which the engagement can be offered. What it rests on stays open; of what nothing was asked about,
    /// nothing was reported or done.
    fn learn(&mut self, mut visit: Visit) {
        for fact in Fact::ALL.iter().filter(|fact| self.is_free(**fact)) {
            let nothing = || FactAnswer::Known(Vec::new());
            visit.facts.entry(*fact).or_insert_with(nothing);
        }
        self.examples.push(visit);
    }
}

/// A visit outside of all control groups: nobody is offered anything for being in one but what is behind another one.
fn outside(place: &Place) -> Visit {
    Visit::new(place.clone()).with(Fact::ControlGroup, FactAnswer::text("outside"))
}

/// There are too many visits to look at.
struct TooMany;

/// A visit that the first engagement can be offered at and the second need not be, of those that know more than one of them.
fn won(search: &mut Search<'_>, from: &Visit) -> Result<Option<Visit>, TooMany> {
    let mut won = None;
    search.start_again();
    let searched = search.run(from, &mut |leaf: Leaf<'_>| {
        if !leaf.truths.contains([true, false].as_slice()) {
            return SearchNext::More;
        }
        won = Some(leaf.visit.clone());
        SearchNext::Enough
    });
    match (won, searched) {
        (None, Searched::TooMany) => Err(TooMany),
        (won, _) => Ok(won),
    }
}
