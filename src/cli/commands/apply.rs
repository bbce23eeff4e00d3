//! `apply`: makes the account match the manifests, or carries out a saved plan.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::apply::Outcome;
use crate::cli::auditing::AuditArgs;
use crate::cli::caching::CacheArgs;
use crate::cli::global::time;
use crate::cli::guards::{GuardArgs, shown};
use crate::cli::json_into::JsonIntoArgs;
use crate::cli::notifying::{self, NotifyArgs, occasion};
use crate::cli::rolling_out::{self, RolloutArgs};
use crate::cli::selecting::SelectionArgs;
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

/// Make the live account match the manifests: plan, ask, write. Or apply a saved plan exactly, or a folder of plans.
///
/// A saved plan is refused with exit 7, and nothing is written, when an object that it touches changed on
/// the account since, or when it was applied already.
///
/// Ctrl-C stops cleanly between two writes: what was done is reported and recorded, and the next apply resumes. The
/// same is true after a crash. A saved plan whose run was killed can be applied once more to finish it.
///
/// Of a folder that `plan --all-environments --out DIR` made, each plan is applied exactly or refused, and the others go
/// on while no more fail than `maxFailures` of the project says. A run that was stopped is resumed by running it again.
///
/// To undo an apply, run `campaignctl undo`, or apply the plan that is written beside the ledger,
/// `*.rollback.plan.json`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl apply                            plan, ask, write
  campaignctl apply plan.json                  apply a saved plan
  campaignctl apply --auto-approve             without asking, for pipelines
  campaignctl apply -e production campaigns    some manifests, on another account
  campaignctl apply plans                      every plan of a folder, in waves
  campaignctl apply --all-environments --auto-approve --shard 2/8 --json-into report-2.json   a job of eight")]
pub(in crate::cli) struct ApplyArgs {
    /// A saved plan (`*.json`), a folder of plans, or manifests: files, folders, `-`.
    #[arg(value_name = "PLAN|PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Do not ask. Without a terminal this is required, unless a saved plan is given.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_AUTO_APPROVE")]
    pub(in crate::cli) auto_approve: bool,
    /// Stop at the first failure. Without it, steps that do not depend on it continue.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_FAIL_FAST")]
    pub(in crate::cli) fail_fast: bool,
    /// Leave fields alone that only the account changed.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_IGNORE_DRIFT")]
    pub(in crate::cli) ignore_drift: bool,
    /// How long to wait for another run that holds the ledger: `90s`, `5m`. Without it, the run ends at once. A lock
    /// whose term is over is watched for up to 30 seconds in any case, and taken if nobody renews it.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s", hide_default_value = true, hide_env_values = true, env = "CAMPAIGNCTL_LOCK_TIMEOUT")]
    pub(in crate::cli) lock_timeout: Duration,
    #[command(flatten)]
    pub(in crate::cli) json_into: JsonIntoArgs,
    #[command(flatten)]
    pub(in crate::cli) audit: AuditArgs,
    #[command(flatten)]
    pub(in crate::cli) notify: NotifyArgs,
    /// Show every object and field. Without it, equal changes are one line with a count, and many creates are grouped
    /// by kind.
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// After it, ask the platform what the scenarios say. As `campaignctl prove` does, if the apply succeeded. Exits 2 when a
    /// case fails or stays open.
    #[arg(long)]
    pub(in crate::cli) prove: bool,
    #[command(flatten)]
    pub(in crate::cli) many: RolloutArgs,
    #[command(flatten)]
    pub(in crate::cli) selecting: SelectionArgs,
    #[command(flatten)]
    pub(in crate::cli) guards: GuardArgs,
    #[command(flatten)]
    pub(in crate::cli) caching: CacheArgs,
}

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
