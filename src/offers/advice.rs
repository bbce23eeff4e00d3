//! What would make a visit be offered an engagement. Each change is tried before it is told.
//!
//! A requirement says which values it asks for. Taken together, or beside the other requirements, these may not do: one entry point
//! asks for `sale` and another one excludes it. So the visits are judged that differ in what the failing requirements ask for:
//!
//! - where all of them that do what is told meet the requirements, that is told;
//! - where only some do, the one that differs least;
//! - where none does, the visit that differs least of all that the conditions tell apart. Where there is none, no visit of the
//!   place is offered the engagement.
//!
//! What only a manifest can change (`enabled`, `state`) is told beside it, and the rest is tried as if that had been done.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::explore::{ComparedRequirements, Matters, Search, SearchNext, Searched};
use super::judgement::{Eligibility, Judge, Noted, visit_in};
use super::outcome::VisitOutcome;
use super::phrase::phrase;
use super::truth::{Because, Reason, Truth};
use super::universe::{ListedValues, Universe};
use super::visit::Visit;
use super::wanted::WantedChanges;
use super::world::World;
use crate::kinds::offering::{Assumed, Fact, FactAnswer, Place, Reading, Switch};
use crate::manifest::Key;

/// So many visits are judged for all engagements of one visit: about a second.
const MOST_JUDGED: usize = 200_000;

/// So many are for the values that the failing requirements of one engagement ask for.
const MOST_COMBINED: usize = 4_096;

/// A search of all visits counts as so many.
const A_SEARCH: usize = 5_000;

/// Where the priority decides, all that can be offered beside the engagement is judged as well: that counts as so many.
const BESIDE: usize = 20;

/// So many engagements of a higher priority are asked what they tell apart.
const MOST_AHEAD: usize = 50;

/// So many visits that meet the requirements are compared to find the nearest.
const MOST_NEAREST: usize = 500;

/// What would make a visit be offered an engagement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VisitAdvice {
    /// What has to change, all of it, in phrases.
    pub changes: Vec<String>,
    /// What would still be undecided after that.
    pub then: BTreeSet<Reason>,
    /// Those of higher priority that would be offered in its place all the same.
    pub behind: BTreeSet<Key>,
    /// Whether no visit of the place meets all that it requires.
    pub is_never: bool,
}

impl VisitAdvice {
    /// What the failing requirements ask for, each for itself.
    fn told(found: &Eligibility) -> Self {
        Self {
            changes: phrases(found.changes()),
            then: found.then(),
            ..Self::default()
        }
    }
}

/// Gives advice on the engagements of one visit.
#[derive(Debug)]
pub struct Adviser<'a> {
    world: &'a World,
    visit: &'a Visit,
    assumed: &'a Assumed,
    /// How many visits can still be judged.
    left: Cell<usize>,
}

/// A visit that meets the requirements, and what is open there.
struct TriedVisit {
    visit: Visit,
    then: BTreeSet<Reason>,
    /// Those that would be offered there in the place of the engagement.
    behind: BTreeSet<Key>,
}

/// The visits that do what the failing requirements ask for.
#[derive(Default)]
struct AsTold {
    count: usize,
    /// How many of them meet all requirements.
    fitting: usize,
    /// Whether something else is open or offered at one of these than at another.
    is_uneven: bool,
    nearest: Option<TriedVisit>,
}

impl AsTold {
    /// Whether the same comes of all of them.
    const fn is_enough(&self) -> bool {
        self.fitting == self.count && !self.is_uneven
    }
}

impl<'a> Adviser<'a> {
    /// Advice on the engagements of a visit.
    #[must_use]
    pub const fn new(world: &'a World, visit: &'a Visit, assumed: &'a Assumed) -> Self {
        Self {
            world,
            visit,
            assumed,
            left: Cell::new(MOST_JUDGED),
        }
    }

    /// What would make the visit be offered an engagement that fails a requirement.
    #[must_use]
    pub fn advise(&self, found: &Eligibility) -> VisitAdvice {
        let key = &found.engagement;
        let told = VisitAdvice::told(found);
        let Some(reading) = self.world.reading(key).filter(|_| !told.changes.is_empty()) else {
            return told;
        };
        let wanted = WantedChanges::of(self.world, &self.visit.place, found);
        if !wanted.places.is_empty() {
            let elsewhere = wanted.places.iter();
            let mut elsewhere = elsewhere.filter_map(|place| self.in_place(place, key, reading));
            return elsewhere
                .next()
                .unwrap_or_else(|| self.nearest_once_changed(&wanted, &self.listed(key, &wanted)));
        }
        self.advise_here(&wanted, reading, told)
    }

    /// The advice to be in another place, with what else that takes there; nothing where the engagement cannot be offered there,
    /// or where that is too much to find out.
    fn in_place(&self, place: &Place, key: &Key, reading: &Reading) -> Option<VisitAdvice> {
        self.spend(BESIDE)?;
        let mut visit = self.visit.clone();
        visit.place = place.clone();
        let there = Adviser {
            visit: &visit,
            left: self.left.clone(),
            ..*self
        };
        let judge = Judge::new(self.world, &visit, self.assumed).explaining();
        let found = judge.engagement(key, reading);
        let mut advice = match found.whole.truth {
            Truth::No => {
                let wanted = WantedChanges::of(self.world, place, &found);
                if wanted.places.is_empty() {
                    there.advise_here(&wanted, reading, VisitAdvice::told(&found))
                } else {
                    // One of several entry points is as near, and belongs to the place that was left.
                    there.nearest_once_changed(&wanted, &there.listed(key, &wanted))
                }
            }
            Truth::Yes | Truth::Unknown => VisitAdvice {
                then: found.whole.reasons.iter().cloned().collect(),
                behind: there.ahead(key, &visit),
                ..VisitAdvice::default()
            },
        };
        self.left.set(there.left.get());
        let is_known = found.whole.truth != Truth::No || !advice.changes.is_empty();
        advice.changes.insert(0, visit_in(place));
        is_known.then_some(advice)
    }

    /// The advice that stays in the place.
    fn advise_here(
        &self,
        wanted: &WantedChanges<'_>,
        reading: &Reading,
        told: VisitAdvice,
    ) -> VisitAdvice {
        let key = &wanted.found.engagement;
        let listed = self.listed(key, wanted);
        if wanted.of_visits.is_empty() {
            let behind = self.ahead(key, &self.anew(key));
            return VisitAdvice { behind, ..told };
        }
        if !wanted.facts.iter().all(|fact| listed.has(*fact)) {
            return told; // days ago, and places where the visitor was before: nothing lists them
        }
        match self.combined(wanted, reading, &listed) {
            Some((TriedVisit { then, behind, .. }, true)) => VisitAdvice {
                then,
                behind,
                ..told
            },
            Some((tried, false)) => self.by_example(wanted, tried),
            None => self.nearest_once_changed(wanted, &listed),
        }
    }

    /// Of all visits of the place that meet the requirements, the nearest; where a manifest has to change, of those after that.
    fn nearest_once_changed(
        &self,
        wanted: &WantedChanges<'_>,
        listed: &ListedValues,
    ) -> VisitAdvice {
        if wanted.elsewhere.is_empty() {
            return self.nearest(wanted, listed);
        }
        if self.spend(A_SEARCH).is_none() {
            return VisitAdvice::default(); // a copy of the world takes about as long as a search
        }
        let spots = wanted.elsewhere.iter().map(|it| &it.spot);
        let changed = Adviser {
            world: &self.world.without_requirements(spots),
            visit: self.visit,
            assumed: self.assumed,
            left: self.left.clone(),
        };
        let advice = changed.nearest(wanted, listed);
        self.left.set(changed.left.get());
        advice
    }

    /// The values that the conditions of an engagement tell apart and, where these are not too many, those of what is ahead of it.
    fn listed(&self, key: &Key, wanted: &WantedChanges<'_>) -> ListedValues {
        let mut own = Universe::default();
        self.world.asked_by(key, &mut own);
        let mut all = own.clone();
        for rival in self.of_higher_priority(key) {
            self.world.asked_by(rival, &mut all);
        }
        let [own, all] = [own, all].map(|asked| asked.listed(self.world.value_lists()));
        let can_all = combinations(&wanted.facts, &all).is_some();
        if can_all { all } else { own }
    }

    /// What can be offered in the place of an engagement by its priority, where that decides.
    fn of_higher_priority(&self, key: &Key) -> Vec<&'a Key> {
        if !self.has_order() {
            return Vec::new();
        }
        let own = self.priority(key);
        let all = self.world.shelves().of_place(&self.visit.place).into_iter();
        let all = all.filter(|it| self.priority(it) > own);
        all.take(MOST_AHEAD).collect()
    }

    /// Whether the priority decides who is offered.
    fn has_order(&self) -> bool {
        self.visit.place != Place::Web && self.assumed.of(Switch::Contest) == Some(1)
    }

    fn priority(&self, key: &Key) -> f64 {
        self.world.rank(key).map_or(0.0, |rank| rank.priority)
    }

    /// Takes from the visits that can still be judged; nothing where so many are not left.
    fn spend(&self, count: usize) -> Option<()> {
        let left = self.left.get().checked_sub(count)?;
        self.left.set(left);
        Some(())
    }

    /// The same visit, in a session in which nothing of an engagement was closed.
    fn anew(&self, key: &Key) -> Visit {
        let mut visit = self.visit.clone();
        visit.closed.remove(key);
        visit
    }

    /// Among the visits that differ in what the failing requirements ask for: the nearest that meets them, and whether all that do
    /// as told meet them.
    fn combined(
        &self,
        wanted: &WantedChanges<'_>,
        reading: &Reading,
        listed: &ListedValues,
    ) -> Option<(TriedVisit, bool)> {
        let facts: Vec<Fact> = wanted.facts.iter().copied().collect();
        let counts: Vec<usize> = facts.iter().map(|fact| listed.count(*fact)).collect();
        let all = combinations(&wanted.facts, listed)?;
        self.spend(if self.has_order() { all * BESIDE } else { all })?;
        let key = &wanted.found.engagement;
        let from = self.anew(key);
        let (mut as_told, mut nearest) = (AsTold::default(), None);
        for number in 0..all {
            let mut visit = from.clone();
            let mut rest = number;
            for (fact, count) in facts.iter().zip(&counts) {
                listed.answer(&mut visit, *fact, rest % count);
                rest /= count;
            }
            let noted = Noted::default();
            let judge = Judge::new(self.world, &visit, self.assumed).noting(&noted);
            let judged = judge.engagement(key, reading);
            let is_same = |fact: Fact| visit.facts.get(&fact) == self.visit.facts.get(&fact);
            let does_as_told = wanted.untold.is_none_or(is_same) && wanted.holds(&judged, &noted);
            as_told.count += usize::from(does_as_told);
            if !judged.failing().all(|it| wanted.is_left_out(it)) {
                continue;
            }
            let tried = TriedVisit {
                behind: self.ahead(key, &visit),
                visit,
                then: judged.then(),
            };
            if does_as_told {
                as_told.fitting += 1;
                let is_other = |known: &TriedVisit| {
                    (&known.then, &known.behind) != (&tried.then, &tried.behind)
                };
                as_told.is_uneven |= as_told.nearest.as_ref().is_some_and(is_other);
                self.keep_nearer(&mut as_told.nearest, tried);
            } else {
                self.keep_nearer(&mut nearest, tried);
            }
        }
        let is_enough = as_told.is_enough() && !wanted.is_entangled;
        match (as_told.nearest, nearest) {
            (Some(told), Some(other)) if !told.behind.is_empty() && other.behind.is_empty() => {
                Some((other, false))
            }
            (Some(told), _) => Some((told, is_enough)),
            (None, other) => Some((other?, false)),
        }
    }

    fn keep_nearer(&self, best: &mut Option<TriedVisit>, candidate: TriedVisit) {
        let distance = |it: &TriedVisit| {
            (
                !it.behind.is_empty(),
                it.then.len(),
                self.distance(&it.visit),
            )
        };
        if best
            .as_ref()
            .is_none_or(|best| distance(&candidate) < distance(best))
        {
            *best = Some(candidate);
        }
    }

    /// In how many values a visit differs from the one that was asked about.
    fn distance(&self, visit: &Visit) -> usize {
        let size = |answer: Option<&FactAnswer>| match answer {
            Some(FactAnswer::Known(data)) => 1 + data.len(),
            _ => 1,
        };
        let changed = self.changed(visit).into_iter();
        let sizes = changed.map(|fact| size(visit.facts.get(&fact)));
        sizes.sum()
    }

    fn changed(&self, visit: &Visit) -> Vec<Fact> {
        let is_other = |fact: &Fact| match fact {
            Fact::Time => visit.at != self.visit.at,
            fact => visit.facts.get(fact) != self.visit.facts.get(fact),
        };
        Fact::ALL.iter().copied().filter(is_other).collect()
    }

    /// Of all visits of the place that meet the requirements, the nearest.
    fn nearest(&self, wanted: &WantedChanges<'_>, listed: &ListedValues) -> VisitAdvice {
        if self.spend(A_SEARCH).is_none() {
            return VisitAdvice::default();
        }
        let key = &wanted.found.engagement;
        let mut from = self.anew(key);
        from.facts
            .retain(|fact, _| !listed.asks(*fact) || !listed.has(*fact));
        if listed.count(Fact::Time) > 0 {
            from.at = None;
        }
        // Of who has signed in, the platform does not take all that is reported; of who has not, no `customerId`.
        from.facts.remove(&Fact::SignedIn);
        from.facts.remove(&Fact::CustomerId);
        let world = self.world;
        let asking = vec![ComparedRequirements { world, key }];
        let mut search = Search::new(asking, self.assumed, Matters::All);
        let mut best = None::<TriedVisit>;
        let mut seen = 0;
        let searched = search.run(&from, &mut |leaf| {
            if leaf.truths.iter().any(|it| it == &[true]) {
                let then = if leaf.truths.len() > 1 {
                    leaf.reasons
                } else {
                    BTreeSet::new()
                };
                let visit = self.knowing_all(leaf.visit);
                let tried = TriedVisit {
                    behind: self.ahead(key, &visit),
                    visit,
                    then,
                };
                self.keep_nearer(&mut best, tried);
                seen += 1;
            }
            if seen < MOST_NEAREST {
                SearchNext::More
            } else {
                SearchNext::Enough
            }
        });
        match best {
            Some(tried) => self.by_example(wanted, self.without_more(key, tried)),
            None => VisitAdvice {
                is_never: searched == Searched::Whole,
                ..VisitAdvice::default()
            },
        }
    }

    /// The same, with what is known of the visit that was asked about: what it does not need to say decides who is beside it.
    fn knowing_all(&self, visit: &Visit) -> Visit {
        let mut whole = visit.clone();
        for (fact, answer) in &self.visit.facts {
            whole.facts.entry(*fact).or_insert_with(|| answer.clone());
        }
        whole.at = whole.at.or(self.visit.at);
        whole
    }

    /// The same, with what was asked about in each value in which that makes no difference.
    fn without_more(&self, key: &Key, tried: TriedVisit) -> TriedVisit {
        let TriedVisit {
            mut visit,
            mut then,
            behind,
        } = tried;
        for fact in self.changed(&visit) {
            let mut nearer = visit.clone();
            match (fact, self.visit.facts.get(&fact)) {
                (Fact::Time, _) => nearer.at = self.visit.at,
                (fact, Some(answer)) => drop(nearer.facts.insert(fact, answer.clone())),
                (fact, None) => drop(nearer.facts.remove(&fact)),
            }
            let judged = Judge::new(self.world, &nearer, self.assumed).whole(key);
            let is_as_good = match judged.truth {
                Truth::Yes => true,
                Truth::No => false,
                Truth::Unknown => judged.reasons.is_subset(&then),
            };
            if is_as_good && self.ahead(key, &nearer) == behind {
                (visit, then) = (nearer, judged.reasons);
            }
        }
        TriedVisit {
            visit,
            then,
            behind,
        }
    }

    /// The advice to be at one visit.
    fn by_example(&self, wanted: &WantedChanges<'_>, tried: TriedVisit) -> VisitAdvice {
        let mut changes = phrases(wanted.elsewhere.iter().copied());
        changes.push(phrase(&tried.visit, &self.changed(&tried.visit)));
        VisitAdvice {
            changes,
            then: tried.then,
            behind: tried.behind,
            is_never: false,
        }
    }

    /// What is certainly offered at a visit and, by its priority, in the place of an engagement that is offered there as well.
    fn ahead(&self, key: &Key, visit: &Visit) -> BTreeSet<Key> {
        if !self.has_order() {
            return BTreeSet::new();
        }
        let outcome = VisitOutcome::in_brief(self.world, visit, self.assumed);
        let rivals = outcome.rivals(self.world, key).into_iter();
        let is_sure = |key: &Key| outcome.contests.iter().any(|it| it.sure.contains(key));
        let ahead = rivals.filter(|(rival, is_certain)| {
            *is_certain && is_sure(rival) && self.priority(rival) > self.priority(key)
        });
        ahead.map(|(rival, _)| rival).collect()
    }
}

/// How many visits differ in some facts; nothing where these are too many to judge.
fn combinations(facts: &BTreeSet<Fact>, listed: &ListedValues) -> Option<usize> {
    let mut counts = facts.iter().map(|fact| listed.count(*fact));
    let all = counts.try_fold(1_usize, usize::checked_mul)?;
    (all <= MOST_COMBINED).then_some(all)
}

/// Phrases, each once.
fn phrases<'b>(all: impl Iterator<Item = &'b Because>) -> Vec<String> {
    let mut changes: Vec<String> = Vec::new();
    for because in all {
        if !changes.contains(&because.change) {
            changes.push(because.change.clone());
        }
    }
    changes
}
