//! `plan`: what differs from the live account. Never writes to the account or the ledger.

use std::path::PathBuf;

use clap::Args;

use super::account::Account;
use super::error::CliError;
use super::manifests::Manifests;
use super::ui::Ui;
use super::workspace::{Workspace, refuse};
use super::{Format, Global, exit, progress, runtime};
use crate::api::observe;
use crate::diff::{self, Input, Scope};
use crate::kinds::KindId;
use crate::live::{Ledger, Needs};
use crate::plan::{Header, Plan, freeze};
use crate::report::plan::render_plan;

/// Show what differs between the manifests and the live account. Nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl plan                             the project, against the sandbox
  campaignctl plan -e production               against an environment of campaignctl.yaml
  campaignctl plan --detailed-exitcode         exit 2 when the account differs
  campaignctl plan --format json               the plan for a program

Marks: + create, ~ update, -/+ replace, - delete, → adopt, ! for a person to do.
Causes: edit (the manifest changed), drift (the account changed), edit and drift, template,
variable.")]
pub(super) struct PlanArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Exit 2 when the account differs from the manifests.
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, global: &Global, args: &PlanArgs) -> Result<u8, CliError> {
    let workspace = Workspace::find(ui, &args.paths)?;
    let manifests = workspace.sound_manifests(ui, global)?;
    let plan = runtime()?.block_on(async {
        let account = Account::connect(global, &workspace).await?;
        let ledger = account.ledger.load(&new_lineage())?.ledger;
        let plan = make_plan(ui, global, &workspace, &manifests, &account, &ledger).await;
        account.close().await;
        plan
    })?;
    ui.data(&shown(ui, global, &plan)?)?;
    if !plan.refusals.is_empty() {
        return Ok(exit::BLOCKED);
    }
    Ok(if args.detailed_exitcode && plan.changes_account() {
        exit::CHANGES
    } else {
        exit::DONE
    })
}

/// The plan in the format of the run.
///
/// # Errors
/// A plan that cannot be written as JSON.
pub(super) fn shown(ui: &Ui, global: &Global, plan: &Plan) -> Result<String, CliError> {
    match global.format {
        Format::Text => Ok(render_plan(plan, ui.color())),
        Format::Json => {
            let json = serde_json::to_string_pretty(plan)
                .map_err(|error| CliError::new(exit::ERROR, error.to_string()))?;
            Ok(format!("{json}\n"))
        }
    }
}

/// Reads the account and plans.
///
/// # Errors
/// An account that cannot be read, manifests that cannot be bound to it.
pub(super) async fn make_plan(
    ui: &Ui,
    global: &Global,
    workspace: &Workspace,
    manifests: &Manifests,
    account: &Account,
    ledger: &Ledger,
) -> Result<Plan, CliError> {
    let covers = workspace.covers(&account.environment);
    let exclusive = exclusive(ui, workspace, account);
    let needs = Needs::of(&manifests.desired, ledger, &covers).with_every(exclusive);
    let reading = progress::reading(ui, &account.environment);
    let inventory = observe(&account.client, &needs, usize::from(global.parallelism)).await;
    reading.finish();
    let inventory =
        inventory.map_err(|error| CliError::from(error).context("cannot read the account"))?;
    detail_requests(ui, account);
    let input = Input {
        texts: &manifests.texts,
        desired: &manifests.desired,
        inventory: &inventory,
        ledger,
        scope: Scope {
            covers: &covers,
            relative: &|shown| workspace.relative(shown),
            prune: account.prune.deletes_owned(),
            exclusive,
            writes_observed: account.writes_observed,
        },
    };
    let (changes, diags) = diff::diff(&input);
    let rules = workspace.project.rules_of(&account.environment);
    refuse(ui, &rules.apply(diags), &manifests.texts)?;
    if changes.left_alone > 0 {
        let count = changes.left_alone;
        ui.note(&format!("{count} owned object(s) without a manifest lie outside of the given paths and are left alone."));
    }
    let header = Header {
        environment: account.environment.clone(),
        account: account.id.clone(),
    };
    Ok(freeze(header, changes))
}

/// The kinds of which foreign objects are deleted. A run of some paths sees only some of the manifests, so it
/// cannot know what none of them describes.
fn exclusive<'a>(ui: &Ui, workspace: &Workspace, account: &'a Account) -> &'a [KindId] {
    let kinds = account.prune.exclusive();
    if workspace.is_partial && !kinds.is_empty() {
        ui.note("Objects that no manifest describes are left alone: `prune` is exclusive only in a run of the whole project.");
        return &[];
    }
    kinds
}

fn detail_requests(ui: &Ui, account: &Account) {
    let counts = account.client.requests();
    let total = counts.total();
    ui.detail(&format!("{total} requests to read the account:"));
    for (method, collection, count) in counts.iter() {
        ui.detail(&format!("  {count:>5} {method} {collection}"));
    }
}

/// A lineage for a ledger that does not exist yet.
pub(super) fn new_lineage() -> String {
    // Unique enough to tell two ledgers of one account apart: nobody makes two in the same nanosecond.
    format!(
        "{:x}-{:x}",
        super::now().as_nanosecond(),
        std::process::id()
    )
}
