//! Runs a scenario.

use jiff::{Timestamp, Zoned};
use serde_json::Value;

use super::assertion::{DecidedAssertion, assertions};
use super::decider::Decider;
use super::judgement::Eligibility;
use super::matrix::{combinations, empty_of};
use super::truth::Truth;
use super::visit::Visit;
use super::world::World;
use crate::diag::Diagnostic;
use crate::kinds::offering::{Assumed, Fact, FactAnswer, Place};
use crate::kinds::shared::{LiveReference, Reference};
use crate::kinds::{Case, Scenario, Then, When};
use crate::manifest::Key;
use crate::text::Pointer;

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything holds.
    Passed,
    /// Something cannot be decided.
    Undecided,
    /// Something does not hold.
    Failed,
}

impl Verdict {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Undecided => "undecided",
            Self::Failed => "failed",
        }
    }
}

/// A case with what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseResult {
    /// The scenario.
    pub scenario: Key,
    /// The case.
    pub name: String,
    /// Its place below `spec`.
    pub at: Pointer,
    /// Why it tests nothing: it fails.
    pub flaws: Vec<(Pointer, String)>,
    /// What is wrong with how it is written: it fails.
    pub faults: Vec<Diagnostic>,
    /// What it asserts.
    pub checks: Vec<DecidedAssertion>,
    /// How the engagements were judged where something does not hold, the last of its visits.
    pub trace: Vec<Eligibility>,
    /// The visits that something is asserted of, with what is assumed at them.
    pub visits: Vec<(Visit, Assumed)>,
}

impl CaseResult {
    /// A test whose manifest is broken, or a case of it that is: nothing is asked of it.
    #[must_use]
    pub fn broken(scenario: Key, (name, at): (String, Pointer), faults: Vec<Diagnostic>) -> Self {
        Self {
            scenario,
            name,
            at,
            flaws: Vec::new(),
            faults,
            checks: Vec::new(),
            trace: Vec::new(),
            visits: Vec::new(),
        }
    }

    /// What came of it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if !self.flaws.is_empty() || !self.faults.is_empty() || self.has(Truth::No) {
            Verdict::Failed
        } else if self.has(Truth::Unknown) {
            Verdict::Undecided
        } else {
            Verdict::Passed
        }
    }

    fn has(&self, truth: Truth) -> bool {
        self.checks.iter().any(|check| check.judged.truth == truth)
    }
}

/// A scenario to run.
#[derive(Clone, Copy, Debug)]
pub struct Suite<'a> {
    /// What the manifests say.
    pub world: &'a World,
    /// The scenario.
    pub key: &'a Key,
    /// Its spec.
    pub scenario: &'a Scenario,
    /// The time of visits that do not say theirs.
    pub now: Timestamp,
    /// What is assumed besides what the scenario assumes.
    pub assumed: &'a Assumed,
}

impl Suite<'_> {
    /// Whether a visit of the scenario takes its time from the clock.
    #[must_use]
    pub fn needs_clock(scenario: &Scenario) -> bool {
        let says = |when: Option<&When>| when.is_some_and(|it| it.at.is_some());
        let cases = scenario.cases.iter().flatten();
        scenario.at.is_none()
            && cases.clone().any(|case| {
                let in_matrix = case.matrix.as_ref().is_some_and(|it| it.at.is_some());
                let visits = case.journey.iter().flatten().map(|step| step.when.as_ref());
                !in_matrix
                    && match &case.journey {
                        None => !says(case.when.as_ref()),
                        Some(_) => !visits
                            .clone()
                            .flatten()
                            .next()
                            .is_some_and(|it| says(Some(it))),
                    }
            })
    }

    /// Every case with what came of it.
    #[must_use]
    pub fn run(&self) -> Vec<CaseResult> {
        let Scenario {
            cases,
            always,
            never,
            ..
        } = self.scenario;
        let root = Pointer::root();
        let mut results = Vec::new();
        for (index, case) in cases.iter().flatten().enumerate() {
            results.extend(self.case(case, index, &root.key("cases").index(index)));
        }
        for (index, always) in always.iter().flatten().enumerate() {
            let at = root.key("always").index(index);
            results.push(self.always(always, index, &at));
        }
        for (index, never) in never.iter().flatten().enumerate() {
            let at = root.key("never").index(index);
            results.push(self.never(never, index, at));
        }
        if results.is_empty() {
            let mut result = self.result("the scenario".to_owned(), root.clone());
            result
                .flaws
                .push((root, "the scenario has no cases".to_owned()));
            results.push(result);
        }
        results
    }

    pub(super) fn result(&self, name: String, at: Pointer) -> CaseResult {
        let mut result = CaseResult {
            scenario: self.key.clone(),
            name,
            at,
            flaws: Vec::new(),
            faults: Vec::new(),
            checks: Vec::new(),
            trace: Vec::new(),
            visits: Vec::new(),
        };
        let place = self.place();
        if !self.world.has_place(&place) {
            let field = if place == Place::Web { "web" } else { "app" };
            let near = match &place {
                Place::App(name) => crate::diag::did_you_mean(name, self.world.apps()),
                Place::Web => None,
            };
            let near = near.map_or_else(String::new, |near| format!("; {near}"));
            let why = format!("no engagement is shown in {place}{near}");
            result.flaws.push((Pointer::root().key(field), why));
        }
        result
    }

    pub(super) fn place(&self) -> Place {
        match &self.scenario.app {
            Some(Reference::Name(name) | Reference::Live(LiveReference::Live(name))) => {
                Place::App(name.clone())
            }
            Some(_) => Place::App(String::new()),
            None => Place::Web,
        }
    }

    pub(super) fn assumed(&self) -> Assumed {
        let mut assumed = self.assumed.clone();
        let given = self
            .scenario
            .given
            .as_ref()
            .and_then(|given| given.assume.as_ref());
        for (switch, at) in given.into_iter().flat_map(|it| &it.0) {
            assumed.0.insert(*switch, *at);
        }
        assumed
    }

    /// A visit with what is given for all.
    pub(super) fn base(&self) -> Visit {
        let mut visit = Visit::new(self.place());
        if let Some(given) = &self.scenario.given {
            visit.give(given);
        }
        if let Some(url) = &self.scenario.url {
            visit.facts.insert(Fact::Url, FactAnswer::text(url));
        }
        visit
    }

    pub(super) fn time(&self, text: Option<&str>) -> Timestamp {
        let said = text.or(self.scenario.at.as_deref());
        let said = said.and_then(|text| text.parse::<Zoned>().ok());
        said.map_or(self.now, |zoned| zoned.timestamp())
    }

    pub(super) fn attributes(&self, when: &When) -> Vec<Value> {
        let persona = when.persona.as_ref().and_then(|persona| match persona {
            Reference::Name(name) => self.world.persona(name),
            Reference::Live(_) => None,
        });
        let own = when.attributes.iter().flatten();
        persona.into_iter().flatten().chain(own).cloned().collect()
    }

    /// A case, once for every combination of its matrix.
    fn case(&self, case: &Case, index: usize, at: &Pointer) -> Vec<CaseResult> {
        let name = case
            .name
            .clone()
            .unwrap_or_else(|| format!("case {}", index + 1));
        if let Some(steps) = &case.journey {
            return vec![self.journey(steps, &name, at)];
        }
        let (when, then) = (case.when.clone().unwrap_or_default(), case.then.clone());
        let then = then.unwrap_or_default();
        let empty = case.matrix.iter().flat_map(empty_of);
        let empty: Vec<&str> = empty.collect();
        if !empty.is_empty() {
            let mut result = self.result(name, at.clone());
            result.flaws.extend(empty.into_iter().map(|field| {
                let at = at.key("matrix").key(field);
                (at, format!("`{field}` is empty: the case has no visit"))
            }));
            return vec![result];
        }
        let combined = combinations(&when, case.matrix.as_ref());
        let several = combined.len() > 1;
        combined
            .into_iter()
            .map(|(when, values)| {
                let name = if several {
                    format!("{name} [{values}]")
                } else {
                    name.clone()
                };
                let mut result = self.result(name, at.clone());
                self.flaws(&when, &then, at, &mut result);
                let mut visit = self.base();
                visit.at = Some(self.time(when.at.as_deref()));
                visit.say(&when);
                visit.report(&self.attributes(&when), &[]);
                self.assess(&visit, &then, &at.key("then"), &mut result);
                result
            })
            .collect()
    }

    pub(super) fn assess(&self, visit: &Visit, then: &Then, at: &Pointer, result: &mut CaseResult) {
        let assumed = self.assumed();
        let assertions = assertions(self.world, then, at);
        let decider = Decider::new(self.world, visit, &assumed, &assertions);
        let checks: Vec<DecidedAssertion> =
            assertions.iter().map(|it| decider.decide(it)).collect();
        if checks.iter().any(|check| check.judged.truth != Truth::Yes) {
            result.trace = decider.trace();
        }
        result.checks.extend(checks);
        result.visits.push((visit.clone(), assumed));
    }
}
