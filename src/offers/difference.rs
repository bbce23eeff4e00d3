//! What visitors are offered differently in two worlds: the impact of a plan.
//!
//! Each engagement is asked of both worlds at once, at every visit that makes a difference to it in one of them, with the
//! rivals that count otherwise ([`WorldChange`]). What is the same in both worlds is not looked at. A difference that depends on
//! an inferred fact of the platform, or on a condition that no visit decides, is one that may be; so is one for which there
//! are too many visits.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::changed::WorldChange;
use super::closing::with_closed;
use super::explore::{ComparedRequirements, Leaf, Matters, Search, SearchNext, Searched};
use super::rerouted::ReroutedVisit;
use super::rivalry::{ChoiceRule, Rivalry, TOGETHER, Told, choices};
use super::truth::Reason;
use super::undrawn::complete;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Fact, FactAnswer, Place, Switch};
use crate::manifest::Key;
use crate::plan::Shift;

/// A difference that some visitors see.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenDifference {
    /// The engagement.
    pub engagement: Key,
    /// What is different.
    pub turn: Shift,
    /// A visit at which it is, with as little known as decides it; none where there were too many to look at.
    pub example: Option<Visit>,
    /// The value before and after, for what is routed otherwise.
    pub values: Option<(Value, Value)>,
    /// Why it only may be.
    pub reasons: BTreeSet<Reason>,
    /// The assumed facts of the platform without which it might be another.
    pub rests: BTreeSet<Switch>,
}

/// All that visitors are offered differently, by engagement: at any time, or from one on.
#[must_use]
pub fn differences(
    before: &World,
    after: &World,
    assumed: &Assumed,
    since: Option<Timestamp>,
) -> Vec<SeenDifference> {
    let mut changed = WorldChange::new(before, after);
    changed.since = since;
    let affected = changed.affected();
    let mut rows = differences_of(&affected, &changed, assumed);
    complete(&mut rows, (&changed, &affected), assumed);
    rows
}

/// What visitors are offered differently of some engagements.
pub(super) fn differences_of(
    keys: &BTreeSet<&Key>,
    changed: &WorldChange<'_>,
    assumed: &Assumed,
) -> Vec<SeenDifference> {
    let affected = changed.affected();
    let keys = keys.iter().filter(|key| affected.contains(*key));
    let pairs = keys.map(|key| Pair::new(changed, key, assumed));
    pairs.flat_map(|pair| pair.differences()).collect()
}

/// A visit at which an engagement is drawn more or less often, or another one is in its place.
pub(super) fn meeting(key: &Key, changed: &WorldChange<'_>, assumed: &Assumed) -> Option<Visit> {
    let found = differences_of(&BTreeSet::from([key]), changed, assumed);
    let of_contest = [Shift::OtherOdds, Shift::NoLongerOffered, Shift::NowOffered];
    let mut sure = of_contest.iter().filter_map(|turn| {
        let found = found.iter().find(|it| it.turn == *turn)?;
        found.example.clone()
    });
    sure.next()
}

/// An engagement in two worlds.
pub(super) struct Pair<'a> {
    pub(super) before: &'a World,
    pub(super) after: &'a World,
    pub(super) changed: &'a WorldChange<'a>,
    pub(super) key: &'a Key,
    pub(super) assumed: &'a Assumed,
}

/// What was found of an engagement.
#[derive(Default)]
pub(super) struct EngagementDifference {
    pub(super) rows: BTreeMap<Shift, SeenDifference>,
    pub(super) kept: Option<ReroutedVisit>,
    /// Whether some visits were not looked at.
    pub(super) is_partial: bool,
}

impl EngagementDifference {
    /// What only those in a control group may see differently is left out where others see a difference, too.
    fn without_control_groups(&mut self) {
        let is_alone = self.rows.len() < 2;
        self.rows.retain(|turn, row| {
            is_alone || *turn != Shift::MayChange || !row.example.as_ref().is_some_and(is_inside)
        });
    }
}

/// Whether the visitor is in a control group.
fn is_inside(visit: &Visit) -> bool {
    visit.facts.get(&Fact::ControlGroup) == Some(&FactAnswer::text("inside"))
}

impl<'a> Pair<'a> {
    pub(super) const fn new(
        changed: &'a WorldChange<'a>,
        key: &'a Key,
        assumed: &'a Assumed,
    ) -> Self {
        Self {
            before: changed.before,
            after: changed.after,
            changed,
            key,
            assumed,
        }
    }

    fn differences(&self) -> Vec<SeenDifference> {
        let mut found = self.by_meaning();
        let kept = found.kept.take();
        if let Some(kept) = &kept {
            self.of_kept(kept, &mut found);
        }
        let example = kept.as_ref().map(|it| &it.visit);
        self.of_payload(example, &mut found);
        self.of_fields(example, &mut found);
        found.rows.into_values().collect()
    }

    /// What is different by what the conditions mean, but for where it leads.
    pub(super) fn by_meaning(&self) -> EngagementDifference {
        let mut found = EngagementDifference::default();
        let is_changed = self.changed.keys.contains(self.key);
        for place in self.places() {
            let choices = choices(&place, self.assumed);
            let (rivals, is_cut) = self.changed.rivals(self.key, &choices);
            let together = self.together(&rivals, &choices);
            if is_changed || !together.is_empty() {
                let matters = if is_changed {
                    Matters::Leading
                } else {
                    Matters::Contested
                };
                self.search(&place, &together, matters, &mut found);
            }
            if together.is_empty() {
                self.odds_of(&place, (&rivals, is_cut), &choices, &mut found);
            }
        }
        let open = [
            (found.is_partial, Reason::TooMany),
            (self.changed.crowded.contains(self.key), Reason::Several),
        ];
        found.without_control_groups();
        for (_, reason) in open.into_iter().filter(|(is, _)| *is) {
            self.may_change(reason, None, &mut found);
        }
        self.of_control_groups(&mut found);
        found
    }

    /// What only may be: one more reason for it.
    pub(super) fn may_change(
        &self,
        reason: Reason,
        example: Option<&Visit>,
        found: &mut EngagementDifference,
    ) {
        let nothing = BTreeSet::new();
        let new = self.difference(Shift::MayChange, example, nothing, BTreeSet::new());
        let row = found.rows.entry(Shift::MayChange).or_insert(new);
        row.reasons.insert(reason);
    }

    /// Who is in the control group of a rival may be offered what competes with it.
    fn of_control_groups(&self, found: &mut EngagementDifference) {
        for place in self.places() {
            let meets = self.changed.withheld(self.key).find_map(|rival| {
                let mut visit = None;
                let both =
                    |it: &Vec<bool>| it.starts_with(&[true, true]) && it[2..].contains(&true);
                let some = [rival];
                let searched = self.run(&place, &some, Matters::KeptContested, &mut |leaf, _| {
                    if leaf.truths.iter().any(both) {
                        visit = Some(leaf.visit.clone());
                        return SearchNext::Enough;
                    }
                    SearchNext::More
                });
                (searched != Searched::Whole).then(|| (rival.clone(), visit))
            });
            if let Some((rival, visit)) = meets {
                self.may_change(Reason::Withheld(rival), visit.as_ref(), found);
                return;
            }
        }
    }

    /// The visits of a place that are looked at. Only where a rival may be withheld, it matters in which control group a
    /// visitor is; the engagement itself is offered to nobody for being in one.
    fn visits_of(&self, place: &Place, rivals: &[&Key]) -> Visit {
        let worlds = [self.before, self.after];
        let may_withhold = |rival: &Key| worlds.iter().any(|it| it.may_withhold(rival, self.key));
        let all = Visit::new(place.clone());
        if rivals.iter().any(|rival| may_withhold(rival)) {
            all
        } else {
            all.with(Fact::ControlGroup, FactAnswer::text("outside"))
        }
    }

    /// The rivals that are looked at all at once, where one of them is ahead; none where these are too many.
    fn together(&self, rivals: &[&'a Key], choices: &[ChoiceRule]) -> Vec<&'a Key> {
        if !choices.contains(&ChoiceRule::Priority) {
            return Vec::new();
        }
        let mut together = self.changed.ahead(self.key, rivals);
        if together.is_empty() {
            return together;
        }
        let others = rivals.iter().filter(|it| !together.contains(it));
        let others: Vec<&Key> = others.copied().collect();
        together.extend(others);
        if together.len() > TOGETHER {
            together.clear();
        }
        together
    }

    /// Looks at all visits of a place that matter.
    fn search(
        &self,
        place: &Place,
        rivals: &[&'a Key],
        matters: Matters,
        found: &mut EngagementDifference,
    ) {
        let searched = self.run(place, rivals, matters, &mut |leaf, rivalry| {
            if leaf.is_peek() {
                return self.peek(leaf.visit, found);
            }
            self.look(leaf, rivalry, found);
            SearchNext::More
        });
        found.is_partial |= searched == Searched::TooMany;
    }

    /// Looks for one visit at which a rival that counts otherwise takes part.
    fn odds_of(
        &self,
        place: &Place,
        (rivals, is_cut): (&[&'a Key], bool),
        choices: &[ChoiceRule],
        found: &mut EngagementDifference,
    ) {
        let has_order = choices.contains(&ChoiceRule::Priority);
        let mut is_sure = false;
        for rival in rivals {
            // Another share is told once; one that is ahead, or no longer, is more than that.
            let may_reorder = has_order && self.changed.is_ordered_otherwise(self.key, rival);
            if is_sure && !may_reorder {
                continue;
            }
            let some = [*rival];
            let searched = self.run(
                place,
                &some,
                Matters::KeptContested,
                &mut |leaf, rivalry| {
                    if leaf.is_peek() {
                        return self.peek(leaf.visit, found);
                    }
                    self.look(leaf, rivalry, found);
                    is_sure = found.rows.contains_key(&Shift::OtherOdds);
                    if is_sure && !may_reorder {
                        SearchNext::Enough
                    } else {
                        SearchNext::More
                    }
                },
            );
            found.is_partial |= searched == Searched::TooMany;
        }
        if is_sure {
            return;
        }
        found.is_partial |= is_cut && !found.rows.contains_key(&Shift::MayChange);
    }

    /// Looks at what is the case at a leaf, with each set of rivals closed that makes a difference.
    fn look(&self, leaf: &Leaf<'_>, rivalry: &Rivalry<'_>, found: &mut EngagementDifference) {
        let visit = leaf.visit;
        let is_app = matches!(visit.place, Place::App(_));
        let again = self.assumed.of(Switch::ClosedInApp).filter(|_| is_app);
        let has_order = choices(&visit.place, self.assumed).contains(&ChoiceRule::Priority);
        let hidden = if has_order {
            let own = (self.key, rivalry.rivals);
            self.changed.hidden_by(own, visit, self.assumed)
        } else {
            BTreeSet::new()
        };
        for closed in rivalry.closings(leaf, self.assumed) {
            if again == Some(1) && !closed.is_empty() {
                break;
            }
            let all: BTreeSet<&Key> = closed.union(&hidden).copied().collect();
            let mut told = rivalry.told(leaf, self.assumed, &all);
            let can_be_closed = hidden.iter().all(|it| rivalry.is_closable(it));
            if again == Some(1) && !hidden.is_empty() || !can_be_closed {
                told.open(&Told::default(), Reason::TooMany);
            } else if is_app && !all.is_empty() {
                let mut open = rivalry.told(leaf, self.assumed, &BTreeSet::new());
                if !hidden.is_empty() {
                    open.turns.insert(None);
                    open.can_be_kept = false;
                }
                self.if_closed(&mut told, &open);
            }
            let whole = with_closed(visit, &all);
            if told.turns.contains(&Some(Shift::OtherOdds)) {
                let made_up = self.made_up_by(&whole);
                if self.is_made_up(made_up) {
                    self.look_behind(leaf, rivalry, (&told, &whole), found);
                    continue;
                }
                self.if_made_up(made_up, &mut told);
            }
            self.see(leaf, &told, (&whole, rivalry.rivals), found);
        }
    }

    /// Other rivals make up for one: who closed that one sees a difference.
    fn look_behind(
        &self,
        leaf: &Leaf<'_>,
        rivalry: &Rivalry<'_>,
        (told, visit): (&Told, &Visit),
        found: &mut EngagementDifference,
    ) {
        let is_app = matches!(visit.place, Place::App(_));
        let mut same = told.clone();
        same.turns = BTreeSet::from([None]);
        self.see(leaf, &same, (visit, rivalry.rivals), found);
        if is_app && self.assumed.of(Switch::ClosedInApp) == Some(1) {
            return;
        }
        for rival in rivalry.rivals.iter().filter(|it| rivalry.is_closable(it)) {
            let mut closed = visit.clone();
            closed.closed.insert((*rival).clone());
            if self.is_made_up(self.made_up_by(&closed)) || !self.is_drawn(&closed) {
                continue;
            }
            let mut told = told.clone();
            if is_app {
                self.if_closed(&mut told, &same);
            }
            self.see(leaf, &told, (&closed, rivalry.rivals), found);
        }
    }

    /// What apps do after something was closed is an inferred fact.
    fn if_closed(&self, told: &mut Told, otherwise: &Told) {
        match self.assumed.of(Switch::ClosedInApp) {
            Some(_) => drop(told.rests.insert(Switch::ClosedInApp)),
            None => told.open(otherwise, Reason::Inferred(Switch::ClosedInApp)),
        }
    }

    pub(super) fn run(
        &self,
        place: &Place,
        rivals: &[&'a Key],
        matters: Matters,
        see: &mut dyn FnMut(&Leaf<'_>, &Rivalry<'_>) -> SearchNext,
    ) -> Searched {
        let keys = [self.key].into_iter().chain(rivals.iter().copied());
        let asking = keys.flat_map(|key| {
            [self.before, self.after].map(|world| ComparedRequirements { world, key })
        });
        let search = Search::new(asking.collect(), self.assumed, matters);
        let search = search.since(self.changed.since).peeking();
        let mut search = if rivals.is_empty() {
            search
        } else {
            search.for_several()
        };
        let rivalry = Rivalry::new([self.before, self.after], self.key, rivals);
        search.run(&self.visits_of(place, rivals), &mut |leaf: Leaf<'_>| {
            see(&leaf, &rivalry)
        })
    }

    /// Takes in what is the case at a visit.
    fn see(
        &self,
        leaf: &Leaf<'_>,
        told: &Told,
        (visit, rivals): (&Visit, &[&Key]),
        found: &mut EngagementDifference,
    ) {
        let rests: BTreeSet<Switch> = leaf.rests.union(&told.rests).copied().collect();
        if told.can_be_kept {
            // One that is certain is a better example than one that may be.
            let is_better = found.kept.as_ref().is_none_or(|known| {
                let is_open = [&told.kept_if, &known.only_if].map(|it| !it.is_empty());
                let by_certainty = is_open[0].cmp(&is_open[1]);
                let by_size = || self.by_size(visit, &known.visit);
                by_certainty.then_with(by_size).is_lt()
            });
            if is_better {
                found.kept = Some(ReroutedVisit {
                    visit: visit.clone(),
                    only_if: told.kept_if.clone(),
                    rests: rests.clone(),
                });
            }
        }
        let Some(turn) = told.turn() else { return };
        let known = found.rows.get(&turn).and_then(|it| it.example.as_ref());
        if known.is_some_and(|known| self.by_size(visit, known).is_ge()) {
            return;
        }
        let reasons = if turn == Shift::MayChange {
            leaf.reasons.union(&told.reasons).cloned().collect()
        } else {
            BTreeSet::new()
        };
        let mut new = self.difference(turn, Some(visit), reasons, rests);
        if turn == Shift::OtherOdds {
            new.values = self.shares(visit, rivals);
        }
        found.rows.insert(turn, new);
    }

    pub(super) fn difference(
        &self,
        turn: Shift,
        example: Option<&Visit>,
        reasons: BTreeSet<Reason>,
        rests: BTreeSet<Switch>,
    ) -> SeenDifference {
        SeenDifference {
            engagement: self.key.clone(),
            turn,
            example: example.cloned(),
            values: None,
            reasons,
            rests,
        }
    }

    /// The places of the engagement.
    pub(super) fn places(&self) -> BTreeSet<Place> {
        let mut places = self.before.places_of(self.key);
        places.extend(self.after.places_of(self.key));
        places
    }

    /// Which of two visits says less: a present one that says little is the best example.
    pub(super) fn by_size(&self, one: &Visit, other: &Visit) -> Ordering {
        let since = self.changed.since;
        let counts = |visit: &Visit| {
            let is_later = visit.at.is_some() && visit.at != since;
            (
                is_inside(visit),
                is_later && since.is_some(),
                visit.closed.len(),
                visit.facts.len(),
            )
        };
        // The text costs more than all the rest, and rarely decides.
        let text = |visit: &Visit| -> usize {
            let facts = visit.facts.values();
            facts.map(|it| format!("{it:?}").len()).sum()
        };
        let by_counts = counts(one).cmp(&counts(other));
        let by_text = by_counts.then_with(|| text(one).cmp(&text(other)));
        by_text.then_with(|| one.at.cmp(&other.at))
    }
}
