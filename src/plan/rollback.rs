//! The inverse of what was applied, as a plan like any other.
//!
//! It is computed from what the account held before and holds now, restricted to the fields that were written:
//! what other people changed since then stays. What was created is deleted, what was deleted is created anew and
//! gets another id, what was bound is bound as before. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::freeze::freeze;
use super::{
    Action, Cause, Change, FieldChange, Guards, Header, LosingObject, Now, Plan, Refusal, digest,
};
use crate::diff::{self, Changes, compare, fingerprint, live_spec};
use crate::kinds::field::Field;
use crate::kinds::mapping::{canonical, counterpart, get_path, is_like, restored, same};
use crate::kinds::{KindDef, KindId};
use crate::live::{Entry, Inventory, Ledger, LiveObject, References};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::reference_key;
use crate::text::Pointer;

/// An object as it was before it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Was {
    /// The object, its body as it was.
    pub object: LiveObject,
    /// Its key at that time.
    pub key: Key,
    /// The fields that were written, in spec terms.
    pub written: Value,
    /// Whether it was deleted in the end.
    pub deleted: bool,
}

/// What was applied.
#[derive(Clone, Copy, Debug)]
pub struct AppliedPlan<'a> {
    /// The ids that the plan knew.
    pub references: &'a References,
    /// The ledger before.
    pub before: &'a Ledger,
    /// The ledger now.
    pub now: &'a Ledger,
    /// The touched objects as the account holds them now.
    pub seen: &'a Inventory,
    /// The objects that were created.
    pub created: &'a [(Key, RemoteId)],
    /// The objects that were changed or deleted.
    pub was: &'a [Was],
    /// The objects that lost a flag to one that was written.
    pub taken: &'a [(KindId, LosingObject)],
    /// The limits of the environment.
    pub guards: Guards,
}

/// The plan that takes back what was applied, `None` when there is nothing to take back.
#[must_use]
pub fn rollback(header: Header, applied: &AppliedPlan<'_>) -> Option<Plan> {
    let inverse = Inverse::new(applied);
    if inverse.has_replaced_in_place() {
        return None; // the lists that name it would not change, and keep an id that is deleted
    }
    let mut changes = inverse.undone();
    if changes.is_empty() {
        return None;
    }
    inverse.give_back(&mut changes);
    diff::say_who_loses(&mut changes, applied.seen, &inverse.table);
    let inside = foreign_children(&changes);
    let changes = Changes {
        changes,
        references: inverse.table,
        ..Changes::default()
    };
    let now = Now {
        guards: applied.guards,
        exclusive: &[],
        ledger: applied.now,
        before: applied.now,
        inventory: applied.seen,
        desired: None,
        now: None,
    };
    let mut plan = freeze(header, changes, &now);
    // What was not read is known from the lists of what lies around it.
    let known = |plan: &Plan, key: &Key| {
        let mut refusals = plan.refusals.iter();
        refusals.any(|refusal| refusal.flag.is_none() && refusal.objects.contains(key))
    };
    for (key, child) in inside {
        if !known(&plan, &key) {
            plan.refusals.push(Refusal::of_child(key, &child, false));
        }
    }
    plan.digest = digest(&plan);
    Some(plan)
}

/// What was applied, read backwards.
pub(super) struct Inverse<'a> {
    pub(super) applied: &'a AppliedPlan<'a>,
    /// The objects as they were called before.
    pub(super) then: References,
    /// The same without those that are gone. The plan is carried out with these names, those of objects that are
    /// renamed back included.
    pub(super) table: References,
    pub(super) seen: BTreeMap<(KindId, &'a RemoteId), &'a LiveObject>,
    deleted: BTreeSet<(KindId, &'a RemoteId)>,
}

impl<'a> Inverse<'a> {
    fn new(applied: &'a AppliedPlan<'a>) -> Self {
        let named = |references: &mut References, ledger: &Ledger| {
            for (
                key,
                Entry {
                    id, display_name, ..
                },
            ) in &ledger.entries
            {
                let name = Some(key.name.to_string());
                references.insert(key.kind, id.to_wire(), name, display_name.clone());
            }
        };
        let mut now = applied.references.clone();
        named(&mut now, applied.now);
        let mut then = now.clone();
        named(&mut then, applied.before);
        let gone = applied.was.iter().filter(|was| was.deleted);
        let deleted: BTreeSet<_> = gone.map(|was| (was.object.kind, &was.object.id)).collect();
        let is_there = |kind: &str, id: &Value| {
            let id = RemoteId::from_wire(id);
            let mut gone = deleted.iter();
            !gone.any(|(of, gone)| of.name() == kind && id.as_ref() == Some(*gone))
        };
        // What took the place of an object that is gone has its name now, and keeps it until that one is there again.
        let mut before = applied.before.clone();
        let entries = &mut before.entries;
        entries.retain(|key, entry| is_there(key.kind.name(), &entry.id.to_wire()));
        let mut table = now;
        named(&mut table, &before);
        let table = table.filtered(is_there);
        Self {
            applied,
            then,
            table,
            seen: applied
                .seen
                .iter()
                .map(|object| ((object.kind, &object.id), object))
                .collect(),
            deleted,
        }
    }

    fn undone(&self) -> Vec<Change> {
        let mut undone = Vec::new();
        let mut handled = BTreeSet::new();
        for (key, id) in self.applied.created {
            if self.deleted.contains(&(key.kind, id)) {
                continue;
            }
            handled.insert((key.kind, id.clone()));
            let Some(object) = self.seen.get(&(key.kind, id)) else {
                continue; // a colleague has deleted it since
            };
            match self.replaced(key) {
                Some(was) => {
                    handled.insert((key.kind, was.object.id.clone()));
                    undone.push(self.replace_back(object, was));
                }
                None => undone.push(self.delete(key, object)),
            }
        }
        for was in self.applied.was {
            let id = (was.object.kind, was.object.id.clone());
            if !handled.contains(&id) {
                let undo = if was.deleted {
                    Some(self.create_again(was, "deleted"))
                } else {
                    self.write_back(was)
                };
                if let Some(undo) = undo {
                    handled.insert(id);
                    undone.push(undo);
                }
            }
        }
        let entries = self.applied.now.entries.iter();
        let left = entries.filter(|(key, entry)| !handled.contains(&(key.kind, entry.id.clone())));
        undone.extend(left.filter_map(|(key, entry)| self.bind_back(key, entry)));
        undone
    }

    /// Whether an object took the place of another one inside the same parent: after an undo that died, and an apply that
    /// made the move again.
    fn has_replaced_in_place(&self) -> bool {
        let mut created = self.applied.created.iter();
        created.any(|(key, id)| {
            let now = self.seen.get(&(key.kind, id));
            let was = self.replaced(key).filter(|was| was.object.id != *id);
            now.zip(was)
                .is_some_and(|(now, was)| now.parent == was.object.parent)
        })
    }

    /// The object that one of this key took the place of, when it was deleted.
    fn replaced(&self, key: &Key) -> Option<&'a Was> {
        let old = &self.applied.before.entries.get(key)?.id;
        let mut was = self.applied.was.iter();
        was.find(|was| was.deleted && was.object.kind == key.kind && was.object.id == *old)
    }

    /// The key and entry that an object had before.
    pub(super) fn before(&self, kind: KindId, id: &RemoteId) -> Option<(&'a Key, &'a Entry)> {
        let mut entries = self.applied.before.entries.iter();
        entries.find(|(key, entry)| key.kind == kind && entry.id == *id)
    }

    /// The key and entry that an object has now.
    pub(super) fn owner(&self, object: &LiveObject) -> Option<(&'a Key, &'a Entry)> {
        let mut entries = self.applied.now.entries.iter();
        entries.find(|(key, entry)| key.kind == object.kind && entry.id == object.id)
    }

    fn delete(&self, key: &Key, object: &LiveObject) -> Change {
        let spec = live_spec(key.kind.def(), &self.table, object);
        let entry = self.applied.now.entries.get(key);
        Change {
            remote_id: Some(object.id.clone()),
            remote_parent: object.parent.clone(),
            action: Action::Delete,
            protect: entry.is_some_and(|entry| entry.protect),
            expected: diff::seen_before_delete(key.kind, &spec),
            refers_to: diff::refers_to(&spec, key.kind),
            fingerprint: fingerprint(key.kind, object.body.value()),
            reasons: vec!["it was created".to_owned()],
            ..empty(key, &object.display_name)
        }
    }

    fn create_again(&self, was: &Was, what: &str) -> Change {
        let (key, entry) = match self.before(was.object.kind, &was.object.id) {
            Some((key, entry)) => (key, Some(entry)),
            None => (&was.key, None),
        };
        let (spec, lost) = self.spec_of_deleted(was, entry);
        let nothing = Value::Object(Map::new());
        let mut reasons = vec![format!("it was {what}; the new one gets another id")];
        reasons.extend(lost);
        Change {
            action: Action::Create,
            // Without an entry it was deleted because its kind is exclusive, and is not owned again.
            forget: entry.is_none(),
            fields: fields(key.kind.def(), &spec, &nothing),
            patch: spec.clone(),
            recorded: entry.map_or(Value::Null, |entry| entry.spec(key.kind.def())),
            declared: spec,
            protect: entry.is_some_and(|entry| entry.protect),
            file: entry.map(|entry| entry.file.clone()),
            link: entry.and_then(|entry| entry.link.clone()),
            reasons,
            ..empty(key, &was.object.display_name)
        }
    }

    fn replace_back(&self, object: &LiveObject, was: &Was) -> Change {
        let again = self.create_again(was, "replaced");
        let spec = self.spec_now(object, &Value::Null);
        Change {
            action: Action::Replace,
            remote_id: Some(object.id.clone()),
            remote_parent: object.parent.clone(),
            refers_to: diff::refers_to(&spec, object.kind),
            fields: fields(object.kind.def(), &again.patch, &spec),
            fingerprint: fingerprint(object.kind, object.body.value()),
            ..again
        }
    }

    /// The written fields as they were, where they still are as they were written.
    fn write_back(&self, was: &Was) -> Option<Change> {
        let id = &was.object.id;
        let object = self.seen.get(&(was.object.kind, id))?;
        let owner = self.owner(object).map(|(key, _)| key);
        let before = self.before(was.object.kind, id);
        if before.is_none() && owner.is_none() {
            return None; // not owned: it was given a flag back, and loses it again by itself
        }
        let def = was.object.kind.def();
        let live = live_spec(def, &self.table, object);
        let held = self.spec_now(object, &was.written);
        let (then, reasons) = self.spec_before(was, before.map(|(_, entry)| entry));
        let mut wanted = restored(def.fields, &then, &was.written, &held);
        let written = canonical(def, &was.written, &self.table);
        let reference = wanted.clone();
        let is_ours = |difference: &diff::Difference| {
            let pointer = &difference.pointer;
            [&written, &was.written].into_iter().any(|written| {
                let written = counterpart(def.fields, &reference, written, pointer);
                let written = written.unwrap_or(&Value::Null);
                is_as_written(def.fields, pointer, written, &difference.before)
            })
        };
        let fields = fields_of_ours(def, &mut wanted, &held, is_ours);
        if fields.is_empty() {
            return None;
        }
        let (patch, expected) = diff::patch(def.fields, &fields, &wanted, &live);
        let key = before.map(|(key, _)| key).or(owner).unwrap_or(&was.key);
        let previous = owner.filter(|owner| *owner != key);
        let rename = previous.map(|now| FieldChange::rename(&now.name, &key.name, Cause::Unknown));
        let fields = rename.into_iter().chain(fields).collect();
        Some(Change {
            remote_id: Some(id.clone()),
            remote_parent: object.parent.clone(),
            action: Action::Update,
            previous: previous.cloned(),
            fields,
            patch,
            expected,
            recorded: before.map_or(Value::Null, |(_, entry)| entry.spec(key.kind.def())),
            forget: before.is_none(),
            fingerprint: fingerprint(object.kind, object.body.value()),
            reasons,
            ..from_entry(key, before.map(|(_, entry)| entry), &object.display_name)
        })
    }

    /// What the ledger said of an object that was not written.
    fn bind_back(&self, key: &Key, entry: &Entry) -> Option<Change> {
        let before = self.before(key.kind, &entry.id);
        let (action, old_key) = match before {
            None => (Action::Forget, key),
            Some((old, _)) if old != key => (Action::Update, old),
            Some((old, then)) if then.applied != entry.applied => (Action::None, old),
            Some(_) => return None,
        };
        let object = self.seen.get(&(key.kind, &entry.id));
        let rename = (action == Action::Update)
            .then(|| FieldChange::rename(&key.name, &old_key.name, Cause::Unknown));
        Some(Change {
            remote_id: Some(entry.id.clone()),
            remote_parent: entry.parent.clone(),
            action,
            record: action == Action::None,
            previous: rename.is_some().then(|| key.clone()),
            fields: rename.into_iter().collect(),
            recorded: before.map_or(Value::Null, |(_, then)| then.spec(key.kind.def())),
            fingerprint: object
                .map(|object| fingerprint(key.kind, object.body.value()))
                .unwrap_or_default(),
            ..from_entry(old_key, before.map(|(_, then)| then), &entry.display_name)
        })
    }
}

/// What other people put inside the objects that would be deleted.
fn foreign_children(undone: &[Change]) -> Vec<(Key, String)> {
    let doomed = undone
        .iter()
        .filter(|change| change.action == Action::Delete);
    let foreign = doomed.flat_map(|change| {
        let inside = change.kind.def().children.as_ref();
        let list = inside.and_then(|children| get_path(&change.expected, children.field));
        let members = list.and_then(Value::as_array).into_iter().flatten();
        let kind = inside.map_or("", |children| children.kind);
        members
            .filter(move |member| !kind.is_empty() && is_foreign(kind, member))
            .map(|member| (change.key(), member.to_string()))
            .collect::<Vec<_>>()
    });
    foreign.collect()
}

/// Whether a reference is to something that no manifest is bound to.
fn is_foreign(kind: &'static str, reference: &Value) -> bool {
    reference_key(kind, reference).is_none()
}

/// Whether what is held is what was written, so that taking it back takes nothing else along. What other people put
/// into the items of a typed list goes with its item, like the item itself.
fn is_as_written(
    fields: &'static [Field],
    pointer: &Pointer,
    written: &Value,
    held: &Value,
) -> bool {
    same(written, held) || (written.is_array() && is_like(fields, pointer, written, held))
}

/// What is gone back to.
pub(super) fn fields(def: &'static KindDef, wanted: &Value, held: &Value) -> Vec<FieldChange> {
    let differences = compare(def.fields, wanted, held).differences.into_iter();
    differences.map(gone_back_to).collect()
}

/// The same of the fields that are ours. What other people changed since is wanted as they left it: a list is
/// written as a whole, with what is theirs in it.
fn fields_of_ours(
    def: &'static KindDef,
    wanted: &mut Value,
    held: &Value,
    is_ours: impl Fn(&diff::Difference) -> bool,
) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    for difference in compare(def.fields, wanted, held).differences {
        if is_ours(&difference) {
            fields.push(gone_back_to(difference));
        } else if let Some(value) = wanted.pointer_mut(difference.pointer.as_str()) {
            value.clone_from(&difference.before);
        }
    }
    fields
}

/// A field as it was.
pub(super) fn gone_back_to(difference: diff::Difference) -> FieldChange {
    FieldChange {
        pointer: Pointer::from("/spec").join(&difference.pointer),
        before: difference.before,
        after: difference.after,
        last: None,
        by: Vec::new(),
        unconfirmed: Vec::new(),
        hints: Vec::new(),
        means: Vec::new(),
        cause: Cause::Unknown, // no change of a person: what is gone back to
        source: None,
    }
}

/// A change that changes nothing yet, of an object that the ledger knew.
pub(super) fn from_entry(key: &Key, entry: Option<&Entry>, display_name: &str) -> Change {
    Change {
        protect: entry.is_some_and(|entry| entry.protect),
        observed: entry.is_some_and(|entry| entry.observed),
        file: entry.map(|entry| entry.file.clone()),
        link: entry.and_then(|entry| entry.link.clone()),
        ..empty(key, display_name)
    }
}

/// A change that changes nothing yet.
fn empty(key: &Key, display_name: &str) -> Change {
    Change {
        kind: key.kind,
        name: key.name.clone(),
        display_name: display_name.to_owned(),
        remote_id: None,
        remote_parent: None,
        action: Action::None,
        adopted: false,
        vanished: false,
        record: false,
        file: None,
        link: None,
        previous: None,
        protect: false,
        observed: false,
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
        source: None,
        fingerprint: diff::Fingerprint::new(),
        reasons: Vec::new(),
    }
}
