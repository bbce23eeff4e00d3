//! The change of one manifest.

mod action;
mod fields;
mod record;
mod sides;

use std::cell::OnceCell;

use serde_json::{Map, Value};

use super::bind::Bound;
use super::cause::{Blame, Last, blame};
use super::change::NAME;
use super::children::ListChange;
use super::patch::patch;
use super::prune::{Pruned, refers_to};
use super::{
    Action, Bindings, Cause, Change, DiffInput, Difference, FieldChange, Fingerprint, fingerprint,
};
use crate::diag::Location;
use crate::kinds::mapping::{canonical, carried_over, counterpart, without_notes};
use crate::kinds::{KindDef, Lookup};
use crate::live::{Entry, FilePlace};
use crate::manifest::{Key, Mode};
use crate::resolve::{Resource, reference_key};
use crate::text::{EntryHalf, Pointer, Position};
use action::action;
use fields::field_changes;
use record::{is_bound_otherwise, keep_list, recorded, records_other};
use sides::Sides;

/// A manifest, and what is known of its live object.
struct ComparedManifest<'a> {
    input: &'a DiffInput<'a>,
    /// Names to ids and back.
    lookup: &'a dyn Lookup,
    resource: &'a Resource,
    def: &'static KindDef,
    bound: Option<&'a Bound<'a>>,
    /// What is bound to what.
    bindings: &'a Bindings<'a>,
    /// What the ledger says of it, maybe under an earlier name.
    entry: Option<&'a Entry>,
    /// What was last applied to it, as it is spelled now; unpacked when somebody asks.
    applied: OnceCell<Option<Value>>,
}

impl<'a> ComparedManifest<'a> {
    fn new(
        input: &'a DiffInput<'a>,
        bindings: &'a Bindings<'a>,
        lookup: &'a dyn Lookup,
        resource: &'a Resource,
    ) -> Self {
        let bound = bindings.bound.get(&resource.key);
        Self {
            input,
            lookup,
            resource,
            def: resource.key.kind.def(),
            bound,
            bindings,
            entry: bound
                .and_then(|bound| bound.entry.as_ref())
                .and_then(|key| input.ledger.entries.get(key)),
            applied: OnceCell::new(),
        }
    }

    /// What was last applied, in the spelling of today.
    fn applied(&self) -> Option<&Value> {
        let unpack = |entry: &Entry| canonical(self.def, &entry.spec(self.def), self.lookup);
        self.applied.get_or_init(|| self.entry.map(unpack)).as_ref()
    }

    fn blame(&self, wanted: &Value, difference: &Difference) -> Blame {
        let Some(applied) = self.applied() else {
            return Cause::Unknown.into();
        };
        let place = &difference.pointer;
        if let Some(cause) = self.blame_of_list(applied, difference) {
            return cause.into();
        }
        let last = counterpart(self.def.fields, wanted, applied, place);
        blame(
            self.input,
            self.resource,
            &Last { applied, last },
            difference,
        )
    }

    /// Who changed the list of what lies inside; none when the difference is about another field.
    fn blame_of_list(&self, applied: &Value, difference: &Difference) -> Option<Cause> {
        let inside = self.def.children.as_ref()?;
        let is_new = |member: &Value| {
            let key = reference_key(inside.kind, member);
            let bound = key.and_then(|key| self.bindings.bound.get(&key));
            bound.is_some_and(|bound| bound.entry.is_none())
        };
        let list = ListChange {
            resource: self.resource,
            applied,
            lookup: self.lookup,
            is_new: &is_new,
        };
        let Difference {
            pointer,
            before,
            after,
        } = difference;
        list.cause(pointer, before, after)
    }

    /// The ledger key of the live object, when the manifest has another one by now.
    fn previous(&self) -> Option<Key> {
        let key = self.bound?.entry.clone()?;
        (key != self.resource.key).then_some(key)
    }

    /// The change of the name, when the manifest has another one by now.
    fn rename(&self) -> Option<FieldChange> {
        let Key { name, .. } = self.previous()?;
        let place = Location::Node {
            doc: self.resource.doc,
            pointer: Pointer::from(NAME),
            part: EntryHalf::Value,
        };
        Some(FieldChange {
            source: self.input.texts.position(&place),
            ..FieldChange::rename(&name, &self.resource.key.name, Cause::Edit)
        })
    }

    /// Whether its differences are left to people.
    fn leaves(&self, fields: &[FieldChange]) -> bool {
        self.resource.lifecycle.mode != Mode::Enforce && self.bound.is_some() && !fields.is_empty()
    }

    /// The file of the manifest, as plans and the ledger name it.
    fn place(&self) -> FilePlace {
        let texts = self.input.texts;
        let document = texts.document(self.resource.doc);
        (self.input.scope.place)(&texts.sources.get(document.file).path)
    }

    /// Where the manifest stands.
    fn position(&self) -> Option<Position> {
        self.input.texts.position(&Location::Node {
            doc: self.resource.doc,
            pointer: Pointer::root(),
            part: EntryHalf::Value,
        })
    }

    /// The change without its fields, and without what only an object that differs needs.
    fn outline(&self, action: Action) -> Change {
        let Self {
            input,
            resource,
            bound,
            ..
        } = *self;
        Change {
            kind: resource.key.kind,
            name: resource.key.name.clone(),
            display_name: resource.display_name().to_owned(),
            remote_id: bound.map(|bound| bound.object.id.clone()),
            remote_parent: bound.and_then(|bound| bound.object.parent.clone()),
            action,
            adopted: action != Action::None && bound.is_some_and(|bound| bound.entry.is_none()),
            record: false,
            previous: self.previous(),
            vanished: bound.is_none() && input.ledger.entries.contains_key(&resource.key),
            protect: resource.lifecycle.protect,
            observed: resource.lifecycle.mode == Mode::Observe,
            foreign: false,
            forget: false,
            fields: Vec::new(),
            patch: Value::Null,
            expected: Value::Null,
            refers_to: Vec::new(),
            takes: Vec::new(),
            unchanged: 0,
            was: Value::Null,
            declared: Value::Null,
            recorded: Value::Null,
            file: None,
            link: None,
            source: None,
            fingerprint: Fingerprint::default(),
            reasons: Vec::new(),
        }
    }
}

/// The change of an object that is known to match its manifest, with so many equal fields: what [`change`] says of it.
pub(super) fn unchanged(
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
    resource: &Resource,
    equal: usize,
) -> Change {
    let subject = ComparedManifest::new(input, bindings, &bindings.references, resource);
    let mut change = subject.outline(Action::None);
    change.unchanged = equal;
    let nothing = || Value::Object(Map::new());
    (change.patch, change.expected) = (nothing(), nothing());
    change
}

/// What has to happen to the live object of a manifest, and how many of its fields drifted and are to stay so. Names and ids
/// are looked up in `lookup` alone.
pub(super) fn change(
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
    lookup: &dyn Lookup,
    pruned: &Pruned<'_>,
    resource: &Resource,
) -> (Change, usize) {
    let subject = ComparedManifest::new(input, bindings, lookup, resource);
    let sides = Sides::of(&subject, pruned);
    let fields = field_changes(&subject, &sides.wanted, &sides.compared);
    let (action, reasons) = action(&subject, &fields);
    let mut change = subject.outline(action);
    change.unchanged = subject.bound.map_or(0, |_| sides.compared.equal);
    change.reasons = reasons;
    let leaves = subject.leaves(&fields);
    if !leaves {
        (change.patch, change.expected) =
            patch(subject.def.fields, &fields, &sides.wanted, &sides.held);
    }
    let rename = subject.rename().filter(|_| action != Action::Manual);
    change.fields = rename.into_iter().chain(fields).collect();
    if action == Action::Replace {
        // What is replaced is deleted in the end, and all that it referred to waits for that.
        change.refers_to = refers_to(&sides.held, subject.resource.key.kind);
    }
    let drifted = sides.drifted;
    settle_record(&subject, sides, leaves, &mut change);
    (change, drifted)
}

/// Fills in what the ledger is to say, and whether that alone is a reason to write it.
fn settle_record(
    subject: &ComparedManifest<'_>,
    sides: Sides<'_>,
    leaves: bool,
    change: &mut Change,
) {
    let (def, resource, entry) = (subject.def, subject.resource, subject.entry);
    let place = subject.place();
    let is_none = change.action == Action::None;
    let untouched = entry.filter(|_| leaves || change.observed);
    let mut recorded = recorded(def, untouched, &sides.wanted, sides.declared);
    if let Some(entry) = entry.filter(|_| sides.leaves_list) {
        keep_list(def, entry, &mut recorded);
    }
    change.record = is_none
        && (entry.is_some_and(|entry| is_bound_otherwise(entry, resource, &place))
            || sides
                .outdated
                .is_some_and(|entry| records_other(entry, subject, &recorded)));
    // Of an object that matches, only the count is of interest: the rest would be dropped by the plan.
    if is_none && change.fields.is_empty() && !change.record {
        return;
    }
    let bare = without_notes(def.fields, &recorded);
    if change.action == Action::Replace {
        // What nobody declares, such as a look made in the console, goes along to the new object.
        change.recorded = recorded;
        change.declared = carried_over(def.fields, &sides.held, &sides.wanted);
    } else {
        if bare != recorded {
            change.recorded = recorded;
        }
        change.declared = bare;
    }
    change.file = Some(place.file);
    change.link = place.link;
    change.source = subject.position();
    if let Some(bound) = subject.bound {
        change.fingerprint = fingerprint(resource.key.kind, bound.object.body.value());
    }
}
