//! What is asked of the platform: the cases of the scenarios that can be, as many as are wanted, and what comes of them.

use std::time::Duration;

use super::{ProofPace, proved};
use crate::diag::{Diagnostic, DocId, Texts};
use crate::kinds::Scenario;
use crate::kinds::offering::Assumed;
use crate::offers::{Asking, CaseResult, Reason, Suite, Unasked, Verdict, World};
use crate::project::SANDBOX;
use crate::report::scenarios::{Proof, Tested};
use crate::resolve::{Desired, Resource};
use crate::run::account::Account;
use crate::run::broken_tests::faults_of_tests;
use crate::run::faulty::FaultyScenario;
use crate::run::manifests::Manifests;
use crate::run::scenarios::{ChosenScenarios, assumptions};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};

/// How the platform is asked.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How many cases are asked, at most.
    pub cases: u16,
    /// How many sessions are opened per second, at most.
    pub rate: f64,
    /// For how long after an apply a change may not be served yet.
    pub settles: Duration,
    /// Whether purchases, leads and services are sent, too.
    pub sends_counted: bool,
}

impl Manner {
    /// What an apply asks.
    pub const USUAL: Self = Self {
        cases: 50,
        rate: 1.0,
        settles: Duration::from_mins(15),
        sends_counted: false,
    };

    /// The pace of the sessions.
    ///
    /// # Errors
    /// A rate that is no rate.
    pub fn pace(&self) -> Result<ProofPace, Error> {
        let every = Duration::try_from_secs_f64(1.0 / self.rate);
        let every = every.map_err(|_| {
            Error::invalid(format!(
                "`{}` is not a number of sessions per second",
                self.rate
            ))
            .help("write a number above 0, such as `--rate 0.5`")
        })?;
        Ok(ProofPace {
            every,
            settles: self.settles,
        })
    }
}

/// The scenarios that are asked about, with what they are decided against.
#[derive(Clone, Copy)]
pub struct AskedScenarios<'a> {
    /// The manifests.
    pub desired: &'a Desired,
    /// Their files.
    pub texts: &'a Texts,
    /// What is wrong with scenarios.
    pub broken: &'a [(DocId, Diagnostic)],
}

impl AskedScenarios<'_> {
    /// What of a scenario is asked; nothing of what is none.
    fn asking(&self, resource: &Resource, ask: impl FnOnce(&Scenario) -> Asking) -> Option<Asking> {
        if let Some(faulty) = FaultyScenario::found(resource, self.texts, self.broken) {
            return Some(faulty.asking(resource, ask));
        }
        let scenario = (resource.key.kind.def().scenario)(&resource.spec)?;
        Some(ask(&scenario))
    }
}

/// What can be asked of the scenarios of some manifests.
pub struct Questions<'a> {
    desired: &'a Desired,
    world: World,
    asking: Asking,
    /// Whether there is more than is asked.
    is_cut: bool,
}

impl<'a> Questions<'a> {
    /// The questions of the scenarios that are chosen.
    #[must_use]
    pub fn of(
        run: &Run,
        scenarios: AskedScenarios<'a>,
        chosen: ChosenScenarios<'_>,
        (manner, assumed): (&Manner, &Assumed),
    ) -> Self {
        let desired = scenarios.desired;
        let world = World::of(desired);
        let mut asking = Asking::default();
        let wanted = desired.iter();
        for resource in wanted.filter(|it| chosen.has(it.key.name.as_str())) {
            let found = scenarios.asking(resource, |scenario| {
                let suite = Suite {
                    world: &world,
                    key: &resource.key,
                    scenario,
                    now: run.machine().now(),
                    assumed,
                };
                suite.asking(manner.sends_counted)
            });
            let Some(found) = found else { continue };
            asking.queries.extend(found.queries);
            asking.unasked.extend(found.unasked);
            asking.flawed.extend(found.flawed);
        }
        let is_cut = cut(&mut asking, usize::from(manner.cases));
        Self {
            desired,
            world,
            asking,
            is_cut,
        }
    }

    /// Refuses to ask nothing.
    ///
    /// # Errors
    /// No case at all, with the first reason.
    pub fn check(&self) -> Result<(), Error> {
        let Asking {
            queries,
            unasked,
            flawed,
        } = &self.asking;
        if !queries.is_empty() || !flawed.is_empty() {
            return Ok(());
        }
        let why = unasked.first().map_or_else(
            || "there is no scenario to ask".to_owned(),
            |it| {
                let more = match unasked.len() - 1 {
                    0 => String::new(),
                    rest => format!(" ({rest} more)"),
                };
                format!(
                    "no case can be asked; {}, {}: {}{more}",
                    it.scenario.name, it.name, it.why
                )
            },
        );
        Err(Error::invalid(why)
            .help("write a case about an app that holds now, or check the names of `--select`"))
    }

    /// Asks them.
    ///
    /// # Errors
    /// An account that cannot be asked; an app that it does not have.
    pub async fn put(self, run: &Run, account: &Account, pace: ProofPace) -> Result<Proven, Error> {
        let Asking {
            queries,
            unasked,
            flawed,
        } = self.asking;
        let waiting = run
            .news()
            .waiting(&format!("asking {}", account.environment));
        let results = proved(run, account, (self.desired, &self.world, &queries), pace).await;
        drop(waiting);
        let mut results = results?;
        results.extend(flawed);
        Ok(Proven {
            proof: Proof {
                environment: account.environment.clone(),
                account: account.id.clone(),
                sessions: queries.len(),
                unasked,
            },
            results,
            is_cut: self.is_cut,
            allows_undecided: false,
        })
    }
}

/// Leaves out what is more than the most, and says whether there was any.
fn cut(asking: &mut Asking, most: usize) -> bool {
    let rest = asking.queries.split_off(most.min(asking.queries.len()));
    let is_cut = !rest.is_empty();
    asking.unasked.extend(rest.into_iter().map(|query| Unasked {
        scenario: query.scenario,
        name: query.name,
        why: format!("only {most} cases are asked; `--cases` raises that"),
    }));
    is_cut
}

/// What an apply just wrote, asked of the platform.
///
/// # Errors
/// As [`Questions::put`].
pub async fn after_apply(
    run: &Run,
    account: &Account,
    workspace: &Workspace,
    manifests: &Manifests,
) -> Result<Proven, Error> {
    let broken = faults_of_tests(manifests);
    let scenarios = AskedScenarios {
        desired: &manifests.desired,
        texts: &manifests.texts,
        broken: &broken,
    };
    let assumed = assumptions(workspace, &[]);
    let manner = Manner::USUAL;
    let questions = Questions::of(
        run,
        scenarios,
        ChosenScenarios::default(),
        (&manner, &assumed),
    );
    questions.put(run, account, manner.pace()?).await
}

/// What the platform was asked, and what came of it.
pub struct Proven {
    /// The account and the sessions.
    pub proof: Proof,
    /// What came of each case.
    pub results: Vec<CaseResult>,
    /// Whether cases were left out that could be asked.
    pub is_cut: bool,
    /// Whether cases pass for which the platform gave a reason that is no mistake.
    pub allows_undecided: bool,
}

impl Proven {
    /// The results beside the manifests that they are about.
    #[must_use]
    pub fn tested<'a>(&'a self, manifests: &'a Manifests) -> Tested<'a> {
        Tested {
            desired: &manifests.desired,
            texts: &manifests.texts,
            results: &self.results,
            allows_undecided: self.allows_undecided,
            clock: None,
            coverage: None,
            proof: Some(&self.proof),
        }
    }

    /// Whether everything is proved: what was not asked is not, whatever came of the others.
    #[must_use]
    pub fn is_proved(&self, tested: &Tested<'_>) -> bool {
        tested.has_passed() && (!self.is_cut || self.allows_undecided)
    }

    /// How many cases failed or stay open.
    #[must_use]
    pub fn failing(&self) -> usize {
        let results = self.results.iter();
        results.filter(|it| it.verdict() != Verdict::Passed).count()
    }

    /// Whether the sandbox decided a condition otherwise than the manifests, which its part of the project file explains.
    #[must_use]
    pub fn has_condition_of_sandbox(&self) -> bool {
        let checks = self.results.iter().flat_map(|it| &it.checks);
        let mut reasons = checks.flat_map(|it| &it.judged.reasons);
        let is_of_condition = |reason: &Reason| match reason {
            Reason::Platform(observation) => observation.is_of_condition(),
            _ => false,
        };
        self.proof.environment == SANDBOX && reasons.any(is_of_condition)
    }

    /// Whether each case passed, and none was left out.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.failing() == 0 && !self.is_cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_time_between_sessions() {
        let every = |rate: f64| {
            let manner = Manner {
                rate,
                ..Manner::USUAL
            };
            manner.pace().map(|pace| pace.every).ok()
        };
        assert_eq!(every(0.5), Some(Duration::from_secs(2)));
        assert_eq!(every(1.0), Some(Duration::from_secs(1)));
        for wrong in [0.0, -1.0, f64::NAN] {
            assert_eq!(every(wrong), None, "{wrong}");
        }
    }
}
