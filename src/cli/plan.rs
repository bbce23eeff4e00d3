//! `plan`: what differs from the live account. Never writes to the account or the ledger.

use std::path::PathBuf;

use clap::Args;

use super::account::Account;
use super::error::CliError;
use super::planning::{GuardArgs, Planning, plan_json, shown};
use super::selecting::SelectionArgs;
use super::ui::Ui;
use super::workspace::Workspace;
use super::{Global, exit, runtime, saved, unique_id};

/// Show what differs between the manifests and the live account. Nothing is written to either.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl plan                             the project, against the sandbox
  campaignctl plan -e production               against an environment of campaignctl.yaml
  campaignctl plan --out plan.json             keep the plan, to apply exactly that
  campaignctl plan --detailed-exitcode         exit 2 when the account differs
  campaignctl plan --format json               the plan for a program

Marks: + create, ~ update, -/+ replace, - delete, → adopt, ! for a person to do.
Causes: edit (the manifest changed), drift (the account changed), edit and drift, template and
variable with their names.")]
pub(super) struct PlanArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Exit 2 when the account differs from the manifests.
    #[arg(long)]
    detailed_exitcode: bool,
    /// Write the plan to a file, for `show` and `apply`.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the plan as JSON to a file, beside the text on stdout.
    #[arg(long, value_name = "FILE")]
    pub(super) json_into: Option<PathBuf>,
    /// Leave fields alone that only the account changed.
    #[arg(long)]
    ignore_drift: bool,
    #[command(flatten)]
    pub(super) selecting: SelectionArgs,
    #[command(flatten)]
    guards: GuardArgs,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, global: &Global, args: &PlanArgs) -> Result<u8, CliError> {
    let workspace = Workspace::find(ui, &args.paths)?;
    let manifests = workspace.plannable_manifests(ui, global)?;
    let plan = runtime()?.block_on(async {
        let account = Account::connect(global, &workspace).await?;
        let ledger = account.ledger.load(&unique_id()).await?.ledger;
        let planning = Planning {
            ui,
            global,
            workspace: &workspace,
            manifests: &manifests,
            selecting: &args.selecting,
            account: &account,
            ignores_drift: args.ignore_drift,
        };
        let plan = planning.plan(&ledger).await;
        account.close().await;
        plan
    })?;
    if let Some(file) = &args.out {
        saved::write(file, &plan_json(&plan)?)?;
    }
    ui.document(&plan_json(&plan)?)?;
    ui.data(&shown(ui, global.format, &plan)?)?;
    if args.guards.block(&plan) {
        return Ok(exit::BLOCKED);
    }
    Ok(if args.detailed_exitcode && plan.changes_account() {
        exit::CHANGES
    } else {
        exit::DONE
    })
}
