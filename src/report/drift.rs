//! The remote side of a plan: what changed on the account since it was last applied.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::environments::{environment_heading, failed};
use super::plan::{left_alone_lines, left_out_lines, named_field, pair, partial_line};
use crate::check::schema::schema_of;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::{Action, Cause, LeftAlone, Narrowed, Plan, PlanFailure};
use crate::text::Pointer;
use crate::text::safe::line;

/// The format of the JSON form.
pub const FORMAT: &str = "campaignctl.drift/v1";

/// What changed on the account since it was last applied.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// [`FORMAT`].
    pub format: &'static str,
    /// The environment.
    pub environment: String,
    /// The account.
    pub account: String,
    /// The part of the manifests that was looked at; absent when that was all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Narrowed>,
    /// The objects that changed or went away.
    pub objects: Vec<DriftedObject>,
    /// Owned objects without a manifest in this run, which were not looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_alone: Vec<LeftAlone>,
    /// Why this may be about the half of what another run does: one is at work, or did not finish.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsettled: Vec<String>,
}

/// One owned object that changed on the account.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DriftedObject {
    /// Kind and name.
    #[schemars(with = "String")]
    pub key: Key,
    /// What people see in the console.
    pub display_name: String,
    /// The live object.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub remote_id: Option<RemoteId>,
    /// Whether the account no longer holds it.
    pub gone: bool,
    /// The fields that changed.
    pub fields: Vec<DriftedField>,
}

/// One field that changed on the account.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DriftedField {
    /// The field, from the root of the manifest.
    #[schemars(with = "String")]
    pub pointer: Pointer,
    /// The field as the plan names it.
    #[serde(skip)]
    pub path: String,
    /// The value that was last applied.
    pub last: Value,
    /// The value that the account holds.
    pub live: Value,
    /// Whether the manifest changed it, too.
    pub conflict: bool,
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<Drift>("What changed on an account");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

/// The format of the JSON form of several environments.
pub const DRIFTS_FORMAT: &str = "campaignctl.drifts/v1";

/// The drift of several environments.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drifts {
    /// [`DRIFTS_FORMAT`].
    pub format: &'static str,
    /// One environment each, by name.
    pub environments: Vec<EnvironmentDrift>,
}

/// What came of one environment: its drift, or an error.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentDrift {
    /// The environment.
    pub environment: String,
    /// The exit code that a run of it alone would have had.
    pub exit: u8,
    /// What changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// Why nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<PlanFailure>,
}

impl Drifts {
    /// The document of these environments.
    #[must_use]
    pub fn new(environments: impl IntoIterator<Item = EnvironmentDrift>) -> Self {
        Self {
            format: DRIFTS_FORMAT,
            environments: environments.into_iter().collect(),
        }
    }
}

impl fmt::Display for Drifts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, it) in self.environments.iter().enumerate() {
            let account = it.drift.as_ref().map(|drift| drift.account.as_str());
            f.write_str(if index > 0 { "\n" } else { "" })?;
            writeln!(f, "{}", environment_heading(&it.environment, account))?;
            if let Some(drift) = &it.drift {
                write!(f, "{drift}")?;
            }
            if let Some(failure) = &it.error {
                write!(f, "{}", failed(failure))?;
            }
        }
        Ok(())
    }
}

/// The remote side of a plan.
#[must_use]
pub fn drift(plan: &Plan) -> Drift {
    let objects = plan.changes.iter().map(|change| {
        let drifted = change
            .fields
            .iter()
            .filter(|field| matches!(field.cause, Cause::Drift | Cause::Both));
        let fields = drifted.map(|field| DriftedField {
            pointer: field.pointer.clone(),
            path: named_field(change, field),
            last: field.last.clone().unwrap_or(Value::Null),
            live: field.before.clone(),
            conflict: field.cause == Cause::Both,
        });
        DriftedObject {
            key: change.key(),
            display_name: change.display_name.clone(),
            remote_id: change.remote_id.clone(),
            gone: change.vanished || change.action == Action::Forget,
            fields: fields.collect(),
        }
    });
    Drift {
        format: FORMAT,
        environment: plan.environment.clone(),
        account: plan.account.clone(),
        selection: plan.selection.clone(),
        objects: objects
            .filter(|object| object.gone || !object.fields.is_empty())
            .collect(),
        left_alone: plan.left_alone.clone(),
        unsettled: plan.unsettled.clone(),
    }
}

impl Drift {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

/// `1 field`, `2 fields`.
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for object in &self.objects {
            let id = object
                .remote_id
                .as_ref()
                .map(|id| format!(" ({id})"))
                .unwrap_or_default();
            let name = line(&object.display_name);
            writeln!(f, "  ~ {} \"{name}\"{id}", object.key)?;
            if object.gone {
                writeln!(f, "      the account no longer holds it")?;
            }
            for field in &object.fields {
                let conflict = if field.conflict {
                    "  (the manifest changed it, too)"
                } else {
                    ""
                };
                let (last, live) = pair(&field.last, &field.live);
                let path = line(&field.path);
                writeln!(f, "      {path}: {last} -> {live}{conflict}")?;
            }
            writeln!(f)?;
        }
        let partial = self.selection.as_ref();
        let partial = partial.filter(|narrowed| narrowed.selected < narrowed.objects);
        if let Some(narrowed) = partial {
            writeln!(f, "{}", partial_line("report", narrowed))?;
            for left_out in left_out_lines(narrowed) {
                writeln!(f, "  {left_out}")?;
            }
        }
        for why in &self.unsettled {
            writeln!(f, "Not settled: {}", line(why))?;
        }
        for line in left_alone_lines(&self.left_alone, str::to_owned) {
            writeln!(f, "{line}")?;
        }
        let is_whole = partial.is_none() && self.left_alone.is_empty() && self.unsettled.is_empty();
        if self.is_empty() && is_whole {
            return writeln!(f, "No drift. The account is as it was last applied.");
        }
        let fields: usize = self.objects.iter().map(|object| object.fields.len()).sum();
        let gone = self.objects.iter().filter(|object| object.gone).count();
        writeln!(
            f,
            "Drift: {} changed in {}, {gone} gone.",
            counted(self.objects.len() - gone, "object"),
            counted(fields, "field")
        )
    }
}
