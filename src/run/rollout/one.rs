//! What a rollout does for one environment: what `apply` does for one, without showing the plan or asking.

use std::path::Path;
use std::time::Duration;

use super::Done;
use crate::apply::Outcome;
use crate::ledger::{LedgerStore, Loaded};
use crate::plan::{Action, Overrides, Plan, Refusal};
use crate::project::Occasion;
use crate::report::notice::Notice;
use crate::run::account::Account;
use crate::run::applying::{Applied, Applying, Review};
use crate::run::judging::found_manifests;
use crate::run::ledgers::{account_of, ledger_of};
use crate::run::manifests::Manifests;
use crate::run::notifying::Messenger;
use crate::run::planning::Planning;
use crate::run::{Error, Meaning, Run, StopRequests, Subset, Workspace};

/// How environments are worked on.
pub struct EnvironmentWork<'a> {
    /// The project.
    pub workspace: &'a Workspace,
    /// Which objects it is about.
    pub subset: &'a Subset,
    /// Whether fields that only the account changed are left as they are.
    pub ignores_drift: bool,
    /// The guards that are overridden.
    pub overrides: Overrides,
    /// Whether the first failure stops steps that do not depend on it, too.
    pub fail_fast: bool,
    /// The file of the audit log, instead of that of the environment.
    pub audit: Option<&'a Path>,
    /// How long to wait for another run that holds a ledger.
    pub lock_timeout: Duration,
    /// Whom to tell.
    pub messenger: &'a Messenger,
}

/// No person looks at each plan of many.
struct Unseen;

impl Review for Unseen {
    fn show(&self, _: &Plan) -> Result<(), Error> {
        Ok(())
    }

    fn show_refusals(&self, _: &[Refusal]) {}
}

impl EnvironmentWork<'_> {
    /// Plans for the environment of the run, and carries the plan out.
    ///
    /// # Errors
    /// As [`Applying::manifests`], and an account that cannot be reached.
    pub fn manifests(&self, run: &Run, stop: StopRequests) -> Result<Done, Error> {
        self.messenger.about(self.workspace, run.environment());
        let manifests = self.workspace.plannable_manifests(run)?.at_rest();
        let applied = block_on(async {
            let account = Account::connect(run, self.workspace).await?;
            let planning = self.planning(run, &account, &manifests, self.subset);
            let applying = self.applying(run, &account);
            let applied = applying.manifests(&planning, stop).await;
            account.close().await;
            applied
        })?;
        Ok(self.told(applied))
    }

    /// Carries exactly this plan out. One that an earlier run carried out is done.
    ///
    /// # Errors
    /// As [`Applying::saved`], and an account that cannot be reached.
    pub fn plan(&self, run: &Run, plan: &Plan, stop: StopRequests) -> Result<Done, Error> {
        self.messenger.about(self.workspace, run.environment());
        let account = account_of(run, self.workspace)?;
        if account != plan.account {
            let why = format!(
                "the plan was made for the account {}, and {} has the account {account}",
                plan.account,
                run.environment()
            );
            return Err(Error::new(Meaning::Stale, why).help("plan again"));
        }
        if plan.steps.is_empty() {
            // Nothing is to be written, but a run that died may be settled first.
            let ledger = ledger_of(run, self.workspace)?;
            let is_at_rest = block_on(async {
                let loaded = ledger.load(&run.machine().unique_id()).await?;
                is_at_rest(&ledger, &loaded).await
            })?;
            if is_at_rest {
                return Ok(Done::Already);
            }
        }
        let manifests = found_manifests(run, self.workspace);
        let done = block_on(async {
            let account = Account::connect(run, self.workspace).await?;
            let done = self.exactly(run, &account, (plan, manifests.as_ref()), stop);
            let done = done.await;
            account.close().await;
            done
        })?;
        Ok(match done {
            Done::Applied(applied) => self.told(applied),
            Done::Already => Done::Already,
        })
    }

    async fn exactly(
        &self,
        run: &Run,
        account: &Account,
        (plan, manifests): (&Plan, Option<&Manifests>),
        mut stop: StopRequests,
    ) -> Result<Done, Error> {
        let applying = self.applying(run, account);
        let loaded = account.ledger.load(&run.machine().unique_id()).await?;
        let begun = loaded.ledger.begun_with(loaded.begun());
        let is_begun = begun.of(&plan.id).is_some();
        let is_used = loaded.ledger.used_plans.contains(&plan.id);
        if plan.steps.is_empty() || is_used && !is_begun {
            // A run that has ended leaves nothing behind: no journal that is not folded in, and no lock.
            if !is_at_rest(&account.ledger, &loaded).await? {
                applying.settles(&mut stop).await?;
            }
            if plan.steps.is_empty() {
                return Ok(Done::Already);
            }
            if let Some(manifests) = manifests {
                self.check_done(run, account, (plan, manifests)).await?;
                return Ok(Done::Already);
            }
        }
        let desired = manifests.map(|it| &it.desired);
        let applied = applying.saved(plan, desired, stop).await?;
        Ok(Done::Applied(applied))
    }

    /// Whether an earlier run that has ended carried a plan out, which is used up: nothing of what it is about is left to
    /// do.
    ///
    /// # Errors
    /// A plan that was carried out in part, which no run can finish; an account that cannot be read.
    async fn check_done(
        &self,
        run: &Run,
        account: &Account,
        (plan, manifests): (&Plan, &Manifests),
    ) -> Result<(), Error> {
        let loaded = account.ledger.load(&run.machine().unique_id()).await?;
        let everything = Subset::default();
        let planning = self.planning(run, account, manifests, &everything);
        let left = planning.plan(&loaded.ledger).await?;
        let quiet = |action| matches!(action, Action::None | Action::Manual);
        let is_left = left.changes.iter().any(|change| {
            let is_ours = plan.changes.iter().any(|it| it.key() == change.key());
            is_ours && !change.record && !quiet(change.action)
        });
        if is_left {
            let why = "the plan was applied before, and not all that it is about is done";
            return Err(Error::new(Meaning::Stale, why).help("plan again"));
        }
        Ok(())
    }

    fn planning<'p>(
        &'p self,
        run: &'p Run,
        account: &'p Account,
        manifests: &'p Manifests,
        subset: &'p Subset,
    ) -> Planning<'p> {
        Planning {
            run,
            workspace: self.workspace,
            manifests,
            account,
            ignores_drift: self.ignores_drift,
            subset,
            tells_impact: false,
        }
    }

    fn applying<'p>(&'p self, run: &'p Run, account: &'p Account) -> Applying<'p> {
        Applying {
            run,
            workspace: self.workspace,
            account,
            review: &Unseen,
            overrides: self.overrides,
            asks: false,
            fail_fast: self.fail_fast,
            audit: self.audit,
            lock_timeout: self.lock_timeout,
        }
    }

    /// Notes what the webhooks are told.
    fn told(&self, applied: Applied) -> Done {
        let is_done = applied.shortfall().is_none();
        let notice = |plan, outcome: &Outcome| {
            let occasion = if is_done {
                Occasion::Apply
            } else {
                Occasion::Failure
            };
            self.messenger
                .saw(Notice::of_outcome(plan, outcome, occasion));
        };
        match &applied {
            Applied::Blocked(plan) => notice(plan, &Outcome::default()),
            Applied::Ended(ended) if !is_done || !ended.plan.is_empty() => {
                notice(&ended.plan, &ended.outcome);
            }
            Applied::Declined(_) | Applied::Ended(_) => {}
        }
        Done::Applied(applied)
    }
}

/// Whether a ledger is as the run left it that wrote it last: that run has come to its end, and none is at work.
///
/// # Errors
/// A ledger that cannot be read.
async fn is_at_rest(ledger: &LedgerStore, loaded: &Loaded) -> Result<bool, Error> {
    let is_open = loaded.has_journal() || !loaded.ledger.unfinished.is_empty();
    Ok(!is_open && ledger.holder().await?.is_none())
}

/// Does something that waits, on a runtime of its own: each environment has a thread.
///
/// # Errors
/// Those of `work`, and a system that gives no threads.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}
