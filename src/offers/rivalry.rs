//! Who competes otherwise in two worlds: visitors who lose an engagement to another one, or are drawn it more or less often.
//!
//! An engagement that did not change is offered otherwise where what competes with it is: a rival that is new, gone, or
//! offered to other visits, one with another weight or priority. So all that takes part is looked at together, at visits where
//! the engagement and one of the changed rivals can be. Rivals that are the same in both worlds and take part at the same
//! visits change no share; where the priority decides, they count if they are ahead.

use std::collections::BTreeSet;

use super::closing::is_closable;
use super::explore::Leaf;
use super::outcome::{Weighing, shares_of};
use super::truth::Reason;
use super::world::World;
use crate::kinds::offering::{Assumed, Place, Switch, Zone};
use crate::manifest::Key;
use crate::plan::Shift;

/// How many rivals of one engagement are looked at together.
pub(super) const TOGETHER: usize = 6;

/// How one of several is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChoiceRule {
    Lottery,
    Priority,
}

/// How one of several is chosen in a place; two where that is open.
pub(super) fn choices(place: &Place, assumed: &Assumed) -> Vec<ChoiceRule> {
    match (place, assumed.of(Switch::Contest)) {
        (Place::Web, _) | (_, Some(0)) => vec![ChoiceRule::Lottery],
        (_, Some(_)) => vec![ChoiceRule::Priority],
        (_, None) => vec![ChoiceRule::Lottery, ChoiceRule::Priority],
    }
}

/// How one of several is chosen, and by which weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RivalDrawing {
    choice: ChoiceRule,
    weighing: Weighing,
}

/// Whether two engagements compete in a world, where that is known.
pub(super) fn meets(world: &World, key: &Key, rival: &Key) -> Option<bool> {
    let zone = |key: &Key| world.offering(key).map(|it| &it.zone);
    is_one_zone(zone(key), zone(rival))
}

/// Whether two zones are one, where that is known; what has none competes with nothing.
pub(super) fn is_one_zone(one: Option<&Zone>, other: Option<&Zone>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) => one.is_shared_with(other),
        _ => Some(false),
    }
}

/// Whether an engagement of both worlds is in another zone.
pub(super) fn is_in_other_zone(worlds: [&World; 2], key: &Key) -> bool {
    let zones = worlds.map(|world| world.offering(key).map(|it| &it.zone));
    matches!(zones, [Some(old), Some(new)] if old != new)
}

/// Whether one of two engagements is in another zone: what is not known of them is then asked of each world for itself.
fn has_moved(worlds: [&World; 2], key: &Key, rival: &Key) -> bool {
    [key, rival]
        .into_iter()
        .any(|it| is_in_other_zone(worlds, it))
}

/// What an engagement gets of a visit in one world.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Portion {
    is_offered: bool,
    share: f64,
}

/// An engagement among others in two worlds, at a visit where it is decided which of them can be offered.
pub(super) struct Rivalry<'a> {
    pub(super) before: &'a World,
    pub(super) after: &'a World,
    pub(super) key: &'a Key,
    /// In the order in which they are asked, each before and after, behind the engagement itself.
    pub(super) rivals: &'a [&'a Key],
    /// Whether it shares a zone with those of which that is not known, before and after: all that may be.
    unknown_meet: &'static [[bool; 2]],
}

/// It is known of all rivals whether they share a zone with the engagement.
const KNOWN: &[[bool; 2]] = &[[false; 2]];

/// It is not known of some, and the same before and after.
const UNKNOWN: &[[bool; 2]] = &[[false; 2], [true; 2]];

/// Of these, one is in another zone after.
const MOVED: &[[bool; 2]] = &[[false; 2], [true; 2], [false, true], [true, false]];

/// What comes of a visit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) turns: BTreeSet<Option<Shift>>,
    /// What it takes to decide between several.
    pub(super) reasons: BTreeSet<Reason>,
    /// The assumptions without which it would be another.
    pub(super) rests: BTreeSet<Switch>,
    /// Whether it can be offered in both worlds.
    pub(super) can_be_kept: bool,
    /// What that depends on besides its own conditions.
    pub(super) kept_if: BTreeSet<Reason>,
}

impl Told {
    /// The same, where it is open whether it is so or something else.
    pub(super) fn open(&mut self, otherwise: &Self, reason: Reason) {
        if self.turns != otherwise.turns {
            self.turns.extend(otherwise.turns.iter().copied().chain(
                // Nothing is known of what is the case otherwise.
                otherwise.turns.is_empty().then_some(None),
            ));
            self.reasons.insert(reason.clone());
        }
        let is_kept = |told: &Self| (told.can_be_kept, told.kept_if.is_empty());
        if is_kept(self) != is_kept(otherwise) {
            self.kept_if.insert(reason);
        }
    }

    /// The one thing that is different, or that it may be.
    pub(super) fn turn(&self) -> Option<Shift> {
        match self.turns.iter().collect::<Vec<_>>().as_slice() {
            [only] => **only,
            _ => Some(Shift::MayChange),
        }
    }
}

/// What comes of a visit where one of several is chosen in one way.
#[derive(Clone, PartialEq)]
struct Chosen {
    turns: BTreeSet<Option<Shift>>,
    is_zone_open: bool,
    /// Whether it is offered in both worlds, in each combination of what is open in which it meets its requirements.
    kept: BTreeSet<bool>,
}

impl<'a> Rivalry<'a> {
    pub(super) fn new(
        [before, after]: [&'a World; 2],
        key: &'a Key,
        rivals: &'a [&'a Key],
    ) -> Self {
        let worlds = [before, after];
        let is_open = |rival: &&&Key| worlds.iter().any(|it| meets(it, key, rival).is_none());
        let open: Vec<&&Key> = rivals.iter().filter(is_open).collect();
        let unknown_meet = if open.iter().any(|rival| has_moved(worlds, key, rival)) {
            MOVED
        } else if open.is_empty() {
            KNOWN
        } else {
            UNKNOWN
        };
        Self {
            before,
            after,
            key,
            rivals,
            unknown_meet,
        }
    }
}

impl Rivalry<'_> {
    /// By which weights it is drawn: two where that is open, and the one that is not assumed where another is. All the same
    /// where the engagements weigh the same.
    fn weighings(&self, assumed: &Assumed) -> (Vec<Weighing>, Option<Weighing>) {
        let is_alike = [self.before, self.after].into_iter().all(|world| {
            let own = Weighing::Engagements.of(world, self.key).to_bits();
            let mut rivals = self.rivals.iter();
            rivals.all(|it| Weighing::Engagements.of(world, it).to_bits() == own)
        });
        let [campaigns, engagements] = Weighing::BOTH;
        match assumed.of(Switch::EngagementWeight) {
            _ if is_alike => (vec![campaigns], None),
            None => (vec![campaigns, engagements], None),
            Some(0) => (vec![campaigns], Some(engagements)),
            Some(_) => (vec![engagements], Some(campaigns)),
        }
    }

    fn chosen(&self, leaf: &Leaf<'_>, drawing: RivalDrawing, closed: &BTreeSet<&Key>) -> Chosen {
        let mut chosen = Chosen {
            turns: BTreeSet::new(),
            is_zone_open: false,
            kept: BTreeSet::new(),
        };
        for truths in &leaf.truths {
            let meets = self.unknown_meet.iter();
            let all = meets.map(|meets| self.turn(truths, drawing, (*meets, closed)));
            let all: Vec<(Option<Shift>, bool)> = all.collect();
            chosen.is_zone_open |= all.iter().any(|it| *it != all[0]);
            chosen.turns.extend(all.iter().map(|it| it.0));
            // Where the conditions of the two worlds are open, it is open as well who is offered it at all.
            let meets = truths.starts_with(&[true, true]);
            chosen.kept.extend(all.iter().map(|it| it.1 && meets));
        }
        chosen
    }

    /// What is different for the visitors of a leaf who closed some rivals.
    pub(super) fn told(&self, leaf: &Leaf<'_>, assumed: &Assumed, closed: &BTreeSet<&Key>) -> Told {
        let place = &leaf.visit.place;
        let choices = choices(place, assumed);
        let (weighings, other_weighing) = self.weighings(assumed);
        let chosen = |choice, weighing| {
            let drawing = RivalDrawing { choice, weighing };
            (drawing, self.chosen(leaf, drawing, closed))
        };
        let each = |weighing: &Weighing| {
            let weighing = *weighing;
            let all = choices.iter().map(|choice| chosen(*choice, weighing));
            all.collect::<Vec<_>>()
        };
        let all: Vec<(RivalDrawing, Chosen)> = weighings.iter().flat_map(each).collect();
        let mut told = Told::default();
        let mut kept = BTreeSet::new();
        for (drawing, found) in &all {
            told.reasons.extend(depending(&all, *drawing, found));
            if found.is_zone_open {
                told.reasons.insert(Reason::Zone);
            }
            if found.kept.len() > 1 {
                told.kept_if.extend(leaf.reasons.iter().cloned());
                told.kept_if
                    .extend(found.is_zone_open.then_some(Reason::Zone));
            }
            told.turns.extend(&found.turns);
            kept.insert(found.kept.clone());
        }
        told.can_be_kept = kept.iter().any(|it| it.contains(&true));
        if kept.len() > 1 {
            told.kept_if.insert(Reason::Inferred(Switch::Contest));
        }
        let other_choice = match (choices.as_slice(), place) {
            ([ChoiceRule::Lottery], Place::App(_)) => Some(ChoiceRule::Priority),
            ([ChoiceRule::Priority], Place::App(_)) => Some(ChoiceRule::Lottery),
            _ => None,
        };
        for (drawing, found) in &all {
            let RivalDrawing { choice, weighing } = *drawing;
            let is_other = |(_, other): (RivalDrawing, Chosen)| other != *found;
            if other_choice.is_some_and(|it| is_other(chosen(it, weighing))) {
                told.rests.insert(Switch::Contest);
            }
            if other_weighing.is_some_and(|it| is_other(chosen(choice, it))) {
                told.rests.insert(Switch::EngagementWeight);
            }
        }
        told
    }

    /// Whether visitors of both worlds could close a rival.
    pub(super) fn is_closable(&self, rival: &Key) -> bool {
        is_closable([self.before, self.after], rival)
    }

    /// The sets of rivals that a visitor of both worlds can have closed so that it makes a difference, the empty one first.
    pub(super) fn closings(&self, leaf: &Leaf<'_>, assumed: &Assumed) -> Vec<BTreeSet<&Key>> {
        let mut all = vec![BTreeSet::new()];
        if !choices(&leaf.visit.place, assumed).contains(&ChoiceRule::Priority) {
            return all;
        }
        for (index, rival) in self.rivals.iter().enumerate() {
            let takes_part = |truths: &Vec<bool>| {
                let own = truths.iter().skip(2 + 2 * index).take(2);
                own.into_iter().any(|it| *it)
            };
            let is_behind = [self.before, self.after].into_iter().all(|world| {
                let of = |key: &Key| world.rank(key).map(|it| it.priority);
                matches!((of(rival), of(self.key)), (Some(one), Some(other)) if one < other)
            });
            if is_behind || !leaf.truths.iter().any(takes_part) || !self.is_closable(rival) {
                continue;
            }
            let more = all.iter().map(|set| {
                let mut set = set.clone();
                set.insert(*rival);
                set
            });
            all = all.iter().cloned().chain(more).collect();
        }
        all
    }

    /// What is different in one combination of what is open, and whether it can be offered in both worlds. Where it is not
    /// known whether two share a zone, they meet or not.
    fn turn(
        &self,
        truths: &[bool],
        RivalDrawing { choice, weighing }: RivalDrawing,
        (unknown_meet, closed): ([bool; 2], &BTreeSet<&Key>),
    ) -> (Option<Shift>, bool) {
        let worlds = [self.before, self.after];
        let portion = |world: &World, at: usize| {
            let own = truths.get(at).copied().unwrap_or_default();
            if !own {
                return Portion {
                    is_offered: false,
                    share: 0.0,
                };
            }
            let others = self.rivals.iter().enumerate().filter(|(index, rival)| {
                let holds = truths.get(2 + 2 * index + at).copied().unwrap_or_default();
                let unknown_meet = || {
                    unknown_meet[if has_moved(worlds, self.key, rival) {
                        at
                    } else {
                        0
                    }]
                };
                holds
                    && !closed.contains(*rival)
                    && meets(world, self.key, rival).unwrap_or_else(unknown_meet)
            });
            let all: BTreeSet<&Key> = others.map(|(_, rival)| *rival).chain([self.key]).collect();
            let priority = |key: &Key| world.rank(key).map_or(0.0, |rank| rank.priority);
            let first = all.iter().copied().filter(|key| {
                choice == ChoiceRule::Lottery
                    || all.iter().all(|other| priority(other) <= priority(key))
            });
            let first: BTreeSet<&Key> = first.collect();
            Portion {
                is_offered: first.contains(self.key),
                share: shares_of(world, &first, weighing)
                    .get(self.key)
                    .copied()
                    .unwrap_or_default(),
            }
        };
        let (before, after) = (portion(self.before, 0), portion(self.after, 1));
        let turn = match (before.is_offered, after.is_offered) {
            (false, true) => Some(Shift::NowOffered),
            (true, false) => Some(Shift::NoLongerOffered),
            (true, true) if (before.share - after.share).abs() > 1e-9 => Some(Shift::OtherOdds),
            _ => None,
        };
        (turn, before.is_offered && after.is_offered)
    }
}

/// The inferred facts on which it depends what is different: another position of one of them leads elsewhere.
fn depending(
    all: &[(RivalDrawing, Chosen)],
    drawing: RivalDrawing,
    found: &Chosen,
) -> BTreeSet<Reason> {
    let others = all
        .iter()
        .filter(|(_, other)| other.turns != found.turns)
        .filter_map(|(other, _)| {
            let is_same = (
                other.choice == drawing.choice,
                other.weighing == drawing.weighing,
            );
            match is_same {
                (false, true) => Some(Reason::Inferred(Switch::Contest)),
                (true, false) => Some(Reason::Inferred(Switch::EngagementWeight)),
                _ => None,
            }
        });
    others.collect()
}
