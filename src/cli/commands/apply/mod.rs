//! `apply`: makes the account match the manifests, or carries out a saved plan.

mod ending;

use crate::cli::applying::ApplyArgs;
use crate::cli::guards::shown;
use crate::cli::notifying;
use crate::cli::rolling_out;
use crate::cli::signals::stop;
use crate::cli::ui::Ui;
use crate::cli::{Format, block_on};
use crate::plan::{Plan, Refusal};
use crate::report::plan::render_refusals;
use crate::run::account::Account;
use crate::run::applying::{Applying, Review};
use crate::run::judging::found_manifests;
use crate::run::notifying::Messenger;
use crate::run::planning::Planning;
use crate::run::{Error, Meaning, Run, Workspace, saved};
use ending::Ending;

/// Runs the command, and tells what came of it.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &ApplyArgs) -> Result<u8, Error> {
    let run = &args.caching.of(run);
    if let Some(code) = rolling_out::run(ui, run, args)? {
        return Ok(code);
    }
    let messenger = args.notify.messenger(run);
    let result = apply(ui, run, args, &messenger);
    notifying::tell(run, &messenger, &result);
    result
}

fn apply(ui: &Ui, run: &Run, args: &ApplyArgs, messenger: &Messenger) -> Result<u8, Error> {
    if saved::is_plan_file(&args.paths) {
        return apply_saved(ui, run, args, Confirmation::Spared, messenger);
    }
    let workspace = Workspace::find(run, &args.paths)?;
    messenger.about(&workspace, run.environment());
    let manifests = workspace.plannable_manifests(run)?.at_rest();
    block_on(async {
        let stop = stop()?;
        let account = Account::connect(run, &workspace).await?;
        let planning = Planning {
            run,
            workspace: &workspace,
            manifests: &manifests,
            subset: &args.selecting.subset(),
            account: &account,
            ignores_drift: args.ignore_drift,
            tells_impact: false,
        };
        let review = PlanTerminal { ui, args };
        let applying = args.applying(run, &workspace, &account, &review);
        let ending = args.ending(ui, run, messenger);
        let told = match applying.manifests(&planning, stop).await {
            Ok(applied) => {
                ending
                    .told(applied, (&account, &workspace, Some(&manifests)))
                    .await
            }
            Err(error) => Err(error),
        };
        account.close().await;
        told
    })
}

/// Carries a saved plan out.
///
/// # Errors
/// A file that is no plan, an account that is another one, a plan that is stale.
pub(in crate::cli) fn apply_saved(
    ui: &Ui,
    run: &Run,
    args: &ApplyArgs,
    question: Confirmation,
    messenger: &Messenger,
) -> Result<u8, Error> {
    let [file] = args.paths.as_slice() else {
        return Err(Error::invalid("one plan at a time"));
    };
    if !args.selecting.is_empty() {
        return Err(Error::invalid("a saved plan is applied as it is").help(
            "give the flags that select objects to `plan --out`, which keeps the selection",
        ));
    }
    let plan = saved::read_in(run, file)?;
    let workspace = Workspace::of_plan(run, &plan.project, file)?;
    let run = &run.or_environment(&plan.environment);
    messenger.about(&workspace, run.environment());
    let manifests = if args.prove {
        // The scenarios are among them: what cannot be proved is not written.
        Some(workspace.plannable_manifests(run)?)
    } else {
        found_manifests(run, &workspace)
    };
    let desired = manifests.as_ref().map(|manifests| &manifests.desired);
    block_on(async {
        let stop = stop()?;
        let account = Account::connect(run, &workspace).await?;
        let review = PlanTerminal { ui, args };
        let applying = Applying {
            asks: question == Confirmation::Asked && !args.auto_approve,
            ..args.applying(run, &workspace, &account, &review)
        };
        let ending = args.ending(ui, run, messenger);
        let told = match applying.saved(&plan, desired, stop).await {
            Ok(applied) => {
                ending
                    .told(applied, (&account, &workspace, manifests.as_ref()))
                    .await
            }
            Err(error) => Err(error),
        };
        account.close().await;
        told
    })
}

/// Whether a person is asked before a saved plan is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Confirmation {
    /// A plan that was named has been seen.
    Spared,
    /// One that was found is shown first.
    Asked,
}

impl ApplyArgs {
    fn applying<'a>(
        &'a self,
        run: &'a Run,
        workspace: &'a Workspace,
        account: &'a Account,
        review: &'a dyn Review,
    ) -> Applying<'a> {
        Applying {
            run,
            workspace,
            account,
            review,
            overrides: self.guards.overrides(),
            asks: !self.auto_approve,
            fail_fast: self.fail_fast,
            audit: self.audit.file(),
            lock_timeout: self.lock_timeout,
        }
    }

    fn ending<'a>(&self, ui: &'a Ui, run: &'a Run, messenger: &'a Messenger) -> Ending<'a> {
        Ending {
            ui,
            run,
            messenger,
            proves: self.prove,
        }
    }
}

/// The terminal, which shows plans to people before anything is written. Programs read what came of them.
struct PlanTerminal<'a> {
    ui: &'a Ui,
    args: &'a ApplyArgs,
}

impl Review for PlanTerminal<'_> {
    fn show(&self, plan: &Plan) -> Result<(), Error> {
        let Self { ui, args } = self;
        if ui.format() == Format::Text {
            ui.data(&shown(ui, Format::Text, args.guards, plan, args.full));
        }
        if ui.is_shown() {
            return Ok(());
        }
        let why = "the plan could not be shown, and nothing was written to the account";
        Err(Error::new(Meaning::Failed, why)
            .help("send stdout to a place that can be written, or to `/dev/null`"))
    }

    fn show_refusals(&self, refusals: &[Refusal]) {
        let Self { ui, args } = self;
        if ui.format() == Format::Text {
            let overrides = args.guards.overrides();
            ui.data(&render_refusals(refusals, overrides, ui.color()));
        }
    }
}
