//! What the diff says about one object and one field.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kinds::KindId;
use crate::kinds::mapping::{get_path, written_over};
use crate::live::Absence;
use crate::manifest::Key;
use crate::name::{Name, RemoteId};
use crate::text::{Pointer, Position};

/// Where the name of a manifest stands.
pub(crate) const NAME: &str = "/metadata/name";

/// What happens to one object.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Delete an owned object whose manifest has gone.
    Delete,
    /// Delete and create anew.
    Replace,
    /// Create.
    Create,
    /// Change fields, or the name alone, of which the account knows nothing.
    Update,
    /// Bind a live object to its manifest; nothing is written to the account.
    Adopt,
    /// Drop the ledger entry of an object that is gone from both sides.
    Forget,
    /// A person has to do it: the platform lets programs only read this kind.
    Manual,
    /// Nothing.
    None,
}

/// An owned object without a manifest in this run that is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LeftAlone {
    /// The object.
    #[schemars(with = "String")]
    pub key: Key,
    /// The file that its manifest was in.
    pub file: String,
    /// Why no manifest declares it; one that is gone is left alone because `prune` is `none`.
    pub why: Absence,
}

/// An object that loses a flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LosingObject {
    /// The field of the flag, `default`.
    pub field: String,
    /// The manifest; absent for an object of other people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub key: Option<Key>,
    /// What people see in the console.
    pub display_name: String,
    /// The live object.
    #[schemars(with = "String")]
    pub remote_id: RemoteId,
}

/// A digest for every key of a live body that people can change.
pub type Fingerprint = BTreeMap<String, String>;

/// What the diff says about one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Change {
    /// The kind.
    #[schemars(with = "String")]
    pub kind: KindId,
    /// The name.
    #[schemars(with = "String")]
    pub name: Name,
    /// What people see in the console.
    pub display_name: String,
    /// The live object, absent for a create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub remote_id: Option<RemoteId>,
    /// The live object around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub remote_parent: Option<RemoteId>,
    /// What happens.
    pub action: Action,
    /// Whether the live object was bound by its display name in this plan, not by the ledger.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// Whether the ledger binds it to a live object that the account no longer holds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub vanished: bool,
    /// Whether nothing but the ledger's record of it is out of date: the manifest says something else, the
    /// account holds it already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub record: bool,
    /// The file of the manifest: relative to the project, links as they are named, with forward slashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The first link on the way to that file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The ledger key that the live object had before, when the manifest was renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub previous: Option<Key>,
    /// Whether the live object may never be deleted or replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// Whether the program only looks at the live object.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub observed: bool,
    /// Whether people made the live object in the console: neither a manifest nor the ledger knows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
    /// Whether the ledger lets go of the object after the last write: it was not ours before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forget: bool,
    /// The fields that differ.
    pub fields: Vec<FieldChange>,
    /// The changed fields with their declared values, in spec terms. A document has them in its steps, from where
    /// they are put back when it is read.
    #[serde(skip)]
    pub patch: Value,
    /// The same fields with their live values.
    #[serde(skip)]
    pub expected: Value,
    /// What a live object that will be deleted refers to or is inside of, for the order of deletes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub refers_to: Vec<Key>,
    /// The objects that lose a flag to this one, because only one object of an account can have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes: Vec<LosingObject>,
    /// What an object that is to go holds, in spec terms: for people, who see what they lose.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub was: Value,
    /// How many declared fields are equal.
    pub unchanged: usize,
    /// The declared spec in canonical spelling, to be recorded in the ledger.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub declared: Value,
    /// What the ledger records instead of `declared`: the former record, if an apply is undone; or the same with what
    /// conditions mean.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub recorded: Value,
    /// Where the manifest is; files are named as in `file`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Position>,
    /// The live object that this was computed from, a digest for every key of its body.
    #[serde(default, skip_serializing_if = "Fingerprint::is_empty")]
    pub fingerprint: Fingerprint,
    /// Why, where that is not plain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FieldChange {
    /// The field, from the root of the manifest: `/spec/weight`.
    #[schemars(with = "String")]
    pub pointer: Pointer,
    /// The live value; null when there is none.
    pub before: Value,
    /// The declared value; null when it is to go.
    pub after: Value,
    /// The value that was last applied, where the ledger has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Value>,
    /// Who changed it.
    pub cause: Cause,
    /// What changed it, where the cause is a template (`EngagementTemplate/brand`) or a variable (`brand`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// The words of the declared value whose numbers are not confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<String>,
    /// What there is to know of it, such as a word that an earlier version wrote as another number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// What the conditions in it, or around it, ask of a visitor, as the manifest says it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub means: Vec<Value>,
    /// Where the declared value is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Position>,
}

/// Who changed a field since it was last applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Cause {
    /// The manifest.
    Edit,
    /// The account, behind our back.
    Drift,
    /// Both: a conflict.
    Both,
    /// A template that the manifest uses.
    Template,
    /// A variable.
    Variable,
    /// Unknown: the ledger has no record.
    Unknown,
}

impl Change {
    /// Kind and name.
    #[must_use]
    pub fn key(&self) -> Key {
        Key {
            kind: self.kind,
            name: self.name.clone(),
        }
    }

    /// Whether the ledger has the object under another name, which the plan changes.
    #[must_use]
    pub(crate) fn is_renamed(&self) -> bool {
        let mut fields = self.fields.iter().map(|field| &field.pointer);
        self.previous.is_some() && fields.any(|at| at.as_str() == NAME)
    }

    /// Whether it is an update that writes nothing to the account: the manifest has another name, and that is all.
    #[must_use]
    pub(crate) fn is_rename_only(&self) -> bool {
        let writes = self
            .patch
            .as_object()
            .is_some_and(|patch| !patch.is_empty());
        self.action == Action::Update && self.previous.is_some() && !writes
    }
}

impl Change {
    /// Whether it sets a flag that one object bears at most.
    #[must_use]
    pub(crate) fn sets_flag(&self) -> bool {
        let spec = match self.action {
            Action::Create | Action::Replace => &self.declared,
            Action::Update => &self.patch,
            _ => return false,
        };
        let flag = self.kind.def().exclusive_field();
        flag.is_some_and(|flag| get_path(spec, flag.spec) == Some(&Value::Bool(true)))
    }

    /// Whether all that it writes is to set such a flag.
    #[must_use]
    pub(crate) fn only_sets_flag(&self) -> bool {
        let is_alone = self.patch.as_object().is_some_and(|patch| patch.len() == 1);
        self.action == Action::Update && is_alone && self.sets_flag()
    }
}

impl FieldChange {
    /// A manifest that has another name than the ledger knows.
    #[must_use]
    pub(crate) fn rename(before: &Name, after: &Name, cause: Cause) -> Self {
        let before = Value::from(before.as_str());
        Self {
            pointer: Pointer::from(NAME),
            after: Value::from(after.as_str()),
            last: (cause == Cause::Edit).then(|| before.clone()),
            before,
            cause,
            by: Vec::new(),
            unconfirmed: Vec::new(),
            hints: Vec::new(),
            means: Vec::new(),
            source: None,
        }
    }

    /// The value that a write leaves there: items of a list keep what is not declared of them.
    #[must_use]
    pub fn written(&self, kind: KindId) -> Value {
        let steps = self.pointer.steps().skip(1);
        let place = steps.fold(Pointer::root(), |place, step| place.key(&step));
        written_over(kind.def().fields, &place, &self.after, &self.before)
    }

    /// The field as people name it: dotted, and counted from `spec` unless it lies outside of that.
    #[must_use]
    pub fn path(&self) -> String {
        self.pointer.path()
    }
}
