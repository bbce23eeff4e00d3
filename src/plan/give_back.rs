//! Flags that one object of an account bears at most, given back when the apply that took them is taken back.
//!
//! The object that lost the flag was not written by the apply: the platform took it away. So the inverse writes to an object
//! of which the journal says nothing, and which may be of other people or the vendor: that flag, and nothing else.

use serde_json::{Map, Value};

use super::rollback::{Inverse, fields, from_entry, gone_back_to};
use super::{Action, Change, LosingObject};
use crate::diff::{self, fingerprint, live_spec};
use crate::kinds::KindId;
use crate::kinds::field::Field;
use crate::kinds::mapping::{get_path, set_path};
use crate::live::{Ledger, LiveObject};
use crate::manifest::Key;
use crate::name::{Name, RemoteId};
use crate::text::Pointer;

impl Inverse<'_> {
    /// Gives flags back to those who lost them to an object that this run wrote and that still bears it.
    pub(super) fn give_back(&self, changes: &mut Vec<Change>) {
        for (kind, taken) in self.applied.taken {
            let Some(flag) = kind.def().exclusive_field() else {
                continue;
            };
            let ours = |object: &LiveObject| {
                let mut created = self.applied.created.iter();
                let mut was = self.applied.was.iter();
                created.any(|(key, id)| key.kind == *kind && *id == object.id)
                    || was.any(|was| was.object.kind == *kind && was.object.id == object.id)
            };
            if !diff::bearers(*kind, self.applied.seen).all(ours) {
                continue; // a colleague has decided otherwise since
            }
            let deleted = self.key_of_deleted(*kind, &taken.remote_id);
            let own = changes.iter_mut().find(|change| {
                let is_again =
                    change.action == Action::Create && deleted.as_ref() == Some(&change.key());
                let is_it = change.remote_id.as_ref() == Some(&taken.remote_id);
                change.kind == *kind && (is_again || is_it)
            });
            match own {
                Some(change) if change.action == Action::Update => set_flag(change, flag),
                Some(change) if change.action == Action::Create => create_with_flag(change, flag),
                Some(_) => {}
                None => changes.extend(self.set_flag_of(*kind, taken, flag)),
            }
        }
    }

    /// Under which key an object is created again.
    fn key_of_deleted(&self, kind: KindId, id: &RemoteId) -> Option<Key> {
        let mut was = self.applied.was.iter();
        let was = was.find(|was| was.deleted && was.object.kind == kind && was.object.id == *id)?;
        let before = self.before(kind, id).map(|(key, _)| key.clone());
        Some(before.unwrap_or_else(|| was.key.clone()))
    }

    /// The change that gives an object its flag back, and does nothing else.
    fn set_flag_of(&self, kind: KindId, taken: &LosingObject, flag: &Field) -> Option<Change> {
        let object = self.seen.get(&(kind, &taken.remote_id))?;
        let owned = self.before(kind, &object.id);
        let key = owned.map_or_else(|| self.free_key(object), |(key, _)| key.clone());
        let mut change = Change {
            remote_id: Some(object.id.clone()),
            remote_parent: object.parent.clone(),
            action: Action::Update,
            foreign: owned.is_none(),
            patch: Value::Object(Map::new()),
            expected: Value::Object(Map::new()),
            recorded: owned.map_or(Value::Null, |(_, entry)| entry.spec(kind.def())),
            fingerprint: fingerprint(kind, object.body.value()),
            reasons: vec![format!("it had `{}` before", flag.spec)],
            ..from_entry(&key, owned.map(|(_, entry)| entry), &object.display_name)
        };
        set_flag(&mut change, flag);
        let held = live_spec(kind.def(), &self.table, object);
        let before = get_path(&held, flag.spec).cloned().unwrap_or(Value::Null);
        set_path(&mut change.expected, flag.spec, before.clone());
        change
            .fields
            .iter_mut()
            .for_each(|field| field.before = before.clone());
        Some(change)
    }

    /// A name for an object that has none.
    fn free_key(&self, object: &LiveObject) -> Key {
        let named = |text: &str| Key {
            kind: object.kind,
            name: Name::from_display_name(text, "foreign"),
        };
        let key = named(&object.display_name);
        let is_taken = |ledger: &Ledger| ledger.entries.contains_key(&key);
        if is_taken(self.applied.now) || is_taken(self.applied.before) {
            return named(&format!("{} {}", object.id, object.display_name));
        }
        key
    }
}

/// Creates an object with a flag that it had lost before it was deleted.
fn create_with_flag(change: &mut Change, flag: &Field) {
    set_path(&mut change.declared, flag.spec, Value::Bool(true));
    change.patch.clone_from(&change.declared);
    let nothing = Value::Object(Map::new());
    change.fields = fields(change.kind.def(), &change.declared, &nothing);
}

/// Sets a flag in an update, beside what else it does.
fn set_flag(change: &mut Change, flag: &Field) {
    let pointer = Pointer::from(format!("/spec/{}", flag.spec.replace('.', "/")).as_str());
    let known = change
        .fields
        .iter()
        .position(|field| field.pointer == pointer);
    let known = known.map(|at| change.fields.remove(at));
    let before = known.map_or(Value::Bool(false), |field| field.before);
    set_path(&mut change.patch, flag.spec, Value::Bool(true));
    set_path(&mut change.expected, flag.spec, before.clone());
    change.fields.push(gone_back_to(diff::Difference {
        pointer: flag
            .spec
            .split('.')
            .fold(Pointer::root(), |at, key| at.key(key)),
        before,
        after: Value::Bool(true),
    }));
}
