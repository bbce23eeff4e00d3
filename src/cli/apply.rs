//! `apply`: makes the account match the manifests, or carries out a saved plan.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::account::Account;
use super::apply_saved::{Question, apply_saved};
use super::auditing::{Audit, AuditArgs};
use super::error::CliError;
use super::execute::{Execution, ask, released, settle};
use super::json_into::JsonIntoArgs;
use super::judging::Judging;
use super::ledgers::lock;
use super::notifying::{NotifyArgs, occasion};
use super::planning::{GuardArgs, Planning, shown};
use super::selecting::SelectionArgs;
use super::signals::{Stop, interruptible};
use super::ui::Ui;
use super::workspace::Workspace;
use super::{Format, Global, block_on, exit, kept, saved};
use crate::apply::{Class, Outcome};
use crate::ledger::Session;
use crate::plan::Plan;
use crate::project::Occasion;
use crate::report::notice::Notice;
use crate::report::outcome::{render_outcome, render_outcome_json};
use crate::report::plan::render_refusals;

/// Make the live account match the manifests: plan, ask, write. Or carry out a saved plan, exactly.
///
/// A saved plan is refused with exit 7, and nothing is written, when an object that it touches changed on
/// the account since, or when it was applied already.
///
/// Ctrl-C stops cleanly between two writes; what was done is told and recorded, and the next apply goes on. So it
/// does after a crash, and a saved plan whose run was killed may be applied once more to finish it.
///
/// What was done can be taken back with `campaignctl undo`, or with the plan that is written beside the ledger,
/// `*.rollback.plan.json`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl apply                            plan, ask, write
  campaignctl apply plan.json                  carry out a saved plan
  campaignctl apply --auto-approve             without the question, for pipelines
  campaignctl apply -e production campaigns    some manifests, on another account")]
pub(super) struct ApplyArgs {
    /// A saved plan (`*.json`), or files, folders, or `-` for standard input.
    #[arg(value_name = "PLAN|PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Do not ask. Without a terminal this is required, unless a saved plan is given.
    #[arg(long, hide_env_values = true, value_parser = FalseyValueParser::new(), env = "CAMPAIGNCTL_AUTO_APPROVE")]
    pub(super) auto_approve: bool,
    /// Stop at the first failure, instead of going on with what does not depend on it.
    #[arg(long, hide_env_values = true, value_parser = FalseyValueParser::new(), env = "CAMPAIGNCTL_FAIL_FAST")]
    pub(super) fail_fast: bool,
    /// Leave fields alone that only the account changed.
    #[arg(long, hide_env_values = true, value_parser = FalseyValueParser::new(), env = "CAMPAIGNCTL_IGNORE_DRIFT")]
    pub(super) ignore_drift: bool,
    #[command(flatten)]
    pub(super) json_into: JsonIntoArgs,
    #[command(flatten)]
    pub(super) audit: AuditArgs,
    #[command(flatten)]
    pub(super) notify: NotifyArgs,
    /// Show every object and field. Without it, changes that say the same are told once, and many creates by kind.
    #[arg(long)]
    pub(super) full: bool,
    #[command(flatten)]
    pub(super) selecting: SelectionArgs,
    #[command(flatten)]
    pub(super) guards: GuardArgs,
}

/// Runs the command, and tells what came of it.
pub(super) fn run(ui: &Ui, global: &Global, args: &ApplyArgs) -> Result<u8, CliError> {
    let result = apply(ui, global, args);
    args.notify.tell(ui, global, &result);
    result
}

fn apply(ui: &Ui, global: &Global, args: &ApplyArgs) -> Result<u8, CliError> {
    if saved::is_plan_file(&args.paths) {
        return apply_saved(ui, global, args, Question::Spared);
    }
    let workspace = Workspace::find(ui, global, &args.paths)?;
    args.notify.about(&workspace, global.environment());
    let manifests = workspace.plannable_manifests(ui, global)?;
    block_on(async {
        let account = Account::connect(global, &workspace).await?;
        let planning = Planning {
            ui,
            global,
            workspace: &workspace,
            manifests: &manifests,
            selecting: &args.selecting,
            account: &account,
            ignores_drift: args.ignore_drift,
            tells_impact: false,
        };
        let result = plan_and_apply(&planning, args).await;
        account.close().await;
        result
    })
}

/// What comes of a plan before anything is written.
enum Decision {
    /// It is to be carried out.
    Go(Box<Plan>),
    /// There is nothing to do.
    Nothing(Box<Plan>),
    /// It is not to be carried out.
    Stop(u8),
}

async fn plan_and_apply(planning: &Planning<'_>, args: &ApplyArgs) -> Result<u8, CliError> {
    let Planning {
        ui,
        global,
        account,
        ..
    } = planning;
    let mut audit = Audit::open(&args.audit, global, planning.workspace, &account.id)?;
    planning.say_for_whom();
    let mut stop = Stop::listen()?;
    // Locked before planning, so that what was planned is what the ledger still says.
    let mut session = lock(planning.workspace, &account.ledger).await?;
    let deciding = decide(planning, args, &mut session, &mut audit);
    match interruptible(&mut stop, deciding).await {
        Ok(Decision::Go(plan)) => {
            kept::warn(ui, global, planning.workspace);
            execution(ui, global, args, account, &plan)
                .finish(session, audit, stop)
                .await
        }
        Ok(Decision::Nothing(plan)) => {
            session.commit().await?;
            Ok(finish(ui, global, &args.notify, &plan, &Outcome::default()))
        }
        Ok(Decision::Stop(code)) => released(session, Ok(code)).await,
        Err(error) => released(session, Err(error)).await,
    }
}

async fn decide(
    planning: &Planning<'_>,
    args: &ApplyArgs,
    session: &mut Session,
    audit: &mut Audit,
) -> Result<Decision, CliError> {
    let Planning {
        ui,
        global,
        account,
        ..
    } = planning;
    settle(ui, account, session, audit).await?;
    let plan = planning.plan(session.ledger()).await?;
    show(ui, global, args, &plan)?;
    if args.guards.block(&plan.refusals) {
        args.notify.saw(held_back(&plan));
        not_done(ui, global, &plan);
        return Ok(Decision::Stop(exit::BLOCKED));
    }
    let plan = Box::new(plan);
    if plan.steps.is_empty() {
        return Ok(Decision::Nothing(plan));
    }
    if plan.changes_account() && !approved(ui, args, account).await? {
        ui.note("Nothing was written.");
        not_done(ui, global, &plan);
        return Ok(Decision::Stop(exit::ERROR));
    }
    // Between the plan and the answer to the question lies as long as people take.
    let judging = Judging {
        ui,
        global,
        account,
        desired: Some(&planning.manifests.desired),
    };
    let refusals = judging.judge(session, &plan).await?;
    if args.guards.block(&refusals) {
        let plan = Plan { refusals, ..*plan };
        if global.format == Format::Text {
            ui.data(&render_refusals(
                &plan.refusals,
                args.guards.overrides(),
                ui.color(),
            ));
        }
        args.notify.saw(held_back(&plan));
        not_done(ui, global, &plan);
        return Ok(Decision::Stop(exit::BLOCKED));
    }
    Ok(Decision::Go(plan))
}

pub(super) fn execution<'a>(
    ui: &'a Ui,
    global: &'a Global,
    args: &'a ApplyArgs,
    account: &'a Account,
    plan: &'a Plan,
) -> Execution<'a> {
    Execution {
        ui,
        global,
        account,
        plan,
        notify: &args.notify,
        fail_fast: args.fail_fast,
    }
}

impl Execution<'_> {
    /// Carries the plan out and tells what came of it, also when it could not be recorded.
    pub(super) async fn finish(
        &self,
        session: Session,
        audit: Audit,
        stop: Stop,
    ) -> Result<u8, CliError> {
        let (outcome, recorded) = self.run(session, audit, stop).await?;
        let code = finish(self.ui, self.global, self.notify, self.plan, &outcome);
        // The account is written and the ledger is not: that is a run partly done, whatever kept the ledger.
        recorded.map_err(|error| match outcome.counts.applied {
            0 => error,
            _ => CliError {
                exit: exit::PARTIAL,
                ..error
            },
        })?;
        let is_short = matches!(code, exit::PARTIAL | exit::ERROR | exit::THROTTLED);
        if is_short && self.account.client.is_budget_spent() {
            self.ui
                .note("The retry budget is spent. Apply again later; what was done is recorded.");
            return Ok(if code == exit::ERROR {
                exit::THROTTLED
            } else {
                code
            });
        }
        Ok(code)
    }
}

/// What is told of a plan that a guard blocks.
pub(super) fn held_back(plan: &Plan) -> Notice {
    Notice::of_outcome(plan, &Outcome::default(), Occasion::Failure)
}

/// Shows the plan to people before anything is written.
///
/// # Errors
/// A plan that nobody could have seen: it is not carried out, whatever was approved.
pub(super) fn show(
    ui: &Ui,
    global: &Global,
    args: &ApplyArgs,
    plan: &Plan,
) -> Result<(), CliError> {
    if global.format == Format::Text {
        ui.data(&shown(ui, Format::Text, args.guards, plan, args.full));
    }
    if ui.is_shown() {
        return Ok(());
    }
    let why = "the plan could not be shown, and nothing was written to the account";
    Err(CliError::new(exit::ERROR, why)
        .help("send stdout to a place that can be written, or to `/dev/null`"))
}

/// Tells programs that nothing was done; people read the plan, and why it is held back.
pub(super) fn not_done(ui: &Ui, global: &Global, plan: &Plan) {
    let document = render_outcome_json(plan, &Outcome::default());
    if global.format != Format::Text {
        ui.raw(&document);
    }
    ui.document(&document);
}

fn finish(ui: &Ui, global: &Global, notify: &NotifyArgs, plan: &Plan, outcome: &Outcome) -> u8 {
    let code = exit_code(outcome);
    if code != exit::DONE || !plan.is_empty() {
        notify.saw(Notice::of_outcome(plan, outcome, occasion(code)));
    }
    match global.format {
        // Bringing the ledger's records up to date goes without saying.
        Format::Text if plan.is_empty() && code == exit::DONE => {}
        Format::Text => ui.data(&render_outcome(plan, outcome)),
        _ => ui.raw(&render_outcome_json(plan, outcome)),
    }
    ui.document(&render_outcome_json(plan, outcome));
    code
}

pub(super) async fn approved(
    ui: &Ui,
    args: &ApplyArgs,
    account: &Account,
) -> Result<bool, CliError> {
    if args.auto_approve {
        return Ok(true);
    }
    let question = format!(
        "Apply this to {} (account {})?",
        account.environment, account.id
    );
    ask(ui, question).await?.ok_or_else(|| {
        CliError::invalid("there is no terminal to ask on")
            .help("give `--auto-approve` when the plan may be applied without a question, or apply a saved plan")
    })
}

fn exit_code(outcome: &Outcome) -> u8 {
    let counts = &outcome.counts;
    let is_whole = counts.failed == 0 && counts.skipped == 0 && counts.interrupted == 0;
    // That an account is half done matters more than why.
    if is_whole && !outcome.interrupted {
        exit::DONE
    } else if counts.applied > 0 && !is_whole {
        exit::PARTIAL
    } else if outcome.interrupted {
        exit::INTERRUPTED
    } else if outcome.has_failed(Class::Unauthorized) {
        exit::DENIED
    } else if outcome.has_failed(Class::BudgetSpent) {
        exit::THROTTLED
    } else if counts.stale > 0 {
        exit::STALE
    } else {
        exit::ERROR
    }
}
