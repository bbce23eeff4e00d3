//! What a place means, as Markdown: what a reference points to and its live state, the value of a variable in each
//! environment, and the documentation of a field as `explain` has it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::live::states;
use super::names::documents_of;
use super::snapshot::Snapshot;
use super::stop::AnswerStop;
use super::subject::Subject;
use crate::kinds::KindId;
use crate::manifest::Key;
use crate::project::{GivenVariables, shown_variable};
use crate::report::fields::{Root, explain_field, explain_root};
use crate::report::uses::brief_uses;
use crate::text::{Document, EntryHalf, Pointer};
use crate::users::{UserNode, Web};

/// What a place means.
#[must_use]
pub fn hover(snapshot: &Snapshot, subject: &Subject, stop: &AnswerStop) -> Option<String> {
    match subject {
        Subject::Name(key) | Subject::Reference(key) => Some(manifest(snapshot, key, stop)),
        Subject::Live(kind, reference) => {
            let used = used_by(snapshot, *kind, |web| web.node(kind.name(), reference));
            Some(live(*kind, reference) + &used)
        }
        Subject::Variable(name) => Some(variable(snapshot, name)),
        Subject::Field(kind, pointer) => field(*kind, pointer),
        Subject::Setting(pointer) => setting(pointer),
    }
}

fn manifest(snapshot: &Snapshot, key: &Key, stop: &AnswerStop) -> String {
    let documents: Vec<&Document> = documents_of(snapshot, key, stop)
        .map(|(_, document)| document)
        .collect();
    let Some(first) = documents.first() else {
        return format!(
            "**{}** `{}`\n\nNo manifest has this name.",
            key.kind, key.name
        );
    };
    let display_name = first
        .value
        .pointer("/spec/displayName")
        .and_then(Value::as_str);
    let display_name = display_name.unwrap_or(key.name.as_str());
    let mut out = format!("**{}** `{}`: {display_name}\n", key.kind, key.name);
    for (index, document) in documents.iter().enumerate() {
        let span = document.span(&Pointer::from("/metadata/name"), EntryHalf::Value);
        let position = snapshot.files.position(document.file, span.start);
        let what = if index == 0 { "" } else { "overlaid in " };
        let _ = write!(out, "\n{what}`{}:{}`\n", position.file, position.line);
    }
    out.push_str(&summary(first));
    let node = |_: &Web<'_>| Some(UserNode::Manifest(key.clone()));
    out.push_str(&used_by(snapshot, key.kind, node));
    let states = states(snapshot, key);
    if !states.is_empty() {
        let _ = write!(
            out,
            "\nLive, as far as is known here:\n\n{}\n",
            states.join("\n")
        );
    }
    out
}

/// How many lines of the tree of users are shown.
const USERS: usize = 12;

/// Which manifests refer to it, directly and through others, and which of them consumers would see.
fn used_by(
    snapshot: &Snapshot,
    kind: KindId,
    node: impl FnOnce(&Web<'_>) -> Option<UserNode>,
) -> String {
    let is_used = |kind: KindId| {
        crate::live::users_of(&BTreeSet::from([kind]))
            .next()
            .is_some()
    };
    let Some(desired) = snapshot.desired().filter(|_| is_used(kind)) else {
        return String::new(); // nothing can refer to it
    };
    let web = Web::of_manifests(desired, Some(snapshot.setup.now));
    node(&web).map_or_else(String::new, |node| brief_uses(&web.uses(&node), USERS))
}

/// The description, and the short ones of the other fields.
fn summary(document: &Document) -> String {
    let mut out = String::new();
    let spec = document.value.get("spec").and_then(Value::as_object);
    let fields = spec.into_iter().flatten();
    let description = document
        .value
        .pointer("/spec/description")
        .and_then(Value::as_str);
    if let Some(text) = description {
        let _ = write!(out, "\n{}\n", text.trim());
    }
    let told = fields
        .filter(|(name, _)| !matches!(name.as_str(), "displayName" | "description"))
        .filter_map(|(name, value)| Some(format!("{name}: {}\n", shown(value)?)));
    let told: String = told.take(8).collect();
    if !told.is_empty() {
        let _ = write!(out, "\n```yaml\n{told}```\n");
    }
    out
}

/// A value that fits on a line.
fn shown(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => return None,
        Value::Array(items) if items.iter().any(|item| item.is_array() || item.is_object()) => {
            return None;
        }
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(shown).collect();
            format!("[{}]", items?.join(", "))
        }
        other => other.to_string(),
    };
    (!text.contains(['\n', '`']) && text.chars().count() <= 80).then_some(text)
}

fn live(kind: KindId, reference: &Value) -> String {
    if reference.get("system").is_some() {
        return format!(
            "**{kind}** of the vendor's own\n\nEvery account has it, under one name or another; a plan looks it up.\n"
        );
    }
    let named = match reference {
        Value::String(name) => format!("named “{name}”"),
        Value::Object(fields) => {
            let text = |key| {
                fields.get(key).map(|value| {
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned)
                })
            };
            match (text("live"), text("id")) {
                (Some(name), _) => format!("named “{name}”"),
                (None, Some(id)) => format!("with the id {id}"),
                _ => String::new(),
            }
        }
        _ => String::new(),
    };
    format!("**{kind}** of the account, {named}\n\nNo manifest describes it; a plan looks it up.\n")
}

fn variable(snapshot: &Snapshot, name: &str) -> String {
    let project = &snapshot.setup.project;
    let mut out = format!("**variable** `{name}`\n");
    let mut names: Vec<&str> = project.environments.keys().map(String::as_str).collect();
    if names.is_empty() {
        names.push(crate::project::SANDBOX);
    }
    for environment in names {
        let (variables, _) = project.variables_of(environment, &GivenVariables::new());
        let value = variables.get(name).map_or("not declared".to_owned(), |it| {
            format!("`{}`", shown_variable(name, it))
        });
        let _ = write!(out, "\n- {environment}: {value}");
    }
    out.push('\n');
    out
}

/// What `explain` says of a field of a manifest.
fn field(kind: KindId, pointer: &Pointer) -> Option<String> {
    match path(pointer).as_str() {
        "" | "spec" | "kind" => Some(fenced(&explain_root(Root::Kind(kind)))),
        path => match path.strip_prefix("spec.") {
            Some(below) => explained(Root::Kind(kind), below),
            None => explained(Root::Manifest, path),
        },
    }
}

/// What `explain` says of a field of the project file.
fn setting(pointer: &Pointer) -> Option<String> {
    explained(Root::Project, &path(pointer))
}

/// A field, or the nearest one around it that is known.
fn explained(root: Root, path: &str) -> Option<String> {
    let mut path = path;
    loop {
        if let Ok(text) = explain_field(root, path) {
            return Some(fenced(&text));
        }
        path = path.rsplit_once('.')?.0;
    }
}

/// The dotted path of a field, without positions in lists.
fn path(pointer: &Pointer) -> String {
    let steps = pointer
        .steps()
        .filter(|step| step.parse::<usize>().is_err());
    steps.collect::<Vec<_>>().join(".")
}

fn fenced(text: &str) -> String {
    format!("```text\n{text}```\n")
}
