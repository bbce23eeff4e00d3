//! Fields that drifted, as edits of the files.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::flags::PulledFlags;
use super::gone::{deleted, is_list_by_manifests, refers_to_deleted};
use super::layers::{Layer, LayerChange, piece};
use super::meanings::TakenMeaning;
use super::reasons::{
    EditObjection, conflict, gone, left_of, never_applied, undeclared_item, variable,
};
use super::{Left, LeftReason};
use crate::diag::{Location, Texts};
use crate::diff::{Cause, Change, FieldChange};
use crate::export::ids_in_texts;
use crate::kinds::mapping::{Declared, list_key, named_in, same, taken};
use crate::kinds::{IdSubject, KindId, Lookup, account_ids_among, uses};
use crate::manifest::{Key, Mode};
use crate::resolve::{Desired, Resource, Segment, escaped, segments};
use crate::text::{Document, FileId, Pointer, Position, exact};

/// A field that gets its live value.
#[derive(Clone, Debug, PartialEq)]
pub struct PullEdit {
    /// The object.
    pub key: Key,
    /// The field, from the root of the manifest.
    pub pointer: Pointer,
    /// The field as plans name it, items of lists by their key.
    pub path: String,
    /// The declared value.
    pub before: Value,
    /// The live value.
    pub after: Value,
    /// What there is to know of it.
    pub note: Option<String>,
    /// Where the declared value is.
    pub source: Option<Position>,
    /// What it puts into a list of what lies inside, where it does no more than that.
    pub lists: Vec<Value>,
    pub(super) pieces: Vec<LayerChange>,
}

impl PullEdit {
    /// The same with an explicit null in the place of an entry that goes: where there is none, a default counts.
    #[must_use]
    pub fn with_null(&self) -> Option<Self> {
        let mut edit = self.clone();
        let mut gone = edit
            .pieces
            .iter_mut()
            .filter(|piece| piece.new.is_none())
            .peekable();
        gone.peek()?;
        gone.for_each(|piece| piece.new = Some(Value::Null));
        Some(edit)
    }

    /// The files that it changes.
    #[must_use]
    pub fn files(&self) -> BTreeSet<FileId> {
        self.pieces.iter().map(|piece| piece.file).collect()
    }
}

/// What is to be taken over.
pub struct Takes<'a> {
    /// The files.
    pub texts: &'a Texts,
    /// What the manifests want.
    pub desired: &'a Desired,
    /// Whether an object is one of those that the run is about.
    pub wants: &'a dyn Fn(&Key) -> bool,
    /// Whether an object was named: then it is taken over although it was never applied, or is left to people.
    pub names: &'a dyn Fn(&Key) -> bool,
    /// The kinds of which a new manifest has the flag that one object bears at most: another one lost it.
    pub flagged: &'a BTreeSet<KindId>,
    /// Whether the account wins a conflict.
    pub theirs: bool,
    /// The spec that was last applied, where the ledger has one.
    pub applied: &'a dyn Fn(&Key) -> Option<Value>,
    /// Names to ids and back.
    pub lookup: &'a dyn Lookup,
    /// The kinds of the rows of the account that were read, by their ids.
    pub rows: &'a BTreeMap<&'a str, &'static str>,
}

/// What drifted, as edits, what of it is left, and how many fields differ because the files were edited.
#[derive(Debug, Default)]
pub struct Drifted {
    /// What is taken over.
    pub edits: Vec<PullEdit>,
    /// What is left.
    pub left: Vec<Left>,
    /// How many fields are for `apply`.
    pub edited: usize,
}

/// Everything that drifted.
#[must_use]
pub fn drifted(takes: &Takes<'_>, changes: &[Change]) -> Drifted {
    let mut found = Drifted::default();
    let deleted = deleted(changes);
    let flags = PulledFlags::of(takes, changes);
    for change in changes {
        let is_wanted = (takes.wants)(&change.key());
        let fields = change.fields.iter();
        let fields = fields.filter(|field| is_wanted || flags.is_lost(change, field));
        let fields: Vec<&FieldChange> = fields.collect();
        let resource = takes.desired.get(&change.key());
        let Some(resource) = resource.filter(|_| is_wanted || !fields.is_empty()) else {
            continue;
        };
        if change.vanished {
            found.left.push(gone(takes, resource));
            continue;
        }
        if change.remote_id.is_none() || is_left_to_people(takes, resource) {
            continue;
        }
        let object = Object::new(takes, resource);
        for field in fields {
            let in_files = object.in_files(field);
            let taken = match refers_to_deleted(&deleted, resource, field) {
                _ if is_list_by_manifests(resource, field) => None,
                Some(reason) => Some(Err(reason)),
                None if object.is_listed(&in_files) => None,
                None => object.taken(change, &in_files),
            };
            match taken {
                Some(Ok(edit)) => found.edits.push(edit),
                Some(Err(reason)) => {
                    let edit = object.edit(&in_files, None, Vec::new());
                    found.left.push(left_of(&edit, reason));
                }
                None => found.edited += 1,
            }
        }
    }
    found
}

/// What edits refer to by a live display name: the number of the edit, the kind and the name.
#[must_use]
pub fn references(edits: &[PullEdit], desired: &Desired) -> Vec<(usize, &'static str, String)> {
    let mut found = Vec::new();
    for (number, edit) in edits.iter().enumerate() {
        let Some(resource) = desired.get(&edit.key) else {
            continue;
        };
        let at = edit.pointer.below_spec().unwrap_or_else(Pointer::root);
        let mut spec = Value::clone(&resource.spec);
        let Some(value) = spec.pointer_mut(at.as_str()) else {
            continue;
        };
        *value = edit.after.clone();
        for used in uses(edit.key.kind.def().fields, &spec) {
            let name = used.reference.get("live").and_then(Value::as_str);
            if let Some(name) = name.filter(|_| used.pointer.starts_with(&at)) {
                found.push((number, used.kind, name.to_owned()));
            }
        }
    }
    found
}

/// Whether the manifest says that differences are no business of the files.
pub(super) fn is_left_to_people(takes: &Takes<'_>, resource: &Resource) -> bool {
    resource.lifecycle.mode == Mode::CreateOnly && !(takes.names)(&resource.key)
}

/// A manifest with the texts that it is made of.
pub(super) struct Object<'a> {
    pub(super) takes: &'a Takes<'a>,
    pub(super) resource: &'a Resource,
    pub(super) document: &'a Document,
    layers: RefCell<Option<Rc<[Layer]>>>,
}

impl<'a> Object<'a> {
    pub(super) fn new(takes: &'a Takes<'a>, resource: &'a Resource) -> Self {
        Self {
            takes,
            resource,
            document: takes.texts.document(resource.doc),
            layers: RefCell::new(None),
        }
    }

    pub(super) fn layers(&self) -> Rc<[Layer]> {
        let mut layers = self.layers.borrow_mut();
        let found = layers.get_or_insert_with(|| {
            super::layers::layers(self.takes.texts, self.document, &self.resource.key).into()
        });
        Rc::clone(found)
    }

    /// The edit of a field, or why it is left; `None` for one that is ours to apply.
    pub(super) fn taken(
        &self,
        change: &Change,
        field: &FieldChange,
    ) -> Option<Result<PullEdit, EditObjection>> {
        match field.cause {
            Cause::Drift => {}
            Cause::Both if self.takes.theirs => {}
            Cause::Both => return Some(Err(conflict(field))),
            Cause::Unknown if (self.takes.names)(&self.resource.key) => {}
            Cause::Unknown => return Some(Err(never_applied(change))),
            Cause::Edit | Cause::Template | Cause::Variable => return None,
        }
        let at = field.pointer.below_spec()?;
        let taken = match self.place(&at) {
            WrittenPlace::Own(own) => self.in_place(&at, &own, field),
            WrittenPlace::Below(own, rest) => self.inserted(&at, &own, &rest, field),
        };
        let (pieces, note) = match taken {
            Ok(TakenMeaning { pieces, note }) => (Ok(pieces), note),
            Err(reason) => (Err(reason), None),
        };
        let template = self.resource.template_of(self.takes.texts, &at);
        let template =
            template.map(|_| "the manifest differs from its template from now on".to_owned());
        let note = template.or_else(|| note.map(str::to_owned));
        let remarks: Vec<String> = note
            .into_iter()
            .chain(self.likely_ids(&at, field))
            .collect();
        let note = (!remarks.is_empty()).then(|| remarks.join("; "));
        Some(pieces.map(|pieces| self.edit(field, note, pieces)))
    }

    pub(super) fn edit(
        &self,
        field: &FieldChange,
        note: Option<String>,
        pieces: Vec<LayerChange>,
    ) -> PullEdit {
        let at = field.pointer.below_spec().unwrap_or_else(Pointer::root);
        let place = self.resource.locate(self.takes.texts, &at);
        let path = match at.as_str() {
            "" => field.path(),
            _ => named_in(
                self.resource.key.kind.def().fields,
                &self.resource.spec,
                &at,
            ),
        };
        PullEdit {
            key: self.resource.key.clone(),
            pointer: field.pointer.clone(),
            path,
            before: field.after.clone(),
            after: field.before.clone(),
            note,
            source: self.takes.texts.position(&place),
            lists: Vec::new(),
            pieces,
        }
    }

    /// Where a field of the expanded spec is written: the deepest node around it that the manifest itself has.
    pub(super) fn place(&self, at: &Pointer) -> WrittenPlace {
        let mut around = Some(at.clone());
        while let Some(place) = around {
            if let Location::Node { doc, pointer, .. } =
                self.resource.locate(self.takes.texts, &place)
                && doc == self.resource.doc
                && pointer.get(&self.document.value).is_some()
            {
                let rest = &at.as_str()[place.as_str().len()..];
                return match rest {
                    "" => WrittenPlace::Own(pointer),
                    rest => WrittenPlace::Below(pointer, Pointer::from(rest)),
                };
            }
            around = place.parent();
        }
        WrittenPlace::Below(Pointer::root(), Pointer::from("/spec").join(at))
    }

    /// The live value in the place of the declared one.
    fn in_place(
        &self,
        at: &Pointer,
        own: &Pointer,
        field: &FieldChange,
    ) -> Result<TakenMeaning, EditObjection> {
        let mut fills = self.document.fills.iter();
        if let Some(fill) = fills.find(|fill| own.starts_with(&fill.pointer)) {
            return Err(variable(&fill.raw));
        }
        let filled = own.get(&self.document.value).unwrap_or(&Value::Null);
        let expanded = at.get(&self.resource.spec).unwrap_or(&Value::Null);
        if !same(filled, expanded) {
            let help = "edit the manifest or the template yourself".to_owned();
            let message = "part of the value comes from a template".to_owned();
            return Err(EditObjection(LeftReason::Template, message, help));
        }
        self.check_ids(at, &field.before)?;
        let written = self.written(own, filled);
        let declared = Declared {
            written: &written,
            meant: &field.after,
        };
        let fields = self.resource.key.kind.def().fields;
        let new = taken(fields, at, declared, &field.before, &write)?;
        Ok(self.with_meanings(at, own, (&written, new)))
    }

    /// A value as it is written: escapes and variables as they were before these were filled in.
    pub(super) fn written(&self, own: &Pointer, filled: &Value) -> Value {
        let mut written = escaped(filled);
        for fill in &self.document.fills {
            if fill.pointer.starts_with(own) {
                let below = &fill.pointer.as_str()[own.as_str().len()..];
                if let Some(value) = written.pointer_mut(below) {
                    *value = Value::from(fill.raw.clone());
                }
            }
        }
        written
    }

    /// The live value as a field of its own.
    fn inserted(
        &self,
        at: &Pointer,
        own: &Pointer,
        rest: &Pointer,
        field: &FieldChange,
    ) -> Result<TakenMeaning, EditObjection> {
        self.check_ids(at, &field.before)?;
        let new = write(&Value::Null, &field.before)?;
        let steps: Vec<String> = rest.steps().collect();
        let (Some(first), Some(around)) = (steps.first(), own.get(&self.document.value)) else {
            return Err(undeclared_item());
        };
        let above = &at.as_str()[..at.as_str().len() - rest.as_str().len()];
        let above = Pointer::from(above);
        let (place, value) = match around {
            Value::Array(_) => (own.clone(), self.wrapped(&above, &steps, new)?),
            Value::Object(_) | Value::Null => {
                let value = self.wrapped(&above.key(first), &steps[1..], new)?;
                (own.key(first), value)
            }
            _ => return Err(undeclared_item()),
        };
        let piece = piece(&self.layers(), &place, Some(&value));
        let joined = piece.map(|piece| LayerChange {
            joins: true,
            ..piece
        });
        let pieces = joined.into_iter().collect();
        Ok(TakenMeaning { pieces, note: None })
    }

    /// A value below a place of the expanded spec, as what has to be added there: an item of a list is one with the
    /// same key.
    fn wrapped(
        &self,
        at: &Pointer,
        steps: &[String],
        value: Value,
    ) -> Result<Value, EditObjection> {
        let Some((step, rest)) = steps.split_first() else {
            return Ok(value);
        };
        let inner = self.wrapped(&at.key(step), rest, value)?;
        if !at.get(&self.resource.spec).is_some_and(Value::is_array) {
            return Ok(Value::Object(Map::from_iter([(step.clone(), inner)])));
        }
        let key = list_key(self.resource.key.kind.def().fields, at);
        let key = key.ok_or_else(undeclared_item)?;
        let held = at.key(step).key(key);
        let held = held.get(&self.resource.spec).ok_or_else(undeclared_item)?;
        let mut item = Map::from_iter([(key.to_owned(), held.clone())]);
        item.extend(
            inner
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, it)| (key.clone(), it.clone())),
        );
        Ok(Value::Array(vec![Value::Object(item)]))
    }

    /// What there is to say about a live value that has what may be an id of the account, and the declared one has not.
    fn likely_ids(&self, at: &Pointer, field: &FieldChange) -> Vec<String> {
        let fields = self.resource.key.kind.def().fields;
        let row = |id: &str| self.takes.rows.get(id).copied();
        let told = |value: &Value| {
            let mut spec = Value::clone(&self.resource.spec);
            put(&mut spec, at, value);
            let ids = account_ids_among(fields, &spec, &row).into_iter();
            let likely = ids
                .filter(|id| id.what == IdSubject::Likely && id.pointer.starts_with(at))
                .map(|id| format!("`{}` may be an id of this account", id.pointer.path()));
            let in_texts = ids_in_texts(value, &row).into_iter();
            let in_texts = in_texts.map(|it| match it.strip_prefix(": ") {
                Some(text) => text.to_owned(),
                None => it,
            });
            likely.chain(in_texts).collect::<Vec<_>>()
        };
        let before = told(&field.after);
        let mut found = told(&field.before);
        found.retain(|it| !before.contains(it));
        found
    }

    /// An id of the account does not come into a manifest that had none there.
    fn check_ids(&self, at: &Pointer, live: &Value) -> Result<(), EditObjection> {
        let fields = self.resource.key.kind.def().fields;
        let here = |spec: &Value| {
            let row = |id: &str| self.takes.rows.get(id).copied();
            let ids = account_ids_among(fields, spec, &row).into_iter();
            let ids = ids
                .filter(|id| id.what != IdSubject::Likely)
                .map(|id| id.pointer);
            let here = ids.filter(|id| id.starts_with(at) || at.starts_with(id));
            here.collect::<Vec<_>>()
        };
        let mut after = Value::clone(&self.resource.spec);
        let before = here(&after);
        put(&mut after, at, live);
        match here(&after).into_iter().find(|id| !before.contains(id)) {
            None => Ok(()),
            Some(_) => Err(EditObjection(
                LeftReason::Value,
                "the live value has an id of this account, which means something else on another one"
                    .to_owned(),
                "give the object that it refers to a unique display name, or write the id into an overlay"
                    .to_owned(),
            )),
        }
    }
}

/// Where a field is written.
pub(super) enum WrittenPlace {
    /// In the manifest, at this place of the document.
    Own(Pointer),
    /// In a template or nowhere: the node of the document that it would be below, and the rest of the way.
    Below(Pointer, Pointer),
}

/// Puts a value at a place of a spec, with the mappings around it that the spec lacks.
pub(super) fn put(spec: &mut Value, at: &Pointer, value: &Value) {
    let mut place = spec;
    for step in at.steps() {
        if place.is_null() {
            *place = Value::Object(serde_json::Map::new());
        }
        let below = match place {
            Value::Object(map) => Some(map.entry(step).or_insert(Value::Null)),
            Value::Array(items) => step.parse().ok().and_then(|at: usize| items.get_mut(at)),
            _ => None,
        };
        let Some(below) = below else {
            return;
        };
        place = below;
    }
    *place = value.clone();
}

/// A live value as it is written in the place of a declared one.
fn write(written: &Value, live: &Value) -> Result<Value, EditObjection> {
    if let Some(raw) = with_variable(written) {
        return Err(variable(raw));
    }
    if exact::holds(live) {
        return Err(EditObjection(
            LeftReason::Value,
            "the live number has more digits than a manifest holds".to_owned(),
            "leave the field out of the manifest".to_owned(),
        ));
    }
    Ok(escaped(live))
}

/// The first text in a value that has variables in it.
pub(super) fn with_variable(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => {
            let is_variable = |it: &Segment<'_>| matches!(it, Segment::Variable(..));
            segments(text).iter().any(is_variable).then_some(text)
        }
        Value::Array(items) => items.iter().find_map(with_variable),
        Value::Object(fields) => fields.values().find_map(with_variable),
        _ => None,
    }
}
