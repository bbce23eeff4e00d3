//! One document of an export.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::left_out::{self, LeftOut};
use super::{ExportedNames, emit};
use crate::diff::{manifest_spec, noted_spec};
use crate::kinds::mapping::{
    canonical, get_path, is_open, notes, set_path, take_path, without_defaults,
};
use crate::kinds::{KindDef, KindId, uses};
use crate::live::{Entry, Inventory, Ledger, LiveObject, References};
use crate::manifest::{API_VERSION, Key};
use crate::name::{Name, RemoteId};
use crate::resolve::{escaped, reference_key};
use crate::text::{Pointer, exact};

/// One document, and what was left out of it.
pub(super) struct ExportedDocument {
    pub(super) kind: KindId,
    pub(super) name: Name,
    pub(super) spec: Value,
    pub(super) text: String,
    pub(super) left_out: Vec<LeftOut>,
    /// What is said of values that are likely ids, and stay.
    pub(super) told: left_out::Comments,
    /// What an account that does not hold the object would refuse to create it for.
    pub(super) lacks: Vec<String>,
    /// The fields that went for the sake of the digits in them.
    pub(super) too_exact: Option<String>,
    /// How many meanings of conditions were left out, since the conditions are others by now.
    pub(super) meant: usize,
}

/// What documents are written from.
pub(super) struct ExportedAccount<'a> {
    pub(super) names: &'a ExportedNames,
    pub(super) references: &'a References,
    pub(super) ledger: &'a Ledger,
    /// What the ledger says of live objects.
    pub(super) bound: BTreeMap<(KindId, &'a RemoteId), &'a Entry>,
    /// The kinds of the rows that were read, by their ids.
    pub(super) rows: BTreeMap<&'a str, &'static str>,
}

/// The kinds of the rows of an inventory, by their ids.
#[must_use]
pub fn rows(inventory: &Inventory) -> BTreeMap<&str, &'static str> {
    let rows = inventory.iter();
    rows.map(|object| (object.id.as_str(), object.kind.name()))
        .collect()
}

pub(super) fn bound(ledger: &Ledger) -> BTreeMap<(KindId, &RemoteId), &Entry> {
    let entries = ledger.entries.iter();
    let bound = entries.map(|(key, entry)| ((key.kind, &entry.id), entry));
    bound.collect()
}

/// What is said of meanings that were left out.
pub(super) fn out_of_date(meant: usize) -> Option<String> {
    let conditions = match meant {
        0 => return None,
        1 => "1 condition was".to_owned(),
        count => format!("{count} conditions were"),
    };
    Some(format!(
        "{conditions} changed in the account since the last apply: `means` beside them is left out, write it again"
    ))
}

impl ExportedAccount<'_> {
    /// An object as a manifest, with those inside it.
    pub(super) fn document(
        &self,
        object: &LiveObject,
        name: &Name,
        members: &[&LiveObject],
    ) -> ExportedDocument {
        let def = object.kind.def();
        let (mut spec, meant) = self.spec(object);
        let is_invented = object.is_unnamed();
        if is_invented || spec.get("displayName").and_then(Value::as_str) == Some(name.as_str()) {
            take_path(&mut spec, "displayName");
        }
        if let Some(children) = &def.children {
            self.list(children.field, members, &mut spec);
        }
        let too_exact = take_exact(object, name, &mut spec);
        let row = |id: &str| self.rows.get(id).copied();
        let applied = self.bound.get(&(object.kind, &object.id));
        let applied = applied.map(|entry| canonical(def, &entry.spec(def), self.references));
        let mut told = left_out::Comments::new();
        let left_out = left_out::take_ids(def, &mut spec, &row, applied.as_ref());
        let ids_in_texts = left_out::ids_in_texts(&spec, &row);
        left_out::likely_ids(def, &spec, &row, &mut told);
        if !spec.is_object() {
            spec = Value::Object(Map::new());
        }
        let mut manifest = json!({
            "apiVersion": API_VERSION,
            "kind": def.name,
            "metadata": { "name": name.as_str() },
        });
        if let Some(lifecycle) = self.lifecycle(object) {
            set_path(&mut manifest, "lifecycle", lifecycle);
        }
        set_path(&mut manifest, "spec", escaped(&spec));
        let text = emit(&manifest);
        ExportedDocument {
            kind: object.kind,
            name: name.clone(),
            spec,
            lacks: ids_in_texts,
            text,
            left_out,
            told,
            too_exact,
            meant,
        }
    }

    /// Leaves out the list of what lies inside where it is what the manifests inside say, and of it what lies inside another
    /// object: that shows nothing here, and no manifest may list it.
    fn list(&self, field: &str, members: &[&LiveObject], spec: &mut Value) {
        let name = |member: &&LiveObject| {
            Value::from(self.names[&(member.kind, member.id.clone())].as_str())
        };
        let all: Vec<Value> = members.iter().map(name).collect();
        let listed = get_path(spec, field).and_then(Value::as_array).cloned();
        let mut listed = listed.unwrap_or_default();
        listed.retain(|member| !member.is_string() || all.contains(member));
        if listed == all {
            take_path(spec, field);
        } else {
            set_path(spec, field, Value::Array(listed));
        }
    }

    /// What the ledger knows of the `lifecycle` of the manifest of an object.
    fn lifecycle(&self, object: &LiveObject) -> Option<Value> {
        let entry = self.bound.get(&(object.kind, &object.id))?;
        let mode = entry.observed.then_some(("mode", Value::from("observe")));
        let protect = entry.protect.then_some(("protect", Value::from(true)));
        let known = mode.into_iter().chain(protect);
        let known: Map<String, Value> = known.map(|(key, it)| (key.to_owned(), it)).collect();
        (!known.is_empty()).then_some(Value::Object(known))
    }

    /// Notes keep the references of their manifest: one to a manifest that is not exported beside it is by live name.
    fn respell_notes(&self, def: &KindDef, spec: &mut Value) {
        let places: Vec<Pointer> = notes(def.fields, spec).into_iter().map(|it| it.0).collect();
        let mut lives = Vec::new();
        for used in uses(def.fields, spec) {
            let is_noted = places.iter().any(|note| used.pointer.starts_with(note));
            let key = reference_key(used.kind, used.reference).filter(|_| is_noted);
            let exported = |key: &Key| {
                let mut names = self.names.iter();
                names.any(|((kind, _), name)| *kind == key.kind && *name == key.name)
            };
            if let Some(key) = key.filter(|key| !exported(key)) {
                let entry = self.ledger.entries.get(&key);
                let live = entry.map_or(key.name.as_str(), |entry| entry.display_name.as_str());
                lives.push((used.pointer, json!({ "live": live })));
            }
        }
        for (at, live) in lives {
            if let Some(reference) = spec.pointer_mut(at.as_str()) {
                *reference = live;
            }
        }
    }

    /// The spec of an object, with what the ledger notes beside what is still the same; and how many notes are not.
    fn spec(&self, object: &LiveObject) -> (Value, usize) {
        let def = object.kind.def();
        let (mut spec, meant) = match self.bound.get(&(object.kind, &object.id)) {
            Some(entry) => noted_spec(def, self.references, object, entry),
            None => (manifest_spec(def, self.references, object), 0),
        };
        self.respell_notes(def, &mut spec);
        (without_defaults(def, &spec), meant)
    }
}

/// Takes out the fields with numbers that 64 bits cannot hold, but for open JSON, which keeps their digits. What is not
/// declared stays on its account as it is.
fn take_exact(object: &LiveObject, name: &Name, spec: &mut Value) -> Option<String> {
    let def = object.kind.def();
    let mut fields = BTreeSet::new();
    for place in exact::places(spec) {
        let field = place.steps().next().unwrap_or_default();
        if !is_open(def.fields, &place) && take(spec, &field) {
            fields.insert(format!("`{field}`"));
        }
    }
    let (kind, fields) = (object.kind, fields.into_iter().collect::<Vec<_>>());
    (!fields.is_empty()).then(|| {
        let fields = fields.join(", ");
        format!("{fields} of {kind}/{name} have numbers of more digits than the field holds: they are left out, and stay on the account as they are")
    })
}

fn take(spec: &mut Value, field: &str) -> bool {
    let fields = spec.as_object_mut();
    fields.is_some_and(|fields| fields.shift_remove(field).is_some())
}
