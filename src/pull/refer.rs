//! References to live objects that get manifests: from now on they are by the names of these.
//!
//! An engagement that was pulled before its campaign refers to this as `{ live: .. }`. Left so, the files would say two
//! things: `validate` would see an empty campaign, and a new account would have no live campaign to put the engagement
//! into.

use serde_json::{Value, json};

use super::drift::{Object, PullEdit, Takes, WrittenPlace, with_variable};
use super::layers::pieces;
use crate::diff::Change;
use crate::kinds::mapping::named_in;
use crate::live::LiveObject;
use crate::manifest::Key;
use crate::text::Pointer;

/// What is said of such an edit.
const NOTE: &str = "by the name of the new manifest";

/// The references of the manifests to objects that get manifests, as edits. What differs anyway, and what a template or
/// a variable says, stays as it is: it means the same object.
#[must_use]
pub fn renamed(takes: &Takes<'_>, changes: &[Change], new: &[(&LiveObject, Key)]) -> Vec<PullEdit> {
    let mut found = Vec::new();
    for resource in takes.desired.iter().filter(|_| !new.is_empty()) {
        let object = Object::new(takes, resource);
        for used in resource.uses() {
            let Some(name) = used.reference.get("live").and_then(Value::as_str) else {
                continue;
            };
            let mut new = new.iter();
            let is_it = |(it, key): &&(&LiveObject, Key)| {
                key.kind.name() == used.kind && it.display_name == name
            };
            let Some((_, key)) = new.find(is_it) else {
                continue;
            };
            let pointer = Pointer::from("/spec").join(&used.pointer);
            let mut of_key = changes.iter().filter(|it| it.key() == resource.key);
            let differs = of_key.any(|change| {
                let mut fields = change.fields.iter().map(|field| &field.pointer);
                fields.any(|at| at.starts_with(&pointer) || pointer.starts_with(at))
            });
            if !differs {
                found.extend(edit(&object, &used.pointer, (name, key)));
            }
        }
    }
    found
}

fn edit(object: &Object<'_>, at: &Pointer, (live, key): (&str, &Key)) -> Option<PullEdit> {
    let WrittenPlace::Own(own) = object.place(at) else {
        return None;
    };
    let filled = own.get(&object.document.value)?;
    let written = object.written(&own, filled);
    let new = Value::from(key.name.as_str());
    if with_variable(&written).is_some() || written != json!({ "live": live }) {
        return None;
    }
    let (resource, texts) = (object.resource, object.takes.texts);
    Some(PullEdit {
        key: resource.key.clone(),
        pointer: Pointer::from("/spec").join(at),
        path: named_in(resource.key.kind.def().fields, &resource.spec, at),
        before: written.clone(),
        after: new.clone(),
        note: Some(NOTE.to_owned()),
        source: texts.position(&resource.locate(texts, at)),
        lists: Vec::new(),
        pieces: pieces(&object.layers(), &own, &written, &new),
    })
}
