//! `apply`: makes the account match the manifests.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::account::Account;
use super::error::CliError;
use super::manifests::Manifests;
use super::plan::{make_plan, new_lineage, shown};
use super::progress::Applying;
use super::ui::Ui;
use super::workspace::Workspace;
use super::{Format, Global, exit, now, runtime};
use crate::apply::{self, Outcome};
use crate::ledger::{Holder, Session};
use crate::plan::Plan;
use crate::report::outcome::{render_outcome, render_outcome_json};

/// Make the live account match the manifests: plan, ask, write.
///
/// Ctrl-C stops cleanly between two writes; what was done is told and recorded, and the next apply goes on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl apply                            plan, ask, write
  campaignctl apply --auto-approve             without the question, for pipelines
  campaignctl apply -e production campaigns    some manifests, on another account")]
pub(super) struct ApplyArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Do not ask. Without a terminal this is required.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_AUTO_APPROVE")]
    auto_approve: bool,
    /// Stop at the first failure, instead of going on with what does not depend on it.
    #[arg(long)]
    fail_fast: bool,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, global: &Global, args: &ApplyArgs) -> Result<u8, CliError> {
    let workspace = Workspace::find(ui, &args.paths)?;
    let manifests = workspace.sound_manifests(ui, global)?;
    runtime()?.block_on(async {
        let account = Account::connect(global, &workspace).await?;
        let result = plan_and_apply(ui, global, args, &workspace, &manifests, &account).await;
        account.close().await;
        result
    })
}

async fn plan_and_apply(
    ui: &Ui,
    global: &Global,
    args: &ApplyArgs,
    workspace: &Workspace,
    manifests: &Manifests,
    account: &Account,
) -> Result<u8, CliError> {
    // Locked before planning, so that what was planned is what the ledger still says.
    let session = account.ledger.lock(&holder(), &new_lineage())?;
    let plan = make_plan(ui, global, workspace, manifests, account, session.ledger()).await?;
    let is_text = global.format == Format::Text;
    if is_text {
        ui.data(&shown(ui, global, &plan)?)?;
    }
    if !plan.refusals.is_empty() {
        return Ok(exit::BLOCKED);
    }
    if plan.is_empty() {
        if !is_text {
            ui.data(&render_outcome_json(&plan, &Outcome::default()))?;
        }
        session.commit()?;
        return Ok(exit::DONE);
    }
    if plan.changes_account() && !approved(ui, args, account)? {
        ui.note("Nothing was written.");
        return Ok(exit::ERROR);
    }
    let outcome = execute(ui, global, args, account, &plan, session).await?;
    let text = if is_text {
        render_outcome(&plan, &outcome, ui.color())
    } else {
        render_outcome_json(&plan, &outcome)
    };
    ui.data(&text)?;
    Ok(exit_code(&outcome))
}

fn approved(ui: &Ui, args: &ApplyArgs, account: &Account) -> Result<bool, CliError> {
    if args.auto_approve {
        return Ok(true);
    }
    let question = format!(
        "Apply this to {} (account {})?",
        account.environment, account.id
    );
    ui.confirm(&question).ok_or_else(|| {
        CliError::invalid("there is no terminal to ask on")
            .help("give `--auto-approve` when the plan may be applied without a question")
    })
}

async fn execute(
    ui: &Ui,
    global: &Global,
    args: &ApplyArgs,
    account: &Account,
    plan: &Plan,
    mut session: Session,
) -> Result<Outcome, CliError> {
    let ledger = session.ledger().clone();
    let cancelled = Arc::new(AtomicBool::new(false));
    let listener = listen(ui, &cancelled);
    let progress = Applying::new(ui, plan.steps.len());
    let plan_id = new_lineage();
    let input = apply::Input {
        platform: &account.client,
        plan,
        plan_id: &plan_id,
        ledger: &ledger,
        clock: now,
        cancelled: &cancelled,
        options: apply::Options {
            parallelism: usize::from(global.parallelism),
            fail_fast: args.fail_fast,
            ..apply::Options::default()
        },
    };
    let outcome = apply::run(&input, &mut session, &|event| progress.show(event)).await;
    progress.finish();
    listener.abort();
    session.commit()?;
    Ok(outcome)
}

/// The first Ctrl-C stops between two steps; the steps under way end.
fn listen(ui: &Ui, cancelled: &Arc<AtomicBool>) -> tokio::task::JoinHandle<()> {
    let (ui, cancelled) = (ui.clone(), Arc::clone(cancelled));
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            ui.note("Stopping after the steps that are under way ..");
            cancelled.store(true, Ordering::SeqCst);
        }
    })
}

fn exit_code(outcome: &Outcome) -> u8 {
    let counts = &outcome.counts;
    if outcome.interrupted {
        exit::INTERRUPTED
    } else if counts.failed == 0 && counts.skipped == 0 {
        exit::DONE
    } else if counts.applied > 0 {
        exit::PARTIAL
    } else if counts.stale > 0 {
        exit::STALE
    } else {
        exit::ERROR
    }
}

fn holder() -> Holder {
    let variable = |name| super::environment_variable(name).filter(|value| !value.is_empty());
    let user = variable("USER")
        .or_else(|| variable("USERNAME"))
        .unwrap_or_else(|| "somebody".to_owned());
    let host = variable("HOSTNAME")
        .or_else(|| variable("COMPUTERNAME"))
        .map(|host| format!("@{host}"))
        .unwrap_or_default();
    Holder {
        who: format!("{user}{host} (process {})", std::process::id()),
        since: now().to_string(),
    }
}
