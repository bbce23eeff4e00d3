//! What a run warned of when it made a plan. It is part of the document, so that who reviews a page or a comment sees what
//! was said on the terminal.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Plan, digest};
use crate::diag::{Diags, Severity, Texts};
use crate::text::Position;

/// A warning of the run that made the plan. Nothing is held back by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PlanWarning {
    /// The code, which `campaignctl explain` takes.
    pub code: String,
    /// What is the matter.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Position>,
}

/// The warnings among some complaints.
#[must_use]
pub fn warnings(diags: &Diags, texts: &Texts) -> Vec<PlanWarning> {
    let located = diags.located(texts).into_iter();
    let warnings = located.filter(|(it, _)| it.severity == Severity::Warning);
    let warnings = warnings.map(|(it, source)| PlanWarning {
        code: it.code.name.to_owned(),
        message: it.message.clone(),
        help: it.help.clone(),
        source,
    });
    warnings.collect()
}

impl Plan {
    /// The same plan with what was warned of.
    #[must_use]
    pub fn with_warnings(mut self, warnings: Vec<PlanWarning>) -> Self {
        if !warnings.is_empty() {
            self.warnings = warnings;
            self.digest = digest(&self);
        }
        self
    }

    /// The same plan with what was not settled about the ledger.
    #[must_use]
    pub fn with_unsettled(mut self, unsettled: Vec<String>) -> Self {
        if !unsettled.is_empty() {
            self.unsettled = unsettled;
            self.digest = digest(&self);
        }
        self
    }

    /// The warnings, those that are alike together.
    #[must_use]
    pub fn warnings_alike(&self) -> Vec<Vec<&PlanWarning>> {
        let mut groups: Vec<Vec<&PlanWarning>> = Vec::new();
        for warning in &self.warnings {
            let is_alike = |of: &&mut Vec<&PlanWarning>| {
                let first = of.first();
                first.is_some_and(|it| (&it.code, &it.help) == (&warning.code, &warning.help))
            };
            match groups.iter_mut().find(is_alike) {
                Some(group) => group.push(warning),
                None => groups.push(vec![warning]),
            }
        }
        groups
    }

    /// Where a warning is about, as seen from where the plan was made.
    #[must_use]
    pub fn place_of(&self, warning: &PlanWarning) -> Option<String> {
        let at = warning.source.as_ref()?;
        Some(format!("{}:{}", self.path_of(&at.file), at.line))
    }
}
