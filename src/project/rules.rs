//! The severity of diagnostics, by code.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::codes::{EXPIRED_WAIVER, FIXED_RULE, UNKNOWN_RULE};
use super::waiver::Waiver;
use crate::diag::yaml::AMBIGUOUS_SCALAR;
use crate::diag::{Code, Diagnostic, Diags, Location, Severity, Texts, did_you_mean};
use crate::text::{Document, EntryHalf, Pointer, Span};

/// How bad each code is in this project: `{handoff-lookback-long: warn}`, or waivers of it, for some objects or until a
/// day: `{handoff-lookback-long: [{until: 2027-01-31, reason: agreed with legal}]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Rules(BTreeMap<String, Rule>);

/// What a project says of one code: a severity for everybody, or waivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Rule {
    /// How bad it is.
    Level(Level),
    /// What it is lowered to for some objects, or until a day. The last one that is about an object counts;
    /// for all else the code is as bad as it always is.
    Waivers(Vec<Waiver>),
}

/// How bad a complaint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// The manifests cannot be used.
    Error,
    /// The manifests are valid, but deserve a look.
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
        for (code, rule) in codes.into_iter().flatten() {
            let place = rules.key(code);
            let waivers = (0..rule.as_array().map_or(0, Vec::len))
                .map(|index| place.index(index).key("level"));
            let places = waivers.chain([place.clone()]);
            spans.extend(places.map(|place| document.span(&place, EntryHalf::Value)));
        }
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
        Self(
            both.map(|(code, rule)| (code.clone(), rule.clone()))
                .collect(),
        )
    }

    /// These rules, and nothing said of a code unless they do.
    #[must_use]
    pub(super) fn silent_about(mut self, code: &Code) -> Self {
        let rule = self.0.entry(code.name.to_owned());
        rule.or_insert(Rule::Level(Level::Off));
        self
    }

    /// These rules without the waivers that are over by a day.
    #[must_use]
    pub fn on(mut self, today: Date) -> Self {
        for rule in self.0.values_mut() {
            if let Rule::Waivers(waivers) = rule {
                waivers.retain(|waiver| !waiver.is_over(today));
            }
        }
        self
    }

    /// The complaints about the documents of `texts`, with the severities of these rules.
    #[must_use]
    pub fn apply(&self, diags: Diags, texts: &Texts) -> Diags {
        let ruled = |diagnostic| self.ruled(diagnostic, texts);
        diags.into_iter().filter_map(ruled).collect()
    }

    fn ruled(&self, mut diagnostic: Diagnostic, texts: &Texts) -> Option<Diagnostic> {
        let level = match self.0.get(diagnostic.code.name) {
            None => return Some(diagnostic),
            Some(Rule::Level(level)) => *level,
            Some(Rule::Waivers(waivers)) => {
                let mut waivers = waivers.iter().rev();
                let Some(waiver) = waivers.find(|it| it.covers(&diagnostic, texts)) else {
                    return Some(diagnostic);
                };
                if waiver.level != Level::Error {
                    let help = diagnostic.help.map(|help| format!("{help}; "));
                    diagnostic.help = Some(help.unwrap_or_default() + &waiver.note());
                }
                waiver.level
            }
        };
        diagnostic.severity = match level {
            Level::Error => Severity::Error,
            Level::Warn => Severity::Warning,
            Level::Off => return None,
        };
        Some(diagnostic)
    }

    /// Every waiver with its place below `rules`.
    fn waivers(&self) -> impl Iterator<Item = (Pointer, &Waiver)> {
        self.0.iter().flat_map(|(code, rule)| {
            let waivers = match rule {
                Rule::Level(_) => &[][..],
                Rule::Waivers(waivers) => waivers,
            };
            let place = move |index| Pointer::root().key(code).index(index);
            let waivers = waivers.iter().enumerate();
            waivers.map(move |(index, waiver)| (place(index), waiver))
        })
    }

    /// The waivers that end on a day which the calendar does not have, each with that day.
    pub(super) fn impossible_days(&self) -> impl Iterator<Item = (Pointer, &str)> {
        self.waivers()
            .filter_map(|(place, waiver)| Some((place.key("until"), waiver.impossible_day()?)))
    }

    /// Complaints about the waivers that are over; `at` says where a place below `rules` is.
    pub(super) fn expired_waivers(
        &self,
        today: Date,
        at: &dyn Fn(&Pointer) -> Location,
    ) -> impl Iterator<Item = Diagnostic> {
        let expired = self.waivers().filter(move |(_, it)| it.is_over(today));
        expired.map(|(place, waiver)| {
            let day = waiver.until.as_deref().unwrap_or_default();
            let message = format!("the waiver held until {day}");
            Diagnostic::new(&EXPIRED_WAIVER, at(&place), message)
                .help("correct the cause and remove the waiver, or set another day")
        })
    }

    /// What is wrong with the rules, each with its code: what it says, and what to do.
    pub(super) fn complaints<'r>(
        &'r self,
        catalog: &'r Catalog,
    ) -> impl Iterator<Item = (&'r str, &'static Code, String, String)> {
        self.0.iter().filter_map(|(name, rule)| {
            if !catalog.codes.iter().any(|code| code.name == name) {
                let names = catalog.codes.iter().map(|code| code.name);
                let help = did_you_mean(name, names)
                    .unwrap_or_else(|| "`schemas/diagnostics.md` lists the codes".to_owned());
                let message = format!("there is no diagnostic `{name}`");
                return Some((name.as_str(), &UNKNOWN_RULE, message, help));
            }
            let is_lowered =
                *rule != Rule::Level(Level::Error) && catalog.fixed.contains(name.as_str());
            is_lowered.then(|| {
                let message = format!("`{name}` is always an error");
                let help =
                    "remove the line: what comes after this error would not be sound".to_owned();
                (name.as_str(), &FIXED_RULE, message, help)
            })
        })
    }
}
