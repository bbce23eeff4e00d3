//! One line of the audit log.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::check::schema::schema_of;
use crate::manifest::Key;
use crate::plan::{Change, Step, StepVerb};
use crate::text::Pointer;

/// The format of a line.
pub const FORMAT: &str = "campaignctl.audit/v1";

/// The pointer of `spec` in a manifest.
const SPEC: &str = "/spec";

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AuditLine {
    /// The format of the line.
    pub format: &'static str,
    /// When it was written, RFC 3339 in UTC.
    pub time: String,
    /// The run of the program: lines of one run share it.
    pub run: String,
    /// The user and the host, as the lock of the ledger names them.
    pub who: String,
    /// On whose behalf, where a pipeline says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// The commit of the project's folder, where it is a checkout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// The version of the program.
    pub tool_version: &'static str,
    /// The environment.
    pub environment: String,
    /// The account.
    pub account: String,
    /// The plan that is carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The position of the step in the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// What is done.
    pub action: Act,
    /// The kind of the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The name of its manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What people see in the console.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The live object; absent before it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_id: Option<String>,
    /// The request; absent where only the ledger is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<AuditRequest>,
    /// The revision that the write named: of a whole collection, not of one object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision_before: Option<String>,
    /// The revision after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision_after: Option<String>,
    /// The fields that are written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Fields,
    /// Its state.
    pub outcome: WriteOutcome,
    /// Why it failed, or why its result is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl AuditLine {
    /// The line with the object that it is about.
    #[must_use]
    pub fn about(self, key: &Key, display_name: &str) -> Self {
        Self {
            kind: Some(key.kind.to_string()),
            name: Some(key.name.to_string()),
            display_name: Some(display_name.to_owned()).filter(|name| !name.is_empty()),
            ..self
        }
    }
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Act {
    /// An object is created.
    Create,
    /// Fields of an object are changed.
    Update,
    /// An object goes live.
    Publish,
    /// An object is taken back from consumers.
    Unpublish,
    /// An object is deleted.
    Delete,
    /// A live object is bound to its manifest, in the ledger only.
    Adopt,
    /// A manifest is unbound, in the ledger only.
    Forget,
    /// A live object is bound to the new name of its manifest, in the ledger only.
    Rename,
    /// A person binds a manifest to a live object, in the ledger only.
    Bind,
    /// A person removes the lock of a ledger.
    Unlock,
    /// A batch of a launch is sent.
    Send,
}

/// The state of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum WriteOutcome {
    /// It is about to be sent. A line with what came of it follows, unless the process died.
    Begun,
    /// It was done.
    Applied,
    /// Its answer was lost, and it was found done.
    Found,
    /// It was not done.
    Failed,
    /// It is not known; the next run looks.
    Unknown,
}

/// On whose behalf a pipeline runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Actor {
    /// The system that runs the pipeline.
    pub system: String,
    /// The person or robot that it names.
    pub name: String,
    /// The page of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The commit of a checkout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// Whether files of the project differ from it. What the program writes itself does not count.
    pub dirty: bool,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AuditRequest {
    /// The method that is meant, also where another one carries it.
    pub method: &'static str,
    /// The path, without host and query.
    pub path: String,
}

/// The fields of a write.
pub type Fields = Vec<AuditField>;

/// One field that is written.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AuditField {
    /// The field, from the root of the manifest: `/spec/weight`.
    #[schemars(with = "String")]
    pub pointer: Pointer,
    /// The value that was planned to be there, null for none.
    pub before: Value,
    /// The value that is written, null when it goes.
    pub after: Value,
}

impl Act {
    /// What a step does; `None` for those that change nothing that others trust.
    #[must_use]
    pub fn of(verb: StepVerb) -> Option<Self> {
        match verb {
            StepVerb::Create => Some(Self::Create),
            StepVerb::Update => Some(Self::Update),
            StepVerb::Publish => Some(Self::Publish),
            StepVerb::Unpublish => Some(Self::Unpublish),
            StepVerb::Delete => Some(Self::Delete),
            StepVerb::Adopt => Some(Self::Adopt),
            StepVerb::Forget => Some(Self::Forget),
            StepVerb::Rename => Some(Self::Rename),
            StepVerb::Record | StepVerb::Manual => None,
        }
    }

    /// Whether it changes the ledger and leaves the account as it is.
    #[must_use]
    pub fn is_of_ledger(self) -> bool {
        matches!(
            self,
            Self::Adopt | Self::Forget | Self::Rename | Self::Bind | Self::Unlock
        )
    }
}

/// The fields that a step writes: as the plan shows them, else whole.
#[must_use]
pub fn fields_of(step: &Step, change: &Change) -> Fields {
    let mut fields = Vec::new();
    for (key, after) in step.spec.as_object().into_iter().flatten() {
        let pointer = Pointer::from(SPEC).key(key);
        let shown = change.fields.iter();
        let shown = shown.filter(|field| field.pointer.starts_with(&pointer));
        let known = fields.len();
        fields.extend(shown.map(|field| AuditField {
            pointer: field.pointer.clone(),
            before: field.before.clone(),
            after: field.after.clone(),
        }));
        if fields.len() == known {
            fields.push(AuditField {
                pointer,
                before: step.before.get(key).cloned().unwrap_or_default(),
                after: after.clone(),
            });
        }
    }
    fields
}

/// The JSON Schema of a line.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<AuditLine>("A line of a campaignctl audit log");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the line." });
    schema
}
