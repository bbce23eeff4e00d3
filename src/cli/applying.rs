//! The arguments of `apply`, for one environment and for many. `undo` fills them in, too.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::at_a_time::AtATimeArgs;
use super::auditing::AuditArgs;
use super::caching::CacheArgs;
use super::global::time;
use super::guards::GuardArgs;
use super::json_into::JsonIntoArgs;
use super::notifying::NotifyArgs;
use super::selecting::SelectionArgs;
use crate::run::rollout::Shard;

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
pub(super) struct ApplyArgs {
    /// A saved plan (`*.json`), a folder of plans, or manifests: files, folders, `-`.
    #[arg(value_name = "PLAN|PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Do not ask. Without a terminal this is required, unless a saved plan is given.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_AUTO_APPROVE")]
    pub(super) auto_approve: bool,
    /// Stop at the first failure. Without it, steps that do not depend on it continue.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_FAIL_FAST")]
    pub(super) fail_fast: bool,
    /// Leave fields alone that only the account changed.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_IGNORE_DRIFT")]
    pub(super) ignore_drift: bool,
    /// How long to wait for another run that holds the ledger: `90s`, `5m`. Without it, the run ends at once. A lock
    /// whose term is over is watched for up to 30 seconds in any case, and taken if nobody renews it.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s", hide_default_value = true, hide_env_values = true, env = "CAMPAIGNCTL_LOCK_TIMEOUT")]
    pub(super) lock_timeout: Duration,
    #[command(flatten)]
    pub(super) json_into: JsonIntoArgs,
    #[command(flatten)]
    pub(super) audit: AuditArgs,
    #[command(flatten)]
    pub(super) notify: NotifyArgs,
    /// Show every object and field. Without it, equal changes are one line with a count, and many creates are grouped
    /// by kind.
    #[arg(long)]
    pub(super) full: bool,
    /// After it, ask the platform what the scenarios say. As `campaignctl prove` does, if the apply succeeded. Exits 2 when a
    /// case fails or stays open. The document of the apply holds the cases as `proof`.
    #[arg(long)]
    pub(super) prove: bool,
    #[command(flatten)]
    pub(super) many: RolloutArgs,
    #[command(flatten)]
    pub(super) selecting: SelectionArgs,
    #[command(flatten)]
    pub(super) guards: GuardArgs,
    #[command(flatten)]
    pub(super) caching: CacheArgs,
}

/// Which environments, in which order.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct RolloutArgs {
    /// Apply to every environment, in the order of `waves`. Asks once for all of them. The exit code
    /// is that of the worst: 8, 1, 3, 4, 5, 7, 6, 130, 9, 0.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_ALL_ENVIRONMENTS")]
    pub(super) all_environments: bool,
    #[command(flatten)]
    pub(super) at_a_time: AtATimeArgs,
    /// Only this wave of the project, from 1. It starts when the waves before it are done and it is due; environments in
    /// no wave are one more, the last. Otherwise nothing is written, exit 9.
    #[arg(
        long,
        value_name = "N",
        hide_short_help = true,
        hide_env_values = true,
        env = "CAMPAIGNCTL_WAVE"
    )]
    pub(super) wave: Option<usize>,
    /// Only a part of the environments, `2/8` for the second of eight. Their names alone decide which, so that each of
    /// eight jobs has others. In a project with waves, together with `--wave`.
    #[arg(
        long,
        value_name = "I/N",
        hide_short_help = true,
        hide_env_values = true,
        env = "CAMPAIGNCTL_SHARD"
    )]
    pub(super) shard: Option<Shard>,
    /// Wait for a wave that is not due yet. Without it, the run says when it is, and exits 9.
    #[arg(
        long,
        hide_short_help = true,
        hide_env_values = true,
        env = "CAMPAIGNCTL_WAIT"
    )]
    pub(super) wait: bool,
}

impl RolloutArgs {
    /// The flag that is for many environments and given, where they are not asked for.
    pub(super) fn given_in_vain(&self) -> Option<&'static str> {
        let given = [
            ("--wave", self.wave.is_some()),
            ("--shard", self.shard.is_some()),
            ("--wait", self.wait),
        ];
        given.into_iter().find(|(_, is)| *is).map(|(flag, _)| flag)
    }
}
