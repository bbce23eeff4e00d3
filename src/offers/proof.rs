//! What the platform's answer to a case means: proved, or why not, by the platform's own information about the visit
//! (platform.md#visit-information).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::asking::Query;
use super::assertion::{Assertion, Check, Claim, Route, assertions, same};
use super::outcome::Outcome;
use super::suite::CaseResult;
use super::truth::{Judged, Observation, Reason, Truth};
use super::world::World;
use crate::kinds::offering::{Aspect, Assumed, SWITCHES};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::text::Pointer;

/// What the platform said, and what is known of the account.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The answer to the call.
    pub answer: &'a Value,
    /// What the platform says of the visit, where it was asked.
    pub state: Option<&'a Value>,
    /// The ids of what the manifests describe.
    pub ids: &'a BTreeMap<Key, RemoteId>,
    /// The revision that the account has of what was expected.
    pub revision: Option<i64>,
    /// Whether what was expected was applied so shortly ago that the platform may not serve it.
    pub is_fresh: bool,
}

/// What a visitor was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Offer {
    Nothing,
    Conversation,
    /// Something that a manifest describes, and its revision.
    Ours(Key, Option<i64>),
    /// Something else of the account.
    Foreign(String),
}

/// Why an assertion does not hold: whether it fails or is open, and the platform's reason.
struct Why {
    truth: Truth,
    observation: Option<Observation>,
    text: String,
}

impl Why {
    fn open(observation: Observation, text: String) -> Self {
        Self {
            truth: Truth::Unknown,
            observation: Some(observation),
            text,
        }
    }

    fn fails(observation: Option<Observation>, text: String) -> Self {
        Self {
            truth: Truth::No,
            observation,
            text,
        }
    }
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
            let outcome = Outcome::whole(world, &self.visit, &self.assumed);
            let routed = all.iter().any(|it| matches!(it.claim, Claim::Route(..)));
            outcome.candidates().next().filter(|_| routed).cloned()
        })
    }

    /// Whether an answer is what the case expects, so that nothing has to be explained.
    #[must_use]
    pub fn is_met(&self, world: &World, answer: &Value, ids: &BTreeMap<Key, RemoteId>) -> bool {
        let offer = Offer::of(world, answer, ids);
        let all = assertions(world, &self.then, &Pointer::root());
        all.iter()
            .all(|it| holds(world, &it.claim, &offer, answer) == Some(true))
    }

    /// What the answer means for the case.
    #[must_use]
    pub fn judge(&self, world: &World, evidence: &Evidence<'_>) -> CaseResult {
        let offer = Offer::of(world, evidence.answer, evidence.ids);
        let outcome = Outcome::whole(world, &self.visit, &self.assumed);
        let all = assertions(world, &self.then, &self.at.key("then"));
        let checks = all
            .iter()
            .map(|assertion| self.check(world, evidence, assertion, &offer));
        let mut result = CaseResult {
            scenario: self.scenario.clone(),
            name: self.name.clone(),
            at: self.at.clone(),
            flaws: Vec::new(),
            checks: checks.collect(),
            trace: Vec::new(),
            visits: vec![(self.visit.clone(), self.assumed.clone())],
        };
        if result.checks.iter().any(|it| it.judged.truth == Truth::No) {
            result.trace = outcome.eligibilities.into_values().collect();
        }
        result
    }

    fn check(
        &self,
        world: &World,
        evidence: &Evidence<'_>,
        assertion: &Assertion,
        offer: &Offer,
    ) -> Check {
        let holds = holds(world, &assertion.claim, offer, evidence.answer);
        let why = match (&assertion.claim, holds) {
            (_, Some(true)) => None,
            (Claim::Impossible(why), _) => Some(Why::fails(None, why.clone())),
            _ => Some(self.why(world, evidence, offer)),
        };
        let mut judged = Judged::of(why.as_ref().map_or(Truth::Yes, |it| it.truth));
        let observed = why.as_ref().and_then(|it| it.observation);
        judged.reasons.extend(observed.map(Reason::Platform));
        let instead = why.map_or_else(String::new, |it| it.text);
        Check {
            at: assertion.at.clone(),
            what: assertion.what.clone(),
            judged,
            instead,
        }
    }

    fn why(&self, world: &World, evidence: &Evidence<'_>, offer: &Offer) -> Why {
        let target = self.target(world);
        let outcome = Outcome::whole(world, &self.visit, &self.assumed);
        let may = |key: &Key| outcome.eligible(key).truth != Truth::No;
        let is_old = match (offer, evidence.revision) {
            (Offer::Ours(_, Some(served)), Some(current)) => *served < current,
            _ => false,
        };
        let shown = offer.phrase();
        match (offer, &target) {
            (Offer::Conversation, _) => Why::open(
                Observation::Conversation,
                "the visitor has an open conversation, and is answered with that".to_owned(),
            ),
            _ if is_old => Why::open(
                Observation::Revision,
                format!(
                    "{shown}, of an older revision than the account has: the change is not served yet"
                ),
            ),
            (Offer::Foreign(_), Some(target)) if may(target) => Why::open(
                Observation::Lottery,
                format!(
                    "{shown}, which no manifest describes and which competes with {}",
                    target.name
                ),
            ),
            (Offer::Ours(key, _), Some(target)) if key != target && may(key) && may(target) => {
                Why::open(
                    Observation::Lottery,
                    format!("{shown}, which competes with {}", target.name),
                )
            }
            (Offer::Nothing, Some(target)) => self.why_nothing(world, evidence, target),
            _ if evidence.is_fresh => Why::open(
                Observation::Propagation,
                format!("{shown}: what was applied a moment ago may not be served yet"),
            ),
            _ => Why::fails(None, self.contradiction(world, offer)),
        }
    }

    /// Why nothing was offered, where something was expected.
    fn why_nothing(&self, world: &World, evidence: &Evidence<'_>, target: &Key) -> Why {
        let state = evidence.state.unwrap_or(&Value::Null);
        let id = evidence.ids.get(target);
        let is_control = |key: &str| {
            found(state, key)
                .iter()
                .any(|it| it.as_str() == Some("CONTROL"))
        };
        if is_control("siteControlGroup") || is_control("campaignControl") {
            let text = "nothing is offered: the visitor was drawn into a control group".to_owned();
            return Why::open(Observation::ControlGroup, text);
        }
        if id.is_none() {
            let text = format!(
                "nothing is offered: the ledger knows no {}; apply first",
                target.name
            );
            return Why::open(Observation::Propagation, text);
        }
        if evidence.state.is_some() {
            for (aspect, listed) in world.listed_by(target) {
                if let Some(why) = not_active(state, aspect, &listed, evidence.ids) {
                    return why;
                }
            }
        }
        if evidence.is_fresh {
            let text = "nothing is offered: what was applied a moment ago may not be served yet"
                .to_owned();
            return Why::open(Observation::Propagation, text);
        }
        if world.needs_agents(target) {
            let text = "nothing is offered, and all conditions are active: no agent of the skill may be available".to_owned();
            return Why::open(Observation::Agents, text);
        }
        Why::fails(None, self.contradiction(world, &Offer::Nothing))
    }

    /// What the platform does other than the manifests say, and the inferred facts that would explain it.
    fn contradiction(&self, world: &World, offer: &Offer) -> String {
        let fits = |assumed: &Assumed| {
            let outcome = Outcome::whole(world, &self.visit, assumed);
            match offer {
                Offer::Ours(key, _) => outcome.possible(world, key, assumed).truth != Truth::No,
                _ => outcome.contests.iter().all(|it| it.sure.is_empty()),
            }
        };
        let mut explained = Vec::new();
        for switch in SWITCHES {
            for (at, position) in switch.positions().iter().enumerate() {
                let mut taken = self.assumed.clone();
                taken.0.insert(*switch, at);
                let other = Assumed(
                    taken
                        .0
                        .iter()
                        .map(|(it, at)| (*it, if it == switch { 1 - *at } else { *at }))
                        .collect(),
                );
                if fits(&taken) && !fits(&other) {
                    explained.push(format!("`{switch}: {}`", position.word));
                }
            }
        }
        let text = format!("{}, and the manifests say otherwise", offer.phrase());
        match explained.as_slice() {
            [] => text,
            all => format!("{text}; {} would explain it", all.join(" or ")),
        }
    }
}

impl Offer {
    fn of(world: &World, answer: &Value, ids: &BTreeMap<Key, RemoteId>) -> Self {
        let Some(details) = answer.pointer("/engagementDetails/0") else {
            return Self::Nothing;
        };
        if details.get("status").and_then(Value::as_str) == Some("conversation") {
            return Self::Conversation;
        }
        let id = details.get("engagementId").and_then(RemoteId::from_wire);
        let ours = ids
            .iter()
            .find(|(key, it)| world.offering(key).is_some() && Some(*it) == id.as_ref());
        match ours {
            Some((key, _)) => Self::Ours(
                key.clone(),
                details.get("engagementRevision").and_then(Value::as_i64),
            ),
            None => Self::Foreign(id.map_or_else(String::new, |it| it.as_str().to_owned())),
        }
    }

    fn phrase(&self) -> String {
        match self {
            Self::Nothing => "nothing is offered".to_owned(),
            Self::Conversation => "an open conversation is answered".to_owned(),
            Self::Ours(key, _) => format!("{} is offered", key.name),
            Self::Foreign(id) => format!("the engagement {id} is offered"),
        }
    }
}

/// Whether a claim holds of an answer; nothing where one answer does not say.
fn holds(world: &World, claim: &Claim, offer: &Offer, answer: &Value) -> Option<bool> {
    let ours = match offer {
        Offer::Ours(key, _) => Some(key),
        _ => None,
    };
    let is = |key: &Key| ours == Some(key);
    match claim {
        Claim::Offered(key) => Some(is(key)),
        Claim::OneOf(keys) => Some(keys.iter().any(is)),
        Claim::MayBeOffered(key) | Claim::Eligible(key) => is(key).then_some(true),
        Claim::NotOffered(key) | Claim::FailsFor(key, _) => Some(!is(key)),
        Claim::Nothing => Some(*offer == Offer::Nothing),
        Claim::Route(route, expected) => {
            let offering = world.offering(ours?)?;
            let language = || answer.pointer("/engagementDetails/0/language").cloned();
            let found = match route {
                Route::Skill => offering.skill.clone(),
                Route::Language => {
                    language().or_else(|| offering.language.clone().map(Value::from))
                }
                Route::Window => offering.window.clone(),
                Route::Connector => offering.connector.clone(),
            };
            Some(found.is_some_and(|found| same(&found, expected)))
        }
        Claim::SkillOf(key, expected) => {
            let skill = world.offering(key)?.skill.as_ref();
            let is_it = skill.is_some_and(|skill| same(skill, expected));
            (!is_it || is(key)).then_some(is_it)
        }
        // One answer is one draw.
        Claim::Share(key, percent) => (*percent == 0.0 && is(key)).then_some(false),
        Claim::Undecided(_) => None,
        Claim::Impossible(_) => Some(false),
    }
}

/// Why a list of audiences, behaviors or entry points keeps an engagement from being offered, as the platform says it.
fn not_active(
    state: &Value,
    aspect: Aspect,
    listed: &BTreeSet<Key>,
    ids: &BTreeMap<Key, RemoteId>,
) -> Option<Why> {
    let word = listed.first()?.kind.def().visit_word?.word;
    let (active, all) = (
        ids_in(state, &format!("revActive{word}")),
        ids_in(state, &format!("revAll{word}")),
    );
    let known: Vec<&RemoteId> = listed.iter().filter_map(|key| ids.get(key)).collect();
    if known.iter().any(|id| active.contains(*id)) {
        return None;
    }
    let names: Vec<&str> = listed.iter().map(|key| key.name.as_str()).collect();
    let names = names.join(", ");
    if !all.is_empty() && !known.iter().any(|id| all.contains(*id)) {
        let text = format!("nothing is offered: the platform does not know {names} yet");
        return Some(Why::open(Observation::Propagation, text));
    }
    let (observation, what) = match aspect {
        Aspect::Audiences => (Observation::Audience, "audience"),
        Aspect::Behaviors => (Observation::Behavior, "behavior"),
        _ => (Observation::EntryPoint, "entry point"),
    };
    let text = format!("nothing is offered: the {what} {names} is not active for the visitor");
    Some(Why::fails(Some(observation), text))
}

/// The ids of an object or list under a key, wherever it is.
fn ids_in(state: &Value, key: &str) -> BTreeSet<RemoteId> {
    let mut ids = BTreeSet::new();
    for value in found(state, key) {
        match value {
            Value::Object(map) => ids.extend(map.keys().map(|key| RemoteId::from(key.as_str()))),
            Value::Array(list) => ids.extend(
                list.iter()
                    .filter_map(|it| RemoteId::from_wire(it.get("id").unwrap_or(it))),
            ),
            _ => {}
        }
    }
    ids
}

/// Every value under a key, at any depth.
fn found<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                if name == key {
                    all.push(inner);
                }
                all.extend(found(inner, key));
            }
        }
        Value::Array(list) => all.extend(list.iter().flat_map(|it| found(it, key))),
        _ => {}
    }
    all
}
