//! What came of scenarios: for people with the lines of the files and the conditions that decided, and for programs.

mod coverage;
mod document;
mod junit;
mod markdown;
mod mutants;
mod visit;
mod written;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::diagnostics::render_text;
use crate::diag::{Diagnostic, Diags, Location, Severity, Texts};
use crate::manifest::Key;
use crate::offers::codes::{SCENARIO_FAILED, SCENARIO_UNDECIDED};
use crate::offers::{
    Because, CaseResult, Coverage, DecidedAssertion, Eligibility, Reason, Truth, Unasked, Verdict,
};
use crate::resolve::Desired;
use crate::text::safe::line;
use crate::text::{EntryHalf, Pointer, Position};

pub use coverage::{render_cobertura, render_lcov};
pub use document::{FORMAT, proof_schema, render_tests_json, schema};
pub(super) use document::{PROOF, TestsDocument};
pub use junit::render_junit;
pub use markdown::render_markdown;
pub use mutants::{noticing, render_mutants};
pub use visit::{AskedVisit, render_visit, render_visit_json, visit_schema};
pub use written::{scenarios_of, single_scenarios_of};

/// What came of a run of scenarios.
#[derive(Clone, Copy, Debug)]
pub struct Tested<'a> {
    /// The manifests.
    pub desired: &'a Desired,
    /// Their files.
    pub texts: &'a Texts,
    /// Every case.
    pub results: &'a [CaseResult],
    /// Whether cases that cannot be decided pass.
    pub allows_undecided: bool,
    /// The time that visits without one took.
    pub clock: Option<jiff::Timestamp>,
    /// What the tests look at, where that was asked for.
    pub coverage: Option<&'a Coverage>,
    /// Who was asked, where the platform was.
    pub proof: Option<&'a Proof>,
}

/// A run that asked the platform.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// The environment.
    pub environment: String,
    /// Its account.
    pub account: String,
    /// How many sessions were opened.
    pub sessions: usize,
    /// The cases that cannot be asked.
    pub unasked: Vec<Unasked>,
}

/// How many cases came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CaseCounts {
    /// Cases that hold.
    pub passed: usize,
    /// Cases that do not.
    pub failed: usize,
    /// Cases that cannot be decided.
    pub undecided: usize,
    /// Scenarios.
    pub scenarios: usize,
}

impl Tested<'_> {
    /// How many cases came to what.
    #[must_use]
    pub fn counts(&self) -> CaseCounts {
        let of = |verdict: Verdict| {
            let found = self.results.iter().filter(|it| it.verdict() == verdict);
            found.count()
        };
        CaseCounts {
            passed: of(Verdict::Passed),
            failed: of(Verdict::Failed),
            undecided: of(Verdict::Undecided),
            scenarios: self.by_scenario().len(),
        }
    }

    /// Whether the run passes.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        let counts = self.counts();
        counts.failed == 0 && (counts.undecided == 0 || self.allows_undecided)
    }

    fn by_scenario(&self) -> BTreeMap<&Key, Vec<&CaseResult>> {
        let mut all: BTreeMap<&Key, Vec<&CaseResult>> = BTreeMap::new();
        for result in self.results {
            all.entry(&result.scenario).or_default().push(result);
        }
        all
    }

    fn locate(&self, key: &Key, at: &Pointer) -> Location {
        locate(self.desired, self.texts, key, at)
    }

    fn position(&self, key: &Key, at: &Pointer) -> Option<Position> {
        self.texts.position(&self.locate(key, at))
    }

    /// Where a case is written, or what is wrong with how it is written.
    fn position_of(&self, result: &CaseResult) -> Option<Position> {
        let fault = result.faults.first();
        let of_fault = fault.and_then(|it| self.texts.position(&it.at));
        of_fault.or_else(|| self.position(&result.scenario, &result.at))
    }

    /// The failed and undecided cases as complaints, with the conditions that decided.
    #[must_use]
    pub fn complaints(&self) -> Diags {
        let mut diags = Diags::default();
        for result in self.results {
            diags.extend(self.of_case(result));
        }
        diags
    }

    fn of_case(&self, result: &CaseResult) -> Vec<Diagnostic> {
        let name = format!("{}, {}", result.scenario.name, result.name);
        let flaws = result.flaws.iter().map(|(at, why)| {
            let at = self.locate(&result.scenario, at);
            Diagnostic::new(&SCENARIO_FAILED, at, format!("{name}: {why}"))
        });
        // As `validate` tells it, for the case that it is about.
        let faults = result.faults.iter().map(|fault| Diagnostic {
            code: &SCENARIO_FAILED,
            message: format!("{name}: {}", fault.message),
            ..fault.clone()
        });
        let open = result
            .checks
            .iter()
            .filter(|check| check.judged.truth != Truth::Yes);
        let checks = open.map(|check| self.of_check(result, check, &name));
        flaws.chain(faults).chain(checks).collect()
    }

    fn of_check(&self, result: &CaseResult, check: &DecidedAssertion, name: &str) -> Diagnostic {
        let is_open = check.judged.truth == Truth::Unknown;
        let at = self.locate(&result.scenario, &check.at);
        let (code, message) = if is_open {
            let reasons = reasons(check.judged.reasons.iter());
            (
                &SCENARIO_UNDECIDED,
                if self.proof.is_some() {
                    format!(
                        "{name}: `{}` is open ({reasons}): {}",
                        check.what, check.instead
                    )
                } else {
                    format!("{name}: `{}` cannot be decided: {reasons}", check.what)
                },
            )
        } else {
            (&SCENARIO_FAILED, {
                let reasons = reasons(check.judged.reasons.iter());
                let reasons = if reasons.is_empty() {
                    reasons
                } else {
                    format!(" ({reasons})")
                };
                format!(
                    "{name}: `{}` does not hold{reasons}: {}",
                    check.what, check.instead
                )
            })
        };
        let mut diagnostic = Diagnostic::new(code, at, message);
        if is_open {
            if self.allows_undecided {
                diagnostic.severity = Severity::Warning;
            }
            if let Some(reason) = first(check.judged.reasons.iter()) {
                diagnostic = diagnostic.help(reason.remedy());
            }
        }
        for because in trace(result, check) {
            let at = self.locate(&because.spot.key, &because.spot.at);
            diagnostic = diagnostic.label(at, because.why.clone());
        }
        diagnostic
    }
}

/// The conditions that decided a check, or the engagements that it is about.
fn trace<'r>(result: &'r CaseResult, check: &'r DecidedAssertion) -> Vec<&'r Because> {
    const SHOWN: usize = 3;
    let named = result.trace.iter().filter(|it| {
        let name = it.engagement.name.as_str();
        check
            .what
            .split([' ', ',', '[', ']', ':'])
            .any(|word| word == name)
    });
    let is_open = check.judged.truth == Truth::Unknown;
    let open = named.clone().flat_map(|it| &it.requirements);
    let open = open.filter(|it| is_open && it.judged.truth == Truth::Unknown);
    let deciding = named.filter_map(Eligibility::deciding);
    let deciding = open.chain(deciding.filter(|_| !is_open));
    let mut all: Vec<&Because> = deciding.flat_map(|it| it.judged.because.iter()).collect();
    if all.is_empty() && check.judged.truth == Truth::Unknown {
        all.extend(&check.judged.because);
    }
    all.dedup_by(|one, other| one.spot == other.spot);
    all.retain(|because| !because.why.is_empty());
    all.truncate(SHOWN);
    all
}

/// Where a manifest says something; the place of what it does not say is what that is missing from.
pub(super) fn locate(desired: &Desired, texts: &Texts, key: &Key, at: &Pointer) -> Location {
    let Some(resource) = desired.get(key) else {
        return Location::Run;
    };
    let mut at = at.clone();
    while at.get(&resource.spec).is_none() {
        match at.parent() {
            Some(parent) => at = parent,
            None => break,
        }
    }
    if at == Pointer::root() {
        return Location::Node {
            doc: resource.doc,
            pointer: Pointer::from("/metadata/name"),
            part: EntryHalf::Value,
        };
    }
    resource.locate(texts, &at)
}

/// The reason to name first: one that a visit can say, before one that nothing decides.
fn first<'r>(reasons: impl Iterator<Item = &'r Reason>) -> Option<&'r Reason> {
    reasons.min_by_key(|reason| match reason {
        Reason::Missing(_) => 0,
        Reason::Unclear(crate::kinds::offering::Unclear::NoMeaning, _) => 1,
        Reason::Inferred(_) => 2,
        _ => 3,
    })
}

/// Reasons in a phrase, the first one first, and no more than three of them.
fn reasons<'r>(reasons: impl Iterator<Item = &'r Reason> + Clone) -> String {
    const SHOWN: usize = 3;
    let lead = first(reasons.clone());
    let others = reasons.filter(|it| Some(*it) != lead);
    let all: Vec<String> = lead
        .into_iter()
        .chain(others)
        .map(ToString::to_string)
        .collect();
    let shown = all
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join("; ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}; {more} more"),
    }
}

/// The results as people read them.
#[must_use]
pub fn render_tests(tested: &Tested<'_>, color: bool) -> String {
    let mut out = proof_line(tested);
    for (key, results) in tested.by_scenario() {
        let verdict = results
            .iter()
            .map(|it| it.verdict())
            .max()
            .unwrap_or(Verdict::Passed);
        let count = match results.len() {
            1 => "1 case".to_owned(),
            count => format!("{count} cases"),
        };
        let _ = writeln!(
            out,
            "{:<9}  {}  ({count})",
            verdict.word(),
            line(key.name.as_str())
        );
    }
    let complaints = tested.complaints();
    if !complaints.is_empty() {
        let text = render_text(&complaints, tested.texts, color);
        // The count of complaints is not that of cases, which follows.
        let text = text
            .trim_end()
            .rsplit_once("\n\n")
            .map_or(text.as_str(), |(text, _)| text);
        let _ = writeln!(out, "\n{text}");
    }
    out.push_str(&unasked(tested));
    if let Some(clock) = tested.clock {
        let _ = writeln!(
            out,
            "\nVisits without `at` are at {clock}, the time of this run."
        );
    }
    let assumed = rests(tested);
    if !assumed.is_empty() {
        let _ = writeln!(
            out,
            "\nVerdicts rest on assumed facts of the platform: {assumed}."
        );
    }
    if let Some(coverage) = tested.coverage {
        let _ = write!(out, "\n{}", coverage::text(tested, coverage));
    } else {
        out.push('\n');
    }
    let _ = writeln!(out, "{}", summary(&tested.counts()));
    out
}

/// `Proof on production, account 123: 2 sessions.`, in front of the results; nothing where no platform was asked.
#[must_use]
pub fn proof_line(tested: &Tested<'_>) -> String {
    tested.proof.map_or_else(String::new, |proof| {
        let sessions = match proof.sessions {
            1 => "1 session".to_owned(),
            count => format!("{count} sessions"),
        };
        let (environment, account) = (line(&proof.environment), line(&proof.account));
        format!("Proof on {environment}, account {account}: {sessions}.\n")
    })
}

/// The cases that the platform cannot be asked for.
fn unasked(tested: &Tested<'_>) -> String {
    let all = tested.proof.map_or(&[][..], |it| it.unasked.as_slice());
    let mut out = String::new();
    for (
        index,
        Unasked {
            scenario,
            name,
            why,
        },
    ) in all.iter().enumerate()
    {
        let lead = if index == 0 { "\n" } else { "" };
        let (scenario, name) = (line(scenario.name.as_str()), line(name));
        let _ = writeln!(out, "{lead}not asked  {scenario}, {name}: {}", line(why));
    }
    out
}

/// `Coverage: 71.4 % (20 of 28) of 3 engagements.`, in front of a summary; nothing where it was not asked for.
#[must_use]
pub fn coverage_line(tested: &Tested<'_>) -> String {
    let coverage = tested.coverage.map(coverage::summary);
    coverage.map_or_else(String::new, |it| format!("{it}\n"))
}

/// The assumptions without which a verdict would be another.
fn rests(tested: &Tested<'_>) -> String {
    let checks = tested.results.iter().flat_map(|it| &it.checks);
    let mut all: Vec<&str> = checks
        .flat_map(|check| check.judged.rests.iter().map(|switch| switch.word()))
        .collect();
    all.sort_unstable();
    all.dedup();
    all.join(", ")
}

/// `Tests: 5 passed, 0 failed, 1 undecided in 3 scenarios.`
#[must_use]
pub fn summary(counts: &CaseCounts) -> String {
    let CaseCounts {
        passed,
        failed,
        undecided,
        scenarios,
    } = counts;
    let scenarios = match scenarios {
        1 => "1 scenario".to_owned(),
        count => format!("{count} scenarios"),
    };
    format!("Tests: {passed} passed, {failed} failed, {undecided} undecided in {scenarios}.")
}
