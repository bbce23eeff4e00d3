//! F2, pass 7: the plan. Immutable, serializable and complete: apply makes no choices of its own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kinds::KindId;
use crate::live::References;
use crate::manifest::Key;
use crate::name::{Name, RemoteId};
use crate::text::{Pointer, Position};

/// The format that this program reads and writes.
pub const PLAN_FORMAT: &str = "campaignctl.plan/v1";

/// What would be done to an account, frozen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Plan {
    /// [`PLAN_FORMAT`].
    pub format: String,
    /// The version of the program that made it.
    pub tool_version: String,
    /// The environment that it was made for.
    pub environment: String,
    /// The account that it was made for.
    pub account: String,
    /// The counts of the summary line.
    pub summary: Summary,
    /// One change per object, deletes first, then in creation order.
    pub changes: Vec<Change>,
    /// The writes, in an order that satisfies every `after`.
    pub steps: Vec<Step>,
    /// The ids of the objects that the changes speak of.
    pub references: References,
}

/// The counts of the summary line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Summary {
    /// Objects to create.
    pub create: usize,
    /// Objects to update, publish and unpublish included.
    pub update: usize,
    /// Objects to delete and create anew.
    pub replace: usize,
    /// Objects to delete.
    pub delete: usize,
    /// Objects to bind without touching them, or before updating them.
    pub adopt: usize,
    /// Objects that a person has to change.
    pub manual: usize,
    /// Objects that match.
    pub unchanged: usize,
}

/// What happens to one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Delete an owned object whose manifest has gone.
    Delete,
    /// Delete and create anew.
    Replace,
    /// Create.
    Create,
    /// Change fields.
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

/// What the diff says about one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Change {
    /// The kind.
    pub kind: KindId,
    /// The name.
    pub name: Name,
    /// What people see in the console.
    pub display_name: String,
    /// The live object, absent for a create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_id: Option<RemoteId>,
    /// The live object around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_parent: Option<RemoteId>,
    /// What happens.
    pub action: Action,
    /// Whether the live object was bound by its display name in this plan, not by the ledger.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// The fields that differ.
    pub fields: Vec<FieldChange>,
    /// How many declared fields are equal.
    pub unchanged: usize,
    /// The declared spec in canonical spelling, to be recorded in the ledger.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub declared: Value,
    /// Where the manifest stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Position>,
    /// A digest of the live object that this was computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Why, where that is not plain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FieldChange {
    /// The field, from the root of the manifest: `/spec/weight`.
    pub pointer: Pointer,
    /// The live value; null when there is none.
    pub before: Value,
    /// The declared value; null when it is to go.
    pub after: Value,
    /// Who changed it.
    pub cause: Cause,
    /// Where the declared value stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Position>,
}

/// Who changed a field since it was last applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Nobody knows: the ledger has no record.
    Unknown,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    /// The object.
    pub key: Key,
    /// The position of its change in [`Plan::changes`].
    pub change: usize,
    /// What is written.
    pub verb: Verb,
    /// Declared fields in spec terms: all of them for a create, the changed ones for an update.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub spec: Value,
    /// The live values of the fields in `spec`, null where absent: the write is refused when they moved.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
    /// Positions in [`Plan::steps`] that must have succeeded first.
    pub after: Vec<usize>,
}

/// What a step writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verb {
    /// Take an object back from consumers.
    Unpublish,
    /// Create.
    Create,
    /// Change fields.
    Update,
    /// Make an object live, the last write to it.
    Publish,
    /// Delete.
    Delete,
    /// Bind in the ledger only.
    Adopt,
    /// Unbind in the ledger only.
    Forget,
    /// A person has to do it.
    Manual,
}
