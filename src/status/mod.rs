//! F2: what an account contains at a given moment: which campaigns run until when, for whom, and whose they are.
//!
//! - It is made of what the account holds and of the ledger; manifests are not needed.
//! - Campaigns and engagements are live when consumers see them. All others are live when something live uses them.
//! - An object is owned when the ledger binds it. It has drifted when a field that was applied last has another
//!   value now; what nobody declared is free, and so is what other people put into a list of ours.

mod moment;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::diff::{compare, live_spec, noted_spec, remembered_spec};
use crate::kinds::mapping::{canonical, get_path, named_in, notes, set_path};
use crate::kinds::{KindId, Lookup, Other, Role, Runs, conditions_field};
use crate::live::{Entry, Inventory, Ledger, LiveObject, References, users_of};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::Desired;
use crate::text::Pointer;
use crate::users::{UserNode, Web};
pub use moment::{Phase, ScheduleState};

/// The kinds that an account holds.
pub fn kinds() -> impl Iterator<Item = KindId> {
    KindId::manifests().filter(|kind| kind.def().collection.is_some())
}

/// One object, as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusRow {
    /// The kind.
    #[schemars(with = "String")]
    pub kind: KindId,
    /// The name of the manifest, for owned objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What people see in the console.
    pub display_name: String,
    /// The live object.
    #[schemars(with = "String")]
    pub remote_id: RemoteId,
    /// The display name of the object around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<String>,
    /// The state, in the word that manifests use, for kinds that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether consumers see it, or something that uses it; absent for kinds that nothing uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<bool>,
    /// How many objects of each kind refer to it; absent for kinds that nothing refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, usize>>")]
    pub used_by: Option<BTreeMap<KindId, usize>>,
    /// When it was changed last, as the platform writes it; absent where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
    /// When it runs, for kinds that have a schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleState>,
    /// The display names of those who are engaged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// What the conditions of the object, or of those audiences, ask of a visitor, as far as the ledger knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub means: Vec<StatedMeaning>,
    /// The skill that answers, by its display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill: Option<String>,
    /// Whether the ledger binds it.
    pub owned: bool,
    /// The fields that are not as they were applied last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<String>,
    /// The id of the object around it.
    #[serde(skip)]
    pub parent: Option<RemoteId>,
}

/// What the conditions of an object ask of a visitor.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatedMeaning {
    /// The display name of the object.
    pub of: String,
    /// What each of its conditions means, as its manifest says it.
    pub means: Vec<Value>,
}

impl StatusRow {
    /// The key of its manifest.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        let name = self.name.as_ref()?;
        format!("{}/{name}", self.kind).parse().ok()
    }

    /// Whether a word names its state, or where it stands in its schedule. `running` is what is live within it.
    #[must_use]
    pub fn is_in(&self, word: &str) -> bool {
        let phase = self.schedule.as_ref().map(|schedule| schedule.phase);
        let staged = self.kind.def().staged.as_ref();
        let is_state = |word: &str| self.state.as_deref() == Some(word);
        let is_published = staged.is_some_and(|staged| !is_state(staged.hidden));
        match word {
            "running" => is_published && phase == Some(Phase::Within),
            "live" => self.live == Some(true),
            "unused" => self.used_by.as_ref().is_some_and(BTreeMap::is_empty),
            word => is_state(word) || phase.is_some_and(|phase| phase.word() == word),
        }
    }
}

/// The rows of an account at a moment: every object with what lies inside it behind it.
#[must_use]
pub fn status(inventory: &Inventory, ledger: &Ledger, now: jiff::Timestamp) -> Vec<StatusRow> {
    let nothing = Desired::default();
    let web = Web::of_account(&nothing, inventory, ledger, Some(now));
    let account = StatusAccount::new(inventory, ledger, &web, now);
    let mut rows: Vec<StatusRow> = kinds()
        .flat_map(|kind| inventory.of_kind(kind))
        .filter(|object| !object.system)
        .map(|object| account.row(object))
        .collect();
    rows.sort_by_cached_key(|row| {
        let inside = row.inside.clone();
        let around = inside.unwrap_or_else(|| row.display_name.clone());
        let around_id = row.parent.clone().unwrap_or_else(|| row.remote_id.clone());
        let own = (row.display_name.clone(), row.remote_id.clone());
        let kind = Some(row.kind).filter(|kind| !kind.def().is_shown());
        (kind, around, around_id, row.parent.is_some(), own)
    });
    rows
}

/// When an object was changed last, as the platform writes it.
fn changed(object: &LiveObject) -> Option<String> {
    let key = object.kind.def().collection?.changed;
    let moment = object.body.value().get(key)?.as_str()?.to_owned();
    Some(moment).filter(|moment| !moment.is_empty())
}

/// The account that rows are made of.
struct StatusAccount<'a> {
    bound: BTreeMap<(KindId, &'a RemoteId), (&'a Key, &'a Entry)>,
    references: References,
    inventory: &'a Inventory,
    web: &'a Web<'a>,
    now: jiff::Timestamp,
}

impl<'a> StatusAccount<'a> {
    fn new(
        inventory: &'a Inventory,
        ledger: &'a Ledger,
        web: &'a Web<'a>,
        now: jiff::Timestamp,
    ) -> Self {
        let entries = ledger.entries.iter();
        let bound: BTreeMap<_, _> = entries
            .map(|(key, entry)| ((key.kind, &entry.id), (key, entry)))
            .collect();
        Self {
            bound,
            references: References::bound(inventory, ledger),
            inventory,
            web,
            now,
        }
    }

    fn row(&self, object: &LiveObject) -> StatusRow {
        let def = object.kind.def();
        let spec = live_spec(def, &self.references, object);
        let overview = def.overview.map(|overview| overview(&spec));
        let is_known = overview.is_some();
        let overview = overview.unwrap_or_default();
        let node = self.web.live(object);
        let is_used = !def.is_shown() && {
            // A scenario or a launch does not use what it is about: the account knows nothing of it.
            let kinds = BTreeSet::from([object.kind]);
            let mut users = users_of(&kinds);
            users.any(|kind| kind.def().role != Role::Local)
        };
        let bound = self.bound.get(&(object.kind, &object.id));
        let around = def.parent.as_ref().zip(object.parent.as_ref());
        StatusRow {
            kind: object.kind,
            name: bound.map(|(key, _)| key.name.to_string()),
            display_name: object.display_name.clone(),
            remote_id: object.id.clone(),
            inside: around
                .and_then(|(it, id)| self.references.display_name(it.kind, &id.to_wire())),
            state: is_known.then_some(overview.state),
            live: node.as_ref().and_then(|node| self.is_live(node, is_used)),
            used_by: node.filter(|_| is_used).map(|node| self.web.counts(&node)),
            changed: changed(object),
            schedule: overview.schedule.map(
                |Runs {
                     time_zone,
                     start,
                     end,
                 }| { ScheduleState::at(self.now, time_zone, start, end) },
            ),
            audiences: overview.audiences.iter().map(|it| self.shown(it)).collect(),
            means: self.meanings(object, &overview.audiences),
            skill: overview.skill.map(|it| self.shown(&it)),
            owned: bound.is_some(),
            drift: bound.map_or_else(Vec::new, |(_, entry)| self.drift(object, entry)),
            parent: object.parent.clone(),
        }
    }

    /// Whether consumers see an object, or something that uses it.
    fn is_live(&self, node: &UserNode, is_used: bool) -> Option<bool> {
        let is_seen = |node: &UserNode| self.web.is_seen(node) == Some(true);
        let by_users = || is_used.then(|| self.web.users(node).into_iter().any(is_seen));
        self.web.is_seen(node).or_else(by_users)
    }

    /// What the conditions of an object, and of those who are engaged by it, mean.
    fn meanings(&self, object: &LiveObject, audiences: &[Other]) -> Vec<StatedMeaning> {
        let own = self.meaning(object, &object.display_name);
        let engaged = audiences.iter().filter_map(|other| {
            let kind = KindId::known(other.kind);
            let id = self.references.to_id(other.kind, &other.reference);
            let id = RemoteId::from_wire(&id).filter(|id| self.bound.contains_key(&(kind, id)))?;
            let mut objects = self.inventory.of_kind(kind).iter();
            let object = objects.find(|object| object.id == id)?;
            self.meaning(object, &self.shown(other))
        });
        own.into_iter().chain(engaged).collect()
    }

    /// What the conditions of an object mean, where the ledger knows and they are still the same.
    fn meaning(&self, object: &LiveObject, of: &str) -> Option<StatedMeaning> {
        let (_, entry) = self.bound.get(&(object.kind, &object.id))?;
        let def = object.kind.def();
        conditions_field(def)?;
        let (spec, _) = noted_spec(def, &self.references, object, entry);
        let means = notes(def.fields, &spec).into_iter();
        let means: Vec<Value> = means.map(|(_, note)| note.clone()).collect();
        let of = of.to_owned();
        (!means.is_empty()).then_some(StatedMeaning { of, means })
    }

    /// Another object as the console shows it: by display name, else as the reference stands.
    fn shown(&self, other: &Other) -> String {
        let Other { kind, reference } = other;
        let id = self.references.to_id(kind, reference);
        let inner = reference.as_object().and_then(|map| map.values().next());
        self.references.display_name(kind, &id).unwrap_or_else(|| {
            match inner.unwrap_or(reference) {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            }
        })
    }

    /// The fields of an owned object that are not as they were applied last.
    /// Of what the account shows only a part, nothing is known.
    fn drift(&self, object: &LiveObject, entry: &Entry) -> Vec<String> {
        if object.is_unnamed() {
            return Vec::new();
        }
        let def = object.kind.def();
        let mut live = remembered_spec(def, &self.references, object, Some(entry));
        let applied = canonical(def, &entry.spec(def), &self.references);
        if let Some(children) = &def.children
            && let Some(ours) = get_path(&applied, children.field).and_then(Value::as_array)
            && let Some(members) = get_path(&live, children.field).and_then(Value::as_array)
        {
            // What other people put between ours is theirs.
            let members = members.iter().filter(|it| ours.contains(it)).cloned();
            let members = Value::Array(members.collect());
            set_path(&mut live, children.field, members);
        }
        let differences = compare(def.fields, &applied, &live).differences;
        let named = |at: &Pointer| {
            let side = if at.get(&applied).is_some() {
                &applied
            } else {
                &live
            };
            named_in(def.fields, side, at)
        };
        differences.iter().map(|it| named(&it.pointer)).collect()
    }
}
