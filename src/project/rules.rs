//! The severity of diagnostics, by code.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use serde_json::Value;

use super::codes::{FIXED_RULE, UNKNOWN_RULE};
use crate::diag::yaml::AMBIGUOUS_SCALAR;
use crate::diag::{Code, Diagnostic, Diags, Severity, Texts, did_you_mean};
use crate::text::{Document, Part, Pointer, Span};

/// How bad each code is in this project: `{handoff-lookback-long: warn}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Rules(BTreeMap<String, Level>);

/// How bad a complaint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// The manifests cannot be used.
    Error,
    /// The manifests can be used; somebody should look.
    Warn,
    /// Nothing is said.
    Off,
}

/// The codes that there are.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// All codes.
    pub codes: Vec<&'static Code>,
    /// The names of those that cannot be lowered: without what they demand, nothing after them is sound.
    pub fixed: BTreeSet<&'static str>,
}

/// The complaints about the text of a project file, without those about `off` as a level: a word that other
/// readers take for a boolean is meant here.
#[must_use]
pub fn without_level_words(diags: Diags, texts: &Texts) -> Diags {
    let levels = texts.documents.first().map(levels).unwrap_or_default();
    let is_level = |diagnostic: &Diagnostic| {
        diagnostic.code == &AMBIGUOUS_SCALAR
            && texts
                .span(&diagnostic.at)
                .is_some_and(|(_, span)| levels.contains(&span))
    };
    diags.into_iter().filter(|it| !is_level(it)).collect()
}

/// Where the levels of a project file stand.
fn levels(document: &Document) -> Vec<Span> {
    let environments = document
        .value
        .get("environments")
        .and_then(Value::as_object);
    let names = environments.into_iter().flat_map(|it| it.keys());
    let places = names.map(|name| Pointer::from("/environments").key(name));
    let mut spans = Vec::new();
    for place in places.chain([Pointer::root()]) {
        let rules = place.key("rules");
        let codes = rules.get(&document.value).and_then(Value::as_object);
        spans.extend(
            codes
                .into_iter()
                .flat_map(|codes| codes.keys())
                .map(|code| document.span(&rules.key(code), Part::Value)),
        );
    }
    spans
}

impl Rules {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These rules with those of an environment over them.
    #[must_use]
    pub fn with(&self, over: &Self) -> Self {
        let both = self.0.iter().chain(&over.0);
        Self(both.map(|(code, level)| (code.clone(), *level)).collect())
    }

    /// The complaints with the severities of these rules.
    #[must_use]
    pub fn apply(&self, diags: Diags) -> Diags {
        let ruled = diags.into_iter().filter_map(|diagnostic| {
            let severity = match self.0.get(diagnostic.code.name) {
                None => diagnostic.severity,
                Some(Level::Error) => Severity::Error,
                Some(Level::Warn) => Severity::Warning,
                Some(Level::Off) => return None,
            };
            Some(Diagnostic {
                severity,
                ..diagnostic
            })
        });
        ruled.collect()
    }

    /// What is wrong with the rules, each with its code: what it says, and what to do.
    pub(super) fn complaints<'r>(
        &'r self,
        catalog: &'r Catalog,
    ) -> impl Iterator<Item = (&'r str, &'static Code, String, String)> {
        self.0.iter().filter_map(|(name, level)| {
            if !catalog.codes.iter().any(|code| code.name == name) {
                let names = catalog.codes.iter().map(|code| code.name);
                let help = did_you_mean(name, names)
                    .unwrap_or_else(|| "`schemas/diagnostics.md` lists the codes".to_owned());
                let message = format!("there is no diagnostic `{name}`");
                return Some((name.as_str(), &UNKNOWN_RULE, message, help));
            }
            let is_lowered = *level != Level::Error && catalog.fixed.contains(name.as_str());
            is_lowered.then(|| {
                let message = format!("`{name}` is always an error");
                let help =
                    "remove the line: what comes after this error would not be sound".to_owned();
                (name.as_str(), &FIXED_RULE, message, help)
            })
        })
    }
}
