//! Applying: manifests or a saved plan, carried out on an account unless something speaks against it.
//!
//! The ledger is locked first, so that what is decided is what it still says. A saved plan is not believed: the ledger,
//! the account and the manifests of this moment say whether it is stale and whether a guard holds it back; either way
//! nothing is written.

use std::path::Path;
use std::time::Duration;

use super::account::Account;
use super::auditing::Audit;
use super::execute::{Execution, ask, released, settle};
use super::going_on::{begun_of, carried_out};
use super::judging::Judging;
use super::ledgers::lock_within;
use super::planning::{Planning, for_whom};
use super::taking_back::TakingBack;
use super::{Error, Meaning, Run, StopRequests, Workspace, kept};
use crate::apply::{Class, Outcome};
use crate::ledger::LedgerSession;
use crate::plan::{Overrides, Plan, Refusal, Today, needs, stale};
use crate::report::plan::render_stale;
use crate::resolve::Desired;

/// Shows a plan before anything is written.
pub trait Review: Sync {
    /// Shows the plan, with what its guards say.
    ///
    /// # Errors
    /// The plan could not be shown: it is not carried out, even if it was approved.
    fn show(&self, plan: &Plan) -> Result<(), Error>;

    /// Shows the guards that hold a plan back after it was shown.
    fn show_refusals(&self, refusals: &[Refusal]);
}

/// What to apply to, and by whose leave.
pub struct Applying<'a> {
    /// The run.
    pub run: &'a Run,
    /// The project.
    pub workspace: &'a Workspace,
    /// The account.
    pub account: &'a Account,
    /// Who sees the plan.
    pub review: &'a dyn Review,
    /// The guards that are overridden.
    pub overrides: Overrides,
    /// Whether a person is asked before anything is written.
    pub asks: bool,
    /// Whether the first failure stops steps that do not depend on it, too.
    pub fail_fast: bool,
    /// The file of the audit log, instead of that of the environment.
    pub audit: Option<&'a Path>,
    /// How long to wait for another run that holds the ledger.
    pub lock_timeout: Duration,
}

/// What came of it.
pub enum Applied {
    /// A guard held the plan back; nothing was written.
    Blocked(Box<Plan>),
    /// The answer was no; nothing was written.
    Declined(Box<Plan>),
    /// It was carried out, as far as the outcome says.
    Ended(Box<EndedApply>),
}

/// A plan that was carried out.
pub struct EndedApply {
    /// The plan.
    pub plan: Plan,
    /// What became of its steps.
    pub outcome: Outcome,
    /// Whether the ledger holds what was done.
    pub recorded: Result<(), Error>,
    /// Whether the time to wait for the account was over before the end.
    pub is_budget_spent: bool,
}

impl Applied {
    /// What it means for the caller that not all was done; `None` where it was.
    #[must_use]
    pub fn shortfall(&self) -> Option<Meaning> {
        match self {
            Self::Blocked(_) => Some(Meaning::Blocked),
            Self::Declined(_) => Some(Meaning::Failed),
            Self::Ended(ended) => ended.shortfall(),
        }
    }
}

impl EndedApply {
    /// What it means for the caller that not all was done; `None` where it was, and is recorded.
    #[must_use]
    pub fn shortfall(&self) -> Option<Meaning> {
        if let Err(error) = &self.recorded {
            // The account is written and the ledger is not: that is a run partly done, whatever kept the ledger.
            return Some(match self.outcome.counts.applied {
                0 => error.meaning,
                _ => Meaning::Partly,
            });
        }
        match shortfall(&self.outcome) {
            Some(Meaning::Failed) if self.is_budget_spent => Some(Meaning::Throttled),
            meaning => meaning,
        }
    }
}

/// What it means that not all steps of a plan were done; `None` where they were.
#[must_use]
pub fn shortfall(outcome: &Outcome) -> Option<Meaning> {
    let counts = &outcome.counts;
    let is_whole = counts.failed == 0 && counts.skipped == 0 && counts.interrupted == 0;
    // That an account is half done matters more than why.
    if is_whole && !outcome.interrupted {
        None
    } else if counts.applied > 0 && !is_whole {
        Some(Meaning::Partly)
    } else if outcome.interrupted {
        Some(Meaning::Interrupted)
    } else if outcome.has_failed(Class::Unauthorized) {
        Some(Meaning::Denied)
    } else if outcome.has_failed(Class::BudgetSpent) {
        Some(Meaning::Throttled)
    } else if counts.stale > 0 {
        Some(Meaning::Stale)
    } else {
        Some(Meaning::Failed)
    }
}

/// What is decided before the first write.
enum Decision {
    Go,
    Nothing,
    Blocked(Vec<Refusal>),
    Declined,
}

impl Applying<'_> {
    /// Plans for manifests, and carries the plan out.
    ///
    /// # Errors
    /// Manifests or an account that no plan was made for; a ledger that is locked; an interruption.
    pub async fn manifests(
        &self,
        planning: &Planning<'_>,
        mut stop: StopRequests,
    ) -> Result<Applied, Error> {
        let mut audit = Audit::open(self.audit, self.run, self.workspace, &self.account.id)?;
        planning.say_for_whom();
        // Locked before planning, so that what was planned is what the ledger still says.
        let mut session = self.lock(&mut stop).await?;
        let desired = Some(&planning.manifests.desired);
        let deciding = async {
            settle(self.run, self.account, &mut session, &mut audit).await?;
            let plan = planning.plan(session.ledger()).await?;
            let decision = self.decide(&plan, &session, desired).await?;
            Ok((plan, decision))
        };
        match stop.interrupts(deciding).await {
            Ok((plan, decision)) => self.follow(decision, plan, session, audit, stop).await,
            Err(error) => released(session, Err(error)).await,
        }
    }

    /// What is done about a plan of this moment.
    async fn decide(
        &self,
        plan: &Plan,
        session: &LedgerSession,
        desired: Option<&Desired>,
    ) -> Result<Decision, Error> {
        self.review.show(plan)?;
        if self.is_blocked(&plan.refusals) {
            return Ok(Decision::Blocked(plan.refusals.clone()));
        }
        if plan.steps.is_empty() {
            return Ok(Decision::Nothing);
        }
        if plan.changes_account() && !self.approved().await? {
            return Ok(Decision::Declined);
        }
        // Between the plan and the answer to the question lies as long as people take.
        let refusals = self.judging(desired).judge(session, plan).await?;
        if self.is_blocked(&refusals) {
            self.review.show_refusals(&refusals);
            return Ok(Decision::Blocked(refusals));
        }
        Ok(Decision::Go)
    }

    /// Carries a saved plan out. `desired` are the manifests of the project, where there are some.
    ///
    /// # Errors
    /// A plan for another account, or one that is stale; a ledger that is locked; an interruption.
    pub async fn saved(
        &self,
        plan: &Plan,
        desired: Option<&Desired>,
        mut stop: StopRequests,
    ) -> Result<Applied, Error> {
        let mut audit = Audit::open(self.audit, self.run, self.workspace, &self.account.id)?;
        self.check_account(plan)?;
        let project = self.workspace.project.project.as_deref();
        let said = for_whom(&plan.environment, &plan.account, project);
        self.run.note(&said);
        let mut session = self.lock(&mut stop).await?;
        let deciding = async {
            settle(self.run, self.account, &mut session, &mut audit).await?;
            self.decide_on_saved(plan, &session, desired).await
        };
        match stop.interrupts(deciding).await {
            Ok((plan, decision)) => self.follow(decision, plan, session, audit, stop).await,
            Err(error) => released(session, Err(error)).await,
        }
    }

    /// Settles what a run that died left behind: finds out what became of its writes, folds its journal into the ledger,
    /// and gives the lock back.
    ///
    /// # Errors
    /// A ledger that is locked or cannot be stored; an account that cannot be read; an interruption.
    pub async fn settles(&self, stop: &mut StopRequests) -> Result<(), Error> {
        let mut audit = Audit::open(self.audit, self.run, self.workspace, &self.account.id)?;
        let mut session = self.lock(stop).await?;
        let settling = settle(self.run, self.account, &mut session, &mut audit);
        match stop.interrupts(settling).await {
            Ok(()) => {
                Box::pin(session.commit()).await?;
                kept::warn_of_recorded(self.run, self.workspace);
                Ok(())
            }
            Err(error) => released(session, Err(error)).await,
        }
    }

    fn check_account(&self, plan: &Plan) -> Result<(), Error> {
        let account = self.account;
        if account.environment == plan.environment && account.id == plan.account {
            return Ok(());
        }
        Err(Error::new(
            Meaning::Stale,
            format!(
                "the plan was made for {} (account {}), and this is {} (account {})",
                plan.environment, plan.account, account.environment, account.id
            ),
        ))
    }

    /// The plan with the guards of this moment, and what is done about it.
    async fn decide_on_saved(
        &self,
        plan: &Plan,
        session: &LedgerSession,
        desired: Option<&Desired>,
    ) -> Result<(Plan, Decision), Error> {
        let now = self.run.machine().now();
        let needs = needs(plan, Some(now));
        let inventory = self.account.read(self.run, &needs).await?;
        let begun = begun_of(session, plan);
        let today = Today {
            ledger: session.ledger(),
            is_stored: session.is_stored(),
            begun: begun.as_ref(),
        };
        let mut reasons = stale(plan, &inventory, today);
        let judging = self.judging(desired);
        reasons.extend(judging.listed_only_now(session, plan, &inventory));
        let refusals = judging.judge_by(session, plan, &inventory);
        // A new plan would be refused as well where no flag helps, so that is what there is to say.
        let is_hopeless = refusals.iter().any(|refusal| refusal.flag.is_none());
        if !reasons.is_empty() && !is_hopeless {
            let error = Error::new(Meaning::Stale, "the plan is stale, and nothing was written");
            let done = carried_out(session.ledger(), plan);
            let is_in_place = done.is_some_and(|done| {
                let begun = Some(&done);
                stale(plan, &inventory, Today { begun, ..today }).is_empty()
            });
            let help = if is_in_place {
                "all that it wrote is still in place; `campaignctl plan` shows whether anything is left to do"
            } else {
                "plan again"
            };
            return Err(error.list(&render_stale(&reasons)).help(help));
        }
        // The guards of the file are for people to read.
        let plan = Plan {
            refusals,
            ..plan.clone()
        };
        self.review.show(&plan)?;
        let decision = if self.is_blocked(&plan.refusals) {
            Decision::Blocked(plan.refusals.clone())
        } else if self.approved().await? {
            Decision::Go
        } else {
            Decision::Declined
        };
        Ok((plan, decision))
    }

    /// Does what was decided, gives the lock back, and warns if the job does not commit the ledger.
    async fn follow(
        &self,
        decision: Decision,
        plan: Plan,
        session: LedgerSession,
        audit: Audit,
        stop: StopRequests,
    ) -> Result<Applied, Error> {
        let followed = Box::pin(self.decided(decision, plan, session, audit, stop)).await;
        kept::warn_of_recorded(self.run, self.workspace);
        followed
    }

    async fn decided(
        &self,
        decision: Decision,
        plan: Plan,
        session: LedgerSession,
        audit: Audit,
        stop: StopRequests,
    ) -> Result<Applied, Error> {
        match decision {
            Decision::Go => self.carry_out(plan, session, audit, stop).await,
            Decision::Nothing => {
                let taking_back = TakingBack {
                    run: self.run,
                    account: self.account,
                    plan: &plan,
                };
                taking_back.save(&session, &Outcome::default()).await;
                Box::pin(session.commit()).await?;
                Ok(Applied::Ended(Box::new(EndedApply {
                    plan,
                    outcome: Outcome::default(),
                    recorded: Ok(()),
                    is_budget_spent: false,
                })))
            }
            Decision::Blocked(refusals) => {
                let plan = Box::new(Plan { refusals, ..plan });
                released(session, Ok(Applied::Blocked(plan))).await
            }
            Decision::Declined => released(session, Ok(Applied::Declined(Box::new(plan)))).await,
        }
    }

    async fn carry_out(
        &self,
        plan: Plan,
        session: LedgerSession,
        audit: Audit,
        stop: StopRequests,
    ) -> Result<Applied, Error> {
        kept::warn(self.run, self.workspace);
        let execution = Execution {
            run: self.run,
            account: self.account,
            plan: &plan,
            fail_fast: self.fail_fast,
        };
        let (outcome, recorded) = execution.run(session, audit, stop).await?;
        Ok(Applied::Ended(Box::new(EndedApply {
            plan,
            outcome,
            recorded,
            is_budget_spent: self.account.client.is_budget_spent(),
        })))
    }

    async fn lock(&self, stop: &mut StopRequests) -> Result<LedgerSession, Error> {
        let (workspace, ledger) = (self.workspace, &self.account.ledger);
        lock_within(self.run, workspace, ledger, self.lock_timeout, stop).await
    }

    fn judging<'j>(&'j self, desired: Option<&'j Desired>) -> Judging<'j> {
        Judging {
            run: self.run,
            account: self.account,
            desired,
        }
    }

    fn is_blocked(&self, refusals: &[Refusal]) -> bool {
        let mut refusals = refusals.iter();
        refusals.any(|refusal| !refusal.is_overridden(self.overrides))
    }

    async fn approved(&self) -> Result<bool, Error> {
        if !self.asks {
            return Ok(true);
        }
        let Account {
            environment, id, ..
        } = self.account;
        let question = format!("Apply this to {environment} (account {id})?");
        ask(self.run, question).await?.ok_or_else(|| {
            Error::invalid("there is no terminal to ask questions on")
                .help("give `--auto-approve` when it may be written without a question")
        })
    }
}
