//! The stable codes of diagnostics: what a user can look up, silence or grep for.

use serde::{Deserialize, Serialize};

/// How bad a complaint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The manifests cannot be used.
    Error,
    /// The manifests are valid, but deserve a look.
    Warning,
}

impl Severity {
    /// The word in front of a rendered complaint.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One kind of complaint, documented in the same place where it is raised.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// The stable kebab-case name, `handoff-channel-mix`.
    pub name: &'static str,
    /// How bad it is unless the user says otherwise.
    pub severity: Severity,
    /// One line: what the complaint means.
    pub title: &'static str,
    /// Why it matters and where the rule comes from, in sentences.
    pub why: &'static str,
    /// YAML that raises it.
    pub wrong: &'static str,
    /// The same YAML, mended.
    pub right: &'static str,
}
