//! `drift`: what changed on the account behind our back.

use std::path::PathBuf;

use clap::Args;

use super::account::Account;
use super::error::CliError;
use super::planning::Planning;
use super::selecting::SelectionArgs;
use super::ui::Ui;
use super::workspace::Workspace;
use super::{Format, Global, exit, runtime, unique_id};
use crate::report::drift::{Drift, drift};

/// Show what changed on the account since it was last applied. For a nightly job: exits 2 when there is any.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl drift -e production
  campaignctl drift --format json

What the manifests changed meanwhile is not shown; `campaignctl plan` shows both.")]
pub(super) struct DriftArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) selecting: SelectionArgs,
    /// Write what was found as JSON to a file, beside the text on stdout.
    #[arg(long, value_name = "FILE")]
    pub(super) json_into: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, global: &Global, args: &DriftArgs) -> Result<u8, CliError> {
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
            ignores_drift: false,
        };
        let plan = planning.plan(&ledger).await;
        account.close().await;
        plan
    })?;
    let found: Drift = drift(&plan);
    let json = serde_json::to_string_pretty(&found)
        .map_err(|error| CliError::new(exit::ERROR, error.to_string()))?;
    let json = format!("{json}\n");
    ui.document(&json)?;
    let text = match global.format {
        Format::Text => found.to_string(),
        _ => json,
    };
    ui.data(&text)?;
    Ok(if found.is_empty() {
        exit::DONE
    } else {
        exit::CHANGES
    })
}
