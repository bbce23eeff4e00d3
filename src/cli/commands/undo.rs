//! `undo`: carries out the plan that takes the last run back, after showing it.

use std::path::Path;
use std::time::Duration;

use clap::Args;

use crate::cli::apply::{Confirmation, apply_saved};
use crate::cli::applying::{ApplyArgs, RolloutArgs};
use crate::cli::auditing::AuditArgs;
use crate::cli::block_on;
use crate::cli::caching::CacheArgs;
use crate::cli::global::time;
use crate::cli::guards::GuardArgs;
use crate::cli::json_into::JsonIntoArgs;
use crate::cli::notifying::{self, NotifyArgs};
use crate::cli::selecting::SelectionArgs;
use crate::cli::ui::Ui;
use crate::run::ledgers::ledger_of;
use crate::run::workspace::Workspace;
use crate::run::{Error, Meaning, Run, saved};

/// Undo the last `apply` in this folder. Shows what it would write, and asks.
///
/// Each apply that writes saves its inverse beside the ledger, `*.rollback.plan.json`. It is refused with exit 7, and
/// nothing is written, when an object changed on the account since. What `undo` does can be undone in the same way.
///
/// A run that was killed is undone once `apply` has finished it. An undo that was killed goes on.
///
/// The manifests stay as they are: revert them in git, too, or the next plan makes the change again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl undo                              show the inverse of the last apply, ask, write
  campaignctl undo -e production                on an environment of campaignctl.yaml
  campaignctl show .campaignctl/ledger/sandbox.rollback.plan.json
                                                only show it")]
pub(in crate::cli) struct UndoArgs {
    /// Do not ask. Without a terminal this is required.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_AUTO_APPROVE")]
    auto_approve: bool,
    /// Show every object and field. Without it, objects that change alike are one line.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_FULL")]
    full: bool,
    /// How long to wait for another run that holds the ledger: `90s`, `5m`. Without it, the run ends at once,
    /// but for a lock whose term is over: that it watches for up to 30 seconds, and takes it if nobody renews it.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s", hide_default_value = true, hide_env_values = true, env = "CAMPAIGNCTL_LOCK_TIMEOUT")]
    lock_timeout: Duration,
    #[command(flatten)]
    pub(in crate::cli) json_into: JsonIntoArgs,
    #[command(flatten)]
    audit: AuditArgs,
    #[command(flatten)]
    notify: NotifyArgs,
    #[command(flatten)]
    guards: GuardArgs,
}

impl UndoArgs {
    /// The same run as an apply of a saved plan.
    fn into_apply(self, plan: std::path::PathBuf) -> ApplyArgs {
        ApplyArgs {
            prove: false,
            full: self.full,
            paths: vec![plan],
            auto_approve: self.auto_approve,
            fail_fast: false,
            ignore_drift: false,
            many: RolloutArgs::default(),
            selecting: SelectionArgs::default(),
            lock_timeout: self.lock_timeout,
            json_into: self.json_into,
            audit: self.audit,
            notify: self.notify,
            guards: self.guards,
            caching: CacheArgs::default(),
        }
    }
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: UndoArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let ledger = ledger_of(run, &workspace)?;
    let plan = ledger.rollback_path();
    let args = args.into_apply(plan.to_owned());
    refuse_unfinished(run, &workspace, plan)?;
    if !plan.is_file() {
        let environment = run.environment();
        let why = format!("there is nothing to undo on {environment}");
        return Err(Error::new(Meaning::Invalid, why).help(
            "the inverse of an apply is kept in the folder where it ran, until the next apply; \
             elsewhere, revert the manifests in git and apply them",
        ));
    }
    let messenger = args.notify.messenger(run);
    let result = apply_saved(ui, run, &args, Confirmation::Asked, &messenger);
    notifying::tell(run, &messenger, &result);
    result
}

/// Refuses to undo while a run has not come to its end: the saved plan takes the one before it back. An undo that died
/// is resumed.
fn refuse_unfinished(run: &Run, workspace: &Workspace, plan: &Path) -> Result<(), Error> {
    let ledger = ledger_of(run, workspace)?;
    let lineage = run.machine().unique_id();
    let begun = block_on(async { Ok(ledger.load(&lineage).await?.begun()) })?;
    let Some(unfinished) = begun.plan else {
        return Ok(());
    };
    let is_undo = plan.is_file() && saved::read(plan).is_ok_and(|plan| plan.id == unfinished);
    if is_undo {
        return Ok(());
    }
    let why = "the last run did not finish, and what it did is not all known";
    Err(Error::new(Meaning::Invalid, why).help(
        "run the same `apply` again, which does the rest of it; then `undo` takes back all that both did",
    ))
}
