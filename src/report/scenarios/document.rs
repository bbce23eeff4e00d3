//! Results of scenarios as JSON.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::coverage::{CoverageRow, row};
use super::{CaseCounts, Tested};
use crate::check::schema::schema_of;
use crate::offers::{Because, CaseResult, DecidedAssertion, Reason, Truth, Unasked};
use crate::text::Position;
use crate::text::safe::json;

/// The name and version of the JSON form.
pub const FORMAT: &str = "campaignctl.test/v1";

/// The name and version of the JSON form of a run that asked the platform.
pub(in crate::report) const PROOF: &str = "campaignctl.proof/v1";

/// What came of the scenarios of a run.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::report) struct TestsDocument {
    /// The format of the document.
    format: &'static str,
    /// The environment whose platform was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
    /// Its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// How many sessions were opened on the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sessions: Option<usize>,
    /// The cases that the platform cannot be asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not_asked: Vec<UnaskedRow>,
    /// The time that visits without one took; absent where all visits say theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock: Option<String>,
    /// How many cases came to what.
    summary: CaseCounts,
    /// The cases.
    cases: Vec<CaseRow>,
    /// What the tests look at, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coverage: Option<CoverageRow>,
}

/// A case that the platform cannot be asked for.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct UnaskedRow {
    /// The name of the scenario.
    scenario: String,
    /// The name of the case.
    name: String,
    /// Why not.
    why: String,
}

/// A case.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CaseRow {
    /// The name of the scenario.
    scenario: String,
    /// The name of the case.
    name: String,
    /// `passed`, `failed` or `undecided`.
    verdict: &'static str,
    /// Where it is written, or what is wrong with how it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<SourcePlace>,
    /// Why it tests nothing; it fails then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    flaws: Vec<String>,
    /// What it asserts.
    checks: Vec<CheckRow>,
}

/// An assertion.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CheckRow {
    /// What is asserted.
    what: String,
    /// `passed`, `failed` or `undecided`.
    verdict: &'static str,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<SourcePlace>,
    /// The reason of the platform, where it was asked and did something else: `lottery`, `control-group`,
    /// `audience-not-active`, `behavior-not-active`, `entry-point-not-active`, `old-revision`, `open-conversation`, `agents`,
    /// `not-propagated`, `other-skill`, `other-language`, `other-window`, `other-connector`, `not-said`, `refused`,
    /// `not-explained`, `no-answer`,
    /// `account-differs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<&'static str>,
    /// What is the case instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    instead: String,
    /// What would decide it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<ReasonRow>,
    /// The assumed facts of the platform without which the verdict would be another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rests_on: Vec<&'static str>,
    /// The conditions that decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    trace: Vec<TraceRow>,
}

/// Where something is written.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourcePlace {
    /// The file.
    file: String,
    /// The line, from 1.
    line: u32,
}

impl From<Position> for SourcePlace {
    fn from(position: Position) -> Self {
        Self {
            file: position.file,
            line: position.line,
        }
    }
}

/// What would decide something.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ReasonRow {
    /// The name of the fact.
    name: &'static str,
    /// Why it is not known.
    why: String,
    /// What to do.
    remedy: String,
}

impl From<&Reason> for ReasonRow {
    fn from(reason: &Reason) -> Self {
        Self {
            name: reason.name(),
            why: reason.to_string(),
            remedy: reason.remedy(),
        }
    }
}

/// A condition that decided.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TraceRow {
    /// The object, as kind and name.
    object: String,
    /// The place below its `spec`.
    pointer: String,
    /// What is the case there.
    why: String,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<SourcePlace>,
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<TestsDocument>("Results of scenarios");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

/// The JSON Schema of the document of a run that asked the platform.
#[must_use]
pub fn proof_schema() -> Value {
    let mut schema = schema_of::<TestsDocument>("What the platform says to scenarios");
    schema["properties"]["format"] =
        serde_json::json!({ "const": PROOF, "description": "The format of the document." });
    schema
}

impl From<&Unasked> for UnaskedRow {
    fn from(unasked: &Unasked) -> Self {
        Self {
            scenario: unasked.scenario.name.to_string(),
            name: unasked.name.clone(),
            why: unasked.why.clone(),
        }
    }
}

/// The results for programs.
#[must_use]
pub fn render_tests_json(tested: &Tested<'_>) -> String {
    json(&TestsDocument::from(tested))
}

impl From<&Tested<'_>> for TestsDocument {
    fn from(tested: &Tested<'_>) -> Self {
        let proof = tested.proof;
        let results = tested.results.iter();
        Self {
            format: if proof.is_some() { PROOF } else { FORMAT },
            environment: proof.map(|it| it.environment.clone()),
            account: proof.map(|it| it.account.clone()),
            sessions: proof.map(|it| it.sessions),
            not_asked: proof.map_or_else(Vec::new, |it| {
                it.unasked.iter().map(UnaskedRow::from).collect()
            }),
            clock: tested.clock.map(|it| it.to_string()),
            summary: tested.counts(),
            cases: results.map(|result| case(tested, result)).collect(),
            coverage: tested.coverage.map(|it| row(tested, it)),
        }
    }
}

fn case(tested: &Tested<'_>, result: &CaseResult) -> CaseRow {
    CaseRow {
        scenario: result.scenario.name.to_string(),
        name: result.name.clone(),
        verdict: result.verdict().word(),
        place: tested.position_of(result).map(SourcePlace::from),
        flaws: flaws(result),
        checks: result
            .checks
            .iter()
            .map(|found| check(tested, result, found))
            .collect(),
    }
}

/// Why a case tests nothing, with what to do about it.
fn flaws(result: &CaseResult) -> Vec<String> {
    let flaws = result.flaws.iter().map(|(_, why)| why.clone());
    let faults = result.faults.iter().map(|fault| match &fault.help {
        Some(help) => format!("{}; {help}", fault.message),
        None => fault.message.clone(),
    });
    flaws.chain(faults).collect()
}

fn check(tested: &Tested<'_>, result: &CaseResult, found: &DecidedAssertion) -> CheckRow {
    let (is_passed, is_open) = (
        found.judged.truth == Truth::Yes,
        found.judged.truth == Truth::Unknown,
    );
    let trace = |because: &Because| TraceRow {
        object: because.spot.key.to_string(),
        pointer: because.spot.at.to_string(),
        why: because.why.clone(),
        place: tested
            .position(&because.spot.key, &because.spot.at)
            .map(SourcePlace::from),
    };
    let traced = super::trace(result, found)
        .into_iter()
        .filter(|_| !is_passed);
    let reasons = found.judged.reasons.iter().filter(|_| is_open);
    CheckRow {
        what: found.what.clone(),
        verdict: match found.judged.truth {
            Truth::Yes => "passed",
            Truth::No => "failed",
            Truth::Unknown => "undecided",
        },
        place: tested
            .position(&result.scenario, &found.at)
            .map(SourcePlace::from),
        platform: found.judged.reasons.iter().find_map(|it| match it {
            Reason::Platform(observation) => Some(observation.word()),
            _ => None,
        }),
        instead: found.instead.clone(),
        undecided: reasons.map(ReasonRow::from).collect(),
        rests_on: found.judged.rests.iter().map(|it| it.word()).collect(),
        trace: traced.map(trace).collect(),
    }
}
