//! `--no-cache`, for the commands that may take from an earlier run what has not changed.

use clap::Args;

use crate::run::Run;

/// Whether the cache is used.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Cache")]
pub(super) struct CacheArgs {
    /// Read every object again. Without it, objects that the account lists as unchanged are not read again for a day.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_NO_CACHE")]
    no_cache: bool,
}

impl CacheArgs {
    /// The run, as these flags want it.
    pub(super) fn of(self, run: &Run) -> Run {
        if self.no_cache {
            run.without_cache()
        } else {
            run.clone()
        }
    }
}
