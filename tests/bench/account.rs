//! An account that holds what the manifests say, made without a network: as data for the passes, and as a
//! seed for a sandbox.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use campaignctl::diag::Texts;
use campaignctl::kinds::mapping::create_body;
use campaignctl::kinds::{IdForm, KindId, Role};
use campaignctl::live::{Inventory, LiveObject, References};
use campaignctl::manifest::{self, Key};
use campaignctl::name::RemoteId;
use campaignctl::resolve::{Desired, resolve};
use campaignctl::text::{Limits, Source, yaml};
use serde_json::{Value, json};

use crate::manifests::{self, Manifest, SKILLS};

/// Manifests, and the account that matches them.
pub(crate) struct Account {
    pub(crate) texts: Texts,
    pub(crate) desired: Desired,
    pub(crate) inventory: Inventory,
}

impl Account {
    /// The account of so many manifests.
    pub(crate) fn new(size: usize) -> Self {
        Self::of(manifests::generate(size))
    }

    /// The account of these manifests.
    pub(crate) fn of(manifests: Vec<Manifest>) -> Self {
        let texts = texts(manifests);
        let desired = desired(&texts);
        let inventory = inventory(&desired);
        Self {
            texts,
            desired,
            inventory,
        }
    }

    /// Writes the account as a seed: a file of wire bodies per kind.
    pub(crate) fn write_seed(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for kind in KindId::all() {
            let bodies: Vec<Value> = self.inventory.of_kind(kind).iter().map(planted).collect();
            if !bodies.is_empty() {
                let file = folder.join(format!("{}.json", kind.def().plural));
                fs::write(file, Value::Array(bodies).to_string()).unwrap();
            }
        }
    }
}

/// A body as a seed holds it: a child names its parent.
fn planted(object: &LiveObject) -> Value {
    let mut body = object.body.value();
    if let (Some(parent), Some(around)) = (&object.parent, &object.kind.def().parent) {
        body[format!("{}Id", around.field)] = parent.to_wire();
    }
    body
}

/// The manifests as they are read.
pub(crate) fn texts(manifests: Vec<Manifest>) -> Texts {
    let mut texts = Texts::default();
    for Manifest { path, text } in manifests {
        let file = texts.sources.push(Source {
            path,
            text: text.clone(),
        });
        let (documents, problems) = yaml::parse(file, &text, &Limits::default());
        assert!(problems.is_empty(), "{problems:?}");
        texts.documents.extend(documents);
    }
    texts
}

/// What the manifests want.
pub(crate) fn desired(texts: &Texts) -> Desired {
    let (manifests, problems) = manifest::parse(texts);
    assert!(problems.is_empty(), "{problems:?}");
    let (desired, problems) = resolve(manifests);
    assert!(problems.is_empty(), "{problems:?}");
    desired
}

fn inventory(desired: &Desired) -> Inventory {
    let ids = ids(desired);
    let mut references = References::default();
    let mut inventory = Inventory::default();
    for (number, skill) in (4_000_000_001_u64..).zip(SKILLS) {
        let kind = KindId::known("Skill");
        references.insert(kind, json!(number), None, skill.to_owned());
        inventory.push(object(kind, json!({ "id": number, "name": skill }), None));
    }
    for resource in desired
        .iter()
        .filter(|resource| ids.contains_key(&resource.key))
    {
        let (kind, id) = (resource.key.kind, ids[&resource.key].clone());
        let name = Some(resource.key.name.to_string());
        references.insert(kind, id, name, resource.display_name().to_owned());
    }
    for resource in desired.iter() {
        let Some(id) = ids.get(&resource.key) else {
            continue;
        };
        let def = resource.key.kind.def();
        let mut body = create_body(def, &resource.spec, &references);
        body["id"] = id.clone();
        if def.children.is_some() {
            let members = desired.children_of(&resource.key).iter();
            body["engagementIds"] = members.map(|key| ids[key].clone()).collect();
        }
        let parent = resource
            .parent()
            .and_then(|key| RemoteId::from_wire(&ids[&key]));
        inventory.push(object(resource.key.kind, body, parent));
    }
    inventory
}

/// An id for every manifest that the account holds an object for.
fn ids(desired: &Desired) -> BTreeMap<Key, Value> {
    let numbered = (5_000_000_001_u64..).zip(desired.iter());
    let ids = numbered.filter_map(|(number, resource)| {
        let def = resource.key.kind.def();
        let collection = def.collection.filter(|_| def.role != Role::Local)?;
        let id = match collection.id {
            IdForm::Handoff => json!(format!("H{number}")),
            _ => json!(number),
        };
        Some((resource.key.clone(), id))
    });
    ids.collect()
}

fn object(kind: KindId, body: Value, parent: Option<RemoteId>) -> LiveObject {
    let collection = kind.def().collection.unwrap();
    LiveObject {
        kind,
        id: RemoteId::from_wire(&body["id"]).unwrap(),
        parent,
        display_name: body[collection.name_key].as_str().unwrap().to_owned(),
        body: body.into(),
        whole: true,
        system: false,
    }
}
