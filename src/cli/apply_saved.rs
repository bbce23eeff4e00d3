//! `apply PLAN`: carries a saved plan out, exactly, if nothing speaks against it by now.
//!
//! The file is not believed. The ledger, the account and the manifests of this moment say whether the plan is stale
//! (exit 7) and whether a guard holds it back (exit 6); either way nothing is written.

use std::path::PathBuf;

use super::account::Account;
use super::apply::{ApplyArgs, approved, execution, held_back, not_done, show};
use super::auditing::Audit;
use super::error::CliError;
use super::execute::{released, settle};
use super::judging::{Judging, found_manifests};
use super::ledgers::lock;
use super::planning::for_whom;
use super::signals::{Stop, interruptible};
use super::ui::Ui;
use super::workspace::{Workspace, today};
use super::{Global, block_on, exit, kept, saved};
use crate::ledger::Session;
use crate::plan::{Plan, Today, needs, stale};
use crate::report::plan::render_stale;
use crate::resolve::Desired;

/// Whether a person is asked before a saved plan is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// A plan that was named has been seen.
    Spared,
    /// One that was found is shown first.
    Asked,
}

/// Carries a saved plan out.
///
/// # Errors
/// A file that is no plan, an account that is another one, a plan that is stale.
pub(super) fn apply_saved(
    ui: &Ui,
    global: &Global,
    args: &ApplyArgs,
    question: Question,
) -> Result<u8, CliError> {
    let [file] = args.paths.as_slice() else {
        return Err(CliError::invalid("one plan at a time"));
    };
    if !args.selecting.is_empty() {
        return Err(CliError::invalid("a saved plan is applied as it is").help(
            "give the flags that select objects to `plan --out`, which keeps the selection",
        ));
    }
    let plan = saved::read(file)?;
    let workspace = Workspace::find(ui, global, &[PathBuf::from(&plan.project)])?;
    let mut global = global.clone();
    global
        .environment
        .get_or_insert_with(|| plan.environment.clone());
    args.notify.about(&workspace, global.environment());
    let manifests = found_manifests(ui, &workspace, &global);
    block_on(async {
        let account = Account::connect(&global, &workspace).await?;
        let result = match Audit::open(&args.audit, &global, &workspace, &account.id) {
            Ok(audit) => {
                let saved = Saved {
                    ui,
                    global: &global,
                    args,
                    workspace: &workspace,
                    account: &account,
                    plan: &plan,
                    question,
                    desired: manifests.as_ref().map(|manifests| &manifests.desired),
                };
                saved.carry_out(audit).await
            }
            Err(error) => Err(error),
        };
        account.close().await;
        result
    })
}

/// A saved plan on an account.
struct Saved<'a> {
    ui: &'a Ui,
    global: &'a Global,
    args: &'a ApplyArgs,
    workspace: &'a Workspace,
    account: &'a Account,
    plan: &'a Plan,
    question: Question,
    /// The manifests of the project, where there are some.
    desired: Option<&'a Desired>,
}

impl Saved<'_> {
    async fn carry_out(&self, mut audit: Audit) -> Result<u8, CliError> {
        let Self {
            ui,
            global,
            args,
            account,
            plan,
            desired: _,
            question: _,
            workspace: _,
        } = *self;
        if account.environment != plan.environment || account.id != plan.account {
            return Err(CliError::new(
                exit::STALE,
                format!(
                    "the plan was made for {} (account {}), and this is {} (account {})",
                    plan.environment, plan.account, account.environment, account.id
                ),
            ));
        }
        let project = self.workspace.project.project.as_deref();
        ui.note(&for_whom(&plan.environment, &plan.account, project));
        let mut stop = Stop::listen()?;
        let mut session = lock(self.workspace, &account.ledger).await?;
        let checking = self.check(&mut session, &mut audit);
        match interruptible(&mut stop, checking).await {
            Ok(None) => {
                kept::warn(ui, global, self.workspace);
                execution(ui, global, args, account, plan)
                    .finish(session, audit, stop)
                    .await
            }
            Ok(Some(code)) => released(session, Ok(code)).await,
            Err(error) => released(session, Err(error)).await,
        }
    }

    /// The exit code of a saved plan that is not to be carried out.
    async fn check(
        &self,
        session: &mut Session,
        audit: &mut Audit,
    ) -> Result<Option<u8>, CliError> {
        let Self {
            ui,
            global,
            args,
            account,
            plan,
            desired,
            question,
            workspace: _,
        } = *self;
        settle(ui, account, session, audit).await?;
        let inventory = account
            .read(ui, global, &needs(plan, Some(today())))
            .await?;
        let begun = session.begun();
        let today = Today {
            ledger: session.ledger(),
            is_stored: session.is_stored(),
            begun: (begun.plan.as_deref() == Some(&plan.id)).then_some(&begun.started),
        };
        let judging = Judging {
            ui,
            global,
            account,
            desired,
        };
        let refusals = judging.judge_by(session, plan, &inventory);
        let reasons = stale(plan, &inventory, today);
        // A new plan would be refused as well where no flag helps, so that is what there is to say.
        let is_hopeless = refusals.iter().any(|refusal| refusal.flag.is_none());
        if !reasons.is_empty() && !is_hopeless {
            let error = CliError::new(exit::STALE, "the plan is stale, and nothing was written");
            return Err(error.list(&render_stale(&reasons)).help("plan again"));
        }
        // The guards of the file are for people to read.
        let plan = &Plan {
            refusals,
            ..plan.clone()
        };
        show(ui, global, args, plan)?;
        if args.guards.block(&plan.refusals) {
            args.notify.saw(held_back(plan));
            not_done(ui, global, plan);
            return Ok(Some(exit::BLOCKED));
        }
        if question == Question::Asked && !approved(ui, args, account).await? {
            ui.note("Nothing was written.");
            not_done(ui, global, plan);
            return Ok(Some(exit::ERROR));
        }
        Ok(None)
    }
}
