//! Looks at every visit that makes a difference to some engagements, in one world or in two.
//!
//! A visit that knows little stands for all visits that know more. So the search starts with a visit of which nothing is
//! known but its place. Where something is undecided because a fact is missing, it goes on with each value of that fact that
//! conditions tell apart ([`Universe`](super::universe)). That is complete, and it is short, since a requirement
//! that certainly fails decides whatever else is unknown.
//!
//! Where every fact is known that can be listed, what is left are inferred facts of the platform and conditions that no
//! visit decides ([`Opaque`]). Each is tried in both positions, at once in all that is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::Timestamp;

use super::known::{KnownParts, PartVerdicts};
use super::opaque::Opaque;
use super::truth::{Judged, Reason, Truth};
use super::universe::{ListedValues, Universe};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Fact, FactAnswer, Switch};
use crate::manifest::Key;

/// How many visits are looked at for one question.
pub(super) const MOST_VISITS: usize = 20_000;

/// How many inferred facts and undecided conditions are tried at one visit: each doubles the work.
const MOST_OPEN: usize = 8;

/// What is compared: whether an engagement meets its requirements in a world.
#[derive(Clone, Copy)]
pub(super) struct ComparedRequirements<'a> {
    pub(super) world: &'a World,
    pub(super) key: &'a Key,
}

/// A visit at which everything is decided, or depends on what no visit decides.
pub(super) struct Leaf<'a> {
    pub(super) visit: &'a Visit,
    /// What is the case, in each combination of what is open: one combination where nothing is.
    pub(super) truths: BTreeSet<Vec<bool>>,
    /// What is open.
    pub(super) reasons: BTreeSet<Reason>,
    /// The assumptions without which it would be another.
    pub(super) rests: BTreeSet<Switch>,
}

impl<'a> Leaf<'a> {
    /// A visit of which it is not looked yet what is the case.
    const fn peek(visit: &'a Visit) -> Self {
        Self {
            visit,
            truths: BTreeSet::new(),
            reasons: BTreeSet::new(),
            rests: BTreeSet::new(),
        }
    }

    /// A visit at which nothing is left to know.
    fn of(visit: &'a Visit, truths: BTreeSet<Vec<bool>>, judged: &[Rc<PartVerdicts>]) -> Self {
        let all = || judged.iter().map(|it| &it.whole);
        Self {
            visit,
            truths,
            reasons: all().flat_map(|it| it.reasons.iter().cloned()).collect(),
            rests: all().flat_map(|it| it.rests.iter().copied()).collect(),
        }
    }

    /// Whether it is not looked yet what is the case.
    pub(super) fn is_peek(&self) -> bool {
        self.truths.is_empty()
    }
}

/// Whether two questions are one: the same engagement, in worlds that say the same of it.
fn says_the_same(one: ComparedRequirements<'_>, other: ComparedRequirements<'_>) -> bool {
    let [before, after] = [one, other].map(|it| it.world);
    one.key == other.key
        && before.around(one.key) == after.around(one.key)
        && before.says_the_same(after, one.key)
}

/// Whether the search goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SearchNext {
    More,
    Enough,
    /// Nothing that the visit can show is of use, see [`Search::peeking`].
    Skip,
}

/// Whether all visits were looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Searched {
    /// All of them.
    Whole,
    /// As many as were wanted.
    Enough,
    /// There were too many.
    TooMany,
}

/// The visits that matter: those at which what is asked does not certainly fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matters {
    /// One of it.
    Any,
    /// The first of it.
    First,
    /// All of it.
    All,
    /// One of the first two, and one of the rest.
    Contested,
    /// Both of the first two, and one of the rest.
    KeptContested,
    /// One of the first two.
    Leading,
}

/// A search.
pub(super) struct Search<'a> {
    asking: Vec<ComparedRequirements<'a>>,
    /// What each of it needs.
    parts: Vec<KnownParts<'a>>,
    assumed: &'a Assumed,
    listed: ListedValues,
    looked: usize,
    matters: Matters,
    /// What is asked first.
    rank: fn(Fact) -> u8,
    /// Whether a leaf without truths is shown first.
    peeks: bool,
    /// By what is asked: whether it says the same as what is asked before it.
    repeats: Vec<bool>,
}

/// What is the case at a visit in all combinations of what is open.
#[derive(Default)]
struct CombinedTruths {
    truths: BTreeSet<Vec<bool>>,
    missing: BTreeSet<Fact>,
    is_too_open: bool,
}

impl<'a> Search<'a> {
    /// A search of all visits that make a difference to what is asked.
    pub(super) fn new(
        asking: Vec<ComparedRequirements<'a>>,
        assumed: &'a Assumed,
        matters: Matters,
    ) -> Self {
        let lists = asking.first().map(|it| it.world.value_lists());
        let lists = lists.unwrap_or_default();
        let repeats = (0..asking.len()).map(|at| {
            let before = at.checked_sub(1).map(|before| asking[before]);
            before.is_some_and(|before| says_the_same(before, asking[at]))
        });
        let repeats: Vec<bool> = repeats.collect();
        let mut universe = Universe::default();
        // What says the same asks for the same.
        for (ComparedRequirements { world, key }, _) in asking
            .iter()
            .zip(&repeats)
            .filter(|(_, repeats)| !**repeats)
        {
            world.asked_by(key, &mut universe);
        }
        Self {
            repeats,
            parts: asking.iter().map(|it| KnownParts::new(*it)).collect(),
            asking,
            assumed,
            listed: universe.listed(lists),
            looked: 0,
            matters,
            rank,
            peeks: false,
        }
    }

    /// The same, where a visit at which both of the first two are open is shown without truths first, so that it can be skipped:
    /// each fact that is open there doubles the work, and all that can come of it is that something may be.
    pub(super) fn peeking(self) -> Self {
        Self {
            peeks: true,
            ..self
        }
    }

    /// The same, for several engagements: what visitors are comes first, since two audiences often exclude each other,
    /// and times and sections have many values.
    pub(super) fn for_several(self) -> Self {
        Self {
            rank: |fact| match fact {
                Fact::Time | Fact::Sections | Fact::Url => 10 + rank(fact),
                fact => rank(fact),
            },
            ..self
        }
    }

    /// The same, of visits from some time on: it comes first.
    pub(super) fn since(self, since: Option<Timestamp>) -> Self {
        Self {
            listed: self.listed.since(since),
            ..self
        }
    }

    /// Whether a condition asks for a fact.
    pub(super) fn asks(&self, fact: Fact) -> bool {
        self.listed.asks(fact)
    }

    /// Forgets how many visits were looked at: what comes is another question.
    pub(super) const fn start_again(&mut self) {
        self.looked = 0;
    }

    /// Looks at the visits of one place.
    pub(super) fn run(
        &mut self,
        from: &Visit,
        leaf: &mut dyn FnMut(Leaf<'_>) -> SearchNext,
    ) -> Searched {
        self.below(from, None, leaf)
    }

    /// Looks at the visits that know more than one, of which it is known what came of the visit that knows one fact less.
    fn below(
        &mut self,
        from: &Visit,
        before: Option<(&[Rc<PartVerdicts>], Fact)>,
        leaf: &mut dyn FnMut(Leaf<'_>) -> SearchNext,
    ) -> Searched {
        self.looked += 1;
        if self.looked > MOST_VISITS {
            return Searched::TooMany;
        }
        let Some(judged) = self.mattering(from, before) else {
            return Searched::Whole;
        };
        let mut missing = self.missing(judged.iter().map(|it| &it.whole));
        let mut combined = CombinedTruths::default();
        if missing.is_empty() {
            if self.peeks
                && judged
                    .iter()
                    .take(2)
                    .all(|it| it.whole.truth == Truth::Unknown)
                && leaf(Leaf::peek(from)) == SearchNext::Skip
            {
                return Searched::Whole;
            }
            let supposed = (self.assumed, &BTreeMap::new());
            self.combine(from, supposed, (&judged, 0), &mut combined);
            missing = std::mem::take(&mut combined.missing);
        }
        let Some(fact) = missing.into_iter().min_by_key(|fact| {
            // A fact that no condition asks for has one value, and is known at once.
            (self.listed.count(*fact) > 1, (self.rank)(*fact))
        }) else {
            if combined.is_too_open {
                return Searched::TooMany;
            }
            let found = leaf(Leaf::of(from, combined.truths, &judged));
            return if found == SearchNext::Enough {
                Searched::Enough
            } else {
                Searched::Whole
            };
        };
        let mut visit = from.clone();
        for at in 0..self.listed.count(fact) {
            self.listed.answer(&mut visit, fact, at);
            match self.below(&visit, Some((&judged, fact)), leaf) {
                Searched::Whole => {}
                ended => return ended,
            }
        }
        Searched::Whole
    }

    /// The verdicts at a visit; `None` where it does not matter, whatever else is known.
    fn mattering(
        &self,
        visit: &Visit,
        before: Option<(&[Rc<PartVerdicts>], Fact)>,
    ) -> Option<Vec<Rc<PartVerdicts>>> {
        let mut all: Vec<Rc<PartVerdicts>> = Vec::with_capacity(self.asking.len());
        for (at, parts) in self.parts.iter().enumerate() {
            let last = all.last().filter(|_| self.is_repeated(at, visit));
            let judged = last.cloned().unwrap_or_else(|| {
                let known = before.and_then(|(all, fact)| Some((all.get(at)?, fact)));
                parts.judge(visit, self.assumed, known)
            });
            let must_hold = match self.matters {
                Matters::Any | Matters::Contested | Matters::Leading => false,
                Matters::First => all.is_empty(),
                Matters::KeptContested => all.len() < 2,
                Matters::All => true,
            };
            if must_hold && judged.whole.truth == Truth::No {
                return None;
            }
            all.push(judged);
        }
        let may = |part: &[Rc<PartVerdicts>]| part.iter().any(|it| it.whole.truth != Truth::No);
        let (own, others) = all.split_at(all.len().min(2));
        let matters = match self.matters {
            Matters::Any | Matters::First | Matters::All => may(&all),
            Matters::Contested | Matters::KeptContested => may(own) && may(others),
            Matters::Leading => may(own),
        };
        matters.then_some(all)
    }

    /// Whether what is asked at a place of the list says the same as what is asked before it. In which control group a visitor
    /// is, other campaigns of the world decide.
    fn is_repeated(&self, at: usize, visit: &Visit) -> bool {
        let outside = FactAnswer::text("outside");
        self.repeats[at] && visit.facts.get(&Fact::ControlGroup) == Some(&outside)
    }

    /// Judges again what is open.
    fn judge_open(
        &self,
        given: (&Visit, &Assumed, &Opaque<'_>),
        before: &[Rc<PartVerdicts>],
    ) -> Vec<Rc<PartVerdicts>> {
        let mut all: Vec<Rc<PartVerdicts>> = Vec::with_capacity(before.len());
        for (at, (parts, before)) in self.parts.iter().zip(before).enumerate() {
            let last = all.last().filter(|_| self.is_repeated(at, given.0));
            let judged = last.cloned();
            all.push(judged.unwrap_or_else(|| parts.judge_open(given, before)));
        }
        all
    }

    /// The facts that are missing and can be listed.
    fn missing<'j>(&self, judged: impl Iterator<Item = &'j Judged>) -> BTreeSet<Fact> {
        let reasons = judged.flat_map(|it| &it.reasons);
        let missing = reasons.filter_map(|reason| match reason {
            Reason::Missing(fact) if self.listed.has(*fact) => Some(*fact),
            _ => None,
        });
        missing.collect()
    }

    /// Tries what is open in all positions.
    fn combine(
        &self,
        visit: &Visit,
        (assumed, supposed): (&Assumed, &BTreeMap<String, bool>),
        (before, depth): (&[Rc<PartVerdicts>], usize),
        out: &mut CombinedTruths,
    ) {
        let opaque = Opaque::new(&self.listed, supposed.clone());
        let judged = self.judge_open((visit, assumed, &opaque), before);
        let all = || judged.iter().map(|it| &it.whole);
        if all().all(|it| it.truth != Truth::Unknown) {
            out.truths
                .insert(all().map(|it| it.truth == Truth::Yes).collect());
            return;
        }
        let missing = self.missing(all());
        if !missing.is_empty() {
            out.missing.extend(missing);
            return;
        }
        if depth >= MOST_OPEN {
            out.is_too_open = true;
            return;
        }
        let before = (judged.as_slice(), depth + 1);
        if let Some(switch) = all().flat_map(Judged::switches).next() {
            for at in [0, 1] {
                let mut assumed = assumed.clone();
                assumed.0.insert(switch, at);
                self.combine(visit, (&assumed, supposed), before, out);
            }
            return;
        }
        let met = opaque.met.borrow().first().cloned();
        match met {
            Some(text) => {
                for holds in [true, false] {
                    let mut supposed = supposed.clone();
                    supposed.insert(text.clone(), holds);
                    self.combine(visit, (assumed, &supposed), before, out);
                }
            }
            None => out.is_too_open = true,
        }
    }
}

/// What is asked first: facts with few values, of which one is the rule.
const fn rank(fact: Fact) -> u8 {
    match fact {
        Fact::ControlGroup => 0,
        Fact::Conversation => 1,
        Fact::Agents => 2,
        Fact::Time => 3,
        Fact::Sections => 4,
        Fact::Url => 5,
        Fact::SignedIn => 7,
        _ => 6,
    }
}
