//! The ledger as data: bindings of manifests to live objects, and what was last applied.
//!
//! Losing it costs rename and prune knowledge only: the next plan adopts by display name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::manifest::Key;
use crate::name::RemoteId;
use crate::text::Packed;

/// The format that this program reads and writes.
pub const LEDGER_FORMAT: &str = "campaignctl.ledger/v1";

/// The record of one environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Ledger {
    /// [`LEDGER_FORMAT`].
    pub format: String,
    /// The account that it speaks of.
    pub account: String,
    /// Made once with the ledger; two ledgers with different lineages are strangers.
    pub lineage: String,
    /// Grows by one with every change.
    pub serial: u64,
    /// The bound objects.
    pub entries: BTreeMap<Key, Entry>,
    /// The ids of plans that were applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_plans: Vec<String>,
}

/// One bound object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Entry {
    /// The live object.
    pub id: RemoteId,
    /// The live object around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RemoteId>,
    /// Its display name when it was last applied.
    pub display_name: String,
    /// The declared spec that was last applied, in canonical spelling.
    pub applied: Packed,
    /// Whether the manifest said that the object must never be deleted or replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// The file of the manifest, relative to the project: a run prunes only below its own paths.
    pub file: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// By which plan.
    pub plan: String,
}

impl Ledger {
    /// The empty ledger of an account.
    #[must_use]
    pub fn new(account: impl Into<String>, lineage: impl Into<String>) -> Self {
        Self {
            format: LEDGER_FORMAT.to_owned(),
            account: account.into(),
            lineage: lineage.into(),
            serial: 0,
            entries: BTreeMap::new(),
            used_plans: Vec::new(),
        }
    }
}
