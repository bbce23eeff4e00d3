//! What the platform's answer to a case means: proved, or why not, by the platform's own information about the visit
//! (platform.md#visit-information).
//!
//! A case is proved where its assertions hold of the answer, and where the platform does not say anything else of the visit
//! than the manifests: the skill, the revision, and whether the visitor could be offered anything at all.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::asking::Query;
use super::assertion::{Assertion, Claim, DecidedAssertion, assertions};
use super::contradiction::{HeldDifference, HeldPart};
use super::outcome::VisitOutcome;
use super::rivalry::meets;
use super::route::Route;
use super::served::{self, LiveIds, SaidRoute, ServedOffer, is_controlled};
use super::suite::CaseResult;
use super::truth::{Observation, Truth};
use super::why::{Objection, not_active};
use super::world::World;
use crate::kinds::offering::{Aspect, Switch};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::text::Pointer;

/// What the platform said, and what is known of the account.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// The answer to the call, or why the platform refuses the call.
    pub answer: Result<&'a Value, &'a str>,
    /// What the platform says of the visit, where it was asked.
    pub state: Option<&'a Value>,
    /// The ids of what the manifests describe.
    pub ids: &'a BTreeMap<Key, RemoteId>,
    /// The ids of what only the account has, such as skills.
    pub live: &'a LiveIds,
    /// The revision that the account has of what was offered, or why it does not say.
    pub revision: Result<Option<i64>, String>,
    /// The revisions that the account has of what the engagement refers to that the case is about, where that was asked.
    pub revisions: BTreeMap<Key, i64>,
    /// Whether what was expected was applied so shortly ago that the platform may not serve it.
    pub is_fresh: bool,
    /// Where the account holds something else than the manifests, by the engagement that the case is about or that is offered, where
    /// that was asked.
    pub differing: Vec<(Key, Vec<HeldDifference>)>,
}

/// A case beside what came of it.
pub(super) struct Weighed<'a> {
    pub(super) query: &'a Query,
    pub(super) world: &'a World,
    pub(super) evidence: &'a Evidence<'a>,
    pub(super) offer: ServedOffer,
    /// What the manifests say.
    pub(super) outcome: VisitOutcome,
    /// What the case expects to be offered.
    pub(super) target: Option<Key>,
}

impl Query {
    /// What the case expects to be offered.
    #[must_use]
    pub fn target(&self, world: &World) -> Option<Key> {
        let all = assertions(world, &self.then, &Pointer::root());
        let named = all.iter().find_map(|it| match &it.claim {
            Claim::Offered(key) | Claim::MayBeOffered(key) | Claim::Eligible(key) => {
                Some(key.clone())
            }
            Claim::OneOf(keys) => keys.first().cloned(),
            _ => None,
        });
        named.or_else(|| {
            let outcome = VisitOutcome::whole(world, &self.visit, &self.assumed);
            let routed = all.iter().any(|it| matches!(it.claim, Claim::Route(..)));
            outcome.candidates().next().filter(|_| routed).cloned()
        })
    }

    /// The first of what the manifests certainly let be offered: where nothing is, the reason is looked for there.
    #[must_use]
    pub fn certain(&self, world: &World) -> Option<Key> {
        let outcome = VisitOutcome::of(world, &self.visit, &self.assumed);
        outcome.contests.into_iter().flat_map(|it| it.sure).next()
    }

    /// What the visitor was offered, where a manifest describes it.
    #[must_use]
    pub fn offered(&self, world: &World, evidence: &Evidence<'_>) -> Option<Key> {
        ServedOffer::of(world, evidence).ours().cloned()
    }

    /// What the answer means for the case.
    #[must_use]
    pub fn judge(&self, world: &World, evidence: &Evidence<'_>) -> CaseResult {
        let weighed = Weighed {
            query: self,
            world,
            evidence,
            offer: ServedOffer::of(world, evidence),
            outcome: VisitOutcome::whole(world, &self.visit, &self.assumed),
            target: self.target(world),
        };
        let all = assertions(world, &self.then, &self.at.key("then"));
        let mut checks: Vec<DecidedAssertion> = all.iter().map(|it| weighed.check(it)).collect();
        if checks.iter().all(|it| it.judged.truth == Truth::Yes)
            && let Some(why) = weighed.otherwise().or_else(|| weighed.not_applied(&all))
        {
            let what = "what the manifests say of the visit".to_owned();
            checks.push(Objection::check(Some(why), self.at.key("then"), what));
        }
        let mut result = self.result(checks);
        if result.checks.iter().any(|it| it.judged.truth == Truth::No) {
            result.trace = weighed.outcome.eligibilities.into_values().collect();
        }
        result
    }
}

impl Weighed<'_> {
    fn check(&self, assertion: &Assertion) -> DecidedAssertion {
        let holds = self.holds(&assertion.claim);
        let is_refuted = self.is_refuted(assertion);
        let mut why = self.objection(assertion, holds, is_refuted);
        if is_refuted && why.as_ref().is_none_or(|it| it.truth != Truth::No) {
            why = Some(self.refuted(assertion, (holds, why)));
        }
        Objection::check(why, assertion.at.clone(), assertion.what.clone())
    }

    /// What the answer says against an assertion, which the manifests may refute.
    fn objection(
        &self,
        assertion: &Assertion,
        holds: Option<bool>,
        is_refuted: bool,
    ) -> Option<Objection> {
        let is_foreseen = match &self.offer {
            ServedOffer::Ours(key) => self.may_offer(key) && self.unlike(key).is_none(),
            ServedOffer::Nothing => self.outcome.contests.iter().all(|it| it.sure.is_empty()),
            ServedOffer::Foreign(_) | ServedOffer::Refused(_) | ServedOffer::Conversation => false,
        };
        match (&assertion.claim, holds) {
            (Claim::Impossible(why), _) => Some(Objection::fails(None, why.clone())),
            (_, Some(true)) if self.void().is_some() => self.void(),
            _ if is_foreseen && is_refuted => None,
            (_, Some(true)) if is_refuted => self.otherwise(),
            (Claim::FailsFor(key, aspects), Some(true)) => self.otherwise_because(key, aspects),
            (_, Some(true)) => None,
            (Claim::Share(..), None) => Some(Objection::open(
                Observation::Lottery,
                "one answer is one draw, and says nothing about shares",
            )),
            (Claim::Route(route, _), None) if self.offer.ours().is_some() => {
                Some(self.unsaid(*route))
            }
            (Claim::SkillOf(key, _), None) if self.offer.ours() == Some(key) => {
                Some(self.unsaid(Route::Skill))
            }
            _ => Some(self.why(&assertion.claim)),
        }
    }

    /// Why the answer proves nothing, although what is asserted holds: a visitor in a control group or with a conversation
    /// is offered nothing whatever the manifests say.
    fn void(&self) -> Option<Objection> {
        let is_expected = |aspect: Aspect| {
            let all = self.outcome.eligibilities.values();
            all.clone().count() > 0
                && all
                    .into_iter()
                    .all(|it| it.failing().any(|it| it.aspect == aspect))
        };
        match &self.offer {
            ServedOffer::Conversation => {
                Some(Objection::open(Observation::Conversation, CONVERSATION))
            }
            ServedOffer::Nothing if is_controlled(self.evidence) => {
                Some(Objection::open(Observation::ControlGroup, CONTROLLED))
            }
            ServedOffer::Nothing if self.evidence.state.is_none() => {
                Some(Objection::open(Observation::Unsaid, NOT_SAID_WHY))
            }
            ServedOffer::Refused(_) if !is_expected(Aspect::Call) => Some(self.refused()),
            _ => None,
        }
    }

    /// That the platform does not say where what is offered leads, or why: the account has something else.
    fn unsaid(&self, route: Route) -> Objection {
        let of_account = self.offer.ours().and_then(|key| self.held_otherwise(key));
        of_account.unwrap_or_else(|| {
            let text = format!(
                "{}, and the platform does not say the {}",
                self.offer.phrase(),
                route.field()
            );
            Objection::open(Observation::Unsaid, text)
        })
    }

    /// Whether the manifests let an engagement be offered to the visit.
    fn may_offer(&self, key: &Key) -> bool {
        let possible = self.outcome.possible(self.world, key, &self.query.assumed);
        possible.truth != Truth::No
    }

    /// What the platform says of why an engagement is not offered, where the case says something else: which of its lists
    /// are active for the visitor.
    fn otherwise_because(&self, key: &Key, aspects: &[Aspect]) -> Option<Objection> {
        if matches!(self.offer, ServedOffer::Refused(_)) {
            return None;
        }
        let Some(state) = self.evidence.state else {
            let text = format!("the platform does not say why {} is not offered", key.name);
            return Some(Objection::open(Observation::Unsaid, text));
        };
        self.world.listed_by(key).into_iter().find_map(|(aspect, listed)| {
            let inactive = not_active(state, aspect, &listed, self.evidence.ids);
            match (inactive, aspects.contains(&aspect)) {
                (Some(why), false) => Some(why),
                (None, true) => {
                    let names: Vec<&str> = listed.iter().map(|key| key.name.as_str()).collect();
                    let (what, names) = (aspect.word(), names.join(", "));
                    let text = format!("of the {what} of {}, the platform says that {names} is active for the visitor", key.name);
                    Some(Objection::fails(None, text))
                }
                _ => None,
            }
        })
    }

    fn refused(&self) -> Objection {
        Objection::fails(Some(Observation::Refused), self.offer.phrase())
    }

    /// What the platform does otherwise than the manifests say, though all that is asserted holds.
    fn otherwise(&self) -> Option<Objection> {
        match &self.offer {
            ServedOffer::Ours(key) => {
                let otherwise = || self.drawn().unwrap_or_else(|| self.contradiction());
                let otherwise = || (!self.may_offer(key)).then(otherwise);
                self.unlike(key)
                    .or_else(otherwise)
                    .or_else(|| self.unread())
                    .or_else(|| self.without_skill(key))
            }
            ServedOffer::Nothing => {
                let sure = self.outcome.contests.iter().flat_map(|it| &it.sure).next();
                sure.map(|target| self.why_nothing(target))
            }
            ServedOffer::Conversation | ServedOffer::Foreign(_) | ServedOffer::Refused(_) => None,
        }
    }

    /// That the platform does not say the skill of what it offers, and the manifest does.
    fn without_skill(&self, key: &Key) -> Option<Objection> {
        let offering = self.world.offering(key)?;
        let is_said = SaidRoute::of(self.evidence, key, Route::Skill).is_some();
        let is_open = Route::Skill.of(offering).is_some() && !is_said;
        is_open.then(|| self.unsaid(Route::Skill))
    }

    /// That what a case is about is not on the account, as far as the ledger knows: that nothing is offered there proves nothing.
    fn not_applied(&self, all: &[Assertion]) -> Option<Objection> {
        let is_missing = |key: &&Key| !self.evidence.ids.contains_key(*key);
        let is_offered = self.offer.ours().is_some();
        // What is offered is there; what is not offered beside it may not be.
        let claims = all.iter().map(|it| &it.claim);
        let claims = claims.filter(|it| !is_offered || it.is_of_absence());
        let named: BTreeSet<&Key> = claims.flat_map(Claim::keys).collect();
        let of_place = self.world.shelves().of_place(&self.query.visit.place);
        let missing = match named.iter().copied().find(is_missing) {
            Some(key) => format!("no {}", key.name),
            None if is_offered || !named.is_empty() || of_place.is_empty() => return None,
            None if of_place.iter().all(is_missing) => "none of the engagements".to_owned(),
            None => return None,
        };
        let text = format!(
            "{}, and the ledger knows {missing}: nothing was applied that this could prove",
            self.offer.phrase()
        );
        Some(Objection::open(Observation::Propagation, text))
    }

    /// What the platform says otherwise of what it offers than the manifest does: its revision, and where it leads.
    fn unlike(&self, key: &Key) -> Option<Objection> {
        let served = served::revision(self.evidence, key);
        if let (Some(served), Ok(Some(current))) = (served, &self.evidence.revision)
            && served < *current
        {
            let text = format!(
                "{}, of revision {served}, and the account has revision {current}: the change is not served yet",
                self.offer.phrase()
            );
            return Some(Objection::open(Observation::Revision, text));
        }
        let offering = self.world.offering(key)?;
        Route::ALL.into_iter().find_map(|route| {
            let expected = route.of(offering)?;
            let said = SaidRoute::of(self.evidence, key, route)?;
            let is_same = said.is(self.evidence, key, &expected)?;
            (!is_same).then(|| self.other_route(route, &said, &expected))
        })
    }

    fn other_route(&self, route: Route, said: &SaidRoute<'_>, expected: &Value) -> Objection {
        let text = format!(
            "{}, and the platform says {} {}: the manifest says {}",
            self.offer.phrase(),
            route.field(),
            said.phrase(),
            super::assertion::short(expected)
        );
        if self.evidence.is_fresh {
            let by_hand = |it: &HeldDifference| it.part == HeldPart::Route(route);
            let of_account = self.offer.ours();
            let of_account = of_account.and_then(|key| self.held_with(key, by_hand));
            return of_account.unwrap_or_else(|| Objection::open(Observation::Propagation, text));
        }
        Objection::fails(Some(route.otherwise()), text)
    }

    /// What an assertion expects to be offered.
    fn expected<'s>(&'s self, claim: &'s Claim) -> Option<&'s Key> {
        match claim {
            Claim::Offered(key)
            | Claim::MayBeOffered(key)
            | Claim::Eligible(key)
            | Claim::SkillOf(key, _) => Some(key),
            Claim::OneOf(keys) => {
                let mut may = keys.iter().filter(|key| self.may_offer(key));
                may.next().or(keys.first())
            }
            _ => self.target.as_ref(),
        }
    }

    /// Whether an assertion is about what an engagement is offered for, and not about being chosen: an answer with another one
    /// that the manifests foresee neither proves nor refutes it.
    fn is_of_requirements(&self, claim: &Claim) -> bool {
        let is_foreseen = self.offer.ours().is_some_and(|key| self.may_offer(key));
        is_foreseen && matches!(claim, Claim::Eligible(_) | Claim::SkillOf(..))
    }

    /// Whether an answer with another engagement leaves an assertion about one open: that one can be left out by a draw, and is
    /// said to be one of several. That it is offered, and nothing else, is refuted by any other answer.
    fn is_left_to_a_draw(&self, claim: &Claim, (key, target): (&Key, &Key)) -> bool {
        let is_of_several = matches!(
            claim,
            Claim::MayBeOffered(_) | Claim::Eligible(_) | Claim::SkillOf(..)
        );
        let may_compete = self.may_offer(key) && self.may_offer(target);
        key != target
            && is_of_several
            && !self.is_ahead(target, key)
            && (may_compete || self.is_of_requirements(claim))
    }

    /// Whether one engagement would be offered in the place of another wherever both can be, so that the other one is offered only
    /// to who does not meet the requirements of the first.
    fn is_ahead(&self, target: &Key, key: &Key) -> bool {
        let by_priority = self.query.assumed.of(Switch::Contest) == Some(1);
        let priority = |key: &Key| self.world.rank(key).map(|rank| rank.priority);
        by_priority
            && !self.world.needs_agents(target) // whether some are there is not for the manifests to say
            && meets(self.world, target, key) == Some(true)
            && matches!((priority(target), priority(key)), (Some(one), Some(other)) if one > other)
    }

    fn why(&self, claim: &Claim) -> Objection {
        let may = |key: &Key| self.may_offer(key);
        let shown = self.offer.phrase();
        let by_priority = self.query.assumed.of(Switch::Contest) == Some(1);
        let unlike = self.offer.ours().and_then(|key| self.unlike(key));
        if let Some(why) = unlike.or_else(|| self.drawn()) {
            return why;
        }
        let expected = self.expected(claim);
        let of_expected = expected.and_then(|target| self.held_otherwise(target));
        if let (ServedOffer::Ours(_) | ServedOffer::Foreign(_), Some(why)) =
            (&self.offer, of_expected)
        {
            return why;
        }
        match (&self.offer, expected) {
            (ServedOffer::Conversation, _) => {
                Objection::open(Observation::Conversation, CONVERSATION)
            }
            (ServedOffer::Refused(_), _) => self.refused(),
            (ServedOffer::Foreign(_), Some(target)) if may(target) && !by_priority => {
                Objection::open(
                    Observation::Lottery,
                    format!("{shown}; it competes with {}", target.name),
                )
            }
            (ServedOffer::Foreign(_), Some(target)) if may(target) => Objection::fails(
                None,
                format!(
                    "{shown}: its campaign may have a higher priority than that of {}",
                    target.name
                ),
            ),
            (ServedOffer::Ours(key), Some(target))
                if self.is_left_to_a_draw(claim, (key, target)) =>
            {
                Objection::open(
                    Observation::Lottery,
                    format!("{shown}, which competes with {}", target.name),
                )
            }
            (ServedOffer::Nothing, Some(target)) => self.why_nothing(target),
            _ if self.evidence.is_fresh => {
                let of_account = self.offer.ours().and_then(|key| self.held_otherwise(key));
                of_account.unwrap_or_else(|| {
                    Objection::open(
                        Observation::Propagation,
                        format!("{shown}: what was applied a moment ago may not be served yet"),
                    )
                })
            }
            (ServedOffer::Ours(key), _) if may(key) => {
                Objection::fails(None, format!("{shown}: the manifests leave that open"))
            }
            _ => self.contradiction(),
        }
    }

    /// Whether a claim holds of an answer; nothing where one answer does not say.
    fn holds(&self, claim: &Claim) -> Option<bool> {
        let ours = self.offer.ours();
        let is = |key: &Key| ours == Some(key);
        match claim {
            Claim::Offered(key) => Some(is(key)),
            Claim::OneOf(keys) => Some(keys.iter().any(is)),
            Claim::MayBeOffered(key) | Claim::Eligible(key) => is(key).then_some(true),
            Claim::NotOffered(key) | Claim::FailsFor(key, _) => Some(!is(key)),
            Claim::Nothing => {
                Some(ours.is_none() && !matches!(self.offer, ServedOffer::Foreign(_)))
            }
            Claim::Route(route, expected) => {
                let said = SaidRoute::of(self.evidence, ours?, *route)?;
                said.is(self.evidence, ours?, expected)
            }
            Claim::SkillOf(key, expected) if is(key) => {
                let said = SaidRoute::of(self.evidence, key, Route::Skill)?;
                said.is(self.evidence, key, expected)
            }
            // One answer is one draw.
            Claim::Share(key, percent) => (*percent == 0.0 && is(key)).then_some(false),
            Claim::SkillOf(..) | Claim::Undecided(_) => None,
            Claim::Impossible(_) => Some(false),
        }
    }
}

const CONVERSATION: &str = "the visitor has an open conversation, and is answered with that";
const NOT_SAID_WHY: &str = "nothing is offered, and the platform does not say why: the visitor may have been drawn into a control group";
pub(super) const CONTROLLED: &str =
    "nothing is offered: the visitor was drawn into a control group";
