//! What the rules of a kind may ask, and what they answer.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::diag::{Advice, Code};
use crate::text::Pointer;

/// What a rule may ask about the other manifests.
pub trait RuleWorld {
    /// The spec of a manifest.
    fn spec(&self, kind: &'static str, name: &str) -> Option<&Value>;
    /// The specs of the manifests below a parent, with their names.
    fn children(&self, kind: &'static str, parent: &str) -> Vec<(&str, &Value)>;
    /// When the manifests are judged; an input, so that the same inputs give the same complaints.
    fn now(&self) -> Option<Timestamp> {
        None
    }
    /// The day of that in UTC.
    fn today(&self) -> Option<Date> {
        Some(self.now()?.to_zoned(TimeZone::UTC).date())
    }
}

/// A complaint of a rule, its place counted from `spec`.
#[derive(Debug)]
pub struct Finding {
    /// The code.
    pub code: &'static Code,
    /// The place below `spec`.
    pub pointer: Pointer,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Advice,
}

/// The complaints of one manifest's rules.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Complains about the node at `pointer` (counted from `spec`, `/appNames/0`).
    pub fn push(
        &mut self,
        code: &'static Code,
        pointer: impl Into<Pointer>,
        message: impl Into<String>,
        help: impl Into<Advice>,
    ) {
        self.0.push(Finding {
            code,
            pointer: pointer.into(),
            message: message.into(),
            help: help.into(),
        });
    }
}

/// Why a spec does not have the Rust type of its kind.
#[derive(Debug, PartialEq, Eq)]
pub struct TypedError {
    /// The place below `spec`.
    pub pointer: Pointer,
    /// What the parser said.
    pub message: String,
}
