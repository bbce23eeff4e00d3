//! F2: what stands in an account at a given moment: which campaigns run until when, for whom, and whose they are.
//!
//! - It is made of what the account holds and of the ledger; manifests are not needed.
//! - An object is owned when the ledger binds it. It has drifted when a field that was applied last has another
//!   value now; what nobody declared is free, and so is what other people put into a list of ours.

mod moment;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::diff::{compare, live_spec, noted_spec};
use crate::kinds::mapping::{canonical, get_path, notes, set_path};
use crate::kinds::{KindDef, KindId, Lookup, Other, Runs};
use crate::live::{Entry, Inventory, Ledger, LiveObject, References};
use crate::manifest::Key;
use crate::name::RemoteId;
pub use moment::{Phase, Schedule};

/// The kinds that have something to tell.
pub fn kinds() -> impl Iterator<Item = KindId> {
    KindId::manifests().filter(|kind| kind.def().overview.is_some())
}

/// One object, as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Row {
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
    /// The state, in the word that manifests use.
    pub state: String,
    /// When it runs, for kinds that have a schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// The display names of those who are engaged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// What the conditions of those audiences ask of a visitor, as far as the ledger knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub means: Vec<Meaning>,
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

/// What the conditions of an audience ask of a visitor.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Meaning {
    /// The display name of the audience.
    pub of: String,
    /// What each of its conditions means, as its manifest says it.
    pub means: Vec<Value>,
}

impl Row {
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
        let is_live = staged.is_some_and(|staged| staged.hidden != self.state);
        match word {
            "running" => is_live && phase == Some(Phase::Within),
            word => self.state == word || phase.is_some_and(|phase| phase.word() == word),
        }
    }
}

/// The rows of an account at a moment: every object with what lies inside it behind it.
#[must_use]
pub fn status(inventory: &Inventory, ledger: &Ledger, now: jiff::Timestamp) -> Vec<Row> {
    let account = Account::new(inventory, ledger, now);
    let mut rows: Vec<Row> = kinds()
        .flat_map(|kind| inventory.of_kind(kind))
        .filter(|object| !object.system)
        .filter_map(|object| account.row(object))
        .collect();
    rows.sort_by_cached_key(|row| {
        let inside = row.inside.clone();
        let around = inside.unwrap_or_else(|| row.display_name.clone());
        let around_id = row.parent.clone().unwrap_or_else(|| row.remote_id.clone());
        let own = (row.display_name.clone(), row.remote_id.clone());
        (around, around_id, row.parent.is_some(), own)
    });
    rows
}

/// The account that rows are made of.
struct Account<'a> {
    bound: BTreeMap<(KindId, &'a RemoteId), (&'a Key, &'a Entry)>,
    references: References,
    inventory: &'a Inventory,
    now: jiff::Timestamp,
}

impl<'a> Account<'a> {
    fn new(inventory: &'a Inventory, ledger: &'a Ledger, now: jiff::Timestamp) -> Self {
        let entries = ledger.entries.iter();
        let bound: BTreeMap<_, _> = entries
            .map(|(key, entry)| ((key.kind, &entry.id), (key, entry)))
            .collect();
        let mut references = References::default();
        for object in inventory.iter() {
            let name = bound.get(&(object.kind, &object.id));
            let name = name.map(|(key, _)| key.name.to_string());
            references.insert_live(object, name);
        }
        Self {
            bound,
            references,
            inventory,
            now,
        }
    }

    fn row(&self, object: &LiveObject) -> Option<Row> {
        let def = object.kind.def();
        let spec = live_spec(def, &self.references, object);
        let overview = (def.overview?)(&spec);
        let bound = self.bound.get(&(object.kind, &object.id));
        let around = def.parent.as_ref().zip(object.parent.as_ref());
        Some(Row {
            kind: object.kind,
            name: bound.map(|(key, _)| key.name.to_string()),
            display_name: object.display_name.clone(),
            remote_id: object.id.clone(),
            inside: around
                .and_then(|(it, id)| self.references.display_name(it.kind, &id.to_wire())),
            state: overview.state,
            schedule: overview.schedule.map(
                |Runs {
                     time_zone,
                     start,
                     end,
                 }| { Schedule::at(self.now, time_zone, start, end) },
            ),
            audiences: overview.audiences.iter().map(|it| self.shown(it)).collect(),
            means: (overview.audiences.iter())
                .filter_map(|it| self.meaning(it))
                .collect(),
            skill: overview.skill.map(|it| self.shown(&it)),
            owned: bound.is_some(),
            drift: bound.map_or_else(Vec::new, |(_, entry)| self.drift(def, entry, spec)),
            parent: object.parent.clone(),
        })
    }

    /// What the conditions of another object mean, where the ledger knows and they are still the same.
    fn meaning(&self, other: &Other) -> Option<Meaning> {
        let kind = KindId::known(other.kind);
        let id = RemoteId::from_wire(&self.references.to_id(other.kind, &other.reference))?;
        let (_, entry) = self.bound.get(&(kind, &id))?;
        let mut objects = self.inventory.of_kind(kind).iter();
        let object = objects.find(|object| object.id == id)?;
        let (spec, _) = noted_spec(kind.def(), &self.references, object, entry);
        let means = notes(kind.def().fields, &spec).into_iter();
        let means: Vec<Value> = means.map(|(_, note)| note.clone()).collect();
        let of = self.shown(other);
        (!means.is_empty()).then_some(Meaning { of, means })
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
    fn drift(&self, def: &'static KindDef, entry: &Entry, mut live: Value) -> Vec<String> {
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
        let fields = differences.iter().map(|it| it.pointer.as_str());
        fields
            .map(|field| field.trim_start_matches('/').replace('/', "."))
            .collect()
    }
}
