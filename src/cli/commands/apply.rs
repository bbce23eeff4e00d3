//! `apply`: makes the account match the manifests, or carries out a saved plan.

use crate::apply::Outcome;
use crate::cli::applying::ApplyArgs;
use crate::cli::guards::shown;
use crate::cli::notifying::{self, occasion};
use crate::cli::rolling_out;
use crate::cli::signals::stop;
use crate::cli::ui::Ui;
use crate::cli::{Format, block_on, exit, prove};
use crate::plan::{Plan, Refusal};
use crate::project::Occasion;
use crate::report::notice::Notice;
use crate::report::outcome::{render_outcome, render_outcome_json};
use crate::report::plan::render_refusals;
use crate::run::account::Account;
use crate::run::applying::{Applied, Applying, EndedApply, Review, shortfall};
use crate::run::judging::found_manifests;
use crate::run::notifying::Messenger;
use crate::run::planning::Planning;
use crate::run::{Error, Meaning, Run, Workspace, proving, saved};

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
    let (applied, proven) = block_on(async {
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
        let review = Shown { ui, args };
        let applying = args.applying(run, &workspace, &account, &review);
        let applied = applying.manifests(&planning, stop).await;
        let is_done = applied.as_ref().is_ok_and(is_done);
        let proven = if args.prove && is_done {
            Some(proving::after_apply(run, &account, &workspace, &manifests).await)
        } else {
            None
        };
        account.close().await;
        applied.map(|applied| (applied, proven))
    })?;
    let code = end(ui, messenger, applied)?;
    match proven {
        Some(proven) if code == exit::DONE => Ok(prove::tell(ui, &manifests, &proven?)),
        _ => Ok(code),
    }
}

/// Whether everything was written.
fn is_done(applied: &Applied) -> bool {
    match applied {
        Applied::Ended(ended) => exit_code(&ended.outcome) == exit::DONE,
        Applied::Blocked(_) | Applied::Declined(_) => false,
    }
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
    let manifests = found_manifests(run, &workspace);
    let desired = manifests.as_ref().map(|manifests| &manifests.desired);
    let (applied, proven) = block_on(async {
        let stop = stop()?;
        let account = Account::connect(run, &workspace).await?;
        let review = Shown { ui, args };
        let applying = Applying {
            asks: question == Confirmation::Asked && !args.auto_approve,
            ..args.applying(run, &workspace, &account, &review)
        };
        let applied = applying.saved(&plan, desired, stop).await;
        let proven = match &manifests {
            Some(manifests) if args.prove && applied.as_ref().is_ok_and(is_done) => {
                Some(proving::after_apply(run, &account, &workspace, manifests).await)
            }
            _ => None,
        };
        account.close().await;
        applied.map(|applied| (applied, proven))
    })?;
    let code = end(ui, messenger, applied)?;
    match (proven, &manifests) {
        (Some(proven), Some(manifests)) if code == exit::DONE => {
            Ok(prove::tell(ui, manifests, &proven?))
        }
        _ => Ok(code),
    }
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
}

/// The terminal, which shows plans to people before anything is written. Programs read what came of them.
struct Shown<'a> {
    ui: &'a Ui,
    args: &'a ApplyArgs,
}

impl Review for Shown<'_> {
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

/// Tells what came of it, also when it could not be recorded.
fn end(ui: &Ui, messenger: &Messenger, applied: Applied) -> Result<u8, Error> {
    match applied {
        Applied::Blocked(plan) => {
            // What is told of a plan that a guard blocks.
            let outcome = Outcome::default();
            messenger.saw(Notice::of_outcome(&plan, &outcome, Occasion::Failure));
            not_done(ui, &plan);
            Ok(exit::BLOCKED)
        }
        Applied::Declined(plan) => {
            ui.note("Nothing was written.");
            not_done(ui, &plan);
            Ok(exit::ERROR)
        }
        Applied::Ended(ended) => of_ended(ui, messenger, *ended),
    }
}

fn of_ended(ui: &Ui, messenger: &Messenger, ended: EndedApply) -> Result<u8, Error> {
    let code = finish(ui, messenger, &ended.plan, &ended.outcome);
    let meaning = ended.shortfall();
    if let Err(error) = ended.recorded {
        return Err(Error {
            meaning: meaning.unwrap_or(error.meaning),
            ..error
        });
    }
    let is_short = matches!(code, exit::PARTIAL | exit::ERROR | exit::THROTTLED);
    if is_short && ended.is_budget_spent {
        ui.note("The retry budget is spent. Apply again later; what was done is recorded.");
    }
    Ok(meaning.map_or(exit::DONE, exit::of))
}

/// Tells programs that nothing was done; people read the plan, and why it is held back.
fn not_done(ui: &Ui, plan: &Plan) {
    let document = render_outcome_json(plan, &Outcome::default());
    if ui.format() != Format::Text {
        ui.raw(&document);
    }
    ui.document(&document);
}

fn finish(ui: &Ui, messenger: &Messenger, plan: &Plan, outcome: &Outcome) -> u8 {
    let code = exit_code(outcome);
    if code != exit::DONE || !plan.is_empty() {
        messenger.saw(Notice::of_outcome(plan, outcome, occasion(code)));
    }
    match ui.format() {
        // Bringing the ledger's records up to date goes without saying.
        Format::Text if plan.is_empty() && code == exit::DONE => {}
        Format::Text => ui.formatted(Format::Text, &render_outcome(plan, outcome)),
        _ => ui.raw(&render_outcome_json(plan, outcome)),
    }
    ui.document(&render_outcome_json(plan, outcome));
    code
}

fn exit_code(outcome: &Outcome) -> u8 {
    shortfall(outcome).map_or(exit::DONE, exit::of)
}
