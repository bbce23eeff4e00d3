//! The flag of how many environments are worked on at once.

use clap::Args;

use crate::run::environments::AT_A_TIME;

/// How many environments are worked on at once.
#[derive(Clone, Debug, Args)]
pub(super) struct AtATimeArgs {
    /// How many environments are read in parallel. For `--all-environments`; each keeps to the rate of its own account, and
    /// more of them need more memory. The default is 4.
    #[arg(long, value_name = "N", default_value_t = AT_A_TIME, value_parser = clap::value_parser!(u16).range(1..=64), hide_default_value = true, hide_short_help = true, hide_env_values = true, env = "CAMPAIGNCTL_AT_A_TIME")]
    pub(super) at_a_time: u16,
}

impl Default for AtATimeArgs {
    fn default() -> Self {
        Self {
            at_a_time: AT_A_TIME,
        }
    }
}
