//! The net below an export: ids of the account in places that are not known to hold ids.
//!
//! Open JSON may hold anything. What is the id of a row that was read is told, so that people can decide; so is what looks
//! like an id, since an export of some kinds reads the rows of those alone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ExportFile;
use crate::kinds::{IdSubject, KindId, account_ids};
use crate::live::{Inventory, LiveObject};
use crate::text::safe::line;
use crate::text::{FileId, Limits, Pointer, yaml};

/// Ids shorter than this are too likely to be something else. The platform's have ten digits.
const SHORTEST: usize = 6;

/// A remark for every value of a spec that is the id of a row of the account.
pub(super) fn strays(inventory: &Inventory, files: &[ExportFile]) -> Vec<String> {
    let rows = inventory.iter().map(|object| (object.id.as_str(), object));
    let rows: BTreeMap<&str, &LiveObject> = rows.filter(|(id, _)| id.len() >= SHORTEST).collect();
    let mut notes = Vec::new();
    for file in files {
        let all = Limits {
            bytes: file.text.len(),
            documents: usize::MAX,
            nodes: usize::MAX,
            ..Limits::default()
        };
        let (documents, _) = yaml::parse(FileId(0), &file.text, &all);
        for document in documents {
            if let Some(spec) = document.value.get("spec") {
                let mut found = Vec::new();
                walk(spec, &Pointer::from("/spec"), &rows, &mut found);
                let kind = document.value["kind"].as_str().and_then(KindId::named);
                let likely = kind.map(|kind| likely(kind, spec)).unwrap_or_default();
                let likely = likely.into_iter().filter(|at| {
                    let is_below = |(found, _): &(Pointer, _)| found.starts_with(at);
                    !found.iter().any(is_below)
                });
                notes.extend(likely.map(|at| told_likely(&file.path, &at)));
                let found = found.into_iter();
                notes.extend(found.map(|(at, object)| told(&file.path, &at, object)));
            }
        }
    }
    notes
}

/// Where a spec has what looks like an id.
fn likely(kind: KindId, spec: &Value) -> Vec<Pointer> {
    let ids = account_ids(kind.def().fields, spec).into_iter();
    let likely = ids.filter(|id| id.what == IdSubject::Likely);
    likely
        .map(|id| Pointer::from("/spec").join(&id.pointer))
        .collect()
}

fn told_likely(path: &str, at: &Pointer) -> String {
    format!(
        "{path}: `{at}` looks like an id of this account; on another account it means something else"
    )
}

fn told(path: &str, at: &Pointer, object: &LiveObject) -> String {
    format!(
        "{path}: `{at}` is {}, the id of the {} `{}` of this account; on another account it means something else",
        object.id,
        object.kind,
        line(&object.display_name)
    )
}

fn walk<'r>(
    value: &Value,
    at: &Pointer,
    rows: &BTreeMap<&str, &'r LiveObject>,
    found: &mut Vec<(Pointer, &'r LiveObject)>,
) {
    let text = match value {
        Value::Object(map) => {
            map.iter()
                .for_each(|(key, value)| walk(value, &at.key(key), rows, found));
            return;
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| walk(item, &at.index(index), rows, found));
            return;
        }
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return,
    };
    if let Some(object) = rows.get(text.as_str()) {
        found.push((at.clone(), object));
    }
}
