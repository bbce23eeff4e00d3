//! Why an assertion does not hold of the platform's answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::assertion::DecidedAssertion;
use super::served::ids_in;
use super::truth::{Judged, Observation, Reason, Truth};
use crate::kinds::offering::Aspect;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::text::Pointer;

/// Why an assertion does not hold: whether it fails or is open, and the platform's reason.
#[derive(Clone)]
pub(super) struct Objection {
    pub(super) truth: Truth,
    pub(super) observation: Option<Observation>,
    pub(super) text: String,
}

impl Objection {
    pub(super) fn open(observation: Observation, text: impl Into<String>) -> Self {
        Self {
            truth: Truth::Unknown,
            observation: Some(observation),
            text: text.into(),
        }
    }

    pub(super) fn fails(observation: Option<Observation>, text: impl Into<String>) -> Self {
        Self {
            truth: Truth::No,
            observation,
            text: text.into(),
        }
    }

    pub(super) fn check(why: Option<Self>, at: Pointer, what: String) -> DecidedAssertion {
        let mut judged = Judged::of(why.as_ref().map_or(Truth::Yes, |it| it.truth));
        let observed = why.as_ref().and_then(|it| it.observation);
        judged.reasons.extend(observed.map(Reason::Platform));
        DecidedAssertion {
            at,
            what,
            judged,
            instead: why.map_or_else(String::new, |it| it.text),
        }
    }
}

/// Why a list of audiences, behaviors or entry points keeps an engagement from being offered, as the platform says it.
pub(super) fn not_active(
    state: &Value,
    aspect: Aspect,
    listed: &BTreeSet<Key>,
    ids: &BTreeMap<Key, RemoteId>,
) -> Option<Objection> {
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
        return Some(Objection::open(Observation::Propagation, text));
    }
    let (observation, what) = match aspect {
        Aspect::Audiences => (Observation::Audience, "audience"),
        Aspect::Behaviors => (Observation::Behavior, "behavior"),
        _ => (Observation::EntryPoint, "entry point"),
    };
    let text = format!("nothing is offered: the {what} {names} is not active for the visitor");
    Some(Objection::fails(Some(observation), text))
}
