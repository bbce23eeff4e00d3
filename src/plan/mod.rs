//! F2, pass 7: the plan. Immutable, serializable and complete: apply makes no choices of its own.

mod around;
mod consumers;
mod document;
mod freeze;
mod give_back;
mod guard;
mod guards;
mod impact;
mod index;
mod lists;
mod moved;
mod order;
mod places;
mod refers;
mod resumed;
mod reviewed;
mod rollback;
mod several;
mod steps;
#[cfg(test)]
mod tests;
mod unlisted;
mod unreturned;
mod verify;
mod waive;
mod warnings;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::schema::schema_of;
pub use crate::diff::{
    Action, Cause, Change, ChangeReach, Dependency, FieldChange, LeftAlone, LosingObject,
    ReachedObject,
};
use crate::kinds::words::first_vocabulary;
pub use crate::live::Absence;
use crate::live::References;
use crate::manifest::Key;
use crate::name::RemoteId;
pub use crate::project::Guards;
pub use crate::select::Narrowed;
pub use around::judged_by;
pub use consumers::{ConsumerTurn, Effect};
pub use document::{digest, read};
pub use freeze::{Header, planned};
pub use guard::{Now, Refusal, judge};
pub use guards::{GUARDS, Guard, Overrides};
pub use impact::{ExampleVisit, Impact, Shift, Shifted};
pub use index::{
    INDEX_FILE, INDEX_FORMAT, Indexed, IndexedPlan, PlanIndex, index_schema, plan_file,
};
pub use reviewed::{differences, listed_only_now};
pub use rollback::{AppliedPlan, Was, rollback};
pub use several::{EnvironmentPlan, PLANS_FORMAT, PlanFailure, Plans, plans_schema};
pub use verify::{StalePlan, Today, needs, stale};
pub use waive::{is_blocked, is_waivable, waived};
pub use warnings::{PlanWarning, warnings};

/// The format that this program reads and writes.
pub const PLAN_FORMAT: &str = "campaignctl.plan/v1";

/// What would be done to an account, frozen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Plan {
    /// [`PLAN_FORMAT`].
    pub format: String,
    /// The unique id of this plan: a plan is used once.
    pub id: String,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: String,
    /// The version of the program that made it.
    pub tool_version: String,
    /// The version of the mapping from words to the platform's numbers: a plan with another one is not applied.
    #[serde(default = "first_vocabulary")]
    pub vocabulary: u32,
    /// The folder of the project, relative to where the plan was made.
    pub project: String,
    /// The name of the project, if the project file has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_name: Option<String>,
    /// The environment that it was made for.
    pub environment: String,
    /// The account that it was made for.
    pub account: String,
    /// A digest of the manifests, templates expanded.
    pub manifest_digest: String,
    /// The ledger that it was computed from; absent when there was none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<LedgerState>,
    /// The part of the manifests that it is about; absent when it is about all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Narrowed>,
    /// The counts of the summary line.
    pub summary: Summary,
    /// One change per object, deletes first, then in creation order.
    pub changes: Vec<Change>,
    /// The writes, in an order that satisfies every `after`.
    pub steps: Vec<Step>,
    /// The ids of the objects that the changes speak of.
    pub references: References,
    /// Live objects that bear the display name of something to be created, and are known to be others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub known_twins: Vec<RemoteId>,
    /// The campaigns and engagements that changes to shared objects and templates reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<ChangeReach>,
    /// What the objects of the changes, and those that depend on them, refer to among each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    /// Of the objects of the changes, those that consumers see on the account now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub live: Vec<Key>,
    /// What consumers gain and lose by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
    /// What visitors are offered differently after it; absent where that was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    /// Owned objects without a manifest in this run that it leaves alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_alone: Vec<LeftAlone>,
    /// Why it may be about the half of what another run does: one was at work when it was made, or had not finished.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsettled: Vec<String>,
    /// What was warned of when it was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<PlanWarning>,
    /// Why the plan may not be applied, as it was judged when it was made; empty when it may. Each apply judges
    /// it again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// A digest of all the rest.
    #[serde(default)]
    pub digest: String,
}

impl Plan {
    /// The same plan with its impact, and what of it keeps the plan back.
    #[must_use]
    pub fn with_impact(mut self, impact: Impact, refusals: Vec<Refusal>) -> Self {
        self.impact = Some(impact);
        self.refusals.extend(refusals);
        self.digest = digest(&self);
        self
    }
}

/// Which state of which ledger a plan was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LedgerState {
    /// Made once with the ledger.
    pub lineage: String,
    /// Grows with every change of it.
    pub serial: u64,
}

/// The JSON Schema of a plan document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<Plan>("A campaignctl plan");
    state_format(&mut schema, PLAN_FORMAT);
    schema
}

/// Says in the schema of a document which format it has.
fn state_format(schema: &mut Value, format: &str) {
    schema["properties"]["format"] =
        serde_json::json!({ "const": format, "description": "The format of the document." });
}

impl Plan {
    /// The project as people know it: its name, else its folder; nothing for one without a name in the current folder.
    #[must_use]
    pub fn project_shown(&self) -> Option<String> {
        let folder = Some(&self.project).filter(|folder| *folder != ".");
        self.project_name.as_ref().or(folder).cloned()
    }

    /// Whether applying it would create, change or delete anything, or ask a person to. Adopting is none of these.
    #[must_use]
    pub fn changes_account(&self) -> bool {
        self.summary.written() + self.summary.manual > 0
    }

    /// The part that it is about, when something is left out.
    #[must_use]
    pub fn partial(&self) -> Option<&Narrowed> {
        let narrowed = self.selection.as_ref();
        narrowed.filter(|narrowed| narrowed.selected < narrowed.objects)
    }

    /// Whether it is about all that is ours: only then it can say that the account matches.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.partial().is_none() && self.left_alone.is_empty()
    }

    /// A file that it names, as seen from where it was made.
    #[must_use]
    pub fn path_of(&self, file: &str) -> String {
        let mut names: Vec<&str> = Vec::new();
        for name in self.project.split('/').chain(file.split('/')) {
            match (name, names.last()) {
                ("." | "", _) => {}
                ("..", Some(last)) if *last != ".." => drop(names.pop()),
                _ => names.push(name),
            }
        }
        names.join("/")
    }

    /// What consumers gain or lose by the change of an object.
    #[must_use]
    pub fn effect_on(&self, key: &Key) -> Option<&Effect> {
        self.effects.iter().find(|effect| effect.key == *key)
    }

    /// Whether there is nothing to show: applying it would at most bring the ledger's records up to date.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.verb == StepVerb::Record)
    }
}

/// The counts of the summary line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Summary {
    /// Objects to create.
    pub create: usize,
    /// Objects to update, publish and unpublish included.
    pub update: usize,
    /// Objects to delete and create again.
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

impl Summary {
    /// How many objects are created, changed or deleted: what people do by hand and what is only bound is not among them.
    #[must_use]
    pub fn written(&self) -> usize {
        let Self {
            create,
            update,
            replace,
            delete,
            adopt: _,
            manual: _,
            unchanged: _,
        } = self;
        create + update + replace + delete
    }
}

impl std::ops::Add for Summary {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            create: self.create + other.create,
            update: self.update + other.update,
            replace: self.replace + other.replace,
            delete: self.delete + other.delete,
            adopt: self.adopt + other.adopt,
            manual: self.manual + other.manual,
            unchanged: self.unchanged + other.unchanged,
        }
    }
}

/// One write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    /// The object.
    #[schemars(with = "String")]
    pub key: Key,
    /// The position of its change in [`Plan::changes`].
    pub change: usize,
    /// What is written.
    pub verb: StepVerb,
    /// Declared fields in spec terms: all of them for a create, the changed ones for an update.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub spec: Value,
    /// The live values of the fields in `spec`, null where absent: the write is refused when they moved. Of a
    /// delete, what lay inside the object.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
    /// Positions in [`Plan::steps`] that must have succeeded first.
    pub after: Vec<usize>,
}

/// What a step writes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum StepVerb {
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
    /// Bring the ledger's record up to date.
    Record,
    /// Bind under another name, in the ledger only.
    Rename,
    /// A person has to do it.
    Manual,
}
