//! The ledger as data: bindings of manifests to live objects, and what was last applied.
//!
//! Losing it costs rename and prune knowledge only: the next plan adopts by display name.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::LaunchRecord;
use crate::kinds::KindDef;
use crate::kinds::mapping::modernized;
use crate::kinds::words::{VOCABULARY, first_vocabulary};
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
    /// Steps that were begun and of which nobody knows what became. The next run looks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unfinished: Vec<Unfinished>,
    /// What was sent, by the name of the launch.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub launches: BTreeMap<String, LaunchRecord>,
    /// When an object was deleted last, RFC 3339 in UTC: no entry is left to say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<String>,
    /// How far the last plan got, where its run came to an end before all of it was done: stopped, or with steps that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Begun>,
}

/// How far a plan got whose run died, or ended before all of it was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Begun {
    /// The plan, `None` when there is none to go on with.
    pub plan: Option<String>,
    /// The steps that were begun.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub started: BTreeSet<usize>,
    /// Those that were done.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub applied: BTreeSet<usize>,
}

impl Begun {
    /// The same, if it is about this plan.
    #[must_use]
    pub fn of(&self, plan: &str) -> Option<&Self> {
        (self.plan.as_deref() == Some(plan)).then_some(self)
    }

    /// What two runs of one plan did together.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.started.extend(&other.started);
        self.applied.extend(&other.applied);
        self
    }
}

/// A step that was begun and never ended: nobody knows whether the platform carried it out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Unfinished {
    /// Its position in the plan.
    pub step: usize,
    /// The object.
    pub key: Key,
    /// What was to be created, if it was a create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Box<Draft>>,
}

/// An object that is being created: all that is needed to find it again when the answer is lost, and to bind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Draft {
    /// The wire body that was sent.
    pub body: Value,
    /// The entry of the ledger once it is found; its id is not known yet.
    pub entry: Entry,
    /// Live objects of that display name that were there before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub twins: Vec<RemoteId>,
    /// The object whose place it takes, until that one is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Kept>,
}

/// An entry that was replaced, under a key of its own: its object is still ours, and is still to be deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Kept {
    /// A key that no manifest has.
    pub key: Key,
    /// What the ledger said of it.
    pub entry: Entry,
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
    /// The declared spec that was last applied, in canonical spelling and in the words of `vocabulary`; read it with
    /// [`Entry::spec`].
    pub applied: Packed,
    /// Which numbers the words of `applied` stand for, see [`VOCABULARY`].
    #[serde(default = "first_vocabulary")]
    pub vocabulary: u32,
    /// Whether the manifest said that the object must never be deleted or replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// Whether the manifest said that the program only looks at the object, which is then nobody's to delete.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub observed: bool,
    /// The file of the manifest, see [`FilePlace`]: a run prunes only what it would have read.
    pub file: String,
    /// The first link on the way to that file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// By which plan.
    pub plan: String,
}

impl Entry {
    /// The spec that was last applied, in the words of today.
    #[must_use]
    pub fn spec(&self, def: &KindDef) -> Value {
        let applied = self.applied.value();
        if self.is_of_today() {
            applied
        } else {
            modernized(def.fields, applied)
        }
    }

    /// Whether the words of the record stand for the numbers of today.
    #[must_use]
    pub fn is_of_today(&self) -> bool {
        self.vocabulary >= VOCABULARY
    }
}

/// The identity of a manifest's file, the same on every machine: relative to the folder of the project, links as they
/// are named, with forward slashes. What lies outside of that folder begins with `../`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilePlace {
    /// The file.
    pub file: String,
    /// The first link on the way to it, if there is one: without it the file is not read, which deletes nothing.
    pub link: Option<String>,
}

/// Why a manifest that was applied before is not among those of a run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Absence {
    /// It would have been read: it is gone.
    Gone,
    /// Its file lies outside of the paths of the run.
    OutsidePaths,
    /// The link that led to its file is gone.
    BehindLink,
    /// Its file has a name, or lies in a folder, that is skipped.
    Skipped,
    /// Its file is in a submodule of git that is not checked out.
    NotCheckedOut,
    /// Its file is there and holds no manifest at all: an accident of a tool or of a merge, more often than a wish.
    Emptied,
    /// It would have been read, but an emptied file is there that the ledger does not know: its file under another name.
    EmptiedElsewhere,
    /// A file that is not read has a manifest of its kind and name.
    Unread,
    /// There are too many files to look into each of them for it.
    NotSearched,
}

impl Ledger {
    /// How far the plan got that can be resumed: by its journal, and by what is noted of it.
    #[must_use]
    pub fn begun_with(&self, journal: Begun) -> Begun {
        let is_same = |noted: &&Begun| journal.plan.is_none() || journal.plan == noted.plan;
        match self.begun.as_ref().filter(is_same) {
            Some(noted) => noted.clone().and(&journal),
            None => journal,
        }
    }

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
            unfinished: Vec::new(),
            launches: BTreeMap::new(),
            deleted_at: None,
            begun: None,
        }
    }

    /// When the account was written last, as far as this ledger knows: a step that was begun and whose end is unknown
    /// leaves no time.
    #[must_use]
    pub fn last_write(&self) -> Option<Timestamp> {
        let entries = self.entries.values().map(|entry| &entry.at);
        let times = entries.chain(&self.deleted_at);
        times.filter_map(|at| at.parse().ok()).max()
    }
}
