//! What a visitor of the platform was offered, and what the answer and the platform's information about the visit say of it
//! (platform.md#visit-information).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::proof::Evidence;
use super::route::Route;
use super::world::World;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::reference_key;

/// The ids of the account's own objects, by kind and live name.
pub type LiveIds = BTreeMap<(&'static str, String), RemoteId>;

/// What a visitor was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ServedOffer {
    Nothing,
    Conversation,
    /// Something that a manifest describes.
    Ours(Key),
    /// Something else of the account.
    Foreign(String),
    /// The platform did not take the call, and why.
    Refused(String),
}

impl ServedOffer {
    pub(super) fn of(world: &World, evidence: &Evidence<'_>) -> Self {
        let answer = match evidence.answer {
            Ok(answer) => answer,
            Err(why) => return Self::Refused(why.to_owned()),
        };
        let Some(details) = answer.pointer("/engagementDetails/0") else {
            return Self::Nothing;
        };
        if details.get("status").and_then(Value::as_str) == Some("conversation") {
            return Self::Conversation;
        }
        let id = details.get("engagementId").and_then(RemoteId::from_wire);
        let ours = evidence
            .ids
            .iter()
            .find(|(key, it)| world.offering(key).is_some() && Some(*it) == id.as_ref());
        match ours {
            Some((key, _)) => Self::Ours(key.clone()),
            None => Self::Foreign(id.map_or_else(String::new, |it| it.as_str().to_owned())),
        }
    }

    pub(super) fn phrase(&self) -> String {
        match self {
            Self::Nothing => "nothing is offered".to_owned(),
            Self::Conversation => "an open conversation is answered".to_owned(),
            Self::Ours(key) => format!("{} is offered", key.name),
            Self::Foreign(id) => {
                format!("the engagement {id}, which no manifest describes, is offered")
            }
            Self::Refused(why) => format!("the platform refuses the call ({why})"),
        }
    }

    pub(super) const fn ours(&self) -> Option<&Key> {
        match self {
            Self::Ours(key) => Some(key),
            _ => None,
        }
    }
}

/// What the platform says of where an engagement leads.
pub(super) struct SaidRoute<'a> {
    pub(super) route: Route,
    id: Option<RemoteId>,
    name: Option<&'a str>,
}

impl<'a> SaidRoute<'a> {
    /// What the answer says, and for the skill the information about the visit: the answer has none.
    pub(super) fn of(evidence: &Evidence<'a>, key: &Key, route: Route) -> Option<Self> {
        let details = evidence.answer.ok()?.pointer("/engagementDetails/0")?;
        let id = |key: &str| RemoteId::from_wire(details.get(key)?);
        let found = match route {
            Route::Skill => {
                let skill = entity(evidence, key)?.get("engagementSkill")?;
                let id = skill.get("skillId").and_then(RemoteId::from_wire);
                let name = skill.get("skillName").and_then(Value::as_str);
                (id, name.filter(|it| !it.is_empty()))
            }
            Route::Language => (None, details.get("language").and_then(Value::as_str)),
            Route::Window => (id("windowId"), None),
            Route::Connector => (id("connectorId"), None),
        };
        let (id, name) = found;
        (id.is_some() || name.is_some()).then_some(Self { route, id, name })
    }

    /// Whether this is what a manifest means; `None` where the ids of the account do not say.
    pub(super) fn is(&self, evidence: &Evidence<'_>, key: &Key, expected: &Value) -> Option<bool> {
        if self.route == Route::Language {
            let is_same = |text: &str| self.name.is_some_and(|it| it.eq_ignore_ascii_case(text));
            return expected.as_str().map(is_same);
        }
        let wanted = self
            .route
            .kind(key)
            .and_then(|kind| id_of(evidence, kind, expected));
        if let (Some(wanted), Some(id)) = (&wanted, &self.id) {
            return Some(wanted == id);
        }
        let live = expected.get("live").unwrap_or(expected).as_str();
        Some(live? == self.name?)
    }

    pub(super) fn phrase(&self) -> String {
        match (self.name, &self.id) {
            (Some(name), _) => name.to_owned(),
            (None, Some(id)) => id.as_str().to_owned(),
            (None, None) => "nothing".to_owned(),
        }
    }
}

/// The id of what a reference means.
fn id_of(evidence: &Evidence<'_>, kind: &'static str, reference: &Value) -> Option<RemoteId> {
    if let Some(id) = reference.get("id") {
        return RemoteId::from_wire(id);
    }
    if let Some(id) = reference_key(kind, reference).and_then(|key| evidence.ids.get(&key)) {
        return Some(id.clone());
    }
    let name = reference.get("live").unwrap_or(reference).as_str()?;
    evidence.live.get(&(kind, name.to_owned())).cloned()
}

/// What the platform says of an engagement that was shown.
fn entity<'a>(evidence: &Evidence<'a>, key: &Key) -> Option<&'a Value> {
    let id = evidence.ids.get(key)?;
    let all = found(evidence.state?, "engagementEntity").into_iter();
    let mut own = all.filter(|it| it.get("id").and_then(RemoteId::from_wire).as_ref() == Some(id));
    own.next()
}

/// The oldest revision of an engagement that the platform says it served.
pub(super) fn revision(evidence: &Evidence<'_>, key: &Key) -> Option<i64> {
    let answer = evidence.answer.ok()?;
    let of_answer = answer.pointer("/engagementDetails/0/engagementRevision");
    let of_state = entity(evidence, key).and_then(|it| it.get("revision"));
    let all = [of_answer, of_state].into_iter().flatten();
    all.filter_map(Value::as_i64).min()
}

/// The revision of an audience, behavior or entry point that the platform says it served.
pub(super) fn revision_in(state: &Value, word: &str, id: &RemoteId) -> Option<i64> {
    let known = found(state, &format!("revAll{word}")).into_iter();
    let revisions = known.filter_map(|it| it.get(id.as_str())?.get("revision")?.as_i64());
    revisions.min()
}

/// Whether the platform drew the visitor into a control group.
pub(super) fn is_controlled(evidence: &Evidence<'_>) -> bool {
    let state = evidence.state.unwrap_or(&Value::Null);
    let mut groups = ["siteControlGroup", "campaignControl"]
        .into_iter()
        .flat_map(|key| found(state, key));
    groups.any(|it| it.as_str() == Some("CONTROL"))
}

/// The ids of an object or list under a key, wherever it is.
pub(super) fn ids_in(state: &Value, key: &str) -> BTreeSet<RemoteId> {
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
