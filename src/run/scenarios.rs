//! The scenarios of a project, decided against its manifests: which of them run, what is taken for granted, and what comes of
//! them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::broken_tests::tests_apart;
use super::faulty::FaultyScenario;
use super::manifests::Manifests;
use super::workspace::{UNUSABLE, Workspace, refuse};
use super::{Error, Run};
use crate::diag::{Diagnostic, DocId, did_you_mean};
use crate::kinds::Scenario;
use crate::kinds::offering::Assumed;
use crate::manifest::Key;
use crate::name::Name;
use crate::offers::{CaseResult, Coverage, Mutant, Suite, Tests, World};
use crate::resolve::Resource;
use crate::text::some_of;

/// An inferred fact of the platform, and the position that is assumed of it.
pub type Assumption = (String, String);

/// An assumption as it is typed, `FACT=POSITION`.
///
/// # Errors
/// Another form; a fact or a position that does not exist, with the nearest.
pub fn assumption(text: &str) -> Result<Assumption, String> {
    let (switch, position) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is not of the form FACT=POSITION"))?;
    Assumed::default().add(switch, position)?;
    Ok((switch.to_owned(), position.to_owned()))
}

/// Assumptions of the project, and several of them over these.
#[must_use]
pub fn assumptions(workspace: &Workspace, given: &[Assumption]) -> Assumed {
    let mut assumed = workspace.project.assume.clone().unwrap_or_default();
    for (switch, position) in given {
        let added = assumed.add(switch, position);
        debug_assert!(added.is_ok(), "the flag was parsed");
    }
    assumed
}

/// Which scenarios, and what is assumed for them.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChosenScenarios<'a> {
    /// Their names; a `*` at the end of one matches any rest. All where there are none.
    pub select: &'a [String],
    /// What is assumed over the assumptions of the project.
    pub assumed: &'a [Assumption],
}

impl ChosenScenarios<'_> {
    /// Refuses a name that no scenario has: the others would pass without it.
    fn check(&self, manifests: &Manifests) -> Result<(), Error> {
        // Also one that is broken; a persona is a part of a test.
        let is_scenario = |it: &&Resource| {
            let def = it.key.kind.def();
            def.is_test && (def.attributes)(&it.spec).is_none()
        };
        let names = manifests.desired.iter().filter(is_scenario);
        let names: Vec<&str> = names.map(|it| it.key.name.as_str()).collect();
        for wanted in self.select {
            let alone = Self {
                select: std::slice::from_ref(wanted),
                ..*self
            };
            if !names.iter().any(|name| alone.has(name)) {
                let help = did_you_mean(wanted, names);
                let help = help.unwrap_or_else(|| "check the names of `--select`".to_owned());
                let why = format!("no scenario is named `{wanted}`");
                return Err(Error::invalid(why).help(help).about("--select"));
            }
        }
        Ok(())
    }

    /// Whether a scenario is one of them.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let fits = |wanted: &String| match wanted.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == wanted,
        };
        self.select.is_empty() || self.select.iter().any(fits)
    }
}

/// The scenarios of a project, with the manifests that they are decided against.
pub struct Scenarios<'a> {
    /// The manifests.
    pub manifests: Manifests,
    /// What the manifests make visitors meet.
    pub world: World,
    /// What is assumed.
    pub assumed: Assumed,
    chosen: ChosenScenarios<'a>,
    /// The scenarios that cannot be run, and why.
    pub broken: Vec<(DocId, Diagnostic)>,
    now: Timestamp,
}

impl<'a> Scenarios<'a> {
    /// The scenarios of a project.
    ///
    /// # Errors
    /// Manifests that cannot be used.
    pub fn find(
        run: &Run,
        workspace: &Workspace,
        chosen: ChosenScenarios<'a>,
    ) -> Result<Self, Error> {
        let mut manifests = workspace.readable_manifests(run)?;
        let broken = tests_apart(&mut manifests);
        refuse(run, &manifests.diags, &manifests.texts, UNUSABLE)?;
        chosen.check(&manifests)?;
        Ok(Self {
            world: World::of(&manifests.desired),
            assumed: assumptions(workspace, chosen.assumed),
            manifests,
            chosen,
            broken,
            now: run.machine().now(),
        })
    }

    /// Says which scenarios ignore an assumption: what a scenario assumes itself holds for it.
    pub fn note_ignored(&self, run: &Run) {
        for (switch, position) in self.chosen.assumed {
            let ignores = |scenario: Scenario| {
                let own = scenario.given.and_then(|it| it.assume).unwrap_or_default();
                let mut flag = own.clone();
                flag.add(switch, position).is_ok() && flag != own && flag.0.len() == own.0.len()
            };
            let ignoring = self.manifests.desired.iter().filter(|it| {
                let scenario = (it.key.kind.def().scenario)(&it.spec);
                self.chosen.has(it.key.name.as_str()) && scenario.is_some_and(ignores)
            });
            let names = some_of(ignoring.map(|it| &it.key.name), 3);
            if !names.is_empty() {
                run.note(&format!(
                    "note: `--assume {switch}={position}` is ignored in {names}: `given.assume` says otherwise there"
                ));
            }
        }
    }

    /// Says what to do where scenarios refer to what was not read, since paths name a part of the project.
    pub fn note_partial(&self, run: &Run, workspace: &Workspace, results: &[CaseResult]) {
        let flawed = results
            .iter()
            .filter(|it| !it.flaws.is_empty() || !it.faults.is_empty());
        let names: BTreeSet<&Name> = flawed.map(|it| &it.scenario.name).collect();
        let Some(first) = names.first().filter(|_| workspace.is_partial) else {
            return;
        };
        let all = some_of(names.iter(), 3);
        run.note(&format!(
            "note: only a part of the project was read, and {all} may refer to the rest. `test` decides scenarios against all manifests: leave the paths out, and choose scenarios with `--select {first}`"
        ));
    }

    /// What comes of every case, and whether that depends on the time of the run. Where scenarios are only to be written, there may be
    /// none yet.
    ///
    /// # Errors
    /// No scenario at all.
    pub fn results(&self, may_be_none: bool) -> Result<(Vec<CaseResult>, bool), Error> {
        let mut results = Vec::new();
        let mut needs_clock = false;
        let desired = self.manifests.desired.iter();
        for resource in desired.filter(|it| self.chosen.has(it.key.name.as_str())) {
            let texts = &self.manifests.texts;
            if let Some(faulty) = FaultyScenario::found(resource, texts, &self.broken) {
                results.extend(faulty.results(resource, |scenario| {
                    needs_clock |= Suite::needs_clock(scenario);
                    self.suite(&resource.key, scenario).run()
                }));
                continue;
            }
            let Some(scenario) = (resource.key.kind.def().scenario)(&resource.spec) else {
                continue;
            };
            needs_clock |= Suite::needs_clock(&scenario);
            results.extend(self.suite(&resource.key, &scenario).run());
        }
        if results.is_empty() && !may_be_none {
            let why = "there is no scenario to run";
            return Err(Error::invalid(why).help(
                "write one, as `campaignctl explain Scenario` shows, have them written by `campaignctl test --mutants --write-scenarios FILE`, or check the names of `--select`",
            ));
        }
        Ok((results, needs_clock))
    }

    fn suite<'s>(&'s self, key: &'s Key, scenario: &'s Scenario) -> Suite<'s> {
        Suite {
            world: &self.world,
            key,
            scenario,
            now: self.now,
            assumed: &self.assumed,
        }
    }

    /// What the visits of all cases look at.
    #[must_use]
    pub fn covered(&self, results: &[CaseResult]) -> Coverage {
        let visits = results.iter().flat_map(|it| it.visits.iter().cloned());
        Coverage::of(&self.world, &visits.collect::<Vec<_>>())
    }

    /// The small changes of the manifests, with what comes of them.
    #[must_use]
    pub fn mutants(&self) -> Vec<Mutant> {
        let scenarios = self.manifests.desired.iter().filter_map(|it| {
            let scenario = (it.key.kind.def().scenario)(&it.spec)?;
            let is_chosen = self.chosen.has(it.key.name.as_str());
            is_chosen.then(|| (it.key.clone(), scenario))
        });
        let tests = Tests {
            world: &self.world,
            scenarios: &scenarios.collect::<Vec<_>>(),
            assumed: &self.assumed,
            now: self.now,
        };
        tests.mutants()
    }

    /// The time at which they are decided, where they give none.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_rest() {
        let has = |select: &[&str], name: &str| {
            let select: Vec<String> = select.iter().map(|it| (*it).to_owned()).collect();
            let chosen = ChosenScenarios {
                select: &select,
                ..ChosenScenarios::default()
            };
            chosen.has(name)
        };
        assert!(has(&[], "orders"));
        assert!(has(&["orders*"], "orders-late") && has(&["orders*"], "orders"));
        assert!(!has(&["orders"], "orders-late") && !has(&["*orders"], "orders"));
        assert!(has(&["a", "b"], "b"));
    }

    #[test]
    fn an_assumption_names_a_fact_and_a_position() {
        let wrong = assumption("contest").unwrap_err();
        assert_eq!(wrong, "`contest` is not of the form FACT=POSITION");
        let parsed = assumption("contest=lottery").unwrap();
        assert_eq!(parsed, ("contest".to_owned(), "lottery".to_owned()));
        assert!(assumption("contest=chess").is_err());
    }
}
