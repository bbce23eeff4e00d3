//! F2: the ids of what an account holds, by the names of the manifests: what builds of apps and pages need to start a conversation
//! with an engagement, or to know one in an answer of the platform.
//!
//! Names are the same in each environment, ids are not. [`EnvironmentIds`] is a document with a published schema.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::check::schema::schema_of;
use crate::diff::live_spec;
use crate::kinds::{KindDef, KindId, Lookup, Role, referenced_kinds, uses};
use crate::live::{Inventory, Items, Ledger, LiveObject, Needs, References};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::Desired;
use crate::users::Web;

/// The format of the JSON form.
pub const FORMAT: &str = "campaignctl.ids/v1";

/// The ids of an environment.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EnvironmentIds {
    /// The format of the document.
    pub format: &'static str,
    /// The environment.
    pub environment: String,
    /// The account that the ids belong to. They mean nothing in another one.
    pub account: String,
    /// By kind and name: the name of the manifest; for kinds that are never in manifests, such as skills, the name in the console.
    #[schemars(with = "BTreeMap<String, BTreeMap<String, KnownObject>>")]
    pub objects: BTreeMap<KindId, BTreeMap<String, KnownObject>>,
}

/// An object of the account.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct KnownObject {
    /// The id.
    #[schemars(with = "String")]
    pub id: RemoteId,
    /// What people see in the console.
    pub display_name: String,
    /// Whether consumers see it now; absent for kinds that they do not meet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<bool>,
    /// The object around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<Referred>,
    /// What it refers to, by the field of its manifest: only kinds that are in this document.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uses: BTreeMap<String, Vec<Referred>>,
}

/// An object that another one refers to.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Referred {
    /// The kind.
    #[schemars(with = "String")]
    pub kind: KindId,
    /// The name, as in `objects`; the display name where no manifest is bound to it.
    pub name: String,
    /// The id.
    #[schemars(with = "String")]
    pub id: RemoteId,
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema =
        schema_of::<EnvironmentIds>("The ids of an environment by the names of its manifests");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

/// The kinds that are listed if none is asked for: those that consumers meet.
pub fn usual_kinds() -> impl Iterator<Item = KindId> {
    KindId::manifests().filter(|kind| kind.def().is_shown())
}

/// These kinds, and those of what lies around their objects.
#[must_use]
pub fn with_parents(kinds: impl IntoIterator<Item = KindId>) -> BTreeSet<KindId> {
    let kinds = kinds.into_iter();
    kinds
        .flat_map(|kind| [Some(kind), around(kind)])
        .flatten()
        .collect()
}

/// What has to be read for the ids of these kinds, which hold the parent of each.
#[must_use]
pub fn needs(kinds: &BTreeSet<KindId>) -> Needs {
    let mut read = kinds.clone();
    for kind in kinds {
        read.extend(named_by(kind.def()));
    }
    Needs {
        kinds: read,
        items: Items::Wanted {
            ids: BTreeSet::new(),
            display_names: BTreeSet::new(),
            kinds: kinds.clone(),
        },
        bound: BTreeSet::new(),
        optional: BTreeSet::new(),
    }
    .or_without_observed()
}

fn around(kind: KindId) -> Option<KindId> {
    let parent = kind.def().parent.as_ref()?;
    Some(KindId::known(parent.kind))
}

/// The kinds that a kind refers to and that are never in manifests.
fn named_by(def: &KindDef) -> impl Iterator<Item = KindId> {
    let kinds = referenced_kinds(def.fields).into_iter().map(KindId::known);
    kinds.filter(|kind| kind.def().role == Role::Reference)
}

/// The ids of the bound objects of these kinds that the account holds, and of what they name that is never in manifests.
#[must_use]
pub fn ids(
    (environment, account): (&str, &str),
    kinds: &BTreeSet<KindId>,
    inventory: &Inventory,
    ledger: &Ledger,
    now: jiff::Timestamp,
) -> EnvironmentIds {
    let nothing = Desired::default();
    let reading = AccountWithNames {
        web: Web::of_account(&nothing, inventory, ledger, Some(now)),
        references: References::bound(inventory, ledger),
        bound: ledger
            .entries
            .iter()
            .map(|(key, entry)| ((key.kind, &entry.id), key))
            .collect(),
        kinds,
    };
    let mut objects = BTreeMap::<KindId, BTreeMap<String, KnownObject>>::new();
    let mut named = BTreeSet::new();
    for object in kinds.iter().flat_map(|kind| inventory.of_kind(*kind)) {
        let Some(key) = reading.bound.get(&(object.kind, &object.id)) else {
            continue;
        };
        let known = reading.known(object);
        let referred = known.uses.values().flatten();
        named.extend(referred.map(|it| (it.kind, it.id.clone())));
        objects
            .entry(object.kind)
            .or_default()
            .insert(key.name.to_string(), known);
    }
    for (kind, id) in named
        .iter()
        .filter(|(kind, _)| kind.def().role == Role::Reference)
    {
        let found = inventory.of_kind(*kind).iter().find(|it| it.id == *id);
        if let Some(object) = found {
            let names = objects.entry(*kind).or_default();
            names.insert(object.display_name.clone(), reading.known(object));
        }
    }
    EnvironmentIds {
        format: FORMAT,
        environment: environment.to_owned(),
        account: account.to_owned(),
        objects,
    }
}

impl EnvironmentIds {
    /// What is not on the account of these objects: nothing is bound to their names, or it is gone.
    #[must_use]
    pub fn missing<'k>(&self, wanted: &'k [Key]) -> Vec<&'k Key> {
        let has = |key: &&Key| {
            let names = self.objects.get(&key.kind);
            names.is_some_and(|names| names.contains_key(key.name.as_str()))
        };
        wanted.iter().filter(|key| !has(key)).collect()
    }

    /// The same with these objects alone, what is around them and what they name.
    #[must_use]
    pub fn only(mut self, wanted: &[Key]) -> Self {
        let mut kept: BTreeSet<(KindId, String)> = wanted
            .iter()
            .map(|key| (key.kind, key.name.to_string()))
            .collect();
        for key in wanted {
            let known = self
                .objects
                .get(&key.kind)
                .and_then(|names| names.get(key.name.as_str()));
            let Some(known) = known else { continue };
            let named = known.uses.values().flatten().chain(&known.inside);
            kept.extend(named.map(|it| (it.kind, it.name.clone())));
        }
        for (kind, names) in &mut self.objects {
            names.retain(|name, _| kept.contains(&(*kind, name.clone())));
        }
        self.objects.retain(|_, names| !names.is_empty());
        self
    }
}

/// An account with its names.
struct AccountWithNames<'a> {
    web: Web<'a>,
    references: References,
    bound: BTreeMap<(KindId, &'a RemoteId), &'a Key>,
    kinds: &'a BTreeSet<KindId>,
}

impl AccountWithNames<'_> {
    fn known(&self, object: &LiveObject) -> KnownObject {
        let def = object.kind.def();
        let inside = def.parent.as_ref().zip(object.parent.as_ref());
        let node = self.web.live(object);
        KnownObject {
            id: object.id.clone(),
            display_name: object.display_name.clone(),
            live: node
                .filter(|_| def.is_shown())
                .and_then(|node| self.web.is_seen(&node)),
            inside: inside.map(|(parent, id)| self.referred(KindId::known(parent.kind), id)),
            uses: if object.whole {
                self.uses(object)
            } else {
                BTreeMap::new()
            },
        }
    }

    /// What an object refers to, of the kinds that are listed.
    fn uses(&self, object: &LiveObject) -> BTreeMap<String, Vec<Referred>> {
        let def = object.kind.def();
        let spec = live_spec(def, &self.references, object);
        let mut found = BTreeMap::<String, Vec<Referred>>::new();
        for it in uses(def.fields, &spec) {
            let kind = KindId::known(it.kind);
            let is_listed = kind.def().role == Role::Reference || self.kinds.contains(&kind);
            let id = RemoteId::from_wire(&self.references.to_id(it.kind, it.reference));
            // `inside` says what lies around or inside an object.
            let is_beside = Some(kind) != around(object.kind) && around(kind) != Some(object.kind);
            if let Some(id) = id.filter(|_| is_listed && is_beside) {
                let field = it.pointer.steps().next().unwrap_or_default();
                found
                    .entry(field)
                    .or_default()
                    .push(self.referred(kind, &id));
            }
        }
        found
    }

    fn referred(&self, kind: KindId, id: &RemoteId) -> Referred {
        let name = self.bound.get(&(kind, id)).map(|key| key.name.to_string());
        let shown = || self.references.display_name(kind.name(), &id.to_wire());
        Referred {
            kind,
            name: name.or_else(shown).unwrap_or_else(|| id.to_string()),
            id: id.clone(),
        }
    }
}
