//! What an export leaves out: ids of the account, which would mean something else on another one.
//!
//! The field goes, since what is not declared stays as it is on its own account and is absent on a new one. Where the
//! object would become wider by that, or a list would lose more than the id, `{ $keep: .. }` takes the place of the id:
//! it is as good as not declared, but nothing is created with it. A comment at its place says so.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kinds::mapping::{counterpart, keep};
use crate::kinds::{AccountId, IdSubject, KindDef, account_ids_among};
use crate::text::safe::line;
use crate::text::{Document, EntryHalf, FileId, Limits, Pointer, yaml};

/// Something that was left out of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// The mapping that it was in, below `spec`; the nearest one that is still there.
    around: Pointer,
    /// Its key, with the keys of what went with it.
    key: String,
    what: IdSubject,
    /// Whether `{ $keep: .. }` is in its place.
    is_kept: bool,
}

/// Takes the ids of the account out of a spec. `row` is the kind of the row that has an id. What `applied` has as well was
/// set by us: left out, it would be let go of, so it is kept.
pub(super) fn take_ids(
    def: &KindDef,
    spec: &mut Value,
    row: &dyn Fn(&str) -> Option<&'static str>,
    applied: Option<&Value>,
) -> Vec<LeftOut> {
    let mut left_out: Vec<LeftOut> = Vec::new();
    let whole = spec.clone();
    let is_ours = |at: &Pointer| {
        let set = applied.and_then(|applied| counterpart(def.fields, &whole, applied, at));
        set.is_some_and(|set| !set.is_null())
    };
    let found = account_ids_among(def.fields, spec, row).into_iter();
    for id in found.filter(|id| id.what != IdSubject::Likely) {
        let is_kept = id.is_essential || is_ours(&id.pointer);
        let place = if is_kept { &id.pointer } else { &id.cut };
        let Some(around) = mapping_around(spec, place) else {
            continue;
        };
        let taken = if is_kept {
            put_keep(spec, &id)
        } else {
            take(spec, &around, place)
        };
        if taken {
            let depth = around.steps().count();
            let key: Vec<String> = place.steps().skip(depth).take(1).collect();
            let (key, what) = (told(&key.concat(), row), id.what);
            left_out.push(LeftOut {
                around,
                key,
                what,
                is_kept,
            });
        }
    }
    for one in left_out.iter_mut().filter(|one| !one.is_kept) {
        while let Some(above) = one.around.parent()
            && is_empty(spec, &one.around)
        {
            let step = one.around.steps().last().unwrap_or_default();
            take(spec, &above, &one.around);
            one.key = format!("{}.{}", told(&step, row), one.key);
            one.around = above;
        }
    }
    left_out
}

/// What there is to say about the values of a spec that are likely ids of the account: they stay, since they may be
/// something else.
pub(super) fn likely_ids(
    def: &KindDef,
    spec: &Value,
    row: &dyn Fn(&str) -> Option<&'static str>,
    comments: &mut Comments,
) {
    let found = account_ids_among(def.fields, spec, row).into_iter();
    for id in found.filter(|id| id.what == IdSubject::Likely) {
        let Some(around) = mapping_around(spec, &id.pointer) else {
            continue;
        };
        let depth = around.steps().count();
        let key: Vec<String> = id.pointer.steps().skip(depth).take(1).collect();
        let key = told(&key.concat(), row);
        let comment = format!(
            "{}: may be an id of this account, and is kept; if it is one, set it in an overlay or by a variable",
            line(&key)
        );
        let lines: &mut Vec<String> = comments.entry(around).or_default();
        if !lines.contains(&comment) {
            lines.push(comment);
        }
    }
}

/// A key as a comment names it: one that is an id itself is not repeated.
fn told(key: &str, row: &dyn Fn(&str) -> Option<&'static str>) -> String {
    match row(key) {
        Some(kind) => format!("({kind} id)"),
        None => key.to_owned(),
    }
}

/// What there is to say about the texts of a spec that have an id of the account among other things. They stay: what they
/// are for is not known.
#[must_use]
pub fn ids_in_texts(spec: &Value, row: &dyn Fn(&str) -> Option<&'static str>) -> Vec<String> {
    let mut found = BTreeSet::new();
    texts(spec, &mut String::new(), &mut |path, text| {
        let is_part = |it: char| it.is_ascii_hexdigit() || it == '-';
        let words = text.split(|it| !is_part(it)).flat_map(|word| {
            let digits = word.split(|it: char| !it.is_ascii_digit());
            std::iter::once(word).chain(digits)
        });
        let ids = words.filter(|word| word.len() >= SHORTEST_ID && *word != text);
        for kind in ids.filter_map(row) {
            found.insert(format!(
                "{path}: its text has an id of this account ({kind}), which means nothing in another one"
            ));
        }
    });
    found.into_iter().collect()
}

/// Shorter numbers are too likely to be something else.
const SHORTEST_ID: usize = 6;

/// Every text of a value, with its path.
fn texts(value: &Value, path: &mut String, tell: &mut dyn FnMut(&str, &str)) {
    let length = path.len();
    match value {
        Value::String(text) => tell(path, text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, path, tell)),
        Value::Object(map) => {
            for (key, value) in map {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                texts(value, path, tell);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// The mapping that a place is in; what is an item of a list is in the one around the list.
fn mapping_around(spec: &Value, place: &Pointer) -> Option<Pointer> {
    let mut around = place.parent()?;
    while !around.get(spec)?.is_object() {
        around = around.parent()?;
    }
    Some(around)
}

/// Puts `{ $keep: .. }` in the place of an id; once in a list of references, whose order means nothing.
fn put_keep(spec: &mut Value, id: &AccountId) -> bool {
    let kept = keep(&id.what.noun());
    match spec.pointer_mut(id.pointer.as_str()) {
        Some(place) => {
            *place = kept;
            true
        }
        None => false,
    }
}

/// What there is to say about everything that was left out.
pub(super) fn note(left_out: usize) -> Option<String> {
    let (count, are) = match left_out {
        0 => return None,
        1 => ("1 id of this account".to_owned(), "is"),
        count => (format!("{count} ids of this account"), "are"),
    };
    Some(format!(
        "{count} {are} left out or kept by `$keep`; comments in the files say where, and what to do about other accounts"
    ))
}

/// Whether a mapping has nothing in it, or is gone. Items of lists stay: others are counted by them.
fn is_empty(spec: &Value, at: &Pointer) -> bool {
    let is_item = at
        .parent()
        .and_then(|above| above.get(spec).map(Value::is_array));
    match at.get(spec) {
        None => true,
        Some(Value::Object(map)) => map.is_empty() && is_item != Some(true),
        Some(_) => false,
    }
}

fn take(spec: &mut Value, around: &Pointer, at: &Pointer) -> bool {
    let key = at.steps().last().unwrap_or_default();
    let map = spec.pointer_mut(around.as_str());
    let map = map.and_then(Value::as_object_mut);
    map.is_some_and(|map| map.shift_remove(&key).is_some())
}

/// The comments of a document, by the mapping that each is about: on what it lacks, on what was left out of it, and on
/// what is likely an id.
pub(super) fn comments(left_out: &[LeftOut], lacks: &[String], likely: &Comments) -> Comments {
    let mut comments = explained(left_out);
    for (around, lines) in likely {
        let of_mapping = comments.entry(around.clone()).or_default();
        of_mapping.extend(lines.iter().cloned());
    }
    if !lacks.is_empty() {
        let lacks = lacks.iter().map(|it| line(it).into_owned());
        let of_spec = comments.entry(Pointer::root()).or_default();
        of_spec.splice(0..0, lacks);
    }
    comments
}

/// Comments by the mapping that each is about.
pub(super) type Comments = BTreeMap<Pointer, Vec<String>>;

/// The text of a file with the comments of its documents.
pub(super) fn with_comments(text: String, all: &[Comments]) -> String {
    if all.iter().all(BTreeMap::is_empty) {
        return text;
    }
    let documents = parsed(&text);
    let mut comments: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (document, of_document) in documents.iter().zip(all) {
        for (around, lines) in of_document {
            let line = anchor(document, &text, around);
            let indent = &text[line..];
            let indent = &indent[..indent.len() - indent.trim_start_matches(' ').len()];
            let lines = lines.iter().map(|it| format!("{indent}# {it}\n"));
            comments.entry(line).or_default().extend(lines);
        }
    }
    let mut commented = text.clone();
    for (line, lines) in comments.into_iter().rev() {
        commented.insert_str(line, &lines.concat());
    }
    // A comment must not change what is read.
    let values = |documents: Vec<Document>| -> Vec<_> {
        let values = documents.into_iter().map(|document| document.value);
        values.collect()
    };
    if values(parsed(&commented)) == values(documents) {
        commented
    } else {
        text
    }
}

fn parsed(text: &str) -> Vec<Document> {
    let all = Limits {
        bytes: text.len(),
        documents: usize::MAX,
        nodes: usize::MAX,
        ..Limits::default()
    };
    yaml::parse(FileId(0), text, &all).0
}

/// The comments of a document, by the mapping that they are about.
fn explained(left_out: &[LeftOut]) -> Comments {
    let mut keys: BTreeMap<(&Pointer, String, bool, bool), Vec<&str>> = BTreeMap::new();
    for one in left_out {
        let refers = matches!(one.what, IdSubject::Reference(_));
        let of = (&one.around, one.what.noun(), refers, one.is_kept);
        let keys = keys.entry(of).or_default();
        if !keys.contains(&one.key.as_str()) {
            keys.push(&one.key);
        }
    }
    let mut comments = Comments::new();
    for ((around, what, refers, is_kept), keys) in keys {
        let comment = comment(&keys, &what, refers, is_kept);
        comments.entry(around.clone()).or_default().push(comment);
    }
    comments
}

/// What there is to say of some ids in one mapping.
fn comment(keys: &[&str], what: &str, refers: bool, is_kept: bool) -> String {
    let (ids, it) = match keys.len() {
        1 => ("id", "it"),
        _ => ("ids", "them"),
    };
    let keys = keys.join(", ");
    let keys = line(&keys);
    let done = if is_kept { "$keep" } else { "left out" };
    match (refers, is_kept) {
        (true, false) => {
            format!("{keys}: {done} (an id of this account: no name means this {what})")
        }
        (true, true) => {
            format!(
                "{keys}: {done} (an id of this account: no name means this {what}); remove it to create this on another account"
            )
        }
        (false, false) => {
            format!(
                "{keys}: {done} ({what} {ids} of this account); set {it} in an overlay or by a variable"
            )
        }
        (false, true) => {
            format!(
                "{keys}: {done} ({what} {ids} of this account); set {it} to create this on another account"
            )
        }
    }
}

/// The start of the line that a comment about a mapping goes above: its first key, where that begins a line.
fn anchor(document: &Document, text: &str, around: &Pointer) -> usize {
    let spec = Pointer::from("/spec");
    let mut at = Some(around.clone());
    while let Some(place) = at {
        let map = place
            .get(&document.value["spec"])
            .and_then(Value::as_object);
        if let Some(first) = map.and_then(|map| map.keys().next()) {
            let key = spec.join(&place).key(first);
            let (line, before) = line_of(document, text, &key);
            if before.trim_matches([' ', '-']).is_empty() {
                return line;
            }
        }
        at = place.parent();
    }
    line_of(document, text, &spec).0
}

/// The start of the line of a key, and what is in front of the key.
fn line_of<'t>(document: &Document, text: &'t str, key: &Pointer) -> (usize, &'t str) {
    let start = document.span(key, EntryHalf::Key).start as usize;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    (line, &text[line..start])
}
