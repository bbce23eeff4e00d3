//! What a pull is asked for, and what it leaves out.
//!
//! A kind stands for all of its objects, also those that people made in the console: whoever wants all but one names that
//! one. What is left out stays out whatever brings it along: its kind, the object around it, or a reference.

use std::collections::BTreeSet;

use super::fresh::PulledAccount;
use crate::kinds::{KindId, Role};
use crate::live::{Entry, Ledger, LiveObject};
use crate::manifest::Key;
use crate::resolve::{Desired, Resource};

/// What is named on the command line: `Goal`, or `Goal/` with a name, a display name or an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The kind.
    pub kind: KindId,
    /// The object; all of the kind when there is none.
    pub object: Option<String>,
}

/// What is to be taken over.
pub struct PullWants<'a> {
    /// The objects and kinds that are named.
    pub named: &'a [Named],
    /// Whether every foreign object is asked for.
    pub foreign: bool,
    /// Whether what a new manifest refers to gets a manifest, too.
    pub with_references: bool,
    /// What is left out whatever else is said: by the name of a manifest, or by the name that an object of the account
    /// would get, or its id.
    pub excludes: &'a [Key],
    /// Those of them that only the account can know.
    pub unknown_excludes: &'a [Key],
    /// The file of a manifest that is in none of the paths of the run.
    pub outside: &'a dyn Fn(&Key) -> Option<String>,
    /// Whether the run is about an object that nobody named, by the name of its manifest and by its entry in the ledger.
    pub covers: &'a dyn Fn(&Key, Option<&Entry>) -> bool,
}

/// Whether a name can only be that of an object that people made: no manifest has it or had it, and no entry of the ledger.
#[must_use]
pub fn may_be_stranger(key: &Key, desired: &Desired, ledger: &Ledger) -> bool {
    let is_former = |it: &Resource| it.previous_key().as_ref() == Some(key);
    key.kind.def().role != Role::Local
        && desired.get(key).is_none()
        && !desired.iter().any(is_former)
        && !ledger.entries.contains_key(key)
}

impl PullWants<'_> {
    pub(super) fn excludes(&self, key: &Key, object: &LiveObject) -> bool {
        let mut excludes = self.excludes.iter();
        excludes.any(|it| is_named(it, key, object))
    }
}

/// Whether a name is that of an object, or its id.
fn is_named(name: &Key, key: &Key, object: &LiveObject) -> bool {
    name == key || (name.kind == key.kind && name.name.as_str() == object.id.as_str())
}

/// A manifest that is named and in none of the paths.
pub(super) fn outside(key: &Key, file: &str) -> UnknownName {
    UnknownName {
        message: format!("the manifest of {key} is in `{file}`, outside of the given paths"),
        help: "leave the paths out, or name the object without them".to_owned(),
    }
}

/// A name that means nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl PulledAccount<'_> {
    /// Refuses to leave something out that is nowhere.
    pub(super) fn check_excludes(&self, request: &PullWants<'_>) -> Result<(), UnknownName> {
        for excluded in request.unknown_excludes {
            let mut free = self.free.iter();
            if free.any(|(object, _)| is_named(excluded, &self.key(object), object)) {
                continue;
            }
            let text = excluded.name.as_str();
            let UnknownName { message, help } = self.unknown(excluded.kind, text, &[]);
            return Err(UnknownName {
                message: format!("`--exclude {excluded}`: {message}"),
                help,
            });
        }
        Ok(())
    }

    /// The objects without a manifest that the run is about, and whether the ledger knows them.
    pub(super) fn covered<'b>(
        &'b self,
        request: &'b PullWants<'_>,
    ) -> impl Iterator<Item = (Key, bool)> + 'b {
        self.free.iter().filter_map(|(object, entry)| {
            let key = self.key(object);
            let is_undefined = entry.is_none_or(|entry| self.is_gone(entry));
            let is_covered = (request.covers)(&key, *entry) && !request.excludes(&key, object);
            (is_undefined && is_covered).then_some((key, entry.is_some()))
        })
    }

    /// The objects without a manifest that are left out.
    pub(super) fn excluded(&self, request: &PullWants<'_>) -> BTreeSet<Key> {
        let free = self
            .free
            .iter()
            .map(|(object, _)| (self.key(object), *object));
        let excluded = free.filter(|(key, object)| request.excludes(key, object));
        excluded.map(|(key, _)| key).collect()
    }

    /// The objects that people made and that come with their kind, where not all such objects are asked for.
    pub(super) fn along(&self, kind: KindId, request: &PullWants<'_>) -> Vec<Key> {
        let covered = self.covered(request).filter(|(_, is_ours)| !is_ours);
        let of_kind = covered.filter(|(key, _)| key.kind == kind && !request.foreign);
        of_kind.map(|(key, _)| key).collect()
    }
}
