//! What may stand at a place.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::names::{files, names};
use super::super::schema;
use super::super::snapshot::Snapshot;
use super::super::stop::AnswerStop;
use super::super::subject::references_of;
use super::cursor::CursorPlace;
use super::{Sort, Suggestion};
use crate::kinds::{KindId, Role, uses};
use crate::project::{GivenVariables, shown_variable};
use crate::text::Pointer;
use crate::text::edit::scalar;

/// What may stand at a place of a manifest.
pub(super) fn in_manifest(
    snapshot: &Snapshot,
    place: &CursorPlace,
    stop: &AnswerStop,
) -> Vec<Suggestion> {
    let word = place.value.get("kind").and_then(Value::as_str);
    let kind = word.and_then(|word| KindId::manifests().find(|kind| kind.name() == word));
    let kind = kind.filter(|_| place.pointer.as_str() != "/kind");
    let mut offers = Vec::new();
    if let Some(kind) = kind.and_then(|kind| referred(kind, place)) {
        offers.extend(of_kind(snapshot, kind, stop));
        let is_inside = place.pointer.as_str().ends_with("/live");
        offers.extend(of_vendor(kind).filter(|_| !is_inside));
    }
    offers.extend(by_schema(schema::of_kind(kind), place));
    offers
}

/// What may stand at a place of the project file.
pub(super) fn in_project(place: &CursorPlace) -> Vec<Suggestion> {
    by_schema(schema::of_project(), place)
}

/// The variables, where one is being referred to.
pub(super) fn variables(snapshot: &Snapshot, text: &str, at: u32) -> Option<Vec<Suggestion>> {
    let before = text.get(..at as usize)?;
    if !before.ends_with("${") {
        return None;
    }
    let (project, mut found) = (&snapshot.setup.project, BTreeMap::new());
    let environments = project.environments.keys().map(String::as_str);
    for environment in environments.chain([crate::project::SANDBOX]) {
        let (variables, _) = project.variables_of(environment, &GivenVariables::new());
        for (name, value) in variables {
            found.entry(name).or_insert(value);
        }
    }
    let offers = found.into_iter().map(|(name, value)| Suggestion {
        insert: format!("var.{name}"),
        label: format!("var.{name}"),
        sort: Sort::Variable,
        detail: shown_variable(&name, &value),
        text: String::new(),
        is_required: false,
    });
    Some(offers.collect())
}

/// The kind that is referred to at a place.
fn referred(kind: KindId, place: &CursorPlace) -> Option<KindId> {
    let spec = place.value.get("spec").filter(|_| !place.is_key)?;
    let found = uses(kind.def().fields, spec);
    let here = |pointer: &Pointer| Pointer::from("/spec").join(pointer);
    let found = found.into_iter().find(|it| {
        let here = here(&it.pointer);
        here == place.pointer || here.key("live") == place.pointer
    })?;
    Some(KindId::known(found.kind))
}

fn of_kind(snapshot: &Snapshot, kind: KindId, stop: &AnswerStop) -> Vec<Suggestion> {
    if kind.def().role == Role::Reference {
        return live_names(snapshot, kind, stop);
    }
    let names = names(snapshot, kind, stop).into_iter();
    let offers = names.map(|(name, (_, document))| {
        let text = |pointer| document.value.pointer(pointer).and_then(Value::as_str);
        let display_name = text("/spec/displayName").unwrap_or(&name);
        Suggestion {
            detail: format!("{kind}: {display_name}"),
            text: text("/spec/description")
                .unwrap_or_default()
                .trim()
                .to_owned(),
            insert: scalar(&name),
            sort: Sort::Name,
            is_required: false,
            label: name,
        }
    });
    offers.collect()
}

/// The row of a kind that the vendor made.
fn of_vendor(kind: KindId) -> Option<Suggestion> {
    const SYSTEM: &str = "{ system: true }";
    kind.def().has_vendor_row().then(|| Suggestion {
        label: SYSTEM.to_owned(),
        sort: Sort::Name,
        detail: format!("{kind}: the vendor's own"),
        text: "The row that the vendor made in every account, whatever its name there.".to_owned(),
        insert: SYSTEM.to_owned(),
        is_required: false,
    })
}

/// The names of live objects that other manifests refer to: they are not known from anywhere else here.
fn live_names(snapshot: &Snapshot, kind: KindId, stop: &AnswerStop) -> Vec<Suggestion> {
    let documents = files(snapshot, stop).flat_map(|file| &file.documents);
    let references = documents.flat_map(references_of);
    let used = references.filter(|it| it.kind == kind);
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for name in used.filter_map(|it| it.reference.as_str()) {
        *names.entry(name).or_default() += 1;
    }
    let offers = names.into_iter().map(|(name, count)| Suggestion {
        label: name.to_owned(),
        sort: Sort::Name,
        detail: format!("{kind} of the account"),
        text: format!("References to it in this project: {count}."),
        insert: scalar(name),
        is_required: false,
    });
    offers.collect()
}

fn by_schema(schema: &Value, place: &CursorPlace) -> Vec<Suggestion> {
    let steps: Vec<String> = place.pointer.steps().collect();
    let nodes = schema::nodes_at(schema, &steps);
    if place.is_key {
        return fields(schema, &nodes, place);
    }
    let mut offers: Vec<Suggestion> = schema::words(&nodes)
        .into_iter()
        .map(|(word, text)| {
            let label = word
                .as_str()
                .map_or_else(|| word.to_string(), str::to_owned);
            let insert = word.as_str().map_or_else(|| word.to_string(), scalar);
            offered(Sort::Word, label, insert, text)
        })
        .collect();
    if schema::takes(&nodes, "boolean") {
        let words = ["true", "false"];
        offers.extend(words.map(|word| offered(Sort::Word, word.to_owned(), word.to_owned(), "")));
    }
    offers
}

fn offered(sort: Sort, label: String, insert: String, text: &str) -> Suggestion {
    let detail = String::new();
    let text = text.to_owned();
    Suggestion {
        label,
        sort,
        detail,
        text,
        insert,
        is_required: false,
    }
}

/// The fields that are not there yet.
fn fields(schema: &Value, nodes: &[&Value], place: &CursorPlace) -> Vec<Suggestion> {
    let here = place.pointer.get(&place.value).and_then(Value::as_object);
    let is_there = |name: &str| here.is_some_and(|fields| fields.contains_key(name));
    let fields = schema::fields(nodes).into_iter();
    let missing = fields.filter(|(name, ..)| !is_there(name));
    let offers = missing.map(|(name, _, is_required)| {
        let mut steps: Vec<String> = place.pointer.steps().collect();
        steps.push(name.to_owned());
        let below = schema::nodes_at(schema, &steps);
        let colon = if place.has_colon { "" } else { ": " };
        Suggestion {
            label: name.to_owned(),
            sort: Sort::Field,
            detail: if is_required {
                "required".to_owned()
            } else {
                String::new()
            },
            text: schema::description(&below).unwrap_or_default().to_owned(),
            insert: format!("{name}{colon}"),
            is_required,
        }
    });
    offers.collect()
}
