//! F2: the account as manifests. Pure: the same inventory and ledger give the same files, byte for byte.
//!
//! References are by name, server-assigned fields and defaults are left out, system rows are referred to
//! and not described. No id of the account is written: what has no name is left out, with a comment. What is
//! written is read back before it is handed out: a text that our own reader would not read as the same value is
//! written as JSON, which is YAML too. The layout is that of [`mod@crate::format`].

mod choose;
mod document;
mod lacking;
mod left_out;
mod names;
mod stray;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::format::format;
use crate::kinds::mapping::get_path;
use crate::kinds::{KindId, Role};
use crate::live::{Inventory, Ledger, LiveObject, References};
use crate::manifest::Key;
use crate::name::{Name, RemoteId};
use crate::text::safe::{quoted_yaml, screen};
use crate::text::{FileId, Limits, YamlError, exact, yaml};
pub use choose::{Choice, ObjectIds, chosen, kinds_of, named_object};
pub use document::rows;
use document::{ExportedAccount, ExportedDocument, bound, out_of_date};
pub use left_out::ids_in_texts;
pub(crate) use names::{free_name, stem};

/// One file of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFile {
    /// The path below the folder of the export.
    pub path: String,
    /// The whole text, without lines for editors: where their schemas are is known to who writes the file.
    pub text: String,
}

/// The files of an export, and what was left out or needs a look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// The files, by path.
    pub files: Vec<ExportFile>,
    /// How many objects they describe.
    pub objects: usize,
    /// The manifests, each with the live object and the file.
    pub manifests: Vec<(Key, RemoteId, String)>,
    /// Remarks for the person who runs the export.
    pub notes: Vec<String>,
}

/// The objects of these kinds as manifests.
#[must_use]
pub fn export(inventory: &Inventory, ledger: &Ledger, kinds: &BTreeSet<KindId>) -> Export {
    let of_kinds = inventory
        .iter()
        .filter(|object| kinds.contains(&object.kind));
    let ids = of_kinds.map(|object| (object.kind, object.id.clone()));
    export_chosen(inventory, ledger, &ids.collect(), &BTreeSet::new())
}

/// These objects as manifests, none of which has a name that is taken.
#[must_use]
pub fn export_chosen(
    inventory: &Inventory,
    ledger: &Ledger,
    ids: &ObjectIds,
    taken: &BTreeSet<Key>,
) -> Export {
    let exported = names::exported(inventory, ledger, ids, taken);
    let references = references(inventory, &exported.names);
    let account = ExportedAccount {
        names: &exported.names,
        references: &references,
        ledger,
        bound: bound(ledger),
        rows: rows(inventory),
    };
    let mut families = families(&exported.objects);
    let mut files: BTreeMap<String, Vec<ExportedDocument>> = BTreeMap::new();
    let mut manifests = Vec::new();
    let key = |object: &LiveObject| Key {
        kind: object.kind,
        name: exported.names[&(object.kind, object.id.clone())].clone(),
    };
    // A child whose parent is not exported beside it gets a file of its own.
    let is_inside = |object: &LiveObject| {
        parent_key(object).is_some_and(|parent| exported.names.contains_key(&parent))
    };
    for object in exported.objects.iter().filter(|object| !is_inside(object)) {
        let name = &exported.names[&(object.kind, object.id.clone())];
        let path = format!("{}/{}.yaml", object.kind.def().plural, names::stem(name));
        let members = members(
            object,
            families
                .remove(&(object.kind.name(), &object.id))
                .unwrap_or_default(),
        );
        let described = std::iter::once(object).chain(&members);
        manifests.extend(described.map(|object| (key(object), object.id.clone(), path.clone())));
        let mut documents = vec![account.document(object, name, &members)];
        for member in &members {
            let name = &exported.names[&(member.kind, member.id.clone())];
            documents.push(account.document(member, name, &[]));
        }
        files.insert(path, documents);
    }
    lacking::note(&mut files);
    let (files, written_notes, too_exact) = rendered(files);
    let strays = stray::strays(inventory, &files);
    Export {
        files,
        objects: exported.objects.len(),
        manifests,
        notes: [exported.notes, written_notes, strays, too_exact].concat(),
    }
}

/// The objects inside others, by the kind and id of the one around them.
fn families<'i>(
    objects: &[&'i LiveObject],
) -> BTreeMap<(&'static str, &'i RemoteId), Vec<&'i LiveObject>> {
    let mut families: BTreeMap<_, Vec<&LiveObject>> = BTreeMap::new();
    for object in objects {
        if let (Some(around), Some(parent)) = (&object.kind.def().parent, &object.parent) {
            families
                .entry((around.kind, parent))
                .or_default()
                .push(*object);
        }
    }
    families
}

/// The files as text, with the notes about what was written, and about numbers that are too exact.
fn rendered(
    files: BTreeMap<String, Vec<ExportedDocument>>,
) -> (Vec<ExportFile>, Vec<String>, Vec<String>) {
    let written = || files.values().flatten();
    let too_exact = written().filter_map(|it| it.too_exact.clone()).collect();
    let meant: usize = written().map(|it| it.meant).sum();
    let left_out: usize = written().map(|it| it.left_out.len()).sum();
    let notes = left_out::note(left_out)
        .into_iter()
        .chain(out_of_date(meant));
    let notes = notes.collect();
    let files = files.into_iter().map(|(path, documents)| ExportFile {
        path,
        text: text_of("", documents),
    });
    (files.collect(), notes, too_exact)
}

/// The object around a live object.
fn parent_key(object: &LiveObject) -> Option<(KindId, RemoteId)> {
    let around = object.kind.def().parent.as_ref()?;
    Some((KindId::known(around.kind), object.parent.clone()?))
}

/// The exported names of live objects.
pub(crate) type ExportedNames = BTreeMap<(KindId, RemoteId), Name>;

/// How an export refers to everything that was read.
pub(crate) fn references(inventory: &Inventory, names: &ExportedNames) -> References {
    let mut references = References::default();
    for object in inventory.iter() {
        let name = names
            .get(&(object.kind, object.id.clone()))
            .map(Name::to_string);
        references.insert_live(object, name);
    }
    references
}

/// The exported objects inside another one: the listed ones in the order of its list, then the others by
/// display name, since their ids say only in which order they were created.
fn members<'a>(parent: &LiveObject, inside: Vec<&'a LiveObject>) -> Vec<&'a LiveObject> {
    let Some(children) = &parent.kind.def().children else {
        return Vec::new();
    };
    let listed = wire_list(parent, children.field);
    let mut places: BTreeMap<RemoteId, usize> = BTreeMap::new();
    for (place, id) in listed.into_iter().enumerate() {
        places.entry(id).or_insert(place);
    }
    let mut members = inside;
    members.retain(|object| object.kind.name() == children.kind);
    let place = |object: &LiveObject| places.get(&object.id).copied().unwrap_or(usize::MAX);
    members.sort_by(|a, b| {
        (place(a), &a.display_name, &a.id).cmp(&(place(b), &b.display_name, &b.id))
    });
    members
}

fn wire_list(parent: &LiveObject, field: &str) -> Vec<RemoteId> {
    let row = parent
        .kind
        .def()
        .fields
        .iter()
        .find(|row| row.spec == field);
    let body = parent.body.value();
    let ids = row
        .and_then(|row| get_path(&body, row.wire))
        .and_then(Value::as_array);
    ids.into_iter()
        .flatten()
        .filter_map(RemoteId::from_wire)
        .collect()
}

/// One object, and the new ones of those inside it, as the text of a file that begins with these lines.
pub(crate) fn text_with(
    object: &LiveObject,
    inside: &[&LiveObject],
    is_new: &dyn Fn(&LiveObject) -> bool,
    names: &ExportedNames,
    (inventory, ledger): (&Inventory, &Ledger),
    references: &References,
    head: &str,
) -> String {
    let name = |object: &LiveObject| &names[&(object.kind, object.id.clone())];
    let members = members(object, inside.to_vec());
    let account = ExportedAccount {
        names,
        references,
        ledger,
        bound: bound(ledger),
        rows: rows(inventory),
    };
    let mut documents = vec![account.document(object, name(object), &members)];
    for member in members.iter().filter(|member| is_new(member)) {
        documents.push(account.document(member, name(member), &[]));
    }
    text_of(head, documents)
}

/// A file in canonical form. One that is too large to be formatted stays as it is.
fn text_of(head: &str, documents: Vec<ExportedDocument>) -> String {
    let comments: Vec<_> = documents
        .iter()
        .map(|document| left_out::comments(&document.left_out, &document.lacks, &document.told))
        .collect();
    let texts: Vec<String> = documents.into_iter().map(|it| it.text).collect();
    let text = head.to_owned() + &texts.join("---\n");
    let text = format(FileId(0), &text).unwrap_or(text);
    left_out::with_comments(text, &comments)
}

/// A value as YAML that our own reader reads as the same value.
pub(crate) fn emit(value: &Value) -> String {
    let yaml = visible(value);
    let (documents, problems) = yaml::parse(FileId(0), &yaml, &Limits::default());
    let reads_back = problems.iter().all(YamlError::is_warning)
        && matches!(documents.as_slice(), [document] if *document.value == *value);
    if reads_back {
        yaml
    } else {
        format!("{}\n", exact::write(value))
    }
}

/// A value as YAML in which a reader sees every character: a text with hidden ones, or with a line that a pipeline takes
/// for a command, is in double quotes with escapes. A number keeps its digits.
fn visible(value: &Value) -> String {
    let mut texts = Vec::new();
    let whole = serde_yaml::to_string(value).unwrap_or_default();
    let mut sign = "text".to_owned();
    while whole.contains(&sign) {
        sign.push('q');
    }
    let marked = marked(value, &sign, &mut texts);
    if texts.is_empty() {
        return whole;
    }
    let yaml = serde_yaml::to_string(&marked).unwrap_or_default();
    let mut parts = yaml.split(sign.as_str());
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('-').unwrap_or_default();
        let text = number.parse().ok().and_then(|at: usize| texts.get(at));
        let text = text.map_or("", String::as_str);
        match exact::digits(&text.into()) {
            Some(digits) => out.push_str(digits),
            None => out.push_str(&quoted_yaml(text)),
        }
        out.push_str(rest);
    }
    out
}

/// A value with a mark in place of each text that is to be in double quotes.
fn marked(value: &Value, sign: &str, texts: &mut Vec<String>) -> Value {
    let mark = |text: &String, texts: &mut Vec<String>| {
        if screen(text, false) == *text && exact::digits(&text.as_str().into()).is_none() {
            return text.clone();
        }
        texts.push(text.clone());
        format!("{sign}{}-", texts.len() - 1)
    };
    match value {
        Value::String(text) => Value::String(mark(text, texts)),
        Value::Array(items) => items.iter().map(|it| marked(it, sign, texts)).collect(),
        Value::Object(fields) => {
            let mut map = Map::new();
            for (key, value) in fields {
                let key = mark(key, texts);
                map.insert(key, marked(value, sign, texts));
            }
            Value::Object(map)
        }
        other => other.clone(),
    }
}

/// The kinds that an export describes.
pub fn exportable() -> impl Iterator<Item = KindId> {
    KindId::manifests().filter(|kind| kind.def().role != Role::Local)
}
